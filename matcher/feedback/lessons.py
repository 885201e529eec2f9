"""What stored feedback teaches: propensities, the worth of pairs, and examples to learn a ranking from."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from matcher.catalogue.feedback.store import Kept
from matcher.feedback.impressions import unpacked
from matcher.feedback.propensity import FLAT, Propensities, estimate
from matcher.feedback.worth import Worth, worths
from matcher.ranking.examples import Examples, join
from matcher.ranking.features import FEATURES, JOINT

#: Below this many answers with a possible exchange the estimate says more of chance than of places: with 200 the
#: corrected order of 24 simulated logs was never worse than the naive one, with 100 it was for one, with 50 for two.
LEAST_SWAPPED: Final = 200
#: Need ids of examples from feedback begin with this: no judged need is called so.
PREFIX: Final = "feedback:"
_JOINT: Final = FEATURES.index(JOINT)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was learnt from some answers.

    Attributes:
        answers: how many there were. swapped: that took part in exchanges. propensities: `FLAT` where these were too
            few, so that nothing is corrected. worths: of pairs of a topic and a listing; answers without a topic are
            left out.
    """

    answers: int
    swapped: int
    propensities: Propensities
    worths: tuple[Worth, ...]

    @property
    def is_corrected(self) -> bool:
        return self.propensities is not FLAT


def learn_from(answers: Sequence[Kept]) -> Lessons:
    """Propensities and the worth of pairs, corrected by them."""
    swapped = sum(one.shown.swapped is not None for one in answers)
    found = estimate(one.shown for one in answers) if swapped >= LEAST_SWAPPED else FLAT
    worth = worths((one.shown for one in answers if one.shown.topic), found)
    return Lessons(len(answers), swapped, found, tuple(worth))


def examples_of(answers: Sequence[Kept], lessons: Lessons, most: int, seed: int = 0) -> Examples:
    """Answers as needs whose pairs have the grades of their worth: at most `most`, topics in turn, drawn by `seed`.

    Taken are those with features, a topic, and at least two grades. A pinned row stands where it does whatever its
    worth: it has no grade. What the re-ranker read is left out (0), as it is from judged examples at that stage.
    """
    grades = {(one.topic, one.listing_id): one.grade for one in lessons.worths}
    by_topic: dict[str, list[Kept]] = defaultdict(list)
    for one in answers:
        if one.features is not None and len(set(_grades(one, grades)) - {-1}) > 1:
            by_topic[one.shown.topic].append(one)
    chance = random.Random(seed)
    drawn = [chance.sample(found, len(found)) for _, found in sorted(by_topic.items())]
    rounds = (found[number] for number in range(max(map(len, drawn), default=0)) for found in drawn[:]
              if number < len(found))  # fmt: skip
    chosen = [one for one, _ in zip(rounds, range(most), strict=False)]
    return join([_example(one, _grades(one, grades)) for one in chosen])


def _grades(one: Kept, grades: dict[tuple[str, str], int]) -> list[int]:
    return [-1 if place.pinned else grades.get((one.shown.topic, place.listing_id), -1) for place in one.places]


def _example(one: Kept, grades: Sequence[int]) -> Examples:
    assert one.features is not None
    features = unpacked(one.features).copy()
    features[:, _JOINT] = 0
    return Examples(
        need_ids=(PREFIX + one.id,),
        needs=np.zeros(len(grades), np.int64),
        listing_ids=one.shown.listings,
        features=features,
        grades=np.array(grades, np.int64),
    )
