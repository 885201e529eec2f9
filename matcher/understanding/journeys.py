"""How long the way to a place may take (距离深圳高铁1小时内): it says how near, and is no deadline and no industry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeVar

from matcher.records import PlaceRequirement, Requirement
from matcher.understanding.distances import CITY_TAIL
from matcher.understanding.regions import NEAR_KM
from matcher.understanding.spans import Spans

_R = TypeVar("_R", bound=Requirement)

_FROM_LEFT: Final = re.compile(r"(?:离|距离?|到|去)\s?$")
_BY: Final = "(?:(?:高铁|火车|动车)站?|城际|地铁|飞机|航班|开车|驾车|自驾|行车|车程|路程|行程|通勤|交通|直达)"
_NUMBER: Final = r"(?:\d{1,2}(?:\.\d)?|[一二两三四五六七八九十半]{1,3})"
#: 深圳高铁1小时疲劳试验 tests something; only a time that nothing follows is that of a way.
_JOURNEY: Final = re.compile(
    rf"{CITY_TAIL}(?:附近|周边|周围)?的?(?:坐|乘)?(?P<by>{_BY}{{0,2}})(?:时间|距离)?"
    rf"(?:约|大概|大约|在|是|为|不超过|不大于|最多|控制|最好|≤|<)* ?{_NUMBER} ?个?半?(?:小时|[hH]|分钟|min)"
    rf"的?(?P<behind>(?:{_BY}|[交通勤生活经济]{{2}}圈)?)(?:可达|可到|能到|到达)?(?:[之以]?内|左右|范围)*(?:可达|可到|能到|到达)?"
    r"(?=[,，。;；!！?？、)）\s的找寻有均都可也就优最]|$)"
)

#: 离上海虹桥 2 小时车程: no test runs for so long, whatever the place is called.
_WAY: Final = re.compile(rf"{_NUMBER} ?个?半?(?:小时|分钟)的?(?:左右的?)?(?:车程|路程|行程)(?:[之以]?内)?")


def journey_end(text: str, start: int, end: int) -> int | None:
    """Return where the words end behind the place `text[start:end]` that say how long the way to it may take."""
    found = _JOURNEY.match(text, end)
    if found is None:
        return None
    is_way = found["by"] or found["behind"] or _FROM_LEFT.search(text, max(0, start - 3), start)
    return found.end() if is_way else None


def journeys(text: str, places: Iterable[PlaceRequirement]) -> Spans:
    """Return where a normalised text says how long the way to its places may take, the names of the places left out."""
    found = [match.span() for match in _WAY.finditer(text)]
    for place in places:
        if place.near and not place.excluded and place.start is not None and place.end is not None:
            found.append((place.end, journey_end(text, place.start, place.end) or place.end))
    return Spans(found)


def beside(requirements: Iterable[_R], ways: Spans) -> list[_R]:
    """Return the requirements but for those whose words say how long a way takes."""
    return [one for one in requirements if one.start is None or one.end is None or not ways.overlap(one.start, one.end)]


def journey_notes(text: str, places: Iterable[PlaceRequirement]) -> list[str]:
    """Notes in Chinese on times that a way may take: listings are held against a distance instead."""
    return [
        f"“{text[place.start : end]}”按在附近判断(附近指约 {NEAR_KM:.0f} 公里以内)"
        for place in places
        if place.near and not place.excluded and place.start is not None and place.end is not None
        if (end := journey_end(text, place.start, place.end))
    ]
