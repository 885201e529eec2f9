"""Places that a need only tells of: where something was tried before (去年在无锡试过), and where a party sits."""

from __future__ import annotations

import re
from typing import Final

#: 之前在无锡做, 去年找的无锡 tell what was, though the words beside the place are those of a search.
#: Behind other words 之前 sets a term: 想赶9月之前在陕西试采.
_PAST_LEFT: Final = re.compile(
    r"(?:去年|前年|上次|上回|早先|先前|原先|原来|曾经?|前几年|年初"
    r"|(?:^|我们?|我司|我厂|公司|团队|项目|产品|样品)(?:之前|以前|此前|过去|前期))(?:都|也|已经?|是|我们|一直)*"
    r"(?:在|到|去|找|问|试|联系)过?的?(?:是|了)?$"
)
_PAST_AGAIN: Final = re.compile(r"[^。;!?\n]{0,16}?(?:还|仍|继续|这次也|再)(?:是|想|要|找|去|在|需|希望)")
#: 甲方:北京某公司(北京市海淀区) gives an address.
_PARTY_LEFT: Final = re.compile(
    r"(?:有限公司|股份公司|(?:甲方|需求方|委托方|委托单位|申报单位|需求单位|发榜单位|企业名称|单位名称)"
    r"[^,，。;\n]{0,24}(?:公司|大学|学院|集团|研究院|研究所|厂|中心))\($"
    r"|(?:注册|单位|公司|企业|通讯|通信|联系|办公|甲方|委托方|需求方)(?:所在)?地[址点]?(?:为|是|在)?:?$"
)


def is_past(text: str, left: str, end: int) -> bool:
    """Whether something was done at the place that ends at `end`, behind `left`, and is not to be again."""
    return _PAST_LEFT.search(left) is not None and not _PAST_AGAIN.match(text, end)


def is_address(left: str) -> bool:
    """Whether the place behind `left`, the words of its clause, is the address of somebody who asks."""
    return _PARTY_LEFT.search(left) is not None
