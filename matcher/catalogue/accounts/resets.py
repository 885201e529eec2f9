"""Password resets by e-mail."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.accounts.invitations import LIVES, make_token
from matcher.catalogue.accounts.signing_in import credentials
from matcher.catalogue.alerts.outbox import put
from matcher.catalogue.audit import record_act
from matcher.catalogue.tables import base
from matcher.catalogue.tables.accounts import AccountTokenRow
from matcher.sending.mail import SITE, Letter
from matcher.sending.sealing import Seal

#: Nobody's letterbox can be filled by asking again and again.
PAUSE: Final = timedelta(minutes=5)
#: The page of the portal that takes the token; after #, so that no log of a server or proxy holds it.
PAGE: Final = "/password-reset#"


def send_reset(session: Session, email: str, site: str | None, seal: Seal) -> None:
    """Put a letter with a token into the outbox, if the address has an account in use and none was sent just now.

    Args:
        site: the address of the portal, for a link; without it the letter holds the token alone.
        seal: whoever reads the outbox, or a copy of the database, must not find a token that is still good.
    """
    known = credentials(session, email)
    if known.user_id is None or not known.active or _is_recent(session, known.user_id):
        return
    token = make_token(session, known.user_id, "reset")
    put(session, "email", known.email, reset_letter(known.email, token, site).sealed(seal), base.now())
    record_act(session, Actor(user_id=known.user_id), "user.reset_request", "user", known.user_id)


def reset_letter(email: str, token: str, site: str | None) -> Letter:
    """The letter; it names nobody, for the address may be mistyped."""
    hours = int(LIVES["reset"].total_seconds() // 3600)
    way = f"请打开以下链接设置新密码:\n{site}{PAGE}{token}" if site else f"请用以下令牌设置新密码:\n{token}"
    end = f"{hours} 小时内有效,只能用一次。若不是您本人申请,请不必理会。"
    text = f"有人为这个邮箱的账号申请重置密码。{way}\n\n{end}\n\n{SITE}"
    html = f"<!doctype html><meta charset=utf-8><p>{escape(text).replace(chr(10), '<br>')}</p>"
    return Letter(email, "重置密码", text, html)


def _is_recent(session: Session, user_id: str) -> bool:
    where = (AccountTokenRow.user_id == user_id, AccountTokenRow.created_at > base.now() - PAUSE)
    return bool(session.scalar(select(func.count()).select_from(AccountTokenRow).where(*where)))
