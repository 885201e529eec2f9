"""What holds for every page: the frame around it, signing in, choices, refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest

from matcher.demo import DOMAIN, PASSWORD
from tests.api.portal.conftest import NewVisitor
from tests.api.portal.variants import SCRIPTS, SIZES, THEMES


@pytest.mark.slow
@SIZES
@THEMES
@pytest.mark.parametrize("path", ["/design", "/sign-in", "/sign-up", "/password-reset", "/nowhere"])
def test_pages_of_the_floor_are_accessible(visitor: NewVisitor, path: str, size: str, dark: bool) -> None:
    one = visitor(size, dark=dark)
    one.open(path)
    one.check()


@SCRIPTS
@pytest.mark.parametrize("role", ["requester", "operator", "broker", "admin"])
def test_everybody_signs_in_and_out(visitor: NewVisitor, role: str, script: bool) -> None:
    one = visitor(script=script)
    one.sign_in(role)
    one.open("/account")
    assert f"{role}@{DOMAIN}" in one.page.inner_text("main")
    one.page.click("text=退出本机")
    one.open("/account")
    assert "/sign-in?next=/account" in one.page.url


def test_a_wrong_password_is_told_and_the_address_stays(visitor: NewVisitor) -> None:
    one = visitor()
    one.open("/sign-in")
    one.page.fill("[name=email]", f"broker@{DOMAIN}")
    one.page.fill("[name=password]", "something else")
    one.page.click("main form button")
    assert "密码" in one.page.inner_text("[role=alert]")
    assert one.page.input_value("[name=email]") == f"broker@{DOMAIN}"
    assert one.page.input_value("[name=password]") == ""
    one.check()


def test_signing_in_leads_where_one_was_going(visitor: NewVisitor) -> None:
    one = visitor()
    one.open("/account")
    one.page.fill("[name=email]", f"requester@{DOMAIN}")
    one.page.fill("[name=password]", PASSWORD)
    one.page.click("main form button")
    one.page.wait_for_url("**/account")
    assert f"requester@{DOMAIN}" in one.page.inner_text("main")


def test_what_was_typed_survives_a_lost_session(visitor: NewVisitor) -> None:
    one = visitor()
    one.sign_in("requester")
    one.open("/account")
    one.page.fill("[name=name]", "演示需求方甲")
    one.context.clear_cookies()
    one.page.click("form[action='/account'] button")
    assert "您刚才填写的内容会保留" in one.page.inner_text("main")
    one.page.fill("[name=email]", f"requester@{DOMAIN}")
    one.page.fill("[name=password]", PASSWORD)
    one.page.click("main form button")
    one.page.wait_for_selector("h1:has-text('请确认提交')")
    assert "演示需求方甲" in one.page.inner_text("main")
    one.check()
    one.page.click("button:has-text('继续提交')")
    one.page.wait_for_url("**/account")
    assert "资料已保存" in one.page.inner_text("main")
    assert one.page.input_value("[name=name]") == "演示需求方甲"


def test_language_and_light_are_kept(visitor: NewVisitor) -> None:
    one = visitor()
    one.open("/sign-in?next=/account")
    one.page.click("text=English")
    assert one.page.inner_text("h1") == "Sign in"
    assert one.page.url.endswith("/sign-in?next=%2Faccount")
    assert one.page.get_attribute("html", "lang") == "en"
    one.page.click("footer >> text=Dark")
    assert one.page.get_attribute("html", "data-theme") == "dark"
    one.check()


@pytest.fixture
def client(portal: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=portal, timeout=30) as made:
        yield made


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_link_leads_to_another_site(client: httpx2.Client, target: str) -> None:
    assert client.get("/language/en", params={"next": target}).headers["location"] == "/"
    page = client.get("/sign-in", params={"next": target})
    assert 'name="next" value=""' in page.text
    assert all(link.startswith(("/", "#")) for link in re.findall(r'href="([^"]*)"', page.text))


def test_every_page_carries_the_headers(client: httpx2.Client) -> None:
    for path in ("/sign-in", "/design", "/nowhere", "/static/portal.css"):
        headers = client.get(path).headers
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"


def token_of(text: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', text)
    assert found is not None
    return found.group(1)


def test_a_form_without_its_token_does_nothing(client: httpx2.Client) -> None:
    form = {"email": f"admin@{DOMAIN}", "password": PASSWORD}
    answer = client.post("/sign-in", data=form)
    assert answer.status_code == 403
    assert "pilotmatch_session" not in answer.headers.get("set-cookie", "")
    assert PASSWORD not in answer.text


def test_another_visitors_token_is_not_ours(portal: str, client: httpx2.Client) -> None:
    client.get("/sign-in")
    with httpx2.Client(base_url=portal) as other:
        foreign = token_of(other.get("/sign-in").text)
    form = {"email": f"admin@{DOMAIN}", "password": PASSWORD, "csrf_token": foreign}
    assert client.post("/sign-in", data=form).status_code == 403


def test_another_site_can_not_send_our_forms(client: httpx2.Client) -> None:
    token = token_of(client.get("/sign-in").text)
    form = {"email": f"admin@{DOMAIN}", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/sign-in", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_signing_in_makes_a_new_session_each_time(client: httpx2.Client) -> None:
    seen = set()
    for _ in range(2):
        token = token_of(client.get("/design").text)
        form = {"email": f"broker@{DOMAIN}", "password": PASSWORD, "csrf_token": token}
        assert client.post("/sign-in", data=form).status_code == 303
        seen.add(client.cookies["pilotmatch_session"])
    assert len(seen) == 2


def test_tokens_look_different_each_time(client: httpx2.Client) -> None:
    assert token_of(client.get("/sign-in").text) != token_of(client.get("/sign-in").text)


def test_static_files_are_kept_for_ever_by_their_content(client: httpx2.Client) -> None:
    address = re.findall(r"/static/portal\.[0-9a-f]{12}\.css", client.get("/design").text)[0]
    assert "immutable" in client.get(address).headers["cache-control"]
    assert client.get("/static/portal.000000000000.css").headers["cache-control"] == "no-cache"
    assert client.get("/static/../pages.py").status_code == 404
    assert client.get("/static/%2e%2e/pages.py").status_code == 404
