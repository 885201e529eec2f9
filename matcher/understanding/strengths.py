"""Which numbers of a need are hard: 必须达到 500 L and at least 500 L required are, 最好 500 L is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from matcher.records import QuantityRequirement, Requirement

#: Numbers in a clause say so together; a comma opens another statement, 、 does not.
_CLAUSE_END: Final = re.compile(r"[,，。;；!?！？\n]|(?<=[a-z])\.(?=\s|$)")
_HARD_WORDS: Final = (
    r"必须|务必|必需|务须|一定要|一定得|绝对|硬性|刚性|不可(?!或缺|避免|能)|不得|(?<![胡虎根])须(?!知|弧|要考虑)"
    r"|\bmust\b|\bha(?:ve|s) to\b|\bshall\b|\brequire[sd]?\b|\bmandatory\b"
)
#: As far as a noun and a verb reach: 必须具备单罐容积不小于 500 L.
_HARD_LEFT: Final = re.compile(rf"(?:{_HARD_WORDS})[^,，。;；]{{0,28}}$", re.IGNORECASE)
_HARD_INSIDE: Final = re.compile(r"^(?:不得|不可|不能|必须)")
_HARD_RIGHT: Final = re.compile(
    r"[^,，。;；\d]{0,8}?(?:是|为|属)?(?:硬性|刚性)(?:要求|条件|指标|约束)|[^,，。;；\d]{0,8}?(?:必须(?:满足|达到|有|保证)|是必须的?|才行|缺一不可|不可妥协|不能妥协)"
    r"|[^,.;\d]{0,40}?\b(?<!not )(?:is a must|(?:is |are )?(?:required|mandatory|compulsory))\b",
    re.IGNORECASE,
)
_WAIVED: Final = re.compile(
    r"(?:不|无|非|未必|不一定)(?:是)?(?:必须|必需|硬性)|(?:无|毋)须|不要求|\b(?:not|n't|no) (?:\w+ )?(?:must|"
    r"require\w*|mandatory|have to)",
    re.IGNORECASE,
)
_SOFT: Final = re.compile(
    r"最好|优先|希望|尽量|期望|力争|争取|理想|可选|优选|倾向|如果能|若能|加分"
    r"|\b(?:prefer\w*|ideal\w*|hopefully|nice to have|if possible|would like|optional\w*|target\w*)\b",
    re.IGNORECASE,
)
#: Words behind a number that still speak of it.
_BEHIND: Final = 48


def with_strengths(text: str, requirements: Sequence[Requirement]) -> list[Requirement]:
    """Return the requirements of a normalised text with each quantity that its clause calls indispensable made hard.

    A word of obligation reaches to the numbers of its clause, unless another condition stands between (必须在东莞的
    500 L 发酵罐 binds the place) or a wish is spoken of.
    """
    others = [one for one in requirements if one.type in ("place", "certificate")]
    return [
        replace(one, strength="must") if isinstance(one, QuantityRequirement) and _is_hard(text, one, others) else one
        for one in requirements
    ]


def _is_hard(text: str, quantity: QuantityRequirement, others: Sequence[Requirement]) -> bool:
    start, end = quantity.start, quantity.end
    if start is None or end is None or quantity.role in ("money", "time"):
        return False
    begin = max(
        (found.end() for found in _CLAUSE_END.finditer(text, max(0, start - 80), start)), default=max(0, start - 80)
    )
    left, right = text[begin:start], text[end : end + _BEHIND]
    stop = _CLAUSE_END.search(right)
    right = right[: stop.start()] if stop else right
    if _SOFT.search(left) or _SOFT.search(right[:12]) or _WAIVED.search(left + right):
        return False
    if _HARD_INSIDE.match(quantity.text) or _HARD_RIGHT.match(right):
        return True
    word = _HARD_LEFT.search(left)
    if word is None:
        return False
    said = begin + word.start()
    return not any(one.start is not None and said <= one.start < start for one in others)
