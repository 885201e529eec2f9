"""Webhooks of users, and the place that a follower of the feed has come to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from matcher.catalogue.access import ANONYMOUS
from matcher.catalogue.alerts import webhooks
from matcher.catalogue.alerts.webhooks import (
    Webhook,
    add_webhook,
    change_webhook,
    claim_follower,
    delete_webhook,
    due_followers,
    mark_behind,
    mark_followed,
    own_webhook,
    own_webhooks,
    sendable,
    switch_off,
)
from matcher.catalogue.change_log import last_change, record_change
from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.base import now
from matcher.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import Scene

URL = "https://a.cn/hook"


@pytest.fixture
def scene(database: Database) -> Scene:  # noqa: F811
    return Scene(database)


def follower(scene: Scene, after: int | None = 0) -> Webhook:
    with scene.database.session() as session:
        return add_webhook(session, scene.actors["requester"], URL, ["feed"], "sealed", after)


def change(scene: Scene, count: int = 1) -> None:
    with scene.database.session() as session:
        for _ in range(count):
            record_change(session, "listing", "PF-1", "gone")


def test_made_read_changed_deleted(scene: Scene) -> None:
    actor = scene.actors["requester"]
    with scene.database.session() as session:
        made = add_webhook(session, actor, URL, ["alerts", "alerts"], "sealed")
        assert made.topics == ("alerts",)
        assert own_webhooks(session, actor) == [made]
        changed = change_webhook(session, actor, made.id, url="https://b.cn/", topics=["feed"], active=False)
        assert (changed.url, changed.topics, changed.active) == ("https://b.cn/", ("feed",), False)
        assert changed.sealed_secret == "sealed"
        assert change_webhook(session, actor, made.id, sealed_secret="new").sealed_secret == "new"
        delete_webhook(session, actor, made.id)
        assert own_webhooks(session, actor) == []


def test_another_user_s_is_not_there(scene: Scene) -> None:
    made = follower(scene)
    with scene.database.session() as session:
        for key in (made.id, "wh-x", "\x00", ""):
            with pytest.raises(NotFound):
                own_webhook(session, scene.actors["admin"], key)
        with pytest.raises(NotSignedIn):
            own_webhooks(session, ANONYMOUS)


def test_as_many_as_one_user_may_have(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "WEBHOOKS_MAX", 2)
    follower(scene)
    follower(scene)
    with pytest.raises(Conflict):
        follower(scene)


def test_topics_and_numbers_that_can_t_be(scene: Scene) -> None:
    with scene.database.session() as session:
        for topics in ([], ["news"]):
            with pytest.raises(InvalidInput) as refused:
                add_webhook(session, scene.actors["requester"], URL, topics, "sealed")  # type: ignore[arg-type]  # what a caller may send
            assert refused.value.field == "topics"
        with pytest.raises(InvalidInput) as refused:
            add_webhook(session, scene.actors["requester"], URL, ["feed"], "sealed", after=1)
        assert refused.value.field == "after"


def test_a_follower_begins_now_or_where_it_says(scene: Scene) -> None:
    change(scene, 3)
    assert follower(scene, None).delivered == 3
    assert follower(scene, 0).delivered == 0


def test_who_is_due(scene: Scene) -> None:
    first, done = follower(scene, 0), follower(scene, 0)
    change(scene, 2)
    with scene.database.session() as session:
        mark_followed(session, done, 2, now())
        add_webhook(session, scene.actors["requester"], URL, ["alerts"], "sealed", 0)
    with scene.database.reading() as session:
        assert [one.id for one in due_followers(session, now())] == [first.id]


def test_a_follower_is_sent_to_by_one_at_a_time(scene: Scene) -> None:
    made, moment = follower(scene), now() + timedelta(seconds=1)
    with scene.database.session() as session:
        assert claim_follower(session, made, moment, moment + timedelta(minutes=1))
        assert not claim_follower(session, made, moment, moment + timedelta(minutes=1))
        assert claim_follower(session, made, moment + timedelta(minutes=1), moment + timedelta(minutes=2))
        mark_followed(session, made, 7, moment)
        # Whoever read an older place can neither claim it nor move it back.
        assert not claim_follower(session, made, moment, moment)
        mark_followed(session, made, 5, moment)
        assert own_webhook(session, scene.actors["requester"], made.id).delivered == 7


def test_failures_are_counted_and_wiped_out(scene: Scene) -> None:
    made, later = follower(scene), now() + timedelta(hours=1)
    change(scene)
    with scene.database.session() as session:
        mark_behind(session, made, "坏" * 1000, later)
        mark_behind(session, made, "坏", later)
        found = own_webhook(session, scene.actors["requester"], made.id)
        assert (found.failures, found.last_error, found.next_at) == (2, "坏", later)
        assert due_followers(session, later - timedelta(minutes=1)) == []
        assert len(due_followers(session, later)) == 1
        mark_followed(session, made, 1, later)
        assert own_webhook(session, scene.actors["requester"], made.id).failures == 0


def test_nothing_is_sent_where_webhook_or_owner_is_off(scene: Scene) -> None:
    made = follower(scene)
    with scene.database.session() as session:
        assert sendable(session, made.id) == made
        assert sendable(session, "wh-x") is None
        switch_off(session, made.id, "410")
        assert sendable(session, made.id) is None
        change_webhook(session, scene.actors["requester"], made.id, active=True)
        assert sendable(session, made.id) is not None
        session.execute(update(UserRow).values(active=False))
        assert sendable(session, made.id) is None


def test_what_happens_to_needs_brings_no_follower_anything(scene: Scene) -> None:
    change(scene)
    made = follower(scene)
    with scene.database.session() as session:
        mark_followed(session, made, last_change(session), now())
        record_change(session, "need", "N-1", "consented")
    with scene.database.reading() as session:
        assert due_followers(session, now() + timedelta(hours=1)) == []
