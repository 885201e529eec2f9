"""Looks whether an alarm is due, rings it and tells the administrators, all in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.members import admins
from matcher.catalogue.alerts.messages import add_message
from matcher.catalogue.database import Database, Session
from matcher.catalogue.watching.alarms import Alarm, is_due, ring
from matcher.sending.wording import notice_letter
from matcher.settings import Settings

HINT: Final = "前后对照见 GET /v1/watch;看过之后请确认报警。"


def sound(database: Database, settings: Settings, now: datetime) -> Sequence[Alarm]:
    """Ring what is due and tell every administrator; what rang."""
    with database.reading() as session:
        if not is_due(session, now):
            return []
    with database.session() as session:
        rang = ring(session, now)
        if rang:
            _tell(session, rang, settings, now)
        return rang


def _tell(session: Session, rang: Sequence[Alarm], settings: Settings, now: datetime) -> None:
    subject, lines = words(rang)
    for member in admins(session):
        add_message(session, member.user_id, subject, "\n".join(lines), about=("profile", rang[0].profile_id))
        if settings.smtp_url is not None and member.email is not None:
            outbox.put(session, "email", member.email, notice_letter(member.email, subject, lines).stored(), now)


def words(rang: Sequence[Alarm]) -> tuple[str, list[str]]:
    """Subject and lines of what administrators are told of alarms that rang together."""
    back = any(one.rollback is not None for one in rang)
    failed = next((one.failure for one in rang if one.failure is not None), None)
    what = "已自动回退到上一个方案" if back else "请尽快查看"
    subject = f"排序方案报警:{what}" if failed is None else "排序方案报警:未能自动回退,请立即处理"
    lines = [one.reason for one in rang]
    if failed is not None:
        lines.append(f"未能自动回退:{failed}")
    return subject, [*lines, HINT]
