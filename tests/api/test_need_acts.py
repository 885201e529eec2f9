"""POST /v1/needs/{id}/…: publication, talks, match, closing, re-opening."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.need_answers import OwnNeedAnswer
from matcher.today import today
from tests.api.people import People, people  # noqa: F401
from tests.api.test_needs import OPEN, fault, keep, seen
from tests.databases import database  # noqa: F401

ACTS = ("publication", "talks", "match", "closing", "reopening")


def act(people: People, need: dict[str, Any], name: str, status: int = 200, **more: Any) -> dict[str, Any]:  # noqa: F811
    response = people.requester.post(f"/v1/needs/{need['id']}/{name}", **more)
    assert response.status_code == status, response.text
    answer: dict[str, Any] = response.json()
    if status == 200:
        OwnNeedAnswer.model_validate(answer)
        assert response.headers["ETag"] == f'"{answer["version"]}"'
    return answer


def test_a_whole_life(people: People) -> None:  # noqa: F811
    need = keep(people.requester, listed=True)
    states = [act(people, need, name)["state"] for name in ("publication", "talks", "publication", "talks", "match")]
    assert states == ["published", "in_talks", "published", "in_talks", "matched"]
    assert people.anonymous.get("/v1/needs/board").json()["total"] == 0
    assert act(people, need, "reopening")["state"] == "published"
    assert people.anonymous.get("/v1/needs/board").json()["total"] == 1
    assert act(people, need, "closing")["state"] == "closed"


def test_publishing_twice(people: People) -> None:  # noqa: F811
    need = keep(people.requester)
    act(people, need, "publication")
    error = act(people, need, "publication", 409)["error"]
    assert error["code"] == "conflict"
    assert "转入洽谈" in error["hint"]


def test_if_match_is_heeded_where_it_is_given(people: People) -> None:  # noqa: F811
    need = keep(people.requester)
    act(people, need, "publication", 412, headers=seen(7))
    act(people, need, "publication", 200, headers=seen(1))
    for name in ("talks", "match", "closing"):
        act(people, need, name, 412, headers=seen(1))
    act(people, need, "closing", 422, headers={"If-Match": "x"})


def test_how_long_it_stands_open(people: People) -> None:  # noqa: F811
    need = keep(people.requester)
    day = (today() + timedelta(days=30)).isoformat()
    assert act(people, need, "publication", json={"expires_on": day})["expires_on"] == day
    act(people, need, "closing")
    assert act(people, need, "reopening", json={})["expires_on"] == (today() + timedelta(days=180)).isoformat()
    act(people, need, "closing")
    for body, field in (({"expires_on": "2020-01-01"}, "expires_on"), ({"until": day}, "until")):
        assert act(people, need, "reopening", 422, json=body)["error"]["field"] == field


def test_an_expired_need(people: People, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    need = keep(people.requester, **OPEN, expires_on=today().isoformat())
    url = f"/v1/needs/{need['id']}"
    assert people.anonymous.get(url).status_code == 200
    monkeypatch.setattr("matcher.today.now", lambda: datetime.now(UTC) + timedelta(days=1))
    assert fault(people.anonymous.get(url), 404)
    assert people.anonymous.get("/v1/needs/board").json()["total"] == 0
    assert "过期" in act(people, need, "talks", 409)["error"]["message"]
    assert fault(people.requester.put(f"{url}/consents/{people.orgs['org']}"), 409)
    assert people.requester.get(url).status_code == 200
    act(people, need, "reopening")
    assert people.anonymous.get(url).status_code == 200


@pytest.mark.parametrize("name", ACTS)
def test_who_may_act(people: People, name: str) -> None:  # noqa: F811
    listed, private = keep(people.requester, **OPEN), keep(people.requester)
    for client, statuses in (
        (people.anonymous, (401, 401)),
        (people.operator, (403, 404)),
        (people.other_requester, (403, 404)),
        (people.broker, (403, 404)),
        (people.key("requester", "read"), (403, 403)),
    ):
        for need, status in zip((listed, private), statuses, strict=True):
            fault(client.post(f"/v1/needs/{need['id']}/{name}"), status)
    assert people.requester.get(f"/v1/needs/{listed['id']}").json()["version"] == 1


def test_admins_close_what_others_published(people: People) -> None:  # noqa: F811
    need = keep(people.requester, **OPEN)
    assert people.admin.post(f"/v1/needs/{need['id']}/closing").json()["state"] == "closed"
    assert fault(people.admin.post(f"/v1/needs/{need['id']}/reopening"), 403)
    assert fault(people.admin.post(f"/v1/needs/{keep(people.requester)['id']}/publication"), 403)
