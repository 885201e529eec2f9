"""Words and signs around a number that make an interval of it: 不低于, ≥, 以上, 约, 左右, at least, up to."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Literal

from matcher.records import Interval

Operator = Literal["ge", "gt", "le", "lt", "about", "better", "equal"]

#: 全国最大 praises the thing, it does not bound the number.
_FAME = "".join(f"(?<!{place})" for place in ("全国", "国内", "全球", "世界", "亚洲", "行业", "全省", "业内"))
_NOT = "不(?:得|应|能|可|宜|要|接受|考虑|允许)?"
_BEFORE: dict[Operator, tuple[str, ...]] = {
    "ge": (
        _NOT + "(?:低于|少于|小于|短于|薄于|窄于|浅于|慢于|弱于|下于|亚于|差于)",
        "至少|最少|起码|大于等于|大于或等于|高于或等于|≥|>=|达到|(?<![可高长多重宽厚深])达(?!到)|下限",
        *(_FAME + word for word in ("最小", "最低", "最薄", "最细", "最短")),
        r"\breach(?:es|ing)?|\bat least|\bno(?:t)? (?:less|fewer|lower|smaller) than|\b(?:a )?minimum(?: of)?|"
        r"(?<!\d )(?<!\d)\bmin\.?",
    ),
    "gt": (
        "超过|逾|高于|大于|多于|超出|突破|超|>",
        r"\b(?:more|greater|higher|larger) than|\bexceeding|\bover|\babove",
    ),
    "le": (
        _NOT + "(?:超过|高于|大于|多于|长于|厚于|宽于|迟于|晚于|超出|超)",
        "至多|小于等于|小于或等于|低于或等于|≤|<=|可达到?|可到|最高达|最大达|别超过?|上限",
        *(
            _FAME + word
            for word in ("最多", "最大", "最高", "最长", "最厚", "最宽", "最重", "最深", "最快", "最迟", "最晚")
        ),
        r"(?<!scale )(?<!scaled )(?<!scaling )\bup to|\bat most|\bno(?:t)? (?:more|greater|higher|larger) than|"
        r"\bnot exceeding|\bwithin",
        r"\b(?:a )?maximum(?: of)?|\bmax\.?",
    ),
    "lt": (
        "小于|低于|少于|短于|不到|不足|不满|未满|未达|薄于|轻于|细于|<",
        r"\b(?:less|fewer|lower|smaller) than|\bbelow|\bunder",
    ),
    "about": (
        "大约|大概|约为|约|(?<![附邻临靠])近|接近|将近|差不多|估计|~|≈",
        r"\babout|\bapprox(?:imately|\.)?|\baround|\bcirca|\bnearly|\broughly|\bca\.",
    ),
    "better": (r"优于|好于|\bbetter than",),
    "equal": ("=",),
}
#: Chinese characters are letters to `re`: in 需要at least no word would begin at "at".
_WORD, _LATIN = r"\b", "(?<![A-Za-z])"
#: Words that may stand between a comparator and its number.
_LINK = "(?:为|是|可达|可到|达到|达|到|在|有|的)?[ :]{0,2}(?P<near>约|(?<![附邻临靠])近|大约)? ?$"
_OPERATORS = "|".join(
    f"(?P<{operator}>{'|'.join(words).replace(_WORD, _LATIN)})" for operator, words in _BEFORE.items()
)
_PREFIX = re.compile(f"(?:{_OPERATORS}){_LINK}", re.IGNORECASE)
#: 最大产能约 5 万平方米: the noun stands between the superlative and its number.
_SUPERLATIVE = re.compile(
    f"{_FAME}最(?P<way>[大高多长厚宽重深快小低少薄细短])(?P<noun>[一-龥]{{1,6}}?)(?:可达到?|可到|达到|达|为|是|[ :])?"
    "(?P<near>约|(?<![附邻临靠])近)?[ :]{0,2}$"
)
_SMALLEST = frozenset("小低少薄细短")
_SUFFIXES = (
    "(?P<ge>(?:及其?|或者?|和)?(?:以上|之上|更高|更大)|起步|起(?![始来重飞步订伏草皮泡])"
    r"|\+(?!\d)| (?:or|and) (?:more|above|larger|higher|up)\b| minimum\b)",
    "(?P<le>(?:及其?|或者?|和)?(?:以内|以下|之内|之下)|封顶|为限|内(?![容部径衬外件腔胆侧层壁置嵌含])"
    r"| (?:or|and) (?:less|below|smaller|lower)\b| max(?:imum)?\b)",
    "(?P<about>左右|上下(?![游料表盘层模电位限])|来(?=[,。;])|许(?=[,。;]))",
    "(?P<scale>量级|级别|级(?![联配数差梯反制进冷泵放以])|级(?=以[上下]))",
)
_SUFFIX = re.compile(rf" {{0,2}}(?:{'|'.join(_SUFFIXES)})", re.IGNORECASE)
#: The longest comparator with its links has 22 characters (a maximum of approx.).
_WINDOW = 24


@dataclass(frozen=True, slots=True)
class Comparison:
    """What stands around a number: `start` / `end` are those of the phrase that the words make with it."""

    start: int
    end: int
    operator: Operator | None = None
    near: bool = False


def comparison(text: str, start: int, end: int, floor: int = 0) -> Comparison:
    """Return what the words before `start` (none before `floor`) and after `end` make of the number between."""
    return _after(text, end, words_before(text, start, floor))


def words_before(text: str, start: int, floor: int = 0) -> Comparison:
    """Return the comparator that ends at `start`; the phrase then begins with it."""
    window_start = max(floor, start - _WINDOW)
    window = text[window_start:start]
    if found := _PREFIX.search(window):
        return _prefix(text, start, window_start + found.start(), floor, found)
    if "最" in window and (found := _SUPERLATIVE.search(window)):
        operator: Operator = "ge" if found["way"] in _SMALLEST else "le"
        return Comparison(window_start + found.start(), start, operator, bool(found["near"]))
    return Comparison(start, start)


def interval(low: float, high: float, words: Comparison, dimension: str = "") -> Interval:
    """Return the interval that `words` make of the numbers from `low` to `high` (equal for a single one).

    A range stays a range under 左右; with a bound (5–8 公斤以上) only its outer end counts.
    """
    operator = words.operator
    if operator == "better":
        operator = "ge" if dimension in ("fraction", "ratio") else "le"
    if operator in ("ge", "gt"):
        return Interval(min=low, min_closed=operator == "ge", approximate=words.near)
    if operator in ("le", "lt"):
        top = low if math.isinf(high) else high
        return Interval(max=top, max_closed=operator == "le", approximate=words.near)
    return Interval(low, high, approximate=words.near)


def _prefix(text: str, start: int, begin: int, floor: int, found: re.Match[str]) -> Comparison:
    """Return the comparator of a match; 约 may have another before it (不少于约)."""
    operator = next((name for name in _BEFORE if found[name]), None)
    if operator == "equal":
        return Comparison(begin, start, None, bool(found["near"]))
    if operator != "about":
        return Comparison(begin, start, operator, bool(found["near"]))
    outer = words_before(text, begin, floor)
    return replace(outer, end=start, near=True)


def _after(text: str, end: int, before: Comparison) -> Comparison:
    found = _SUFFIX.match(text, end)
    if not found:
        return replace(before, end=end)
    if found["about"]:
        return replace(before, end=found.end(), near=True)
    if found["scale"]:
        return _after(text, found.end(), replace(before, near=True))
    operator: Operator = "ge" if found["ge"] else "le"
    if before.operator and (before.operator, operator) != ("le", "ge"):
        operator = before.operator
    return replace(before, end=found.end(), operator=operator)
