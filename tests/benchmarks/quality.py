"""Quality side by side, in one run: `make bench-quality`, or `python -m tests.benchmarks.quality`.

PilotMatch and other systems rank the shipped supply listings for the judged development needs, with the same encoder's
vectors. A system that is not installed or fails stands in the table with that word.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from embeddings import load_encoder
from matcher.evaluation.bootstrap import compare, mean_estimate
from matcher.evaluation.judgements import Judgements, read_judgements
from matcher.evaluation.report import evaluate
from matcher.evaluation.runs import Run, read_run
from matcher.evaluation.scores import MAIN_METRIC, score_run
from matcher.evaluation.slices import NeedTraits, read_traits
from matcher.records import Kind
from matcher.settings import Settings
from tests.benchmarks.quality_table import Entry, page
from tests.benchmarks.rivals import ours
from tests.benchmarks.rivals.systems import SYSTEMS, System
from tests.benchmarks.rivals.task import Row, Task, kinds_of, listing_text, need_text, read_rows, supply

DATASETS = Path("datasets")
OUTPUT = Path("var/bench-quality.md")
NOT_INSTALLED = "not installed"


class Judge:
    """Turns runs into entries, all against the same judgements and the same run of ours."""

    def __init__(self, judgements: Judgements, needs: Sequence[NeedTraits], kinds: dict[str, Kind]) -> None:
        self.judgements = judgements.kept({need.id for need in needs})
        self.needs = needs
        self.kinds = kinds
        self.ours: NDArray[np.float64] | None = None

    def entry(self, name: str, setup: str, version: str, run: Run, *, is_ours: bool = False) -> Entry:
        """The figures of a run, compared with ours where that has been judged before."""
        values = score_run(run, self.judgements).values[MAIN_METRIC]
        if is_ours:
            self.ours = values
        condensed = score_run(_condensed(run, self.judgements), self.judgements).values[MAIN_METRIC]
        return Entry(
            name,
            setup,
            version,
            report=evaluate(run, self.judgements, self.needs, kinds=self.kinds),
            condensed=mean_estimate(condensed),
            against=None if is_ours or self.ours is None else compare(self.ours, values),
        )


def _condensed(run: Run, judgements: Judgements) -> Run:
    """The run without listings that nobody judged for the need."""
    return Run.from_rankings(
        {need: [listing for listing in run.of(need) if listing in judgements.of(need)] for need in judgements.need_ids}
    )


def judge_system(system: System, task: Task, judge: Judge, progress: Progress) -> Entry:
    """Runs one system; a failure becomes its entry, so that one broken package does not hide the others."""
    version = system.version()
    bar = progress.add_task(f"{system.name} ({system.setup})", total=len(task.need_ids))
    if version is None:
        progress.update(bar, description=f"{system.name}: {NOT_INSTALLED}", total=0)
        return Entry(system.name, system.setup, "", problem=NOT_INSTALLED)
    try:
        run = system.rank(task, lambda: progress.advance(bar))
    except Exception as error:
        return Entry(system.name, system.setup, version, problem=f"failed: {type(error).__name__}: {error}"[:200])
    return judge.entry(system.name, system.setup, version, run)


def judge_ours(judge: Judge, needs: Path, listings: Sequence[Row], run_file: Path | None) -> Entry:
    """PilotMatch from a run file, or by running its command line."""
    setup = "`pilotmatch match`" if run_file is None else run_file.name
    if run_file is None and not ours.available():
        return Entry(ours.NAME, setup, "", problem=NOT_INSTALLED)
    try:
        run = read_run(run_file) if run_file else ours.rank(needs, listings)
    except ours.CommandFailed as error:
        return Entry(ours.NAME, setup, "", problem=f"failed: {error}"[:200])
    return judge.entry(ours.NAME, setup, "", run, is_ours=True)


def make_task(listings: Sequence[Row], needs: Sequence[Row], progress: Progress) -> tuple[Task, str]:
    """The task with the vectors of the encoder that the settings name, and that encoder's fingerprint."""
    settings = Settings()
    listing_texts, need_texts = tuple(map(listing_text, listings)), tuple(map(need_text, needs))
    bar = progress.add_task("encoding listings", total=len(listing_texts))
    encoder = load_encoder(settings.encoder, settings.data / "encoders")
    task = Task(
        listing_ids=tuple(str(row["id"]) for row in listings),
        listing_texts=listing_texts,
        listing_vectors=encoder.encode_listings(listing_texts, lambda done: progress.update(bar, completed=done)),
        need_ids=tuple(str(row["id"]) for row in needs),
        need_texts=need_texts,
        need_vectors=encoder.encode_needs(need_texts),
    )
    return task, encoder.fingerprint


def main(
    needs: Annotated[Path, typer.Option(help="Needs as JSON lines.")] = DATASETS / "needs_dev.jsonl",
    judgements: Annotated[Path, typer.Option(help="Judgements as TREC qrels.")] = DATASETS / "judgements_dev.tsv",
    listings: Annotated[Path, typer.Option(help="Listings as JSON lines.")] = DATASETS / "listings.jsonl",
    run: Annotated[Path | None, typer.Option(help="Our run file; without it, `pilotmatch match` is run.")] = None,
    only: Annotated[str, typer.Option(help="Only systems whose name contains this.")] = "",
    output: Annotated[Path, typer.Option(help="Where the table is written.")] = OUTPUT,
) -> None:
    """Compares PilotMatch with other systems and writes a Markdown table."""
    rows, need_rows = supply(read_rows(listings)), read_rows(needs)
    judge = Judge(read_judgements(judgements), read_traits(needs), kinds_of(rows))
    systems = [system for system in SYSTEMS if only.lower() in system.name.lower()]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        ours_bar = progress.add_task(ours.NAME, total=1)
        entries = [judge_ours(judge, needs, rows, run)]
        progress.advance(ours_bar)
        task, encoder = make_task(rows, need_rows, progress)
        entries += [judge_system(system, task, judge, progress) for system in systems]
    text = page(entries, "make bench-quality", f"encoder {encoder}")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    typer.echo(text)
    raise typer.Exit(any((entry.problem or "").startswith("failed") for entry in entries))


if __name__ == "__main__":
    typer.run(main)
