"""Candidates of judged needs with all their features, measured once: any weights then rank them by two products.

Weights, thresholds, calibration and rules of a profile may change as they will; only another catalogue, another encoder
or other words to search with ask for new features.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.catalogue import Catalogue
from matcher.errors import InvalidInput
from matcher.evaluation.judged_sets import JudgedSet
from matcher.evaluation.runs import Run
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.ranking.ranked import NOTHING, Ranked
from matcher.ranking.ranker import Ranker
from matcher.ranking.removals import kept_by
from matcher.ranking.reranking import card
from matcher.ranking.ruling import Ruling
from matcher.ranking.staleness import less_stale, stale_days
from matcher.records import SUPPLY_KINDS, Coverage, Need, Requirement
from matcher.retrieval.vocabulary import Vocabulary
from matcher.scoring import DEPTH, LATE, NEAR, SHORTLIST, SHORTLISTS, TOP
from matcher.today import today as present_day

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Places = NDArray[np.int64]
Progress = Callable[[int, int], None]
_T = TypeVar("_T")

#: As deep as recall is looked at, with room for unjudged rows between.
RUN_DEPTH = 100
#: The published words and those of the draft that somebody works on, of two people at once.
KEPT = 4
#: Needs in own words that are asked about while weights move.
NEEDS_KEPT = 8
#: Of the rows that the re-ranker reads, twice as many are read before a weight moves: a change of a weight by half then
#: brings up one unread row in three needs, some 5 ms each.
READ_AHEAD = 2


@dataclass(frozen=True, slots=True)
class NeedFeatures:
    """The c candidates of one need that its hard conditions leave, in the order of the catalogue.

    Attributes:
        rows: int64 [c], of the catalogue, ascending. features: float32 [c, len(FEATURES)]. since: as `stale_days`.
        requirements: that the listings were held against. text: what was searched for.
        odds: log-odds by card, of what the re-ranker has read so far; what a draft moves up is read when it comes up.
    """

    need: Need
    rows: NDArray[np.int64]
    features: Floats
    since: NDArray[np.int64]
    odds: dict[str, float] = field(default_factory=dict)
    requirements: tuple[Requirement, ...] = ()
    text: str = ""

    def ruling(self, matcher: Matcher, today: date) -> Ruling:
        """What the rules of the matcher's profile do for the need."""
        return matcher.rules.ruling(self.text, self.requirements, self.need.kinds, today)

    def without(self, matcher: Matcher, ruling: Ruling) -> NeedFeatures:
        """Without the listings that rules hide; what the re-ranker reads stays shared."""
        hidden = [row for row in map(matcher.catalogue.row, ruling.hides) if row is not None]
        shown = ~np.isin(self.rows, hidden)
        if shown.all():
            return self
        return replace(self, rows=self.rows[shown], features=self.features[shown], since=self.since[shown])

    def pinned(self, matcher: Matcher, ruling: Ruling) -> list[int]:
        """The rows that rules pin, in order: candidates or not, but none that a hard condition or the kinds remove."""
        if not ruling.pins:
            return []
        catalogue, kinds = matcher.catalogue, self.need.kinds or SUPPLY_KINDS
        rows = [row for row in map(catalogue.row, ruling.pins) if row is not None]
        rows = [row for row in rows if catalogue.supply[row].kind in kinds]
        outcomes = matcher.conditions.outcomes(self.requirements, np.array(rows, np.int64))
        kept = kept_by(self.requirements, outcomes).tolist()
        return [row for row, is_kept in zip(rows, kept, strict=True) if is_kept]

    def unread(self, ranker: Ranker, today: date) -> Ranked:
        """Candidates, best first, before the re-ranker reads any: as `Matcher.match` ranks them by this ranker."""
        chosen = self._shortlist(ranker, today)
        scores = self._less_stale(ranker, ranker.scores(self.features[chosen]), chosen, today)
        best = ranker.order(scores)
        return Ranked(self.rows[chosen[best]], scores[best], self.features[chosen[best]])

    def read(self, matcher: Matcher, unread: Ranked) -> Ranked:
        """Candidates in the order of the answer: the first of them read, where the matcher's profile wants that."""
        return matcher.read(self.text, unread, partial(self._odds, matcher))

    def read_ahead(self, matcher: Matcher, unread: Ranked) -> None:
        """Have more read than the matcher's profile wants: a draft near to it moves those up."""
        before = len(self.odds)
        self.read(matcher, unread)
        if len(self.odds) > before:  # a matcher without a re-ranker reads nothing
            self._odds(matcher, self.text, unread.rows[: READ_AHEAD * matcher.ranker.profile.reads])

    def _odds(self, matcher: Matcher, text: str, rows: NDArray[np.int64]) -> Floats:
        cards = [card(matcher.catalogue.supply[row]) for row in rows.tolist()]
        new = [place for place, one in enumerate(cards) if one not in self.odds]
        if new:
            found = matcher.odds(text, rows[new]).tolist()
            self.odds.update(zip((cards[place] for place in new), found, strict=True))
        return np.array([self.odds[one] for one in cards], np.float32)

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
        return less_stale(scores, self.since[places], today, ranker.profile)


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
            need_id, ruling = one.need.id or "", one.ruling(matcher, today)
            shown = one.without(matcher, ruling)
            unread = shown.unread(ranker, today)
            coverage[need_id] = ranker.coverage(unread.scores[:SHORTLIST], unread.features[:SHORTLIST])
            rows = [*one.pinned(matcher, ruling), *shown.read(matcher, unread).rows[:RUN_DEPTH].tolist()]
            rankings[need_id] = [supply[row].id for row in dict.fromkeys(rows)][:RUN_DEPTH]
        return Answers(Run.from_rankings(rankings, tag), coverage)


def features_of(matcher: Matcher, need: Need, odds: dict[str, float] | None = None) -> NeedFeatures:
    """Everything that any weights could rank for a need; errors as for `Reader.read`.

    Args:
        odds: as `NeedFeatures.odds`, of this need under another catalogue or with other words.
    """
    understood = matcher.reader.read(need, strict=False)
    allowed = matcher.catalogue.of_kinds(need.kinds or SUPPLY_KINDS) & matcher.conditions.kept(understood.conditions)
    requirements, text = tuple(understood.conditions), understood.wish
    if not allowed.any():
        return NeedFeatures(need, NOTHING.rows, NOTHING.features, NOTHING.rows, {}, requirements, text)
    supply = matcher.catalogue.supply
    proposed = matcher.retriever.propose(matcher.retriever.read(text), allowed, DEPTH)
    measured = matcher.candidates(need, also=[supply[row].id for row in proposed])
    kept = np.flatnonzero(np.isin(measured.rows, proposed))
    kept = kept[np.argsort(measured.rows[kept])]
    rows, since = measured.rows[kept], stale_days(supply[row] for row in measured.rows[kept])
    read = {} if odds is None else odds
    found = NeedFeatures(need, rows, measured.features[kept], since, read, requirements, text)
    found.read_ahead(matcher, found.unread(matcher.ranker, present_day()))
    return found


class FeatureCache:
    """Features in the memory of one process, of the few catalogues, encoders and words used last.

    Args:
        vocabulary: the shipped one, which documents change.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._collecting = Lock()
        self._sets: _Latest[CachedFeatures] = _Latest(KEPT)
        self._needs: _Latest[NeedFeatures] = _Latest(NEEDS_KEPT)
        self._odds: dict[tuple[str, str], dict[str, float]] = {}

    @property
    def vocabulary(self) -> Vocabulary:
        """The shipped one."""
        return self._vocabulary

    def matcher(self, matcher: Matcher, document: Document) -> Matcher:
        """A matcher of the same catalogue by another document."""
        return matcher.with_document(document, self._vocabulary)

    def of(
        self, matcher: Matcher, document: Document, judged: JudgedSet, progress: Progress | None = None
    ) -> CachedFeatures:
        """Features of a judged set under the words of a document; who asks for the same meanwhile waits for them.

        Args:
            progress: called with needs done and needs to do.
        """
        with self._collecting:
            key = (_words(matcher, document), judged.hash)
            return self._sets.get(matcher, key, lambda: self._collect(matcher, document, judged.needs, progress))

    def one(self, matcher: Matcher, document: Document, need: Need) -> NeedFeatures:
        """The same of one need; errors as for `Reader.read`."""
        with self._collecting:
            key = (_words(matcher, document), need)
            return self._needs.get(matcher, key, lambda: features_of(self.matcher(matcher, document), need))

    def _collect(
        self, matcher: Matcher, document: Document, needs: Sequence[Need], progress: Progress | None
    ) -> CachedFeatures:
        own, found, unread = self.matcher(matcher, document), [], []
        for done, need in enumerate(needs, 1):
            try:
                found.append(features_of(own, need, self._odds.setdefault((own.retriever.encoder, need.text), {})))
            except InvalidInput:
                unread.append(need.id or "")
            if progress:
                progress(done, len(needs))
        return CachedFeatures(tuple(found), tuple(unread))


class _Latest(Generic[_T]):
    """The values used last, each of one catalogue and one key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: list[tuple[Catalogue, object, _T]] = []

    def get(self, matcher: Matcher, key: object, make: Callable[[], _T]) -> _T:
        """The value of a key over the matcher's catalogue, made where it is not there."""
        for place, (catalogue, own, value) in enumerate(self._entries):
            if catalogue is matcher.catalogue and own == key:
                self._entries.insert(0, self._entries.pop(place))
                return value
        value = make()
        self._entries = [(matcher.catalogue, key, value), *self._entries[: self._most - 1]]
        return value


def _words(matcher: Matcher, document: Document) -> object:
    read = matcher.retriever.encoder, document.profile.few_layers
    return *read, document.added, document.removed, document.dictionary, document.narrower
