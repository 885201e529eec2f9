"""Publishing while others ask: every answer is of one profile throughout, and of two who publish at once one does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.ledger import entries, verify
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import history, publish, published
from matcher.catalogue.tables.base import new_key
from matcher.catalogue.tables.governance import GateRow
from matcher.ranking.documents import Document
from matcher.ranking.rules import Rule
from tests.api.people import People
from tests.api.test_matches_by_profile import Portal
from tests.matcher.evaluation.small_judged import CONTRARY
from tests.matcher.small import PROFILE

NEED = {"text": "500 L发酵罐中试放大", "top": 8}
SWITCHES, ASKING = 100, 4
PIN = Rule("r", "pin", "PF-4", "示范", "王工", "2099-12-31")
#: What may be published: they differ in weights, words and rules, each of which is another part of the matcher.
DOCUMENTS = (
    Document(PROFILE),
    Document(CONTRARY),
    Document(replace(PROFILE, weights=PROFILE.weights | {"words": 90.0}), added=(("放大", "流片"),)),
    Document(PROFILE, rules=(PIN,)),
)


@pytest.fixture
def portal(database: Database, tmp_path: Path) -> Iterator[Portal]:
    made = Portal(database, tmp_path)
    with TestClient(made.app):
        assert made.app.state.loading.wait(60)
        yield made


def store(portal: Portal) -> list[str]:
    """Ids of versions 1, 2, … of `city`; the first is published."""
    with portal.database.session() as session:
        ids = [create(session, CONSOLE, "city", one, "试一试").id for one in DOCUMENTS]
        publish(session, CONSOLE, ids[0], "首次")
    portal.app.state.committed()
    return ids


def told(answer: dict[str, Any]) -> tuple[str, list[tuple[str, float, str | None]], list[str]]:
    """The version, and all by which profiles can be told apart."""
    rows = [(one["listing"]["id"], one["score"], one["rule"]) for one in answer["matches"]]
    return answer["profile"]["version"], rows, answer["rules"]


@pytest.mark.slow
def test_an_answer_is_never_of_two_profiles(portal: Portal) -> None:
    people = People(portal.app, portal.database)
    ids = store(portal)
    wanted = {}
    for number, profile_id in enumerate(ids, 1):
        answer = people.admin.post("/v1/matches", json=NEED | {"profile": profile_id}).json()
        wanted[str(number)] = told(answer)
    assert len({str(one[1]) for one in wanted.values()}) == len(DOCUMENTS), "else a mixture would not show"
    done, found, failed = threading.Event(), [], []

    def ask() -> None:
        client = TestClient(portal.app)
        while not done.is_set():
            answer = client.post("/v1/matches", json=NEED)
            if answer.status_code == 200:
                found.append(told(answer.json()))
            else:
                failed.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(ASKING)]
    for thread in threads:
        thread.start()
    try:
        for number in range(SWITCHES):
            with portal.database.session() as session:
                publish(session, CONSOLE, ids[(number + 1) % len(ids)], "轮换")
            portal.app.state.committed()
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert [one for one in found if one != wanted[one[0]]] == []
    assert {one[0] for one in found} == set(wanted), "all of them were seen"
    with portal.database.reading() as session:
        assert len(history(session, SWITCHES + 9)) == SWITCHES + 1
        assert verify(entries(session)) == SWITCHES + 1


@pytest.mark.parametrize("same", [False, True])
def test_of_two_who_publish_at_once_one_does(portal: Portal, same: bool) -> None:
    people = People(portal.app, portal.database)
    ids = store(portal)
    wanted = [ids[1], ids[1] if same else ids[2]]
    with portal.database.session() as session:
        for profile_id in ids[1:3]:
            session.add(
                GateRow(id=new_key("gate"), profile_id=profile_id, against_id=ids[0], judgement_set="s",
                        verdict="passed", report={})
            )  # fmt: skip
    ready, answers = threading.Barrier(2), {}

    def press(place: int) -> None:
        client = people.signed_in("admin")
        ready.wait()
        answers[place] = client.post(f"/v1/profiles/{wanted[place]}/publication", json={"reason": "更好"})

    threads = [threading.Thread(target=press, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.status_code for one in answers.values()) == [201, 409], [one.text for one in answers.values()]
    winner: Response = next(one for one in answers.values() if one.status_code == 201)
    with portal.database.reading() as session:
        now = published(session)
        assert now is not None
        assert now.id == winner.json()["profile_id"]
        assert len(history(session)) == 2
        assert verify(entries(session)) == 2
    assert portal.match(people.anonymous)["profile"]["version"] == str(now.version)
