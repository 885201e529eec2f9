"""What alerts, digests and reminders say: on screen, in e-mails (text and HTML) and to webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from matcher.catalogue.alerts.due import Due, Found
from matcher.records import Grade
from matcher.sending.mail import SITE, Letter, one_line

#: Named in one message; the rest is a number, however many an import brings.
NAMED_MAX: Final = 20
NAME_MAX: Final = 60
GRADE_NAMES: Final[dict[Grade, str]] = {"strong": "很符合", "possible": "可能符合", "weak": "不太符合"}
_PATHS: Final = {"listing": "/v1/listings/", "need": "/v1/needs/"}


@dataclass(frozen=True, slots=True)
class Told:
    """An alert in words. `subject` fits a header; `body` names nothing but what the reader owns."""

    subject: str
    body: str


def told(due: Due) -> Told:
    """The message on screen: how many there are; which, it says by their ids."""
    what, about = _what(due), one_line(due.about_name, NAME_MAX)
    digest = {"at_once": "", "daily": "每日汇总:", "weekly": "每周汇总:"}[due.pace]
    subject = f"{digest}有 {len(due.found)} {what}符合“{about}”"
    rest = f",以下列出前 {NAMED_MAX} 条" if len(due.found) > NAMED_MAX else ""
    return Told(subject, f"{subject}:共 {len(due.found)} 条{rest}。")


def letter(due: Due, to: str, site: str | None, stop: str | None) -> Letter:
    """The e-mail of an alert.

    Args:
        site: address of the portal, for links; None leaves them out. stop: the unsubscribe link.
    """
    said = told(due)
    lines = [f"· {_name(one)}({GRADE_NAMES[one.grade]})" + _link(site, due, one) for one in due.found[:NAMED_MAX]]
    text = [said.body, "", *lines, "", *([f"退订:{stop}"] if stop else []), SITE]
    items = [_item(site, due, one) for one in due.found[:NAMED_MAX]]
    footer = f'<p><a href="{escape(stop)}">退订</a></p>' if stop else ""
    html = _page(said.subject, f"<p>{escape(said.body)}</p><ul>{''.join(items)}</ul>{footer}")
    return Letter(to, said.subject, "\n".join(text), html, stop)


def alert_content(due: Due) -> dict[str, Any]:
    """What a webhook is sent of an alert."""
    return {
        "topic": "alerts",
        "subscription": due.subscription_id,
        "about": {"kind": due.about_kind, "id": due.about_id},
        "total": len(due.found),
        ("listings" if due.about_kind == "need" else "needs"): [
            {"id": one.id, "name": one.name, "grade": one.grade} for one in due.found[:NAMED_MAX]
        ],
    }


def notice_letter(to: str, subject: str, lines: Sequence[str]) -> Letter:
    """An e-mail that says what it says, as for a reminder."""
    subject = one_line(subject)
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return Letter(to, subject, "\n".join([*lines, "", SITE]), _page(subject, paragraphs))


def _what(due: Due) -> str:
    return "个新的供给条目" if due.about_kind == "need" else "个中试需求"


def _name(one: Found) -> str:
    return one_line(one.name, NAME_MAX)


def _link(site: str | None, due: Due, one: Found) -> str:
    return f" {_address(site, due, one)}" if site else ""


def _item(site: str | None, due: Due, one: Found) -> str:
    name = escape(_name(one))
    linked = f'<a href="{escape(_address(site, due, one))}">{name}</a>' if site else name
    return f"<li>{linked}({GRADE_NAMES[one.grade]})</li>"


def _address(site: str, due: Due, one: Found) -> str:
    return site + _PATHS["listing" if due.about_kind == "need" else "need"] + one.id


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body>{body}<p>{SITE}</p></body></html>"
    )
