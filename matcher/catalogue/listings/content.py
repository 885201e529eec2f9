"""What a listing must not say, beyond what the database can't hold (`limits`): a source that is no page, a city that
lies elsewhere than its province, a day that there is not, a parameter without a number, characters that nobody sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from matcher.catalogue.listings.amounts import is_below_nothing, is_empty
from matcher.catalogue.listings.characters import unseen_in
from matcher.catalogue.listings.limits import texts_of
from matcher.catalogue.place_fields import check_place_fields
from matcher.errors import InvalidInput
from matcher.records import Listing, Parameter
from matcher.today import today
from matcher.web_address import is_web_address

#: What is published may be dated when it comes into force; later than this it is a slip.
AHEAD: Final = timedelta(days=366)
#: Nothing that is offered today was described before.
EARLIEST: Final = date(1900, 1, 1)
LISTS: Final = ("industry", "capabilities", "equipment", "qualifications", "services")
#: How much of a value is repeated.
_SHOWN: Final = 40


def check_content(listing: Listing, before: Listing | None = None) -> None:
    """Refuse what a person who is there to mend it writes.

    Args:
        before: what is stored. What stands there already is no news: an edit of other fields must not fail for it.

    Raises:
        InvalidInput: as for the checks below; `field` names the field.
    """
    for fields, check in _CHECKS:
        if before is None or any(getattr(listing, name) != getattr(before, name) for name in fields):
            check(listing)
    check_characters(listing, before)


def check_source(listing: Listing) -> None:
    """Pages link to the source: an address with another scheme could run there.

    Raises:
        InvalidInput: it is given, and no http or https address with a host.
    """
    if listing.source_url and not is_web_address(listing.source_url):
        hint = "请填以 http:// 或 https:// 开头的完整网址,如 https://example.cn/"
        raise InvalidInput("source_url 不是网址", hint=hint, field="source_url")


def check_place(listing: Listing) -> None:
    """A matter of names that the table of places knows (`check_place_fields`).

    Raises:
        InvalidInput: the city lies elsewhere than in the province, or is none of a province that is known.
    """
    check_place_fields(listing.province, listing.city)


def check_source_date(listing: Listing) -> None:
    """The day of the source is a day, and one on which somebody may have written.

    Raises:
        InvalidInput: it is given, and no day as YYYY-MM-DD, or one long ago or far ahead.
    """
    said = listing.source_date
    if said is None:
        return
    try:
        day = date.fromisoformat(said)
    except ValueError:
        day = None
    if day is None or day.isoformat() != said:
        hint = "日期写成 2026-03-31 的形式"
        raise InvalidInput(f"source_date 不是日期:{said[:_SHOWN]}", hint=hint, field="source_date")
    if (fault := day_fault(day)) is not None:
        raise InvalidInput(f"source_date {said} {fault}", hint="请核对年份", field="source_date")


def day_fault(day: date) -> str | None:
    """What is wrong with the day of a source, in words."""
    if day < EARLIEST:
        return "早于 1900 年"
    return "晚于今天一年以上" if day > today() + AHEAD else None


def check_parameters(listing: Listing) -> None:
    """A parameter says a number, and one that can be.

    Raises:
        InvalidInput: it says none, or all of its range lies below zero where that can't be.
    """
    for position, one in enumerate(listing.parameters):
        _check_parameter(one, f"parameters[{position}]")


def check_terms(listing: Listing) -> None:
    """The smallest batch is a parameter as others.

    Raises:
        InvalidInput: as for `check_parameters`.
    """
    if listing.terms.minimum_batch is not None:
        _check_parameter(listing.terms.minimum_batch, "terms.minimum_batch")


def check_items(listing: Listing) -> None:
    """Every item of a list says something.

    Raises:
        InvalidInput: one is empty or blank.
    """
    for name in LISTS:
        for position, item in enumerate(getattr(listing, name)):
            if not item.strip():
                field = f"{name}[{position}]"
                raise InvalidInput(f"{field} 不能为空", hint="请填写内容,或去掉这一项", field=field)


def check_characters(listing: Listing, before: Listing | None = None) -> None:
    """No text holds characters that nobody sees, such as those that turn the direction of writing.

    Raises:
        InvalidInput: one does, in a field that is not as before.
    """
    for field, text in texts_of(listing, before):
        if (found := unseen_in(text)) is not None:
            raise InvalidInput(f"{field} 含有不可见的控制字符:{found}", hint="请删去它,或把这一段重新输入", field=field)


def _check_parameter(one: Parameter, field: str) -> None:
    name = one.name[:_SHOWN]
    if is_empty(one):
        hint = "请填写下限或上限;没有数值的内容请写到 capabilities(能做什么)"
        raise InvalidInput(f"{field} “{name}”没有数值", hint=hint, field=field)
    if is_below_nothing(one):
        raise InvalidInput(f"{field} “{name}”不能小于 0", hint="请核对正负号与单位", field=field)


_CHECKS: Final[tuple[tuple[tuple[str, ...], Callable[[Listing], None]], ...]] = (
    (("source_url",), check_source),
    (("province", "city"), check_place),
    (("source_date",), check_source_date),
    (("parameters",), check_parameters),
    (("terms",), check_terms),
    (LISTS, check_items),
)
