"""How far from a place the work is to be at least (离东莞100公里以外, 远离广州): the opposite of near it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from matcher.understanding.distances import CITY_TAIL, kilometres
from matcher.understanding.numerals import read_numeral

_AWAY_LEFT: Final = re.compile(
    r"(?:远离|避远|(?:不要|不想|不能|不可|不得|不宜|不应|不|别|勿|严禁|禁止|避免)(?:太|过于|过分)?(?:靠近|邻近|临近|毗邻|紧邻))\s?$"
)
_FROM_LEFT: Final = re.compile(r"(?:(?:与|和|跟|同)?(?:距离|相距|距|离)|(?:与|和|跟|同))\s?$")
#: 与东莞相距200公里 says between the place and the number what 离 says before the place.
_APART: Final = re.compile("相距|距离")
_GAP: Final = (
    rf"{CITY_TAIL}(?:附近|周边|周围)?(?:方圆|半径)?的?(?:直线|运输)?(?:相距|距离|车程|路程)?"
    r"(?:必须|最好|尽量|一定|[要需应须得在有约为是都均]|大概|大约)*+ ?"
)
_NUMBER: Final = r"(?:\d{1,4}(?:\.\d)?|[一二两三四五六七八九十百千]{1,5})"
_KILOMETRES: Final = r" ?(?:多|余|来)? ?(?:公里|千米|[kK][mM])"
_HOURS: Final = rf"{_NUMBER} ?个?(?:小时|h)的?(?:车程|路程|高铁)?"
_BEYOND: Final = r" ?(?:车程|路程)?(?:以外|之外|开外|往外|外(?![围环资贸商协包委延]))"
_OVER: Final = r" ?(?:及以上|或以上|以上|或更远|以远|起)"
_AT_LEAST: Final = (
    r"(?:至少|最少|起码|不[得应可能]?(?:低于|少于|小于|近于)|大于|超过|超出|高于|多于|≥|>=|>)"
    r" ?(?:在|有|为)?(?:约|大约)? ?"
)
_FAR_RIGHT: Final = re.compile(
    rf"{_GAP}(?:{_AT_LEAST}(?:(?P<least>{_NUMBER}){_KILOMETRES}|{_HOURS})(?:{_BEYOND}|{_OVER})?"
    rf"|(?:(?P<over>{_NUMBER}){_KILOMETRES}|{_HOURS})(?:{_BEYOND}|{_OVER})"
    r"|远一?[点些]|越远越好|越远越)"
)
#: Without a 离 only 以外 tells that the number is a distance: 东莞100公里以上续航 is none.
_BEYOND_RIGHT: Final = re.compile(
    rf"{CITY_TAIL}(?:附近|周边|周围)?(?:方圆|半径)?的?(?P<beyond>{_NUMBER}){_KILOMETRES}{_BEYOND}"
)
_LONGEST_LEFT: Final = 8

_KM: Final = r"\d{1,4}(?:\.\d)? ?(?:km|kilomet(?:er|re)s?|miles?)"
_ENGLISH: Final = re.compile(
    r"(?<!not )(?<!n't )(?<!not too )(?<!n't too )(?<!no )(?:\bfar (?:away )?from|(?<!\d km )(?<!\d )\baway from"
    rf"|\b(?:at least|more than|farther than|further than|over|beyond|outside(?: of)?)(?: a)? {_KM}(?: or more)?"
    r"(?: away)? (?:from|of|around)|(?:>=|≥|>) ?" + _KM + r"(?: away)? from"
    rf"|\b{_KM} or (?:more|farther|further)(?: away)? from|\b(?:no|not) (?:closer|nearer|less) than {_KM} (?:to|from))"
    r"\s+(?:the )?(?:city of )?$",
    re.IGNORECASE,
)
_ENGLISH_KM: Final = re.compile(r"(\d{1,4}(?:\.\d)?) ?(km|kilomet|mile)", re.IGNORECASE)


class Remote(NamedTuple):
    """`text[start:end]` says to keep clear of a place by `km`, None where no distance in km is said."""

    start: int
    end: int
    km: float | None = None


def remote_from(text: str, floor: int, start: int, end: int) -> Remote | None:
    """Return the words around the places of `text[start:end]` that say to stay away; None where none do.

    Args:
        text: a normalised text. floor: where the clause begins.
    """
    left = text[max(floor, start - _LONGEST_LEFT) : start]
    if away := _AWAY_LEFT.search(left):
        return Remote(start - len(left) + away.start(), end)
    from_left, right = _FROM_LEFT.search(left), _FAR_RIGHT.match(text, end)
    if from_left and right and (from_left[0].strip()[-1] in "离距" or _APART.search(right[0])):
        km = right["least"] or right["over"]
        return Remote(start - len(left) + from_left.start(), right.end(), _kilometres(km))
    if beyond := _BEYOND_RIGHT.match(text, end):
        return Remote(start, beyond.end(), _kilometres(beyond["beyond"]))
    return None


def english_remote(left: str) -> Remote | None:
    """Return the words at the end of `left`, the clause before a place, that say to stay away from it."""
    found = _ENGLISH.search(left)
    if found is None:
        return None
    said = _ENGLISH_KM.search(found[0])
    return Remote(found.start(), len(left), kilometres(float(said[1]), said[2]) if said else None)


def _kilometres(number: str | None) -> float | None:
    numeral = read_numeral(number, 0) if number else None
    return (numeral.low or None) if numeral else None
