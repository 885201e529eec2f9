"""Bootstrap: how sure a mean over needs is, and whether two runs differ by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matcher.errors import InvalidInput

#: With a hundred needs, 10,000 resamples put the ends of a 95 % interval within about 0.001 of where more would.
SAMPLES = 10_000
LEVEL = 0.95
#: Resampled rows drawn at once: 1,000 × 1,000 needs of float64 stay below 10 MB.
_CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `count` needs with the ends of its interval; NaN throughout where count is 0."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run against another on the same needs: `difference` is ours − theirs, `p_value` two-sided."""

    difference: Estimate
    p_value: float
    wins: int
    losses: int
    ties: int


def mean_estimate(values: ArrayLike, *, level: float = LEVEL, samples: int = SAMPLES, seed: int = 0) -> Estimate:
    """Mean and percentile bootstrap interval, resampling needs with replacement.

    Args:
        values: float [needs], one score a need.
        level: share of resampled means inside the interval.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, §13.3. Same seed, same interval.

    Raises:
        InvalidInput: values are not one-dimensional or not finite, or level is outside (0, 1).
    """
    scores = _scores(values)
    if not 0.0 < level < 1.0:
        raise InvalidInput(f"置信水平应在 0 与 1 之间,收到 {level}", field="level")
    if scores.size == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    means = _resampled_means(scores, samples, np.random.default_rng(seed))
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(float(scores.mean()), float(low), float(high), scores.size)


def compare(
    ours: ArrayLike, theirs: ArrayLike, *, level: float = LEVEL, samples: int = SAMPLES, seed: int = 0
) -> Comparison:
    """Paired comparison of two runs: bootstrap interval of the mean difference and a randomisation test.

    Args:
        ours, theirs: float [needs], the scores of the same needs in the same order.

    The test flips the sign of each need's difference at random: p = (1 + #{|flipped mean| ≥ |mean|}) / (1 + samples),
    which is never 0 (Phipson & Smyth 2010, doi 10.2202/1544-6115.1585). Smucker, Allan & Carterette (CIKM 2007,
    doi 10.1145/1321440.1321528) recommend the test for such runs.

    Raises:
        InvalidInput: the two differ in length, or as in `mean_estimate`.
    """
    left, right = _scores(ours), _scores(theirs)
    if left.size != right.size:
        raise InvalidInput(f"两次运行的需求数不同:{left.size} 与 {right.size}", field="theirs")
    differences = left - right
    return Comparison(
        difference=mean_estimate(differences, level=level, samples=samples, seed=seed),
        p_value=_randomisation_p(differences, samples, np.random.default_rng(seed)),
        wins=int((differences > 0).sum()),
        losses=int((differences < 0).sum()),
        ties=int((differences == 0).sum()),
    )


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """p-values of a family of tests adjusted so that one false find in the whole family stays as rare as one alone.

    In ascending order the i-th of m (from 1) becomes max over j ≤ i of (m − j + 1) pⱼ, at most 1; returned in the given
    order. Source: Holm, Scandinavian Journal of Statistics 6(2), 1979.
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, (len(p_values) - place) * p_values[index])
        adjusted[index] = min(1.0, highest)
    return tuple(adjusted)


def _scores(values: ArrayLike) -> NDArray[np.float64]:
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 1 or not np.isfinite(scores).all():
        raise InvalidInput("每条需求应有一个有限的分数", field="values")
    return scores


def _chunks(samples: int) -> list[int]:
    whole, rest = divmod(samples, _CHUNK)
    return [_CHUNK] * whole + ([rest] if rest else [])


def _resampled_means(scores: NDArray[np.float64], samples: int, random: np.random.Generator) -> NDArray[np.float64]:
    drawn = [scores[random.integers(scores.size, size=(rows, scores.size))].mean(axis=1) for rows in _chunks(samples)]
    return np.concatenate(drawn)


def _randomisation_p(differences: NDArray[np.float64], samples: int, random: np.random.Generator) -> float:
    observed = abs(differences.sum())
    # Summing in another order changes the last bits; without the slack an equal sum may count as smaller.
    slack = 1e-12 * np.abs(differences).sum()
    extreme = 0
    for rows in _chunks(samples):
        signs = random.integers(2, size=(rows, differences.size)) * 2 - 1
        extreme += int((np.abs(signs @ differences) >= observed - slack).sum())
    return (1 + extreme) / (1 + samples)
