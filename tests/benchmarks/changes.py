"""What it costs to follow changes of a catalogue: `python -m tests.benchmarks.changes`, after `make bench`.

Changed listings keep their texts, so that no time is the encoder's; everything else is done as for new texts.
"""

from __future__ import annotations

import gc
import resource
import time
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Annotated

import numpy as np
import typer

from matcher.catalogue.listings_file import read_listings
from matcher.installation import open_encoder
from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.records import Listing, Need
from matcher.settings import Settings

#: Enough of each that the rare expensive ones, which merge what was kept apart, are among them.
TURNS = {1: 60, 16: 20, 512: 8}
NEED = Need(text="酶制剂从5 L放大到500 L以上发酵,需要GMP条件,广东优先,预算200万以内")
HEADER = "| listings | changed at once | turns | p50 ms | p95 ms | most ms | first match after, p50 ms |"


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of changes of so many listings at once, and of the first match after each."""

    listings: int
    at_once: int
    changes: list[float]
    matches: list[float]

    def row(self) -> str:
        """A row of the Markdown table."""
        median, p95 = np.percentile(self.changes, [50, 95])
        return (
            f"| {self.listings:,} | {self.at_once} | {len(self.changes)} | {median:.0f} | {p95:.0f} "
            f"| {max(self.changes):.0f} | {np.median(self.matches):.1f} |"
        )


def measure(live: LiveMatcher, at_once: int, turns: int, random: Random) -> Cost:
    """Changes so many listings at once, so many times."""
    changes, matches = [], []
    for turn in range(turns):
        upserts = [_edited(one, turn) for one in random.sample(live.current.catalogue.supply, at_once)]
        began = time.perf_counter()
        live.apply(upserts)
        changed = time.perf_counter()
        live.current.match(NEED)
        changes.append((changed - began) * 1000)
        matches.append((time.perf_counter() - changed) * 1000)
    return Cost(len(live.current.catalogue.supply), at_once, changes, matches)


def main(
    folder: Annotated[Path, typer.Option(help="Where `make bench` keeps a catalogue.")] = Path("var/bench/24000"),
) -> None:
    """Measures changes of one, of some and of many listings at once."""
    listings, encoder = read_listings(folder / "listings.jsonl"), open_encoder(Settings())
    began = time.perf_counter()
    live = LiveMatcher(Matcher.load(Settings(data=folder), listings, encoder=encoder))
    typer.echo(f"Loaded in {time.perf_counter() - began:.1f} s, peak memory {_peak_mb():,.0f} MB.\n")
    gc.freeze()  # as the server does
    live.current.match(NEED)
    typer.echo(f"{HEADER}\n|---|---|---|---|---|---|---|")
    random = Random(0)
    for at_once, turns in TURNS.items():
        typer.echo(measure(live, min(at_once, len(live.current.catalogue.supply)), turns, random).row())
    typer.echo(f"\nPeak memory after all changes {_peak_mb():,.0f} MB.")


def _edited(listing: Listing, turn: int) -> Listing:
    return replace(listing, operator=f"{listing.operator or ''}({turn})", province="福建", city="厦门")


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    typer.run(main)
