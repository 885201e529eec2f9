"""How many enquiries and messages one account may send in a day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.enquiries import EnquiryEntryRow, EnquiryRow
from matcher.errors import TooMany
from matcher.today import CHINA

#: Whoever writes to more operators a day has read none of their listings; a broker with several clients has room.
ENQUIRIES_A_DAY: Final = 20
#: A lively exchange in several enquiries; more is a program gone wild.
MESSAGES_A_DAY: Final = 200


def check_enquiries(session: Session, user_id: str, today: date) -> None:
    """Pass while the account may send another today.

    Raises:
        TooMany: as many as a day may have.
    """
    _lock(session, user_id)
    sent = select(func.count()).select_from(EnquiryRow).where(EnquiryRow.user_id == user_id)
    if (session.scalar(sent.where(EnquiryRow.created_at >= _begin(today))) or 0) >= ENQUIRIES_A_DAY:
        hint = "请明天再试;一个需求可先用匹配比较,再联系最合适的几家"
        raise TooMany(f"每个账号每天至多 {ENQUIRIES_A_DAY} 份对接申请", hint=hint, retry_seconds=_wait(today))


def check_messages(session: Session, user_id: str, today: date) -> None:
    """As `check_enquiries`, for messages and steps."""
    written = select(func.count()).select_from(EnquiryEntryRow).where(EnquiryEntryRow.user_id == user_id)
    if (session.scalar(written.where(EnquiryEntryRow.at >= _begin(today))) or 0) >= MESSAGES_A_DAY:
        raise TooMany(f"每个账号每天至多 {MESSAGES_A_DAY} 条留言", hint="请明天再试", retry_seconds=_wait(today))


def _lock(session: Session, user_id: str) -> None:
    """One at a time for an account, so that two requests at once don't pass a limit together."""
    session.execute(select(UserRow.id).where(UserRow.id == user_id).with_for_update())


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _wait(day: date) -> int:
    """Seconds until the next day begins in China."""
    return max(1, int((_begin(day) + timedelta(days=1) - base.now()).total_seconds()))
