"""Load on a service: as much as it takes (closed loop), or so much a second whatever it takes (open loop)."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import httpx2
import numpy as np

#: Longer than any deadline: what takes longer is a failure of its own kind, not one of the client.
PATIENCE_SECONDS = 120.0
CONNECTIONS = 256


@dataclass(slots=True)
class Load:
    """What came of requests: seconds from when each was due to its answer; how many by status, 0 being none."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.seconds)

    @property
    def failures(self) -> int:
        """Requests that were not answered by 200."""
        return len(self) - self.statuses[200]

    def beyond(self, deadline: float) -> int:
        """Requests that took longer than so many seconds."""
        return sum(one > deadline for one in self.seconds)

    def percentile(self, share: float) -> float:
        """Milliseconds below which such a share (in per cent) of the requests lies."""
        return float(np.percentile(self.seconds, share) * 1000) if self.seconds else float("nan")


def texts(needs: Sequence[str]) -> Iterator[str]:
    """Needs without end, no two of them the same: the encoder remembers texts."""
    for turn in itertools.count(1):
        for need in needs:
            yield f"{need}(第{turn}次询问)"


async def closed_loop(url: str, needs: Iterator[str], clients: int, seconds: float) -> Load:
    """So many clients, each asking again as soon as it is answered."""
    load = Load()
    until = time.perf_counter() + seconds
    async with _client(url) as http:

        async def ask() -> None:
            while time.perf_counter() < until:
                await _ask(http, next(needs), time.perf_counter(), load)

        await asyncio.gather(*(ask() for _ in range(clients)))
    return load


async def open_loop(url: str, needs: Iterator[str], a_second: float, seconds: float, seed: int = 0) -> Load:
    """Requests at random moments, so many a second on average, whether earlier ones have been answered or not."""
    load = Load()
    began = time.perf_counter()
    async with _client(url) as http, asyncio.TaskGroup() as group:
        for moment in moments(a_second, seconds, seed):
            due = began + moment
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(_ask(http, next(needs), due, load))
    return load


def moments(a_second: float, seconds: float, seed: int = 0) -> Iterable[float]:
    """When requests come, in seconds from now: a Poisson process."""
    random, moment = Random(seed), 0.0
    while (moment := moment + random.expovariate(a_second)) < seconds:
        yield moment


def _client(url: str) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    return httpx2.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS, limits=limits)


async def _ask(http: httpx2.AsyncClient, need: str, due: float, load: Load) -> None:
    try:
        answer = await http.post("/v1/matches", json={"text": need})
        status = answer.status_code
    except httpx2.TransportError:
        status = 0
    load.statuses[status] += 1
    load.seconds.append(time.perf_counter() - due)
