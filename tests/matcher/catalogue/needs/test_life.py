"""Needs on their way through their states, led by people and by the day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matcher.catalogue.audit import read_audit
from matcher.catalogue.change_log import changes_after
from matcher.catalogue.database import Database
from matcher.catalogue.needs.expiry import EXPIRES_AFTER
from matcher.catalogue.needs.life import move_need, tick
from matcher.catalogue.needs.rows import open_needs
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.needs.people import ADMIN, OPERATOR, OWNER, TODAY, keep, peopled, stored  # noqa: F401

DAY = timedelta(days=1)


def test_from_draft_to_matched(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        draft = keep(session, publish=False)
        published = move_need(session, OWNER, draft.id, 1, "publish", TODAY)
        assert (published.state, published.expires_on) == ("published", TODAY + EXPIRES_AFTER)
        assert published.published_at is not None
        talking = move_need(session, OWNER, draft.id, 2, "talk", TODAY)
        back = move_need(session, OWNER, draft.id, 3, "publish", TODAY)
        assert (talking.state, back.state) == ("in_talks", "published")
        assert back.published_at == published.published_at
        matched = move_need(session, OWNER, draft.id, 4, "match", TODAY)
        assert (matched.state, matched.version) == ("matched", 5)
        assert open_needs(session, TODAY) == []


def test_publishing_twice_is_a_conflict(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session)
        with pytest.raises(Conflict):
            move_need(session, OWNER, need.id, 1, "publish", TODAY)
        assert stored(session, need.id) == need


def test_a_draft_keeps_the_last_day_it_was_given_while_that_lies_ahead(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        first, second, third = (keep(session, publish=False, expires_on=TODAY + 5 * DAY) for _ in range(3))
        assert move_need(session, OWNER, first.id, 1, "publish", TODAY).expires_on == TODAY + 5 * DAY
        late = TODAY + 6 * DAY
        assert move_need(session, OWNER, second.id, 1, "publish", late).expires_on == late + EXPIRES_AFTER
        given = move_need(session, OWNER, third.id, 1, "publish", TODAY, expires_on=TODAY + DAY)
        assert given.expires_on == TODAY + DAY
        with pytest.raises(InvalidInput):
            move_need(session, OWNER, keep(session, publish=False).id, 1, "publish", TODAY, expires_on=TODAY - DAY)


def test_reopening_gives_a_new_start(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session, expires_on=TODAY + DAY)
        move_need(session, OWNER, need.id, 1, "close", TODAY)
        again = move_need(session, OWNER, need.id, 2, "reopen", TODAY + DAY)
    assert (again.state, again.expires_on) == ("published", TODAY + DAY + EXPIRES_AFTER)
    assert again.published_at is not None
    assert need.published_at is not None
    assert again.published_at > need.published_at


def test_admins_close_but_do_not_publish(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        draft, need = keep(session, publish=False), keep(session)
        with pytest.raises(Forbidden):
            move_need(session, ADMIN, draft.id, 1, "publish", TODAY)
        assert move_need(session, ADMIN, need.id, 1, "close", TODAY).state == "closed"
        with pytest.raises(Forbidden):
            move_need(session, ADMIN, need.id, 2, "reopen", TODAY)
        assert read_audit(session, action="need.close")[0].user_id == ADMIN.user_id


def test_others_move_nothing(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need, draft = keep(session), keep(session, publish=False)
        with pytest.raises(Forbidden):
            move_need(session, OPERATOR, need.id, 1, "close", TODAY)
        with pytest.raises(NotFound):
            move_need(session, OPERATOR, draft.id, 1, "publish", TODAY)


def test_the_tick_expires_what_is_past_its_last_day(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        past, talking, unlisted, later = (
            keep(session, expires_on=TODAY),
            keep(session, expires_on=TODAY),
            keep(session, expires_on=TODAY, listed=False),
            keep(session, expires_on=TODAY + DAY),
        )
        move_need(session, OWNER, talking.id, 1, "talk", TODAY)
        closed, draft = keep(session, expires_on=TODAY), keep(session, publish=False, expires_on=TODAY)
        move_need(session, OWNER, closed.id, 1, "close", TODAY)
    with peopled.session() as session:
        assert tick(session, TODAY) == ()
        assert tick(session, TODAY + DAY) == tuple(sorted((past.id, talking.id, unlisted.id)))
        assert tick(session, TODAY + DAY) == ()
    with peopled.reading() as session:
        states = [stored(session, one.id).state for one in (past, talking, unlisted, later, closed, draft)]
        assert states == ["expired", "expired", "expired", "published", "closed", "draft"]
        gone = {one.about_id for one in changes_after(session, 0, about="need") if one.what == "gone"}
        assert gone == {past.id, talking.id, closed.id}
        assert len(read_audit(session, action="need.expire")) == 3


def test_past_its_last_day_a_need_is_over_before_the_tick(peopled: Database) -> None:  # noqa: F811
    with peopled.session() as session:
        need = keep(session, expires_on=TODAY)
        assert open_needs(session, TODAY)
        assert open_needs(session, TODAY + DAY) == []
        for act in ("talk", "match", "close", "publish"):
            with pytest.raises(Conflict):
                move_need(session, OWNER, need.id, 1, act, TODAY + DAY)  # type: ignore[arg-type]  # acts by name
        again = move_need(session, OWNER, need.id, 1, "reopen", TODAY + DAY)
        assert again.is_open(TODAY + DAY)
