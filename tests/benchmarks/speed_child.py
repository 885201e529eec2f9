"""Measures one catalogue size in a process of its own, so that start-up time and peak memory are those of that size."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder
from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.needs_file import read_needs
from matcher.installation import open_encoder
from matcher.match import Matcher
from matcher.records import Need
from matcher.settings import Settings
from tests.benchmarks.filters import FilteredRecall, filtered_recall

Milliseconds = NDArray[np.float64]

#: Matches before the clock counts: first calls fill caches and page in the model.
WARM_UP = 20
#: Brute force scores the whole catalogue for each, seconds a need at 24,000 listings.
FILTER_NEEDS = 10


@dataclass(frozen=True, slots=True)
class Measured:
    """Times in milliseconds a match but for `start_up_s`; memory in MB of the whole process.

    Attributes:
        unread_p50: of matches whose listings the re-ranker had mostly not read before; None where nothing is read.
    """

    listings: int
    profile: str
    matches: int
    p50: float
    p95: float
    unread_p50: float | None
    cpu_p50: float
    encoder_p50: float
    encoder_p95: float
    rest_p50: float
    rest_p95: float
    start_up_s: float
    peak_mb: float
    filters: list[FilteredRecall]


def measure(
    data: Path, listings: Path, needs: Sequence[Need], encoder: Encoder, started: float, profile: str = "default"
) -> Measured:
    """Loads a matcher over a file of listings whose vectors lie in `data`, and matches every need once.

    Args:
        profile: name of a shipped one.
        started: when the process was started, in seconds since the epoch.
    """
    settings = Settings(data=data)
    matcher = Matcher.load(settings, read_listings(listings), profile=profile, encoder=encoder)
    gc.freeze()  # as the server does
    matcher.match(needs[0])
    start_up = time.time() - started
    unread = _unread(matcher, needs) if matcher.ranker.profile.reads else None
    # A need is matched once only: the encoder remembers the last ones.
    totals, processor, encoding = _times(matcher, needs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rest = totals - encoding
    percentiles = {
        f"{name}p{q}": float(np.percentile(times, q))
        for name, times in (("", totals), ("encoder_", encoding), ("rest_", rest))
        for q in (50, 95)
    }
    filters = list(filtered_recall(matcher, needs[:FILTER_NEEDS], lambda: None))
    size = len(matcher.catalogue.supply)
    cpu_p50 = float(np.median(processor))
    return Measured(
        size,
        profile,
        len(totals),
        **percentiles,
        unread_p50=unread,
        cpu_p50=cpu_p50,
        start_up_s=start_up,
        peak_mb=peak,
        filters=filters,
    )


def _unread(matcher: Matcher, needs: Sequence[Need]) -> float:
    """The median of each need's first match; what was read of listings is kept, as after a few days of service. The
    needs differ in a mark from those that are measured next: the encoder remembers texts."""
    took = []
    for need in needs:
        began = time.perf_counter()
        matcher.match(replace(need, text=f"{need.text};"))
        took.append((time.perf_counter() - began) * 1000)
    return float(np.median(took))


def _times(matcher: Matcher, needs: Sequence[Need]) -> list[Milliseconds]:
    """Of each match after the warm-up: wall clock, processor time of all threads, and wall clock of what reads
    needs for a text that differs in one character: the match's own pass runs beside other work, and its text is
    remembered."""
    rows = []
    for need in needs[1:]:
        began, busy = time.perf_counter(), time.process_time()
        matcher.match(need)
        wall, processor = time.perf_counter() - began, time.process_time() - busy
        began = time.perf_counter()
        matcher.retriever.encode(f"{need.text}。")
        rows.append((wall * 1000, processor * 1000, (time.perf_counter() - began) * 1000))
    return list(np.array(rows[WARM_UP:]).T)


def main(arguments: list[str]) -> None:
    """`PROFILE DATA LISTINGS STARTED NEEDS…` → the measurements as JSON on standard output."""
    profile, data, listings, started, *files = arguments
    needs = [need for file in files for need in read_needs(file)[0]]
    measured = measure(Path(data), Path(listings), needs, open_encoder(Settings()), float(started), profile)
    json.dump(asdict(measured), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
