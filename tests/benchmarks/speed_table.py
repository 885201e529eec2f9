"""What the speed benchmark prints: times and memory, and recall under filters beside them."""

from __future__ import annotations

from collections.abc import Sequence

from tests.benchmarks.speed_child import Measured

HEADINGS = (
    "listings",
    "profile",
    "matches",
    "match p50",
    "p95",
    "p50, listings not read before",
    "its processor time p50",
    "encoder p50",
    "p95",
    "all but the encoder p50",
    "p95",
    "start-up",
    "peak memory",
)


def page(results: Sequence[Measured], command: str, cores: int) -> str:
    """The whole page as Markdown, with a line end."""
    lines = [
        "# Speed and memory",
        "",
        f"`{command}`, {cores} cores, one match at a time; each need is matched once, after a warm-up;",
        "with the re-ranker once all of them have been asked, so that what it made of listings is kept.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        "|---" * len(HEADINGS) + "|",
        *map(_times, results),
        "",
        "Times in ms. Start-up: from starting Python to the first match, vectors already stored. Peak memory: of the",
        "process, after all matches.",
        "",
        "| listings | filter | share that passes | recall@10 against brute force | answers cut short | needs |",
        "|---|---|---|---|---|---|",
        *(line for result in results for line in _filters(result)),
        "",
        "Brute force scores every listing that passes.",
    ]
    return "\n".join(lines) + "\n"


def _times(result: Measured) -> str:
    times = (
        result.p50,
        result.p95,
        result.unread_p50,
        result.cpu_p50,
        result.encoder_p50,
        result.encoder_p95,
        result.rest_p50,
        result.rest_p95,
    )
    cells = [f"{result.listings:,}", result.profile, str(result.matches), *map(_time, times)]
    return f"| {' | '.join([*cells, f'{result.start_up_s:.1f} s', f'{result.peak_mb:,.0f} MB'])} |"


def _time(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _filters(result: Measured) -> list[str]:
    return [
        f"| {result.listings:,} | {row.filter} | {row.share:.2%} | {row.recall:.3f} | {row.short} | {row.needs} |"
        for row in result.filters
    ]
