"""Enquiries from both sides, alerts, and searches that were saved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.portal.conftest import NewVisitor
from tests.api.portal.desks_people import EVIL, Program, unique
from tests.api.portal.variants import SCRIPTS, SIZES


@pytest.fixture
def listing(operator: Program, admin: Program) -> Any:
    return operator.published(admin, name=unique("对接平台"))


@pytest.mark.slow
@SIZES
@SCRIPTS
def test_an_enquiry_goes_to_and_fro(visitor: NewVisitor, listing: Any, size: str, script: bool) -> None:
    sender, receiver = visitor(size, script=script), visitor(size, script=script)
    sender.sign_in("requester")
    sender.open(f"/desk/enquiries/new?listing={listing['id']}")
    text = unique("想看现场")
    sender.page.fill("[name=text]", text)
    sender.page.fill("[name=contact_phone]", "0769-21234567")
    if script:
        sender.check()
    sender.page.click("button:has-text('发出申请')")
    assert "已发出" in sender.page.inner_text("main [role=status]")
    address = sender.page.url.removeprefix(sender.address)
    receiver.sign_in("operator")
    assert listing["name"] in receiver.open("/operator").inner_text("main")
    receiver.page.click(f"main >> text={listing['name']} >> nth=0")
    assert "0769-21234567" in receiver.page.inner_text("main")
    receiver.page.fill("[name=text]", "欢迎,周五可以")
    receiver.page.click("button:has-text('发出')")
    assert "已答复" in receiver.page.inner_text("main")
    if script:
        receiver.check()
    sender.open(address)
    assert "欢迎,周五可以" in sender.page.inner_text(".thread")
    sender.page.click("button:has-text('约定考察')")
    assert "考察中" in sender.page.inner_text("main")
    receiver.open(address)
    receiver.page.click("button:has-text('婉拒')")
    assert receiver.page.is_visible("[role=alert]")
    receiver.page.fill("[name=note]", "设备检修")
    receiver.page.click("button:has-text('婉拒')")
    assert "已婉拒" in receiver.page.inner_text("main")
    assert "0769-21234567" not in receiver.page.inner_text("main")
    assert "设备检修" in sender.open(address).inner_text(".thread")
    if script:
        sender.check()
    sender.open("/desk/enquiries?state=declined")
    assert listing["name"] in sender.page.inner_text("main")


def test_an_enquiry_without_words_is_refused_and_the_rest_stays(visitor: NewVisitor, listing: Any) -> None:
    one = visitor("phone")
    one.sign_in("requester")
    one.open(f"/desk/enquiries/new?listing={listing['id']}")
    one.page.fill("[name=contact_phone]", "123")
    one.page.click("button:has-text('发出申请')")
    assert one.page.is_visible("[role=alert]")
    assert one.page.input_value("[name=contact_phone]") == "123"
    one.check()


@pytest.mark.slow
def test_enquiries_are_shown_as_letters_and_to_their_parties_only(visitor: NewVisitor, listing: Any) -> None:
    one = visitor()
    one.sign_in("requester")
    one.open(f"/desk/enquiries/new?listing={listing['id']}")
    for name in ("text", "contact_name", "contact_organisation"):
        one.page.fill(f"[name={name}]", EVIL)
    one.page.click("button:has-text('发出申请')")
    one.page.wait_for_selector("h2:has-text('往来')")
    one.page.fill("[name=text]", EVIL)
    one.page.click("button:has-text('发出')")
    assert one.page.inner_text("main").count(EVIL) >= 4
    one.check()
    address = one.page.url.removeprefix(one.address)
    assert EVIL in one.open("/desk/enquiries").inner_text("main")
    stranger = visitor()
    stranger.sign_in("broker")
    hidden = stranger.open(address).inner_text("main")
    assert hidden == stranger.open("/desk/enquiries/enq-none").inner_text("main")
    assert stranger.open("/desk/enquiries/new?listing=X-none").inner_text("h1") == "没有找到这个页面"


@pytest.mark.slow
def test_an_admin_forwards_what_nobody_keeps(visitor: NewVisitor, requester: Program, admin: Program) -> None:
    made = admin.send("POST", "/v1/listings", {"kind": "platform", "name": unique("无主平台")})
    path = f"/v1/listings/{made['id']}"
    version = admin.send("POST", f"{path}/submission")["standing"]["version"]
    admin.send("POST", f"{path}/approval", etag=f'"{version}"')
    admin.send("POST", f"{path}/publication")
    enquiry = requester.send("POST", "/v1/enquiries", {"listing_id": made["id"], "text": "请转交"})
    one = visitor()
    one.sign_in("admin")
    assert made["name"] in one.open("/desk/enquiries?box=queue").inner_text("main")
    one.check()
    one.open(f"/desk/enquiries/{enquiry['id']}")
    one.page.click("button:has-text('转交')")
    assert one.page.is_visible("[role=alert]")
    organisation = admin.get("/v1/organisations")["organisations"][0]["id"]
    one.page.fill("[name=organisation_id]", organisation)
    one.page.click("button:has-text('转交')")
    assert "平台转交" in one.page.inner_text(".thread")
    one.check()


@pytest.mark.slow
@SCRIPTS
def test_words_are_watched_without_a_need(visitor: NewVisitor, requester: Program, script: bool) -> None:
    one = visitor("phone", script=script)
    one.sign_in("requester")
    one.open("/desk/alerts")
    words = unique("膜分离中试")
    if not one.page.is_visible("[name=words]"):
        one.page.locator("summary", has_text="新的提醒").click()
    one.page.fill("[name=words]", words)
    one.page.locator("#pace-new").select_option("weekly")
    one.page.click("button:has-text('开启提醒')")
    assert "提醒已开启" in one.page.inner_text("main [role=status]")
    section = one.page.locator(f"section:has-text('{words}')")
    assert "每周汇总" in section.inner_text()
    if script:
        one.check()
    section.locator("button", has_text="暂停").click()
    section.locator("button", has_text="重新开启").click()
    section.locator("summary").click()
    section.locator("select[name=pace]").select_option("daily")
    section.locator("button", has_text="保存").click()
    assert "每日汇总" in section.inner_text()
    one.page.on("dialog", lambda dialog: dialog.accept())
    section.locator("button", has_text="删除").click()
    one.page.wait_for_selector("text=提醒已删除")
    assert one.page.locator(f"section:has-text('{words}')").count() == 0
    (kept,) = [need for need in requester.get("/v1/needs", size=100)["needs"] if need["fields"].get("text") == words]
    assert (kept["state"], kept["listed"]) == ("draft", False)


@pytest.mark.slow
def test_an_alert_about_nothing_is_refused_with_what_was_chosen(visitor: NewVisitor) -> None:
    one = visitor()
    one.sign_in("operator")
    one.open("/desk/alerts")
    if not one.page.is_visible("#pace-new"):
        one.page.locator("summary", has_text="新的提醒").click()
    one.page.locator("#pace-new").select_option("weekly")
    one.page.click("button:has-text('开启提醒')")
    assert one.page.is_visible("[role=alert]")
    assert one.page.locator("#pace-new").input_value() == "weekly"
    one.check()


@pytest.mark.slow
def test_messages_are_read_one_by_one_or_all(
    visitor: NewVisitor, operator: Program, requester: Program, listing: Any
) -> None:
    requester.send("POST", "/v1/enquiries", {"listing_id": listing["id"], "text": unique("消息")})
    one = visitor("phone")
    one.sign_in("operator")
    one.open("/desk/alerts")
    one.check()
    assert "未读" in one.page.inner_text("main")
    one.page.click("button:has-text('打开') >> nth=0")
    one.page.wait_for_url("**/desk/enquiries/*")
    one.open("/desk/alerts")
    if one.page.is_visible("button:has-text('全部标为已读')"):
        one.page.click("button:has-text('全部标为已读')")
    assert operator.get("/v1/messages")["unread"] == 0
    assert "未读" not in one.page.inner_text("main h2 >> nth=0")


@pytest.mark.slow
@SCRIPTS
def test_a_saved_search_is_renamed_made_a_need_and_deleted(
    visitor: NewVisitor, requester: Program, script: bool
) -> None:
    text = unique("膜分离放大")
    made = requester.send("POST", "/v1/searches", {"need": {"text": text, "certificates": ["GMP"]}, "saved": True})
    one = visitor("phone", script=script)
    one.sign_in("requester")
    one.open("/desk/saved")
    row = one.page.locator(f"li:has(a[href='/matches/{made['id']}'])")
    if script:
        one.check()
    row.locator("summary").click()
    row.locator("[name=title]").fill(EVIL)
    row.locator("button", has_text="保存").click()
    assert EVIL in one.page.inner_text("main")
    assert one.complaints == []
    one.page.locator(f"a[href='/desk/needs/new?search={made['id']}']").click()
    assert one.page.input_value("[name=text]") == text
    assert one.page.input_value("[name=certificates]") == "GMP"
    one.open("/desk/saved")
    one.page.on("dialog", lambda dialog: dialog.accept())
    row.locator("button", has_text="删除").click()
    one.page.wait_for_selector("text=已从收藏中删除")
    assert one.page.locator(f"a[href='/matches/{made['id']}']").count() == 0


@pytest.mark.slow
def test_the_empty_desk_of_a_newcomer_says_what_to_do(visitor: NewVisitor) -> None:
    one = visitor("phone")
    one.sign_in("broker")
    for path in ("/desk", "/desk/needs", "/desk/enquiries", "/desk/saved", "/desk/alerts"):
        one.open(path)
        one.check()
    assert "写一个需求" in one.open("/desk").inner_text("main")
