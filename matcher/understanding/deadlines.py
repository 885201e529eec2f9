"""When the result is needed: spans of time (三个月内) and dates (2026年6月底前), as days from today."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

from matcher.records import DeadlineRequirement, Interval
from matcher.understanding.dates import DATES, ENGLISH_DATES, count_of, english_day, impossible_dates, last_day

_COUNT = r"(?:\d{1,3}(?:\.\d{1,3})?(?!\d)|[一二两三四五六七八九十百]{1,6}|[俩仨半])"
_UNIT = "个?工作日|个半月|个?月(?!份)|个?星期|个?礼拜|周|个?季度|天|日|年半?|小时"
_SPAN_TEXT = rf"(?P<count>{_COUNT})(?:\s{{0,2}}(?:-|~|到|至)\s{{0,2}}(?P<upper>{_COUNT}))?\s{{0,2}}(?P<unit>{_UNIT})"
#: Days each unit stands for; five working days make a week.
_DAYS = {
    "工作日": 7 / 5,
    "半月": 30,
    "月": 30,
    "星期": 7,
    "礼拜": 7,
    "周": 7,
    "季度": 91,
    "天": 1,
    "日": 1,
    "年": 365,
    "小时": 1 / 24,
}
_DONE = (
    "(?:完成|交付|交货|交样|交|要货|发货|出货|供货|出(?:具)?(?:检测|测试|试验)?(?:报告|结果|样|数据)|拿到|取得|要(?:结果|报告|样|用)|提供|落到|落地|"
    "实现|投产|达产|验收|供样|送样|上市|上线|结题|做出|[做弄干][完好]|搞定|出)(?!了|过)"
)
_TERM = r"(?:工期|交期|交货期|交付期|交付周期|完成期限|完成时限|需求时限|期限|时限|完成时间|交付时间)"
_LINK = r"[\s::为约是须需要在控制不超过大于≤]{0,6}"
#: 加急,一周: who is in a hurry names a deadline with no more words; 应急 and 急性 are in none.
_URGENT = r"(?:加急|特急|紧急|尽快|(?<!应)急(?=[,，:\s]))[,，:\s]{0,2}(?:最多|最迟|大概|约)?"
_URGENT_END = re.compile(r"(?:左右)?(?=\s?[,，。;；!！?？、)\n]|$)")
#: A span is a deadline where it is within something (内), ends in a delivery, or stands behind a word for a term.
_SPANS = re.compile(
    rf"(?:(?P<term>{_TERM}{_LINK})|(?P<urgent>{_URGENT}))?(?<![\d.上下第一二两三四五六七八九十百])(?<!\d年){_SPAN_TEXT}"
    rf"\s{{0,2}}(?:(?P<within>(?:之|以)?内)|(?P<done>(?:就|要|能|可){{0,2}}{_DONE}))?"
)
#: In a clause with one of these the span is a property of the product or the past, not a deadline.
_NOT_TERM = re.compile(
    "近|过去|保质|货架|寿命|储|贮|存|连续|运行|放置|质保|稳定|老化|养护|培养|衰减|以来|内径|每|失效|免费|降解|成立|累计|完全"
)

_BEFORE_DATE = re.compile(
    rf"(?:{_TERM}|截止(?:日期|时间|到|至)?|截至|赶在?|须在|要在|需在|计划[于在]|拟[于在]|于|by|before|until){_LINK}$",
    re.IGNORECASE,
)
_AFTER_DATE = re.compile(rf"[^,。;!?\n\d]{{0,8}}?(?:{_DONE}|就[要得用]|急[用要需]|[要用](?=[,\uff0c。;!?\n]|$))")
#: 周期:2027年1月至2027年12月: the end of a term is when the result is needed.
_PERIOD = re.compile(rf"(?:{_TERM}|周期|起止(?:时间|日期)?|实施(?:时间|期)|执行期|时间(?:要求|安排|范围)?){_LINK}$")
_PERIOD_REACH = 16
#: 春节后交付 says when it may begin.
_SINCE = re.compile(r"\s{0,2}(?:之|以)?后(?![天年])")
#: 12月至明年2月期间: the end of such a range is when the result is needed.
_DURING = re.compile(r"\s{0,2}(?:之间|期间|以?内)")
_TO = re.compile(r"\s{0,2}(?:至|到|-|~)\s{0,2}")
_ENGLISH_COUNT = r"(?P<count>\d{1,3}|one|two|three|four|five|six|eight|ten|twelve)"
_ENGLISH_UNIT = r"(?P<unit>business day|working day|day|week|month|year)s?\b"
_ENGLISH_TERM = (
    r"(?:deadline|lead[- ]?time|turn-?around(?: time)?|delivery(?: time)?|time ?frame|timeline|schedule|due)"
)
#: A span in English is a deadline behind "within", or beside a word for a term.
_ENGLISH_SPANS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:with)?in\s+{_ENGLISH_COUNT}[ -]{_ENGLISH_UNIT}",
        rf"\b{_ENGLISH_TERM}\b[^.,;\n\d]{{0,24}}?{_ENGLISH_COUNT}[ -]{_ENGLISH_UNIT}",
        rf"\b{_ENGLISH_COUNT}[ -]{_ENGLISH_UNIT}(?= (?:{_ENGLISH_TERM}|from now|at (?:most|the latest)))",
    )
)
_ENGLISH_COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10, "twelve": 12,
}  # fmt: skip
_ENGLISH_DAYS = {"business day": 7 / 5, "working day": 7 / 5, "day": 1, "week": 7, "month": 30, "year": 365}
_CLAUSE_END = re.compile(r"[,。;!?\n,;]")
#: Five years: a longer span is a property (a service life), whatever stands beside it.
_LONGEST = 1825


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The deadlines of a text, and in Chinese what was left out and why."""

    requirements: tuple[DeadlineRequirement, ...] = ()
    notes: tuple[str, ...] = ()


def read_deadlines(text: str, today: date) -> Deadlines:
    """Return the deadlines of a normalised text; dates that do not exist or have passed are noted instead."""
    found = _english(text, today) + _dates(text, today) + _spans(text)
    kept: list[DeadlineRequirement] = []
    for deadline in found:
        if not any(_overlap(deadline, other) for other in kept):
            kept.append(deadline)
    return _settle(sorted(kept, key=lambda deadline: deadline.start or 0), impossible_dates(text))


def read_deadline_field(value: str, today: date) -> Deadlines:
    """Return the deadline that a form's field says; there a bare date or span is one, with no word around it."""
    text = value.strip()
    if not text:
        return Deadlines()
    found = (
        _whole_year(text, today) or _dates(text, today, bare=True) or _spans(text, bare=True) or _english(text, today)
    )
    notes = impossible_dates(text)
    if not found and not notes:
        notes = [f"完成时限“{text}”不是可以计算的时间,未作为条件"]
    return _settle(found[:1], notes)


def _settle(found: list[DeadlineRequirement], notes: list[str]) -> Deadlines:
    passed = [deadline for deadline in found if deadline.interval.max < 0]
    notes = notes + [f"期限“{deadline.text}”({deadline.date})已过,未作为条件" for deadline in passed]
    return Deadlines(tuple(deadline for deadline in found if deadline.interval.max >= 0), tuple(notes))


def _whole_year(text: str, today: date) -> list[DeadlineRequirement]:
    match = re.fullmatch(r"(20\d\d)\s*年?", text)
    if not match:
        return []
    day = date(int(match[1]), 12, 31)
    return [_requirement(text, 0, len(text), (day - today).days, day)]


def _spans(text: str, *, bare: bool = False) -> list[DeadlineRequirement]:
    found = []
    for match in _SPANS.finditer(text):
        urgent = _URGENT_END.match(text, match.end()) if match["urgent"] else None
        asked = match["term"] or match["within"] or match["done"] or urgent
        days = _span_days(match)
        if (
            days is None
            or not (asked or bare)
            or (not bare and not match["term"] and _NOT_TERM.search(_clause(text, match)))
        ):
            continue
        if match["unit"] == "小时" and not (match["within"] or match["term"] or urgent):
            continue
        found.append(_requirement(text, match.start(), urgent.end() if urgent else match.end(), days))
    return found


def _span_days(match: re.Match[str]) -> float | None:
    unit = match["unit"].removeprefix("个")
    count = count_of(match["upper"] or match["count"])
    if count is None:
        return None
    if unit in ("半月", "年半"):
        return math.ceil((count + 0.5) * _DAYS[unit.replace("年半", "年")])
    return math.ceil(count * _DAYS[unit])


def _clause(text: str, match: re.Match[str]) -> str:
    before = _CLAUSE_END.split(text[max(0, match.start() - 12) : match.start()])[-1]
    after = _CLAUSE_END.split(text[match.end() : match.end() + 8])[0]
    return before + after


def _dates(text: str, today: date, *, bare: bool = False) -> list[DeadlineRequirement]:
    found = []
    first: re.Match[str] | None = None
    for match in DATES.finditer(text):
        begun = first if first and _TO.fullmatch(text, first.end(), match.start()) else None
        first = match
        since = last_day(begun, today) if begun else None
        day = last_day(match, today, since)
        if day is None or _begins_range(text, match) or _SINCE.match(text, match.end()):
            continue
        term = begun and (_is_term(text, begun.start()) or _DURING.match(text, match.end()))
        asked = bare or _is_deadline(text, match) or term
        if not asked or (day < today and not (bare or match["before"])):
            continue
        start = begun.start() if begun else match.start()
        found.append(_requirement(text, start, match.end(), (day - today).days, day))
    return found


def _is_term(text: str, start: int) -> bool:
    return bool(_PERIOD.search(text, max(0, start - _PERIOD_REACH), start))


def _begins_range(text: str, match: re.Match[str]) -> bool:
    link = _TO.match(text, match.end())
    return bool(link and DATES.match(text, link.end()))


def _is_deadline(text: str, match: re.Match[str]) -> bool:
    if match["before"] or (match["yearend"] or "").endswith("内") or match["rmend"] == "内":
        return not _NOT_TERM.search(_clause(text, match))
    if match["ryear"] in ("明年", "后年") or _is_alone(text, match):
        return True
    before = text[max(0, match.start() - 12) : match.start()]
    return bool(_BEFORE_DATE.search(before) or _AFTER_DATE.match(text, match.end()))


def _is_alone(text: str, match: re.Match[str]) -> bool:
    """Tell whether 今年底 or 月底 is all that stands between two marks."""
    before, after = text[: match.start()].rstrip()[-1:], text[match.end() :].lstrip()[:1]
    end = match["cmonth"] and match["part"] in ("底", "末")
    quarter = match["cyear"] and (match["quarter"] or match["fiscal"])
    named = match["ryear"] or match["rmonth"] or match["rweek"] or match["yearend"] or quarter or end
    return bool(named) and all(not mark or _CLAUSE_END.match(mark) for mark in (before, after))


def _english(text: str, today: date) -> list[DeadlineRequirement]:
    found = []
    for match in (match for pattern in _ENGLISH_SPANS for match in pattern.finditer(text)):
        word = match["count"].lower()
        days = math.ceil(float(_ENGLISH_COUNTS.get(word) or word) * _ENGLISH_DAYS[match["unit"].lower()])
        found.append(_requirement(text, match.start(), match.end(), days))
    for match in ENGLISH_DATES.finditer(text):
        day = english_day(match, today)
        if day is None:
            continue
        found.append(_requirement(text, match.start(), match.end(), (day - today).days, day))
    return found


def _requirement(text: str, start: int, end: int, days: float, day: date | None = None) -> DeadlineRequirement:
    return DeadlineRequirement(
        text=text[start:end], start=start, end=end, interval=Interval(max=days), date=day.isoformat() if day else None
    )


def _overlap(one: DeadlineRequirement, other: DeadlineRequirement) -> bool:
    return (one.start or 0) < (other.end or 0) and (other.start or 0) < (one.end or 0)
