"""All but one condition: what a listing falls short of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from matcher.ranking.fits.stage_fit import STAGE_NAMES
from matcher.records import Fit, Match, QuantityRequirement, Requirement, StageRequirement

_NAMES: Final = {
    "quantity": "参数", "place": "地点", "certificate": "资质", "industry": "行业",
    "stage": "阶段", "budget": "预算", "deadline": "期限", "kind": "类别",
}  # fmt: skip
_DIMENSION_NAMES: Final = {
    "volume": "容积", "mass": "批量", "length": "尺寸", "area": "面积", "temperature": "温度", "pressure": "压力",
    "power": "功率", "mass_rate": "产能", "count_rate": "产能", "area_rate": "产能", "energy_rate": "产能",
    "power_rate": "产能", "volume_rate": "处理量", "cleanroom": "洁净等级", "panel_generation": "世代线",
    "time": "时间", "speed": "速度", "voltage": "电压", "count": "数量",
}  # fmt: skip

#: Counters that name what they count: 12 层 asks for 层数.
_COUNTED: Final = re.compile("层|轴|通道|工位|批次|温区")
#: A name that is a thing, not what is measured of it.
_THING: Final = re.compile("[罐釜器槽塔炉箱线机圆片底板]$")


def near_miss(fits: Sequence[Fit]) -> str | None:
    """Return "除容积外均符合:需要 500 L,最大 300 L" where exactly one condition misses and another meets; else None.

    What a listing does not say is neither: it is counted in the words, never taken as met.
    """
    missing = [fit for fit in fits if fit.outcome == "misses"]
    if len(missing) != 1 or all(fit.outcome != "meets" for fit in fits):
        return None
    miss = missing[0]
    unsaid = sum(fit.outcome == "unknown" for fit in fits)
    others = "其余写明的均符合" if unsaid else "均符合"
    words = f"除{requirement_name(miss.requirement)}外{others}:{miss.shortfall}"
    return f"{words}(另有 {unsaid} 项未写明)" if unsaid else words


def worth_showing(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Near-misses without those graded weak, where there are better ones; else as they are."""
    better = tuple(match for match in matches if match.grade != "weak")
    return better or tuple(matches)


def requirement_name(requirement: Requirement) -> str:
    """Return what a condition is about, in a word or two: 容积, 发酵罐容积, 晶圆尺寸, 地点, 中试阶段."""
    if isinstance(requirement, StageRequirement):
        return f"{STAGE_NAMES[requirement.wanted]}阶段" if requirement.wanted else "阶段"
    if isinstance(requirement, QuantityRequirement):
        general = _DIMENSION_NAMES.get(requirement.dimension, _NAMES["quantity"])
        if requirement.dimension == "count" and (counted := _COUNTED.search(requirement.text)):
            general = f"{counted[0]}数"
        name = requirement.name or ""
        return f"{name}{general}" if not name or _THING.search(name) else name
    return _NAMES[requirement.type]
