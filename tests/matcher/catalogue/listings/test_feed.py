"""The feed: followed from anywhere it gives the public catalogue, and nothing that is gone."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.change_log import last_change, record_change
from matcher.catalogue.database import Database, Session
from matcher.catalogue.listings.bulk import put_many, retire_many
from matcher.catalogue.listings.feed import feed_after
from matcher.catalogue.listings.published import published
from matcher.catalogue.listings.rows import public_fields
from matcher.catalogue.listings.store import edit, perform
from matcher.errors import Conflict, InvalidInput
from tests.matcher.catalogue.listings.conftest import ADMIN, CONTENT

FIVE = [replace(CONTENT, id=f"PF-{number}", name=f"平台 {number}") for number in range(5)]


def follow(session: Session, copy: dict[str, Any], after: int, limit: int) -> int:
    while True:
        page = feed_after(session, after, limit)
        for change in page.changes:
            if change.content is None:
                copy.pop(change.about_id, None)
            else:
                copy[change.about_id] = change.content
        after = page.next
        if not page.more:
            return after


def public(session: Session) -> dict[str, Any]:
    return {one.id: public_fields(one) for one in published(session)}


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_give_the_public_catalogue(people: Database, limit: int) -> None:
    with people.session() as session:
        put_many(session, FIVE, CONSOLE)
        edit(session, ADMIN, "PF-1", replace(FIVE[1], summary="改"), seen=1)
        perform(session, ADMIN, "PF-2", "hide", reason="投诉")
        copy: dict[str, Any] = {}
        assert follow(session, copy, 0, limit) == last_change(session)
        assert copy == public(session)


def test_what_is_gone_has_an_id_only_and_its_past_is_not_served(people: Database) -> None:
    with people.session() as session:
        put_many(session, [replace(FIVE[0], summary="商业秘密")], CONSOLE)
        edit(session, ADMIN, "PF-0", replace(FIVE[0], summary="另一个秘密"), seen=1)
        perform(session, ADMIN, "PF-0", "hide", reason="内部理由")
        for after in range(last_change(session)):
            (change,) = feed_after(session, after, 100).changes
            assert (change.about_id, change.what, change.content) == ("PF-0", "gone", None)


def test_an_earlier_content_of_what_is_shown_is_not_served_either(people: Database) -> None:
    with people.session() as session:
        put_many(session, [replace(FIVE[0], summary="失误")], CONSOLE)
        edit(session, ADMIN, "PF-0", FIVE[0], seen=1)
        assert "失误" not in str(feed_after(session, 0, 100))


def test_needs_are_not_in_it_nor_that_any_changed(people: Database) -> None:
    with people.session() as session:
        record_change(session, "need", "N-1", "shown")
        page = feed_after(session, 0, 100)
        assert (page.changes, page.next, page.more) == ((), 0, False)


def test_a_cursor_from_the_future(people: Database) -> None:
    with pytest.raises(InvalidInput) as caught, people.reading() as session:
        feed_after(session, 1, 10)
    assert caught.value.field == "after"


STEPS = st.lists(st.tuples(st.sampled_from(["edit", "hide", "unhide", "retire", "load", "follow"]), st.integers(0, 4)))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.integers(1, 4))
def test_following_now_and_then_ends_with_the_same(people: Database, steps: list[tuple[str, int]], limit: int) -> None:
    copy: dict[str, Any] = {}
    with people.session() as session:
        put_many(session, FIVE, CONSOLE)
        cursor = 0
        for number, (step, which) in enumerate(steps):
            cursor = _step(session, copy, cursor, limit, (number, step, FIVE[which].id))
        follow(session, copy, cursor, limit)
        assert copy == public(session)
        session.rollback()


def _step(session: Session, copy: dict[str, Any], cursor: int, limit: int, step: tuple[int, str, str]) -> int:
    number, act, listing_id = step
    with_name = replace(CONTENT, id=listing_id, name=f"第 {number} 步")
    if act == "follow":
        return follow(session, copy, cursor, limit)
    if act == "load":
        put_many(session, [with_name], CONSOLE)
    elif act == "retire":
        retire_many(session, [listing_id], CONSOLE)
    else:
        with contextlib.suppress(Conflict):  # the states do not allow all of it
            if act == "edit":
                edit(session, ADMIN, listing_id, with_name, seen=None)
            else:
                perform(session, ADMIN, listing_id, act, reason="因")  # type: ignore[arg-type]  # two acts
    return cursor
