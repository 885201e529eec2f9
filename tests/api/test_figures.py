"""Figures day by day over HTTP, and whether the ledger holds."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete

from api.figures import DailyAnswer
from api.ranking import VerificationAnswer
from matcher.catalogue import ledger
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.tables.feedback import ImpressionRow
from matcher.catalogue.tables.governance import LedgerRow
from matcher.catalogue.watching.daily import daily_figures
from matcher.records import Coverage
from matcher.today import today
from tests.api.people import People
from tests.matcher.catalogue.watching.scene import Scene
from tests.matcher.small import LISTINGS


@pytest.fixture
def scene(people: People) -> Scene:
    return Scene(people.database)


def figures(people: People, days: int) -> DailyAnswer:
    return DailyAnswer.model_validate(people.admin.get("/v1/figures", params={"days": days}).json())


def kept(scene: Scene, *coverage: Coverage) -> None:
    """So many answers as they are kept for feedback."""
    with scene.database.session() as session:
        for one in coverage:
            about = {"topic": "", "matches": 1, "took_ms": 1.0}
            session.add(ImpressionRow(id=uuid4().hex, at=scene.clock(), coverage=one, **about))


class TestFigures:
    def test_no_day_is_left_out(self, people: People) -> None:
        found = figures(people, 3)
        assert [one.day for one in found.days] == [today() - timedelta(days=back) for back in (2, 1, 0)]
        assert [one.figures.answers for one in found.days] == [0, 0, 0]
        assert found.days[0].figures.p95_ms is None
        assert found.days[0].figures.zero_share is None

    def test_answers_of_all_profiles_on_their_day(self, people: People, scene: Scene) -> None:
        scene.answers(4, "1", empty=1, ms=10)
        scene.clock.by = timedelta(days=-1)
        scene.answers(2, "2", coverage="none", ms=1000)
        before, present = figures(people, 2).days
        assert (before.figures.answers, before.figures.nothing_share) == (2, 1.0)
        assert (present.figures.answers, present.figures.zero) == (4, 1)
        assert before.figures.p50_ms is not None
        assert present.figures.p50_ms is not None
        assert before.figures.p50_ms > 800 > 20 > present.figures.p50_ms

    def test_how_well_answers_fitted(self, people: People, scene: Scene) -> None:
        kept(scene, "good", "good", "partial", "none")
        scene.clock.by = timedelta(days=-1)
        kept(scene, "none")
        found = figures(people, 2).days
        assert [(one.coverage.good, one.coverage.partial, one.coverage.none) for one in found] == [
            (0, 0, 1),
            (2, 1, 1),
        ]

    def test_needs_are_counted_and_not_read(self, people: People) -> None:
        before = figures(people, 1)
        made = people.requester.post("/v1/needs", json={"text": "酶制剂发酵放大,保密"})
        assert made.status_code == 201, made.text
        answer = people.admin.get("/v1/figures", params={"days": 1})
        after = DailyAnswer.model_validate(answer.json())
        assert after.days[0].needs == before.days[0].needs + 1
        assert after.days[0].published == before.days[0].published
        assert sum(after.need_states.values()) == sum(before.need_states.values()) + 1
        assert "保密" not in answer.text

    def test_enquiries_that_nobody_has_got(self, people: People) -> None:
        with people.database.session() as session:
            put_many(session, LISTINGS, CONSOLE)
        made = people.requester.post("/v1/enquiries", json={"listing_id": LISTINGS[0].id, "text": "想看现场"})
        assert made.status_code == 201, made.text
        assert figures(people, 1).queued_enquiries == 1
        act = {"state": "withdrawn"}
        headers = {"If-Match": made.headers["etag"]}
        done = people.requester.post(f"/v1/enquiries/{made.json()['id']}/state", json=act, headers=headers)
        assert done.status_code == 200, done.text
        assert figures(people, 1).queued_enquiries == 0

    @pytest.mark.parametrize("days", [0, 367, "x"])
    def test_days_that_can_not_be_asked_for(self, people: People, days: int | str) -> None:
        assert people.admin.get("/v1/figures", params={"days": days}).status_code == 422

    def test_days_begin_in_china(self, scene: Scene) -> None:
        """At 23:30 UTC the next day has begun in China."""
        with scene.database.session() as session:
            day = today()
            assert [one.day for one in daily_figures(session, day, day)] == [day]
        moment = scene.clock()
        late = moment.replace(hour=23, minute=30) - timedelta(days=2)
        scene.clock.by = late - moment
        scene.answers(1, "1")
        with scene.database.reading() as session:
            day = late.date() + timedelta(days=1)
            found = daily_figures(session, day - timedelta(days=1), day)
        assert [one.figures.answers for one in found] == [0, 1]


class TestLedger:
    def verification(self, people: People) -> VerificationAnswer:
        return VerificationAnswer.model_validate(people.admin.get("/v1/ledger/verification").json())

    def test_what_was_written_holds(self, people: People) -> None:
        with people.database.session() as session:
            before = ledger.verify(ledger.entries(session))
            ledger.append(session, "note", {"a": 1})
            ledger.append(session, "note", {"a": 2})
        found = self.verification(people)
        assert (found.holds, found.entries, found.complaint) == (True, before + 2, None)

    def test_an_entry_that_is_gone_is_named(self, people: People) -> None:
        with people.database.session() as session:
            first = ledger.append(session, "note", {"a": 1})
            ledger.append(session, "note", {"a": 2})
        with people.database.session() as session:
            session.execute(delete(LedgerRow).where(LedgerRow.number == first.number))
        found = self.verification(people)
        assert (found.holds, found.entries) == (False, None)
        assert found.complaint
        assert "账本第" in found.complaint
