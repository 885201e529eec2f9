"""Grades of judges, and the adjudicator's that wins."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.judging.content import adjudicated_grades, grades_by_judge, judgements_of
from matcher.catalogue.judging.grades import adjudicate, put_grade
from matcher.catalogue.judging.queues import make_queue
from matcher.catalogue.tables.judging import AdjudicationRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import InvalidInput, NotFound
from tests.matcher.catalogue.judging.world import stored

PAIR = ("N-1", "PF-1")


def test_a_later_grade_of_the_same_judge_takes_the_place_of_the_earlier(database: Database) -> None:
    made, people = stored(database)
    for grade in (3, 1):
        with database.session() as session:
            put_grade(session, people["admin"], made.id, PAIR, grade)
    with database.reading() as session:
        assert grades_by_judge(session, made.id) == {PAIR: {people["admin"].user_id: 1}}


@pytest.mark.parametrize("grade", [-1, 4, "2", 2.0, True, None])
def test_grades_that_are_none(database: Database, grade: Any) -> None:
    made, people = stored(database)
    with database.session() as session:
        put_grade(session, people["admin"], made.id, PAIR, 0)
    for act in (put_grade, adjudicate):
        with pytest.raises(InvalidInput) as caught, database.session() as session:
            act(session, people["admin"], made.id, PAIR, grade)
        assert caught.value.field == "grade"


def test_brokers_grade_what_is_theirs_and_admins_what_they_see(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        make_queue(session, CONSOLE, made.id, [PAIR], [str(people["ann"].user_id)], 1)
        put_grade(session, people["ann"], made.id, PAIR, 2)
        put_grade(session, people["admin"], made.id, ("N-2", "PF-2"), 2)
        session.execute(update(ListingRow).where(ListingRow.id == "PF-3").values(hidden=True))
    for name, pair in (("bob", PAIR), ("ann", ("N-2", "PF-2")), ("admin", ("N-9", "PF-1")), ("admin", ("N-1", "x"))):
        with pytest.raises(NotFound), database.session() as session:
            put_grade(session, people[name], made.id, pair, 1)
    with pytest.raises(NotFound), database.session() as session:
        put_grade(session, people["admin"], made.id, ("N-1", "PF-3"), 1)


def test_the_adjudicated_grade_wins_and_who_decided_is_kept(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        put_grade(session, people["admin"], made.id, PAIR, 3)
        adjudicate(session, people["admin"], made.id, PAIR, 1, " 规模不符 ")
        adjudicate(session, CONSOLE, made.id, PAIR, 0, "另有资质冲突")
    with database.reading() as session:
        assert adjudicated_grades(session, made.id) == {PAIR: 0}
        assert judgements_of(session, made.id).of("N-1") == {"PF-1": 0}
        row = session.scalars(select(AdjudicationRow)).one()
        assert (row.adjudicator, row.reason) == ("console", "另有资质冲突")


def test_what_nobody_graded_is_not_adjudicated(database: Database) -> None:
    made, people = stored(database)
    with pytest.raises(NotFound), database.session() as session:
        adjudicate(session, people["admin"], made.id, PAIR, 1)


@pytest.mark.parametrize("reason", ["字" * 2001, "a\x00"])
def test_reasons_that_cannot_be_stored(database: Database, reason: str) -> None:
    made, people = stored(database)
    with database.session() as session:
        put_grade(session, people["admin"], made.id, PAIR, 3)
    with pytest.raises(InvalidInput), database.session() as session:
        adjudicate(session, people["admin"], made.id, PAIR, 1, reason)
