"""What int8 and few layers for needs cost in quality, and save in time: `python -m tests.benchmarks.precision`.

The shipped catalogue and the judged needs are ranked with the same weights three times: with the vectors of all layers
of the bundled encoder, with those where few of them read needs, as the shipped profiles ask for, and with those of the
same model in float32 on torch, by sentence-transformers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from embeddings import Encoder, load_encoder
from embeddings.bundled import build_bundled
from embeddings.encoder import BUNDLED, BUNDLED_FEW, BUNDLED_TORCH
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.needs_file import read_needs
from matcher.evaluation.bootstrap import Comparison, compare, mean_estimate
from matcher.evaluation.judgements import Judgements, read_judgements
from matcher.evaluation.runs import Run
from matcher.evaluation.scores import MAIN_METRIC, score_run
from matcher.match import Matcher
from matcher.ranking.profile import load_profile
from matcher.records import Need
from matcher.settings import Settings
from tests.benchmarks.side_by_side.hardware import hardware
from tests.benchmarks.side_by_side.stock import fresh

#: What is thought to be no loss of quality.
TOLERANCE = 0.005
PROFILES = ("default", "fast")
NAMES = {
    BUNDLED: "int8, all layers",
    BUNDLED_FEW: "int8, few layers for needs (served)",
    BUNDLED_TORCH: "float32, sentence-transformers on torch",
}
HEADER = "| encoder | one need p50 | p95 | " + " | ".join(f"nDCG@10, {name}" for name in PROFILES) + " |"
OUTPUT = Path("var/bench-precision.md")
TOP = 50

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one encoder: `times` in ms of needs, `quality` nDCG@10 of each judged need by profile."""

    encoder: str
    times: Sequence[float]
    quality: dict[str, Values]


def ranked(matcher: Matcher, needs: Sequence[Need], judgements: Judgements) -> Values:
    """nDCG@10 of each need that has judgements."""
    rankings = {
        str(need.id): [match.listing.id for match in matcher.match(need, top=TOP, explained=False).matches]
        for need in needs
    }
    return score_run(Run.from_rankings(rankings), judgements).values[MAIN_METRIC]


def took(encode: Any, texts: Sequence[str]) -> list[float]:
    """Milliseconds of each text, one after the other, none of which was read before."""
    times = []
    for text in texts:
        began = time.perf_counter()
        encode(fresh(text, 7))
        times.append((time.perf_counter() - began) * 1000)
    return times


def row(outcome: Outcome) -> str:
    """A row of the Markdown table."""
    median, p95 = np.percentile(outcome.times, [50, 95])
    quality = (f"{mean_estimate(outcome.quality[name]).mean:.4f}" for name in outcome.quality)
    return f"| {NAMES[outcome.encoder]} | {median:.1f} ms | {p95:.1f} ms | {' | '.join(quality)} |"


def verdict(encoder: str, profile: str, found: Comparison) -> str:
    """One sentence on an encoder and a profile: what is lost, and whether that is within tolerance."""
    lost, low, high = (0.0 - value for value in (found.difference.mean, found.difference.high, found.difference.low))
    word = "within" if lost <= TOLERANCE else "beyond"
    return f"{profile}, {NAMES[encoder]}: loses {lost:+.4f} nDCG@10 [{low:+.4f}, {high:+.4f}], {word} {TOLERANCE}."


def page(ours: Sequence[Outcome], reference: Outcome, machine: str) -> str:
    """The whole page, with a line end."""
    lines = ["# int8 and few layers beside float32", "", f"`python -m tests.benchmarks.precision` on {machine}.", ""]
    lines += [HEADER, "|---" * (HEADER.count(" | ") + 1) + "|", *map(row, (*ours, reference)), ""]
    for one in ours:
        found = ((name, compare(one.quality[name], reference.quality[name])) for name in one.quality)
        lines += [verdict(one.encoder, name, comparison) for name, comparison in found]
    return "\n".join(lines) + "\n"


def measure(name: str, settings: Settings, progress: Progress, profiles: Sequence[str]) -> Outcome:
    """Encodes what is not stored yet, and ranks."""
    encoder = load_encoder(name, settings.data / "encoders", settings.threads)
    needs = read_needs(settings.dataset("needs_dev.jsonl"))[0]
    judgements = read_judgements(settings.dataset("judgements_dev.tsv")).kept({str(need.id) for need in needs})
    bar = progress.add_task(f"{NAMES[name]}: encoding listings", total=1, completed=1)
    quality = {}
    for profile in profiles:
        matcher = Matcher.load(
            settings,
            read_listings(settings.dataset("listings.jsonl")),
            progress=lambda done, total: progress.update(bar, completed=done, total=total),
            profile=replace(load_profile(profile), few_layers=False),  # the encoder's own name says which
            encoder=encoder,
            encodings=Encodings(settings.data / "encodings", encoder),
        )
        quality[profile] = ranked(matcher, needs, judgements)
    return Outcome(name, took(_as_used(name, encoder, settings), [need.text for need in needs]), quality)


def _as_used(name: str, encoder: Encoder, settings: Settings) -> Any:
    """How a need is encoded: by ours as it is, by sentence-transformers as its users call it."""
    if name != BUNDLED_TORCH:
        return encoder.read_need
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(build_bundled(settings.data / "encoders")), device="cpu")
    return lambda text: model.encode(text, prompt_name="query", show_progress_bar=False)


def main(
    profile: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    output: Annotated[Path, typer.Option(help="Where the table is written.")] = OUTPUT,
) -> None:
    """Compares quality and time, and fails where what is served loses quality beyond tolerance."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    settings = Settings()
    with Progress(*columns, console=Console(stderr=True)) as progress:
        *ours, reference = (measure(name, settings, progress, profile or PROFILES) for name in NAMES)
    text = page(ours, reference, hardware())
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, encoding="utf-8")
    typer.echo(text)
    served = next(one.quality for one in ours if one.encoder == BUNDLED_FEW)
    lost = [reference.quality[name].mean() - served[name].mean() for name in served]
    raise typer.Exit(max(lost) > TOLERANCE)


if __name__ == "__main__":
    typer.run(main)
