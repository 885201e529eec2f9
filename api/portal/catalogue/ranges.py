"""Parameters as words, and where they lie on the scale of the whole catalogue."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.portal.filters import FILTERS
from api.portal.languages import Language

#: Width of the drawing; positions are in its units.
WIDTH: Final = 100.0
#: Where the greatest number is so many times the smallest, equal steps are equal factors: 50 L beside 50,000 L.
FACTORS_FROM: Final = 50.0
#: A single value is drawn so wide, or nobody would see it.
POINT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """From `start`, `width` wide, of `WIDTH`; the ends of the scale in words."""

    start: float
    width: float
    least: str
    most: str
    listings: int


@dataclass(frozen=True, slots=True)
class Range:
    """A parameter: `words` is its range with the unit; `bar` None where nothing can be compared."""

    name: str
    words: str
    bar: Bar | None


def ranges_of(
    parameters: Sequence[Mapping[str, Any]], scales: Sequence[Mapping[str, Any]], language: Language
) -> list[Range]:
    """All parameters of a listing in their order."""
    by_position = {one["position"]: one for one in scales}
    found = []
    for position, one in enumerate(parameters):
        scale = by_position.get(position)
        bar = bar_of(scale, language) if scale is not None else None
        found.append(Range(one["name"], range_words(one["min"], one["max"], one["unit"], language), bar))
    return found


def range_words(low: float | None, high: float | None, unit: str | None, language: Language) -> str:
    """50–5,000 L; ≥ 50 L; ≤ 5,000 L; empty where nothing is said."""
    number = FILTERS[language]["number"]
    if low is None and high is None:
        return ""
    if low is None or high is None:
        said = f"≥ {number(low)}" if high is None else f"≤ {number(high)}"
    else:
        said = number(low) if low == high else f"{number(low)}–{number(high)}"
    return f"{said} {FILTERS[language]['unit'](unit)}" if unit else said


def bar_of(scale: Mapping[str, Any], language: Language) -> Bar:
    """Where a range lies between the smallest and the greatest number of the catalogue; an open end reaches there."""
    least, most = scale["least"], scale["most"]
    low = least if scale["low"] is None else scale["low"]
    high = most if scale["high"] is None else scale["high"]
    start, end = position(low, least, most), position(high, least, most)
    width = max(end - start, POINT)
    start = min(start, WIDTH - width)
    words = [range_words(one, one, scale["unit"], language) for one in (least, most)]
    return Bar(round(start, 2), round(width, 2), words[0], words[1], scale["listings"])


def position(value: float, least: float, most: float) -> float:
    """0 for `least`, `WIDTH` for `most`, between them by difference or, on a wide scale, by factor."""
    if least > 0 and most / least >= FACTORS_FROM:
        share = math.log(value / least) / math.log(most / least)
    else:
        share = (value - least) / (most - least)
    return WIDTH * min(max(share, 0.0), 1.0)
