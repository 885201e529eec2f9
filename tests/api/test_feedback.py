"""Feedback over HTTP: given by anybody, once, about what was shown; and what operators see of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.feedback.store import REASONS, kept
from matcher.catalogue.listings.bulk import put_many
from matcher.feedback import lessons
from matcher.feedback.presenting import Presenter
from matcher.feedback.swaps import Swap
from matcher.today import today
from tests.api.people import People, app_over
from tests.matcher.catalogue.feedback.answers import answer as impression
from tests.matcher.catalogue.feedback.answers import put
from tests.matcher.small import LISTINGS

MATCH = {"text": "500 L 发酵罐中试放大", "top": 5}


class Portal:
    """Everybody in front of an application that keeps feedback."""

    def __init__(self, database: Database, folder: Path, **settings: Any) -> None:
        app = app_over(database, folder, **({"feedback_days": 30} | settings))
        # The database of the test, which the test closes.
        self.presenter = app.state.presenter = Presenter(app.state.settings, lambda: database)
        self.people = People(app, database)
        self.database = database
        with database.session() as session:
            put_many(session, LISTINGS, CONSOLE, organisation_id=self.people.orgs["org"])

    def match(self, client: TestClient | None = None, **fields: Any) -> dict[str, Any]:
        response = (client or self.people.anonymous).post("/v1/matches", json=MATCH | fields)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def tell(self, answer: dict[str, Any], place: int = 0, act: str = "opened", **fields: Any) -> Any:
        event = {"answer_id": answer["answer_id"], "listing_id": answer["matches"][place]["listing"]["id"], "act": act}
        return self.people.anonymous.post("/v1/feedback", json=event | fields)


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Iterator[Portal]:
    made = Portal(database, tmp_path)
    yield made
    made.presenter.stop()


class TestAnswers:
    def test_each_has_an_id_of_its_own_that_can_be_spoken_of_at_once(self, portal: Portal) -> None:
        one, other = portal.match(), portal.match()
        assert one["answer_id"].startswith("answer-")
        assert one["answer_id"] != other["answer_id"]
        assert "experiment" not in one
        response = portal.tell(one)
        assert (response.status_code, response.json()) == (200, {"received": 1, "stored": 1})
        with portal.database.reading() as session:
            found = {answer.id: answer.shown for answer in kept(session)}
        assert found[one["answer_id"]].listings == tuple(match["listing"]["id"] for match in one["matches"])
        assert found[one["answer_id"]].acts == {one["matches"][0]["listing"]["id"]: {"opened"}}

    def test_who_asks_for_a_deterministic_one_gets_no_id(self, portal: Portal) -> None:
        assert portal.match(deterministic=True)["answer_id"] is None
        response = portal.people.anonymous.post("/v1/matches", json=MATCH | {"deterministic": "yes"})
        assert (response.status_code, response.json()["error"]["field"]) == (422, "deterministic")

    def test_of_stored_needs_too(self, portal: Portal) -> None:
        made = portal.people.requester.post("/v1/needs", json={"text": "500 L 发酵罐中试放大"})
        assert made.status_code == 201, made.text
        answer = portal.people.requester.post(f"/v1/needs/{made.json()['id']}/matches").json()
        assert portal.tell(answer).json()["stored"] == 1

    def test_where_nothing_is_to_be_kept(self, database: Database, tmp_path: Path) -> None:
        portal = Portal(database, tmp_path, feedback_days=0)
        answer = portal.match()
        assert answer["answer_id"] is None
        response = portal.people.anonymous.post(
            "/v1/feedback", json={"answer_id": "answer-x", "listing_id": "PF-1", "act": "opened"}
        )
        assert response.status_code == 404
        with database.reading() as session:
            assert list(kept(session)) == []


class TestTelling:
    def test_the_same_again_changes_nothing(self, portal: Portal) -> None:
        answer = portal.match()
        assert [portal.tell(answer).json()["stored"] for _ in range(3)] == [1, 0, 0]

    def test_several_at_once_all_or_none(self, portal: Portal) -> None:
        answer = portal.match()
        ids = [match["listing"]["id"] for match in answer["matches"]]
        events = [
            {"answer_id": answer["answer_id"], "listing_id": ids[0], "act": "enquired"},
            {"answer_id": answer["answer_id"], "listing_id": ids[1], "act": "dismissed", "reason": "price"},
        ]
        wrong = [*events, {"answer_id": answer["answer_id"], "listing_id": "nowhere", "act": "opened"}]
        post = portal.people.anonymous.post
        assert post("/v1/feedback", json={"events": wrong}).status_code == 422
        assert post("/v1/feedback", json={"events": events}).json() == {"received": 2, "stored": 2}

    def test_unknown_answers_and_listings_that_were_not_shown(self, portal: Portal) -> None:
        answer = portal.match(top=2)
        shown = {match["listing"]["id"] for match in answer["matches"]}
        other = next(one.id for one in LISTINGS if one.id not in shown)
        for fields, status, field in (
            ({"answer_id": "answer-0"}, 404, "answer_id"),
            ({"listing_id": other}, 422, "listing_id"),
            ({"listing_id": "no-such-listing"}, 422, "listing_id"),
        ):
            response = portal.tell(answer, 0, "opened", **fields)
            assert (response.status_code, response.json()["error"]["field"]) == (status, field)

    def test_nothing_tells_whether_a_listing_is_hidden_by_now(self, portal: Portal) -> None:
        answer = portal.match(top=2)
        hidden, sight = (match["listing"]["id"] for match in answer["matches"])
        never = next(one.id for one in LISTINGS if one.id not in (hidden, sight))
        for one in (hidden, never):
            response = portal.people.admin.post(f"/v1/listings/{one}/hiding", json={"reason": "被投诉"})
            assert response.status_code == 200, response.text
            assert portal.people.anonymous.get(f"/v1/listings/{one}").status_code == 404
        told = [portal.tell(answer, place) for place in (0, 1)]
        assert [(one.status_code, one.json()) for one in told] == [(200, {"received": 1, "stored": 1})] * 2
        # One that did not stand there looks like one that never was.
        told = [portal.tell(answer, listing_id=one) for one in (never, "nowhere")]
        assert told[0].status_code == told[1].status_code == 422
        assert told[0].json() == told[1].json()

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"act": "liked"}, "act"),
            ({"act": None}, "act"),
            ({"reason": "price"}, "reason"),
            ({"act": "dismissed", "reason": "我叫王小明,电话 138"}, "reason"),
            ({"act": "dismissed", "reason": "x" * 31}, "reason"),
            ({"user": "王小明"}, "user"),
            ({"answer_id": ""}, "answer_id"),
            ({"answer_id": "x" * 65}, "answer_id"),
            ({"listing_id": "a\x00"}, "answer_id"),
        ],
    )
    def test_what_can_not_be_used(self, portal: Portal, fields: dict[str, Any], field: str) -> None:
        response = portal.tell(portal.match(), **fields)
        assert response.status_code == 422
        assert response.json()["error"]["field"].removeprefix("events[0].") == field

    @pytest.mark.parametrize("body", [{"events": []}, {"events": [{}] * 101}, {"events": "x"}, [], "x", {}])
    def test_bodies_that_are_none(self, portal: Portal, body: Any) -> None:
        assert portal.people.anonymous.post("/v1/feedback", json=body).status_code == 422

    @pytest.mark.parametrize(
        "body",
        [
            b'{"answer_id": "\\ud800", "listing_id": "a", "act": "opened"}',
            b'{"answer_id": "a", "listing_id": "\\ud800", "act": "opened"}',
            b'{"answer_id": "a", "listing_id": "b", "act": "opened", "\\ud800": 1}',
        ],
    )
    def test_half_a_character(self, portal: Portal, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        assert portal.people.anonymous.post("/v1/feedback", content=body, headers=headers).status_code == 422

    def test_every_reason_is_known(self, portal: Portal) -> None:
        for reason in REASONS:
            assert portal.tell(portal.match(top=1), act="dismissed", reason=reason).status_code == 200

    def test_not_without_end(self, database: Database, tmp_path: Path) -> None:
        portal = Portal(database, tmp_path, match_rate=3)
        answer = portal.match()
        assert [portal.tell(answer).status_code for _ in range(4)] == [200, 200, 200, 429]
        portal.presenter.stop()


class TestStatistics:
    def test_what_became_of_a_listing(self, portal: Portal) -> None:
        answer = portal.match()
        listing_id = answer["matches"][0]["listing"]["id"]
        portal.match()
        for act in ("opened", "enquired"):
            portal.tell(answer, act=act)
        portal.presenter.recorder.flush()
        url = f"/v1/listings/{listing_id}/statistics"
        found = portal.people.operator.get(url, params={"days": 3}).json()
        assert (found["listing_id"], found["by"], found["kept_days"]) == (listing_id, "day", 30)
        assert found["total"] == {
            "shown": 2, "opened": 1, "saved": 0, "enquired": 1, "contracted": 0, "completed": 0, "dismissed": 0,
        }  # fmt: skip
        assert len(found["periods"]) == 3
        assert found["periods"][-1] == found["total"] | {"start": today().isoformat()}
        assert found["periods"][0]["shown"] == 0
        weeks = portal.people.admin.get(url, params={"by": "week", "days": 30}).json()
        assert sum(one["shown"] for one in weeks["periods"]) == 2

    def test_is_nobody_else_s_business(self, portal: Portal) -> None:
        url = f"/v1/listings/{LISTINGS[0].id}/statistics"
        statuses = {name: getattr(portal.people, name).get(url).status_code for name in ("other_operator", "requester")}
        assert statuses == {"other_operator": 403, "requester": 403}
        assert portal.people.anonymous.get(url).status_code == 401
        assert portal.people.operator.get("/v1/listings/nowhere/statistics").status_code == 404

    @pytest.mark.parametrize("query", [{"by": "month"}, {"days": 0}, {"days": 401}, {"days": "x"}, {"from": "1"}])
    def test_questions_that_are_none(self, portal: Portal, query: dict[str, Any]) -> None:
        url = f"/v1/listings/{LISTINGS[0].id}/statistics"
        assert portal.people.operator.get(url, params=query).status_code == 422


class TestOfAll:
    def test_days_of_answers(self, portal: Portal) -> None:
        answers = [portal.match() for _ in range(4)]
        portal.tell(answers[0], act="enquired")
        portal.tell(answers[0], place=1, act="enquired")
        portal.tell(answers[1], act="opened")
        found = portal.people.admin.get("/v1/feedback/daily").json()
        assert found["since"] == (today() - timedelta(days=29)).isoformat()
        assert found["kept_days"] == 30
        (day,) = found["days"]
        assert (day["day"], day["answers"], day["enquiry_rate"]) == (today().isoformat(), 4, 0.25)
        assert (day["zero_share"], 0 <= day["nothing_fits_share"] <= 1) == (0.0, True)
        assert 0 < day["p50_ms"] <= day["p95_ms"]

    def test_days_from_one_on(self, portal: Portal) -> None:
        portal.tell(portal.match())
        since = today().isoformat()
        assert len(portal.people.admin.get("/v1/feedback/daily", params={"since": since}).json()["days"]) == 1

    @pytest.mark.parametrize("since", ["gestern", "2026-02-30", "1999-01-01", "2999-01-01"])
    def test_days_that_can_not_be_asked_for(self, portal: Portal, since: str) -> None:
        response = portal.people.admin.get("/v1/feedback/daily", params={"since": since})
        assert (response.status_code, response.json()["error"]["field"]) == (422, "since")

    def test_what_was_learnt_without_exchanges(self, portal: Portal) -> None:
        empty = portal.people.admin.get("/v1/feedback/report").json()
        assert (empty["answers"], empty["since"], empty["is_corrected"]) == (0, None, False)
        answer = portal.match()
        portal.tell(answer, act="opened")
        portal.tell(answer, act="enquired")
        put(portal.database, *(impression("abc") for _ in range(3)))
        found = portal.people.admin.get("/v1/feedback/report").json()
        assert (found["answers"], found["swapped"], found["propensities"]) == (4, 0, None)
        assert found["since"] <= today().isoformat()
        assert (found["acts"]["opened"], found["acts"]["enquired"], found["acts"]["saved"]) == (1, 1, 0)
        assert sum(found["grades"].values()) == 3, "what was shown three times"

    def test_what_was_learnt_with_exchanges(self, portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lessons, "LEAST_SWAPPED", 6)
        put(portal.database, *(impression("abcdef", swap=Swap(1 + number % 5, number % 2 == 0)) for number in range(6)))
        found = portal.people.admin.get("/v1/feedback/report").json()
        assert (found["swapped"], found["is_corrected"]) == (6, True)
        assert found["propensities"][0] == 1.0
        assert found["propensities"] == sorted(found["propensities"], reverse=True)
