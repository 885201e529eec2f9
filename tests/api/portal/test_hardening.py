"""What an attacker tries at the edges of pages: sessions, cookies, hosts, rates, bodies, bytes that are no text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from api.portal.forms import local_path
from matcher.catalogue.database import Database
from tests.api.people import PASSWORD, People, app_over
from tests.api.portal.test_floor import token_of
from tests.databases import fresh_url

SITE: Final = "https://pilot.example.cn"
SAFE: Final = {
    "env": "production",
    "secret": "a secret of more than thirty-two letters, for tests",
    "public_url": SITE,
    "hsts": 3600,
}


def people_of(folder: Path, **settings: Any) -> People:
    database = Database(fresh_url("sqlite", folder))
    database.migrate()
    return People(app_over(database, folder, **settings), database)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[People]:
    made = people_of(tmp_path)
    yield made
    made.database.dispose()


def visitor(site: People, base: str = "http://testserver") -> TestClient:
    return TestClient(site.app, base_url=base, follow_redirects=False)


def sign_in(client: TestClient, password: str = PASSWORD, **values: str) -> Any:
    form = {"email": "requester@example.cn", "password": password, "csrf_token": token_of(client.get("/sign-in").text)}
    return client.post("/sign-in", data=form | values)


class TestSessions:
    def test_a_session_that_somebody_else_chose_is_not_taken_up(self, site: People) -> None:
        planted = site.other_requester.cookies["pilotmatch_session"]
        victim = TestClient(site.app, cookies={"pilotmatch_session": planted}, follow_redirects=False)
        form = {
            "email": "requester@example.cn",
            "password": PASSWORD,
            "csrf_token": token_of(victim.get("/account").text),
        }
        answer = victim.post("/sign-in", data=form)
        assert answer.status_code == 303
        assert "pilotmatch_session=" in answer.headers["set-cookie"]
        assert planted not in answer.headers["set-cookie"]
        # Signing in ends the session that was there: whoever planted it is not signed in as anybody.
        assert site.other_requester.get("/account", follow_redirects=False).status_code == 303

    def test_a_session_that_was_ended_opens_nothing(self, site: People) -> None:
        client = visitor(site)
        sign_in(client)
        kept = client.cookies["pilotmatch_session"]
        token = token_of(client.get("/account").text)
        assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
        thief = TestClient(site.app, cookies={"pilotmatch_session": kept}, follow_redirects=False)
        assert thief.get("/account").status_code == 303

    def test_the_token_from_before_signing_in_sends_nothing_afterwards(self, site: People) -> None:
        client = visitor(site)
        before = token_of(client.get("/sign-in").text)
        sign_in(client)
        answer = client.post("/account", data={"name": "别人", "csrf_token": before})
        assert answer.status_code == 403
        assert "别人" not in client.get("/account").text

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example"]
    )
    def test_signing_in_leads_to_no_other_site(self, site: People, target: str) -> None:
        for name in ("next", "kept_target"):
            answer = sign_in(visitor(site), **{name: target})
            assert answer.status_code == 303
            assert answer.headers["location"] == "/desk"

    @pytest.mark.parametrize(
        "text", ["/\x7f/evil.example", "/\u2028/x", "/desk?next=//evil.example", "/%2F/evil.example"]
    )
    def test_addresses_of_ours(self, text: str) -> None:
        assert local_path(text).startswith("/")
        assert not local_path(text).startswith(("//", "/\\"))


class TestProduction:
    @pytest.fixture
    def site(self, tmp_path: Path) -> Iterator[People]:
        made = people_of(tmp_path, **SAFE)
        yield made
        made.database.dispose()

    def test_every_cookie_is_for_https_and_for_no_script(self, site: People) -> None:
        client = visitor(site, SITE)
        answers = [client.get("/sign-in"), client.get("/language/en"), client.get("/theme/dark"), sign_in(client)]
        token = token_of(client.get("/account").text)
        answers.append(client.post("/account/password", data={
            "csrf_token": token, "current_password": PASSWORD, "new_password": "another 口令 of ours"}))  # fmt: skip
        token = token_of(client.get("/account").text)
        answers.append(client.post("/sign-out", data={"csrf_token": token}))
        cookies = [one for answer in answers for one in answer.headers.get_list("set-cookie")]
        assert {one.partition("=")[0] for one in cookies} >= {
            "pilotmatch_session", "pilotmatch_visitor", "pilotmatch_language", "pilotmatch_theme", "pilotmatch_flash"
        }  # fmt: skip
        for one in cookies:
            if "Max-Age=0" in one:
                continue  # takes a cookie back
            assert "Secure" in one, one
            assert "HttpOnly" in one, one
            assert "SameSite=lax" in one, one

    def test_pages_say_so_to_browsers(self, site: People) -> None:
        for path in ("/", "/sign-in", "/nowhere", "/static/portal.css", "/robots.txt"):
            headers = visitor(site, SITE).get(path).headers
            assert headers["strict-transport-security"] == "max-age=3600; includeSubDomains", path
            assert headers["x-frame-options"] == "DENY", path
            assert "frame-ancestors 'none'" in headers["content-security-policy"], path

    def test_links_name_this_site_whatever_host_was_asked_for(self, site: People) -> None:
        listing = {"kind": "platform", "name": "发酵线", "province": "广东省", "city": "东莞市"}
        made = site.operator.post("/v1/listings", json=listing).json()["id"]
        site.operator.post(f"/v1/listings/{made}/submission")
        version = site.admin.get(f"/v1/listings/{made}").headers["etag"]
        assert site.admin.post(f"/v1/listings/{made}/approval", headers={"If-Match": version}).status_code == 200
        assert site.operator.post(f"/v1/listings/{made}/publication").status_code == 200
        for path in (f"/listings/{made}", "/sitemap.xml", "/robots.txt", "/", "/nowhere", "/account"):
            text = visitor(site, "https://evil.example").get(path)
            assert "evil.example" not in text.text + str(text.headers), path
        assert SITE in visitor(site, "https://evil.example").get(f"/listings/{made}").text
        token = token_of(site.admin.get("/admin/users").text)
        path = f"/admin/users/{site.ids['requester']}/invitation"
        invited = site.admin.post(path, data={"csrf_token": token}, headers={"Host": "evil.example"})
        assert "evil.example" not in invited.text


class TestRates:
    def test_who_guesses_passwords_on_pages_is_stopped(self, tmp_path: Path) -> None:
        site = people_of(tmp_path, sign_in_rate=3)
        client = visitor(site)
        statuses = [sign_in(client, "wrong").status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 429, 429]
        client.headers["X-Forwarded-For"] = "203.0.113.9"  # from no proxy of ours
        refused = sign_in(client)
        assert refused.status_code == 429
        assert refused.headers["content-type"].startswith("text/html")
        site.database.dispose()

    def test_who_matches_without_end_is_stopped(self, tmp_path: Path) -> None:
        site = people_of(tmp_path, match_rate=3)
        client = visitor(site)
        token = token_of(client.get("/").text)
        answers = [client.post("/matches", data={"text": "酶制剂发酵", "csrf_token": token}) for _ in range(6)]
        assert answers[0].status_code == 303
        assert answers[-1].status_code == 429
        assert "酶制剂发酵" in answers[-1].text
        site.database.dispose()


def multipart(charset: str, **fields: bytes) -> tuple[bytes, dict[str, str]]:
    parts = [
        b'--x\r\ncontent-disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (k.encode(), v) for k, v in fields.items()
    ]
    return b"".join(parts) + b"--x--\r\n", {"content-type": f"multipart/form-data; charset={charset}; boundary=x"}


class TestBodies:
    def test_more_than_is_taken_is_told_on_a_page(self, site: People) -> None:
        for client, path in (
            (visitor(site), "/matches"),
            (site.requester, "/desk/needs"),
            (site.requester, "/account"),
        ):
            token = token_of(client.get("/sign-up" if client is not site.requester else "/account").text)
            answer = client.post(path, data={"csrf_token": token, "text": "a" * 1_100_000})
            assert answer.status_code == 413, path
            assert "内容过大" in answer.text
        announced = visitor(site).post("/matches", content=b"", headers={"Content-Length": "99999999"})
        assert announced.status_code in (403, 413)

    def test_long_needs(self, site: People) -> None:
        client = visitor(site)
        token = token_of(client.get("/").text)
        assert client.post("/matches", data={"csrf_token": token, "text": "酶" * 20_000}).status_code == 303
        refused = client.post("/matches", data={"csrf_token": token, "text": "酶" * 20_001})
        assert refused.status_code == 422
        assert "酶" * 20_001 in refused.text

    @pytest.mark.parametrize(
        "path", ["/desk/needs", "/account", "/matches", "/desk/alerts/subscriptions", "/desk/enquiries"]
    )
    def test_bytes_that_are_no_text(self, site: People, path: str) -> None:
        client = site.requester
        for raw in (b"%00%E9%85%B6", b"%ED%A0%80", b"%FF%FE", b"%F0%9F%A7%AA", b"%E2%80%AE%EF%BB%BF"):
            token = token_of(client.get("/account").text).encode()
            names = b"text title name abstract language email need_id listing once etag act".split()
            body = b"csrf_token=" + token + b"".join(b"&%b=a%b" % (name, raw) for name in names) + b"&" + raw + b"=1"
            answer = client.post(path, content=body, headers={"content-type": "application/x-www-form-urlencoded"})
            assert answer.status_code < 500, raw

    def test_charsets_that_nobody_asked_for(self, site: People) -> None:
        client = site.requester
        for charset in ("unicode_escape", "raw_unicode_escape", "utf-16", "utf-7", "rot13", "nothing", "idna"):
            for path in ("/desk/needs", "/account", "/matches"):
                token = token_of(client.get("/account").text).encode()
                fields = {"text": b"a\\ud800b", "title": b"\\ud800", "name": b"x\\udfff"}
                body, headers = multipart(charset, csrf_token=token, **fields)
                answer = client.post(path, content=body, headers=headers)
                assert answer.status_code < 500, (path, charset)

    def test_headers_of_any_bytes(self, site: People) -> None:
        client = visitor(site)
        for name in (b"cookie", b"x-forwarded-for", b"accept-language"):
            answer = client.get("/listings", headers={name: b"a=\xe9\xff"})
            assert answer.status_code == 200, name

    def test_queries_that_are_no_text(self, site: People) -> None:
        queries = ("q=%00", "q=%ED%A0%80", "q=%FF", "page=99999999999999999999", "page=-1", "kind=x", "q=" + "a" * 5000)
        for path in ("/listings", "/needs", "/cases", "/desk/needs", "/desk/saved", "/sign-in", "/language/en"):
            for query in queries:
                assert site.requester.get(f"{path}?{query}&next=%ED%A0%80").status_code < 500, (path, query)

    @pytest.mark.parametrize(
        "name", ["a.pdf", "a.docx", "a.xlsx", "a.csv", "../../etc/passwd", "\u202ecsv.exe", "a.txt"]
    )
    def test_files_that_are_something_else(self, site: People, name: str) -> None:
        contents = (b"", b"\x00" * 100, b"PK\x03\x04 no zip", b"%PDF-1.7 no pdf", b"\xd0\xcf\x11\xe0" * 9, b"MZ" * 50)
        for client, path in ((site.requester, "/matches/files"), (site.operator, "/operator/imports/files")):
            for content in contents:
                token = token_of(client.get("/account").text)
                sent = {"file": (name, content, "image/png")}
                answer = client.post(path, data={"csrf_token": token}, files=sent, follow_redirects=False)
                assert answer.status_code in (200, 303, 413, 422), (path, content, answer.text)
