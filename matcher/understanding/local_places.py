"""The place that 本地 and 省内 mean: the one where the requester says it is (我们是成都的公司,要在本地做)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from matcher.records import PlaceRequirement, Strength
from matcher.understanding.regions import Regions

_WISH: Final = "(?:要|想|希望|最好|优先|尽量|必须|只|仅|限|打算|计划|拟|倾向|能)(?:能|够)?(?:在|找|选|去|于)*"
_SUPPLIER: Final = "(?:平台|厂家?|机构|企业|公司|基地|工厂|单位)"
_REFUSED: Final = "(?:不要|不考虑|不接受|不行|不选|免谈|勿扰)"
#: 本地化, 当地法规 and 在当地销售 ask for no place.
_LOCAL: Final = re.compile(
    rf"(?P<wish>{_WISH}|[找寻求选])(?P<here>本地|当地|本市|同城|本省|省内)(?!化|部署|销|人|法|特|原|政|市场|客户|补)"
    rf"|(?<![一-龥])(?P<favoured>本地|本市|同城|本省|省内)的?{_SUPPLIER}?(?:优先|最好|为主|为佳|就行|即可)"
    rf"|(?P<beyond>省外|外省|外地|市外)的?{_SUPPLIER}?(?:一律|都|就|暂)*{_REFUSED}"
    r"|(?:不要|不考虑|不接受|不去)(?P<away>省外|外省|外地|市外)|(?P<within>不出[省市])"
)
_HARD: Final = re.compile("必须|只|仅|限")


def local_place(text: str, origins: Sequence[PlaceRequirement], regions: Regions) -> PlaceRequirement | None:
    """Return the place that a normalised text asks for by a word such as 本地; None without one, or with no one origin.

    Args:
        origins: where the text says that the requester is.
    """
    found = _LOCAL.search(text)
    codes = {place.code for place in origins}
    if found is None or len(codes) != 1:
        return None
    start, end = found.span() if found["here"] is None else found.span("here")
    code = _meant(text[start:end], codes.pop(), regions)
    return PlaceRequirement(
        text=text[start:end], start=start, end=end, strength=_strength(found), code=code, name=regions[code].name
    )


def local_notes(text: str, places: Iterable[PlaceRequirement]) -> list[str]:
    """Return a note in Chinese where a normalised text asks for 本地 and none of the places it wants says where."""
    found = _LOCAL.search(text)
    if found is None or not all(place.excluded for place in places):
        return []
    return [f"“{found[0]}”没有写明是哪里,未作为地点条件"]


def _meant(word: str, origin: str, regions: Regions) -> str:
    """The province of the origin where the word speaks of one, else the origin."""
    above = regions.ancestors(origin)
    return above[-1] if "省" in word and above else origin


def _strength(found: re.Match[str]) -> Strength:
    if found["favoured"]:
        return "prefer"
    return "must" if found["here"] is None or _HARD.search(found["wish"]) else "prefer"
