"""Exposure: how much of a reader's attention each operator and region got, and how unequally it went."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from matcher.catalogue.listings.published import in_sight
from matcher.catalogue.tables.listings import ListingRow
from matcher.catalogue.tables.watching import ExposureRow
from matcher.catalogue.watching.concentration import gini, top_share
from matcher.catalogue.watching.counting import WHOLE, Ranking, place_of
from matcher.errors import InvalidInput
from matcher.records import SUPPLY_KINDS

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in China."""

    year: int
    number: int

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def following(self) -> Month:
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


def month_of(day: date) -> Month:
    """The month of a day."""
    return Month(day.year, day.month)


def month_from(text: str) -> Month:
    """A month as people write it: `2026-11`.

    Raises:
        InvalidInput: it is none.
    """
    found = _MONTH.fullmatch(text)
    if found is None:
        raise InvalidInput("月份应写成 2026-11", hint="年-月,如 2026-11", field="month")
    return Month(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Share:
    """What an operator or a region got, in millionths, how often it was shown, and how many listings it has now."""

    name: str
    exposure: int
    shown: int
    listings: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """Of some days; operators and regions with the most first, those that have listings but were never seen last.

    Attributes:
        table_hash: SHA-256 over the canonical JSON of [[operator, region, exposure], …] in order of the names: with it
            the ledger vouches for a table that it does not hold.
    """

    operators: tuple[Share, ...]
    regions: tuple[Share, ...]
    table_hash: str

    @property
    def total(self) -> int:
        return sum(one.exposure for one in self.operators)

    def figures(self) -> dict[str, Any]:
        """What is public of it: no operator by name. Exposure in whole units of a first place."""
        amounts = [one.exposure for one in self.operators]
        total = self.total
        return {
            "exposure": total / WHOLE,
            "operators": len(amounts),
            "operators_seen": sum(amount > 0 for amount in amounts),
            "gini": _rounded(gini(amounts)),
            "top_ten_share": _rounded(top_share(amounts)),
            "regions": {one.name: _rounded(one.exposure / total) for one in self.regions if one.exposure},
            "table_hash": self.table_hash,
        }


def exposure(session: Session, month: Month) -> Exposure:
    """A month as far as it is counted. Operators who have listings now take part, seen or not."""
    return _exposure(session, ExposureRow.day >= month.first, ExposureRow.day < month.following.first)


def exposure_by(session: Session, ranking: Ranking, first: date, last: date) -> Exposure:
    """The same, of the days from `first` to `last` while a profile ranked."""
    row = ExposureRow
    name, version = ranking
    return _exposure(session, row.profile == name, row.version == version, row.day >= first, row.day <= last)


def _exposure(session: Session, *chosen: ColumnElement[bool]) -> Exposure:
    row = ExposureRow
    query = select(row.operator, row.region, func.sum(row.exposure), func.sum(row.shown)).where(*chosen)
    query = query.group_by(row.operator, row.region)
    rows = [(operator, region, int(sum), int(shown)) for operator, region, sum, shown in session.execute(query)]
    listing = ListingRow
    own = select(listing.operator, listing.name, listing.province).where(in_sight(), listing.kind.in_(SUPPLY_KINDS))
    listed = [place_of(*one) for one in session.execute(own)]
    return Exposure(
        operators=_shares([(one[0], *one[2:]) for one in rows], Counter(operator for operator, _ in listed)),
        regions=_shares([one[1:] for one in rows], Counter(region for _, region in listed)),
        table_hash=_hash(sorted(one[:3] for one in rows)),
    )


def _shares(rows: Iterable[tuple[str, int, int]], listings: Mapping[str, int]) -> tuple[Share, ...]:
    amounts: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    for name, amount, times in rows:
        amounts[name] += amount
        shown[name] += times
    names = {*amounts, *listings}
    shares = [Share(name, amounts[name], shown[name], listings.get(name, 0)) for name in names]
    return tuple(sorted(shares, key=lambda one: (-one.exposure, one.name)))


def _hash(table: list[tuple[str, str, int]]) -> str:
    return hashlib.sha256(json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
