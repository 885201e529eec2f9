"""Subscriptions: whose they are, what they may be about, and the link that ends one."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from matcher.catalogue.access import ANONYMOUS
from matcher.catalogue.alerts import subscriptions
from matcher.catalogue.alerts.subscriptions import (
    Wish,
    change_subscription,
    delete_subscription,
    is_stoppable,
    own_subscription,
    own_subscriptions,
    stop,
    subscribe,
)
from matcher.catalogue.alerts.webhooks import add_webhook
from matcher.catalogue.database import Database
from matcher.catalogue.needs.store import Openness
from matcher.catalogue.tables.accounts import AuditRow, UserRow
from matcher.catalogue.tables.alerts import AlertRow, SubscriptionRow
from matcher.catalogue.tables.base import now
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn
from matcher.today import today
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import MESSAGE, SEAL, Scene, listing

LISTED = Openness({"text": "public"}, listed=True)


@pytest.fixture
def scene(database: Database) -> Scene:  # noqa: F811
    return Scene(database)


def test_made_read_changed_deleted(scene: Scene) -> None:
    need = scene.need()
    made = scene.subscribe("requester", "need", need.id)
    actor = scene.actors["requester"]
    with scene.database.session() as session:
        assert own_subscription(session, actor, made.id) == made
        assert own_subscriptions(session, actor, 1, 20) == (1, [made])
        changed = change_subscription(session, actor, made.id, Wish(("message", "email"), "weekly"), False)
        assert (changed.wish.channels, changed.wish.pace, changed.active) == (("message", "email"), "weekly", False)
        delete_subscription(session, actor, made.id)
        assert own_subscriptions(session, actor, 1, 20) == (0, [])


def test_pages_are_latest_first_and_complete(scene: Scene) -> None:
    ids = [scene.subscribe("requester", "need", scene.need().id).id for _ in range(5)]
    with scene.database.reading() as session:
        pages = [own_subscriptions(session, scene.actors["requester"], page, 2)[1] for page in (1, 2, 3)]
    assert [one.id for page in pages for one in page] == ids[::-1]


class TestWhoseThing:
    def test_a_stranger_can_t(self, scene: Scene) -> None:
        need = scene.need()
        with scene.database.session() as session, pytest.raises(NotSignedIn):
            subscribe(session, ANONYMOUS, "need", need.id, MESSAGE, SEAL.stop_token, today())

    @pytest.mark.parametrize("about_id", ["need-x", "", "\x00", "x" * 5000])
    def test_a_need_that_is_not_there_and_another_s_are_the_same(self, scene: Scene, about_id: str) -> None:
        hidden = scene.need(who="other_requester")
        with pytest.raises(NotFound) as absent:
            scene.subscribe("requester", "need", about_id)
        with pytest.raises(NotFound) as other:
            scene.subscribe("requester", "need", hidden.id)
        assert absent.value.hint == other.value.hint

    def test_a_need_that_is_seen_but_another_s(self, scene: Scene) -> None:
        shown = scene.need(who="other_requester", publish=True, openness=LISTED)
        with pytest.raises(Forbidden):
            scene.subscribe("requester", "need", shown.id)

    def test_an_admin_subscribes_to_nobody_s_need(self, scene: Scene) -> None:
        with pytest.raises(Forbidden):
            scene.subscribe("admin", "need", scene.need().id)

    def test_an_operator_to_listings_of_its_own_only(self, scene: Scene) -> None:
        scene.publish(listing("PF-1"), org="base")
        scene.publish(listing("PF-2"), org="other_base")
        scene.publish(listing("PF-3"))
        assert scene.subscribe("operator", "listing", "PF-1").about_id == "PF-1"
        for other in ("PF-2", "PF-3"):
            with pytest.raises(Forbidden):
                scene.subscribe("operator", "listing", other)
        with pytest.raises(Forbidden):
            scene.subscribe("requester", "listing", "PF-1")
        with pytest.raises(Forbidden):
            scene.subscribe("admin", "listing", "PF-1")

    @pytest.mark.parametrize("about_id", ["PF-9", "\x00", ""])
    def test_another_s_listing_out_of_sight_is_not_there(self, scene: Scene, about_id: str) -> None:
        scene.publish(listing("PF-2"), org="other_base")
        scene.retire("PF-2")
        for hidden in ("PF-2", about_id):
            with pytest.raises(NotFound):
                scene.subscribe("operator", "listing", hidden)

    def test_another_user_s_subscription_is_not_there(self, scene: Scene) -> None:
        made = scene.subscribe("requester", "need", scene.need().id)
        with scene.database.session() as session:
            for unknown in (made.id, "sub-x", "\x00"):
                with pytest.raises(NotFound):
                    own_subscription(session, scene.actors["other_requester"], unknown)
                with pytest.raises(NotFound):
                    delete_subscription(session, scene.actors["admin"], unknown)


class TestWishes:
    def test_twice_the_same_is_a_conflict(self, scene: Scene) -> None:
        need = scene.need()
        scene.subscribe("requester", "need", need.id)
        with pytest.raises(Conflict):
            scene.subscribe("requester", "need", need.id)

    def test_as_many_as_one_user_may_have(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(subscriptions, "SUBSCRIPTIONS_MAX", 2)
        for _ in range(2):
            scene.subscribe("requester", "need", scene.need().id)
        with pytest.raises(Conflict, match="2"):
            scene.subscribe("requester", "need", scene.need().id)

    @pytest.mark.parametrize(
        ("wish", "field"),
        [
            (Wish(()), "channels"),
            (Wish(("webhook",)), "webhook_id"),
            (Wish(("message",), webhook_id="wh-x"), "webhook_id"),
        ],
    )
    def test_what_doesn_t_go_together(self, scene: Scene, wish: Wish, field: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            scene.subscribe("requester", "need", scene.need().id, wish)
        assert refused.value.field == field

    def test_a_webhook_must_be_the_user_s_and_take_alerts(self, scene: Scene) -> None:
        with scene.database.session() as session:
            mine = add_webhook(session, scene.actors["requester"], "https://a.cn/", ["alerts"], "sealed")
            feed = add_webhook(session, scene.actors["requester"], "https://a.cn/", ["feed"], "sealed")
            other = add_webhook(session, scene.actors["operator"], "https://a.cn/", ["alerts"], "sealed")
        need = scene.need()
        with pytest.raises(InvalidInput):
            scene.subscribe("requester", "need", need.id, Wish(("webhook",), webhook_id=feed.id))
        with pytest.raises(NotFound):
            scene.subscribe("requester", "need", need.id, Wish(("webhook",), webhook_id=other.id))
        assert scene.subscribe("requester", "need", need.id, Wish(("webhook",), webhook_id=mine.id)).active

    def test_no_mail_to_an_address_that_nobody_verified(self, scene: Scene) -> None:
        with scene.database.session() as session:
            who = UserRow.id == scene.actors["requester"].user_id
            session.execute(update(UserRow).where(who).values(email_verified=False))
        with pytest.raises(InvalidInput, match="验证"):
            scene.subscribe("requester", "need", scene.need().id, Wish(("email",)))


class TestStopping:
    def test_the_link_switches_it_off_once_and_for_good(self, scene: Scene) -> None:
        made = scene.subscribe("requester", "need", scene.need().id)
        token = SEAL.stop_token(made.id)
        with scene.database.session() as session:
            assert is_stoppable(session, token)
            stop(session, token)
            assert not is_stoppable(session, token)
            stop(session, token)
            assert not own_subscription(session, scene.actors["requester"], made.id).active
        acts = scene.rows(select(func.count()).where(AuditRow.action == "subscription.stop"))
        assert acts[0][0] == 1

    @pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "x" * 10_000])
    def test_an_unknown_token_does_nothing(self, scene: Scene, token: str) -> None:
        made = scene.subscribe("requester", "need", scene.need().id)
        with scene.database.session() as session:
            assert not is_stoppable(session, token)
            stop(session, token)
            assert own_subscription(session, scene.actors["requester"], made.id).active

    def test_the_token_itself_is_not_stored(self, scene: Scene) -> None:
        made = scene.subscribe("requester", "need", scene.need().id)
        stored = scene.rows(select(SubscriptionRow.stop_token_hash))[0][0]
        assert SEAL.stop_token(made.id) not in stored
        assert len(stored) == 64

    def test_what_was_found_but_not_told_is_dropped(self, scene: Scene) -> None:
        made = scene.subscribe("requester", "need", scene.need().id)
        with scene.database.session() as session:
            for listing_id, sent in (("PF-1", False), ("PF-2", True)):
                pair = {"subscription_id": made.id, "need_id": made.about_id, "listing_id": listing_id}
                session.add(AlertRow(**pair, grade="strong", sent=sent, created_at=now()))
        with scene.database.session() as session:
            change_subscription(session, scene.actors["requester"], made.id, MESSAGE, False)
        assert [row[0] for row in scene.rows(select(AlertRow.listing_id))] == ["PF-2"]
