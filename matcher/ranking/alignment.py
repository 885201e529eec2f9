"""Which quantity of a listing answers which quantity of a need: dimension first, then what the name means.

A *measure* is a quantity without its numbers: dimension, name, meaning, what is counted. Catalogues repeat their
measures, so a need is aligned with each of them once.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from matcher.ranking.comparison import is_scale
from matcher.ranking.meanings import Meaning, Sense, Side, meaning_of, meanings
from matcher.records import Interval, QuantityRequirement, Role
from matcher.understanding.text import normalise
from matcher.understanding.units import in_base
from matcher.understanding.wafers import DIAMETERS

#: Dimensions in which a number without a known name says nothing: a length may be a wafer's or a bridge's.
# fmt: off
BROAD: Final = frozenset((
    "length", "mass", "area", "time", "temperature", "fraction", "count", "speed", "ratio", "money", "price", "level",
    "data", "ph", "mesh", "hardness", "density", "molarity", "volume_rate", "frequency", "rotation", "current",
    "pressure", "power", "force",
))
# fmt: on
#: What comes out of a plant in a year; plants are compared only where they make the same kind of thing.
_OUTPUTS: Final = frozenset(["count_rate", "mass_rate", "area_rate", "count"])
#: 中试产能 0.5 GWh is a yearly output, though its unit names no year: (dimension, rate, factor to the rate's base).
_PER_YEAR: Final = {
    "energy": ("energy_rate", 1e-6), "mass": ("mass_rate", 1e-3),
    "area": ("area_rate", 1.0), "count": ("count_rate", 1.0),
}  # fmt: skip
_OUTPUT_NAME: Final = re.compile("产能|年产|年组装|年封测|示范装置|示范线|装置规模|装置能力|生产规模")
#: 吨级 of these is what they weigh, not what is made in a batch.
_WEIGHED: Final = re.compile(
    "eVTOL|飞行器|航空器|飞车|飞机|无人机|直升机|卫星|火箭|机器人|货运|[汽卡货客列拖]车|船|艇|压机|压力机|锻|吊|行车|起重",
    re.IGNORECASE,
)
_WEIGHT: Final = "整机重量"
#: Gas is told in standard cubic metres; what no vessel holds, a plant lets out in an hour.
_GAS: Final = re.compile("标方|标准立方|标立方|[NS]m(?:³|3)")
_GAS_VOLUME: Final = "气体体积"
#: A runway's width answers no demand for its length.
_SIDES: Final = re.compile("[长宽高深厚]")
_ENERGY_LINE: Final = re.compile("产线|中试线|量产线|生产线|规划")
#: 100 MWh in kWh: batteries beyond it are power stations, and called so.
_LARGEST_STORE: Final = 1e5
_STORE: Final = re.compile("储能|电站|系统|柜|水库|蓄能")
#: 100 t in kg: 千吨级 is what a line makes in a year, 吨级 may be one batch.
_LARGEST_BATCH: Final = 1e5
#: Words of a name that do not say which thing is measured.
_EMPTY_WORDS: Final = re.compile(
    "最大|最小|最高|最低|最长|单条|单台|单机|设计|规划|目标|总|一期|二期|三期|首期|达产|合计|计划|需求|要求|年产量|月产量|日产量|年产能|月产能|日产能|"
    "产能|产量|年产|月产|日产|能力|规模|数量|批量|单批|每批|批次|批|中试|生产线|产线|量产|生产|制备|示范|装置|试验|测试|制造|加工|平台|项目|"
    "面积|尺寸|温度|压力|长度|厚度|宽度|高度|速度|功率|时间|时长|容积|体积|容量|重量|质量|电压|电流|频率|浓度|含量|强度|"
    "年|月|日|量|率|度|产品|线路板|电路板|印制板|线$"
)
_BEFORE_NUMBER: Final = re.compile(
    r"(?!不|至少|超|达|约|近|大于|小于|高于|低于|每|年产|月产|日产)[一-龥A-Za-z]{2,8}(?= ?\d)"
)
_COUNTER: Final = re.compile(
    r"(?:[0-9零一二两三四五六七八九十百千万亿多余几]|kk|KK) ?(?P<counter>台套|台\(套\)|架次|人次|头份|kk|KK|pcs|"
    "[片颗粒枚只个支瓶剂盒袋台套辆架艘件层轴批次块张根罐株羽组条例人])"
)
_WAFERS: Final = frozenset(DIAMETERS.values()) - {25.0}
#: 1 μm in mm: features of a process beyond it are not called a node.
_LARGEST_NODE: Final = 1e-3
#: 2 nm in mm.
_SMALLEST_NODE: Final = 2e-6
#: What a number of these dimensions is whatever its name: a field of 20 T is a magnet's.
_TELLING: Final = {
    "mass_rate": "mass_rate.any", "count_rate": "count_rate.any", "area_rate": "area_rate.any",
    "energy_rate": "energy_rate.any", "volume_rate": "volume_rate.any", "magnetic_field": "magnetic.any",
    "resolution": "resolution.print", "acceleration": "acceleration.any", "torque": "torque.any",
    "centrifuge_capacity": "centrifuge.any", "compute_rate": "compute.any", "substance": "substance.scale",
    "cleanroom": "cleanroom.any", "panel_generation": "panel.any", "energy_density": "energy_density.any",
}  # fmt: skip
#: What a requester means by an amount alone: 2000 平米 are for a workshop, 50 kg are a batch.
_WANTED_BARE: Final = {"area": "area.workshop", "mass": "mass.batch"}
#: Counters that name what they count.
_COUNTED: Final = {"层": "count.layers", "轴": "count.axis"}
#: Counters that are used for one another.
_SAME_COUNTERS: Final = (
    frozenset("颗粒枚只个") | {"kk", "KK"},
    frozenset("台套辆架") | {"台套", "台(套)"},
    frozenset("支瓶剂盒袋罐") | {"头份"},
    frozenset(["件", "个", "只", "套", "pcs"]),
    frozenset("片块张"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured; `nouns` are pairs of characters of its name that tell the thing apart (PHA年产能: ph, ha)."""

    name: str
    dimension: str
    meaning: Meaning | None
    counter: str | None
    nouns: frozenset[str]
    role: Role

    @property
    def side(self) -> Side:
        """What the number binds; where the name is unknown the role tells."""
        if self.meaning is not None:
            return self.meaning.side
        return "product" if self.role == "property" else "facility"

    @property
    def sense(self) -> Sense:
        """How numbers of it are compared; where the name is unknown the dimension and the role tell."""
        if self.meaning is not None:
            return self.meaning.sense
        if self.dimension in ("temperature", "humidity"):
            return "within"
        return "reaches" if self.role == "property" else "covers"


def measure_of(name: str | None, dimension: str, interval: Interval, words: str, role: Role) -> Measure:
    """Return the measure of a quantity.

    Args:
        name: as the text names it; None where it does not.
        interval: in the dimension's base unit; tells a wafer's size from the length of a line.
        words: the quantity as written and what stands around it (2000 支), which tells what is counted.
    """
    if dimension == "mass" and is_scale(interval) and _WEIGHED.search(words):
        name = _WEIGHT
    elif dimension == "volume" and _GAS.search(words):
        name = _GAS_VOLUME
    elif dimension == "mass" and is_scale(interval):
        name = name if name and meaning_of(name, "mass") else "公斤级"
    counter = _counter(words) if "count" in dimension else None
    return _measure(name or "", dimension, counter, role, _size(interval, role) if dimension == "length" else None)


_Size = Literal["wafer", "node"] | None


def _size(interval: Interval, role: Role) -> _Size:
    """Tell the lengths that can be a wafer's or a node's from all others, in mm."""
    ends = [end for end in (interval.min, interval.max) if math.isfinite(end)]
    if ends and all(end in _WAFERS for end in ends):
        return "wafer"
    return "node" if ends and min(ends) >= _SMALLEST_NODE and max(ends) <= _LARGEST_NODE else None


@lru_cache(maxsize=65536)
def _measure(name: str, dimension: str, counter: str | None, role: Role, size: _Size) -> Measure:
    name = normalise(name)
    meaning = meaning_of(name, dimension)
    if dimension == "length":
        meaning = _length_meaning(name, meaning, role, size)
    meaning = meaning or _default_meaning(dimension, counter, role)
    return Measure(name, dimension, meaning, counter, _nouns(name), role)


def _length_meaning(name: str, meaning: Meaning | None, role: Role, size: _Size) -> Meaning | None:
    """Wafers and nodes come in named sizes: 180 米量产线 is neither, 200 mm of a plant a wafer, bare 28 nm a node."""
    known = meanings().by_id
    if size == "wafer" and role == "capacity" and (meaning is None or meaning.id in ("length.wafer", "length.node")):
        return known["length.wafer"]
    if meaning is None and size == "node" and not name:
        return known["length.node"]
    if meaning is None or meaning.id not in ("length.wafer", "length.node"):
        return meaning
    if size == "node" and meaning.id == "length.node":
        return meaning
    return known["length.wafer"] if size == "wafer" else None


def _default_meaning(dimension: str, counter: str | None, role: Role) -> Meaning | None:
    """Litres of a facility are a vessel's, and yearly amounts an output, whatever their name; 20 层 are layers."""
    known = meanings().by_id
    if dimension == "volume" and role == "capacity":
        return known["volume.vessel"]
    if dimension in _TELLING:
        return known[_TELLING[dimension]]
    if dimension == "count" and counter in _COUNTED:
        return known[_COUNTED[counter]]
    return None


def settled(name: str | None, dimension: str, interval: Interval) -> tuple[str, float]:
    """Return (dimension, factor) that a name makes of one: 产能 0.5 GWh is per year, 湿度 95 % is humidity.

    Args:
        interval: in the dimension's base unit; no cell or pack holds what a plant makes in a year.
    """
    name = name or ""
    if dimension == "fraction" and "湿度" in name:
        return "humidity", 1.0
    if dimension not in _PER_YEAR:
        return dimension, 1.0
    if dimension == "mass" and is_scale(interval) and interval.min >= _LARGEST_BATCH:
        return _PER_YEAR[dimension]
    is_output = bool(_OUTPUT_NAME.search(name))
    if dimension == "energy" and not is_output:
        ends = [end for end in (interval.min, interval.max) if math.isfinite(end)]
        is_large = bool(ends) and max(ends) >= _LARGEST_STORE and not _STORE.search(name)
        is_output = is_large or bool(_ENERGY_LINE.search(name))
    return _PER_YEAR[dimension] if is_output else (dimension, 1.0)


def wanted_measure(requirement: QuantityRequirement) -> Measure:
    """Return what a need's quantity measures."""
    name = requirement.name or words_before_number(requirement.text)
    interval, _ = in_base(requirement.dimension, requirement.interval, requirement.unit)
    dimension, _ = settled(name, requirement.dimension, interval)
    measure = measure_of(name, dimension, interval, requirement.text, requirement.role)
    bare = _WANTED_BARE.get(dimension)
    if measure.meaning is None and bare and requirement.role == "capacity" and not name:
        return replace(measure, meaning=meanings().by_id[bare])
    return measure


def words_before_number(words: str) -> str | None:
    """Return what stands before the number of a quantity: 最小钻孔 of 最小钻孔 0.15 mm; None where nothing does."""
    found = _BEFORE_NUMBER.match(words)
    return found.group().strip() if found else None


def answers(wanted: Measure, offered: Measure) -> bool:
    """Whether a listing's number of `offered` says something about a need's number of `wanted`."""
    if wanted.dimension != offered.dimension or offered.side == "none":
        return False
    if not _same_things(wanted, offered) or _is_wafer(wanted) != _is_wafer(offered) or _other_sides(wanted, offered):
        return False
    shared = _share_noun(wanted, offered)
    if wanted.side == "product" or offered.side == "product":
        return shared or _is_telling(wanted, offered)
    if wanted.meaning is not None and offered.meaning is not None:
        return wanted.meaning.related(offered.meaning)
    return shared or wanted.dimension not in BROAD


def _other_sides(wanted: Measure, offered: Measure) -> bool:
    """Whether the names are of different sides of a thing (跑道宽度 and 跑道长度)."""
    if wanted.dimension != "length":
        return False
    one, other = set(_SIDES.findall(wanted.name)), set(_SIDES.findall(offered.name))
    return bool(one and other) and not one & other


def _is_wafer(measure: Measure) -> bool:
    """Whether it is a wafer's size: how thin a wafer is ground is no size of wafers."""
    return measure.meaning is not None and measure.meaning.id == "length.wafer"


def _is_telling(wanted: Measure, offered: Measure) -> bool:
    """Whether a product's number is told apart by its dimension alone (400 Wh/kg), whatever it is called."""
    if wanted.meaning is not None and offered.meaning is not None and not wanted.meaning.related(offered.meaning):
        return False
    return wanted.dimension not in BROAD and wanted.dimension != "volume"


def _share_noun(wanted: Measure, offered: Measure) -> bool:
    """Names alike; two that are wholly made of empty words are alike where they are equal."""
    if wanted.nouns and offered.nouns:
        return 2 * len(wanted.nouns & offered.nouns) >= min(len(wanted.nouns), len(offered.nouns))
    return bool(wanted.name) and wanted.name == offered.name


def _same_things(wanted: Measure, offered: Measure) -> bool:
    """Outputs and counts are of the same kind of thing: the counters agree, and the nouns where both name one."""
    if wanted.dimension not in _OUTPUTS:
        return True
    if wanted.nouns and offered.nouns and not wanted.nouns & offered.nouns:
        return False
    if "count" not in wanted.dimension:
        return True
    return _counted_alike(wanted.counter, offered.counter)


def _counted_alike(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return False
    return one == other or any(one in same and other in same for same in _SAME_COUNTERS)


def _counter(words: str) -> str | None:
    found = _COUNTER.search(words)
    return found["counter"] if found else None


def _nouns(name: str) -> frozenset[str]:
    bare = _EMPTY_WORDS.sub(" ", name.lower())
    return frozenset(word[i : i + 2] for word in bare.split() for i in range(len(word) - 1))
