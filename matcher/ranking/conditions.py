"""Hard conditions before search: which rows a need's *must* requirements leave, and how many each one removes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.row_change import RowChange
from matcher.ranking.catalogue_facts import CODES, CatalogueFacts
from matcher.ranking.facts import ListingFacts, Tables, facts_of_all
from matcher.ranking.fit import checks_for
from matcher.ranking.fits.check import Check
from matcher.records import Fit, Listing, PlaceRequirement, Requirement, Strength

Mask = NDArray[np.bool_]
Codes = NDArray[np.int8]
ReadFacts = Callable[[Sequence[Listing], Tables], tuple[ListingFacts, ...]]


class Conditions:
    """What the supply states, row by row, and requirements held against it.

    A *must* removes a row only where it misses: a row that does not say stays, as unknown.

    Args:
        read: tells what listings state, with these tables.
    """

    def __init__(self, supply: Sequence[Listing], tables: Tables, read: ReadFacts = facts_of_all) -> None:
        self._catalogue = CatalogueFacts(read(supply, tables))
        self._tables = tables

    def changed(self, change: RowChange, added: Conditions) -> Conditions:
        """The conditions after a change of rows; `added` are those of the added listings alone, in their order."""
        after = copy(self)
        after._catalogue = self._catalogue.changed(change, added._catalogue)
        return after

    @property
    def facts(self) -> tuple[ListingFacts, ...]:
        """What each row states."""
        return self._catalogue.facts

    def checks(self, requirements: Sequence[Requirement]) -> tuple[Check, ...]:
        """The requirements made ready to be held against single rows: `check(facts[row])` is a fit."""
        return checks_for(requirements, self._tables)

    def outcomes(self, requirements: Sequence[Requirement], rows: NDArray[np.int64]) -> Codes:
        """int8 [len(requirements), len(rows)]: 1 meets, −1 misses, 0 unknown, as `checks` say."""
        found = np.zeros((len(requirements), len(rows)), np.int8)
        for place, requirement in enumerate(requirements):
            found[place] = self._catalogue.outcomes(requirement, self._tables, rows)
        return found

    def judge(self, requirements: Sequence[Requirement]) -> None:
        """Hold requirements against every row now: `outcomes` has the answers from then on."""
        for requirement in requirements:
            self._catalogue.outcomes(requirement, self._tables)

    def kept(self, requirements: Sequence[Requirement]) -> Mask:
        """bool [n]: the rows that no *must* removes. Places are alternatives: 仅限广东、福建 is met in either."""
        kept = np.ones(len(self.facts), np.bool_)
        elsewhere: Mask | None = None
        for requirement in requirements:
            if requirement.strength != "must":
                continue
            missing = self._missing(requirement)
            if isinstance(requirement, PlaceRequirement) and not requirement.excluded:
                elsewhere = missing if elsewhere is None else elsewhere & missing
            else:
                kept &= ~missing
        return kept if elsewhere is None else kept & ~elsewhere

    def removed(self, requirements: Sequence[Requirement], allowed: Mask) -> dict[str, int]:
        """How many of the allowed rows each *must* removes, by its words; those that remove none are left out."""
        removed: dict[str, Mask] = {}
        for one in requirements:
            if one.strength == "must":
                # 不要江苏和浙江 is two conditions in the same words: what either removes counts once.
                missing = self._missing(one) & allowed
                removed[one.text] = removed[one.text] | missing if one.text in removed else missing
        return {text: int(mask.sum()) for text, mask in removed.items() if mask.any()}

    def _missing(self, requirement: Requirement) -> Mask:
        missing: Mask = self._catalogue.outcomes(requirement, self._tables) == CODES["misses"]
        return missing


def alternatives(fits: Sequence[Fit]) -> tuple[Fit, ...]:
    """Fits as they are shown: a place that is missed is no miss where another one, asked for as firmly, is met."""
    met = {fit.requirement.strength: fit for fit in fits if _is_place(fit) and fit.outcome == "meets"}
    return tuple(_eased(fit, met) if _is_place(fit) and fit.outcome == "misses" else fit for fit in fits)


def _is_place(fit: Fit) -> bool:
    return isinstance(fit.requirement, PlaceRequirement) and not fit.requirement.excluded


def _eased(fit: Fit, met: Mapping[Strength, Fit]) -> Fit:
    other = met.get("must") or (met.get("prefer") if fit.requirement.strength == "prefer" else None)
    if other is None:
        return fit
    return Fit(fit.requirement, "unknown", evidence=fit.evidence, note=f"任一地点即可,已符合“{other.requirement.text}”")


def missed(fits: Sequence[Fit]) -> tuple[Fit, ...]:
    """The hard conditions that a listing misses."""
    return tuple(fit for fit in fits if fit.outcome == "misses" and fit.requirement.strength == "must")
