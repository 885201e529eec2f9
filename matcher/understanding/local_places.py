"""The place that 本地, 就近 and 离我们200公里以内 mean: the one where the requester is.

Its words say where that is (我们是成都的公司), or else its fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from matcher.records import PlaceRequirement, QuantityRequirement, Strength
from matcher.understanding.distances import KILOMETRES, REACH, is_distance_end
from matcher.understanding.numerals import read_numeral
from matcher.understanding.regions import Regions
from matcher.understanding.spans import Spans

_WISH: Final = "(?:要|想|希望|最好|优先|尽量|必须|只|仅|限|打算|计划|拟|倾向|能)(?:能|够)?(?:在|找|选|去|于)*"
_SUPPLIER: Final = "(?:平台|厂家?|机构|企业|公司|基地|工厂|单位)"
_REFUSED: Final = "(?:不要|不考虑|不接受|不行|不选|免谈|勿扰)"
#: 本地化, 当地法规 and 在当地销售 ask for no place.
_LOCAL: Final = re.compile(
    rf"(?<![不别])(?P<wish>{_WISH}|[找寻求选])(?P<here>本地|当地|本市|同城|本省|省内)(?!化|部署|销|人|法|特|原|政|市场|客户|补)"
    rf"|(?<![一-龥])(?P<favoured>本地|本市|同城|本省|省内)的?{_SUPPLIER}?(?:优先|最好|为主|为佳|就行|即可)"
    r"|(?<![一-龥])(?P<asked>本地|当地|本市|同城|本省|省内)(?=有没有|有无|[找寻求选])"
    rf"|(?P<beyond>省外|外省|外地|市外)的?{_SUPPLIER}?(?:一律|都|就|暂)*{_REFUSED}"
    r"|(?:不要|不考虑|不接受|不去)(?P<away>省外|外省|外地|市外)|(?P<within>不出[省市])"
)
_HARD: Final = re.compile("必须|(?<!不)[只仅限]")
_US: Final = "(?:我们|我司|我公司|本公司|公司|我厂|本厂|厂里|厂区|工厂|这里|这边|本地|当地)(?:公司|厂里|厂|这里|这边)?"
_WAY: Final = "(?:的?直?线?(?:距离|车程|路程))?(?:在|约|大概|大约|最好)*"
_AT_MOST: Final = "(?:不要?超过|最多|最远|控制在)"
#: 周边环境, 附近居民 and 就近年 ask for nothing; what a place's name stands before is that place's (宁波附近).
_NEAR: Final = re.compile(
    rf"就近(?![一-龥]?[年月日])|(?:(?P<wish>{_WISH}|[找寻求选])|(?<![一-龥]))(?:{_US}的?)?(?:附近|周边|周围)"
    rf"(?=有没有|有无|能|可以|[找寻求选]|的?(?:中试|试验|检测)?{_SUPPLIER}|(?:的|就行|即可|优先|最好)(?:[,\uff0c。;\uff1b]|$))"
    rf"|(?P<hope>(?:最好|希望|优先|尽量|必须|只要)(?:能|够|是)*(?:在|找|选)?){_US}的?(?:附近|周边|周围)(?=[,\uff0c。;\uff1b]|$)"
    rf"|离{_US}(?:越近越好|近一?[点些]|(?:比较|较)近|(?:不要?太|别太)远)"
)
#: Behind 找 only a distance that says 以内 is one from here: 找300公里续航的车 is not.
_RADIUS: Final = re.compile(
    rf"(?:(?:离|距离?){_US}{_WAY}(?=(?:{_AT_MOST})?(?:{KILOMETRES}){REACH}|{_AT_MOST}){_AT_MOST}?"
    rf"|(?<![一-龥])(?:{_US})?(?:方圆|附近|周边|周围)(?:方圆)?)(?P<far>{KILOMETRES})(?:{REACH})?"
    rf"|(?<=[找寻求选])(?P<within>{KILOMETRES}){REACH}"
)
#: 离市区50公里以内, 距高铁站不超过10公里: no listing says how far it is from such places.
_LANDMARK: Final = re.compile(
    r"(?:离|(?<!相)距离?)(?:最近的?)?(?:主城区?|市区|市中心|城区|机场|高铁站?|火车站|港口?|码头|高速(?:公路|路口|口)?|地铁站?|居民区)"
    rf"{_WAY}(?:{_AT_MOST}|至少|不少于|不低于|不小于|大于|超过)?{KILOMETRES}(?:{REACH}|以[上外]|之外|开外|外)?"
)
_FIGURES: Final = re.compile(r"[\d.]+|[一二两三四五六七八九十百千]+")


def local_place(
    text: str, origins: Sequence[PlaceRequirement], regions: Regions, home: str | None = None
) -> PlaceRequirement | None:
    """Return the place that a normalised text asks for by a word such as 本地; None without one, or with no one origin.

    Args:
        origins: where the text says that the requester is. home: the code of where it is by its fields, where the text
            does not say.
    """
    codes: set[str | None] = {place.code for place in origins}
    code = codes.pop() if codes else home
    if code is None or codes:
        return None
    if found := _LOCAL.search(text):
        start, end = found.span() if found["here"] is None else found.span("here")
        code = _meant(text[start:end], code, regions)
        return _place(text, start, end, _strength(found), regions, code)
    near = _RADIUS.search(text) or _NEAR.search(text)
    if near is None:
        return None
    radius, end = _radius(near), near.end()
    if near.re is _RADIUS and (radius is None or not is_distance_end(text, end)):
        return None
    strength: Strength = "must" if _HARD.search(text, max(0, near.start() - 4), near.end()) else "prefer"
    led = near.groupdict()
    start = next((near.end(name) for name in ("wish", "hope") if led.get(name)), near.start())
    return _place(text, start, end, strength, regions, code, radius_km=radius, near=True)


def without_nearby(text: str, quantities: Sequence[QuantityRequirement]) -> list[QuantityRequirement]:
    """Return the quantities of a normalised text but for those that say how far away the work may be from here."""
    radii = (found.span() for found in _RADIUS.finditer(text) if is_distance_end(text, found.end()))
    said = Spans([*radii, *(found.span() for found in _LANDMARK.finditer(text))])
    return [one for one in quantities if one.start is None or one.end is None or not said.cover(one.start, one.end)]


def local_notes(text: str, places: Iterable[PlaceRequirement]) -> list[str]:
    """Return a note in Chinese where a normalised text asks for 本地 and none of the places it wants says where."""
    notes = [f"“{found[0]}”未作为条件:条目没有写明离这些地方多远" for found in _LANDMARK.finditer(text)]
    found = _LOCAL.search(text) or _RADIUS.search(text) or _NEAR.search(text)
    if found is None or not all(place.excluded for place in places):
        return notes
    if found.re is _RADIUS and not is_distance_end(text, found.end()):
        return notes
    return [f"“{found[0]}”没有写明是哪里,未作为地点条件", *notes]


def _place(
    text: str, start: int, end: int, strength: Strength, regions: Regions, code: str, **how: Any
) -> PlaceRequirement:
    return PlaceRequirement(
        text=text[start:end], start=start, end=end, strength=strength, code=code, name=regions[code].name, **how
    )


def _radius(found: re.Match[str]) -> float | None:
    """Return the kilometres of a radius; None where none is said."""
    said = found.groupdict().get("far") or found.groupdict().get("within")
    figures = _FIGURES.search(said or "")
    numeral = read_numeral(figures[0], 0) if figures else None
    return (numeral.low or None) if numeral else None


def _meant(word: str, origin: str, regions: Regions) -> str:
    """The province of the origin where the word speaks of one, else the origin."""
    above = regions.ancestors(origin)
    return above[-1] if "省" in word and above else origin


def _strength(found: re.Match[str]) -> Strength:
    if found["favoured"]:
        return "prefer"
    if found["asked"]:
        return "prefer"
    return "must" if found["here"] is None or _HARD.search(found["wish"]) else "prefer"
