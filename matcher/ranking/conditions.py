"""Hard conditions before search: which rows a need's *must* requirements leave, and how many each one removes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.facts import ListingFacts, Tables, facts_of_all
from matcher.ranking.fit import check_for
from matcher.records import Fit, Listing, PlaceRequirement, Requirement

Mask = NDArray[np.bool_]


class Conditions:
    """What the supply states, row by row, and the *must* requirements held against it.

    A *must* removes a row only where it misses: a row that does not say stays, as unknown.
    """

    def __init__(self, supply: Sequence[Listing], tables: Tables) -> None:
        self.facts: tuple[ListingFacts, ...] = facts_of_all(supply, tables)
        self._tables = tables

    def kept(self, requirements: Sequence[Requirement]) -> Mask:
        """bool [n]: the rows that no *must* removes. Places are alternatives: 仅限广东、福建 is met in either."""
        kept = np.ones(len(self.facts), np.bool_)
        elsewhere = np.ones(len(self.facts), np.bool_)
        hard = [requirement for requirement in requirements if requirement.strength == "must"]
        for requirement in hard:
            if requirement.type == PlaceRequirement.type:
                elsewhere &= self._missing(requirement)
            else:
                kept &= ~self._missing(requirement)
        if any(requirement.type == PlaceRequirement.type for requirement in hard):
            kept &= ~elsewhere
        return kept

    def removed(self, requirements: Sequence[Requirement], allowed: Mask) -> dict[str, int]:
        """How many of the allowed rows each *must* removes, by its words; those that remove none are left out."""
        counts = {one.text: int((self._missing(one) & allowed).sum()) for one in requirements if one.strength == "must"}
        return {text: count for text, count in counts.items() if count}

    def _missing(self, requirement: Requirement) -> Mask:
        check = check_for(requirement, self._tables)
        return np.fromiter((check(facts).outcome == "misses" for facts in self.facts), np.bool_, len(self.facts))


def missed(fits: Sequence[Fit]) -> tuple[Fit, ...]:
    """The hard conditions that a listing misses."""
    return tuple(fit for fit in fits if fit.outcome == "misses" and fit.requirement.strength == "must")
