"""Speed, memory and filtered recall at several catalogue sizes: `make bench`, or `python -m tests.benchmarks.speed`.

Larger catalogues are the shipped one repeated with other ids, names, places and numbers (`growth`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from matcher.catalogue.encodings import Encodings
from matcher.catalogue.listings_file import listing_from
from matcher.installation import open_encoder
from matcher.retrieval.views import full_text, short_text
from matcher.settings import Settings
from tests.benchmarks.filters import FilteredRecall
from tests.benchmarks.grown_encodings import store
from tests.benchmarks.growth import grown
from tests.benchmarks.rivals.task import read_rows, supply
from tests.benchmarks.speed_child import Measured
from tests.benchmarks.speed_table import page

#: The shipped supply, and what all of China's pilot platforms with their equipment might come to.
SIZES = (798, 24_000)
DATASETS = Path("datasets")
NEEDS = (DATASETS / "needs_dev.jsonl", DATASETS / "needs_train.jsonl")
#: With the re-ranker and without.
PROFILES = ("default", "fast")
OUTPUT = Path("var/bench.md")


class MeasuringFailed(RuntimeError):
    """The measuring process ended with an error; the message is its last line on stderr."""


class Grower:
    """Makes catalogues with their encodings; shipped listings are encoded once, or not at all after `make match`."""

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self._rows = supply(read_rows(DATASETS / "listings.jsonl"))
        self._shipped = [listing_from(dict(row)) for row in self._rows]
        self._encoder = open_encoder(settings)
        self._known = Encodings(settings.data / "encodings", self._encoder)
        bar = progress.add_task("encoding the shipped listings", total=1, completed=1)
        texts = [view(listing) for view in (full_text, short_text) for listing in self._shipped]
        self._known.read(texts, lambda done, total: progress.update(bar, completed=done, total=total))

    def prepare(self, folder: Path, size: int) -> Path:
        """Listings and encodings of a size in `folder`, made anew; returns the listings file."""
        rows, path = grown(self._rows, size), folder / "listings.jsonl"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        grown_listings = [listing_from(row) for row in rows]
        store(folder / "encodings", self._encoder, self._shipped, grown_listings, self._known)
        return path


def measure(folder: Path, listings: Path, needs: Sequence[Path], profile: str) -> Measured:
    """Runs the measuring process.

    Raises:
        MeasuringFailed: it ended with an error.
    """
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.speed_child",
        profile,
        str(folder),
        str(listings),
        str(time.time()),
    ]
    done = subprocess.run([*command, *map(str, needs)], capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise MeasuringFailed(done.stderr.strip().rsplit("\n", 1)[-1])
    values = json.loads(done.stdout)
    return Measured(**{**values, "filters": [FilteredRecall(**row) for row in values["filters"]]})


def main(
    sizes: Annotated[list[int] | None, typer.Option("--size", help="Listings; may be given several times.")] = None,
    folder: Annotated[Path, typer.Option(help="Where grown catalogues are kept.")] = Path("var/bench"),
    output: Annotated[Path, typer.Option(help="Where the table is written.")] = OUTPUT,
) -> None:
    """Measures a whole match, start-up, memory and filtered recall, and writes a Markdown table."""
    settings = Settings()
    results = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        grower = Grower(settings, progress)
        for size in sizes or SIZES:
            bar = progress.add_task(f"{size:,} listings: making, measuring", total=1 + len(PROFILES))
            listings = grower.prepare(folder / str(size), size)
            progress.advance(bar)
            for profile in PROFILES:
                results.append(measure(folder / str(size), listings, NEEDS, profile))
                progress.advance(bar)
    text = page(results, "make bench", len(os.sched_getaffinity(0)))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
