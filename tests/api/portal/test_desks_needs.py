"""A requester's needs: written, refused, opened field by field, led through their states, deleted."""

from __future__ import annotations

import contextlib
import html
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from playwright.sync_api import Route

from tests.api.portal.browser import Visitor
from tests.api.portal.conftest import NewVisitor
from tests.api.portal.desks_journeys import DESKS_JOURNEYS
from tests.api.portal.desks_people import EVIL, Program, page_form, sign_in_again, unique
from tests.api.portal.variants import SCRIPTS, SIZES

pytestmark = pytest.mark.slow

TEXT = "酶制剂发酵放大,需要500 L以上发酵罐,有GMP车间,东莞附近,预算200万以内"


def open_form(one: Visitor, path: str = "/desk/needs/new") -> None:
    one.open(path)
    one.page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")


def keep(requester: Program, **more: object) -> str:
    made: str = requester.send("POST", "/v1/needs", {"title": unique("需求"), "text": TEXT, **more})["id"]
    return made


def test_conditions_taken_away_in_a_search_stay_away(visitor: NewVisitor, requester: Program) -> None:
    text = unique("发酵放大") + ",500 L以上发酵罐,要有GMP,东莞附近"
    need = {"text": text, "without": ["quantity:500 L以上"], "prefer": ["GMP"]}
    made = requester.send("POST", "/v1/searches", {"need": need})
    one = visitor()
    one.sign_in("requester")
    one.open(f"/matches/{made['id']}")
    one.page.click("text=做成需求发布")
    one.page.locator("summary", has_text="更多条件").click() if not one.page.is_visible("[name=title]") else None
    assert one.page.input_value("[name=without]") == "500 L以上"
    assert one.page.input_value("[name=prefer]") == "GMP"
    one.check()
    one.page.click("button:has-text('保存草稿') >> nth=0")
    fields = requester.send("GET", f"/v1/needs/{one.page.url.rpartition('/')[2]}")["fields"]
    assert (fields["without"], fields["prefer"]) == (["quantity:500 L以上"], ["GMP"])
    assert "quantity" not in one.page.inner_text("main")
    read = one.page.inner_text(".desk-read")
    assert "GMP" in read
    assert "500 L" not in read
    one.page.click("main button:has-text('看看谁能做')")
    one.page.wait_for_url("**/matches/*")
    said = [chip.inner_text() for chip in one.page.locator(".condition:not(.taken-away)").all()]
    assert not any("500 L" in words for words in said)
    assert "500 L以上" in one.page.inner_text(".taken-away")
    assert any("GMP" in words for words in said)


@SIZES
@SCRIPTS
def test_a_need_is_written_opened_and_published(visitor: NewVisitor, size: str, script: bool) -> None:
    one = visitor(size, script=script)
    one.sign_in("requester")
    one.open("/desk")
    if script:
        one.check()
    one.page.click("text=写一个需求 >> nth=0")
    title = unique("发酵放大")
    one.page.fill("[name=text]", TEXT)
    if script:
        one.page.wait_for_selector(".reading .chip:has-text('GMP')")
    one.page.click("button:has-text('看看读出了什么')")
    assert "500 L以上" in one.page.inner_text(".desk-read")
    assert one.page.input_value("[name=text]") == TEXT
    one.page.locator("summary", has_text="更多条件").click() if not one.page.is_visible("[name=title]") else None
    one.page.fill("[name=title]", title)
    one.page.fill("[name=parameter_name] >> nth=0", "发酵罐容积")
    one.page.fill("[name=parameter_min] >> nth=0", "500")
    one.page.fill("[name=parameter_unit] >> nth=0", "L")
    if script:
        one.check()
    one.page.click("button:has-text('保存草稿') >> nth=0")
    assert "草稿" in one.page.inner_text("main [role=status]")
    assert "≥ 500 L" in one.page.inner_text("main")
    one.page.check("[name=listed]")
    one.page.select_option("select[name=title]", "public")
    one.page.select_option("select[name=parameters]", "signed_in")
    one.page.click("button:has-text('保存公开范围')")
    seen = [one.page.locator(".cards .card").nth(number).inner_text() for number in range(3)]
    assert title in seen[0]
    assert "发酵罐容积 ≥" not in seen[0]
    assert "发酵罐容积 ≥" in seen[1]
    assert all("200万" not in text for text in seen)
    one.page.click("button:has-text('发布') >> nth=0")
    assert "需求已发布" in one.page.inner_text("main [role=status]")
    if script:
        one.check()
    for act, said in (("转入洽谈", "洽谈"), ("标为已对接", "已对接"), ("重新开放", "重新开放"), ("关闭", "关闭")):
        one.page.click(f"section button:has-text('{act}') >> nth=0")
        assert said in one.page.inner_text("main [role=status]")
    one.open("/desk/needs?state=closed")
    assert title in one.page.inner_text("main")
    if script:
        one.check()


def test_what_does_not_count_is_not_shown_while_typing(visitor: NewVisitor, requester: Program) -> None:
    one = visitor()
    one.sign_in("requester")
    kept = keep(requester, without=["quantity:500 L以上", "industry:发酵"])
    open_form(one, f"/desk/needs/{kept}/edit")
    one.page.fill("[name=text]", TEXT + ",要有CNAS")
    one.page.wait_for_selector(".reading .chip:has-text('CNAS')")
    chips = ".reading .chip"
    assert one.page.locator(chips, has_text="500 L").count() == 0
    one.page.fill("[name=without]", "发酵、CNAS")
    one.page.wait_for_selector(f"{chips}:has-text('500 L以上')")
    assert one.page.locator(chips, has_text="CNAS").count() == 0
    assert one.page.locator(chips, has_text="发酵").count() == 0
    one.page.fill("[name=without]", "发酵罐")  # another word than the one that the page wrote
    one.page.wait_for_selector(f"{chips}:has-text('发酵')")
    one.check()


def test_what_was_typed_before_the_script_ran_is_read(visitor: NewVisitor) -> None:
    one = visitor()
    one.sign_in("requester")
    held: list[Route] = []
    one.page.route("**/static/desks.*", lambda route: held.append(route))  # built-ins are refused
    one.page.goto(f"{one.address}/desk/needs/new", wait_until="commit")
    one.page.fill("[name=text]", TEXT)
    while not held:
        one.page.wait_for_timeout(50)
    held[0].continue_()
    one.page.wait_for_selector(".reading .chip:has-text('GMP')")
    assert "500 L以上" in one.page.inner_text(".reading")


def test_matches_of_a_need_are_one_click_away_and_its_words_in_no_address(
    visitor: NewVisitor, requester: Program
) -> None:
    one = visitor()
    one.sign_in("requester")
    need = keep(requester)
    one.open(f"/desk/needs/{need}")
    one.page.click("button:has-text('看看谁能做')")
    one.page.wait_for_url("**/matches/*")
    assert "发酵" not in one.page.url
    assert "%" not in one.page.url
    one.page.click("a:has-text('申请对接') >> nth=0")
    assert one.page.input_value("select[name=need_id]") == need


def test_what_is_refused_stands_beside_its_field_and_all_stays(visitor: NewVisitor) -> None:
    one = visitor()
    one.sign_in("requester")
    open_form(one)
    one.page.fill("[name=text]", TEXT)
    one.page.fill("[name=budget_wan]", "很多")
    one.page.fill("[name=parameter_name] >> nth=0", "容积")
    one.page.fill("[name=parameter_min] >> nth=0", "五百")
    one.page.click("button:has-text('保存草稿') >> nth=0")
    assert "“很多”不是数值" in one.page.inner_text("#error-budget_wan")
    assert "“五百”不是数值" in one.page.inner_text("#error-parameters")
    assert one.page.input_value("[name=budget_wan]") == "很多"
    assert one.page.input_value("[name=parameter_min] >> nth=0") == "五百"
    assert one.page.input_value("[name=text]") == TEXT
    one.check()
    one.page.fill("[name=budget_wan]", "-3")
    one.page.fill("[name=parameter_min] >> nth=0", "")
    one.page.click("button:has-text('保存草稿') >> nth=0")
    assert "预算" in one.page.inner_text("#error-budget_wan")
    assert "budget_wan" not in one.page.inner_text("main")
    one.page.fill("[name=budget_wan]", "")
    one.page.fill("[name=expires_on]", "2020-01-01")
    one.page.click("button:has-text('保存草稿') >> nth=0")
    assert one.page.is_visible("#error-expires_on")


def test_an_empty_need_is_refused(visitor: NewVisitor) -> None:
    one = visitor("phone")
    one.sign_in("requester")
    one.open("/desk/needs/new")
    one.page.click("button:has-text('保存草稿') >> nth=0")
    assert "需求内容为空" in one.page.inner_text("[role=alert]")
    one.check()


def test_lost_session_while_writing_keeps_the_text(visitor: NewVisitor, requester: Program) -> None:
    one = visitor()
    one.sign_in("requester")
    open_form(one)
    title = unique("断线")
    one.page.fill("[name=text]", TEXT)
    one.page.fill("[name=title]", title)
    one.page.fill("[name=parameter_name] >> nth=1", "转速")
    one.page.fill("[name=parameter_max] >> nth=1", "300")
    one.context.clear_cookies()
    one.page.click("button:has-text('保存草稿') >> nth=0")
    page = sign_in_again(one, "requester")
    assert title in page.inner_text("main")
    page.click("button:has-text('继续提交')")
    page.wait_for_selector(f"h1:has-text('{title}')")
    (made,) = requester.needs_called(title)
    assert made["fields"]["text"] == TEXT
    assert made["fields"]["parameters"] == [{"name": "转速", "min": None, "max": 300, "unit": None}]


@SCRIPTS
def test_double_submit_makes_one_need(visitor: NewVisitor, requester: Program, script: bool) -> None:
    one = visitor(script=script)
    one.sign_in("requester")
    title = unique("双击")
    one.open("/desk/needs/new")
    one.page.locator("summary", has_text="更多条件").click()
    one.page.fill("[name=title]", title)
    one.page.dblclick("button:has-text('保存草稿') >> nth=0")
    one.page.wait_for_selector(f"h1:has-text('{title}')")
    assert len(requester.needs_called(title)) == 1


def test_the_same_form_sent_by_many_at_once_makes_one_need(portal: str, requester: Program) -> None:
    client, hidden = page_form(portal, "requester", "/desk/needs/new")
    title = unique("并发")

    def send(_: int) -> httpx2.Response:
        return client.post("/desk/needs", data=hidden | {"title": title, "text": TEXT})

    with contextlib.closing(client), ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))
    assert {one.status_code for one in answers} == {303}
    assert len({one.headers["location"] for one in answers}) == 1
    assert len(requester.needs_called(title)) == 1


def test_the_back_button_never_posts_again(visitor: NewVisitor, requester: Program) -> None:
    one = visitor()
    one.sign_in("requester")
    title = unique("后退")
    open_form(one)
    one.page.fill("[name=title]", title)
    one.page.click("button:has-text('保存草稿') >> nth=0")
    one.page.wait_for_selector(f"h1:has-text('{title}')")
    one.page.reload()
    one.page.go_back()
    assert one.page.url.endswith("/desk/needs/new")
    one.page.go_forward()
    one.page.wait_for_selector(f"h1:has-text('{title}')")
    assert len(requester.needs_called(title)) == 1


def test_two_editors_lose_nothing(visitor: NewVisitor, requester: Program) -> None:
    need_id = keep(requester)
    one = visitor()
    one.sign_in("requester")
    open_form(one, f"/desk/needs/{need_id}/edit")
    requester.send("PATCH", f"/v1/needs/{need_id}", {"stage": "小试"}, etag='"1"')
    one.page.fill("[name=text]", f"{TEXT},我写的")
    one.page.click("button:has-text('保存') >> nth=0")
    assert "已在别处修改" in one.page.inner_text("[role=alert]")
    assert one.page.input_value("[name=text]").endswith("我写的")
    one.page.click("button:has-text('保存') >> nth=0")
    one.page.wait_for_url(f"**/desk/needs/{need_id}")
    assert requester.get(f"/v1/needs/{need_id}")["fields"]["text"].endswith("我写的")


def test_a_need_is_deleted_when_the_box_is_ticked(visitor: NewVisitor, requester: Program) -> None:
    need_id = keep(requester)
    one = visitor(script=False)
    one.sign_in("requester")
    one.open(f"/desk/needs/{need_id}")
    one.page.locator("summary", has_text="删除需求").click()
    one.page.click("button:has-text('删除需求')")
    assert "请先勾选确认" in one.page.inner_text("[role=alert]")
    one.page.check("[name=sure]")
    one.page.click("button:has-text('删除需求')")
    one.page.wait_for_url("**/desk/needs")
    assert one.open(f"/desk/needs/{need_id}").inner_text("h1") == "没有找到这个页面"


def test_consents_are_given_and_taken_back(visitor: NewVisitor, requester: Program) -> None:
    one = visitor("phone")
    one.sign_in("requester")
    one.open(f"/desk/needs/{keep(requester)}")
    one.page.fill("[name=unit]", "松山湖")
    one.page.click("button:has-text('查找')")
    one.check()
    one.page.click("button:has-text('同意该单位查看') >> nth=0")
    one.page.wait_for_selector("main button:has-text('收回同意')")
    assert "松山湖材料实验室" in one.page.inner_text("main")
    one.page.click("button:has-text('收回同意')")
    one.page.wait_for_selector("main:has-text('还没有同意任何单位')")


def test_whatever_is_typed_is_shown_as_letters(visitor: NewVisitor, requester: Program) -> None:
    one = visitor()
    one.sign_in("requester")
    open_form(one)
    for name in (
        "text",
        "title",
        "industry",
        "certificates",
        "places",
        "must",
        "prefer",
        "without",
        "deadline",
        "stage",
    ):
        one.page.fill(f"[name={name}]", EVIL)
    for name in ("abstract",):
        one.page.fill(f"[name={name}]", EVIL)
    for name in ("province", "city"):
        one.page.fill(f"[name={name}]", EVIL)
    for name in ("parameter_name", "parameter_unit", "parameter_min"):
        one.page.fill(f"[name={name}] >> nth=0", EVIL)
    one.page.click("button:has-text('保存草稿') >> nth=0")
    assert EVIL in one.page.inner_text("#error-parameters")
    one.page.fill("[name=parameter_min] >> nth=0", "1")
    one.page.click("button:has-text('保存草稿') >> nth=0")
    one.page.wait_for_selector("text=现在的状态")
    assert one.page.inner_text("main").count(EVIL) >= 10
    one.check()
    for path in (one.page.url.removeprefix(one.address) + "/edit", "/desk/needs", "/desk", "/desk/alerts"):
        one.open(path)
        assert EVIL in html.unescape(one.page.content())
        assert one.complaints == []
    assert one.page.evaluate("document.querySelectorAll('main script').length") == 0


@pytest.mark.parametrize("path", ["/desk/needs/need-none", "/desk/needs/need-none/edit", "/desk/needs/x%00y"])
def test_needs_that_are_not_there(visitor: NewVisitor, path: str) -> None:
    one = visitor()
    one.sign_in("broker")
    assert one.open(path).inner_text("h1") == "没有找到这个页面"


def test_anothers_draft_is_not_there(visitor: NewVisitor, requester: Program) -> None:
    one = visitor()
    one.sign_in("broker")
    assert one.open(f"/desk/needs/{keep(requester)}").inner_text("h1") == "没有找到这个页面"


@pytest.mark.parametrize("name", DESKS_JOURNEYS)
def test_pictures_are_of_pages(visitor: NewVisitor, name: str) -> None:
    for _ in range(2):
        one = visitor("phone")
        DESKS_JOURNEYS[name](one)
        one.check()
