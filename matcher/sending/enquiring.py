"""Tells the other side what was done with an enquiry: by message, e-mail and webhook.

None of it says what the enquiry says: whoever is told reads it on the site, as far as they may at that moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.members import Member, admins, operators_of, user_of
from matcher.catalogue.alerts.messages import add_message
from matcher.catalogue.alerts.webhooks import hooks_of
from matcher.catalogue.database import Session
from matcher.catalogue.enquiries.records import Enquiry, Step
from matcher.catalogue.enquiries.states import ENQUIRY_STATES, SIDE_NAMES, Side
from matcher.sending.wording import notice_letter
from matcher.settings import Settings

_READ_IT = "请登录查看并处理。"
_EVENTS = {"sent": "enquiry.created", "message": "enquiry.message", "forwarded": "enquiry.forwarded"}


def announce(session: Session, step: Step, settings: Settings, now: datetime) -> int:
    """Write what is to be told of a step into its transaction; how many people hear of it."""
    told = 0
    for side, members in _hearers(session, step):
        subject, line = _words(step, side)
        for member in members:
            if member.user_id != step.user_id:
                _tell(session, step, member, subject, [line, _READ_IT], settings, now)
                told += 1
    return told


def event_content(step: Step) -> dict[str, Any]:
    """What a webhook is sent: which enquiry, and how it stands."""
    enquiry = step.enquiry
    return {
        "topic": "enquiries",
        "event": _EVENTS.get(step.what, "enquiry.state"),
        "by": step.side,
        "enquiry": {
            "id": enquiry.id,
            "listing_id": enquiry.listing_id,
            "state": enquiry.state,
            "version": enquiry.version,
            "created_at": enquiry.created_at.isoformat(),
            "updated_at": enquiry.updated_at.isoformat(),
        },
    }


def _hearers(session: Session, step: Step) -> list[tuple[Side, Sequence[Member]]]:
    """By side, who hears of a step: the sides that did not take it. The platform hears of what it keeps."""
    enquiry = step.enquiry
    sides: list[tuple[Side, Sequence[Member]]] = []
    if step.side != "requester":
        sides.append(("requester", user_of(session, enquiry.user_id)))
    if step.side != "operator" and enquiry.organisation_id is not None:
        sides.append(("operator", operators_of(session, enquiry.organisation_id)))
    if step.side == "requester" and enquiry.organisation_id is None:
        sides.append(("platform", admins(session)))
    return sides


def _words(step: Step, side: Side) -> tuple[str, str]:
    """Subject and first line for a side. No names: what a listing is called, its reader may not know any more."""
    if side == "operator" and step.what in ("sent", "forwarded"):
        through = "经平台转交,有需求方" if step.what == "forwarded" else "有需求方"
        return "收到一份对接申请", f"{through}就一个供给条目提出对接申请。"
    if step.what == "sent":
        return "收到一份待转交的对接申请", "该条目暂无人认领,请核实后转交给供给方,或由平台答复。"
    if step.what == "forwarded":
        return "对接申请已转交", "平台已将您的对接申请转交给供给方。"
    by = SIDE_NAMES[step.side]
    if step.what == "message":
        return "对接申请有新留言", f"{by}在对接申请中留言。"
    state = ENQUIRY_STATES[step.what]
    return f"对接申请:{state}", f"{by}将对接申请标为“{state}”。"


def _tell(
    session: Session, step: Step, member: Member, subject: str, lines: Sequence[str], settings: Settings, now: datetime
) -> None:
    enquiry: Enquiry = step.enquiry
    items = [("listing", enquiry.listing_id, None)]
    add_message(session, member.user_id, subject, "\n".join(lines), about=("enquiry", enquiry.id), items=items)
    if settings.smtp_url is not None and member.email is not None:
        outbox.put(session, "email", member.email, notice_letter(member.email, subject, lines).stored(), now)
    for webhook_id in hooks_of(session, member.user_id, "enquiries"):
        outbox.put(session, "webhook", webhook_id, event_content(step), now)
