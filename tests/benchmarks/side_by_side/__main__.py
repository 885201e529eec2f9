"""Speed side by side, in one run: `make bench-speed`, or `python -m tests.benchmarks.side_by_side`.

PilotMatch and other systems' hybrid search answer the same needs over the same catalogue, in turns. A system that is
not installed, fails or takes too long stands in the table with that word.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from embeddings.bundled import build_bundled
from embeddings.reranker import load_reranker
from matcher.installation import open_encoder
from matcher.settings import Settings
from tests.benchmarks.side_by_side.chart import svg
from tests.benchmarks.side_by_side.figures import Figures
from tests.benchmarks.side_by_side.hardware import hardware
from tests.benchmarks.side_by_side.race import QUICK, Plan, Race
from tests.benchmarks.side_by_side.search import DEPTH
from tests.benchmarks.side_by_side.stock import make_stock
from tests.benchmarks.side_by_side.table import page
from tests.benchmarks.speed import Grower

SIZES = (798, 24_000, 100_000)
OUTPUT, CHART = Path("var/bench-speed.md"), Path("var/bench-speed.svg")
COMMAND = "make bench-speed"
NOTES = (
    "Ours is a whole match: read, searched exactly, each requirement held against each candidate, ranked, explained. "
    "Theirs is their plain hybrid search without filters, ids only, in the set-up that ranks best in "
    f"`make bench-quality` ({DEPTH} of each half). All search the same listings and vectors; rivals encode with "
    "sentence-transformers on torch in float32, ours with what it ships. Systems take turns round by round, each in a "
    "process of its own; a figure is the median over the rounds.",
    "One need: in the process, without HTTP, a text that no system has seen. Vectors given: the text is encoded "
    "already. Search and ranking alone: besides, ours has read the conditions of the need and explains nothing; theirs "
    "is the same as with vectors given. Clients: over HTTP, each asks anew as soon as it has its answer; theirs behind "
    "FastAPI and uvicorn as ours is. Memory: most that the serving processes had, encoder included, what they share "
    "counted once. Build: from listings with vectors to the first answer; ours with `default` has read all listings "
    "for the re-ranker (`index --cards`). "
    "Recall: the vector part against comparing with every listing that passes a condition on two fields.",
)


def main(
    sizes: Annotated[list[int] | None, typer.Option("--size", help="Listings; may be given several times.")] = None,
    system: Annotated[list[str] | None, typer.Option(help="Only these systems; may be given several times.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="798 listings, few needs: a trial, no figures.")] = False,
    limit: Annotated[float, typer.Option(help="Seconds after which a build or a start is given up.")] = Plan().limit,
    workers: Annotated[int, typer.Option(help="Processes that serve PilotMatch over HTTP.", min=1)] = 1,
    folder: Annotated[Path, typer.Option(help="Where catalogues and indexes are kept.")] = Path("var/bench-side"),
    output: Annotated[Path, typer.Option(help="Where the table is written.")] = OUTPUT,
    chart: Annotated[Path, typer.Option(help="Where the chart is written.")] = CHART,
) -> None:
    """Measures all systems at each size, and writes a table and a chart."""
    settings, plan = Settings(), replace(QUICK if quick else Plan(limit=limit), workers=workers)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    results: list[Figures] = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        encoder, model = open_encoder(settings), build_bundled(settings.data / "encoders")
        load_reranker(settings.data / "encoders")  # built now, so that nobody's start pays for it
        grower = Grower(settings, progress)
        for size in sizes or ((798,) if quick else SIZES):
            stock = make_stock(folder / str(size), size, grower, settings, encoder)
            bar = progress.add_task(f"{size:,} listings")

            def tick(done: str, bar: object = bar, size: int = size) -> None:
                progress.update(bar, advance=1, description=f"{size:,} listings · {done}")  # type: ignore[arg-type]

            race = Race(stock, folder / f"{size}-built", settings.data / "encoders", model, plan, tick, system or ())
            progress.update(bar, total=plan.ticks * len(race.figures))
            results += race.run()
            _write(output, chart, results)
    typer.echo(output.read_text(encoding="utf-8"))
    raise typer.Exit(any(one.problem is not None for one in results))


def _write(output: Path, chart: Path, results: list[Figures]) -> None:
    """After each size, so that a run that breaks off leaves what it had."""
    machine = hardware()
    for path, text in ((output, page(results, COMMAND, machine, NOTES)), (chart, svg(results, machine))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
