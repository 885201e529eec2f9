"""/v1/needs: kept, read, changed, opened and closed over HTTP, on each kind of database."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.answers import MatchesAnswer
from api.need_answers import BoardAnswer, ConsentsAnswer, OwnNeedAnswer, OwnNeedsAnswer, SeenNeedAnswer
from api.validation import OPENAPI_HINT
from matcher.catalogue.audit import read_audit
from matcher.catalogue.needs.content import FIELDS
from tests.api.people import People, people  # noqa: F401
from tests.databases import database  # noqa: F401

BODY: dict[str, Any] = {
    "title": "酶制剂放大",
    "text": "需要500 L以上发酵罐,有GMP车间",
    "industry": ["生物制造"],
    "province": "广东省",
    "kinds": ["platform"],
    "parameters": [{"name": "发酵罐容积", "min": 500, "unit": "L"}],
    "certificates": ["GMP"],
    "must": ["GMP"],
    "without": ["quantity:500 L"],
    "budget_wan": 200,
}
OPEN = {
    "state": "published",
    "listed": True,
    "visibility": {"industry": "public", "province": "signed_in", "budget_wan": "chosen"},
}


def keep(client: TestClient, **more: Any) -> dict[str, Any]:
    response = client.post("/v1/needs", json={**BODY, **more})
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    OwnNeedAnswer.model_validate(made)
    assert response.headers["ETag"] == f'"{made["version"]}"'
    assert response.headers["Location"] == f"/v1/needs/{made['id']}"
    return made


def seen(version: int = 1) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}


def fault(response: Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    return error


def test_a_draft_is_kept_with_everything_closed(people: People) -> None:  # noqa: F811
    made = keep(people.requester)
    assert made["state"] == "draft"
    assert made["fields"] == {**BODY, "parameters": [{"name": "发酵罐容积", "min": 500, "max": None, "unit": "L"}]}
    assert set(made["visibility"]) == set(FIELDS)
    assert set(made["visibility"].values()) == {"private"}
    assert not made["listed"]
    again = people.requester.get(f"/v1/needs/{made['id']}")
    assert again.json() == made
    assert again.headers["ETag"] == '"1"'
    for client in (people.anonymous, people.other_requester, people.operator, people.broker):
        assert fault(client.get(f"/v1/needs/{made['id']}"), 404)["field"] == "need_id"


def test_who_may_keep_needs(people: People) -> None:  # noqa: F811
    assert fault(people.anonymous.post("/v1/needs", json=BODY), 401)
    assert fault(people.operator.post("/v1/needs", json=BODY), 403)
    assert keep(people.broker)["state"] == "draft"
    assert fault(people.key("requester", "read").post("/v1/needs", json=BODY), 403)
    assert people.key("requester", "needs").post("/v1/needs", json=BODY).status_code == 201


def test_outsiders_see_what_is_open_without_version(people: People) -> None:  # noqa: F811
    made = keep(people.requester, **OPEN)
    url = f"/v1/needs/{made['id']}"
    fields = {}
    for name in ("anonymous", "operator", "broker", "other_requester"):
        response = getattr(people, name).get(url)
        SeenNeedAnswer.model_validate(response.json())
        assert "etag" not in response.headers
        assert {"version", "state", "updated_at", "visibility"}.isdisjoint(response.json())
        fields[name] = response.json()["fields"]
    assert fields.pop("anonymous") == {"industry": ["生物制造"]}
    assert list(fields.values()) == [{"industry": ["生物制造"], "province": "广东省"}] * 3
    assert people.anonymous.get(url).json()["abstract"] == "生物制造行业的中试需求"
    hidden = people.anonymous.get(url).json()["hidden"]
    assert {"field": "budget_wan", "name": "预算"} in hidden
    assert len(hidden) == len(FIELDS) - 1


def test_consent_over_http(people: People) -> None:  # noqa: F811
    made = keep(people.requester, **OPEN)
    url, org = f"/v1/needs/{made['id']}", people.orgs["org"]
    assert "budget_wan" not in people.operator.get(url).json()["fields"]
    given = people.requester.put(f"{url}/consents/{org}")
    assert given.json()["organisation"] == "东莞中试基地"
    assert people.operator.get(url).json()["fields"]["budget_wan"] == 200
    assert "budget_wan" not in people.other_operator.get(url).json()["fields"]
    found = people.requester.get(f"{url}/consents").json()
    ConsentsAnswer.model_validate(found)
    assert [one["organisation_id"] for one in found["consents"]] == [org]
    assert fault(people.operator.get(f"{url}/consents"), 403)
    assert fault(people.requester.put(f"{url}/consents/org-none"), 404)["field"] == "organisation_id"
    assert fault(people.operator.put(f"{url}/consents/{people.orgs['org']}"), 403)
    assert people.requester.delete(f"{url}/consents/{org}").status_code == 204
    assert fault(people.requester.delete(f"{url}/consents/{org}"), 404)
    assert "budget_wan" not in people.operator.get(url).json()["fields"]


def test_how_others_would_read_a_need_is_told_to_its_owner_before_it_is_open(people: People) -> None:  # noqa: F811
    made = keep(people.requester, **{**OPEN, "state": "draft"})
    url = f"/v1/needs/{made['id']}/outside"
    found = {to: people.requester.get(url, params={"to": to}).json() for to in ("stranger", "signed_in", "consented")}
    for one in found.values():
        SeenNeedAnswer.model_validate(one)
    assert [set(one["fields"]) for one in found.values()] == [
        {"industry"},
        {"industry", "province"},
        {"industry", "province", "budget_wan"},
    ]
    published = keep(people.requester, **OPEN)
    assert (
        people.anonymous.get(f"/v1/needs/{published['id']}").json()["fields"]
        == people.requester.get(f"/v1/needs/{published['id']}/outside").json()["fields"]
    )
    assert fault(people.operator.get(url), 404)
    assert fault(people.requester.get(url, params={"to": "owner"}), 422)["field"] == "to"


def test_an_admin_reads_all_and_it_is_written_down(people: People) -> None:  # noqa: F811
    made = keep(people.requester)
    assert people.admin.get(f"/v1/needs/{made['id']}").json() == made
    listed = people.admin.get("/v1/needs", params={"everyone": True}).json()
    assert listed["needs"] == [made]
    assert people.admin.get("/v1/needs").json()["total"] == 0
    assert people.admin.get(f"/v1/needs/{made['id']}/consents").json() == {"consents": []}
    with people.database.reading() as session:
        acts = [(one.action, one.about_id) for one in read_audit(session, user_id=people.ids["admin"])]
    reads = [("need.read", made["id"]), ("need.list", "*"), ("need.read", made["id"])]
    assert [one for one in acts if one[0].startswith("need.")] == reads
    assert fault(people.requester.get("/v1/needs", params={"everyone": True}), 403)


def test_lists_of_ones_own(people: People) -> None:  # noqa: F811
    made = [keep(people.requester), keep(people.requester, **OPEN)]
    keep(people.other_requester)
    answer = people.requester.get("/v1/needs", params={"sort": "created"}).json()
    OwnNeedsAnswer.model_validate(answer)
    assert answer["needs"] == made
    assert (answer["total"], answer["states"]["draft"], answer["states"]["published"]) == (2, 1, 1)
    assert people.requester.get("/v1/needs", params={"state": "draft"}).json()["needs"] == made[:1]
    assert len(people.requester.get("/v1/needs", params={"size": 1, "page": 2}).json()["needs"]) == 1
    assert fault(people.anonymous.get("/v1/needs"), 401)
    for params, field in (({"sort": "text"}, "sort"), ({"state": "open"}, "state"), ({"size": 101}, "size")):
        assert fault(people.requester.get("/v1/needs", params=params), 422)["field"] == field


def test_put_replaces_and_patch_changes_what_is_given(people: People) -> None:  # noqa: F811
    made = keep(people.requester, abstract="旧摘要")
    url = f"/v1/needs/{made['id']}"
    patched = people.requester.patch(url, json={"budget_wan": None, "city": "东莞市"}, headers=seen()).json()
    assert patched["fields"] == {
        **{name: value for name, value in made["fields"].items() if name != "budget_wan"},
        "city": "东莞市",
    }
    assert (patched["abstract"], patched["version"]) == ("旧摘要", 2)
    put = people.requester.put(url, json={"text": "膜分离"}, headers=seen(2))
    assert put.json()["fields"] == {"text": "膜分离"}
    assert put.json()["abstract"] is None
    assert put.headers["ETag"] == '"3"'
    assert people.requester.patch(url, json={"abstract": "新"}, headers=seen(3)).json()["abstract"] == "新"


@pytest.mark.parametrize("path", ["", "/visibility"])
def test_two_editors(people: People, path: str) -> None:  # noqa: F811
    made = keep(people.requester)
    url = f"/v1/needs/{made['id']}{path}"
    body: dict[str, Any] = {} if path else {"text": "甲"}
    assert people.requester.put(url, json=body, headers=seen()).status_code == 200
    assert fault(people.requester.put(url, json=body, headers=seen()), 412)["hint"]
    assert fault(people.requester.put(url, json=body), 422)["field"] == "If-Match"
    assert fault(people.requester.put(url, json=body, headers={"If-Match": "x"}), 422)["field"] == "If-Match"
    assert people.requester.get(f"/v1/needs/{made['id']}").json()["version"] == 2


def test_others_neither_change_nor_delete(people: People) -> None:  # noqa: F811
    listed, private = keep(people.requester, **OPEN), keep(people.requester)
    for client, status, missing in (
        (people.anonymous, 401, 401),
        (people.other_requester, 403, 404),
        (people.operator, 403, 404),
    ):
        for need, wanted in ((listed, status), (private, missing)):
            url = f"/v1/needs/{need['id']}"
            fault(client.put(url, json={"text": "甲"}, headers=seen()), wanted)
            fault(client.put(f"{url}/visibility", json={}, headers=seen()), wanted)
            fault(client.patch(url, json={}, headers=seen()), wanted)
            fault(client.delete(url, headers=seen()), wanted)
            fault(client.post(f"{url}/closing"), wanted)
            fault(client.post(f"{url}/matches"), wanted)


def test_deleting(people: People) -> None:  # noqa: F811
    made = keep(people.requester, **OPEN)
    url = f"/v1/needs/{made['id']}"
    assert fault(people.requester.delete(url), 422)["field"] == "If-Match"
    assert fault(people.requester.delete(url, headers=seen(2)), 412)
    response = people.requester.delete(url, headers=seen())
    assert (response.status_code, response.content) == (204, b"")
    assert fault(people.requester.get(url), 404)
    assert people.anonymous.get("/v1/needs/board").json()["total"] == 0


def test_opening_fields(people: People) -> None:  # noqa: F811
    made = keep(people.requester, state="published")
    url = f"/v1/needs/{made['id']}/visibility"
    opened = people.requester.put(
        url, json={"visibility": {"industry": "public", "text": "private"}, "listed": True}, headers=seen()
    ).json()
    assert (opened["visibility"]["industry"], opened["visibility"]["text"]) == ("public", "private")
    assert people.anonymous.get("/v1/needs/board").json()["needs"][0]["fields"] == {"industry": ["生物制造"]}
    for visibility, field in (({"colour": "public"}, "visibility.colour"), ({"text": "friends"}, "visibility.text")):
        refused = people.requester.put(url, json={"visibility": visibility}, headers=seen(2))
        assert fault(refused, 422)["field"] == field
    assert fault(people.requester.put(url, json={"listed": "yes"}, headers=seen(2)), 422)["field"] == "listed"
    assert people.requester.put(url, json={}, headers=seen(2)).json()["listed"] is False
    assert fault(people.anonymous.get(f"/v1/needs/{made['id']}"), 404)


def test_the_wall(people: People) -> None:  # noqa: F811
    first, second = keep(people.requester, **OPEN), keep(people.broker, **OPEN, abstract="找一家膜分离平台")
    keep(people.requester)
    answer = people.anonymous.get("/v1/needs/board").json()
    BoardAnswer.model_validate(answer)
    assert [one["id"] for one in answer["needs"]] == [second["id"], first["id"]]
    assert answer["facets"] == {"industry": {"生物制造": 2}, "province": {}, "kind": {}}
    signed_in = people.operator.get("/v1/needs/board", params={"province": "广东"}).json()
    assert (signed_in["total"], signed_in["facets"]["province"]) == (2, {"广东省": 2})
    assert people.anonymous.get("/v1/needs/board", params={"province": "广东"}).json()["total"] == 0
    assert people.anonymous.get("/v1/needs/board", params={"q": "膜分离"}).json()["total"] == 1
    assert people.anonymous.get("/v1/needs/board", params={"q": "发酵罐"}).json()["total"] == 0
    assert people.anonymous.get("/v1/needs/board", params={"q": "%' OR 1=1"}).json()["total"] == 0
    assert len(people.anonymous.get("/v1/needs/board", params={"size": 1, "page": 2}).json()["needs"]) == 1
    for params, field in (({"kind": "case"}, "kind"), ({"page": 0}, "page"), ({"colour": 1}, "colour")):
        assert fault(people.anonymous.get("/v1/needs/board", params=params), 422)["field"] == field
    assert fault(people.anonymous.get("/v1/needs/board", params={"q": "\x00"}), 422)


def test_matches_of_a_stored_need_are_the_owners(people: People) -> None:  # noqa: F811
    made = keep(people.requester)
    response = people.requester.post(f"/v1/needs/{made['id']}/matches", params={"top": 3})
    MatchesAnswer.model_validate(response.json())
    assert response.json()["need"]["text"] == "酶制剂放大。需要500 L以上发酵罐,有GMP车间"
    assert fault(people.requester.post(f"/v1/needs/{made['id']}/matches", params={"top": 0}), 422)["field"] == "top"
    assert people.admin.post(f"/v1/needs/{made['id']}/matches").status_code == 200
    with people.database.reading() as session:
        assert len(read_audit(session, action="need.read", user_id=people.ids["admin"])) == 1


def test_a_repeated_post_makes_one_need(people: People) -> None:  # noqa: F811
    headers = {"Idempotency-Key": "need-1"}
    first = people.requester.post("/v1/needs", json=BODY, headers=headers)
    again = people.requester.post("/v1/needs", json=BODY, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert people.requester.get("/v1/needs").json()["total"] == 1
    assert fault(people.requester.post("/v1/needs", json={**BODY, "title": "别的"}, headers=headers), 409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"kinds": ["platform"]}, "text"),
        ({"text": "放大", "top": 5}, "top"),
        ({"text": "放大", "visability": {}}, "visability"),
        ({"text": "放大", "visibility": {"colour": "public"}}, "visibility.colour"),
        ({"text": "放大", "visibility": {"text": "everybody"}}, "visibility.text"),
        ({"text": "放大", "visibility": []}, "visibility"),
        ({"text": "放大\x00"}, "text"),
        ({"text": "放大", "title": "甲\x00"}, "title"),
        ({"text": "放大", "abstract": "甲\x00"}, "abstract"),
        ({"text": "放大", "abstract": "甲" * 501}, "abstract"),
        ({"text": "放" * 20_001}, "text"),
        ({"text": "放大", "title": "大" * 10_000}, "title"),
        ({"text": "放大", "expires_on": "明天"}, "expires_on"),
        ({"text": "放大", "expires_on": "2020-01-01"}, "expires_on"),
        ({"text": "放大", "expires_on": "9999-12-31"}, "expires_on"),
        ({"text": "放大", "expires_on": 20261122}, "expires_on"),
        ({"text": "放大", "state": "matched"}, "state"),
        ({"text": "放大", "parameters": [{"name": "容积", "min": 5, "max": 1}]}, "parameters[0]"),
        ({"text": "放大", "budget_wan": -1}, "budget_wan"),
        ({"text": "放大", "state": "published", "certificates": ["没有这个证书"]}, "certificates[0]"),
        ({"text": "放大", "state": "published", "must": ["没有这个词"]}, "must[0]"),
        ({"text": "……", "state": "published"}, "text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bodies_that_are_refused(people: People, body: dict[str, Any], field: str) -> None:  # noqa: F811
    error = fault(people.requester.post("/v1/needs", json=body), 422)
    assert error["field"] == field
    assert people.requester.get("/v1/needs").json()["total"] == 0


def test_an_open_need_stays_readable(people: People) -> None:  # noqa: F811
    made = keep(people.requester, **OPEN)
    url = f"/v1/needs/{made['id']}"
    for ask in (people.requester.put, people.requester.patch):
        body = {"text": "放大", "certificates": ["没有这个证书"]}
        assert fault(ask(url, json=body, headers=seen()), 422)["field"] == "certificates[0]"
    draft = keep(people.requester, certificates=["没有这个证书"])
    assert fault(people.requester.post(f"/v1/needs/{draft['id']}/publication"), 422)["field"] == "certificates[0]"


@pytest.mark.parametrize(
    "odd", ["<script>alert(1)</script>", "'; DROP TABLE needs; --", '"; SELECT pg_sleep(9)', "${7*7}"]
)
def test_markup_and_sql_are_words(people: People, odd: str) -> None:  # noqa: F811
    fields = {"title": odd, "text": odd, "industry": [odd], "province": odd, "city": odd, "deadline": odd}
    visibility = dict.fromkeys(fields, "public")
    made = keep(people.requester, **fields, abstract=odd, listed=True, visibility=visibility)
    assert all(made["fields"][name] == value for name, value in fields.items())
    response = people.requester.get(f"/v1/needs/{made['id']}")
    assert response.json()["abstract"] == odd
    assert response.headers["content-type"] == "application/json"


def test_addresses_that_nothing_lives_at(people: People) -> None:  # noqa: F811
    for need_id in ("need-none", "%00", "x" * 300, "..%2Fneeds", "'%20OR%201=1"):
        assert fault(people.requester.get(f"/v1/needs/{need_id}"), 404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("url", "body", "meant"),
    [
        ("/v1/needs", {"text": "发酵", "abstracts": "x"}, "abstract"),
        ("/v1/needs", {"text": "发酵", "visibilty": {}}, "visibility"),
        ("/v1/needs", {"text": "发酵", "verified_onn": "x"}, None),
        ("/v1/webhooks", {"url": "https://a.cn/", "topics": ["feed"], "aftr": 1}, "after"),
    ],
)
def test_of_an_unknown_field_it_is_told_which_of_this_request_was_meant(
    people: People,  # noqa: F811
    url: str,
    body: dict[str, Any],
    meant: str | None,
) -> None:
    refused = people.requester.post(url, json=body)
    assert refused.status_code == 422
    assert refused.json()["error"]["hint"] == (f"是否想写 {meant}?" if meant else OPENAPI_HINT)
