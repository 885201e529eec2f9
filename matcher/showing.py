"""From ranked rows to the matches that a requester sees: fits, grades and reasons, for those that are shown only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from embeddings import Encoded
from matcher.catalogue.catalogue import Catalogue
from matcher.ranking.conditions import Conditions, alternatives
from matcher.ranking.explain import explain
from matcher.ranking.features import was_read
from matcher.ranking.fits.check import Check
from matcher.ranking.ranked import Ranked
from matcher.ranking.ranker import Ranker
from matcher.ranking.removals import removal_reason
from matcher.ranking.staleness import stale_reason
from matcher.records import Coverage, Fit, Listing, Match, Reason
from matcher.retrieval.late import Late, Similar
from matcher.today import today
from matcher.understanding.reading import Understood

#: Matches that are explained together.
PART = 64


@dataclass(frozen=True, slots=True)
class Showing:
    """How the rows of one catalogue are shown for one need.

    Attributes:
        text: what `encoded` was read from. words: that a reason may quote, as `quotable` gives them.
        checks: the need's conditions. coverage: what is said of the whole answer. explained: whether to give reasons.
    """

    catalogue: Catalogue
    conditions: Conditions
    late: Late
    ranker: Ranker
    text: str
    encoded: Encoded
    words: Sequence[str]
    checks: Sequence[Check]
    coverage: Coverage
    explained: bool

    def matches(self, ranked: Ranked, count: int, *, behind: int = 0) -> list[Match]:
        """The first `count` of a ranking, their ranks counted from `behind`."""
        count = min(count, len(ranked.rows))
        return [
            match
            for start in range(0, count, PART)
            for match in self._part(ranked, range(start, min(start + PART, count)), behind)
        ]

    def _part(self, ranked: Ranked, places: range, behind: int) -> Iterable[Match]:
        similar: Iterable[Similar | None] = repeat(None)
        if self.explained:
            similar = self.late.similar(self.encoded.tokens, ranked.rows[places.start : places.stop])
        for place, beside in zip(places, similar, strict=False):
            yield self._match(ranked, place, behind, beside)

    def _match(self, ranked: Ranked, place: int, behind: int, beside: Similar | None) -> Match:
        row, score = int(ranked.rows[place]), float(ranked.scores[place])
        listing, facts = self.catalogue.supply[row], self.conditions.facts[row]
        fits = alternatives([check(facts) for check in self.checks])
        return Match(
            rank=behind + place + 1,
            score=score,
            grade=self.ranker.grade(score, self.coverage, read=was_read(ranked.features[place])),
            listing=listing,
            fits=fits,
            reasons=() if beside is None else self._reasons(listing, beside, fits),
            features=self.ranker.contributions(ranked.features[place]),
            measured=ranked.features[place].tobytes(),
        )

    def _reasons(self, listing: Listing, beside: Similar, fits: tuple[Fit, ...]) -> tuple[Reason, ...]:
        reasons = explain(listing, self.text, self.encoded, self.words, beside, fits)
        removal, stale = removal_reason(fits), stale_reason(listing, today())
        return tuple(one for one in (removal, *reasons, stale) if one is not None)


def without_numbers(encoded: Encoded, understood: Understood) -> Encoded:
    """The need without its amounts, money and times: fits speak of these, and near numbers are no reason."""
    keep = np.ones(len(encoded.offsets), np.bool_)
    for one in understood.requirements:
        if one.type in ("quantity", "budget", "deadline") and one.start is not None and one.end is not None:
            keep &= (encoded.offsets[:, 1] <= one.start) | (encoded.offsets[:, 0] >= one.end)
    return Encoded(encoded.vector, encoded.tokens[keep], encoded.offsets[keep])
