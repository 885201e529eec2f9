"""Refusals of the API in the words of forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from api.portal.wording import in_words
from matcher.demo import DOMAIN, PASSWORD
from tests.api.portal.desks_people import Program, unique
from tests.api.portal.test_floor import token_of

RANGE = "下限应不大于上限;只有一端时另一端留空"


@pytest.mark.parametrize(
    ("field", "message", "labels", "words"),
    [
        ("contact_phone", "contact_phone 不是电话号码", {}, "电话不是电话号码"),
        ("need.text", "need.text 超过 20000 个字符", {"text": "中试需求"}, "中试需求超过 20000 个字符"),
        ("parameters[0]", "parameters[0] 下限 9 大于上限 3", {}, "技术参数下限 9 大于上限 3"),
        ("parameters[1].name", "parameters[1] 缺少 name", {}, "技术参数缺少名称"),
        ("terms.fees", "terms:下限 900 大于上限 3", {}, "收费标准:下限 900 大于上限 3"),
        ("terms.lead_days", "terms:lead_days 应在 0 与 9 之间", {"terms.lead_days": "周期"}, "周期应在 0 与 9 之间"),
        ("source_url", "source_url 不是网址", {"source_url": "Source"}, "Source 不是网址"),
        ("name", "name 与 filename、name 重复", {}, "名称与 filename、name 重复"),
        ("unheard_of", "unheard_of 应为文本", {}, "unheard_of 应为文本"),
        (None, "服务内部出错", {}, "服务内部出错"),
    ],
)
def test_fields_are_called_as_on_the_form(
    field: str | None, message: str, labels: Mapping[str, str], words: str
) -> None:
    assert in_words(field, message, None, labels) == (words, None)


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("min 应不大于 max;只有一端时另一端写 null", RANGE),
        ("low 应不大于 high", "最低应不大于最高"),
        ("请补上 name", "请补上名称"),
        (None, None),
    ],
)
def test_hints_are_for_people(hint: str | None, words: str | None) -> None:
    assert in_words("name", "", hint)[1] == words


def sent(portal: str, role: str | None, page: str, path: str, **fields: Any) -> str:
    """What a page says above a form that is refused."""
    with httpx2.Client(base_url=portal, timeout=60) as client:
        if role:
            form = {
                "email": f"{role}@{DOMAIN}",
                "password": PASSWORD,
                "csrf_token": token_of(client.get("/sign-in").text),
            }
            assert client.post("/sign-in", data=form).status_code == 303
        token = token_of(client.get(page).text)
        answer = client.post(path, data={"csrf_token": token, "once": unique("o"), **fields})
    assert answer.status_code == 422, answer.text
    found = re.search(r'<div class="problems".*?</div>', answer.text, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]+>|\s+", " ", found[0])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"source_url": "javascript:alert(1)"}, "来源网址不是网址"),
        ({"province": "广东省", "city": "北京市"}, "城市“北京市”不在“广东省”"),
        ({"parameter_name": "容积", "parameter_min": "9", "parameter_max": "3"}, "技术参数下限 9 大于上限 3"),
        ({"fee_item": "批", "fee_low": "900", "fee_high": "3"}, "收费标准:下限 900 大于上限 3"),
    ],
)
def test_the_form_of_a_listing(portal: str, fields: dict[str, str], words: str) -> None:
    # A browser sends every cell of a row.
    cells = dict.fromkeys(("parameter_name", "parameter_min", "parameter_max", "parameter_unit"), "")
    cells |= dict.fromkeys(("fee_item", "fee_low", "fee_high", "fee_per"), "")
    all_of = {"name": "平台", "kind": "platform", "act": "save"} | cells | fields
    said = sent(portal, "operator", "/operator/listings/new?kind=platform", "/operator/listings", **all_of)
    assert words in said
    assert not re.search(r"source_url|terms|fees|parameters|\b(min|max|low|high|null)\b", said)


def test_the_front_page(portal: str) -> None:
    said = sent(portal, None, "/", "/matches", text="长" * 20_001)
    assert "中试需求超过 20000 个字符" in said
    assert "text" not in said


def test_the_form_of_an_enquiry(portal: str, operator: Program, admin: Program) -> None:
    listing = operator.published(admin, name=unique("平台"), capabilities=["发酵放大"])["id"]
    fields = {"listing_id": listing, "text": "想放大", "contact_phone": "1"}
    said = sent(portal, "requester", f"/desk/enquiries/new?listing={listing}", "/desk/enquiries", **fields)
    assert "电话不是电话号码" in said
    assert "contact_phone" not in said
