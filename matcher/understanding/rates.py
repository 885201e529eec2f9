"""Rates whose period stands apart from the unit: 年产 30 吨, 每月 5 kg, 日处理 1-2 吨, 30 吨年产能."""

from __future__ import annotations

import re

from matcher.understanding.unit_table import table

_VERBS = (
    "处理|生产|产出|产(?!值|业)|捕集|供应|供|交付|总装|封测|封装|测试|加工|熔化|消耗|需(?!要)|用|销|出货|合成|转化|印刷|蒸发|提取|萃取|回收|装配|组装|减排|"
    "新增|吞吐|灌装|培训|流片|投料|投片|需求|运送|制备|产业化"
)
_BEFORE = re.compile(
    rf"(?:(?P<each>每一?个?(?P<period>年|月|周|天|日|小时|分钟|秒))|(?P<bare>年|月|日|周|小时)(?:化|均|总|最大|设计|规划|中试|可|单批)?(?:{_VERBS})|(?P<even>年均|月均|日均|月量|年量|日量))"
    r"(?P<gap>[^,。;!?\n:每]{0,16}?)(?:能力|能|量|规模|为|达到|达|约|可)*[: ]{0,2}$"
)
#: 月200片起: right before its number a period that begins a clause will do. 12月5吨 is a date.
_LONE = re.compile(r"(?:(?<=[,。;!?、:( ])|^)(?P<period>[年月日]) ?$")
#: 速度每分钟 20 米; metres that are made 每天 are no speed.
_SPEED = re.compile(
    r"速[度率]?(?:约|达到?|可达|为|是|在)?[: ]?每(?P<period>小时|分钟?|秒)(?:约|达到?|可达|不[低少小]于)?[: ]?$"
)
_HOURLY = re.compile(r"时速(?:约|达|可达|为)?[: ]?$")
#: In 幅宽1.5米 年产1亿平方米 the period belongs to the number that follows.
_AFTER = re.compile(
    r" ?(?:的)?(?P<period>年|月|日)(?:产能|产量|处理量|处理能力|生产能力|产)"
    r"(?!(?:能力|[能量])?[约为达到超过不低于≥: ]{0,4}[\d一二两三四五六七八九十百])"
)
_ENGLISH_AFTER = re.compile(r" (?:per|a|each|/) ?(?P<period>year|month|week|day|hour|minute|batch)\b", re.IGNORECASE)
#: 一年 3000 吨 is as much as 每年 3000 吨 where it begins a clause, or stands behind who makes it and how surely.
_ONE_PERIOD = re.compile(r"一(?:个(?=[月星小]))?(?P<period>年|月|周|星期|天|日|小时|分钟)")
_TOLD = re.compile(
    r"(?:^|[,。;!?、:\n()]|[们司厂线台机釜备家方]|产能|产量|用量|需求量?|能力|规模|速度|处理量|消耗量?|大概|大约|大致|差不多|预计|估计|计划|"
    "平均|目前|现在|目标|希望|最好|要求|需要?|想|能够?|可以?|要|是|为|约|达到|做到) ?$"
)
#: What is kept, rented or waited for 一年 is not told by the year.
_LASTING = re.compile("(?:[期质保修租历存储隔耗货龄假]|时间|等|再过|不到)[ :为是约要需]{0,2}$")
_TO_NUMBER = re.compile(
    r"(?:的?(?:产能|产量|用量|需求量?|消耗量?)|下来|大概|大约|大致|差不多|左右|预计|估计|平均|至少|起码|最多|顶多|最少|"
    r"不低于|不少于|不超过|能够?|可以?|要|得|需要?|想|会|就|有|出|做|产|干|跑|造|生产|处理|加工|供应?|交付?|消耗|用|吃|"
    r"灌装|封装|测试|约|近|上|:| )*"
    r"(?=[\d一二三四五六七八九十百千万两几数上近])"
)
_PERIODS = {
    "年": "year", "月": "month", "日": "day", "天": "day", "周": "week", "星": "week", "小": "h", "分": "min",
    "秒": "s", "y": "year", "m": "month", "w": "week", "d": "day", "h": "h",
}  # fmt: skip
#: What a period makes a rate of; a length or a time with a period in front stays what it is (每天 8 小时).
_RATED = frozenset({"mass", "volume", "count", "area", "energy", "power", "money", "length"})
#: Output is told in metres; inches and millimetres beside 年产 are sizes.
_METRES = frozenset({"m", "km"})
_WINDOW = 24


def rate_before(text: str, start: int, floor: int, dimension: str, unit: str) -> tuple[int, str, str]:
    """Return (start, dimension, unit) of a phrase that begins at `start`, made a rate if a period stands before it.

    The span then begins with the period, unless other numbers stand between (月产 8 英寸晶圆 1 万片).
    """
    if dimension == "length" and (speed := _HOURLY.search(text, max(floor, start - 6), start)):
        return speed.start(), "speed", f"{unit}/h"
    if dimension == "length" and (speed := _SPEED.search(text, max(floor, start - _WINDOW), start)):
        return speed.start("period") - 1, "speed", f"{unit}/{_PERIODS[speed['period'][0]]}"
    if dimension not in _RATED or (dimension == "length" and unit not in _METRES):
        return start, dimension, unit
    if dimension in ("mass", "volume", "count", "area") and (lone := _LONE.search(text, max(floor, start - 3), start)):
        return lone.start(), *_rated(dimension, unit, _PERIODS[lone["period"]])
    begin = max(floor - 12, start - _WINDOW, 0)
    match = _BEFORE.search(text, begin, start)
    if match and (nearer := _BEFORE.search(text, match.start("gap"), start)):
        match = nearer
    if (
        match is None
        or not _fits(dimension, match)
        or (match["bare"] and text[match.start() - 1 : match.start()].isdigit())
    ):
        return start, dimension, unit
    gap = match["gap"]
    if match["each"] and len(gap) > 12:
        return start, dimension, unit
    period = _PERIODS[(match["period"] or match["bare"] or match["even"])[0]]
    if re.search(r"\d", gap) and re.search("[和与及加、]", gap):
        return start, dimension, unit
    whole = match.start() >= floor and not re.search(r"[\d、]", gap)
    return match.start() if whole else start, *_rated(dimension, unit, period)


def number_of_period(text: str, begin: int, end: int) -> tuple[int, str] | None:
    """Return where the number is that 一年, from `begin` to `end`, makes a rate of, and the period for `as_rate`."""
    one = _ONE_PERIOD.fullmatch(text, begin, end)
    before = max(0, begin - 5), begin
    if one is None or _LASTING.search(text, *before) or not _TOLD.search(text, *before):
        return None
    number = _TO_NUMBER.match(text, end, end + _WINDOW)
    return (number.end(), _PERIODS[one["period"][0]]) if number else None


def as_rate(dimension: str, unit: str, period: str) -> tuple[str, str] | None:
    """Return the dimension and unit of an amount in each period; None where that is not told so (一天 8 小时)."""
    if dimension.endswith("_rate"):
        return dimension, unit
    return _rated(dimension, unit, period) if dimension in _RATED - {"money", "length"} else None


def rate_after(text: str, end: int, dimension: str, unit: str) -> tuple[int, str, str]:
    """Return (end, dimension, unit) of a phrase that ends at `end`, made a rate by 年产能 or "per year" behind it."""
    match = _ENGLISH_AFTER.match(text, end)
    if match and match["period"].lower() == "batch":
        return match.end(), dimension, unit
    match = _AFTER.match(text, end) or (match if match and match["period"].lower() != "minute" else None)
    if match is None or dimension not in _RATED or (dimension == "length" and unit not in _METRES):
        return end, dimension, unit
    return match.end(), *_rated(dimension, unit, _PERIODS[match["period"][0].lower()])


def _fits(dimension: str, match: re.Match[str]) -> bool:
    """Money is paid 每月 and metres are made 年产: a length in 每天走 5 km is none, nor is 年预算 a rate."""
    if dimension == "money":
        return bool(match["each"] or match["even"])
    return dimension != "length" or bool(match["bare"] and "产" in match[0])


def _rated(dimension: str, unit: str, period: str) -> tuple[str, str]:
    if dimension == "money":
        return "price", f"{unit}/{period}"
    if dimension == "length":
        return "length_rate", f"{unit}/{period}"
    return table().compounds[f"{dimension}/time"], f"{unit}/{period}"
