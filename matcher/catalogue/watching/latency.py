"""Latencies in fixed buckets: counts of several processes add up, and quantiles come out of the sum."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

#: The first bucket ends here, in ms; whatever is faster is not told apart.
FIRST_MS: Final = 0.5
#: Each bucket is wider than the one before by a quarter of an octave: a quantile is then off by 9 % at most.
STEPS: Final = 4
#: The last one begins beyond a minute, which no client waits.
LAST: Final = 68


def bucket_of(ms: float) -> int:
    """The bucket of a latency: 0 up to `FIRST_MS`, then four an octave, `LAST` for all that is longer."""
    if not ms > FIRST_MS:
        return 0
    return LAST if math.isinf(ms) else min(LAST, math.ceil(round(math.log2(ms / FIRST_MS) * STEPS, 9)))


def end_of(bucket: int) -> float:
    """The longest latency of a bucket, ms."""
    return float(FIRST_MS * 2 ** (bucket / STEPS))


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The latency, ms, that `share` (0 < share ≤ 1) of all stay at or below; None of nothing.

    It is the geometric middle of the bucket that holds it.
    """
    total = sum(counts.values())
    if not total:
        return None
    wanted, passed = math.ceil(share * total), 0
    for bucket in sorted(counts):
        passed += counts[bucket]
        if passed >= wanted:
            break
    return end_of(bucket) * 2 ** (-0.5 / STEPS) if bucket else end_of(0)
