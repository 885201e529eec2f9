"""What the quality benchmark prints: one Markdown page from finished entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcher.evaluation.bootstrap import Comparison, Estimate, holm
from matcher.evaluation.report import Report
from matcher.evaluation.scores import MAIN_METRIC
from matcher.ranking.profile import load_profile

HEADINGS = (
    "system",
    "version",
    "set-up",
    "nDCG@10 [95 %]",
    "recall@50",
    "MRR",
    "judged@10",
    "nDCG@10, judged only",
    "ours − it [95 %]",
    "p",
)
#: Slices shown a system; the others are in `pilotmatch evaluate`.
SHOWN = ("wording", "kind", "numbers")
#: A slice of fewer needs says nothing about a system.
SMALLEST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One system's outcome; `problem` where it has no figures (not installed, failed).

    Attributes:
        condensed: nDCG@10 with unjudged listings taken out of the ranking, a check on the pool (Sakai, SIGIR 2007).
        against: nDCG@10 of ours minus this system's; None for ours.
    """

    name: str
    setup: str
    version: str
    report: Report | None = None
    condensed: Estimate | None = None
    against: Comparison | None = None
    problem: str | None = None


def page(entries: Sequence[Entry], command: str, encoder: str) -> str:
    """The whole page, with a line end."""
    blocks = [
        "# Ranking quality",
        f"`{command}`: same listings, same needs, same vectors ({encoder}), one run.",
        "\n".join(_overall(entries)),
        _notes(entries),
        "## nDCG@10 by slice (needs)",
        "\n".join(_slices(entries)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _overall(entries: Sequence[Entry]) -> Iterator[str]:
    yield _row(HEADINGS)
    yield _row(["---"] * len(HEADINGS))
    compared = [entry for entry in entries if entry.against]
    p_values = holm([entry.against.p_value for entry in compared if entry.against])
    adjusted = {id(entry): p for entry, p in zip(compared, p_values, strict=True)}
    for entry in entries:
        cells = _figures(entry, adjusted.get(id(entry))) if entry.report else [entry.problem or "–"] + ["–"] * 6
        yield _row([entry.name, entry.version or "–", entry.setup, *cells])


def _figures(entry: Entry, p_value: float | None) -> list[str]:
    assert entry.report
    overall = entry.report.overall
    return [
        interval(overall[MAIN_METRIC]),
        *(f"{overall[name].mean:.3f}" for name in ("recall@50", "mrr", "judged@10")),
        f"{entry.condensed.mean:.3f}" if entry.condensed else "–",
        interval(entry.against.difference, sign="+") if entry.against else "–",
        "–" if p_value is None else f"{p_value:.4f}",
    ]


def _notes(entries: Sequence[Entry]) -> str:
    report = next((entry.report for entry in entries if entry.report), None)
    if report is None:
        return ""
    count = report.overall[MAIN_METRIC].count
    return (
        f"Means over {count} needs; {report.left_out} needs without any grade ≥ 2 are left out. Intervals: percentile "
        "bootstrap over needs. p: paired randomisation test on nDCG@10, adjusted by Holm for the number of systems. "
        "A listing that nobody judged counts as not relevant; judged@10 is the share of the first ten that was judged. "
        f"{_learnt_here()}"
    )


def _learnt_here() -> str:
    """The shipped encoder and profile know these needs: what they do for others is what was measured out of fold."""
    figures = load_profile().training.get("out_of_fold_on_needs_dev", {})
    found = figures.get(MAIN_METRIC)
    if not found:
        return ""
    return (
        "PilotMatch's profile, and the encoder that all systems here share, were learnt on these needs: its row is a "
        f"fit. Out of fold, encoder and profile both, it has nDCG@10 {found[0]:.3f} [{found[1]:.3f}, {found[2]:.3f}]."
    )


def _slices(entries: Sequence[Entry]) -> Iterator[str]:
    done = [entry for entry in entries if entry.report]
    if not done:
        yield "No system has figures."
        return
    shown = list(_shown(done[0]))
    yield _row(["system", "set-up", *(f"{dimension}: {value} ({count})" for dimension, value, count in shown)])
    yield _row(["---"] * (len(shown) + 2))
    for entry in done:
        yield _row([entry.name, entry.setup, *(_slice_mean(entry, dimension, value) for dimension, value, _ in shown)])


def _shown(entry: Entry) -> Iterator[tuple[str, str, int]]:
    for part in entry.report.slices if entry.report else ():
        count = part.metrics[MAIN_METRIC].count
        if part.dimension in SHOWN and count >= SMALLEST_SHOWN:
            yield part.dimension, part.value, count


def _slice_mean(entry: Entry, dimension: str, value: str) -> str:
    for part in entry.report.slices if entry.report else ():
        if (part.dimension, part.value) == (dimension, value):
            return f"{part.metrics[MAIN_METRIC].mean:.3f}"
    return "–"


def interval(estimate: Estimate, sign: str = "") -> str:
    """`0.512 [0.470, 0.556]`; `sign` "+" shows the sign of positive numbers too."""
    mean, low, high = (f"{value:{sign}.3f}" for value in (estimate.mean, estimate.low, estimate.high))
    return f"{mean} [{low}, {high}]"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
