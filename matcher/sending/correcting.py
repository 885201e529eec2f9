"""Tells those who look after a listing that somebody found a mistake in it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.members import admins, operators_of
from matcher.catalogue.alerts.messages import add_message
from matcher.catalogue.database import Session
from matcher.sending.wording import notice_letter
from matcher.settings import Settings

SUBJECT: Final = "有人指出条目有误"
_READ_IT: Final = "请登录查看,核实后修改条目。"


def tell_of_mistake(
    session: Session,
    settings: Settings,
    listing_id: str,
    organisation_id: str | None,
    text: str,
    contact: str,
    now: datetime,
) -> str:
    """Put it before the operators of the listing's organisation, or the admins where there are none; who was told.

    E-mails say that there is something to read, and not what: strangers write it.
    """
    members = operators_of(session, organisation_id) if organisation_id is not None else ()
    told = "operator" if members else "platform"
    lines = [f"条目 {listing_id}:{text}", *([f"联系方式(对方自填):{contact}"] if contact else []), _READ_IT]
    items = [("listing", listing_id, None)]
    for member in members or admins(session):
        add_message(session, member.user_id, SUBJECT, "\n".join(lines), about=("listing", listing_id), items=items)
        if settings.smtp_url is not None and member.email is not None:
            letter = notice_letter(member.email, SUBJECT, [_READ_IT])
            outbox.put(session, "email", member.email, letter.stored(), now)
    return told
