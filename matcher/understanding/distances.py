"""How far from a place the work may be (离东莞100公里以内): it says how near, and measures nothing that is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from matcher.records import PlaceRequirement, QuantityRequirement

#: What may stand between a place's name and the distance from it: 东莞市区100公里.
CITY_TAIL: Final = r"(?:省|市|区|县|镇)?(?:市区|市中心|城区|中心)?"
KILOMETRES: Final = r" ?\d{1,4}(?:\.\d)? ?(?:公里|千米|[kK][mM])"
REACH: Final = r" ?(?:的?范围)?(?:以内|之内|内|左右|范围)"
_FROM_LEFT: Final = re.compile(r"(?:离|距离?)\s?$")
_FROM_GAP: Final = re.compile(rf"{CITY_TAIL}的?(?:直线|运输)?(?:距离|车程|路程)?(?:在|约|大概|大约|为|是|最多)? ?")
_AROUND_GAP: Final = re.compile(rf"{CITY_TAIL}(?:附近|周边|周围|方圆|半径)?(?:方圆|半径)?(?:约|大概|大约)? ?")
#: 东莞周边100公里续航试验 tests a range of 100 km; only a distance that nothing follows is one from the place.
_END: Final = re.compile(r"(?:的?范围)?(?:之内|以内|内)?的?(?:范围)?(?=[,，。;；!！?？、)）\s找寻有能均都可也就的]|$)")
#: A place and the distance from it are neighbours.
_FARTHEST: Final = 12


def without_distances(
    text: str, quantities: Sequence[QuantityRequirement], places: Sequence[PlaceRequirement]
) -> list[QuantityRequirement]:
    """Return the quantities of a normalised text but for those that say how near to a place something is to be."""
    near = [place for place in places if place.near]
    return [one for one in quantities if not any(_is_between(text, place, one) for place in near)]


def _is_between(text: str, place: PlaceRequirement, one: QuantityRequirement) -> bool:
    if place.end is None or place.start is None or one.start is None or one.end is None:
        return False
    if one.dimension != "length" or one.unit != "km" or not 0 <= one.start - place.end <= _FARTHEST:
        return False
    gap = _FROM_GAP if _FROM_LEFT.search(text, max(0, place.start - 3), place.start) else _AROUND_GAP
    return bool(gap.fullmatch(text, place.end, one.start) and _END.match(text, one.end))
