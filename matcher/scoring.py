"""From a query and the rows that may answer it to a ranked list: propose, measure, score, order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.conditions import Conditions
from matcher.ranking.features import FEATURES, feature_matrix
from matcher.ranking.ranked import NOTHING, Ranked
from matcher.ranking.ranker import Ranker
from matcher.ranking.staleness import less_stale
from matcher.records import Requirement
from matcher.retrieval.retriever import Query, Retrieved, Retriever
from matcher.today import today

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

#: Rows that each proposer may bring: enough that thirty near-copies of the best listings don't crowd out the rest.
DEPTH = 250
#: Rows that late interaction looks at: the best by all other features. On needs_dev the first ten are then, for every
#: need, those that scoring the whole catalogue would give; with 60 one in a thousand is another.
SHORTLIST = 100
#: Late interaction moves few rows by more than this. Rows that near to the tenth are looked at too, where a catalogue
#: holds many near-copies, up to so many shortlists.
NEAR, SHORTLISTS = 1.2, 2
#: Of so many everybody sees the order.
TOP = 10
LATE = FEATURES.index("late")


@dataclass(frozen=True, slots=True)
class Scoring:
    """How the rows of one catalogue get their scores by one profile.

    Attributes:
        complete: float32 [n], how much each listing says. stale_since: the day since which it is stale, as
            `staleness.stale_days` gives it.
    """

    retriever: Retriever
    conditions: Conditions
    ranker: Ranker
    complete: Floats
    stale_since: NDArray[np.int64]

    def rank(self, query: Query, requirements: Sequence[Requirement], mask: Mask, top: int) -> Ranked:
        """The candidates among the rows of a mask, best first: at least `top` of them while as many pass."""
        if not mask.any():
            return NOTHING
        rows, features = self.shortlist(query, requirements, mask)
        features[:, LATE] = self.retriever.late_scores(query, rows)
        ranked = self._ordered(rows, features)
        missing = min(top, int(mask.sum())) - len(ranked.rows)
        return ranked if missing <= 0 else self._filled(ranked, missing, query, requirements, mask)

    def shortlist(
        self, query: Query, requirements: Sequence[Requirement], mask: Mask
    ) -> tuple[NDArray[np.int64], Floats]:
        """The rows of a mask, ascending, that are ranked by all features, and their features without late
        interaction: they are the best by all others."""
        rows = self.retriever.propose(query, mask, DEPTH)
        features = self._features(self.retriever.measure(query, rows, late=False), requirements)
        if len(rows) <= SHORTLIST:
            return rows, features
        scores = self._scores(rows, features)
        order = self.ranker.order(scores)
        near = int((scores >= scores[order[TOP - 1]] - NEAR).sum())
        best = np.sort(order[: min(max(SHORTLIST, near), SHORTLISTS * SHORTLIST)])
        return rows[best], features[best]

    def _filled(
        self, ranked: Ranked, missing: int, query: Query, requirements: Sequence[Requirement], mask: Mask
    ) -> Ranked:
        """Rows that no proposer brought, behind the candidates, so that a longer list begins like a shorter one.

        They come in the order of the pooled vectors, and none scores more than the row before it.
        """
        rest = mask.copy()
        rest[ranked.rows] = False
        more = self.retriever.nearest(query, rest, missing)
        found = self.score(more, requirements)
        places = np.argsort(found.rows)[np.searchsorted(np.sort(found.rows), more.rows)]
        scores = np.minimum.accumulate(np.concatenate([ranked.scores[-1:], found.scores[places]]))
        return Ranked(
            np.concatenate([ranked.rows, found.rows[places]]),
            np.concatenate([ranked.scores[:-1], scores]),
            np.concatenate([ranked.features, found.features[places]]),
        )

    def score(self, retrieved: Retrieved, requirements: Sequence[Requirement]) -> Ranked:
        """Rows with all their signals, best first."""
        return self._ordered(retrieved.rows, self._features(retrieved, requirements))

    def _features(self, retrieved: Retrieved, requirements: Sequence[Requirement]) -> Floats:
        outcomes = self.conditions.outcomes(requirements, retrieved.rows)
        return feature_matrix(retrieved.signals, requirements, outcomes, self.complete[retrieved.rows])

    def _scores(self, rows: NDArray[np.int64], features: Floats) -> Doubles:
        """Scores by the profile, less what stale listings lose; nobody else's score depends on it."""
        return less_stale(self.ranker.scores(features), self.stale_since[rows], today(), self.ranker.profile)

    def _ordered(self, rows: NDArray[np.int64], features: Floats) -> Ranked:
        scores = self._scores(rows, features)
        order = self.ranker.order(scores)
        return Ranked(rows[order], scores[order], features[order])
