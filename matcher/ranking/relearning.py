"""A profile learnt anew from another installation's judgements: weights, curves and confidence in the place of the old.

Unlike `pilotmatch train ranker` without a name, which makes the shipped profiles from encoders that never saw a fold,
this takes the encoder as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput
from matcher.ranking import learning
from matcher.ranking.examples import Examples, join, read_first
from matcher.ranking.features import FEATURES, JOINT
from matcher.ranking.profile import Curve, Profile

Doubles = NDArray[np.float64]
#: The feature `JOINT` of the pairs of a need's id and n ids of listings, float32 [n].
Read = Callable[[str, Sequence[str]], NDArray[np.float32]]

#: Twenty weights from fewer needs would be learnt by heart.
LEAST_NEEDS: Final = 20
_DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class Relearnt:
    """A profile, and what is to be said of how it came about."""

    profile: Profile
    notes: tuple[str, ...] = ()


def relearn(
    base: Profile,
    judged: Examples,
    encoder: str,
    about: Mapping[str, Any],
    behaviour: Examples | None = None,
    read: Read | None = None,
) -> Relearnt:
    """Learn weights from judged needs, and from feedback beside them; the curves come from judgements alone.

    Args:
        base: what is kept where nothing can be learnt: thresholds, how many candidates are read.
        behaviour: examples from feedback. read: the re-ranker; without it the base's weight of its reading stays.
        about: what the profile says of its training.

    Raises:
        InvalidInput: fewer than `LEAST_NEEDS` needs whose pairs were graded differently, or grades that no weight
            explains.
    """
    useful = sum(_differs(judged, need) for need in range(len(judged.need_ids)))
    if useful < LEAST_NEEDS:
        raise InvalidInput(f"可学的需求太少:有不同等级的只有 {useful} 个", hint=f"至少 {LEAST_NEEDS} 个;请先补充标注")
    weights = learn_both(judged, behaviour)
    if not any(weights.values()):
        raise InvalidInput("从这些标注学不到任何权重", hint="请检查标注是否颠倒或互相矛盾")
    scores = learning.scores_of(judged, weights)
    notes: list[str] = []
    curve = learning.pair_curve(judged, scores)
    calibration, unread = curve, None
    if base.reads:
        weights[JOINT], calibration = _joint(base, judged, scores, curve, read)
        unread = curve
    features, good = learning.answers(judged, scores)
    confidence = base.confidence
    if good.any() and not good.all():
        confidence = learning.learn_confidence(features, good)
    else:
        notes.append("标注里的需求全都有(或全都没有)合适的条目,“是否有合适的”仍按原方案判断")
    profile = replace(
        base,
        weights={name: round(weight, _DECIMALS) for name, weight in weights.items()},
        calibration=calibration,
        unread=unread,
        confidence=confidence,
        encoder=encoder,
        training=dict(about),
    )
    return Relearnt(profile, tuple(notes))


def learn_both(judged: Examples, behaviour: Examples | None) -> dict[str, float]:
    """Weights from judged needs and, where there is any, behaviour; each need and each answer counts alike."""
    both = judged if behaviour is None or not len(behaviour) else join([judged, behaviour])
    weights = learning.learn_weights(both)
    return learning.with_floors(weights) if any(weights.values()) else weights


def _joint(base: Profile, judged: Examples, scores: Doubles, curve: Curve, read: Read | None) -> tuple[float, Curve]:
    """The weight of what the re-ranker reads, and the curve of what was read."""
    if read is None:
        return base.weights[JOINT], curve
    seen = read_first(judged, scores, base.reads, read)
    weight = learning.learn_joint(seen, scores)
    with_joint = scores + weight * seen.features[:, FEATURES.index(JOINT)]
    was_read = (seen.features[:, FEATURES.index(JOINT)] > 0) & (seen.grades >= 0)
    return weight, learning.pair_curve(seen, with_joint, read=True) if was_read.any() else curve


def _differs(examples: Examples, need: int) -> bool:
    grades = examples.grades[examples.rows_of(need)]
    return len(np.unique(grades[grades >= 0])) > 1
