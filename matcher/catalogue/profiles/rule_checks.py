"""Rules held against what there is: their listings, their last days, the places and industries of their scopes.

A rule that can never do anything is refused when it is made. What changes later (a listing that is hidden, a day that
passes) makes it do nothing; a pin that would do nothing is refused once more where its profile is to be published.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.lifecycle import STATE_NAMES, VISIBLE
from matcher.catalogue.tables.listings import ListingRow
from matcher.errors import Conflict, InvalidInput
from matcher.ranking.documents import Document
from matcher.ranking.facts import Tables, default_tables
from matcher.ranking.rules import Rule, Scope
from matcher.ranking.ruling import resolved
from matcher.records import KIND_NAMES, SUPPLY_KINDS

#: Listings that a refusal names.
NAMED = 5


@dataclass(frozen=True, slots=True)
class About:
    """The listing of a rule: `trouble` is why nobody would see it in an answer, None where everybody may, and `remedy`
    what can be done."""

    name: str
    trouble: str | None
    remedy: str | None = None


def about(session: Session, listing_ids: Collection[str]) -> dict[str, About]:
    """The listings among these ids that there are."""
    if not listing_ids:
        return {}
    row = ListingRow
    query = select(row.id, row.name, row.kind, row.state, row.hidden).where(row.id.in_(sorted(set(listing_ids))))
    return {one.id: About(one.name, *_trouble(one.kind, one.state, one.hidden)) for one in session.execute(query)}


def hiding(rule: Rule, rules: Sequence[Rule], today: date) -> Rule | None:
    """The rule among these that hides the listing of a pin from every need that the pin is for, None where none does.

    A hide is stronger than a pin, so such a pin does nothing.
    """
    if rule.what != "pin":
        return None
    about_it = (one for one in rules if one.what == "hide" and one.listing_id == rule.listing_id)
    return next((one for one in about_it if one.holds_on(today) and _covers(one.when, rule.when)), None)


def with_checked_rules(session: Session, document: Document, before: Sequence[Rule], today: date) -> Document:
    """A document whose new rules were checked, their places and industries as codes.

    Args:
        before: the rules that it had: those are left as they are, they may have expired since.

    Raises:
        InvalidInput: a new rule has expired, names a listing that is not there, pins one that nobody sees or that a
            rule hides, or names an unknown place or industry; `field` as `rules[2].expires`.
    """
    tables, known = default_tables(), set(before)
    new = {place for place, rule in enumerate(document.rules) if rule not in known}
    found = about(session, {document.rules[place].listing_id for place in new})
    rules = [
        _checked(rule, found.get(rule.listing_id), tables, today, f"rules[{place}].") if place in new else rule
        for place, rule in enumerate(document.rules)
    ]
    for place in sorted(new):
        _refuse_hidden(rules[place], rules, today, f"rules[{place}].listing_id")
    return replace(document, rules=tuple(rules))


def check_pins(session: Session, document: Document, today: date) -> None:
    """Refuse to publish pins that would do nothing.

    Raises:
        Conflict: a pin that has not expired is of a listing that is not there, or that nobody sees.
    """
    pins = [rule for rule in document.rules if rule.what == "pin" and rule.holds_on(today)]
    found = about(session, {rule.listing_id for rule in pins})
    wrong = {}
    for rule in pins:
        one = found.get(rule.listing_id)
        trouble = "没有这个条目" if one is None else one.trouble
        if trouble:
            wrong[rule.listing_id] = trouble
    if wrong:
        said = "、".join(f"{listing_id}({trouble})" for listing_id, trouble in list(wrong.items())[:NAMED])
        more = f"等 {len(wrong)} 个" if len(wrong) > NAMED else ""
        raise Conflict(
            f"不能发布:置顶的条目不会显示:{said}{more}", hint="请在草稿里删去这些置顶,或先恢复条目", field="rules"
        )


def _checked(rule: Rule, found: About | None, tables: Tables, today: date, where: str) -> Rule:
    if not rule.holds_on(today):
        raise InvalidInput(f"到期日 {rule.expires} 已过", hint="请填今天或以后的日期", field=f"{where}expires")
    field = f"{where}listing_id"
    if found is None:
        raise InvalidInput(f"没有编号为 {rule.listing_id[:64]} 的条目", hint="编号见 /v1/listings", field=field)
    if rule.what == "pin" and found.trouble:
        raise InvalidInput(f"不能置顶 {rule.listing_id}:{found.trouble}", hint=found.remedy, field=field)
    try:
        return replace(rule, when=resolved(rule.when, tables))
    except InvalidInput as error:
        raise InvalidInput(error.message, hint=error.hint, field=f"{where}{error.field}") from error


def _refuse_hidden(rule: Rule, rules: Sequence[Rule], today: date, field: str) -> None:
    if (hide := hiding(rule, rules, today)) is not None:
        raise InvalidInput(
            f"不能置顶 {rule.listing_id}:同一方案的规则已将其屏蔽",
            hint=f"请先删去这条屏蔽,或等它到期({hide.expires})后再置顶",
            field=field,
        )


def _covers(outer: Scope, inner: Scope) -> bool:
    """Whether every need that the inner scope holds for is one of the outer's."""
    parts = ((getattr(outer, one.name), getattr(inner, one.name)) for one in fields(Scope))
    return all(not wide or (narrow and set(narrow) <= set(wide)) for wide, narrow in parts)


def _trouble(kind: str, state: str, hidden: bool) -> tuple[str | None, str | None]:
    """Why nobody would see a listing in an answer, and what can be done; None where everybody may."""
    if kind not in SUPPLY_KINDS:
        answering = "、".join(KIND_NAMES[one] for one in SUPPLY_KINDS)
        return f"{KIND_NAMES[kind]}不参加匹配", f"只能置顶{answering}"  # type: ignore[index]  # the table holds kinds only
    if hidden:
        return "已被管理员屏蔽", "请先恢复该条目"
    if state in VISIBLE:
        return None, None
    return STATE_NAMES[state], "请先恢复或发布该条目"  # type: ignore[index]  # the table holds states only
