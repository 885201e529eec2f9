"""Clean rooms: 百级, 千级, 十万级, class 100, ISO 5, GMP grade C, all as ISO 14644-1 classes (smaller is cleaner)."""

from __future__ import annotations

import math
import re

from matcher.records import Interval
from matcher.understanding.numerals import read_numeral
from matcher.understanding.readings import Reading

#: Without one of these words nearby 百级 and 千级 are an order of magnitude, or a name.
_CUE = re.compile("洁净|净化|无尘|超净|洁净度|GMP|clean ?room|车间|厂房|净房|灌装|无菌", re.IGNORECASE)
_NEAR = 14
_COUNT = r"(?:[三五]?十万|[百千万十]|三十万|\d{2,6}|\d{1,2}万)"
_CLEANER = ("不低于", "优于", "高于", "至少", "不差于", "达到", "at least ", "better than ")
_FORMS = (
    r"ISO ?(?:[Cc]lass ?)?(?P<number>[1-9])(?![\d.])(?: ?级)?",
    rf"(?P<count>{_COUNT}) ?级(?!别?制?动)",
    r"(?:[Cc]lass|CLASS) ?(?P<english>\d[\d,]*)",
    "(?<![A-Za-z])(?P<grade>[A-D])级?(?=区|洁净|背景|净化)",
    "(?<![A-Za-z])(?P<line>[A-D])级(?=[一-龥]{1,4}线)",
)
_CLASS = re.compile(
    f"(?P<more>{'|'.join(_CLEANER)}|最高洁净度|最高)?(?:局部)?(?:{'|'.join(_FORMS)})(?P<above>[及或]?以上|"
    f" or (?:better|cleaner|above))?"
)
_ALTERNATIVE = re.compile(rf"(?P<count>{_COUNT})级?(?=[/、和或]{_COUNT}级)")
#: EU GMP Annex 1, at rest: grades A and B are ISO 5, C is ISO 7, D is ISO 8.
_GRADES = {"A": 5.0, "B": 5.0, "C": 7.0, "D": 8.0}


def read_cleanrooms(text: str) -> list[Reading]:
    """Return the clean-room classes of a normalised text, as points on the ISO scale.

    以上 and 优于 mean cleaner, so 千级以上 is (-∞, 6]. FED STD 209E's count n is ISO 3 + lg n (百级 5, 万级 7).
    """
    if not _CUE.search(text):
        return []
    matches = (match for pattern in (_CLASS, _ALTERNATIVE) for match in pattern.finditer(text))
    return [reading for match in matches if (reading := _read(text, match))]


def iso_class(count: float) -> float:
    """Return the ISO 14644-1 class of at most `count` particles ≥ 0.5 μm per cubic foot (FED STD 209E); count > 0."""
    return round(3 + math.log10(count), 2)


def _read(text: str, match: re.Match[str]) -> Reading | None:
    value = _value(match)
    if value is None or not _CUE.search(text, max(0, match.start() - _NEAR), match.end() + _NEAR):
        return None
    groups = match.groupdict()
    more = groups.get("more")
    cleaner = groups.get("above") or more in _CLEANER
    interval = Interval(max=value, max_closed=more not in ("优于", "高于")) if cleaner else Interval(value, value)
    start = match.end("more") if more and not cleaner else match.start()
    start += len("局部") if text.startswith("局部", start) else 0
    return Reading(start, match.end(), "cleanroom", interval, "1", name="洁净等级")


def _value(match: re.Match[str]) -> float | None:
    groups = match.groupdict()
    if groups.get("number"):
        return float(groups["number"])
    if grade := groups.get("grade") or groups.get("line"):
        return _GRADES[grade]
    if groups.get("english"):
        count = float(groups["english"].replace(",", ""))
        return iso_class(count) if count >= 1 else None
    numeral = read_numeral(groups["count"], 0)
    return iso_class(numeral.value) if numeral and numeral.value >= 10 else None
