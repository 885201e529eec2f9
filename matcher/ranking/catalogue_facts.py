"""The facts of a whole catalogue in columns, so that one hard condition is held against 24,000 listings at once.

The slow path is `check_for(requirement)` on every listing. Listings that state the same (place, kind, certificates …)
have the same outcome, so all types but quantities are judged once per distinct statement; quantities are compared as
arrays. Tests hold both paths equal.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.row_change import DEAD_SHARE, RowChange
from matcher.ranking.alignment import Measure
from matcher.ranking.comparison import verdict
from matcher.ranking.facts import ListingFacts, Tables, default_tables
from matcher.ranking.fit import check_for
from matcher.ranking.fits.industry_fit import NEAR, IndustryTree, industry_tree
from matcher.ranking.fits.quantity_fit import Demand
from matcher.records import IndustryRequirement, Outcome, QuantityRequirement, Requirement

#: Outcomes as numbers; their order lets the best of several be taken as the greatest.
CODES: Final[dict[Outcome, int]] = {"misses": -1, "unknown": 0, "meets": 1}

#: Outcomes kept, 24 kB each at 24,000 listings.
_REMEMBERED: Final = 512
#: Where and how firmly a requirement was said does not change what meets it.
_SAID: Final = frozenset(("text", "start", "end", "strength"))

#: Tags and what listings say they do repeat apart from each other, so they are grouped apart.
_OFFERED: Final = "offered"

Codes = NDArray[np.int8]
Mask = NDArray[np.bool_]
#: Row, low, high, limit, number of the measure.
_Entry = tuple[int, float, float, float, int]


@dataclass(frozen=True, slots=True)
class _Column:
    """All numbers of one dimension: their rows, ends in the base unit, and which of `measures` each one is."""

    rows: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    limit: NDArray[np.float64]
    measure: NDArray[np.int64]
    measures: tuple[Measure, ...]

    def moved(self, rows: NDArray[np.int64]) -> _Column:
        """The numbers of the rows that stay, given the new one of each, −1 for none; only measures that are left."""
        new = rows[self.rows]
        stays = new >= 0
        used, measure = np.unique(self.measure[stays], return_inverse=True)
        measures = tuple(self.measures[number] for number in used.tolist())
        return _Column(new[stays], self.low[stays], self.high[stays], self.limit[stays], measure, measures)

    def with_more(self, other: _Column) -> _Column:
        """These numbers and others."""
        numbers = {measure: number for number, measure in enumerate(self.measures)}
        same = np.array([numbers.setdefault(measure, len(numbers)) for measure in other.measures], np.int64)
        return _Column(
            np.concatenate([self.rows, other.rows]),
            np.concatenate([self.low, other.low]),
            np.concatenate([self.high, other.high]),
            np.concatenate([self.limit, other.limit]),
            np.concatenate([self.measure, same[other.measure]]),
            tuple(numbers),
        )


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows that state the same: `of_row[i]` is the group of row i, `stated[g]` what one of group g states.

    `numbers` are the groups by statement; some may have no rows any more.
    """

    statement: Callable[[ListingFacts], Hashable]
    of_row: NDArray[np.int64]
    stated: tuple[ListingFacts, ...]
    numbers: Mapping[Hashable, int]

    @classmethod
    def none(cls, statement: Callable[[ListingFacts], Hashable]) -> _Groups:
        """No rows."""
        return cls(statement, np.zeros(0, np.int64), (), {})

    def changed(self, change: RowChange, facts: Sequence[ListingFacts]) -> _Groups:
        """The groups after a change of rows; `facts` are those of the added listings, in their order."""
        numbers, stated = dict(self.numbers), list(self.stated)
        added = np.zeros(len(facts), np.int64)
        for place, one in enumerate(facts):
            added[place] = numbers.setdefault(self.statement(one), len(stated))
            if added[place] == len(stated):
                stated.append(one)
        return _Groups(self.statement, change.moved(self.of_row, added), tuple(stated), numbers)._tidied()

    def _tidied(self) -> _Groups:
        held = np.bincount(self.of_row, minlength=len(self.stated)) > 0
        if held.sum() >= (1 - DEAD_SHARE) * len(held):
            return self
        stated = tuple(self.stated[number] for number in np.flatnonzero(held).tolist())
        numbers = {self.statement(one): number for number, one in enumerate(stated)}
        return _Groups(self.statement, (np.cumsum(held) - 1)[self.of_row], stated, numbers)


class CatalogueFacts:
    """The facts of n listings, in the catalogue's order. They never change: `changed` gives others."""

    def __init__(self, facts: Sequence[ListingFacts]) -> None:
        self.facts = tuple(facts)
        self._columns = _columns(self.facts)
        everything = RowChange(0, np.zeros(0, np.int64), (), np.arange(len(self.facts)))
        self._groups = {
            type_: _Groups.none(statement).changed(everything, self.facts) for type_, statement in _STATEMENTS.items()
        }
        self._known: dict[Hashable, Codes] = {}
        self._before: _Before | None = None

    def changed(self, change: RowChange, added: CatalogueFacts) -> CatalogueFacts:
        """The facts after a change of rows; `added` are those of the added listings, in their order."""
        after = copy(self)
        after.facts = change.moved_items(self.facts, added.facts)
        columns = {dimension: column.moved(change.new_rows) for dimension, column in self._columns.items()}
        for dimension, column in added._columns.items():
            new = column.moved(change.added_rows)
            columns[dimension] = columns[dimension].with_more(new) if dimension in columns else new
        after._columns = {dimension: column for dimension, column in columns.items() if len(column.rows)}
        after._groups = {type_: groups.changed(change, added.facts) for type_, groups in self._groups.items()}
        after._before = _Before(self._known, change, added)
        after._known = {}
        return after

    def __len__(self) -> int:
        return len(self.facts)

    def outcomes(
        self, requirement: Requirement, tables: Tables | None = None, rows: NDArray[np.int64] | None = None
    ) -> Codes:
        """int8 [n]: 1 where a listing meets the requirement, -1 where it misses, 0 where nobody can tell.

        Args:
            rows: look at these only; the answer is int8 [len(rows)] in their order.
        """
        codes = self._remembered(requirement, tables or default_tables())
        return codes if rows is None else codes[rows]

    def _remembered(self, requirement: Requirement, tables: Tables) -> Codes:
        """Outcomes for all rows; needs ask for the same places, industries and kinds again and again."""
        key = (requirement.type, _essence(requirement), tables)
        codes = self._known.get(key)
        if codes is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            codes = self._carried(key, requirement, tables)
            codes = self._judge(requirement, tables) if codes is None else codes
            codes.flags.writeable = False
            self._known[key] = codes
        return codes

    def _carried(self, key: Hashable, requirement: Requirement, tables: Tables) -> Codes | None:
        """What was remembered before the last change, with the added rows judged; None where nothing was."""
        codes = self._before.known.get(key) if self._before else None
        if codes is None or self._before is None:
            return None
        return self._before.change.moved(codes, self._before.added._judge(requirement, tables))

    def _judge(self, requirement: Requirement, tables: Tables) -> Codes:
        if isinstance(requirement, QuantityRequirement):
            return self._quantity_outcomes(Demand(requirement))
        if isinstance(requirement, IndustryRequirement):
            return self._industry_outcomes(requirement.industry, industry_tree(tables.industries))
        groups = self._groups.get(requirement.type)
        if groups is None:
            return np.zeros(len(self), np.int8)
        check = check_for(requirement, tables)
        codes = np.array([CODES[check(one).outcome] for one in groups.stated], np.int8)
        return codes[groups.of_row]

    def _industry_outcomes(self, wanted: str, tree: IndustryTree) -> Codes:
        groups = self._groups[IndustryRequirement.type]
        codes = np.zeros(len(groups.stated), np.int8)
        stated = [one.industries for one in groups.stated]
        filled = np.array([bool(ids) for ids in stated], np.bool_)
        if wanted in tree.known and filled.any():
            ids = [id for group in stated for id in group]
            starts = np.cumsum([0, *(len(group) for group in stated if group)])[:-1]
            closeness, far = tree.closeness(wanted), tree.far(wanted)
            near = np.maximum.reduceat(np.array([closeness[id] for id in ids]), starts) >= NEAR
            apart = np.logical_and.reduceat(np.array([far[id] for id in ids]), starts)
            codes[filled] = np.where(near, CODES["meets"], np.where(apart, CODES["misses"], CODES["unknown"]))
        offers = self._groups[_OFFERED]
        offered = np.array([wanted in one.offered for one in offers.stated], np.bool_)
        return np.where(offered[offers.of_row], np.int8(CODES["meets"]), codes[groups.of_row])

    def _quantity_outcomes(self, demand: Demand) -> Codes:
        codes = np.zeros(len(self), np.int8)
        column = self._columns.get(demand.dimension)
        if column is None:
            return codes
        answered = np.array([demand.answered_by(measure) for measure in column.measures])[column.measure]
        met = np.zeros(len(column.rows), np.bool_)
        missed = np.zeros(len(column.rows), np.bool_)
        senses = np.array([demand.sense(measure) for measure in column.measures])[column.measure]
        sums = answered & np.array([demand.is_sum(measure) for measure in column.measures])[column.measure]
        for sense in set(senses[answered].tolist()):
            chosen = answered & (senses == sense)
            low, span = column.low[chosen], demand.span(sense)
            met[chosen] = verdict(sense, span, low, column.high[chosen])[0]
            missed[chosen] = verdict(sense, span, low, column.limit[chosen])[1] & ~met[chosen]
            met[chosen] &= low <= demand.largest_taken(sense)
        if sums.any():
            # A vessel of the listing's own answers before the sum of all does.
            single = np.zeros(len(self), np.bool_)
            single[column.rows[answered & ~sums]] = True
            answered &= ~(sums & single[column.rows])
            met &= answered & ~sums
            missed &= answered
        codes[column.rows[missed]] = CODES["misses"]
        codes[column.rows[answered & ~met & ~missed]] = CODES["unknown"]
        codes[column.rows[met]] = CODES["meets"]
        return codes


@dataclass(frozen=True, slots=True)
class _Before:
    """What was remembered before a change, and what the change added."""

    known: Mapping[Hashable, Codes]
    change: RowChange
    added: CatalogueFacts


def _essence(requirement: Requirement) -> Hashable:
    return tuple(getattr(requirement, field.name) for field in fields(requirement) if field.name not in _SAID)


def must_mask(requirement: Requirement, catalogue: CatalogueFacts, tables: Tables | None = None) -> Mask:
    """bool [n]: the listings that a hard condition leaves; what a listing does not say never removes it."""
    left: Mask = catalogue.outcomes(requirement, tables) != CODES["misses"]
    return left


def _columns(facts: Sequence[ListingFacts]) -> dict[str, _Column]:
    numbers: dict[str, list[_Entry]] = {}
    measures: dict[str, dict[Measure, int]] = {}
    for row, stated in enumerate(facts):
        for dimension, group in stated.quantities.items():
            known = measures.setdefault(dimension, {})
            numbers.setdefault(dimension, []).extend(
                (row, fact.low, fact.high, fact.limit, known.setdefault(fact.measure, len(known))) for fact in group
            )
    return {dimension: _column(entries, tuple(measures[dimension])) for dimension, entries in numbers.items()}


def _column(entries: Sequence[_Entry], measures: tuple[Measure, ...]) -> _Column:
    rows, low, high, limit, measure = zip(*entries, strict=True)
    return _Column(
        np.array(rows, np.int64),
        np.array(low, np.float64),
        np.array(high, np.float64),
        np.array(limit, np.float64),
        np.array(measure, np.int64),
        measures,
    )


def _holdings(facts: ListingFacts) -> Hashable:
    """Certificates in their order, with the dosage forms they are for and those it says it lacks."""
    held = tuple((holding.certificate, holding.status, holding.evidence) for holding in facts.holdings)
    return held, tuple(sorted(facts.lacking)), tuple(sorted(facts.forms.items()))


#: What alone decides the outcome of a type.
_STATEMENTS: Final[dict[str, Callable[[ListingFacts], Hashable]]] = {
    "kind": lambda facts: facts.kind,
    "place": lambda facts: facts.place,
    "certificate": _holdings,
    "industry": lambda facts: facts.industries,
    _OFFERED: lambda facts: frozenset(facts.offered),
    "stage": lambda facts: frozenset(facts.stages),
    "budget": lambda facts: tuple((fee.low, fee.per) for fee in facts.fees),
    "deadline": lambda facts: tuple((fact.measure, fact.low, fact.high) for fact in facts.quantities.get("time", ())),
}
