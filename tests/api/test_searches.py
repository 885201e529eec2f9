"""`/v1/searches` over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.search_bodies import SearchAnswer, SearchesAnswer
from api.validation import OPENAPI_HINT
from matcher.catalogue.database import Database
from tests.api.people import People, app_over

URL = "/v1/searches"
NEED = {"text": "需要500 L发酵罐", "must": ["GMP"], "without": ["quantity:500 L"]}


def test_a_search_is_kept_read_and_sent_to_matching(people: People) -> None:
    made = people.anonymous.post(URL, json={"need": NEED})
    assert made.status_code == 201
    SearchAnswer.model_validate(made.json())
    assert made.headers["location"] == f"{URL}/{made.json()['id']}"
    found = people.anonymous.get(made.headers["location"]).json()
    assert found == made.json()
    assert found["kept_days"] == 30
    assert people.anonymous.post("/v1/matches", json=found["need"] | {"top": 1}).status_code == 200


def test_a_change_sets_what_is_given(people: People) -> None:
    made = people.requester.post(URL, json={"need": NEED}).json()
    path = f"{URL}/{made['id']}"
    changed = people.requester.patch(path, json={"title": "三季度", "saved": True}).json()
    assert (changed["title"], changed["saved"], changed["expires_at"]) == ("三季度", True, None)
    assert changed["need"] == made["need"]
    assert people.requester.patch(path, json={"need": {"text": "流片"}}).json()["need"] == {"text": "流片"}
    listed = people.requester.get(URL).json()
    SearchesAnswer.model_validate(listed)
    assert [one["id"] for one in listed["searches"]] == [made["id"]]
    assert people.requester.delete(path).status_code == 204
    assert people.requester.get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ({"name": "三季度"}, None),
        ({"titel": "三季度"}, "title"),
        ({"need": {"text": "流片", "titel": "x"}}, "title"),
        ({"need": {"text": "流片", "parameters": [{"name": "容积", "unitt": "L"}]}}, "unit"),
        ({"need": {"text": "流片", "parameters": [{"name": "容积", "titl": 1}]}}, None),
    ],
)
def test_a_hint_names_a_field_that_may_stand_there(people: People, body: dict[str, object], meant: str | None) -> None:
    made = people.requester.post(URL, json={"need": NEED}).json()
    refused = people.requester.patch(f"{URL}/{made['id']}", json=body)
    assert refused.status_code == 422
    assert refused.json()["error"]["message"].startswith("未知的字段")
    assert refused.json()["error"]["hint"] == (f"是否想写 {meant}?" if meant else OPENAPI_HINT)


def test_a_link_to_somebodys_search_tells_nothing_until_it_is_shared(people: People) -> None:
    made = people.requester.post(URL, json={"need": NEED}).json()
    path = f"{URL}/{made['id']}"
    hidden, nothing = people.anonymous.get(path), people.anonymous.get(f"{URL}/{'x' * 22}")
    assert hidden.status_code == nothing.status_code == 404
    assert hidden.json() == nothing.json()
    people.requester.patch(path, json={"shared": True})
    seen = people.other_requester.get(path).json()
    assert (seen["need"], seen["own"]) == (made["need"], False)
    assert people.other_requester.patch(path, json={"title": "x"}).status_code == 403


def test_sent_twice_is_kept_once(people: People) -> None:
    answers = [
        people.requester.post(URL, json={"need": NEED}, headers={"Idempotency-Key": "same"}).json() for _ in range(2)
    ]
    assert answers[0]["id"] == answers[1]["id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "need"),
        ({"need": {}}, "text"),
        ({"need": {"text": ""}}, "text"),
        ({"need": NEED, "saved": "yes"}, "saved"),
        ({"need": {"text": "x", "colour": 1}}, "need.colour"),
        ({"need": {"text": "x" * 30000}}, "need.text"),
    ],
)
def test_what_can_not_be_kept_is_refused(people: People, body: dict[str, object], field: str) -> None:
    refused = people.anonymous.post(URL, json=body)
    assert refused.status_code == 422
    assert refused.json()["error"]["field"] == field


def test_a_stranger_must_sign_in_to_save(people: People) -> None:
    assert people.anonymous.post(URL, json={"need": NEED, "saved": True}).status_code == 401


def test_looking_has_a_limit_of_its_own(database: Database, tmp_path: Path) -> None:
    with TestClient(app_over(database, tmp_path, match_rate=2)) as client:
        statuses = [client.post(URL, json={"need": NEED}).status_code for _ in range(3)]
        assert statuses == [201, 201, 429]
        assert client.post("/v1/matches", json={"text": "发酵"}).status_code == 200
