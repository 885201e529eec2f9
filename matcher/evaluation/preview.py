"""A preview of a draft: what it would change against the published profile, on judged needs and on one need.

Features are measured beforehand (`matcher.evaluation.cached_features`), so a moved weight costs products only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.evaluation.cached_features import Answers, NeedFeatures
from matcher.evaluation.gate_groups import Group
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.scores import JUDGED_METRIC, MAIN_METRIC, METRICS, RunScores, score_run
from matcher.match import Matcher
from matcher.ranking.ruling import label

#: Needs that change most; with more, nobody reads them while moving a weight.
CHANGES_SHOWN = 50
#: How deep the list of one need is shown, and how many features tell why a listing moved.
LIST_DEPTH = 20
FEATURES_SHOWN = 5
#: Features whose contributions differ by less did not move anything: scores have six decimals.
_LEAST = 5e-7


@dataclass(frozen=True, slots=True)
class NeedChange:
    """The main metric of one need, before and after."""

    need_id: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class GroupMeans:
    """The mean of the main metric over the `needs` of one group of the gate, before and after.

    Attributes:
        judged_before, judged_after: which share of the first ten of these needs is judged.
    """

    dimension: str
    value: str
    needs: int
    before: float
    after: float
    judged_before: float = 0.0
    judged_after: float = 0.0


@dataclass(frozen=True, slots=True)
class JudgedPreview:
    """Means by metric name over `needs` judged needs that have an answer, and the needs that change, most first.

    Attributes:
        changed: how many change; `changes` holds the first `CHANGES_SHOWN`. groups: those that were asked for.
    """

    needs: int
    before: Mapping[str, float]
    after: Mapping[str, float]
    changed: int
    changes: tuple[NeedChange, ...]
    groups: tuple[GroupMeans, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listing stands in one answer, from 1, and its score; both None where it is no candidate.

    A listing that a rule pins has a rank, but no score where it was no candidate without the rule.

    Attributes:
        rule: the rule that pins or hides it: 置顶:省级示范平台.
    """

    rank: int | None
    score: float | None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A listing among the first of either answer.

    Attributes:
        why: (feature, points) by which its score changed, the largest first; for one that kept its score but lost its
            place it is empty: others rose.
    """

    listing_id: str
    name: str
    before: Place
    after: Place
    why: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class NeedPreview:
    """One need: the first listings of both answers in the order of the draft, those that fell out behind."""

    moved: tuple[Moved, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self) | {"moved": [_moved_json(one) for one in self.moved]}


def judged_preview(
    before: Answers, after: Answers, judgements: Judgements, groups: Sequence[Group] = ()
) -> JudgedPreview:
    """What a draft changes on judged needs, over all of them and by group."""
    old, new = score_run(before.run, judgements), score_run(after.run, judgements)
    pairs = zip(old.need_ids, old.values[MAIN_METRIC].tolist(), new.values[MAIN_METRIC].tolist(), strict=True)
    changes = [NeedChange(*pair) for pair in pairs if pair[1] != pair[2]]
    changes.sort(key=lambda one: (-abs(one.after - one.before), one.need_id))
    means = tuple(_group_means(group, before, after, old, new, judgements) for group in groups)
    return JudgedPreview(
        len(old.need_ids), _means(old), _means(new), len(changes), tuple(changes[:CHANGES_SHOWN]), means
    )


def need_preview(
    before: tuple[NeedFeatures, Matcher], after: tuple[NeedFeatures, Matcher], today: date, depth: int = LIST_DEPTH
) -> NeedPreview:
    """What a draft changes for one need.

    Args:
        before, after: the candidates and the matcher by the published profile and by the draft, of one catalogue. The
            candidates are the same where the words are.
    """
    old, new = _Listed(*before, today), _Listed(*after, today)
    shown = list(dict.fromkeys([*new.ids[:depth], *old.ids[:depth]]))
    return NeedPreview(tuple(_moved(listing_id, old, new) for listing_id in shown))


class _Listed:
    """An answer by listing id."""

    def __init__(self, features: NeedFeatures, matcher: Matcher, today: date) -> None:
        self._features, self._matcher = features, matcher
        self._ruling = features.ruling(matcher, today)
        shown = features.without(matcher, self._ruling)
        ranked = shown.read(matcher, shown.unread(matcher.ranker, today))
        self._place = {row: place for place, row in enumerate(ranked.rows.tolist())}
        pinned = features.pinned(matcher, self._ruling)
        self._pinned = {matcher.catalogue.supply[row].id for row in pinned}
        self.ids = [matcher.catalogue.supply[row].id for row in dict.fromkeys([*pinned, *self._place])]
        self._ranks = {listing_id: rank for rank, listing_id in enumerate(self.ids, 1)}
        self._ranked = ranked

    def place(self, listing_id: str) -> Place:
        row = self._matcher.catalogue.row(listing_id)
        place = None if row is None else self._place.get(row)
        score = None if place is None else float(self._ranked.scores[place])
        return Place(self._ranks.get(listing_id), score, self._rule(listing_id))

    def _rule(self, listing_id: str) -> str | None:
        rule = self._ruling.hides.get(listing_id)
        if rule is None and listing_id in self._pinned:
            rule = self._ruling.pins[listing_id]
        return None if rule is None else label(rule)

    def contributions(self, listing_id: str) -> dict[str, float] | None:
        """Weight times feature; of what no proposer brought None."""
        row = self._matcher.catalogue.row(listing_id)
        place = None if row is None else self._place.get(row)
        if place is not None:
            return self._matcher.ranker.contributions(self._ranked.features[place])
        found = np.flatnonzero(self._features.rows == row)
        return self._matcher.ranker.contributions(self._features.features[found[0]]) if len(found) else None

    def name(self, listing_id: str) -> str:
        listing = self._matcher.catalogue.get(listing_id)
        return listing.name if listing else ""


def _moved(listing_id: str, old: _Listed, new: _Listed) -> Moved:
    return Moved(
        listing_id=listing_id,
        name=new.name(listing_id),
        before=old.place(listing_id),
        after=new.place(listing_id),
        why=_why(old.contributions(listing_id), new.contributions(listing_id)),
    )


def _why(old: Mapping[str, float] | None, new: Mapping[str, float] | None) -> tuple[tuple[str, float], ...]:
    if old is None or new is None:
        return ()
    points = [(name, new[name] - old[name]) for name in new]
    points = [one for one in points if abs(one[1]) > _LEAST]
    return tuple(sorted(points, key=lambda one: (-abs(one[1]), one[0]))[:FEATURES_SHOWN])


def _moved_json(moved: Moved) -> dict[str, Any]:
    why = [{"feature": feature, "points": round(points, 4)} for feature, points in moved.why]
    return asdict(moved) | {"why": why}


def _group_means(
    group: Group, before: Answers, after: Answers, old: RunScores, new: RunScores, judgements: Judgements
) -> GroupMeans:
    need_ids: Collection[str] = group.need_ids
    judged = [_mean(scores.of(JUDGED_METRIC, need_ids)) for scores in (old, new)]
    if group.counted is not None:  # other grades, so other scores; all other groups are a part of what is scored
        grades = group.grades(judgements)
        old, new = score_run(before.run, grades), score_run(after.run, grades)
        need_ids = old.need_ids
    theirs, ours = old.of(MAIN_METRIC, need_ids), new.of(MAIN_METRIC, need_ids)
    return GroupMeans(group.dimension, group.value, len(theirs), _mean(theirs), _mean(ours), *judged)


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _means(scores: RunScores) -> dict[str, float]:
    counted: Sequence[str] = tuple(METRICS) if scores.need_ids else ()
    return {name: float(np.mean(scores.values[name])) for name in counted}
