"""Numbers that can't be meant as they stand, and are said to the requester: −500 L, 120 % pure, a width of 700."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from matcher.records import QuantityRequirement, Requirement
from matcher.understanding.masks import masked_spans
from matcher.understanding.spans import Spans, spans_of
from matcher.understanding.units import in_base

#: Nothing is colder, in ℃.
_ABSOLUTE_ZERO: Final = -273.15
_PH_RANGE: Final = (0.0, 14.0)
#: Of these no more than all there is can be had; 120 % of a load or of a growth can.
_WHOLE: Final = re.compile("纯度|收率|良率|含量|转化率|得率|回收率|合格率|purity|yield", re.IGNORECASE)
#: Dimensions of which less than nothing makes no sense.
_POSITIVE: Final = frozenset(
    ("volume", "mass", "area", "length", "power", "energy", "time", "count", "mass_rate", "volume_rate", "count_rate",
     "density", "fraction", "frequency", "rotation", "speed")
)  # fmt: skip
#: What a name says it measures, and the dimensions that can be: a vessel is told in tonnes too, a vacuum has no volume.
_NAMED: Final = (
    (
        re.compile("温度$|^temperature$"),
        frozenset(("temperature", "temperature_rate", "time", "fraction", "humidity", "count")),
    ),
    (re.compile("压力$|^pressure$"), frozenset(("pressure", "force", "mass", "time", "fraction"))),
    (re.compile("容积$|^volume$"), frozenset(("volume", "mass", "fraction", "count", "time"))),
    (
        re.compile("(?:长|宽|高|厚|深)度$"),
        frozenset(("length", "ratio", "count", "fraction", "time", "angle", "areal_density")),
    ),
    (re.compile("电压$"), frozenset(("voltage", "fraction", "time", "frequency"))),
)
_BEHIND: Final = re.compile(r" ?([一-龥]{0,4}(?:温度|压力|容积))")
_THING: Final = (
    "容积|容量|体积|幅宽|门幅|宽度|长度|厚度|高度|直径|粒径|孔径|线宽|压力|温度|密度|粘度|黏度|产能|产量|批量|面积|功率|转速|"
    "重量|电压|电流|频率"
)
_NUMBER: Final = r"\d[\d,]{0,8}(?:\.\d{1,6})?"
#: A number behind what it measures with nothing behind it, or before a vessel: 幅宽700, 500的罐子.
_BARE: Final = re.compile(
    rf"(?:{_THING})(?:为|是|约|在|大约|要求|不低于|不小于|至少|≥|>|:|=| ){{0,3}}{_NUMBER}(?=左右|以上|以下|以内|"
    rf"[,，。;；、\s]|$)"
    rf"|(?<![\d.A-Za-z]){_NUMBER}(?:左右|以上)?的(?:发酵|反应|储)?(?:罐|釜)"
)


def doubts(text: str, requirements: Sequence[Requirement]) -> list[str]:
    """Notes in Chinese on the numbers of a normalised text that need a second look; they stay as they were read."""
    quantities = [one for one in requirements if isinstance(one, QuantityRequirement)]
    return [*_impossible(text, quantities), *_without_unit(text, requirements)]


def _impossible(text: str, quantities: Iterable[QuantityRequirement]) -> Iterator[str]:
    for one in quantities:
        if reason := _reason(text, one):
            yield f"“{one.text}”{reason},请核对"


def _reason(text: str, one: QuantityRequirement) -> str | None:
    interval, _ = in_base(one.dimension, one.interval, one.unit)
    ends = [end for end in (interval.min, interval.max) if math.isfinite(end)]
    if not ends:
        return None
    if one.dimension == "temperature" and min(ends) < _ABSOLUTE_ZERO and not _is_small(one):
        return "低于绝对零度"
    if one.dimension == "ph" and not all(_PH_RANGE[0] <= end <= _PH_RANGE[1] for end in ends):
        return "超出 pH 的范围"
    if one.dimension in _POSITIVE and max(ends) < 0:
        return "小于零"
    if one.dimension == "fraction" and min(ends) > 100 and _WHOLE.search(one.name or ""):
        return "超过 100%"
    behind = _BEHIND.match(text, one.end) if one.end is not None else None
    for said in (one.name or "", behind[1] if behind else ""):
        if any(pattern.search(said) and one.dimension not in fitting for pattern, fitting in _NAMED):
            return f"与“{said}”的单位对不上"
    return None


def _is_small(one: QuantityRequirement) -> bool:
    """Whether it is a difference of temperatures (±300 K), which has no zero to fall below."""
    return "±" in one.text


def _without_unit(text: str, requirements: Iterable[Requirement]) -> Iterator[str]:
    taken = Spans(chain(spans_of(requirements), masked_spans(text)))
    for found in _BARE.finditer(text):
        if not taken.overlap(*found.span()):
            yield f"“{found[0].strip()}”没有写单位,未作为条件"
