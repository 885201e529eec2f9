"""Queues: what each judge is offered, in which order, and what becomes of it."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import update

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database
from matcher.catalogue.judging import queues
from matcher.catalogue.judging.content import grades_by_judge
from matcher.catalogue.judging.grades import adjudicate, put_grade
from matcher.catalogue.judging.queues import Progress, Task, make_queue, next_task, progress, skip_task
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import InvalidInput, NotFound, TooLarge
from tests.matcher.catalogue.judging.world import LISTED, NEEDS, stored

PAIRS = [(need, listing) for need in NEEDS for listing in LISTED]


def worked_off(database: Database, set_id: str, actor: object, grade: int = 1) -> list[tuple[str, str]]:
    """The pairs that a judge is offered one after another."""
    seen = []
    while (task := _next(database, set_id, actor)) is not None:
        pair = (task.need_id, task.listing.id)
        seen.append(pair)
        with database.session() as session:
            put_grade(session, actor, set_id, pair, grade)  # type: ignore[arg-type]  # an Actor
    return seen


def _next(database: Database, set_id: str, actor: object) -> Task | None:
    with database.reading() as session:
        return next_task(session, actor.user_id, set_id)  # type: ignore[attr-defined]  # an Actor


def test_every_pair_is_offered_to_two_judges_in_orders_of_their_own(database: Database) -> None:
    made, people = stored(database)
    judges = [str(people[name].user_id) for name in ("admin", "ann", "bob")]
    with database.session() as session:
        assert make_queue(session, CONSOLE, made.id, PAIRS, judges, 2) == 30
    orders = [worked_off(database, made.id, people[name]) for name in ("admin", "ann", "bob")]
    assert [len(order) for order in orders] == [10, 10, 10]
    assert Counter(pair for order in orders for pair in order) == dict.fromkeys(PAIRS, 2)
    with database.reading() as session:
        assert {one.judge: one.graded for one in progress(session, made.id)} == dict.fromkeys(judges, 10)
        assert sum(map(len, grades_by_judge(session, made.id).values())) == 30


def test_a_task_shows_need_and_listing_and_nothing_else(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        make_queue(session, CONSOLE, made.id, [("N-1", "PF-1")], [str(people["ann"].user_id)], 1)
    task = _next(database, made.id, people["ann"])
    assert task is not None
    assert (task.need_id, task.text, task.fields) == ("N-1", "N-1 要发酵放大", {"province": "广东省"})
    assert task.listing.name == "珠江发酵中试平台"
    assert _next(database, made.id, people["bob"]) is None


def test_making_it_again_adds_only_what_is_missing(database: Database) -> None:
    made, people = stored(database)
    ann, bob = (str(people[name].user_id) for name in ("ann", "bob"))
    with database.session() as session:
        assert make_queue(session, CONSOLE, made.id, PAIRS[:4], [ann, bob], 1) == 4
        assert make_queue(session, CONSOLE, made.id, PAIRS[:6], [ann, bob], 1) == 2
        assert make_queue(session, CONSOLE, made.id, PAIRS[:6], [ann, bob], 2) == 6
        assert make_queue(session, CONSOLE, made.id, PAIRS[:6], [ann, bob], 2) == 0
        assert [one.open for one in progress(session, made.id)] == [6, 6]


def test_adjudicated_and_if_wished_graded_pairs_are_left_out(database: Database) -> None:
    made, people = stored(database)
    ann = str(people["ann"].user_id)
    with database.session() as session:
        for pair in PAIRS[:2]:
            put_grade(session, people["admin"], made.id, pair, 1)
        adjudicate(session, people["admin"], made.id, PAIRS[0], 2)
        assert make_queue(session, CONSOLE, made.id, PAIRS[:3], [ann], 1, only_ungraded=True) == 1
        assert make_queue(session, CONSOLE, made.id, PAIRS[:3], [ann], 1) == 1


def test_what_the_judge_has_graded_already_is_done(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        put_grade(session, people["admin"], made.id, PAIRS[0], 1)
        make_queue(session, CONSOLE, made.id, PAIRS[:2], [str(people["admin"].user_id)], 1)
        assert [(one.open, one.graded) for one in progress(session, made.id)] == [(1, 1)]


def test_skipped_pairs_are_put_aside_and_can_be_graded_later(database: Database) -> None:
    made, people = stored(database)
    ann = str(people["ann"].user_id)
    with database.session() as session:
        make_queue(session, CONSOLE, made.id, PAIRS[:2], [ann], 1)
        first = next_task(session, ann, made.id)
        assert first is not None
        pair = (first.need_id, first.listing.id)
        skip_task(session, ann, made.id, pair)
        second = next_task(session, ann, made.id)
        assert second is not None
        assert (second.need_id, second.listing.id) != pair
        assert progress(session, made.id, ann) == [Progress(ann, open=1, skipped=1)]
        put_grade(session, people["ann"], made.id, pair, 2)
        skip_task(session, ann, made.id, pair)
        assert progress(session, made.id, ann) == [Progress(ann, open=1, graded=1)]
        assert progress(session, made.id, "nobody") == []


def test_a_hidden_listing_is_not_shown_and_comes_back(database: Database) -> None:
    made, people = stored(database)
    ann = str(people["ann"].user_id)
    with database.session() as session:
        make_queue(session, CONSOLE, made.id, [PAIRS[0]], [ann], 1)
        session.execute(update(ListingRow).where(ListingRow.id == PAIRS[0][1]).values(hidden=True))
    with database.session() as session:
        assert next_task(session, ann, made.id) is None
        assert progress(session, made.id) == [Progress(ann, open=1, unseen=1)]
        session.execute(update(ListingRow).values(hidden=False))
    assert _next(database, made.id, people["ann"]) is not None


def test_pairs_that_cannot_be_judged(database: Database) -> None:
    made, people = stored(database)
    ann = str(people["ann"].user_id)
    for pair, said in ((("N-9", "PF-1"), "N-9"), (("N-1", "PF-99"), "PF-99")):
        with pytest.raises(InvalidInput, match=said) as caught, database.session() as session:
            make_queue(session, CONSOLE, made.id, [pair], [ann], 1)
        assert caught.value.field == "runs"


def test_judges_that_cannot_judge(database: Database) -> None:
    made, people = stored(database)
    ann, req = (str(people[name].user_id) for name in ("ann", "req"))
    for judges in (["nobody"], [req], [ann, ann], []):
        with pytest.raises(InvalidInput) as caught, database.session() as session:
            make_queue(session, CONSOLE, made.id, PAIRS, judges, 1)
        assert caught.value.field == "judges"
    with database.session() as session:
        session.execute(update(UserRow).where(UserRow.id == ann).values(active=False))
    with pytest.raises(InvalidInput), database.session() as session:
        make_queue(session, CONSOLE, made.id, PAIRS, [ann], 1)


def test_a_queue_too_long(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    made, people = stored(database)
    monkeypatch.setattr(queues, "TASKS_MAX", 3)
    with pytest.raises(TooLarge), database.session() as session:
        make_queue(session, CONSOLE, made.id, PAIRS[:4], [str(people["ann"].user_id)], 1)
    with database.reading() as session:
        assert progress(session, made.id) == []


def test_a_pair_of_another_judge_cannot_be_skipped(database: Database) -> None:
    made, people = stored(database)
    with database.session() as session:
        make_queue(session, CONSOLE, made.id, [PAIRS[0]], [str(people["ann"].user_id)], 1)
    with pytest.raises(NotFound), database.session() as session:
        skip_task(session, str(people["bob"].user_id), made.id, PAIRS[0])
