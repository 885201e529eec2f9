"""Answers and acts: stored as they were, once, and gone when their time is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import inspect, select

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.feedback.store import REASONS, Event, add_events, forget_feedback, kept, unsettled, write
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.tables.feedback import FeedbackRow, ImpressionRow, ShownRow
from matcher.errors import InvalidInput, NotFound
from matcher.feedback.impressions import Place, packed, unpacked
from matcher.feedback.shown import ACTS
from matcher.feedback.swaps import Swap
from matcher.ranking.documents import Document
from matcher.ranking.features import FEATURES
from matcher.records import Match
from tests.matcher.catalogue.feedback.answers import NOON, answer, put
from tests.matcher.small import LISTINGS, PROFILE


def stored(database: Database, *events: Event) -> int:
    with database.session() as session:
        return add_events(session, events, NOON)


class TestAnswers:
    def test_what_is_written_is_read_back(self, database: Database) -> None:
        rows = [np.arange(len(FEATURES), dtype=np.float32) + place for place in range(3)]
        matches = [Match(1, 0.5, "weak", one, measured=row.tobytes()) for one, row in zip(LISTINGS, rows, strict=False)]
        put(database, answer(swap=Swap(2, True), teams=(None, "a", "b"), features=packed(matches)))
        with database.reading() as session:
            (found,) = kept(session)
        assert found.shown.listings == ("a", "b", "c")
        assert (found.shown.swapped, found.shown.exchanged) == (2, True)
        assert found.places == (Place("a"), Place("b", team="a"), Place("c", team="b"))
        assert (found.at, found.coverage, found.shown.acts) == (NOON, "good", {})
        assert found.features is not None
        np.testing.assert_array_equal(unpacked(found.features), rows)

    def test_the_profile_is_found_by_the_name_and_version_that_the_answer_told(self, database: Database) -> None:
        with database.session() as session:
            made = create(session, CONSOLE, "city", Document(PROFILE), "试一试")
        put(database, answer(), answer(version="2"), answer(profile="file", version="3f2a"))
        with database.reading() as session:
            assert [one.profile_id for one in kept(session)] == [made.id, None, None]

    def test_they_come_in_the_order_of_time_and_only_those_asked_for(self, database: Database) -> None:
        hours = [3, 1, 2]
        put(database, *(answer(at=NOON + timedelta(hours=one), id=f"answer-{one}") for one in hours))
        with database.reading() as session:
            assert [one.id for one in kept(session)] == ["answer-1", "answer-2", "answer-3"]
            since, until = NOON + timedelta(hours=2), NOON + timedelta(hours=3)
            assert [one.id for one in kept(session, since=since, until=until)] == ["answer-2"]

    def test_more_than_one_statement_takes(self, database: Database) -> None:
        made = [answer() for _ in range(1203)]
        put(database, *made)
        stored(database, Event(made[-1].id, "b", "opened"))
        with database.reading() as session:
            found = {one.id: one.shown for one in kept(session)}
        assert len(found) == 1203
        assert found[made[-1].id].acts == {"b": {"opened"}}
        assert all(len(one.listings) == 3 for one in found.values())

    def test_an_empty_answer_is_one_too_and_no_answer_writes_nothing(self, database: Database) -> None:
        put(database)
        put(database, answer("", coverage="none"))
        with database.reading() as session:
            (found,) = kept(session)
        assert found.shown.listings == ()

    def test_no_column_could_hold_who_asked_or_what(self) -> None:
        """Whoever adds a column has to think of this test."""
        columns = {
            table.__tablename__: sorted(column.key for column in inspect(table).columns)
            for table in (ImpressionRow, ShownRow, FeedbackRow)
        }
        assert columns == {
            "impressions": sorted(
                [
                    "id",
                    "at",
                    "profile_id",
                    "topic",
                    "matches",
                    "coverage",
                    "took_ms",
                    "feature_set",
                    "features",
                    "swapped",
                    "exchanged",
                    "experiment_id",
                    "settled",
                ]
            ),
            "shown": sorted(["answer_id", "place", "listing_id", "day", "pinned", "team"]),
            "feedback": sorted(["answer_id", "listing_id", "act", "reason", "day"]),
        }


class TestActs:
    def test_each_is_stored_once_however_often_it_is_told(self, database: Database) -> None:
        put(database, made := answer())
        opened, saved = Event(made.id, "a", "opened"), Event(made.id, "a", "saved")
        assert stored(database, opened) == 1
        assert stored(database, opened, saved, saved) == 1
        assert stored(database, saved, opened) == 0
        with database.reading() as session:
            (found,) = kept(session)
        assert found.shown.acts == {"a": {"opened", "saved"}}

    def test_every_act_and_every_reason_can_be_told(self, database: Database) -> None:
        made = [answer() for _ in REASONS]
        put(database, *made)
        assert stored(database, *(Event(made[0].id, "b", act) for act in ACTS)) == len(ACTS)
        for one, reason in zip(made[1:], REASONS, strict=False):
            assert stored(database, Event(one.id, "a", "dismissed", reason)) == 1
        with database.reading() as session:
            assert set(session.scalars(select(FeedbackRow.reason))) == {None, *list(REASONS)[: len(made) - 1]}

    def test_of_an_answer_that_is_not_there(self, database: Database) -> None:
        put(database, made := answer())
        with pytest.raises(NotFound):
            stored(database, Event(made.id, "a", "opened"), Event("answer-x", "a", "opened"))
        assert stored(database, Event(made.id, "a", "opened")) == 1, "all or none: the first was not stored either"

    def test_of_a_listing_that_did_not_stand_there(self, database: Database) -> None:
        put(database, made := answer("ab"), other := answer("cd"))
        for event in (Event(made.id, "c", "opened"), Event(other.id, "a", "opened")):
            with pytest.raises(InvalidInput) as caught:
                stored(database, event)
            assert caught.value.field == "listing_id"

    @pytest.mark.parametrize(
        ("event", "field"),
        [
            (("a", "liked", None), "act"),
            (("a", "opened", "price"), "reason"),
            (("a", "dismissed", "我叫王小明"), "reason"),
            (("\x00", "opened", None), "answer_id"),
        ],
    )
    def test_words_nobody_knows(self, database: Database, event: tuple[str, str, str | None], field: str) -> None:
        put(database, made := answer())
        with pytest.raises(InvalidInput) as caught:
            stored(database, Event(made.id, *event))  # type: ignore[arg-type]
        assert caught.value.field == field


class TestTime:
    def test_what_is_old_goes_with_its_places_and_acts_and_the_rest_stays(self, database: Database) -> None:
        old, young = answer(at=NOON - timedelta(days=31)), answer(at=NOON - timedelta(days=29))
        put(database, old, young)
        stored(database, Event(old.id, "a", "opened"), Event(young.id, "b", "opened"))
        with database.session() as session:
            assert forget_feedback(session, 30, NOON) == 1
        with database.reading() as session:
            assert [one.id for one in kept(session)] == [young.id]
            assert set(session.scalars(select(ShownRow.answer_id))) == {young.id}
            assert set(session.scalars(select(FeedbackRow.answer_id))) == {young.id}
        with pytest.raises(NotFound):
            stored(database, Event(old.id, "a", "saved"))

    def test_with_no_days_everything_goes(self, database: Database) -> None:
        put(database, answer(at=NOON), answer(at=NOON + timedelta(days=1)))
        with database.session() as session:
            assert forget_feedback(session, 0, NOON) == 2
            assert forget_feedback(session, 0, NOON) == 0

    def test_times_are_cut_so_that_nobody_is_found_by_them(self) -> None:
        assert answer(at=datetime(2026, 11, 20, 4, 59, 59, 999, tzinfo=UTC)).at == datetime(
            2026, 11, 20, 4, 55, tzinfo=UTC
        )


def test_what_an_experiment_has_not_counted_yet(database: Database) -> None:
    early, late = answer(experiment_id="e", at=NOON), answer(experiment_id="e", at=NOON + timedelta(hours=1))
    put(database, late, early, answer(experiment_id="other"), answer())
    with database.session() as session:
        assert [one.id for one in unsettled(session, "e", NOON, 10)] == [early.id]
        both = unsettled(session, "e", NOON + timedelta(hours=2), 10)
        assert [one.id for one in both] == [early.id, late.id]
        assert [one.id for one in unsettled(session, "e", NOON + timedelta(hours=2), 1)] == [early.id]
        write(session, [])
