"""Places of which a need takes one where the other fails (长三角不行的话珠三角也可以): both wanted, none shut out."""

from __future__ import annotations

import re
from typing import Final

_FAILS: Final = (
    r"(?:省|市|地区|那边|本地|当地|境?内)?的?(?:厂家?|平台|企业|公司|机构|基地|单位)?(?:如果|要是|若|假如|万一|确实|真的?|都|也)*"
    r"(?:不行|不成|不可以|不方便|不合适|不合算|不划算|没(?:有|人|空|档期)?(?:合适)?的?|找不[到着](?:合适)?的?|做不了|排不上|约不上)"
)
#: 苏州不行就不做了 and 苏州不行就是不行 leave nothing to fall back on, and still speak of a wish for 苏州.
_THEN: Final = r"(?:的话|的?时候|时(?!间|长|效)|,?(?:那就|就|则|再)(?!没|是不|算不))"
_FAILING_RIGHT: Final = re.compile(rf"{_FAILS}{_THEN}|(?:,|,?(?:如果|要是))?实在(?:不行|没有|找不到)")
_IF_LEFT: Final = re.compile(
    r"(?:如果|要是|倘若|若是?|假如|万一)(?:在|去|找|到)?(?:[^\s,，。;!?:\n]{1,8}?(?:和|与|或者?|、))?$"
)
#: 我们在苏州找不到就… says where somebody is.
_OWN_LEFT: Final = re.compile("(?:我们|我司|我厂|公司)(?:目前|现在|都|就)*在?$")
_IF_RIGHT: Final = re.compile(_FAILS)
_SECOND_LEFT: Final = re.compile(
    r"(?:实在不行|(?:不行|不成|不方便|不合适|没有|找不到|做不了)(?:的话|时|(?:那?就|则|再)(?!不|没|别)))[,，]?"
    r"(?:那?就|再|则)?(?:考虑|选择?|去|找|到|在|用)*$"
)
#: As far before a place as the words reach that make it the second choice.
_LONGEST: Final = 16


def falls_back(text: str, left: str, start: int, end: int) -> bool:
    """Whether the places of `text[start:end]`, behind `left` in their clause, are the first or second choice of two."""
    if _OWN_LEFT.search(left):
        return False
    if _FAILING_RIGHT.match(text, end) or (_IF_LEFT.search(left) and _IF_RIGHT.match(text, end)):
        return True
    return _SECOND_LEFT.search(text, max(0, start - _LONGEST), start) is not None
