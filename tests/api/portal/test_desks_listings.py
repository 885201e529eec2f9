"""An operator's listings: from signing in to being found, refused, verified, taken back to an older version."""

from __future__ import annotations

import contextlib
import html
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from api.portal.desks.listing_forms import KIND_NAMES
from matcher.demo import DOMAIN, PASSWORD
from tests.api.portal.browser import Visitor
from tests.api.portal.conftest import NewVisitor
from tests.api.portal.desks_people import EVIL, Program, page_form, sign_in_again, unique
from tests.api.portal.variants import SCRIPTS, SIZES

pytestmark = pytest.mark.slow

NEW = "/operator/listings/new?kind=platform"
#: What there is to do between opening the sign-in page and being found, beside the admin's own approval.
FIELDS, CLICKS = 6, 5
#: A published listing is found by the next match; a second is for the slowest machine of ours.
FOUND_SECONDS = 1.0


class Counted:
    """What somebody does at a browser, counted."""

    def __init__(self, one: Visitor) -> None:
        self.page, self.fields, self.clicks = one.page, 0, 0

    def fill(self, name: str, value: str) -> None:
        self.page.fill(f"[name={name}] >> nth=0", value)
        self.fields += 1

    def click(self, selector: str) -> None:
        self.page.click(selector)
        self.clicks += 1


def draft(operator: Program, **fields: object) -> str:
    made: str = operator.send("POST", "/v1/listings", {"kind": "platform", "name": unique("平台"), **fields})["id"]
    return made


@SIZES
@SCRIPTS
def test_from_signing_in_to_being_found(visitor: NewVisitor, admin: Program, size: str, script: bool) -> None:
    """Six fields and five clicks; an admin approves in between."""
    one = visitor(size, script=script)
    name, word = unique("演示平台"), unique("超临界萃取")
    one.open("/sign-in")
    counted = Counted(one)
    counted.fill("email", f"operator@{DOMAIN}")
    counted.fill("password", PASSWORD)
    counted.click("main form button")
    one.page.wait_for_url("**/operator")
    counted.click("main >> text=中试平台 >> nth=0")
    assert one.page.input_value("[name=city]") == "东莞市"
    counted.fill("name", name)
    counted.fill("capabilities", f"{word}\n植物提取放大")
    counted.fill("parameter_name", "萃取釜容积")
    counted.fill("parameter_min", "300")
    if script:
        one.check()
    counted.click("button:has-text('保存并提交审核') >> nth=0")
    one.page.wait_for_selector(f"h1:has-text('{name}')")
    assert "待审核" in one.page.inner_text("main")
    listing_id = one.page.url.rpartition("/")[2]
    standing = admin.get(f"/v1/listings/{listing_id}")["standing"]
    admin.send("POST", f"/v1/listings/{listing_id}/approval", etag=f'"{standing["version"]}"')
    one.open("/operator")
    counted.click(f"li:has-text('{name}') button:has-text('发布')")
    published = time.monotonic()
    assert "从现在起可以被找到" in one.page.inner_text("main [role=status]")
    need = {"text": f"{word}植物提取放大,东莞", "kinds": ["platform"]}
    found = admin.send("POST", "/v1/matches", need)["matches"]
    while name not in [match["listing"]["name"] for match in found]:
        assert time.monotonic() - published < FOUND_SECONDS
        found = admin.send("POST", "/v1/matches", need)["matches"]
    # The walk ends on the page of the listing; one more click opens what everybody sees.
    counted.click("text=看公开页")
    assert (counted.fields, counted.clicks) == (FIELDS, CLICKS)
    operator_page = one.open(f"/operator/listings/{listing_id}")
    assert "完整度" in operator_page.inner_text("main")
    if script:
        one.check()


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_each_kind_has_its_form(visitor: NewVisitor, operator: Program, kind: str) -> None:
    one = visitor("phone")
    one.sign_in("operator")
    one.open(f"/operator/listings/new?kind={kind}")
    one.check()
    name = unique("条目")
    one.page.fill("[name=name]", name)
    one.page.click("button:has-text('存为草稿')")
    one.page.wait_for_selector(f"h1:has-text('{name}')")
    (made,) = operator.listings_called(name)
    assert (made["kind"], made["standing"]["state"]) == (kind, "draft")


def test_everything_that_the_form_asks_is_stored_and_shown_again(visitor: NewVisitor, operator: Program) -> None:
    name = unique("全套平台")
    one = visitor()
    one.sign_in("operator")
    one.open(NEW)
    one.page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    texts = {
        "name": name, "industry": "生物制造、医药", "summary": "简介一段", "equipment": "发酵罐\n离心机",
        "qualifications": "GMP", "services": "工艺放大", "source_url": "https://example.cn/a", "lead_days": "30",
        "queue_days": "7.5", "open_share": "40", "insurance": "有", "leasing": "可租", "ip_terms": "归委托方",
    }  # fmt: skip
    rows = {
        "parameter_name": "发酵罐容积", "parameter_min": "50", "parameter_max": "5,000", "parameter_unit": "L",
        "fee_item": "发酵", "fee_low": "1000", "fee_high": "2000", "fee_per": "批", "window_start": "2027-03-01",
        "window_end": "2027-05-31", "hours_hours": "700", "hours_group": "中小企业",
    }  # fmt: skip
    for field, value in texts.items():
        one.page.fill(f"[name={field}]", value)
    for field, value in rows.items():
        one.page.fill(f"[name={field}] >> nth=0", value)
    one.page.check("[name=verifications][value=process]")
    one.page.select_option("[name=platform_type]", "pilot_platform")
    one.page.click("button:has-text('存为草稿')")
    one.page.wait_for_selector(f"h1:has-text('{name}')")
    (made,) = operator.listings_called(name)
    assert made["parameters"] == [{"name": "发酵罐容积", "min": 50, "max": 5000, "unit": "L"}]
    assert made["industry"] == ["生物制造", "医药"]
    assert made["terms"]["fees"] == [{"item": "发酵", "low": 1000, "high": 2000, "per": "批"}]
    assert made["terms"]["open_share"] == pytest.approx(0.4)
    assert made["terms"]["machine_hours"] == [{"hours": 700, "group": "中小企业"}]
    assert "50–5,000 L" in one.page.inner_text("main")
    one.open(f"/operator/listings/{made['id']}/edit")
    one.check()
    for field, value in (texts | rows).items():
        assert one.page.input_value(f"[name={field}] >> nth=0") == value.replace("5,000", "5000"), field
    one.page.click("button:has-text('只保存')")
    one.page.wait_for_selector(f"h1:has-text('{name}')")
    again = operator.get(f"/v1/listings/{made['id']}")
    assert {**again, "standing": None} == {**made, "standing": None}


def test_what_the_form_has_no_field_for_stays(visitor: NewVisitor, operator: Program) -> None:
    batch = {"name": "批量", "min": 5.0, "max": None, "unit": "kg"}
    listing_id = draft(operator, terms={"minimum_batch": batch})
    one = visitor(script=False)
    one.sign_in("operator")
    one.open(f"/operator/listings/{listing_id}/edit")
    one.page.fill("[name=name]", unique("改名"))
    one.page.click("button:has-text('只保存')")
    one.page.wait_for_url(f"**/operator/listings/{listing_id}")
    assert operator.get(f"/v1/listings/{listing_id}")["terms"]["minimum_batch"] == batch


def test_what_is_refused_stands_beside_its_field_and_all_stays(visitor: NewVisitor) -> None:
    one = visitor("phone")
    one.sign_in("operator")
    one.open(NEW)
    one.page.fill("[name=name]", "平台")
    one.page.fill("[name=parameter_name] >> nth=0", "容积")
    one.page.fill("[name=parameter_min] >> nth=0", "很大")
    one.page.click("button:has-text('存为草稿')")
    assert "“很大”不是数值" in one.page.inner_text("#error-parameters")
    one.check()
    one.page.fill("[name=parameter_min] >> nth=0", "9")
    one.page.fill("[name=parameter_max] >> nth=0", "3")
    one.page.fill("[name=open_share]", "400")
    one.page.click("button:has-text('存为草稿')")
    assert one.page.is_visible("#field-parameters.wrong, .wrong [name=open_share]")
    one.page.fill("[name=parameter_max] >> nth=0", "30")
    one.page.click("button:has-text('存为草稿')")
    assert one.page.is_visible("#error-open_share")
    assert one.page.input_value("[name=parameter_max] >> nth=0") == "30"
    assert "terms." not in one.page.inner_text("main")


def test_lost_session_while_writing_keeps_the_text(visitor: NewVisitor, operator: Program) -> None:
    one = visitor()
    one.sign_in("operator")
    one.open(NEW)
    name = unique("断线平台")
    one.page.fill("[name=name]", name)
    one.page.fill("[name=capabilities]", "发酵\n分离")
    one.context.clear_cookies()
    one.page.click("button:has-text('存为草稿')")
    page = sign_in_again(one, "operator")
    assert name in page.inner_text("main")
    page.click("button:has-text('继续提交')")
    page.wait_for_selector(f"h1:has-text('{name}')")
    (made,) = operator.listings_called(name)
    assert made["capabilities"] == ["发酵", "分离"]


@SCRIPTS
def test_double_submit_makes_one_listing(visitor: NewVisitor, operator: Program, script: bool) -> None:
    one = visitor(script=script)
    one.sign_in("operator")
    one.open(NEW)
    name = unique("双击平台")
    one.page.fill("[name=name]", name)
    one.page.dblclick("button:has-text('保存并提交审核') >> nth=0")
    one.page.wait_for_selector(f"h1:has-text('{name}')")
    (made,) = operator.listings_called(name)
    assert made["standing"]["state"] == "submitted"


def test_the_same_form_sent_by_many_at_once_makes_one_listing(portal: str, operator: Program) -> None:
    client, hidden = page_form(portal, "operator", NEW)
    name = unique("并发平台")

    def send(_: int) -> httpx2.Response:
        return client.post("/operator/listings", data=hidden | {"name": name, "act": "submit"})

    with contextlib.closing(client), ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))
    assert {one.status_code for one in answers} == {303}
    assert len({one.headers["location"] for one in answers}) == 1
    assert len(operator.listings_called(name)) == 1


def test_the_back_button_never_posts_again(visitor: NewVisitor, operator: Program) -> None:
    one = visitor()
    one.sign_in("operator")
    one.open(NEW)
    name = unique("后退平台")
    one.page.fill("[name=name]", name)
    one.page.click("button:has-text('存为草稿')")
    one.page.wait_for_selector(f"h1:has-text('{name}')")
    one.page.reload()
    one.page.go_back()
    assert one.page.url.endswith(NEW)
    one.page.go_forward()
    one.page.wait_for_selector(f"h1:has-text('{name}')")
    assert len(operator.listings_called(name)) == 1


def test_two_editors_lose_nothing(visitor: NewVisitor, operator: Program) -> None:
    listing_id = draft(operator)
    one = visitor()
    one.sign_in("operator")
    one.open(f"/operator/listings/{listing_id}/edit")
    operator.send("PATCH", f"/v1/listings/{listing_id}", {"city": "东莞市"}, etag='"1"')
    one.page.fill("[name=summary]", "我写的")
    one.page.click("button:has-text('只保存')")
    assert "已在别处修改" in one.page.inner_text("[role=alert]")
    one.page.click("button:has-text('只保存')")
    one.page.wait_for_url(f"**/operator/listings/{listing_id}")
    assert operator.get(f"/v1/listings/{listing_id}")["summary"] == "我写的"


def test_one_click_verifies(visitor: NewVisitor, operator: Program, admin: Program) -> None:
    made = operator.published(admin, name=unique("复核平台"))
    one = visitor("phone", script=False)
    one.sign_in("operator")
    one.open("/operator/listings?state=published")
    while not one.page.is_visible(f"li:has-text('{made['name']}')"):
        one.page.click("a[rel=next]")
    one.page.click(f"li:has-text('{made['name']}') button:has-text('复核')")
    assert "已复核" in one.page.inner_text("main [role=status]")
    assert "/operator/listings?" in one.page.url
    assert operator.get(f"/v1/listings/{made['id']}")["standing"]["version"] > made["standing"]["version"]


def test_a_returned_listing_says_why_and_goes_again(visitor: NewVisitor, operator: Program, admin: Program) -> None:
    name, reason = unique("退回平台"), unique("请补充参数")
    listing_id = draft(operator, name=name)
    version = operator.send("POST", f"/v1/listings/{listing_id}/submission")["standing"]["version"]
    admin.send("POST", f"/v1/listings/{listing_id}/return", {"reason": reason}, etag=f'"{version}"')
    one = visitor()
    one.sign_in("operator")
    assert reason in one.open("/operator").inner_text("main")
    one.page.click(f"main >> text={name}")
    assert reason in one.page.inner_text("main")
    one.check()
    for act, state in (("提交审核", "待审核"), ("撤回提交", "草稿")):
        one.page.click(f"section button:has-text('{act}')")
        assert state in one.page.inner_text("section >> nth=0")
    one.page.on("dialog", lambda dialog: dialog.accept())
    one.page.locator("summary", has_text="下架或删除").click()
    one.page.click("button:has-text('删除草稿')")
    one.page.wait_for_url("**/operator/listings")
    assert operator.listings_called(name) == []


def test_an_older_version_is_compared_and_restored(visitor: NewVisitor, operator: Program) -> None:
    listing_id = draft(operator, summary="旧的简介")
    operator.send("PATCH", f"/v1/listings/{listing_id}", {"summary": "新的简介"}, etag='"1"')
    one = visitor("phone", script=False)
    one.sign_in("operator")
    one.open(f"/operator/listings/{listing_id}/versions/1")
    assert "旧的简介" in one.page.inner_text("table")
    assert "新的简介" in one.page.inner_text("table")
    one.page.click("button:has-text('恢复到这一版')")
    one.page.wait_for_url(f"**/operator/listings/{listing_id}")
    assert operator.get(f"/v1/listings/{listing_id}")["summary"] == "旧的简介"


def test_whatever_is_typed_is_shown_as_letters(visitor: NewVisitor) -> None:
    one = visitor()
    one.sign_in("operator")
    one.open(NEW)
    one.page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
    fields = ("name", "province", "city", "industry", "insurance", "leasing", "ip_terms", "vouchers")
    for name in (*fields, "summary", "capabilities", "equipment", "qualifications", "services"):
        one.page.fill(f"[name={name}]", EVIL)
    for name in ("parameter_name", "parameter_unit", "fee_item", "fee_per", "hours_group", "window_note", "fee_low"):
        one.page.fill(f"[name={name}] >> nth=0", EVIL)
    one.page.fill("[name=parameter_min] >> nth=0", "1")
    one.page.fill("[name=hours_hours] >> nth=0", "1")
    one.page.click("button:has-text('存为草稿')")
    assert EVIL in one.page.inner_text("#error-fees")
    one.page.fill("[name=fee_low] >> nth=0", "1")
    one.page.fill("[name=window_start] >> nth=0", "2027-03-01")
    one.page.click("button:has-text('存为草稿')")
    one.page.wait_for_selector("text=怎样更容易被找到")
    assert one.page.inner_text("main").count(EVIL) >= 15
    one.check()
    here = one.page.url.removeprefix(one.address)
    for path in (f"{here}/edit", f"{here}/versions/1", "/operator", "/operator/listings"):
        assert EVIL in html.unescape(one.open(path).content())
        assert one.complaints == []
    assert one.page.evaluate("document.querySelectorAll('main script').length") == 0
    one.open(here)
    one.page.on("dialog", lambda dialog: dialog.accept())
    one.page.locator("summary", has_text="下架或删除").click()
    one.page.click("button:has-text('删除草稿')")


@pytest.mark.parametrize("path", ["X-1", "X-1/edit", "X-1/versions/1", "PF-0067/versions/99"])
def test_listings_that_are_not_there(visitor: NewVisitor, path: str) -> None:
    one = visitor()
    one.sign_in("operator")
    assert one.open(f"/operator/listings/{path}").inner_text("h1") == "没有找到这个页面"


def test_anothers_listing_leads_to_its_public_page(visitor: NewVisitor) -> None:
    one = visitor()
    one.sign_in("operator")
    one.open("/operator/listings/PF-0001")
    assert one.page.url.endswith("/listings/PF-0001")
    assert "/operator" not in one.page.url
