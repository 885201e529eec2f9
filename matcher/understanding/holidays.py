"""Public holidays that deadlines are told by: those of the lunar calendar from a table, the others by their day."""

from __future__ import annotations

from datetime import date

#: Names as texts have them, 节 behind them aside; 五一 and 十一 need a word that makes days of these numbers,
#: and 年前 stands for the lunar new year behind nothing that counts years.
NAMES = (
    r"春节|农历新年|过年(?=之?前)|(?<![^,。;!? \n、(在好取于望要求])年(?=之?前(?![端身段]))"
    r"|元旦|清明(?=节|之?前)|劳动节|端午|中秋|国庆"
    r"|(?<![二三四五六七八九十第])(?:五一|十一)(?=劳动节|国庆|节|假期|长假|黄金周|之?前(?!后))"
)
_FIXED = {"元旦": (1, 1), "清明": (4, 5), "劳动": (5, 1), "五一": (5, 1), "国庆": (10, 1), "十一": (10, 1)}
#: First days of 正月, 五月初五 and 八月十五; a year outside gives no date rather than a wrong one.
_LUNAR: dict[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    2024: ((2, 10), (6, 10), (9, 17)), 2025: ((1, 29), (5, 31), (10, 6)), 2026: ((2, 17), (6, 19), (9, 25)),
    2027: ((2, 6), (6, 9), (9, 15)), 2028: ((1, 26), (5, 28), (10, 3)), 2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)), 2031: ((1, 23), (6, 24), (10, 1)), 2032: ((2, 11), (6, 12), (9, 19)),
    2033: ((1, 31), (6, 1), (9, 8)), 2034: ((2, 19), (6, 20), (9, 27)), 2035: ((2, 8), (6, 10), (9, 16)),
    2036: ((1, 28), (5, 30), (10, 4)), 2037: ((2, 15), (6, 18), (9, 24)), 2038: ((2, 4), (6, 7), (9, 13)),
    2039: ((1, 24), (5, 27), (10, 2)), 2040: ((2, 12), (6, 14), (9, 20)),
}  # fmt: skip
_MOVING = {"春节": 0, "农历": 0, "过年": 0, "年": 0, "端午": 1, "中秋": 2}


def holiday(name: str, year: int) -> date | None:
    """Return the day of a holiday that NAMES matches in a year; None where the table ends before it."""
    key = name[:2]
    if key in _FIXED:
        return date(year, *_FIXED[key])
    days = _LUNAR.get(year)
    return date(year, *days[_MOVING[key]]) if days else None
