"""Many requests at once: everybody is answered soon, on each kind of database, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from matcher.catalogue.database import POOL_SECONDS, Database
from tests.api.people import People, app_over
from tests.api.people import people as people
from tests.databases import BACKENDS, fresh_url
from tests.databases import database as database

#: More than twice as many as there are threads.
CROWD: Final = 90
#: They take one to five on a machine that has nothing else to do; when they stood in each other's way, 30 to 60.
SOON: Final = 20
NEED: Final = {"text": "酶制剂发酵放大"}
Asked = tuple[str, str, Any]


def asked_at_once(people: People, *requests: Asked) -> tuple[Counter[int], float]:
    """Statuses of requests that the requester sends at once, in turn until there is a crowd; seconds to the last."""
    headers = {"X-CSRF-Token": people.requester.headers["X-CSRF-Token"]}
    cookies = dict(people.requester.cookies)

    async def all_of_them() -> list[httpx2.Response]:
        # One event loop for all of them, as in a server: it is its threads that they share.
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(people.app), base_url="http://testserver", cookies=cookies, headers=headers
        ) as client:
            turns = [requests[number % len(requests)] for number in range(CROWD)]
            return await asyncio.gather(*(client.request(how, path, json=body) for how, path, body in turns))

    began = time.monotonic()
    answers = asyncio.run(all_of_them())
    return Counter(one.status_code for one in answers), time.monotonic() - began


class TestCrowds:
    def test_readers(self, people: People) -> None:
        paths = ("/v1/needs", "/v1/account", "/v1/listings", "/v1/searches", "/v1/messages")
        statuses, seconds = asked_at_once(people, *(("GET", path, None) for path in paths))
        assert statuses == {200: CROWD}
        assert seconds < SOON

    def test_readers_of_pages(self, people: People) -> None:
        paths = ("/desk/needs", "/account", "/listings", "/desk", "/listings/XX-404")
        statuses, seconds = asked_at_once(people, *(("GET", path, None) for path in paths))
        assert statuses == {200: CROWD * 4 // 5, 404: CROWD // 5}
        assert seconds < SOON

    def test_readers_and_writers(self, people: People) -> None:
        statuses, seconds = asked_at_once(people, ("POST", "/v1/needs", NEED), ("GET", "/v1/needs", None))
        assert statuses == {201: CROWD // 2, 200: CROWD // 2}
        assert seconds < SOON


@pytest.mark.parametrize("backend", BACKENDS)
class TestNoConnectionLeft:
    @pytest.fixture
    def crowded(self, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[People]:
        """With three connections for everybody, and no patience."""
        monkeypatch.setattr("matcher.catalogue.database.POOL", 3)
        monkeypatch.setattr("matcher.catalogue.database.OVERFLOW", 0)
        monkeypatch.setattr("matcher.catalogue.database.POOL_SECONDS", 0.2)
        database = Database(fresh_url(backend, tmp_path))
        database.migrate()
        yield People(app_over(database, tmp_path), database)
        database.dispose()

    def test_who_gets_none_is_told_to_come_back(self, crowded: People) -> None:
        assert crowded.requester.get("/account").status_code == 200  # signed in before
        held = [crowded.database.engine.connect() for _ in range(3)]
        for path in ("/v1/account", "/account", "/desk/needs", "/nowhere"):
            began = time.monotonic()
            answer = crowded.requester.get(path)
            assert time.monotonic() - began < POOL_SECONDS
            assert answer.status_code == (404 if path == "/nowhere" else 503), path
            assert ("retry-after" in answer.headers) == (answer.status_code == 503)
        assert crowded.requester.get("/v1/account").json()["error"]["code"] == "unavailable"
        for one in held:
            one.close()
        assert crowded.requester.get("/account").status_code == 200

    def test_a_session_that_has_asked_nothing_holds_none(self, crowded: People) -> None:
        database = crowded.database
        with database.reading(), database.reading(), database.session(), database.reading():
            assert crowded.requester.get("/v1/account").status_code == 200
