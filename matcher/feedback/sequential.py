"""A test of wins against losses that may be looked at after every answer, and stops as soon as it can.

Under "neither is better" the ratio Λ of a mixture of coins to the fair coin is a martingale with mean 1, so the chance
that it ever reaches 1 / α is at most α (Ville 1939; Robbins 1970; Johari et al., "Always valid inference", Operations
Research 2022). With a Beta(m, m) mixture and w wins, l losses

    Λ = B(m + w, m + l) / B(m, m) · 2^(w + l).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from matcher.errors import InvalidInput

#: Chance of naming a winner where there is none.
ALPHA = 0.05
#: The mixture expects one side to win about 50 ± 11 % of the decided answers: small differences, as between profiles.
MIXTURE = 10.0

Verdict = Literal["a", "b", "undecided"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Of two sides after `wins` of a and `losses` of a.

    Attributes:
        p_value: always valid: however often it was looked at, it falls below α by chance with a probability of at most
            α. verdict: the better side, once p ≤ α.
    """

    wins: int
    losses: int
    p_value: float
    verdict: Verdict


BEGINNING = Standing(0, 0, 1.0, "undecided")


class SequentialTest:
    """Counts decided answers. Once it has a verdict, that stays.

    Args:
        alpha: chance of naming a winner where there is none. standing: where an earlier count had come to.

    Raises:
        InvalidInput: α is not within 0 and 0.5.
    """

    def __init__(self, alpha: float = ALPHA, mixture: float = MIXTURE, standing: Standing = BEGINNING) -> None:
        if not 0 < alpha < 0.5:
            raise InvalidInput(f"错误率应在 0 与 0.5 之间,收到 {alpha}", field="alpha")
        self._alpha, self._mixture = alpha, mixture
        self._wins, self._losses = standing.wins, standing.losses
        self._p, self._verdict = standing.p_value, standing.verdict

    def add(self, won_by_a: bool) -> Standing:
        """One more answer that one side won; ties are not counted."""
        if won_by_a:
            self._wins += 1
        else:
            self._losses += 1
        self._p = min(self._p, math.exp(-log_ratio(self._wins, self._losses, self._mixture)))
        if self._verdict == "undecided" and self._p <= self._alpha:
            self._verdict = "a" if self._wins > self._losses else "b"
        return self.standing()

    def standing(self) -> Standing:
        """After all that was added."""
        return Standing(self._wins, self._losses, self._p, self._verdict)


def log_ratio(wins: int, losses: int, mixture: float = MIXTURE) -> float:
    """ln Λ; see above.

    Raises:
        InvalidInput: a count is negative, or the mixture not above 0.
    """
    if wins < 0 or losses < 0 or mixture <= 0:
        raise InvalidInput("胜负次数不能为负,混合参数须为正", field="wins")
    mixed = _log_beta(mixture + wins, mixture + losses) - _log_beta(mixture, mixture)
    return mixed + (wins + losses) * math.log(2)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
