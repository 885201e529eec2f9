"""What the side-by-side benchmark prints: a Markdown page, and at its end where we are slower."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean

from tests.benchmarks.side_by_side.figures import CLIENTS, Figures
from tests.benchmarks.side_by_side.running import OURS
from tests.benchmarks.side_by_side.stock import FILTERS

SPEED = (
    "system",
    "one need p50",
    "p95",
    "encoder's share",
    "vectors given p50",
    "p95",
    "search and ranking alone p50",
    "p95",
    "× default",
    "× fast",
)
SERVED = (
    "system",
    *(f"{clients} client{'s' if clients > 1 else ''}, answers/s (p95)" for clients in CLIENTS),
    "failed",
    "memory",
    "build",
    "start-up",
    "write to visible",
)
RECALL = ("system", "no filter", *(f"{one.name} pass" for one in FILTERS))
DEFAULT, FAST = OURS
NOTHING = "–"


def page(results: Sequence[Figures], command: str, hardware: str, notes: Sequence[str]) -> str:
    """The whole page, with a line end."""
    blocks = ["# Speed, side by side", f"`{command}` on {hardware}.", *notes]
    for size in sorted({one.size for one in results}):
        blocks += _of_size([one for one in results if one.size == size], size)
    blocks += ["## Set-ups", "\n".join(_setups(results)), "## Where we are slower", "\n".join(slower(results))]
    return "\n\n".join(blocks) + "\n"


def _of_size(results: Sequence[Figures], size: int) -> Iterator[str]:
    yield f"## {size:,} listings"
    yield "\n".join([*_head(SPEED), *(_speed(one, results) for one in results)])
    yield "\n".join([*_head(SERVED), *map(_served, results)])
    yield "\n".join([*_head(RECALL), *map(_recall, results)])


def _head(headings: Sequence[str]) -> list[str]:
    return [_row(headings), _row(["---"] * len(headings))]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _speed(one: Figures, all_of_size: Sequence[Figures]) -> str:
    if one.problem and not one.rounds:
        return _row([one.system, one.problem, *[NOTHING] * (len(SPEED) - 2)])
    whole, encoder = one.percentile("whole", 50), one.percentile("encoder", 50)
    share = f"{encoder / whole:.0%}" if whole and encoder else NOTHING
    cells = [_ms(whole), _ms(one.percentile("whole", 95)), share]
    cells += [_ms(one.percentile(kind, percent)) for kind in ("given", "ranking") for percent in (50, 95)]
    return _row([one.system, *cells, *(_times(one, named(all_of_size, name)) for name in (DEFAULT, FAST))])


def named(results: Sequence[Figures], system: str) -> Figures | None:
    """The figures of a system; None where there are none."""
    return next((one for one in results if one.system == system), None)


def _times(one: Figures, ours: Figures | None) -> str:
    """How many times as long one need takes as with ours."""
    its, own = one.percentile("whole", 50), ours.percentile("whole", 50) if ours else None
    return f"{its / own:.2f}" if its and own else NOTHING


def _served(one: Figures) -> str:
    if one.problem and not one.loads:
        return _row([one.system, one.problem, *[NOTHING] * (len(SERVED) - 2)])
    rates = [_rate(one, clients) for clients in CLIENTS]
    others = [_memory(one.memory_mb), _seconds(one.build_s), _seconds(one.start_up_s), _ms(one.visible)]
    return _row([one.system, *rates, str(one.failed), *others])


def _rate(one: Figures, clients: int) -> str:
    rate, p95 = one.rate(clients), one.load_p95(clients)
    return NOTHING if rate is None or p95 is None else f"{rate:.1f} ({p95:,.0f} ms)"


def _recall(one: Figures) -> str:
    values = [one.recall.get(name) for name in ("none", *(only.name for only in FILTERS))]
    if one.problem and not one.recall:
        return _row([one.system, one.problem, *[NOTHING] * (len(RECALL) - 2)])
    return _row([one.system, *(NOTHING if value is None else f"{value:.3f}" for value in values)])


def _ms(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:.1f} ms" if value < 1000 else f"{value / 1000:.1f} s"


def _seconds(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.1f} s"


def _memory(value: float | None) -> str:
    return NOTHING if value is None else f"{value:,.0f} MB"


def _setups(results: Sequence[Figures]) -> Iterator[str]:
    for name in dict.fromkeys(one.system for one in results):
        one = named(results, name)
        assert one
        yield f"- {name}{' ' + one.version if one.version else ''}: {one.setup}"


@dataclass(frozen=True, slots=True)
class Measure:
    """Something in which systems are compared; `less`: whether less of it is better."""

    what: str
    unit: str
    read: Callable[[Figures], float | None]
    less: bool = True


MEASURES = (
    Measure("one need, p50", " ms", lambda one: one.percentile("whole", 50)),
    Measure("one need, p95", " ms", lambda one: one.percentile("whole", 95)),
    Measure("vectors given, p50", " ms", lambda one: one.percentile("given", 50)),
    Measure("search and ranking alone, p50", " ms", lambda one: one.percentile("ranking", 50)),
    *(Measure(f"{n} clients", " answers/s", partial(Figures.rate, clients=n), less=False) for n in CLIENTS),
    Measure("memory", " MB", lambda one: one.memory_mb),
    Measure("build", " s", lambda one: one.build_s),
    Measure("start-up", " s", lambda one: one.start_up_s),
    Measure("write to visible", " ms", lambda one: one.visible),
    Measure("recall@10, mean", "", lambda one: fmean(one.recall.values()) if one.recall else None, less=False),
)


def slower(results: Sequence[Figures]) -> list[str]:
    """A line for each figure in which a rival is ahead of ours, the rival that is furthest ahead named."""
    if not any(one.rounds for one in results if one.system not in OURS):
        return ["No rival was measured."]
    found = [
        line
        for size in sorted({one.size for one in results})
        for ours in (DEFAULT, FAST)
        for line in _behind(ours, [one for one in results if one.size == size])
    ]
    return found or ["Nowhere in this run."]


def _behind(ours: str, results: Sequence[Figures]) -> Iterator[str]:
    own, rivals = named(results, ours), [one for one in results if one.system not in OURS]
    for measure in MEASURES if own else ():
        assert own
        mine = measure.read(own)
        others = [(value, one.system) for one in rivals if (value := measure.read(one)) is not None]
        if mine is None or not others:
            continue
        best, who = min(others) if measure.less else max(others)
        if best < mine if measure.less else best > mine:
            said = [f"{system} {value:,.4g}{measure.unit}" for system, value in ((ours, mine), (who, best))]
            yield f"- {own.size:,} listings, {measure.what}: {', '.join(said)}."
