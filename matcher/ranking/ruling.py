"""Which rules of a profile hold for a need, and what they do to its ranking.

Precedence, from the strongest: what the caller filters and what a *must* of the need removes; a rule that hides; a rule
that pins, in the order of the document; the score. So a pin never brings back what a condition removed, and a listing
that is both pinned and hidden is hidden. Rules that have expired, or whose listing is not published, do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput
from matcher.ranking.facts import Tables
from matcher.ranking.ranked import Ranked
from matcher.ranking.rules import WHAT_NAMES, Rule, Scope
from matcher.records import SUPPLY_KINDS, IndustryRequirement, Kind, PlaceRequirement, Requirement
from matcher.retrieval.words import normalise
from matcher.understanding.industries import Industries


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules that hold for one need do, by listing id; pins in the order of the document.

    A listing that is hidden is not among the pins; of several rules about one listing the first stands here.
    """

    hides: Mapping[str, Rule] = field(default_factory=dict)
    pins: Mapping[str, Rule] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether any rule holds."""
        return bool(self.hides or self.pins)


class RuleBook:
    """The rules of a profile, and the tables that their places and industries are looked up in."""

    def __init__(self, rules: Sequence[Rule], tables: Tables) -> None:
        self.rules, self.tables = tuple(rules), tables
        self._words = [tuple(map(normalise, rule.when.words)) for rule in rules]
        self._by_listing: dict[str, list[Rule]] = {}
        for rule in rules:
            self._by_listing.setdefault(rule.listing_id, []).append(rule)

    def about(self, listing_id: str) -> RuleBook:
        """The rules about one listing."""
        return RuleBook(self._by_listing.get(listing_id, ()), self.tables)

    def ruling(self, text: str, requirements: Sequence[Requirement], kinds: Sequence[Kind], today: date) -> Ruling:
        """What the rules do for a need; arguments as for `holding`."""
        if not self.rules:
            return NO_RULING
        hides: dict[str, Rule] = {}
        pins: dict[str, Rule] = {}
        for rule in self.holding(text, requirements, kinds, today):
            (hides if rule.what == "hide" else pins).setdefault(rule.listing_id, rule)
        return Ruling(hides, {listing_id: rule for listing_id, rule in pins.items() if listing_id not in hides})

    def holding(
        self, text: str, requirements: Sequence[Requirement], kinds: Sequence[Kind], today: date
    ) -> tuple[Rule, ...]:
        """The rules that hold for a need, in the order of the document.

        Args:
            text: what is searched for. kinds: of supply that are asked for; () is every kind.
        """
        if not self.rules:
            return ()
        spelt, kinds = normalise(text), kinds or SUPPLY_KINDS
        places = [one.code for one in requirements if isinstance(one, PlaceRequirement) and not one.excluded]
        industries = [one.industry for one in requirements if isinstance(one, IndustryRequirement)]
        return tuple(
            rule
            for rule, words in zip(self.rules, self._words, strict=True)
            if rule.holds_on(today)
            and _any(rule.when.kinds, lambda kind: kind in kinds)
            and _any(words, lambda word: word in spelt)
            and _any(rule.when.places, lambda place: self._names_place(place, places))
            and _any(rule.when.industries, lambda industry: self._names_industry(industry, industries))
        )

    def _names_place(self, place: str, codes: Sequence[str]) -> bool:
        regions = self.tables.regions
        return place in regions and any(code == place or regions.contains(place, code) for code in codes)

    def _names_industry(self, industry: str, named: Sequence[str]) -> bool:
        return any(industry in _line(self.tables.industries, one) for one in named)


NO_RULING: Final = Ruling()


def label(rule: Rule) -> str:
    """What a requester is told: 置顶:省级示范平台."""
    return f"{WHAT_NAMES[rule.what]}:{rule.reason}"


def resolved(scope: Scope, tables: Tables) -> Scope:
    """A scope whose places and industries are codes, however they were named: 东莞 → 441900.

    Raises:
        InvalidInput: a place or an industry that nobody knows; `field` is when.places or when.industries.
    """
    places = [_place(name, tables) for name in scope.places]
    industries = [_industry(name, tables.industries) for name in scope.industries]
    return replace(scope, places=tuple(dict.fromkeys(places)), industries=tuple(dict.fromkeys(industries)))


def _place(name: str, tables: Tables) -> str:
    if name in tables.regions:
        return name
    try:
        return tables.regions.find(name)
    except InvalidInput as error:
        raise InvalidInput(error.message, hint=error.hint, field="when.places") from error


def _industry(name: str, industries: Industries) -> str:
    found = [one.id for one in industries if name in (one.id, one.name)]
    if not found:
        raise InvalidInput(
            f"不认识的行业:{name[:40]}", hint="编号与名称见行业表 industries.csv", field="when.industries"
        )
    return found[0]


def hidden_words(rule: Rule) -> str:
    """What an operator is told of a listing of theirs that a rule hides."""
    return f"管理员{label(rule)}"


def pinned_first(ranked: Ranked, rows: Sequence[int]) -> Ranked:
    """The candidates with the given rows before all others, in the order given; all of them are candidates."""
    place_of = {int(row): place for place, row in enumerate(ranked.rows)}
    first = np.array([place_of[row] for row in rows], np.int64)
    rest: NDArray[np.int64] = np.setdiff1d(np.arange(len(ranked.rows)), first)
    order = np.concatenate([first, rest])
    return Ranked(ranked.rows[order], ranked.scores[order], ranked.features[order])


def _line(industries: Industries, id: str) -> set[str]:
    """An industry and all above it."""
    line = {id}
    while (parent := industries[id].parent) is not None:
        line.add(parent)
        id = parent
    return line


def _any(values: Sequence[str], holds: Callable[[str], bool]) -> bool:
    """A part of a scope that is empty always holds."""
    return not values or any(holds(value) for value in values)
