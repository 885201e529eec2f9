"""Sends the public change feed to the webhooks that follow it: in order, at least once, from where each one stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Final

from matcher.answers import listing_json
from matcher.catalogue.alerts.webhooks import (
    Webhook,
    claim_follower,
    due_followers,
    mark_behind,
    mark_followed,
    switch_off,
)
from matcher.catalogue.database import Database, Session
from matcher.catalogue.listings.feed import feed_after
from matcher.catalogue.listings_file import listing_from
from matcher.errors import PilotMatchError
from matcher.sending import posting
from matcher.sending.draining import LEASE, SIDE_BY_SIDE
from matcher.sending.pace import wait_after
from matcher.sending.posting import Failed
from matcher.sending.sealing import Seal
from matcher.settings import Settings

#: Changes in one POST; a listing is a few kB of JSON.
PART: Final = 200

_log = logging.getLogger("pilotmatch.sending")


class Followers:
    """Sends the feed from one process; several processes may each have one: a follower is claimed while it is sent."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        seal: Seal,
        clock: Callable[[], datetime],
        lease: timedelta = LEASE,
    ) -> None:
        self._database, self._seal, self._clock, self._lease = database, seal, clock, lease
        self._production = settings.env == "production"

    def send(self) -> int:
        """Send the next part to each follower that is behind; how many were tried."""
        with self._database.reading() as session:
            due = due_followers(session, self._clock())
        if due:
            with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="pilotmatch-feed") as pool:
                list(pool.map(self._serve, due))
        return len(due)

    def _serve(self, webhook: Webhook) -> None:
        now = self._clock()
        with self._database.session() as session:
            if not claim_follower(session, webhook, now, now + self._lease):
                return
        try:
            number = self._send(webhook)
        except PilotMatchError as error:
            self._behind(webhook, error)
        except Exception as error:  # one follower must not stop the others
            _log.exception("feed of %s", webhook.id)
            self._behind(webhook, Failed(type(error).__name__))
        else:
            with self._database.session() as session:
                mark_followed(session, webhook, number, self._clock())

    def _send(self, webhook: Webhook) -> int:
        """POST the part after what was delivered; the number up to which the follower is then."""
        with self._database.reading() as session:
            part = feed_part(session, webhook.delivered, PART)
        if part["changes"]:
            # Says where it begins and ends; a repeat may reach further, and its changes carry their numbers.
            delivery = f"{webhook.id}-{webhook.delivered}-{part['next']}"
            secret = self._seal.open(webhook.sealed_secret)
            posting.post(webhook.url, secret, delivery, part, production=self._production)
        return int(part["next"])

    def _behind(self, webhook: Webhook, error: PilotMatchError) -> None:
        next_at = self._clock() + wait_after(webhook.failures + 1)
        with self._database.session() as session:
            mark_behind(session, webhook, error.message, next_at)
            if isinstance(error, Failed) and error.final:
                switch_off(session, webhook.id, error.message)
        _log.warning("变更流未能送达 %s(第 %d 次):%s", webhook.id, webhook.failures + 1, error.message)


def feed_part(session: Session, after: int, limit: int) -> dict[str, Any]:
    """A page of the change feed as a follower is sent it: the latest change of each listing after a number, in order.

    `next` is where to go on. Changes are as `GET /v1/feed` has them, compacted as there.
    """
    page = feed_after(session, after, limit)
    return {
        "topic": "feed",
        "after": after,
        "next": page.next,
        "changes": [
            {
                "number": one.number,
                "at": one.at.isoformat(),
                "id": one.about_id,
                "what": one.what,
                "listing": None if one.content is None else listing_json(listing_from(one.content)),
            }
            for one in page.changes
        ],
    }
