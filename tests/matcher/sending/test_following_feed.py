"""Followers of the feed: every change in order, at least once, also after the follower or we were away."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from matcher.catalogue.alerts.webhooks import Webhook, add_webhook, change_webhook, own_webhook
from matcher.catalogue.change_log import last_change, record_change
from matcher.catalogue.database import Database
from matcher.sending import following_feed
from matcher.sending.following_feed import Followers, feed_part
from matcher.sending.pace import LONGEST_WAIT
from matcher.sending.signing import new_secret, signature
from matcher.settings import Settings
from tests.databases import database  # noqa: F401
from tests.matcher.catalogue.alerts.scene import SEAL, SECRET, Scene, listing
from tests.matcher.sending.receivers import WebReceiver, web_receiver
from tests.matcher.sending.test_draining import Clock

HOOK_SECRET = new_secret()


class Feeding:
    def __init__(self, database: Database, folder: Path, web: WebReceiver) -> None:  # noqa: F811
        self.scene, self.web, self.clock = Scene(database), web, Clock()
        settings = Settings(_env_file=None, data=folder, secret=SECRET)
        self.followers = Followers(database, settings, SEAL, self.clock)
        with database.session() as session:
            actor = self.scene.actors["operator"]
            self.webhook: Webhook = add_webhook(session, actor, web.url, ["feed"], SEAL.close(HOOK_SECRET), 0)

    def stored(self) -> Webhook:
        with self.scene.database.reading() as session:
            return own_webhook(session, self.scene.actors["operator"], self.webhook.id)

    def send_all(self) -> None:
        while self.followers.send():
            pass

    def received(self) -> list[tuple[int, str, str]]:
        return [
            (change["number"], change["id"], change["what"])
            for posted in self.web.posts
            for change in posted.content["changes"]
        ]


@pytest.fixture
def feeding(database: Database, tmp_path: Path) -> Iterator[Feeding]:  # noqa: F811
    with web_receiver() as web:
        yield Feeding(database, tmp_path, web)


def test_changes_arrive_signed_with_public_content(feeding: Feeding) -> None:
    feeding.scene.publish(listing("PF-1", "发酵平台"))
    feeding.send_all()
    (posted,) = feeding.web.posts
    content = posted.content
    assert (content["topic"], content["after"], content["next"]) == ("feed", 0, 1)
    (change,) = content["changes"]
    assert (change["number"], change["id"], change["what"]) == (1, "PF-1", "shown")
    assert change["listing"]["name"] == "发酵平台"
    delivery = posted.headers["webhook-id"]
    assert delivery == f"{feeding.webhook.id}-0-1"
    expected = signature(HOOK_SECRET, delivery, posted.headers["webhook-timestamp"], posted.body)
    assert posted.headers["webhook-signature"] == f"v1,{expected}"
    assert feeding.stored().delivered == 1


def test_in_order_and_in_parts(feeding: Feeding, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following_feed, "PART", 3)
    feeding.scene.publish(*(listing(f"PF-{n:02}") for n in range(10)))
    feeding.send_all()
    assert [one[0] for one in feeding.received()] == list(range(1, 11))
    assert len(feeding.web.posts) == 4
    assert feeding.stored().delivered == 10


def test_after_downtime_it_goes_on_where_it_stopped(feeding: Feeding, monkeypatch: pytest.MonkeyPatch) -> None:
    """A follower that fails at random: what it took, repeats left out, is every change in order."""
    monkeypatch.setattr(following_feed, "PART", 2)
    dice = random.Random(7)
    taken: list[int] = []

    def answer(handler: Any) -> int:
        if dice.random() < 0.5:
            return 500
        taken.extend(change["number"] for change in feeding.web.posts[-1].content["changes"])
        return 200

    feeding.web.answer = answer
    for number in range(12):
        feeding.scene.publish(listing(f"PF-{number}"))
        feeding.followers.send()
        feeding.clock.ahead += LONGEST_WAIT * 1.3
    for _ in range(60):
        feeding.followers.send()
        feeding.clock.ahead += LONGEST_WAIT * 1.3
    assert taken == list(range(1, 13))


def test_a_failure_is_remembered_and_never_given_up(feeding: Feeding) -> None:
    feeding.web.answer = lambda _: 500
    feeding.scene.publish(listing("PF-1"))
    for _ in range(30):
        feeding.followers.send()
        feeding.clock.ahead += LONGEST_WAIT * 1.3
    stored = feeding.stored()
    assert (stored.delivered, stored.failures, stored.active) == (0, 30, True)
    assert "500" in (stored.last_error or "")
    feeding.web.answer = lambda _: 200
    feeding.followers.send()
    assert (feeding.stored().delivered, feeding.stored().failures) == (1, 0)


def test_between_two_failures_it_waits(feeding: Feeding) -> None:
    feeding.web.answer = lambda _: 500
    feeding.scene.publish(listing("PF-1"))
    assert feeding.followers.send() == 1
    assert feeding.followers.send() == 0
    feeding.clock.ahead += timedelta(seconds=13)
    assert feeding.followers.send() == 1


def test_one_that_is_gone_is_switched_off(feeding: Feeding) -> None:
    feeding.web.answer = lambda _: 410
    feeding.scene.publish(listing("PF-1"))
    feeding.followers.send()
    assert not feeding.stored().active
    feeding.clock.ahead += timedelta(days=1)
    assert feeding.followers.send() == 0


def test_nothing_of_needs_and_nothing_that_is_out_of_sight_by_now(feeding: Feeding) -> None:
    feeding.scene.publish(listing("PF-1", "撤下的平台"), listing("PF-2", "在线的平台"))
    feeding.scene.retire("PF-1")
    with feeding.scene.database.session() as session:
        record_change(session, "need", "need-secret", "shown")
    feeding.send_all()
    everything = b"".join(posted.body for posted in feeding.web.posts).decode()
    assert "撤下的平台" not in everything
    assert "need-secret" not in everything
    assert [(one[1], one[2]) for one in feeding.received()] == [("PF-2", "shown"), ("PF-1", "gone")]


def test_changes_of_needs_alone_cost_no_request(feeding: Feeding) -> None:
    with feeding.scene.database.session() as session:
        record_change(session, "need", "need-1", "shown")
    feeding.send_all()
    assert feeding.web.posts == []
    assert feeding.stored().delivered == 0


def test_one_broken_follower_stops_no_other(feeding: Feeding) -> None:
    with feeding.scene.database.session() as session:
        actor = feeding.scene.actors["operator"]
        broken = add_webhook(session, actor, feeding.web.url, ["feed"], "no seal", 0)
        off = add_webhook(session, actor, feeding.web.url, ["feed"], SEAL.close(HOOK_SECRET), 0)
        change_webhook(session, actor, off.id, active=False)
    feeding.scene.publish(listing("PF-1"))
    feeding.followers.send()
    assert feeding.stored().delivered == 1
    with feeding.scene.database.reading() as session:
        actor = feeding.scene.actors["operator"]
        assert "解封" in (own_webhook(session, actor, broken.id).last_error or "")
        assert own_webhook(session, actor, off.id).delivered == 0
    assert len(feeding.web.posts) == 1


def test_all_parts_together_are_the_latest_change_of_each_listing(feeding: Feeding) -> None:
    for number in range(9):
        feeding.scene.publish(listing(f"PF-{number % 4}", f"名{number}"))
    with feeding.scene.database.reading() as session:
        last, after, seen = last_change(session), 0, []
        while (part := feed_part(session, after, 2))["next"] > after:
            after = part["next"]
            seen += [change["number"] for change in part["changes"]]
    assert after == last
    # Of nine changes of four listings the last four are still what is so.
    assert seen == [6, 7, 8, 9]
