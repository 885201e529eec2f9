"""What everybody may read: what the ranking uses, and the ledger, which they can verify."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from api.ranking import LedgerAnswer, RankingAnswer
from matcher.catalogue import ledger
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish
from matcher.errors import BrokenArtefact
from matcher.ranking.documents import Document
from matcher.ranking.features import FEATURES
from matcher.ranking.rules import Rule
from tests.api.people import People
from tests.matcher.small import PROFILE

PIN = Rule("r-1", "pin", "PF-1", "示范平台", "张三", "2999-12-31")
HIDE = Rule("r-2", "hide", "PF-2", "资质存疑", "李四", "2999-12-31")
OLD = Rule("r-3", "pin", "PF-3", "去年的活动", "王五", "2020-02-28")


def put(people: People, late: float, *rules: Rule) -> str:
    document = Document(replace(PROFILE, weights=PROFILE.weights | {"late": late}), rules=rules)
    with people.database.session() as session:
        stored = create(session, CONSOLE, "city", document, "试一试")
        publish(session, CONSOLE, stored.id, "上线")
    return stored.hash


def ranking(people: People) -> dict[str, Any]:
    response = people.anonymous.get("/v1/ranking")
    assert response.status_code == 200, response.text
    RankingAnswer.model_validate(response.json())
    answer: dict[str, Any] = response.json()
    return answer


class TestRanking:
    def test_weights_thresholds_rules_and_the_last_hash(self, people: People) -> None:
        digest = put(people, 9.5, PIN, HIDE, OLD)
        said = ranking(people)
        assert (said["profile"]["name"], said["profile"]["version"]) == ("city", "1")
        assert said["profile"]["document_hash"] == digest
        assert {one["name"]: one["value"] for one in said["weights"]} == PROFILE.weights | {"late": 9.5}
        assert len(said["thresholds"]) == 4
        assert (said["pins"], said["hides"]) == (1, 1)
        assert [(one["what_name"], one["reason"]) for one in said["rules"]] == [
            ("置顶", "示范平台"),
            ("屏蔽", "资质存疑"),
        ]
        with people.database.reading() as session:
            last = ledger.latest(session)
            assert last is not None
            assert said["ledger"] == {"number": 1, "at": last.at, "hash": last.hash}

    def test_it_follows_what_is_published(self, people: People) -> None:
        put(people, 1.0)
        put(people, 2.0)
        assert ranking(people)["profile"]["version"] == "2"

    def test_nobody_is_named(self, people: People) -> None:
        put(people, 1.0)
        put(people, 1.0, PIN, HIDE)
        for path in ("/v1/ranking", "/v1/ledger", "/v1/ledger/lines"):
            text = people.anonymous.get(path).text
            assert not any(name in text for name in ("张三", "李四", "console", *people.ids.values()))

    def test_before_anything_was_published_it_is_the_shipped_one(self, people: People) -> None:
        said = ranking(people)
        assert said["profile"]["name"] == "default"
        assert said["profile"]["published_at"] is None
        assert said["ledger"] is None
        assert len(said["weights"]) == len(FEATURES)


class TestLedger:
    def test_whoever_follows_the_cursor_gets_a_chain_that_holds(self, people: People) -> None:
        for late in range(5):
            put(people, float(late))
        found: list[ledger.Entry] = []
        after, more = 0, True
        while more:
            page = people.anonymous.get("/v1/ledger", params={"after": after, "limit": 2}).json()
            LedgerAnswer.model_validate(page)
            found += [ledger.Entry(**entry) for entry in page["entries"]]
            after, more = page["next"], page["more"]
        assert ledger.verify(found, page["last"]["hash"]) == 5
        with pytest.raises(BrokenArtefact):
            ledger.verify(found[:-1], page["last"]["hash"])

    def test_lines_are_what_the_command_reads(self, people: People) -> None:
        for late in range(3):
            put(people, float(late))
        response = people.anonymous.get("/v1/ledger/lines")
        assert response.headers["content-type"] == "application/x-ndjson"
        lines = response.text.splitlines()
        assert ledger.verify(ledger.read_line(line, number) for number, line in enumerate(lines, 1)) == 3
        rest = people.anonymous.get("/v1/ledger/lines", params={"after": 2}).text
        assert rest.splitlines() == lines[2:]

    def test_an_empty_ledger(self, people: People) -> None:
        assert people.anonymous.get("/v1/ledger").json() == {"entries": [], "next": 0, "more": False, "last": None}
        assert people.anonymous.get("/v1/ledger/lines").text == ""

    def test_behind_the_end(self, people: People) -> None:
        put(people, 1.0)
        page = people.anonymous.get("/v1/ledger", params={"after": 7}).json()
        assert (page["entries"], page["next"], page["last"]["number"]) == ([], 7, 1)

    @pytest.mark.parametrize("query", [{"after": -1}, {"after": "x"}, {"limit": 0}, {"limit": 1001}, {"x": 1}])
    def test_bad_cursors(self, people: People, query: dict[str, Any]) -> None:
        for path in ("/v1/ledger", "/v1/ledger/lines"):
            response = people.anonymous.get(path, params=query)
            assert (response.status_code, response.json()["error"]["field"]) == (422, next(iter(query)))
