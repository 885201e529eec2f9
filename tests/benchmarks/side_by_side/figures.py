"""Figures: what was measured of one system at one size, and the medians of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

import numpy as np

#: Clients that ask at the same time.
CLIENTS = (1, 8, 32)


@dataclass(slots=True)
class Load:
    """One stretch of requests: answers a second, their p95 in ms, and how many failed."""

    rate: float
    p95: float
    failed: int = 0


@dataclass(slots=True)
class Figures:
    """One system at one size; what could not be measured stays empty, and `problem` says why.

    Attributes:
        rounds: of each round the times in ms, as `child.timed` gives them.
        loads: by clients, one a round.
        build_s: from the listings with their vectors to the first answer. start_up_s: from what is on disk to an
            answer. visible_ms: from sending what publishes a listing to the first answer that shows it.
        memory_mb: of the serving process with its encoder, at most.
    """

    system: str
    setup: str
    size: int
    version: str = ""
    problem: str | None = None
    rounds: list[dict[str, list[float]]] = field(default_factory=list)
    loads: dict[int, list[Load]] = field(default_factory=dict)
    build_s: float | None = None
    start_up_s: float | None = None
    visible_ms: list[float] = field(default_factory=list)
    memory_mb: float | None = None
    recall: dict[str, float] = field(default_factory=dict)

    def percentile(self, kind: str, percent: float) -> float | None:
        """The median over the rounds of a percentile of one kind of time, ms."""
        found = [float(np.percentile(one[kind], percent)) for one in self.rounds if one.get(kind)]
        return median(found) if found else None

    def rate(self, clients: int) -> float | None:
        """Answers a second at so many clients, the median over the rounds."""
        found = [load.rate for load in self.loads.get(clients, ())]
        return median(found) if found else None

    def load_p95(self, clients: int) -> float | None:
        """The median over the rounds of the p95 at so many clients, ms."""
        found = [load.p95 for load in self.loads.get(clients, ())]
        return median(found) if found else None

    @property
    def failed(self) -> int:
        """Requests that were not answered with 200."""
        return sum(load.failed for loads in self.loads.values() for load in loads)

    @property
    def visible(self) -> float | None:
        """The median, ms."""
        return median(self.visible_ms) if self.visible_ms else None


def summed(latencies: Sequence[float], seconds: float, failed: int) -> Load:
    """A stretch of `seconds` in which answers took `latencies` ms."""
    p95 = float(np.percentile(latencies, 95)) if latencies else float("nan")
    return Load(len(latencies) / seconds, p95, failed)


def mean(values: Sequence[float]) -> float:
    """NaN where there is none."""
    return fmean(values) if values else float("nan")
