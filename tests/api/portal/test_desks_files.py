"""An operator's imports and statistics, and the needs that fit his listings."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from playwright.sync_api import FilePayload

from api.portal.desks.statistics import plain
from tests.api.portal.conftest import NewVisitor
from tests.api.portal.desks_people import EVIL, Program, page_form, unique
from tests.api.portal.variants import SCRIPTS, SIZES

pytestmark = pytest.mark.slow


def table(*rows: tuple[str, str, str], name: str = "条目.csv") -> FilePayload:
    out = io.StringIO()
    csv.writer(out).writerows([("名称", "类别", "能力"), *rows])
    return {"name": name, "mimeType": "text/csv", "buffer": out.getvalue().encode()}


@SIZES
@SCRIPTS
def test_a_file_is_previewed_confirmed_and_told(
    visitor: NewVisitor, operator: Program, size: str, script: bool
) -> None:
    first, second = unique("导入平台甲"), unique("导入设备乙")
    one = visitor(size, script=script)
    one.sign_in("operator")
    one.open("/operator/imports")
    if script:
        one.check()
    one.page.set_input_files(
        "[name=file]", table((first, "中试平台", "发酵"), (second, "中试设备", "离心"), ("丙" * 250, "中试平台", "x"))
    )
    one.page.click("button:has-text('上传并预览')")
    text = one.page.inner_text("table")
    assert first in text
    assert "有误" in text
    # What is wrong with a row is in sight on a phone, too.
    assert one.page.locator(".scroll").evaluate("it => it.scrollWidth <= it.clientWidth")
    if script:
        one.check()
    one.page.click("button:has-text('确认导入')")
    assert "有误" in one.page.inner_text("[role=alert]")
    one.page.check("[name=skip_errors]")
    one.page.check("[name=state][value=submitted]")
    one.page.click("button:has-text('确认导入')")
    assert "新增 2 条" in one.page.inner_text("main")
    (made,) = operator.listings_called(first)
    assert made["standing"]["state"] == "submitted"
    assert "已导入" in one.open("/operator/imports").inner_text("main")
    if script:
        one.check()


def test_duplicates_are_decided_row_by_row(visitor: NewVisitor, operator: Program, admin: Program) -> None:
    made = operator.published(admin, name=unique("松山湖重复中试平台"), capabilities=["发酵"])
    one = visitor()
    one.sign_in("operator")
    one.open("/operator/imports")
    one.page.set_input_files(
        "[name=file]", table((made["name"] + "基地", "中试平台", "发酵"), (made["name"], "中试平台", "提取"))
    )
    one.page.click("button:has-text('上传并预览')")
    one.check()
    selects = one.page.locator("td select")
    assert selects.count() >= 1
    for number in range(selects.count()):
        selects.nth(number).select_option("skip")
    one.page.click("button:has-text('确认导入')")
    assert "没有导入" in one.page.inner_text("main .note")
    assert len(operator.listings_called(made["name"])) == 1


def test_an_import_is_discarded(visitor: NewVisitor) -> None:
    one = visitor("phone", script=False)
    one.sign_in("operator")
    one.open("/operator/imports")
    name = unique("作废")
    one.page.set_input_files("[name=file]", table((name, "中试平台", EVIL), name=f"{name}.csv"))
    one.page.click("button:has-text('上传并预览')")
    one.page.click("button:has-text('作废这次导入')")
    assert "没有写入任何内容" in one.page.inner_text("main [role=status]")
    one.page.click(f"text={name}.csv")
    assert "已作废" in one.page.inner_text("main")
    assert one.page.locator("button:has-text('确认导入')").count() == 0


@pytest.mark.parametrize(("name", "content"), [("坏.xlsx", b"PK\x03\x04no"), ("空.csv", b""), ("x.exe", b"MZ")])
def test_files_that_can_not_be_read_are_refused_beside_the_field(
    visitor: NewVisitor, name: str, content: bytes
) -> None:
    one = visitor()
    one.sign_in("operator")
    one.open("/operator/imports")
    one.page.set_input_files("[name=file]", {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    one.page.click("button:has-text('上传并预览')")
    assert one.page.is_visible("[role=alert]")
    one.check()


def test_no_file_at_all(portal: str) -> None:
    client, hidden = page_form(portal, "operator", "/operator/imports")
    with contextlib.closing(client):
        answer = client.post("/operator/imports/files", data=hidden)
        assert answer.status_code == 422
        assert "请选择一个文件" in answer.text
        assert client.get("/operator/imports/I-none").status_code == 404


@SIZES
def test_what_was_shown_is_counted_drawn_and_exported(
    visitor: NewVisitor, operator: Program, admin: Program, requester: Program, size: str
) -> None:
    word = unique("超声雾化")
    made = operator.published(admin, name=f"=1+1{unique('统计平台')}", capabilities=[word])
    found = requester.send("POST", "/v1/matches", {"text": f"{word}干燥中试", "kinds": ["platform"]})
    assert made["id"] in [match["listing"]["id"] for match in found["matches"]]
    requester.send("POST", "/v1/feedback", {"answer_id": found["answer_id"], "listing_id": made["id"], "act": "opened"})
    one = visitor(size)
    one.sign_in("operator")
    one.open(f"/operator/statistics?listing={made['id']}&days=28")
    one.check()
    assert one.page.inner_text(".figures li >> nth=0").startswith("1")
    assert one.page.inner_text(".figures li >> nth=1").startswith("1")
    drawn = one.page.evaluate("document.querySelector('.chart img').naturalWidth")
    assert drawn > 0
    with one.page.expect_download() as download:
        one.page.click("text=导出 CSV")
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row[0] == made["id"]]
    assert sum(int(row[3]) for row in rows) == 1
    assert rows[0][1] == f"'{made['name']}"


@pytest.mark.parametrize(
    ("text", "cell"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-3", "'-3"), ("平台", "平台"), ("", "")]
)
def test_cells_are_no_formulas(text: str, cell: str) -> None:
    assert plain(text) == cell


@SIZES
@SCRIPTS
def test_needs_that_fit_and_why_one_stands_where_it_does(
    visitor: NewVisitor, operator: Program, admin: Program, requester: Program, size: str, script: bool
) -> None:
    word = unique("等离子喷涂")
    made = operator.published(admin, name=unique("喷涂平台"), capabilities=[word, "热障涂层"], industry=["新材料"])
    title = unique("喷涂需求")
    fields = {"title": title, "text": f"{word}热障涂层中试,需要CNAS,产能每月500件以上", "industry": ["新材料"]}
    visibility = {"title": "public", "text": "public", "industry": "signed_in"}
    requester.send("POST", "/v1/needs", fields | {"state": "published", "listed": True, "visibility": visibility})
    one = visitor(size, script=script)
    one.sign_in("operator")
    one.open(f"/operator/needs?listing={made['id']}&least=weak")
    if script:
        one.check()
    card = one.page.locator(f"li:has-text('{title}')")
    assert "CNAS" in card.inner_text()
    assert "未说明" in card.inner_text()
    card.locator("a[href^='/operator/needs/']").click()
    assert title in one.page.inner_text("h1")
    assert "CNAS" in one.page.inner_text("main")
    assert "名" in one.page.inner_text("section >> nth=0")
    if script:
        one.check()
    one.open(f"/operator/listings/{made['id']}")
    assert "完整度" in one.page.inner_text("main")
    if script:
        one.check()


def test_a_need_that_is_not_there_for_a_listing(visitor: NewVisitor) -> None:
    one = visitor()
    one.sign_in("operator")
    gone = one.open("/operator/needs/need-none?listing=PF-0067").inner_text("h1")
    assert gone == one.open("/operator/needs?listing=X-none").inner_text("h1") == "没有找到这个页面"
    assert one.open("/operator/needs?listing=PF-0001").inner_text("h1") == "没有权限"
