"""Features → scores, probabilities and grades, by a profile's weights."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.confidence import ANSWER_FEATURES, answer_features
from matcher.ranking.features import FEATURES, JOINT
from matcher.ranking.profile import INTERCEPT, Profile
from matcher.records import Coverage, Grade

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

#: Scores are rounded before they are compared: sums that differ in the last bits only are ties, broken by id.
DECIMALS = 6
JOINT_COLUMN = FEATURES.index(JOINT)
#: Beyond these odds a probability is 1 or 0 to anybody.
_ODDS_MAX = 30.0


class Ranker:
    """A linear ranker. A pair's score depends on nothing but its own features."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._weights = np.array([profile.weights[name] for name in FEATURES])
        unread = profile.calibration if profile.unread is None else profile.unread
        self._curves = {True: np.array(profile.calibration).T, False: np.array(unread).T}
        self._confidence = np.array([profile.confidence[name] for name in ANSWER_FEATURES])

    def scores(self, features: Floats) -> Doubles:
        """float64 [c] for features [c, len(FEATURES)]."""
        rounded: Doubles = np.round(features.astype(np.float64) @ self._weights, DECIMALS)
        return rounded

    def order(self, scores: Doubles) -> NDArray[np.int64]:
        """Places in order of rank; equal scores in the order they stand in (that of ids)."""
        return np.argsort(-scores, kind="stable")

    def contributions(self, features: Floats) -> dict[str, float]:
        """Weight times feature of one pair, by name: what its score is the sum of."""
        return dict(zip(FEATURES, (features * self._weights).tolist(), strict=True))

    def probability(self, score: float, *, read: bool = False) -> float:
        """How likely a pair of this score is worth a call (judged 2 or 3); `read`: whether the re-ranker read it."""
        return float(np.interp(score, *self._curves[read]))

    def probabilities(self, scores: Doubles, features: Floats) -> Doubles:
        """float64 [c]: `probability` of each pair of scores [c] and features [c, len(FEATURES)]."""
        read = features[:, JOINT_COLUMN] > 0
        found: Doubles = np.where(read, *(np.interp(scores, *self._curves[one]) for one in (True, False)))
        return found

    def grade(self, score: float, coverage: Coverage = "good", *, read: bool = False) -> Grade:
        """What to tell the requester of one match: never more than the answer as a whole promises."""
        return self._graded(self.probability(score, read=read), coverage)

    def grades(self, scores: Doubles, features: Floats, coverage: Coverage) -> list[Grade]:
        """`grade` of each pair of scores [c] and features [c, len(FEATURES)]."""
        return [self._graded(chance, coverage) for chance in self.probabilities(scores, features).tolist()]

    def _graded(self, probability: float, coverage: Coverage) -> Grade:
        limits = self.profile.thresholds
        if coverage == "none" or probability < limits.possible:
            return "weak"
        return "strong" if coverage == "good" and probability >= limits.strong else "possible"

    def confidence(self, scores: Doubles, features: Floats) -> float:
        """How likely an answer holds something worth a call; candidates best first, none read."""
        odds = float(answer_features(scores, features) @ self._confidence) + self.profile.confidence[INTERCEPT]
        return 1 / (1 + math.exp(-max(-_ODDS_MAX, min(_ODDS_MAX, odds))))

    def coverage(self, scores: Doubles, features: Floats) -> Coverage:
        """What to tell the requester of the whole answer."""
        if not len(scores):
            return "none"
        share, limits = self.confidence(scores, features), self.profile.thresholds
        return "good" if share >= limits.good else "partial" if share >= limits.partial else "none"
