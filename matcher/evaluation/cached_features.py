"""Candidates of judged needs with all their features, measured once: any weights then rank them by two products.

Weights, thresholds and calibration of a profile may change as they will; only another catalogue, another encoder or
other words to search with ask for new features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.catalogue import Catalogue
from matcher.errors import InvalidInput
from matcher.evaluation.judged_sets import JudgedSet
from matcher.evaluation.runs import Run
from matcher.match import DEPTH, LATE, NEAR, SHORTLIST, SHORTLISTS, TOP, Matcher
from matcher.ranking.documents import Document
from matcher.ranking.ranked import NOTHING, Ranked
from matcher.ranking.ranker import Ranker
from matcher.ranking.staleness import DECIMALS, decay, largest, stale_days
from matcher.records import SUPPLY_KINDS, Coverage, Need
from matcher.retrieval.vocabulary import Vocabulary

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Places = NDArray[np.int64]
Progress = Callable[[int, int], None]

#: As deep as recall is looked at, with room for unjudged rows between.
RUN_DEPTH = 100
#: The published words and those of the draft that somebody works on, of two people at once.
KEPT = 4


@dataclass(frozen=True, slots=True)
class NeedFeatures:
    """The c candidates of one need that its hard conditions leave, in the order of the catalogue.

    Attributes:
        rows: int64 [c], of the catalogue, ascending. features: float32 [c, len(FEATURES)]. since: as `stale_days`.
        odds: log-odds by row, of what the re-ranker has read so far; what a draft moves up is read when it comes up.
    """

    need: Need
    rows: NDArray[np.int64]
    features: Floats
    since: NDArray[np.int64]
    odds: dict[int, float] = field(default_factory=dict)

    def unread(self, ranker: Ranker, today: date) -> Ranked:
        """Candidates, best first, before the re-ranker reads any: as `Matcher.match` ranks them by this ranker."""
        chosen = self._shortlist(ranker, today)
        scores = self._less_stale(ranker, ranker.scores(self.features[chosen]), chosen, today)
        best = ranker.order(scores)
        return Ranked(self.rows[chosen[best]], scores[best], self.features[chosen[best]])

    def read(self, matcher: Matcher, unread: Ranked) -> Ranked:
        """Candidates in the order of the answer: the first of them read, where the matcher's profile wants that."""
        return matcher.read(self.need.text, unread, partial(self._odds, matcher))

    def _odds(self, matcher: Matcher, text: str, rows: NDArray[np.int64]) -> Floats:
        new = np.array([row for row in rows.tolist() if row not in self.odds], np.int64)
        if len(new):
            self.odds.update(zip(new.tolist(), matcher.odds(text, new).tolist(), strict=True))
        return np.array([self.odds[row] for row in rows.tolist()], np.float32)

    def _shortlist(self, ranker: Ranker, today: date) -> Places:
        """The candidates that late interaction looks at: the same as `Matcher.shortlist` chooses."""
        everything = np.arange(len(self.rows))
        if len(everything) <= SHORTLIST:
            return everything
        without = self.features.copy()
        without[:, LATE] = 0
        scores = self._less_stale(ranker, ranker.scores(without), everything, today)
        order = ranker.order(scores)
        near = int((scores >= scores[order[TOP - 1]] - NEAR).sum())
        return np.sort(order[: min(max(SHORTLIST, near), SHORTLISTS * SHORTLIST)])

    def _less_stale(self, ranker: Ranker, scores: Doubles, places: Places, today: date) -> Doubles:
        since = self.since[places]
        if not since.any():
            return scores
        lowered: Doubles = np.round(scores - decay(since, today, largest(ranker.profile)), DECIMALS)
        return lowered


@dataclass(frozen=True, slots=True)
class Answers:
    """What one profile answers to the needs of a set: rankings, and what it says of each answer as a whole."""

    run: Run
    coverage: Mapping[str, Coverage]


@dataclass(frozen=True, slots=True)
class CachedFeatures:
    """Features of all judged needs of a set that can be read; `unread` are the ids of the others."""

    needs: tuple[NeedFeatures, ...]
    unread: tuple[str, ...] = ()

    def answers(self, matcher: Matcher, today: date, tag: str = "draft") -> Answers:
        """What a matcher of the same catalogue and words answers to them; a need that can't be read gets nothing."""
        rankings: dict[str, list[str]] = {need_id: [] for need_id in self.unread}
        coverage: dict[str, Coverage] = dict.fromkeys(self.unread, "none")
        supply, ranker = matcher.catalogue.supply, matcher.ranker
        for one in self.needs:
            need_id, unread = one.need.id or "", one.unread(ranker, today)
            coverage[need_id] = ranker.coverage(unread.scores[:SHORTLIST], unread.features[:SHORTLIST])
            rankings[need_id] = [supply[row].id for row in one.read(matcher, unread).rows[:RUN_DEPTH].tolist()]
        return Answers(Run.from_rankings(rankings, tag), coverage)


def features_of(matcher: Matcher, need: Need) -> NeedFeatures:
    """Everything that any weights could rank for a need; errors as for `Reader.read`."""
    understood = matcher.reader.read(need, strict=False)
    allowed = matcher.catalogue.of_kinds(need.kinds or SUPPLY_KINDS) & matcher.conditions.kept(understood.conditions)
    supply = matcher.catalogue.supply
    proposed = matcher.retriever.propose(matcher.retriever.read(need.text), allowed, DEPTH)
    if not allowed.any():
        return NeedFeatures(need, NOTHING.rows, NOTHING.features, NOTHING.rows)
    measured = matcher.candidates(need, also=[supply[row].id for row in proposed])
    kept = np.flatnonzero(np.isin(measured.rows, proposed))
    kept = kept[np.argsort(measured.rows[kept])]
    rows = measured.rows[kept]
    return NeedFeatures(need, rows, measured.features[kept], stale_days(supply[row] for row in rows))


def collect_features(matcher: Matcher, needs: Sequence[Need], progress: Progress | None = None) -> CachedFeatures:
    """Features of needs; `progress` is called with needs done and needs to do."""
    found, unread = [], []
    for done, need in enumerate(needs, 1):
        try:
            found.append(features_of(matcher, need))
        except InvalidInput:
            unread.append(need.id or "")
        if progress:
            progress(done, len(needs))
    return CachedFeatures(tuple(found), tuple(unread))


@dataclass(frozen=True, slots=True)
class _Entry:
    catalogue: Catalogue
    key: object
    found: CachedFeatures


class FeatureCache:
    """Features in the memory of one process, of the few catalogues, encoders and words used last.

    Args:
        vocabulary: the shipped one, which documents change.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._collecting = Lock()
        self._entries: list[_Entry] = []

    def matcher(self, matcher: Matcher, document: Document) -> Matcher:
        """A matcher of the same catalogue by another document."""
        return matcher.with_document(document, self._vocabulary)

    def of(
        self, matcher: Matcher, document: Document, judged: JudgedSet, progress: Progress | None = None
    ) -> CachedFeatures:
        """Features of a judged set under the words of a document; who asks for the same meanwhile waits for them."""
        key = (matcher.retriever.encoder, document.added, document.removed, document.dictionary, judged.hash)
        with self._collecting:
            known = next((one for one in self._entries if one.catalogue is matcher.catalogue and one.key == key), None)
            if known is None:
                found = collect_features(self.matcher(matcher, document), judged.needs, progress)
                known = _Entry(matcher.catalogue, key, found)
            self._entries = [known, *(one for one in self._entries if one is not known)][:KEPT]
            return known.found
