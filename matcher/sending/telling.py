"""From pairs to messages: each subscription that is due gets one message, however many pairs it has to tell."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from matcher.catalogue.accounts.tokens import hash_of
from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.due import Due, due_subscriptions, renew_token, take
from matcher.catalogue.alerts.messages import add_message
from matcher.catalogue.database import Database, Session
from matcher.sending.pace import PACES, last_digest
from matcher.sending.sealing import Seal
from matcher.sending.wording import NAMED_MAX, alert_content, letter, told
from matcher.settings import Settings

STOP_PATH: Final = "/v1/unsubscribe/"


def tell(database: Database, settings: Settings, seal: Seal, now: datetime, today: date) -> int:
    """Tell all that is due, each subscription in a transaction of its own; how many were told."""
    moments = {pace: last_digest(pace, now, settings.digest_at) for pace in PACES}
    with database.reading() as session:
        due = due_subscriptions(session, moments)
    count = 0
    for subscription_id in due:
        with database.session() as session:
            found = take(session, subscription_id, today)
            if found is not None:
                _write(session, found, settings, seal, now)
                count += 1
    return count


def _write(session: Session, due: Due, settings: Settings, seal: Seal, now: datetime) -> None:
    """The message, and what goes outside, in the transaction that marks the pairs as told."""
    if "message" in due.channels:
        words = told(due)
        other = "listing" if due.about_kind == "need" else "need"
        items = [(other, one.id, one.grade) for one in due.found[:NAMED_MAX]]
        add_message(session, due.user_id, words.subject, words.body, about=(due.about_kind, due.about_id), items=items)
    if "email" in due.channels and due.email is not None and settings.smtp_url is not None:
        said = letter(due, due.email, settings.public_url, _stop_link(session, due, settings, seal))
        outbox.put(session, "email", due.email, said.stored(), now)
    if "webhook" in due.channels and due.webhook_id is not None:
        outbox.put(session, "webhook", due.webhook_id, alert_content(due), now)


def _stop_link(session: Session, due: Due, settings: Settings, seal: Seal) -> str | None:
    if settings.public_url is None:
        return None
    token = seal.stop_token(due.subscription_id)
    renew_token(session, due.subscription_id, hash_of(token))
    return settings.public_url + STOP_PATH + token
