"""Versions of judgement sets: one is open, frozen ones never change, and nothing is lost between them."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.judging.content import adjudicated_grades, grades_by_judge, judged_needs, judgements_of
from matcher.catalogue.judging.grades import adjudicate, put_grade
from matcher.catalogue.judging.queues import make_queue, progress, skip_task
from matcher.catalogue.judging.sets import (
    create_set,
    find_set,
    freeze,
    get_set,
    hold_open,
    list_sets,
    verify_set,
)
from matcher.catalogue.tables.accounts import AuditRow
from matcher.catalogue.tables.evaluation import JudgementRow
from matcher.errors import BrokenArtefact, Conflict, InvalidInput, NotFound
from tests.matcher.catalogue.judging.world import NEEDS, stored

PAIR, OTHER = ("N-1", "PF-1"), ("N-2", "PF-2")


def test_a_new_set_is_open_and_empty(database: Database) -> None:
    with database.session() as session:
        made = create_set(session, CONSOLE, "dev", "  开发用 ")
    assert (made.name, made.version, made.description, made.frozen_at, made.author_id) == (
        "dev",
        1,
        "开发用",
        None,
        "console",
    )
    assert (made.needs, made.judgements, made.pairs, made.judges, made.adjudications) == (0, 0, 0, 0, 0)
    with database.reading() as session:
        assert get_set(session, made.id) == find_set(session, "dev") == find_set(session, "dev@1") == made
        assert list_sets(session) == [made]
        assert session.scalars(select(AuditRow.action)).all() == ["judgements.create"]


@pytest.mark.parametrize("name", ["", "Dev", "开发", "a b", "-a", "a" * 61, "dev@2"])
def test_names_that_cannot_be_used(database: Database, name: str) -> None:
    with pytest.raises(InvalidInput) as caught, database.session() as session:
        create_set(session, CONSOLE, name)
    assert caught.value.field == "name"


@pytest.mark.parametrize("description", ["字" * 2001, "a\x00b"])
def test_descriptions_that_cannot_be_used(database: Database, description: str) -> None:
    with pytest.raises(InvalidInput), database.session() as session:
        create_set(session, CONSOLE, "dev", description)


def test_a_name_is_taken_once(database: Database) -> None:
    with database.session() as session:
        create_set(session, CONSOLE, "dev")
    with pytest.raises(Conflict), database.session() as session:
        create_set(session, CONSOLE, "dev")


@pytest.mark.parametrize("named", ["other", "dev@2", "dev@x", "dev@²", "dev@99999999999999999999"])
def test_unknown_names(database: Database, named: str) -> None:
    stored(database)
    with pytest.raises(NotFound), database.reading() as session:
        find_set(session, named)


def test_freezing_leaves_a_snapshot_and_opens_a_copy(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        make_queue(session, CONSOLE, made.id, [PAIR, OTHER], [str(people["ann"].user_id)], 1)
        put_grade(session, people["ann"], made.id, PAIR, 3)
        adjudicate(session, people["admin"], made.id, PAIR, 2)
        frozen, following = freeze(session, people["admin"], made.id)
    assert frozen.id == made.id
    assert frozen.frozen_at is not None
    assert following.frozen_at is None
    assert (following.name, following.version, following.description) == ("dev", 2, "开发用")
    assert (following.needs, following.judgements, following.pairs, following.adjudications) == (3, 1, 1, 1)
    with database.session() as session:
        put_grade(session, people["ann"], following.id, OTHER, 1)
        put_grade(session, people["ann"], following.id, PAIR, 0)
        adjudicate(session, people["admin"], following.id, PAIR, 1)
    with database.reading() as session:
        assert grades_by_judge(session, made.id) == {PAIR: {people["ann"].user_id: 3}}
        assert adjudicated_grades(session, made.id) == {PAIR: 2}
        assert judgements_of(session, made.id).grades == {"N-1": {"PF-1": 2}}
        assert judgements_of(session, following.id).grades == {"N-1": {"PF-1": 1}, "N-2": {"PF-2": 1}}
        assert [need.id for need in judged_needs(session, made.id)] == list(NEEDS)
        assert judged_needs(session, made.id) == judged_needs(session, following.id)
        assert verify_set(session, made.id) == frozen.content_hash
        assert (find_set(session, "dev").version, find_set(session, "dev@1").id) == (2, made.id)
        # What is still to do moved on.
        assert progress(session, made.id) == []
        assert [(one.open, one.graded) for one in progress(session, following.id)] == [(0, 2)]


def test_nothing_is_written_into_a_frozen_version(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        put_grade(session, people["admin"], made.id, PAIR, 3)
        freeze(session, people["admin"], made.id)
    ann = str(people["ann"].user_id)
    for act in (
        lambda session: put_grade(session, people["admin"], made.id, PAIR, 1),
        lambda session: adjudicate(session, people["admin"], made.id, PAIR, 1),
        lambda session: make_queue(session, CONSOLE, made.id, [PAIR], [ann], 1),
        lambda session: skip_task(session, ann, made.id, PAIR),
        lambda session: freeze(session, CONSOLE, made.id),
    ):
        with pytest.raises(Conflict, match="冻结"), database.session() as session:
            act(session)


def test_a_set_without_grades_is_not_frozen(database: Database) -> None:
    made, _ = stored(database)
    with pytest.raises(Conflict, match="还没有标注"), database.session() as session:
        freeze(session, CONSOLE, made.id)
    with database.reading() as session:
        assert get_set(session, made.id).frozen_at is None


def test_unknown_sets(database: Database) -> None:
    _, people = stored(database)
    for act in (
        lambda session: get_set(session, "x"),
        lambda session: freeze(session, CONSOLE, "x"),
        lambda session: hold_open(session, "x"),
        lambda session: put_grade(session, people["admin"], "x", PAIR, 1),
        lambda session: progress(session, "x"),
    ):
        with pytest.raises(NotFound), database.session() as session:
            act(session)


def test_a_change_behind_our_back_is_seen(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        put_grade(session, people["admin"], made.id, PAIR, 3)
        with pytest.raises(Conflict):
            verify_set(session, made.id)
        freeze(session, CONSOLE, made.id)
    with database.session() as session:
        session.execute(update(JudgementRow).where(JudgementRow.judgement_set == made.id).values(grade=2))
    with pytest.raises(BrokenArtefact), database.reading() as session:
        verify_set(session, made.id)


def test_two_freezing_at_once_make_one_version(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        put_grade(session, people["admin"], made.id, PAIR, 3)
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def run() -> None:
        start.wait(10)
        try:
            with database.session() as session:
                freeze(session, CONSOLE, made.id)
            outcomes.append("frozen")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["frozen", "refused"]
    with database.reading() as session:
        assert [(one.version, one.judgements) for one in list_sets(session)] == [(2, 1), (1, 1)]


def test_grades_given_while_it_is_frozen_are_in_the_snapshot_and_its_hash_or_refused(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        put_grade(session, people["admin"], made.id, PAIR, 3)
    taken: list[tuple[str, str]] = []
    refused: list[tuple[str, str]] = []
    pairs = [(need, listing) for need in NEEDS for listing in ("PF-1", "PF-2", "PF-3", "PF-4")]

    def grade() -> None:
        for pair in pairs:
            try:
                with database.session() as session:
                    put_grade(session, people["admin"], made.id, pair, 1)
                taken.append(pair)
            except Conflict:
                refused.append(pair)

    thread = threading.Thread(target=grade)
    thread.start()
    with database.session() as session:
        _, following = freeze(session, CONSOLE, made.id)
    thread.join(30)
    assert len(taken) + len(refused) == len(pairs)
    with database.reading() as session:
        assert set(grades_by_judge(session, made.id)) == {PAIR, *taken}
        assert set(grades_by_judge(session, following.id)) == {PAIR, *taken}
        verify_set(session, made.id)
