"""Which missing facts of a need would change its list most: questions, with answers that its candidates state.

For every topic that the need leaves open, the answers that candidates state are tried out: each becomes a condition,
the candidates are scored again with it, and the change of the first places is measured. What is expected of a topic
is the sum of these changes, each weighted by the share of the candidates' relevance that states the answer (so a
topic that few of them touch counts little), times how often a requester has an answer to such a question at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.row_change import RowChange
from matcher.ranking.catalogue_facts import CODES
from matcher.ranking.conditions import Conditions
from matcher.ranking.facts import ListingFacts, Tables
from matcher.ranking.features import FEATURES
from matcher.ranking.ranker import Ranker
from matcher.ranking.topics import Answer, Topic, topics
from matcher.ranking.unwanted import unwanted
from matcher.records import CertificateRequirement, IndustryRequirement, Need, Question, Requirement
from matcher.retrieval.growing import Stacked

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Codes = NDArray[np.int8]
Mask = NDArray[np.bool_]
RowsBy = Mapping[str, Sequence[int]]

#: More questions than this are a form.
MAX_QUESTIONS: Final = 3
#: Answers suggested to one question: what fits on a line.
MAX_SUGGESTIONS: Final = 5
#: Candidates looked at: whatever an answer lifts into the first ten stands among the first forty.
POOL: Final = 40
#: First places whose change is measured, and how far down a reader goes: RBO with p = 0.9 has 86 % of its weight there.
DEPTH: Final = 10
PERSISTENCE: Final = 0.9
#: A quantity that candidates state alike, or one certificate that all hold, tells nothing apart.
LEAST_ANSWERS: Final = {"quantity": 2, "place": 2, "kind": 2, "stage": 2, "industry": 2, "certificate": 1}
#: Expected change from which a question is worth the requester's time. A list that loses its first listing changes by
#: 0.37, so this is one requester in twelve who sees that happen.
LEAST_CHANGE: Final = 0.03
#: Of two topics of one dimension the special one is asked where it tells at least this share of what the other does.
SPECIAL_SHARE: Final = 0.7
#: Listings up to which an answer is held against each of them: for more the columns of a catalogue are faster.
FEW: Final = 8
#: How often requesters have an answer: share of the 360 needs of needs_train that state a fact of the type. Stage and
#: industry they nearly always know, whether or not they write it down.
KNOWN: Final = {"place": 0.24, "certificate": 0.14, "kind": 0.19, "quantity": 0.62, "stage": 0.96, "industry": 1.0}


@dataclass(frozen=True, slots=True)
class _Open:
    """A topic under trial: rows of its tried answers in `Questions`, and the share of relevance behind each."""

    topic: Topic
    chosen: NDArray[np.int64]
    weights: Doubles


class Questions:
    """The topics of one catalogue, every answer held against every listing once, when it comes."""

    def __init__(self, conditions: Conditions, tables: Tables) -> None:
        self._topics: list[tuple[Topic, slice]] = []
        self._answers: list[Answer] = []
        for topic in topics(tables):
            begin = len(self._answers)
            self._answers += topic.answers
            self._topics.append((topic, slice(begin, len(self._answers))))
        self._unwanted = unwanted(tables)
        self._checks = conditions.checks([answer.requirement for answer in self._answers])
        outcomes, stated = self._held(conditions)
        self._outcomes, self._stated = Stacked(outcomes), Stacked(stated)

    def changed(self, change: RowChange, added: Conditions) -> Questions:
        """The questions after a change of rows; `added` are the conditions of the added listings, in their order."""
        after = copy(self)
        outcomes, stated = self._held(added)
        after._outcomes, after._stated = self._outcomes.changed(change, outcomes), self._stated.changed(change, stated)
        return after

    def _held(self, conditions: Conditions) -> tuple[Codes, Mask]:
        """int8 and bool [n, answers]: every answer held against every row, and which of them it states itself."""
        facts = conditions.facts
        if len(facts) <= FEW:
            each = [[CODES[check(one).outcome] for one in facts] for check in self._checks]
            codes = np.array(each, np.int8).reshape(len(self._checks), len(facts))
        else:
            codes = conditions.outcomes([answer.requirement for answer in self._answers], np.arange(len(facts)))
        tagged, holding = _rows_by(one.industries for one in facts), _rows_by(map(_certificates, facts))
        parts = [_stated(topic, codes[span], tagged, holding) for topic, span in self._topics]
        return np.ascontiguousarray(codes.T), np.ascontiguousarray(np.concatenate(parts).T)

    def ask(
        self,
        requirements: Sequence[Requirement],
        rows: Rows,
        scores: Doubles,
        features: Floats,
        ranker: Ranker,
        types: Iterable[str] = (),
        text: str = "",
    ) -> tuple[Question, ...]:
        """The questions worth asking, the most telling first; none where no answer would change much.

        What the need has refused is neither asked about nor suggested.

        Args:
            requirements: of the need. rows, scores, features: its candidates, best first.
            types: types that are settled otherwise and are not asked about. text: of the need.
        """
        order = np.sort(np.argsort(-scores[:POOL], kind="stable"))[:POOL]
        order = order[np.argsort(rows[order], kind="stable")]
        rows, scores, features = rows[order], scores[order], features[order]
        relevance = ranker.probabilities(scores, features)
        settled = set(types)
        weights = relevance @ self._stated.of(rows).astype(np.float64)
        weights[self._unwanted.mask(text, requirements)] = 0
        trials = [
            trial
            for topic, span in self._topics
            if topic.type not in settled and not any(topic.is_answered(one) for one in requirements)
            if (trial := _trial(topic, span, weights[span], relevance)) is not None
        ]
        if not trials or len(rows) < 2:
            return ()
        expected = self._expected(trials, requirements, rows, scores, features, ranker)
        return tuple(self._question(trials[place]) for place in _worthwhile(trials, expected))

    def _expected(
        self,
        trials: Sequence[_Open],
        requirements: Sequence[Requirement],
        rows: Rows,
        scores: Doubles,
        features: Floats,
        ranker: Ranker,
    ) -> Doubles:
        """float64 [len(trials)]: the change expected of each."""
        chosen = np.concatenate([trial.chosen for trial in trials])
        outcomes = np.ascontiguousarray(self._outcomes.of(rows)[:, chosen].T)
        asked = [self._answers[place].requirement for place in chosen.tolist()]
        counts = {kind: sum(one.type == kind for one in requirements) for kind in {one.type for one in asked}}
        tried = with_answers(features, asked, outcomes, counts)
        new = ranker.scores(tried.reshape(-1, len(FEATURES))).reshape(len(asked), len(rows))
        hard = np.array([one.strength == "must" for one in asked])
        new[hard[:, None] & (outcomes < 0)] = -np.inf
        changes = change_of_top(scores, new)
        ends = np.cumsum([len(trial.chosen) for trial in trials])
        return np.array(
            [
                KNOWN[trial.topic.type] * float(trial.weights @ part)
                for trial, part in zip(trials, np.split(changes, ends[:-1]), strict=True)
            ]
        )

    def _question(self, trial: _Open) -> Question:
        words = tuple(self._answers[place].text for place in trial.chosen.tolist())
        return Question(trial.topic.question, trial.topic.type, words)


def _trial(topic: Topic, span: slice, weights: Doubles, relevance: Doubles) -> _Open | None:
    """A topic by the relevance [answers] that states each of its answers; None where that tells nothing apart."""
    best = np.argsort(-weights, kind="stable")[:MAX_SUGGESTIONS]
    best = best[weights[best] > 0]
    if len(best) < LEAST_ANSWERS[topic.type]:
        return None
    if topic.type == "quantity":
        best = np.sort(best)
    return _Open(topic, span.start + best, weights[best] / relevance.sum())


def answered(need: Need, suggestion: str) -> Need:
    """Return the need with a suggested answer said at its end, in a sentence of its own."""
    return replace(need, text=f"{need.text.rstrip()}。{suggestion}" if need.text.strip() else suggestion)


def change_of_top(before: Doubles, after: Doubles) -> Doubles:
    """float64 [m]: how much the first `DEPTH` places change, 0 (not at all) to 1 (wholly others).

    1 − rank-biased overlap of the two lists cut off at `DEPTH` and normalised there (Webber, Moffat & Zobel 2010, eq. 4
    with p = `PERSISTENCE`): Σ p^(d−1) |first d of both| / d over d ≤ DEPTH, as a share of its greatest value.

    Args:
        before: [c] scores of candidates in the order of ids. after: [m, c] their scores in m other lists, −inf where
            a list leaves a candidate out.
    """
    depths = np.arange(1, DEPTH + 1)
    weights = PERSISTENCE ** (depths - 1.0)
    size = min(DEPTH, len(before))
    weights[size:] = 0
    steps = weights / depths
    # An item at places i and j (from 0) counts at all depths beyond max(i, j).
    tail = np.append(np.cumsum(steps[::-1])[::-1], 0.0) / weights.sum()
    places = np.full(len(before), DEPTH)
    places[np.argsort(-before, kind="stable")[:DEPTH]] = np.arange(size)
    order = np.argsort(-after, axis=1, kind="stable")[:, :DEPTH]
    shared = tail[np.maximum(places[order], np.arange(size))]
    shared[np.isneginf(np.take_along_axis(after, order, axis=1))] = 0
    change: Doubles = np.clip(1 - shared.sum(axis=1), 0, 1)
    return change


def with_answers(
    features: Floats, asked: Sequence[Requirement], outcomes: Codes, counts: dict[str, int]
) -> NDArray[np.float32]:
    """float32 [m, c, len(FEATURES)]: the feature rows as they would be with each one of m conditions more.

    Fit features are shares of the conditions of a type: with one more of k, each counts k / (k + 1) of what it did.
    """
    tried = np.repeat(features[None], len(asked), axis=0)
    places, count = np.arange(len(asked)), np.array([counts[one.type] for one in asked], np.float32)[:, None]
    for name, sign in (("meets", 1), ("misses", -1)):
        columns = np.array([FEATURES.index(f"{one.type}_{name}") for one in asked], np.int64)
        hits = sign * (outcomes == sign).astype(np.float32)
        tried[places, :, columns] = (features.T[columns] * count + hits) / (count + 1)
    return tried


def _stated(topic: Topic, codes: Codes, tagged: RowsBy, holding: RowsBy) -> Mask:
    """bool [answers, n]: which answer is what a listing itself states: of a ladder, the highest step that it meets.

    Args:
        tagged, holding: the rows that state an industry, and those that hold a certificate.
    """
    meets = codes > 0
    if topic.is_ladder:
        later = np.zeros(meets.shape[1], np.bool_)
        for step in range(len(meets) - 1, -1, -1):
            meets[step], later = meets[step] & ~later, later | meets[step]
    for place, answer in enumerate(topic.answers):
        if isinstance(answer.requirement, IndustryRequirement):
            meets[place] &= _among(tagged.get(answer.requirement.industry, ()), meets.shape[1])
        elif isinstance(answer.requirement, CertificateRequirement):
            meets[place] &= _among(holding.get(answer.requirement.certificate, ()), meets.shape[1])
    return meets


def _certificates(facts: ListingFacts) -> Iterable[str]:
    return {one.certificate for one in facts.holdings}


def _rows_by(stated: Iterable[Iterable[str]]) -> RowsBy:
    """The rows that state each of what is stated, ascending."""
    found: dict[str, list[int]] = {}
    for row, ids in enumerate(stated):
        for id in ids:
            found.setdefault(id, []).append(row)
    return found


def _among(rows: Sequence[int], size: int) -> Mask:
    among = np.zeros(size, np.bool_)
    among[np.array(rows, np.int64)] = True
    return among


def _worthwhile(trials: Sequence[_Open], expected: Doubles) -> list[int]:
    """Places of the trials to ask, best first, one of each dimension."""
    groups: dict[object, list[int]] = {}
    for place, trial in enumerate(trials):
        measure = trial.topic.measure
        groups.setdefault(measure.dimension if measure else trial.topic.type, []).append(place)
    first = [
        next(place for place in places if expected[place] >= SPECIAL_SHARE * expected[places].max())
        for places in groups.values()
    ]
    first = [place for place in first if expected[place] >= LEAST_CHANGE]
    return sorted(first, key=lambda place: (-expected[place], place))[:MAX_QUESTIONS]
