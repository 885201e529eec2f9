"""Dates as Chinese and English texts write them, and the last day that each allows."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

import cn2an

from matcher.understanding.holidays import NAMES, holiday

#: 25年Q3: a year of two figures stands right before a part of it.
_SHORT_YEAR = r"[23]\d(?=\s{0,2}年\s{0,2}(?:Q[1-4]|第?[一二三四1-4]季度|[上下]半年|[底末]|\d{1,2}\s{0,2}月))"
_MONTH = r"(?:\d{1,2}|十[一二]?|[一二三四五六七八九])"
#: Characters that a date may begin with, so that the others are passed by at one look.
_FIRST = "0-9今本当明后这上下第Q度年月底末内一二三四五六七八九十春农过元清劳端中国"
DATES = re.compile(
    rf"""(?=[{_FIRST}])(?<![a-zA-Z0-9_./])(?<!(?<![年月日号底初])-)
    (?:(?P<year>\d{{4}})(?P<sep>[-/.])(?P<month>\d{{1,2}})(?:(?P=sep)(?P<day>\d{{1,2}}))?(?![\d\-/.]*\d)
    |(?:(?P<cyear>\d{{4}}|{_SHORT_YEAR})\s{{0,2}}(?:年|(?=Q[1-4]))\s{{0,2}}|(?P<ryear>今年|本年|当年|明年|后年))?度?
     (?:(?P<cmonth>{_MONTH})\s{{0,2}}月份?(?:\s{{0,2}}(?P<cday>\d{{1,2}})\s{{0,2}}[日号])?
       |第?(?P<quarter>[一二三四1-4])季度|Q(?P<fiscal>[1-4])(?![0-9A-Za-z])(?:季度)?
       |(?P<holiday>{NAMES})(?:劳动节|国庆)?节?(?:长假|假期|黄金周)?|(?P<half>[上下]半年)|(?P<yearend>(?<![去每近多几半\d一二两三四五六七八九十])年[底末内]|(?<=年)[底末内]))
    |(?P<rweek>(?:本|这|下下?个?)(?:周(?![期边转围年])|星期|礼拜))(?P<weekday>[一二三四五六日天末](?![期个]))?
    |(?P<rmonth>本月|这个月|当月|下个?月|(?<![个份\d一二三四五六七八九十半])月(?!内))(?:(?P<rmend>[底末内])|(?=初|[上中下]旬))
    |(?<![\d./])(?P<smonth>1[0-2]|0?[1-9])/(?P<sday>3[01]|[12]\d|0?[1-9])(?=[日号]?(?:之?前(?![后道端驱沿期身景体置段])|以前|止))[日号]?)
    (?P<part>底|末|初|上旬|中旬|下旬)?(?:\s{{0,2}}(?P<before>之前|以前|前(?![后道端驱沿期身景体置])|内|止))?""",
    re.VERBOSE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may(?! be)|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    "nov(?:ember)?|dec(?:ember)?"
)
_CUE = r"\b(?P<cue>by|before|until|till|no later than|not later than|due(?: by| on)?|deadline(?: is|:)?)\s{1,2}"
_DAY = r"(?P<{0}>[0-3]?\d)(?:st|nd|rd|th)?"
ENGLISH_DATES = re.compile(
    rf"{_CUE.replace('cue', 'iso_cue')}(?P<iso>20\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}})"
    r"|\b(?:by |before |until )?(?:the )?"
    r"(?:end of (?P<this>(?:this|the|next) (?:year|month))|(?P<yearend>year[- ]end))\b"
    rf"|{_CUE}(?:the\s{{1,2}})?(?:(?P<end>end(?:\s{{1,2}}of)?)\s{{1,2}})?(?:(?P<third>early|mid|late)[- ])?"
    rf"(?:(?:{_DAY.format('first')}\s{{1,2}}(?:of\s{{1,2}})?)?(?P<month>{_MONTH_NAMES})\b\.?"
    rf"(?:\s{{1,2}}{_DAY.format('second')}\b(?!\s?[a-z%°]))?|(?P<quarter>Q[1-4])\b)?"
    r"(?:,?\s{0,2}\b(?P<year>20\d\d)\b(?!-\d))?",
    re.IGNORECASE,
)
_DATE_LIKE = re.compile(
    r"(?<![a-zA-Z0-9_.\-/])(\d{4})\s{0,2}[-/.年]\s{0,2}(\d{1,2})\s{0,2}[-/.月]\s{0,2}(\d{1,2})日?(?![\d.]*\d)"
)
_MONTH_LIKE = re.compile(r"(?<!\d)(\d{4})\s{0,2}年\s{0,2}(\d{1,2})\s{0,2}月(?!\s{0,2}\d)")
_MONTHS_A_YEAR = 12
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
#: 俩月 and 仨月 have their counter in the number.
_WORDS = {"半": 0.5, "俩": 2.0, "仨": 3.0}
#: Last day of the first, middle part of a month, as the terms are used in contracts.
_PARTS = {"初": 5, "上旬": 10, "中旬": 15}
_THIRDS = {"early": 10, "mid": 15}
_BEFORE = ("前", "之前", "以前")
_SHORT_YEARS_END = 100
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 6}
#: Years outside are numbers of standards or of something else.
_YEARS = range(1990, 2100)


def last_day(match: re.Match[str], today: date, since: date | None = None) -> date | None:
    """Return the last day that a written date allows, or None where it is none.

    A date without a year comes on or after `since`, where a range begins, else after today.
    """
    if len(match["yearend"] or "") == 1 and not (match["cyear"] or match["ryear"]):
        return None
    if match["rmonth"]:
        return _relative_month(match, today)
    if match["rweek"]:
        return _relative_week(match, today)
    if match["year"]:
        return _numeric(match)
    if match["smonth"]:
        return _next(int(match["smonth"]), int(match["sday"]), since or today)
    year = _year(match, since or today)
    if year is None:
        return None
    day = _calendar(match, year)
    if day is not None and day < (since or today) and not match["cyear"] and not match["ryear"]:
        day = _calendar(match, year + 1)
    return day


def impossible_dates(text: str) -> list[str]:
    """Return a note for each date in full that no calendar has (2024.13.45)."""
    notes = []
    for match in _DATE_LIKE.finditer(text):
        year, month, day = (int(group) for group in match.groups())
        if year in _YEARS and _date(year, month, day) is None:
            notes.append(f"日期“{match.group()}”不存在,已忽略")
    for match in _MONTH_LIKE.finditer(text):
        if int(match[1]) in _YEARS and not 1 <= int(match[2]) <= _MONTHS_A_YEAR:
            notes.append(f"日期“{match.group()}”不存在,已忽略")
    return notes


def english_day(match: re.Match[str], today: date) -> date | None:
    """Return the last day that a match of ENGLISH_DATES allows: by June 2026 is its end, before June the day before.

    Without a year it is the next such day. None where the match names none, or no calendar has it.
    """
    if match["iso"]:
        year, month, day = (int(part) for part in re.split("[-/.]", match["iso"]))
        return _date(year, month, day)
    if match["this"] or match["yearend"]:
        return _this((match["this"] or "this year").lower(), today)
    if match["year"]:
        return _english_day(match, int(match["year"]))
    if not (match["month"] or match["quarter"]):
        return None
    found = _english_day(match, today.year)
    return found if found is None or found >= today else _english_day(match, today.year + 1)


def _english_day(match: re.Match[str], year: int) -> date | None:
    opens = match["cue"].lower() == "before" and not match["end"]
    if match["quarter"]:
        last = 3 * int(match["quarter"][1])
        return date(year, last - 2, 1) - timedelta(days=1) if opens else _month_day(year, last, None, None)
    month = _MONTHS.index(match["month"][:3].lower()) + 1 if match["month"] else (1 if opens else 12)
    if day_words := match["first"] or match["second"]:
        return _date(year, month, int(day_words))
    if day := _THIRDS.get((match["third"] or "").lower()):
        return date(year, month, day)
    first = date(year, month, 1)
    return first - timedelta(days=1) if opens else first.replace(day=monthrange(year, month)[1])


def _this(words: str, today: date) -> date:
    """The last day of this or the next year or month."""
    later = words.startswith("next")
    if words.endswith("year"):
        return date(today.year + later, 12, 31)
    year, month = (today.year + 1, 1) if later and today.month == 12 else (today.year, today.month + later)
    return date(year, month, monthrange(year, month)[1])


def count_of(words: str) -> float | None:
    """Return the number of digits or Chinese numerals; 半 is a half, 两三 the larger of the two; None where none."""
    if words in _WORDS:
        return _WORDS[words]
    if len(words) == 2 and all(character in "一二两三四五六七八九" for character in words):
        words = words[1]
    try:
        return float(cn2an.cn2an(words, "smart"))
    except (ValueError, KeyError):
        return None


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
        year += 2000 if year < _SHORT_YEARS_END else 0
        return year if year in _YEARS else None
    return today.year + {"明年": 1, "后年": 2}.get(match["ryear"] or "", 0)


def _calendar(match: re.Match[str], year: int) -> date | None:
    if match["cmonth"]:
        month = count_of(match["cmonth"])
        if month is None:
            return None
        if match["cday"]:
            return _date(year, int(month), int(match["cday"]))
        return _month_day(year, int(month), match["part"], match["before"])
    if match["holiday"]:
        day = holiday(match["holiday"], year)
        return day - timedelta(days=1) if day and match["before"] in _BEFORE else day
    if quarter := match["quarter"] or match["fiscal"]:
        last = 3 * _QUARTERS[quarter]
        opens = match["before"] in _BEFORE and not match["part"]
        return _month_day(year, last - 2 if opens else last, match["part"], match["before"] if opens else None)
    if match["half"]:
        first_half = match["half"] == "上半年" or match["before"] in _BEFORE
        return date(year, 6, 30) if first_half else date(year, 12, 31)
    return date(year, 12, 31)


def _month_day(year: int, month: int, part: str | None, before: str | None) -> date | None:
    """Return the last day of a month or of its part; 6 月前 ends with the day before the month."""
    first = _date(year, month, 1)
    if first is None:
        return None
    if part in _PARTS:
        return first.replace(day=_PARTS[part])
    if before in _BEFORE and not part:
        return first - timedelta(days=1)
    return first.replace(day=monthrange(year, month)[1])


def _next(month: int, day: int, since: date) -> date | None:
    """The first such day from another one on."""
    found = _date(since.year, month, day)
    return found if found is None or found >= since else _date(since.year + 1, month, day)


def _relative_month(match: re.Match[str], today: date) -> date | None:
    year, month = today.year, today.month
    if match["rmonth"].startswith("下"):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return _month_day(year, month, "底" if match["rmend"] else match["part"], None)


def _relative_week(match: re.Match[str], today: date) -> date:
    """Return the day named, else the week's Sunday; 下周前 ends with the Sunday before it."""
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=match["rweek"].count("下"))
    if match["weekday"]:
        return monday + timedelta(days=_WEEKDAYS[match["weekday"]])
    return monday + timedelta(days=-1 if match["before"] in _BEFORE else 6)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
