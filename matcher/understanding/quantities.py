"""Quantities of a text, Chinese or English: what number, of what dimension, in what unit, and for whom it counts."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from matcher.records import Interval, QuantityRequirement
from matcher.understanding.cleanrooms import read_cleanrooms
from matcher.understanding.designations import read_designations
from matcher.understanding.expressions import read_expressions
from matcher.understanding.headings import read_headings
from matcher.understanding.intervals import downwards
from matcher.understanding.masks import masked_spans
from matcher.understanding.measured import name_and_role
from matcher.understanding.readings import Reading, Taken
from matcher.understanding.scales import read_scales
from matcher.understanding.text import normalise
from matcher.understanding.wording import word_quantity

#: 真空度达到 10⁻⁴ Pa and 精度达到 1 μm ask for no more than that.
_REACHED = re.compile("达")
_FINER = re.compile(
    "真空|精度|公差|误差|偏差|粗糙|跳动|平面度|平行度|同轴|圆度|垂直度|线宽|线距|Ra$|残留|杂质|漏率|损耗|翘曲"
)
#: 做 30 吨,不是 300 吨; 是不是 asks.
_DENIED = re.compile("(?:(?<![是要还可就])不是|并非|而非)(?:要|做|指)? ?$")
_DENIED_REACH = 6
#: Nothing that a facility offers comes in no litres or no pieces at all.
_SIZES = frozenset(["volume", "mass", "area", "count", "volume_rate", "mass_rate", "area_rate", "count_rate"])


def read_quantities(text: str) -> list[QuantityRequirement]:
    """Return every quantity that `text` states with a unit, in the order of their spans, which don't overlap.

    `start` / `end` are offsets in `text` itself; the span takes in the comparator (不低于500升) and a rate's period
    (年产30吨); `unit` is the one written, as pint names it. Conventions:

    - Alternatives (6/8 英寸) are one quantity each. 5 L 放大到 5000 L is 5000 L with `start_scale` 5.
    - Wafers are nominal: 8 英寸 is 200 mm. A vessel of 5 吨 holds 5 m³. Copper of 1 oz is 34.8 μm.
    - ±0.01 mm alone is at most 0.01; 180±20 is [160, 200]; 900×450 mm is [450, 900].
    - 500 余 is at least 500; 达到 is at least, 可达 at most; 以上 is closed, 超过 open.
    - Orders of magnitude (吨级) are a decade, approximate. 4N is at least 99.99 %.
    - Clean rooms are ISO classes, a smaller one is cleaner: 千级以上 is at most 6.
    - kg/批 and 元/样 are a mass and a sum: what is counted below the stroke adds no dimension.
    """
    normal = normalise(text)
    readings = _readings(normal)
    starts = [*(reading.start for reading in readings), len(normal)]
    floor = 0
    quantities = []
    for reading, ceiling in zip(readings, starts[1:], strict=True):
        quantities.append(_requirement(text, normal, reading, floor, ceiling))
        floor = reading.end
    return [one for one in quantities if not _asks_nothing(one) and not _is_denied(normal, one.start or 0)]


def format_quantity(quantity: QuantityRequirement) -> str:
    """Return a quantity in words that `read_quantities` reads as the same dimension, interval and unit (name aside)."""
    return word_quantity(quantity.dimension, quantity.interval, quantity.unit, quantity.start_scale)


def _readings(text: str) -> list[Reading]:
    """Return the readings of a normalised text in their order; of two that overlap the more special one stays."""
    special = read_cleanrooms(text)
    masks = masked_spans(text)
    blocked = Taken([])
    kept: list[Reading] = []
    for reading in special:
        _keep(reading, kept, blocked)
    for start, end in masks:
        if not blocked.overlaps(start, end):
            blocked.add(start, end)
    for read in (read_headings, read_designations, read_scales):
        for reading in read(text):
            _keep(reading, kept, blocked)
    kept += read_expressions(text, blocked)
    return sorted(kept, key=lambda reading: reading.start)


def _keep(reading: Reading, kept: list[Reading], blocked: Taken) -> None:
    if not blocked.overlaps(reading.start, reading.end):
        kept.append(reading)
        blocked.add(reading.start, reading.end)


def _requirement(text: str, normal: str, reading: Reading, floor: int, ceiling: int) -> QuantityRequirement:
    name, role = name_and_role(normal, reading, floor, ceiling)
    if _REACHED.match(text, reading.start) and _FINER.search(name or ""):
        reading = replace(reading, interval=downwards(reading.interval))
    return QuantityRequirement(
        text=text[reading.start : reading.end],
        start=reading.start,
        end=reading.end,
        dimension=reading.dimension,
        interval=_tidy(reading.interval),
        unit=reading.unit,
        role=role,
        name=name,
        start_scale=reading.start_scale,
    )


def _is_denied(text: str, start: int) -> bool:
    return bool(_DENIED.search(text, max(0, start - _DENIED_REACH), start))


def _asks_nothing(quantity: QuantityRequirement) -> bool:
    """Tell a number that everything would meet: one with no limit at all, or a plant of size 0."""
    low, high = quantity.interval.min, quantity.interval.max
    if math.isinf(low) and math.isinf(high):
        return True
    return low == high == 0.0 and quantity.dimension in _SIZES and quantity.start_scale is None


def _tidy(interval: Interval) -> Interval:
    """Round what multiplication left behind (2.3 万 is 23000, not 22999.999999999996); an open end is closed."""
    return Interval(
        _rounded(interval.min),
        _rounded(interval.max),
        interval.min_closed or math.isinf(interval.min),
        interval.max_closed or math.isinf(interval.max),
        interval.approximate,
    )


def _rounded(value: float) -> float:
    """Keep 12 significant figures: more than any text writes, fewer than where float products differ."""
    return float(f"{value:.12g}")
