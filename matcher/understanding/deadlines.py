"""When the result is needed: spans of time (三个月内) and dates (2026年6月底前), as days from today."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

import cn2an

from matcher.records import DeadlineRequirement, Interval

_COUNT = r"(?:\d{1,3}(?:\.\d+)?(?!\d)|[一二两三四五六七八九十百]+|半)"
_UNIT = "个?工作日|个半月|个?月(?!份)|个?星期|个?礼拜|周|个?季度|天|日|年半?|小时"
_SPAN_TEXT = rf"(?P<count>{_COUNT})(?:\s*(?:-|~|到|至)\s*(?P<upper>{_COUNT}))?\s*(?P<unit>{_UNIT})"
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
    "实现|投产|达产|验收|供样|送样|上市|上线|结题|做出|出)(?!了|过)"
)
_TERM = r"(?:工期|交期|交货期|交付期|交付周期|完成期限|完成时限|需求时限|期限|时限|完成时间|交付时间)"
_LINK = r"[\s::为约是须需要在控制不超过大于≤]{0,6}"
#: A span is a deadline where it is within something (内), ends in a delivery, or stands behind a word for a term.
_SPANS = re.compile(
    rf"(?P<term>{_TERM}{_LINK})?(?<![\d.上下第]){_SPAN_TEXT}\s*(?:(?P<within>(?:之|以)?内)|(?P<done>(?:就|要|能|可){{0,2}}{_DONE}))?"
)
#: In a clause with one of these the span is a property of the product or the past, not a deadline.
_NOT_TERM = re.compile(
    "近|过去|保质|货架|寿命|储|贮|存|连续|运行|放置|质保|稳定|老化|养护|培养|衰减|以来|内径|每|失效|免费|降解|成立|累计|完全"
)

_MONTH = r"(?:\d{1,2}|十[一二]?|[一二三四五六七八九])"
_DATES = re.compile(
    rf"""(?<![a-zA-Z0-9_.\-/])
    (?:(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?:(?P=sep)(?P<day>\d{{1,2}}))?(?![\d\-/.]*\d)
    |(?:(?P<cyear>\d{{4}})\s*年\s*|(?P<ryear>今年|本年|当年|明年|后年))?度?
     (?:(?P<cmonth>{_MONTH})\s*月份?(?:\s*(?P<cday>\d{{1,2}})\s*[日号])?
       |第?(?P<quarter>[一二三四1-4])季度|(?P<half>[上下]半年)|(?P<yearend>(?<![去每近多几半\d一二两三四五六七八九十])年[底末内]|(?<=年)[底末内]))
    |(?P<rmonth>本月|这个月|当月|下个?月|(?<![个份\d一二三四五六七八九十半])月(?!内))(?P<rmend>[底末内]))
    (?P<part>底|末|初|上旬|中旬|下旬)?(?:\s*(?P<before>之前|以前|前(?![后道端驱沿期身景体置])|内|止))?""",
    re.VERBOSE,
)
_BEFORE_DATE = re.compile(
    rf"(?:{_TERM}|截止(?:日期|时间|到|至)?|截至|赶在?|须在|要在|需在|计划[于在]|拟[于在]|于|by|before|until){_LINK}$",
    re.IGNORECASE,
)
_AFTER_DATE = re.compile(rf"[^,。;!?\n\d]{{0,8}}?{_DONE}")
_DATE_LIKE = re.compile(r"(?<![a-zA-Z0-9_.\-/])(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?![\d.]*\d)")
_ENGLISH_SPAN = re.compile(
    r"\b(?:with)?in\s+(?P<count>\d+|one|two|three|four|six|twelve)\s+"
    r"(?P<unit>business day|working day|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH_DATE = re.compile(
    rf"\b(?P<cue>by|before|until)\s+(?:the\s+)?(?:(?P<end>end\s+of)\s+)?(?:(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?\s+)?(?P<year>20\d\d)\b(?!-)",
    re.IGNORECASE,
)
_ENGLISH_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "twelve": 12}
_ENGLISH_DAYS = {"business day": 7 / 5, "working day": 7 / 5, "day": 1, "week": 7, "month": 30, "year": 365}
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
#: Last day of the first, middle part of a month, as the terms are used in contracts.
_PARTS = {"初": 5, "上旬": 10, "中旬": 15}
_CLAUSE_END = re.compile(r"[,。;!?\n,;]")
#: Five years: a longer span is a property (a service life), whatever stands beside it.
_LONGEST = 1825
#: Years outside are numbers of standards or of something else.
_YEARS = range(1990, 2100)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The deadlines of a text, and in Chinese what was left out and why."""

    requirements: tuple[DeadlineRequirement, ...] = ()
    notes: tuple[str, ...] = ()


def read_deadlines(text: str, today: date) -> Deadlines:
    """Return the deadlines of a normalised text; dates that do not exist or have passed are noted instead."""
    found = _dates(text, today) + _spans(text) + _english(text, today)
    kept: list[DeadlineRequirement] = []
    for deadline in found:
        if not any(_overlap(deadline, other) for other in kept):
            kept.append(deadline)
    return _settle(sorted(kept, key=lambda deadline: deadline.start or 0), _impossible(text))


def read_deadline_field(value: str, today: date) -> Deadlines:
    """Return the deadline that a form's field says; there a bare date or span is one, with no word around it."""
    text = value.strip()
    if not text:
        return Deadlines()
    found = (
        _whole_year(text, today) or _dates(text, today, bare=True) or _spans(text, bare=True) or _english(text, today)
    )
    notes = _impossible(text)
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


def _impossible(text: str) -> list[str]:
    notes = []
    for match in _DATE_LIKE.finditer(text):
        year, month, day = (int(group) for group in match.groups())
        if year in _YEARS and _date(year, month, day) is None:
            notes.append(f"日期“{match.group()}”不存在,已忽略")
    return notes


def _spans(text: str, *, bare: bool = False) -> list[DeadlineRequirement]:
    found = []
    for match in _SPANS.finditer(text):
        asked = match["term"] or match["within"] or match["done"]
        days = _span_days(match)
        if (
            days is None
            or not (asked or bare)
            or (not bare and not match["term"] and _NOT_TERM.search(_clause(text, match)))
        ):
            continue
        if match["unit"] == "小时" and not (match["within"] or match["term"]):
            continue
        found.append(_requirement(text, match.start(), match.end(), days))
    return found


def _span_days(match: re.Match[str]) -> float | None:
    unit = match["unit"].removeprefix("个")
    count = _count(match["upper"] or match["count"])
    if count is None:
        return None
    if unit in ("半月", "年半"):
        return math.ceil((count + 0.5) * _DAYS[unit.replace("年半", "年")])
    return math.ceil(count * _DAYS[unit])


def _count(words: str) -> float | None:
    if words == "半":
        return 0.5
    if len(words) == 2 and all(character in "一二两三四五六七八九" for character in words):
        words = words[1]
    try:
        return float(cn2an.cn2an(words, "smart"))
    except ValueError:
        return None


def _clause(text: str, match: re.Match[str]) -> str:
    before = _CLAUSE_END.split(text[max(0, match.start() - 12) : match.start()])[-1]
    after = _CLAUSE_END.split(text[match.end() : match.end() + 8])[0]
    return before + after


def _dates(text: str, today: date, *, bare: bool = False) -> list[DeadlineRequirement]:
    found = []
    for match in _DATES.finditer(text):
        day = _last_day(match, today)
        if day is None or not (bare or _is_deadline(text, match)):
            continue
        if day < today and not (bare or match["before"]):
            continue
        found.append(_requirement(text, match.start(), match.end(), (day - today).days, day))
    return found


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
    named = match["ryear"] or match["rmonth"] or match["yearend"]
    return bool(named) and all(not mark or _CLAUSE_END.match(mark) for mark in (before, after))


def _last_day(match: re.Match[str], today: date) -> date | None:
    """Return the last day that a written date allows, or None where it is none."""
    if len(match["yearend"] or "") == 1 and not (match["cyear"] or match["ryear"]):
        return None
    if match["rmonth"]:
        return _relative_month(match, today)
    if match["year"]:
        return _numeric(match)
    year = _year(match, today)
    if year is None:
        return None
    day = _calendar(match, year)
    if day is not None and day < today and not match["cyear"] and not match["ryear"]:
        day = _calendar(match, year + 1)
    return day


def _numeric(match: re.Match[str]) -> date | None:
    """Return a date written 2026-06-30 or 2026-06; a dot alone (2026.06) is taken for one only before 前."""
    year, month = int(match["year"]), int(match["month"])
    if year not in _YEARS or (match["day"] is None and match["sep"] == "." and not match["before"]):
        return None
    if match["day"]:
        return _date(year, month, int(match["day"]))
    return _month_day(year, month, match["part"], match["before"])


def _year(match: re.Match[str], today: date) -> int | None:
    if match["cyear"]:
        year = int(match["cyear"])
        return year if year in _YEARS else None
    return today.year + {"明年": 1, "后年": 2}.get(match["ryear"] or "", 0)


def _calendar(match: re.Match[str], year: int) -> date | None:
    if match["cmonth"]:
        month = _count(match["cmonth"])
        if month is None:
            return None
        if match["cday"]:
            return _date(year, int(month), int(match["cday"]))
        return _month_day(year, int(month), match["part"], match["before"])
    if match["quarter"]:
        last = 3 * _QUARTERS[match["quarter"]]
        opens = match["before"] in ("前", "之前", "以前") and not match["part"]
        return _month_day(year, last - 2 if opens else last, match["part"], match["before"] if opens else None)
    if match["half"]:
        return (
            date(year, 6, 30) if match["half"] == "上半年" or match["before"] in ("前", "之前") else date(year, 12, 31)
        )
    return date(year, 12, 31)


def _month_day(year: int, month: int, part: str | None, before: str | None) -> date | None:
    """Return the last day of a month or of its part; 6 月前 ends with the day before the month."""
    first = _date(year, month, 1)
    if first is None:
        return None
    if part in _PARTS:
        return first.replace(day=_PARTS[part])
    if before in ("前", "之前", "以前") and not part:
        return first - timedelta(days=1)
    return first.replace(day=monthrange(year, month)[1])


def _relative_month(match: re.Match[str], today: date) -> date | None:
    year, month = today.year, today.month
    if match["rmonth"].startswith("下"):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return _month_day(year, month, "底", None)


def _english(text: str, today: date) -> list[DeadlineRequirement]:
    found = []
    for match in _ENGLISH_SPAN.finditer(text):
        word = match["count"].lower()
        days = math.ceil(float(_ENGLISH_COUNTS.get(word) or word) * _ENGLISH_DAYS[match["unit"].lower()])
        found.append(_requirement(text, match.start(), match.end(), days))
    for match in _ENGLISH_DATE.finditer(text):
        day = _english_day(match)
        found.append(_requirement(text, match.start(), match.end(), (day - today).days, day))
    return found


def _english_day(match: re.Match[str]) -> date:
    year = int(match["year"])
    opens = match["cue"].lower() == "before" and not match["end"]
    month = _MONTHS.index(match["month"].lower()) + 1 if match["month"] else (1 if opens else 12)
    first = date(year, month, 1)
    return first - timedelta(days=1) if opens else first.replace(day=monthrange(year, month)[1])


def _requirement(text: str, start: int, end: int, days: float, day: date | None = None) -> DeadlineRequirement:
    return DeadlineRequirement(
        text=text[start:end], start=start, end=end, interval=Interval(max=days), date=day.isoformat() if day else None
    )


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _overlap(one: DeadlineRequirement, other: DeadlineRequirement) -> bool:
    return (one.start or 0) < (other.end or 0) and (other.start or 0) < (one.end or 0)
