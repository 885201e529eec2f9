"""Tells operators what time did to their listings: one message and one e-mail a person, however many listings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.members import operators_of
from matcher.catalogue.alerts.messages import add_message
from matcher.catalogue.database import Session
from matcher.catalogue.listings.clock import Reminder
from matcher.sending.wording import NAMED_MAX, notice_letter
from matcher.settings import Settings

HINT: Final = "请登录核对内容并点“复核”;内容仍然有效时无需修改。"


def remind(session: Session, reminders: Sequence[Reminder], settings: Settings, now: datetime) -> int:
    """Write the messages of these reminders into the transaction that marked them as given; how many people."""
    by_organisation: dict[str, list[Reminder]] = defaultdict(list)
    for one in reminders:
        by_organisation[one.organisation_id].append(one)
    count = 0
    for organisation_id, ours in by_organisation.items():
        subject, lines = _words(ours)
        for member in operators_of(session, organisation_id):
            items = [("listing", one.listing_id, None) for one in ours[:NAMED_MAX]]
            add_message(session, member.user_id, subject, "\n".join(lines), items=items)
            if settings.smtp_url is not None and member.email is not None:
                outbox.put(session, "email", member.email, notice_letter(member.email, subject, lines).stored(), now)
            count += 1
    return count


def _words(ours: Sequence[Reminder]) -> tuple[str, list[str]]:
    if len(ours) == 1:
        return f"复核提醒:{ours[0].text}", [ours[0].text, HINT]
    named = [one.text for one in ours[:NAMED_MAX]]
    rest = [f"……共 {len(ours)} 条"] if len(ours) > NAMED_MAX else []
    return f"复核提醒:{len(ours)} 个条目", [*named, *rest, HINT]
