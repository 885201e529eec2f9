"""Sends what waits in the outbox: claims it, sends outside any transaction, and marks what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.outbox import Delivery
from matcher.catalogue.alerts.webhooks import sendable, switch_off
from matcher.catalogue.database import Database
from matcher.errors import InvalidInput, PilotMatchError
from matcher.sending import posting
from matcher.sending.mail import message_of, opened
from matcher.sending.pace import TRIES, wait_after
from matcher.sending.posting import Failed
from matcher.sending.sealing import Seal
from matcher.sending.smtp import MailServer
from matcher.settings import Settings

#: Longer than any try takes (mail: some answers at 20 s each; webhook: 10 s and a name to resolve).
LEASE: Final = timedelta(minutes=3)
#: Claimed together and sent side by side, so that one slow receiver keeps few others waiting.
BATCH: Final = 16
SIDE_BY_SIDE: Final = 8

_log = logging.getLogger("pilotmatch.sending")


class Outbox:
    """The sender of one process; several processes may each have one."""

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
        self._mail = MailServer.from_url(settings.smtp_url) if settings.smtp_url else None

    def drain(self) -> int:
        """Send what is due, one batch; how many were tried."""
        with self._database.session() as session:
            batch = outbox.claim(session, self._clock(), self._lease, BATCH)
        if batch:
            self._send_all(batch)
        return len(batch)

    def _send_all(self, batch: Sequence[Delivery]) -> None:
        with ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="pilotmatch-send") as pool:
            list(pool.map(self._try, batch))

    def _try(self, delivery: Delivery) -> None:
        try:
            self._send(delivery)
        except Failed as error:
            self._failed(delivery, error.message, error.final)
        except PilotMatchError as error:
            # An address that can't stand in a header never will.
            self._failed(delivery, error.message, isinstance(error, InvalidInput))
        except Exception as error:  # a row that no sender understands must not stop the others
            _log.exception("delivery %s", delivery.id)
            self._failed(delivery, type(error).__name__, False)
        else:
            with self._database.session() as session:
                outbox.mark_sent(session, delivery, self._clock())

    def _send(self, delivery: Delivery) -> None:
        if delivery.channel == "email":
            if self._mail is None:
                raise Failed("没有配置邮件服务器")
            self._mail.send(message_of(opened(delivery.payload, self._seal), self._mail.sender, delivery.id))
            return
        with self._database.reading() as session:
            webhook = sendable(session, delivery.target)
        if webhook is None:
            raise Failed("webhook 已停用或删除", final=True)
        secret = self._seal.open(webhook.sealed_secret)
        posting.post(webhook.url, secret, delivery.id, delivery.payload, production=self._production)

    def _failed(self, delivery: Delivery, error: str, final: bool) -> None:
        give_up = final or delivery.attempt >= TRIES
        next_at = None if give_up else self._clock() + wait_after(delivery.attempt)
        with self._database.session() as session:
            outbox.mark_failed(session, delivery, error, next_at)
            if final and delivery.channel == "webhook":
                switch_off(session, delivery.target, error)
        _log.warning("%s: 第 %d 次发送失败%s:%s", delivery.id, delivery.attempt, ",放弃" if give_up else "", error)
