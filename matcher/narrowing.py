"""What a list of matches can be narrowed to, with counts; and the cases of the operators in it.

Counts are over every listing that the need's hard conditions leave, not over the page shown: each tells how many there
would be if that value were chosen instead of the one that is, the other choices staying as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.catalogue import Catalogue
from matcher.ranking.facts import ListingFacts
from matcher.records import SUPPLY_KINDS, Kind, Listing, Within

Mask = NDArray[np.bool_]
#: Cities and certificates beyond these are found by their province, or by saying them in the need.
CITIES_MAX: Final = 20
CERTIFICATES_MAX: Final = 12
#: More cases than these of one operator stand on the listing's own page.
CASES_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Facets:
    """Value → how many: kinds of supply, provinces, cities, and certificates by their ids, the commonest first."""

    kinds: Mapping[Kind, int]
    provinces: Mapping[str, int]
    cities: Mapping[str, int]
    certificates: Mapping[str, int]


class _Column:
    """One text of each row, as a number, so that counting is one pass over an array."""

    def __init__(self, values: Sequence[str | None]) -> None:
        numbers: dict[str, int] = {}
        codes = [0 if value is None else numbers.setdefault(value, len(numbers) + 1) for value in values]
        self._values = ("", *numbers)
        self._codes = np.array(codes, np.int32)

    def counts(self, rows: Mask) -> Counter[str]:
        found = np.bincount(self._codes[rows], minlength=len(self._values))
        return Counter({self._values[place]: int(found[place]) for place in np.flatnonzero(found) if place})

    def begins(self, words: str) -> Mask:
        hits = np.array([bool(value) and value.startswith(words) for value in self._values], np.bool_)
        mask: Mask = hits[self._codes]
        return mask


class Narrowing:
    """The columns of one catalogue that lists are narrowed by; read when first asked for."""

    def __init__(self, catalogue: Catalogue, facts: Sequence[ListingFacts]) -> None:
        self._catalogue, self._facts = catalogue, facts

    def mask(self, within: Within) -> Mask:
        """bool [len(supply)]: which rows are looked at."""
        found = np.ones(len(self._catalogue.supply), np.bool_)
        if within.province:
            found &= self._provinces.begins(within.province)
        if within.city:
            found &= self._cities.begins(within.city)
        if within.certificate:
            found &= self._holders(within.certificate)
        return found

    def facets(self, kept: Mask, kinds: Sequence[Kind], within: Within) -> Facets:
        """The counts over rows that hard conditions and rules leave.

        Args:
            kept: bool [len(supply)], of every kind and place. kinds: chosen ones, () for all. within: what is chosen.
        """
        of_kinds = self._catalogue.of_kinds(kinds or SUPPLY_KINDS)
        rows = kept & of_kinds
        anywhere = rows & self.mask(replace(within, province=None, city=None))
        by_kind = kept & self.mask(within)
        in_province = rows & self.mask(replace(within, city=None))
        kind_counts = {kind: int((by_kind & self._catalogue.of_kinds((kind,))).sum()) for kind in SUPPLY_KINDS}
        return Facets(
            kinds=kind_counts,
            provinces=_ordered(self._provinces.counts(anywhere)),
            cities=_ordered(self._cities.counts(in_province), CITIES_MAX),
            certificates=_ordered(self._certificates(rows & self.mask(replace(within, certificate=None)))),
        )

    def cases(self, listing: Listing) -> tuple[Listing, ...]:
        """Cases of the same operator, few of many."""
        return self._cases.get(listing.operator or "", ())[:CASES_MAX]

    def _holders(self, certificate: str) -> Mask:
        rows, numbers, names = self._holdings
        found = np.zeros(len(self._catalogue.supply), np.bool_)
        if certificate in names:
            found[rows[numbers == names[certificate]]] = True
        return found

    def _certificates(self, rows: Mask) -> Counter[str]:
        holders, numbers, names = self._holdings
        found = np.bincount(numbers[rows[holders]], minlength=len(names))
        return Counter({name: int(found[number]) for name, number in names.items() if found[number]})

    @cached_property
    def _provinces(self) -> _Column:
        return _Column([listing.province for listing in self._catalogue.supply])

    @cached_property
    def _cities(self) -> _Column:
        return _Column([listing.city for listing in self._catalogue.supply])

    @cached_property
    def _holdings(self) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[str, int]]:
        """Rows and numbers of certificates [pairs], and the number of each certificate."""
        names: dict[str, int] = {}
        pairs = [
            (row, names.setdefault(certificate, len(names)))
            for row, facts in enumerate(self._facts)
            for certificate in dict.fromkeys(one.certificate for one in facts.holdings if one.status == "held")
        ]
        both = np.array(pairs, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1], names

    @cached_property
    def _cases(self) -> dict[str, tuple[Listing, ...]]:
        found: dict[str, tuple[Listing, ...]] = {}
        for listing in self._catalogue.listings:
            if listing.kind == "case" and listing.operator:
                found[listing.operator] = (*found.get(listing.operator, ()), listing)
        return found


def _ordered(counts: Counter[str], most: int | None = None) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:most])
