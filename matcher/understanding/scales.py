"""Orders of magnitude in words: 吨级, 公斤级, 百升级, 千吨级 and the like, each one decade wide and approximate."""

from __future__ import annotations

import re

from matcher.records import Interval
from matcher.understanding.ambiguity import holds_cubic_metres
from matcher.understanding.readings import Reading
from matcher.understanding.units import match_unit

_DECADE = 10.0
_FACTORS = {
    "": 1.0, "十": 10.0, "百": 100.0, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7,
    "数十": 10.0, "几十": 10.0, "数百": 100.0, "几百": 100.0, "数千": 1e3, "几千": 1e3,
}  # fmt: skip
#: 升级 is an upgrade and 米级 seldom a size: without 十 / 百 / 千 only these are scales by themselves.
_ALONE = "毫克|千克|公斤|克|吨|毫升|兆瓦时|兆瓦|千瓦时|千瓦|吉瓦时|吉瓦|GWh|MWh|MW|kW|GW|kg|mg|g|t|L|mL|ml"
_SCALED = f"{_ALONE}|升|立方米|立方|方|瓦|平方米|平米|片|台|件|支|米|微米|纳米|毫米|伏|安时|安|Ah"
_MANY = "数十|几十|数百|几百|数千|几千|十万|百万|千万|[十百千万]"
#: 百吨以上 counts, but 公斤以上 alone has lost its number.
_SCALE = re.compile(
    r"(?<![\d.十百千万亿数几])(?P<period>(?:年产|年化|年处理|年捕集|月产|日产|日处理|年)?)"
    rf"(?:(?P<many>{_MANY}) ?(?P<scaled>{_SCALED})|(?<![A-Za-z一二三四五六七八九半两])(?P<alone>{_ALONE}))"
    "(?P<per>(?:/年|每年)?)"
    "(?P<level>级别?(?P<after>/年)?(?!联|配|泵|放大器)(?P<above>及?以上|以下)?|(?P<bare>以上|以下))"
)
#: kg-scale, hundred-liter fermenter, ton level.
_ENGLISH = re.compile(
    r"(?<![A-Za-z\d-])(?:(?P<many>multi|ten|hundred|thousand)[- ](?P<some>kilogram|kg|gram|ton(?:ne)?|lit(?:er|"
    r"re)|L|MW|kW)\b"
    r"(?:[- ](?:scale|level)\b)?|(?P<unit>milligram|mg|kilogram|kg|gram|ton(?:ne)?|lit(?:er|re)|MW|kW|GWh|"
    r"MWh)[- ](?:scale|level)\b)",
    re.IGNORECASE,
)
_SINGULARS = {"milligram": "mg"}
_ENGLISH_FACTORS = {"": 1.0, "multi": 1.0, "ten": 10.0, "hundred": 100.0, "thousand": 1e3}
_PERIODS = {"年": "year", "月": "month", "日": "day"}
_RATED = frozenset({"mass", "volume", "energy", "power", "area", "count"})


def read_scales(text: str) -> list[Reading]:
    """Return the orders of magnitude of a normalised text.

    吨级 is [1, 10) t, 百升级 [100, 1000) L, 公斤级以上 [1, ∞) kg, 吨级发酵罐 [1, 10) m³.
    """
    readings = [reading for match in _SCALE.finditer(text) if (reading := _read(text, match))]
    return readings + [reading for match in _ENGLISH.finditer(text) if (reading := _read_english(match))]


def _read_english(match: re.Match[str]) -> Reading | None:
    word = match["some"] or match["unit"]
    found = match_unit(word, 0) or match_unit(word.lower(), 0) or match_unit(_SINGULARS.get(word.lower(), ""), 0)
    if found is None:
        return None
    low = _ENGLISH_FACTORS[(match["many"] or "").lower()] * found[0].factor
    return Reading(match.start(), match.end(), found[0].dimension, _interval(low, "", bare=False), found[0].name)


def _read(text: str, match: re.Match[str]) -> Reading | None:
    found = match_unit(match["scaled"] or match["alone"], 0)
    if found is None or (match["bare"] and not match["many"]):
        return None
    unit, _ = found
    dimension, name = unit.dimension, unit.name
    if name == "t" and holds_cubic_metres(text, match.end()):
        dimension, name = "volume", "m^3"
    period = _PERIODS.get(match["period"][:1]) or ("year" if match["per"] or match["after"] else None)
    if period and dimension in _RATED:
        dimension, name = f"{dimension}_rate", f"{name}/{period}"
    bound = match["above"] or match["bare"] or ""
    low = _FACTORS[match["many"] or ""] * unit.factor
    return Reading(match.start(), match.end(), dimension, _interval(low, bound, bare=bool(match["bare"])), name)


def _interval(low: float, bound: str, *, bare: bool) -> Interval:
    if "上" in bound:
        return Interval(min=low, approximate=True)
    if "下" in bound:
        return Interval(max=low if bare else low * _DECADE, max_closed=bare, approximate=True)
    return Interval(low, low * _DECADE, max_closed=False, approximate=True)
