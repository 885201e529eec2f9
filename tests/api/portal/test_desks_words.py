"""What the desks say is what people say: no codes of programs, nothing twice, nothing that is not so."""

from __future__ import annotations

import pytest

from matcher.demo import DOMAIN, PASSWORD
from tests.api.portal.conftest import NewVisitor
from tests.api.portal.desks_people import Program, unique
from tests.api.portal.variants import SCRIPTS

TEXT = "年产10吨级硅碳负极中试线,湖南或江西优先,预算300万元以内,2027年6月前完成"
PUBLIC = {"title": "public", "text": "public", "kinds": "public"}


@pytest.mark.slow
@SCRIPTS
def test_a_budget_is_read_once(visitor: NewVisitor, script: bool) -> None:
    """The number of a budget is no quantity of its own, neither while it is typed nor afterwards."""
    one = visitor(script=script)
    one.sign_in("requester")
    one.open("/desk/needs/new")
    one.page.fill("[name=text]", TEXT)
    if script:
        one.page.wait_for_selector(".reading .chip:has-text('预算300万元以内')")
        assert one.page.locator(".reading .chip:has-text('300万元')").count() == 1
    one.page.click("button:has-text('保存草稿') >> nth=0")
    one.page.wait_for_selector(".desk-read")
    assert one.page.locator(".desk-read .chip:has-text('300万元')").count() == 1
    assert one.page.locator(".desk-read .chip:has-text('10吨级')").count() == 1


@pytest.mark.slow
def test_a_listing_never_approved_has_no_changes_since(visitor: NewVisitor, operator: Program, admin: Program) -> None:
    one = visitor()
    one.sign_in("operator")
    name = unique("平台")
    made = operator.send("POST", "/v1/listings", {"kind": "platform", "name": name, "capabilities": ["发酵放大"]})
    listing = f"/v1/listings/{made['id']}"
    operator.send("POST", f"{listing}/submission")
    one.open(f"/operator/listings/{made['id']}")
    text = one.page.inner_text("main")
    assert "待审核" in text
    assert "自上次通过审核以来的修改" not in text
    assert "platform" not in text
    version = admin.get(listing)["standing"]["version"]
    admin.send("POST", f"{listing}/approval", etag=f'"{version}"')
    operator.send("POST", f"{listing}/publication")
    version = operator.get(listing)["standing"]["version"]
    operator.send("PATCH", listing, {"capabilities": ["发酵放大", "分离纯化"]}, etag=f'"{version}"')
    one.open(f"/operator/listings/{made['id']}")
    assert "自上次通过审核以来的修改" in one.page.inner_text("main")


def test_conditions_of_needs_are_in_words(
    visitor: NewVisitor, operator: Program, admin: Program, requester: Program
) -> None:
    """A kind by its name, what was said twice once; where a listing stands among its kind is not called the first page
    of all kinds."""
    listing = operator.published(admin, kind="equipment", name=unique("发酵罐"), capabilities=["发酵放大"])
    title = unique("寻求中试解决方案:发酵放大")
    need = requester.send("POST", "/v1/needs", {"title": title, "text": "寻求中试解决方案,发酵放大,要有GMP资质"})
    etag = f'"{need["version"]}"'
    opened = requester.send(
        "PUT", f"/v1/needs/{need['id']}/visibility", {"visibility": PUBLIC, "listed": True}, etag=etag
    )
    requester.send("POST", f"/v1/needs/{need['id']}/publication", etag=f'"{opened["version"]}"')
    one = visitor()
    one.sign_in("operator")
    one.open(f"/operator/needs/{need['id']}?listing={listing['id']}")
    text = one.page.inner_text("main")
    assert "中试设备" in text
    assert "equipment" not in text
    assert "solution" not in text
    assert "需求方第一页就能看到" not in text
    words = [row.inner_text() for row in one.page.locator(".fit-list li").all()]
    assert len(words) == len(set(words))
    one.check()


@pytest.mark.slow
def test_a_stranger_is_not_told_that_a_session_ended(visitor: NewVisitor) -> None:
    """He never had one; and where there was nothing to type, nothing is said to stand below."""
    one = visitor()
    one.open("/")
    one.page.fill("[name=text]", "发酵放大")
    one.page.click("button:has-text('查找匹配')")
    one.page.click("button:has-text('收藏这次匹配')")
    assert "登录后才能继续" in one.page.inner_text("main")
    one.check()
    one.page.fill("[name=email]", f"requester@{DOMAIN}")
    one.page.fill("[name=password]", PASSWORD)
    one.page.click("main form button")
    assert "您填写的内容都在下面" not in one.page.inner_text("main")
    one.page.click("main form button")
    assert "已收藏" in one.page.inner_text("main [role=status]")


@pytest.mark.slow
def test_nothing_to_import_offers_nothing_to_confirm(visitor: NewVisitor) -> None:
    one = visitor("phone")
    one.sign_in("operator")
    one.open("/operator/imports")
    rows = "类别,名称,省份\n平台?,坏行,广东省\n".encode()
    one.page.set_input_files("input[type=file]", {"name": "坏.csv", "mimeType": "text/csv", "buffer": rows})
    one.page.click("button:has-text('上传并预览')")
    assert "没有可以导入的行" in one.page.inner_text("main .note.warn")
    assert one.page.locator("button:has-text('确认导入')").count() == 0
    one.check()


@pytest.mark.slow
def test_an_enquiry_without_contact_says_so(visitor: NewVisitor, operator: Program, admin: Program) -> None:
    listing = operator.published(admin, name=unique("平台"), capabilities=["发酵放大"])
    one = visitor()
    one.sign_in("requester")
    one.open(f"/listings/{listing['id']}")
    one.page.fill("#enquire [name=text]", "想做发酵放大")
    one.page.click("button:has-text('发出申请')")
    assert "没有留下联系方式" in one.page.inner_text("main")
    one.check()


@pytest.mark.slow
def test_a_description_that_tells_what_is_hidden_is_warned_of(visitor: NewVisitor, requester: Program) -> None:
    need = requester.send("POST", "/v1/needs", {"text": TEXT, "budget_wan": 300})
    one = visitor("phone")
    one.sign_in("requester")
    one.open(f"/desk/needs/{need['id']}")
    assert "需求描述里也写到了" not in one.page.inner_text("main")
    one.page.select_option("select[name=text]", "signed_in")
    one.page.click("button:has-text('保存公开范围')")
    seen = [one.page.locator(".cards .card").nth(number).inner_text() for number in range(3)]
    assert ["需求描述里也写到了:预算" in text for text in seen] == [False, True, True]
    one.check()
