"""Nothing that an outsider receives depends on what is hidden from them: not one byte of any answer.

Each hidden field is changed to several values, filled and empty, and everything that each outsider can ask for is asked
again: the wall with its filters, facets, pages and search, the need itself, refusals, the needs that fit a listing with
their order and scores, where a listing stands, advice, and the feed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from matcher.catalogue.change_log import last_change
from matcher.catalogue.needs.content import FIELDS
from tests.api.fitting_people import offering  # noqa: F401
from tests.api.people import People
from tests.databases import database  # noqa: F401

CONTENT: Final[dict[str, Any]] = {
    "title": "代号丁的放大",
    "text": "需要400 L发酵罐,预算80万元",
    "kinds": ["platform"],
    "industry": ["生物制造"],
    "province": "广东省",
    "city": "东莞市",
    "places": ["广东"],
    "stage": "小试→中试",
    "parameters": [{"name": "发酵罐容积", "min": 400, "max": None, "unit": "L"}],
    "certificates": ["GMP"],
    "must": ["GMP"],
    "prefer": ["400 L"],
    "without": ["budget:80万元"],
    "budget_wan": 80,
    "deadline": "6个月内",
}
#: What each field is changed to; the last value empties it.
VALUES: Final[dict[str, tuple[Any, ...]]] = {
    "title": ("秘密项目", "8英寸晶圆流片", None),
    "text": ("珠江发酵中试平台", "高分子复合材料挤出,ISO 9001,上海", "需要90000 L发酵罐" * 50, None),
    "kinds": (["equipment"], ["platform", "manufacturer", "solution"], []),
    "industry": (["食品"], []),
    "province": ("上海市", None),
    "city": ("广州市", None),
    "places": (["上海"], ["广州", "深圳"], []),
    "stage": ("中试→量产", None),
    "parameters": (
        [{"name": "发酵罐容积", "min": 1, "max": 2, "unit": "L"}],
        [{"name": "晶圆尺寸", "min": 8, "unit": "英寸"}],
        [],
    ),
    "certificates": (["CNAS"], ["ISO 9001", "ISO 14001"], []),
    "must": (["certificate"], ["上海"], []),
    "prefer": (["GMP"], ["珠江"], []),
    "without": (["400 L"], ["quantity:400 L", "珠江"], []),
    "budget_wan": (0.01, 99_999, None),
    "deadline": ("2027-12-31", None),
}
LEVELS: Final = {"industry": "public", "province": "signed_in", "stage": "chosen"}
#: Outsider → the levels that they may read.
OUTSIDERS: Final = {
    "anonymous": ("public",),
    "other_requester": ("public", "signed_in"),
    "broker": ("public", "signed_in"),
    "other_operator": ("public", "signed_in"),
    "operator": ("public", "signed_in", "chosen"),
    "colleague": ("public", "signed_in", "chosen"),
}
#: Headers that say something of an answer; the others name the request or the time.
TELLING: Final = ("content-type", "content-length", "etag", "location", "last-modified", "cache-control", "retry-after")


@pytest.fixture
def need_id(offering: People) -> str:  # noqa: F811
    """A need that shows little, between two that show all."""
    shown = dict.fromkeys(FIELDS, "public")
    made = []
    for fields, visibility in (
        ({"text": "饮料喷雾干燥小批量试制", "industry": ["食品"], "province": "上海市"}, shown),
        (CONTENT, LEVELS),
        ({"text": "酶制剂发酵,500 L", "industry": ["生物制造"], "province": "广东省"}, shown),
    ):
        body = {**fields, "state": "published", "listed": True, "visibility": visibility}
        response = offering.requester.post("/v1/needs", json=body)
        assert response.status_code == 201, response.text
        made.append(response.json()["id"])
    offering.requester.put(f"/v1/needs/{made[1]}/consents/{offering.orgs['org']}")
    need_id: str = made[1]
    return need_id


def asked(client: TestClient, need_id: str) -> Iterator[tuple[str, bytes]]:
    """Everything that can be asked, and each answer to the last byte."""
    questions: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/v1/needs/board", {}),
        *(("GET", "/v1/needs/board", {"params": {"q": word}}) for word in ("发酵", "秘密", "ISO 9001", "东莞")),
        ("GET", "/v1/needs/board", {"params": {"kind": "platform"}}),
        ("GET", "/v1/needs/board", {"params": {"province": "广东"}}),
        ("GET", "/v1/needs/board", {"params": {"industry": "生物制造", "size": 1, "page": 2}}),
        ("GET", f"/v1/needs/{need_id}", {}),
        ("GET", f"/v1/needs/{need_id}/consents", {}),
        ("PATCH", f"/v1/needs/{need_id}", {"json": {"city": "x"}, "headers": {"If-Match": '"1"'}}),
        ("DELETE", f"/v1/needs/{need_id}", {"headers": {"If-Match": '"1"'}}),
        ("POST", f"/v1/needs/{need_id}/talks", {}),
        ("POST", f"/v1/needs/{need_id}/matches", {}),
        ("GET", "/v1/feed", {}),
        ("GET", "/v1/feed", {"params": {"after": 2**40}}),
        ("GET", "/v1/exports/listings", {"params": {"form": "jsonl"}}),
        *(("GET", f"/v1/listings/{one}/needs", {"params": {"least": "weak"}}) for one in ("PF-1", "PF-4", "MF-1")),
        *(("GET", f"/v1/listings/{one}/needs/{need_id}", {}) for one in ("PF-1", "PF-4", "MF-1")),
        *(("GET", f"/v1/listings/{one}/advice", {}) for one in ("PF-1", "MF-1")),
    ]
    for method, url, more in questions:
        response = client.request(method, url, **more)
        headers = [(name, response.headers.get(name)) for name in TELLING]
        yield f"{method} {url} {more}", repr((response.status_code, headers)).encode() + response.content


def answers(people: People, need_id: str, names: list[str]) -> dict[tuple[str, str], bytes]:
    return {(name, what): said for name in names for what, said in asked(getattr(people, name), need_id)}


def change(people: People, need_id: str, values: dict[str, Any]) -> None:
    url = f"/v1/needs/{need_id}"
    version = people.requester.get(url).headers["ETag"]
    response = people.requester.patch(url, json=values, headers={"If-Match": version})
    assert response.status_code == 200, response.text


@pytest.mark.slow
def test_the_questions_are_answered_and_show_what_is_open(offering: People, need_id: str) -> None:  # noqa: F811
    """The test below would hold of a service that refuses everything: this one would not."""
    said = dict(asked(offering.operator, need_id))
    text = b"".join(said.values()).decode()
    fine = [what for what, answer in said.items() if answer.startswith(b"(200")]
    assert len(fine) >= 14
    assert "小试→中试" in text
    assert CONTENT["title"] not in text
    assert '"budget_wan": 80' not in text
    before = answers(offering, need_id, list(OUTSIDERS))
    change(offering, need_id, {"industry": ["食品"]})
    after = answers(offering, need_id, list(OUTSIDERS))
    for name in OUTSIDERS:
        assert any(before[key] != after[key] for key in before if key[0] == name)
    ranked = ("operator", "GET /v1/listings/PF-1/needs {'params': {'least': 'weak'}}")
    assert before[ranked] != after[ranked]


@pytest.mark.slow
@pytest.mark.parametrize("level", ["private", "chosen", "signed_in"])
def test_no_byte_depends_on_hidden_fields(offering: People, need_id: str, level: str) -> None:  # noqa: F811
    """Every field of a level takes its values, those of a level in step."""
    fields = [name for name in FIELDS if LEVELS.get(name, "private") == level]
    names = [name for name, levels in OUTSIDERS.items() if level not in levels]
    assert fields
    assert names
    with offering.database.reading() as session:
        number = last_change(session)
    before = answers(offering, need_id, names)
    for step in range(max(len(VALUES[field]) for field in fields)):
        values = {field: VALUES[field][min(step, len(VALUES[field]) - 1)] for field in fields}
        change(offering, need_id, values)
        assert answers(offering, need_id, names) == before, values
    with offering.database.reading() as session:
        assert last_change(session) == number


@pytest.mark.slow
@pytest.mark.parametrize("field", ["text", "budget_wan", "must", "kinds"])
def test_no_byte_depends_on_one_hidden_field(offering: People, need_id: str, field: str) -> None:  # noqa: F811
    """As above with the others as they were, in whose noise it might be lost."""
    names = ["anonymous", "operator"]
    before = answers(offering, need_id, names)
    for value in VALUES[field]:
        change(offering, need_id, {field: value})
        assert answers(offering, need_id, names) == before, value


@pytest.mark.slow
def test_no_byte_depends_on_talks_versions_consents_or_the_last_day(offering: People, need_id: str) -> None:  # noqa: F811
    names = ["anonymous", "operator", "broker"]
    before = answers(offering, need_id, names)
    for act in (
        lambda: offering.requester.post(f"/v1/needs/{need_id}/talks"),
        lambda: offering.requester.put(f"/v1/needs/{need_id}/consents/{offering.orgs['other_org']}"),
        lambda: change(offering, need_id, {"expires_on": None}),
        lambda: offering.requester.post(f"/v1/needs/{need_id}/publication"),
        lambda: offering.requester.post(f"/v1/needs/{need_id}/matches"),
        lambda: offering.admin.get(f"/v1/needs/{need_id}"),
    ):
        act()
        assert answers(offering, need_id, names) == before


@pytest.mark.slow
def test_a_hidden_need_is_like_none(offering: People, need_id: str) -> None:  # noqa: F811
    """Answers with a draft, an unlisted and a closed need in the database are those without them."""
    names = ["anonymous", "operator", "other_requester"]
    before = answers(offering, need_id, names)
    extra = []
    for more in ({"state": "draft", "listed": True}, {"state": "published"}):
        visibility = dict.fromkeys(FIELDS, "public")
        response = offering.requester.post("/v1/needs", json={**CONTENT, **more, "visibility": visibility})
        extra.append(response.json()["id"])
    assert answers(offering, need_id, names) == before
    for name in names:
        client = getattr(offering, name)
        missing = dict(asked(client, "need-" + "0" * 32))
        for hidden in extra:
            found = dict(asked(client, hidden))
            for (what, said), wanted in zip(found.items(), missing.values(), strict=True):
                assert said == wanted.replace(b"need-" + b"0" * 32, hidden.encode()), (name, what)


def test_the_logs_hold_no_content(offering: People, need_id: str, caplog: pytest.LogCaptureFixture) -> None:  # noqa: F811
    with caplog.at_level(logging.DEBUG):
        change(offering, need_id, {"text": "绝密配方一号", "title": "绝密标题", "budget_wan": 123456})
        offering.requester.patch(f"/v1/needs/{need_id}", json={"text": "绝密配方二号"}, headers={"If-Match": '"1"'})
        offering.requester.post("/v1/needs", json={"text": "绝密配方三号", "budget_wan": -1})
        offering.requester.post(f"/v1/needs/{need_id}/matches")
        dict(asked(offering.operator, need_id))
    said = caplog.text
    assert need_id in said
    assert "绝密" not in said
    assert "123456" not in said
