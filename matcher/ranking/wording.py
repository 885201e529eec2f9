"""Ranges of numbers in the words of a requester: 500 L, ≥ 500 L, −40~85 ℃, 8 英寸, 12 万元."""

from __future__ import annotations

import math
from typing import Final

from matcher.ranking.comparison import ROUNDING
from matcher.understanding.unit_table import to_base
from matcher.understanding.wafers import DIAMETERS

_SIGNS: Final = {
    "degC": "℃", "degF": "℉", "percent": "%", "um": "μm", "uL": "μL", "ohm": "Ω", "degree": "°", "CNY": "元", "1": "",
    "m^2": "m²", "m^3": "m³", "cm^2": "cm²", "mm^2": "mm²", "km^2": "km²", "day": "天", "h": "h", "min": "min",
    "year": "年", "month": "月", "week": "周", "inch": "英寸", "ug": "μg", "us": "μs",
    "piece": "", "thou": "mil", "A*h": "Ah", "Pa*s": "Pa·s", "N*m": "N·m",
}  # fmt: skip
_INCHES: Final = {diameter: inches for inches, diameter in DIAMETERS.items()}
_WAN: Final = 1e4


def span_words(low: float, high: float, unit: str, dimension: str, *, best: str = "") -> str:
    """Return [low, high], in the base unit of `dimension`, in the pint unit `unit` as words.

    Args:
        best: words before a single number or an only end (最大, 最小); ≤ and ≥ where it is empty.
    """
    factor, offset = to_base(unit, dimension)
    sign = unit_words(unit, dimension)
    if dimension == "compute_rate":
        # 算力 is told in P and T, which are no units of measurement: 1e+18 /s says nothing to anybody.
        factor, sign = (1e15, "P") if (low if math.isinf(high) else high) >= 1e15 else (1e12, "T")
    low, high = (low - offset) / factor, (high - offset) / factor
    if math.isinf(low) or math.isinf(high):
        end, sign_before = (high, "≤ ") if math.isinf(low) else (low, "≥ ")
        return _join(f"{best} " if best else sign_before, number_words(end), sign)
    if high - low <= 4 * ROUNDING * abs(high):
        return _join(f"{best} " if best else "", number_words(high), sign)
    return _join("", f"{number_words(low)}~{number_words(high)}", sign)


def wafer_words(low: float, high: float) -> str:
    """Return wafer diameters, in mm, in nominal inches (200 → 8 英寸), or in mm where SEMI has no such size."""
    ends = [_INCHES.get(float(f"{end:.6g}")) for end in (low, high)]
    if None in ends:
        return span_words(low, high, "mm", "length")
    return f"{ends[0]} 英寸" if ends[0] == ends[1] else f"{ends[0]}~{ends[1]} 英寸"


def unit_words(unit: str, dimension: str) -> str:
    """Return a pint unit as Chinese readers write it; an ISO clean-room class and a level have no unit of their own."""
    if dimension == "cleanroom":
        return "级(ISO)"
    if dimension == "panel_generation":
        return "代"
    top, *below = unit.split("/")
    words = [_SIGNS.get(part, part.replace("^2", "²").replace("^3", "³").replace("*", "·")) for part in (top, *below)]
    return "/".join(words)


def money_words(yuan: float) -> str:
    """Return an amount of CNY: 350 元, 2.7 万元."""
    return f"{number_words(yuan / _WAN)} 万元" if abs(yuan) >= _WAN else f"{number_words(yuan)} 元"


def number_words(value: float) -> str:
    """Return a number without digits that rounding made: 500, 0.35, 12 万."""
    if abs(value) >= _WAN and abs(value / _WAN) < 1e5:
        return f"{value / _WAN:.6g} 万"
    return f"{value:.6g}"


def _join(before: str, number: str, sign: str) -> str:
    gap = "" if sign in ("", "%", "℃", "°") or number.endswith("万") else " "
    return f"{before}{number}{gap}{sign}"
