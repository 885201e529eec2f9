"""How far from a place the work may be (离东莞100公里以内): it says how near, and measures nothing that is made."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from matcher.records import PlaceRequirement, QuantityRequirement
from matcher.understanding.numerals import read_numeral
from matcher.understanding.regions import NEAR_KM
from matcher.understanding.spans import Spans, spans_of

#: What may stand between a place's name and the distance from it: 东莞市区100公里.
CITY_TAIL: Final = r"(?:省|市|区|县|镇)?(?:市区|市中心|城区|中心)?"
KILOMETRES: Final = r" ?(?:\d{1,4}(?:\.\d)?|[一二两三四五六七八九十百千]{1,5}) ?(?:公里|千米|[kK][mM])"
REACH: Final = r" ?(?:的?范围)?(?:以内|之内|内|左右|范围)"
_FROM_LEFT: Final = re.compile(r"(?:离|距离?)\s?$")
_FROM_GAP: Final = re.compile(
    rf"{CITY_TAIL}的?(?:直线|运输)?(?:距离|车程|路程)?"
    r"(?:在|约|大概|大约|为|是|最多|最远|不要?超过|不大于|不得?超|小于|少于|控制|≤|<=|<)*+ ?"
)
_AROUND_GAP: Final = re.compile(rf"{CITY_TAIL}(?:附近|周边|周围|方圆|半径)?(?:方圆|半径)?(?:约|大概|大约)? ?")
#: 东莞周边100公里续航试验 tests a range of 100 km; only a distance that nothing follows is one from the place.
#: 离东莞100公里以外的不要 wants it near.
_END: Final = re.compile(
    r"(?:[以之开]外|(?:的?范围)?(?:之内|以内|内)?)的?(?:范围)?(?=[,，。;；!！?？、)）\s找寻有能均都可也就的]|$"
    r"|不(?:考虑|要|行|接受|选))"
)
_NUMBER_KM: Final = re.compile(
    r"(?P<number>\d{1,4}(?:\.\d)?|[一二两三四五六七八九十百千]{1,5}) ?(?:多|来)?(?:公里|千米|[kK][mM])"
)
_ENGLISH_WITHIN: Final = re.compile(
    r"within (?:a )?(?:radius of )?(\d{1,4}(?:\.\d)?) ?(km|kilomet\w+|miles?)(?: radius)? (?:of|from)\s+(?:the )?$",
    re.IGNORECASE,
)
_KM_PER_MILE: Final = 1.609
_DISTANCE: Final = re.compile(r"公里|千米|[kK][mM]|小时|kilomet|mile", re.IGNORECASE)
#: A place and the distance from it are neighbours.
_FARTHEST: Final = 12


def without_distances(
    text: str, quantities: Sequence[QuantityRequirement], places: Sequence[PlaceRequirement]
) -> list[QuantityRequirement]:
    """Return the quantities of a normalised text but for those that say how near to a place something is to be.

    Those that say how far from it stand among the words that exclude the place; they are left out too.
    """
    near = sorted(span[::-1] for span in spans_of(place for place in places if place.near))
    excluding = Spans(spans_of(place for place in places if place.excluded))
    return [one for one in quantities if not (_is_from(text, near, one) or _is_said(excluding, one))]


def radius_km(text: str, start: int, end: int) -> float | None:
    """Return how many km from the places of `text[start:end]` the work may be at most; None where none are said."""
    if within := _ENGLISH_WITHIN.search(text, max(0, start - 48), start):
        return kilometres(float(within[1]), within[2])
    is_from = _FROM_LEFT.search(text, max(0, start - 3), start) is not None
    gap = (_FROM_GAP if is_from else _AROUND_GAP).match(text, end)
    number = _NUMBER_KM.match(text, gap.end()) if gap else None
    if number is None or not _END.match(text, number.end()):
        return None
    numeral = read_numeral(number["number"], 0)
    return (numeral.low or None) if numeral else None


def is_distance_end(text: str, end: int) -> bool:
    """Whether nothing stands behind a distance that it would be a property of, as in 100公里续航."""
    return _END.match(text, end) is not None


def kilometres(number: float, unit: str) -> float | None:
    """Return so many km or miles in km, to the tenth that they are said in; None for none at all."""
    return round(number * (_KM_PER_MILE if unit[:1] in "mM" else 1.0), 1) or None


def distance_notes(places: Iterable[PlaceRequirement]) -> list[str]:
    """Notes in Chinese on distances that listings are not held against to the kilometre: how they are taken instead."""
    return [
        f"“{place.text}”按不在{'附近' if place.near else '当地'}判断"
        + (f"(附近指约 {NEAR_KM:.0f} 公里以内)" if place.near else "")
        for place in places
        if place.excluded and place.radius_km is None and _DISTANCE.search(place.text)
    ]


def _is_from(text: str, near: Sequence[tuple[int, int]], one: QuantityRequirement) -> bool:
    """Whether a number is the distance from one of the places, given as sorted ends and starts."""
    if one.start is None or one.end is None or one.dimension != "length" or one.unit != "km":
        return False
    if not _END.match(text, one.end):
        return False
    first, last = bisect_left(near, (one.start - _FARTHEST, 0)), bisect_right(near, (one.start, one.start))
    return any(_is_gap(text, start, end, one.start) for end, start in near[first:last])


def _is_gap(text: str, start: int, end: int, number: int) -> bool:
    gap = _FROM_GAP if _FROM_LEFT.search(text, max(0, start - 3), start) else _AROUND_GAP
    return gap.fullmatch(text, end, number) is not None


def _is_said(excluding: Spans, one: QuantityRequirement) -> bool:
    if one.start is None or one.end is None or one.dimension not in ("length", "time"):
        return False
    return excluding.cover(one.start, one.end)
