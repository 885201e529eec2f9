"""Requests that match and end without an answer are counted once, wherever they break."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.app import create_app
from api.counting import TALLY, CountedRequests
from api.portal.rendering import Page
from matcher.catalogue.database import Database
from matcher.catalogue.watching.counting import Counters
from matcher.catalogue.watching.flushing import flush
from matcher.errors import BrokenArtefact, InvalidInput, PilotMatchError, TooMany, Unavailable
from matcher.narrowing import Facets
from matcher.records import Matches, Need
from matcher.settings import Settings
from tests.api.people import People
from tests.api.stand_in import CharacterMatcher
from tests.databases import fresh_url
from tests.matcher.catalogue.watching.scene import answer
from tests.matcher.small import LISTINGS

TEXT = "发酵中试"
ONE_ERROR, ONE_ANSWER = {"errors": 1}, {"answers": 1}


class BreakingMatcher(CharacterMatcher):
    """Raises in the middle of a match, or when more is asked about its answer; both are None at first."""

    def __init__(self) -> None:
        super().__init__(LISTINGS)
        self.in_match: Exception | None = None
        self.after_match: Exception | None = None

    def match(self, need: Need, *, top: int) -> Matches:
        if self.in_match is not None:
            raise self.in_match
        return super().match(need, top=top)

    def facets(self, answer: Matches) -> Facets:
        if self.after_match is not None:
            raise self.after_match
        return super().facets(answer)


class Place:
    """An application over a matcher that can be made to break, with strangers in front of it."""

    def __init__(self, app: FastAPI, matcher: BreakingMatcher, database: Database) -> None:
        self.app, self.matcher, self.database = app, matcher, database
        self.client = TestClient(app, raise_server_exceptions=False)

    def match(self, **more: Any) -> int:
        return self.client.post("/v1/matches", json={"text": TEXT, "top": 3} | more).status_code

    def search(self) -> str:
        """The page of a new search, not loaded yet."""
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/design").text)
        assert token is not None
        form = {"text": TEXT, "csrf_token": token[1]}
        return self.client.post("/matches", data=form, follow_redirects=False).headers["location"]

    def counts(self) -> dict[str, int]:
        """What was counted since the last time, of whatever profile, without latencies."""
        counts: Counter[str] = Counter()
        for (_, _, _, what), count in self.app.state.counters.take().counts.items():
            if not what.startswith("ms:"):
                counts[what] += count
        return dict(counts)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    database = Database(fresh_url("sqlite", tmp_path))
    database.migrate()
    matcher = BreakingMatcher()
    values = {"sign_in_rate": 0, "match_rate": 0, "feedback_days": 0}
    settings = Settings(_env_file=None, data=tmp_path, database=database.url, **values)  # type: ignore[arg-type]
    app = create_app(settings, load=lambda: matcher)
    app.state.database = lambda: database
    app.state.loading.start()
    assert app.state.loading.wait(10)
    # A matcher that is given follows no database, and so has no profile in use.
    monkeypatch.setattr(app.state.serving, "ranking", lambda: ("city", "1"))
    yield Place(app, matcher, database)
    database.dispose()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ZeroDivisionError(), 500),
        (PilotMatchError("其他"), 500),
        (Unavailable("加载中"), 503),
        (BrokenArtefact("损坏"), 503),
    ],
)
@pytest.mark.parametrize("when", ["in_match", "after_match"])
def test_a_match_without_an_answer_is_one_error(place: Place, when: str, error: Exception, status: int) -> None:
    setattr(place.matcher, when, error)
    assert place.match(facets=True) == status
    assert place.counts() == ONE_ERROR


@pytest.mark.parametrize("error", [InvalidInput("must"), TooMany("太多")])
def test_what_the_requester_is_to_blame_for_is_no_error(place: Place, error: Exception) -> None:
    place.matcher.in_match = error
    assert 400 <= place.match() < 500
    assert place.counts() == {}


def test_each_request_counts_for_itself(place: Place) -> None:
    statuses = []
    for error in (None, KeyError("x"), None, KeyError("x"), KeyError("x")):
        place.matcher.after_match = error
        statuses.append(place.match(facets=True))
    assert statuses == [200, 500, 200, 500, 500]
    assert place.counts() == {"answers": 2, "errors": 3}


def test_another_part_of_an_answer_is_counted_only_where_it_breaks(place: Place) -> None:
    assert place.match(again=True, facets=True) == 200
    assert place.counts() == {}
    place.matcher.after_match = KeyError("x")
    assert place.match(again=True, facets=True) == 500
    assert place.counts() == ONE_ERROR


def test_who_breaks_without_a_match_is_not_counted_to_a_profile(place: Place) -> None:
    def breaks() -> None:
        raise ZeroDivisionError

    place.app.add_api_route("/v1/breaks", breaks)
    assert place.client.get("/v1/breaks").status_code == 500
    assert place.counts() == {}


def test_a_matcher_that_follows_nothing_has_an_account_only_where_it_answered(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place.app.state.serving, "ranking", lambda: None)
    place.matcher.after_match = KeyError("x")
    assert place.match(facets=True) == 500
    assert [key[0] for key in place.app.state.counters.take().counts] == ["characters"]
    place.matcher.in_match = KeyError("x")
    assert place.match() == 500
    assert place.counts() == {}


class TestPages:
    def test_a_page_of_matches_is_one_answer(self, place: Place) -> None:
        path = place.search()
        assert place.client.get(path).status_code == 200
        assert place.counts() == ONE_ANSWER

    @pytest.mark.parametrize("when", ["in_match", "after_match"])
    def test_a_page_whose_match_breaks_is_one_error(self, place: Place, when: str) -> None:
        path = place.search()
        setattr(place.matcher, when, ZeroDivisionError())
        assert place.client.get(path).status_code == 500
        assert place.counts() == ONE_ERROR

    def test_a_page_that_breaks_after_its_match_is_one_error(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = place.search()
        render = Page.render

        def broken(page: Page, template: str, status: int = 200, **values: Any) -> Response:
            if template == "matching/results.html":
                raise ZeroDivisionError
            return render(page, template, status, **values)

        monkeypatch.setattr(Page, "render", broken)
        assert place.client.get(path).status_code == 500
        assert place.counts() == ONE_ERROR

    def test_a_page_that_breaks_without_a_match_is_not_counted(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(page: Page, template: str, status: int = 200, **values: Any) -> Response:
            raise ZeroDivisionError

        monkeypatch.setattr(Page, "render", broken)
        assert place.client.get("/").status_code == 500
        assert place.counts() == {}


def test_errors_stand_in_the_figures_of_the_day(people: People) -> None:
    def broken(answer: Matches) -> Facets:
        raise ZeroDivisionError

    matcher = people.app.state.loading.matcher()
    assert people.anonymous.post("/v1/matches", json={"text": TEXT, "facets": True}).status_code == 200
    matcher.facets = broken
    assert people.anonymous.post("/v1/matches", json={"text": TEXT, "facets": True}).status_code == 500
    flush(people.database, people.app.state.counters)
    found = people.admin.get("/v1/figures", params={"days": 1}).json()["days"][0]["figures"]
    assert (found["answers"], found["errors"], found["errors_share"]) == (1, 1, 0.5)


def test_a_stored_need_is_counted_the_same_way(people: People) -> None:
    need = people.requester.post("/v1/needs", json={"text": "500 L 发酵罐中试"}).json()["id"]
    counters: Counters = people.app.state.counters
    counters.take()

    def broken(need: Need, *, top: int) -> Matches:
        raise ZeroDivisionError

    people.app.state.serving.ranking = lambda: ("city", "1")
    people.app.state.loading.matcher().match = broken
    assert people.requester.post(f"/v1/needs/{need}/matches").status_code == 500
    assert [(key[0], key[3], count) for key, count in counters.take().counts.items()] == [("city", "errors", 1)]


def edge(counters: Counters, after: Callable[[], None]) -> CountedRequests:
    """An application that matches, begins to answer 200, and then does something else."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope[TALLY].matched(answer, ("city", "1"))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        after()
        await send({"type": "http.response.body", "body": b""})

    return CountedRequests(app, counters)


def test_an_answer_that_breaks_off_is_an_error() -> None:
    def breaks_off() -> None:
        raise OSError

    counters = Counters()
    with pytest.raises(OSError):  # noqa: PT011 - nothing is said with it
        TestClient(edge(counters, breaks_off)).get("/")
    assert [key[3] for key in counters.take().counts] == ["errors"]


def test_an_answer_is_counted_when_it_has_gone_out() -> None:
    counters = Counters()
    assert TestClient(edge(counters, lambda: None)).get("/").status_code == 200
    assert "answers" in [key[3] for key in counters.take().counts]


def test_a_page_is_one_answer_however_often_it_is_loaded(place: Place) -> None:
    path = place.search()
    assert place.client.get(path).status_code == 200
    assert place.counts() == ONE_ANSWER
    for again in (path, f"{path}?kind=platform", f"{path}?page=2", f"{path}/report.xlsx", path):
        assert place.client.get(again).status_code == 200, again
    assert place.counts() == {}
    assert place.client.get(place.search()).status_code == 200
    assert place.counts() == ONE_ANSWER


def test_a_part_that_is_opened_first_takes_the_place_of_no_answer(place: Place) -> None:
    path = place.search()
    assert place.client.get(f"{path}?kind=platform").status_code == 200
    assert place.counts() == {}
    assert place.client.get(path).status_code == 200
    assert place.counts() == ONE_ANSWER


def test_a_page_that_failed_at_first_is_counted_when_it_is_there(place: Place) -> None:
    path = place.search()
    place.matcher.in_match = ZeroDivisionError()
    assert place.client.get(path).status_code == 500
    assert place.counts() == ONE_ERROR
    place.matcher.in_match = None
    assert place.client.get(path).status_code == 200
    assert place.counts() == ONE_ANSWER
