"""The scale that a requester works at already (实验室每釜 2 公斤,希望放大到 200 公斤): a beginning, and no wish."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from matcher.records import QuantityRequirement
from matcher.understanding.spans import Spans, spans_of
from matcher.understanding.units import in_base

#: Only how much is made or held at once grows on the way to a plant; a purity reached is wanted of the plant too.
_SIZES: Final = frozenset(["volume", "mass", "volume_rate", "mass_rate", "area_rate", "count_rate"])
#: Pieces are told of samples too: they count as made where the text says so.
_COUNTED: Final = _SIZES | {"count"}
#: 工艺放大:目前实验室 2 L — behind such a colon another clause begins.
_CLAUSE: Final = re.compile(
    r"[,，。;；!！?？\n]|[:：](?=\s*(?:我们?)?(?:目前|当前|现阶段|现在|现有(?!需)|实验室|小试))"
)
_REACH: Final = 48
#: Before the number, what somebody has. 现有需求 and 已有订单 are none of it.
_HAVE: Final = re.compile(
    r"目前|当前|现阶段|现在|现有(?!需)|现用|已有(?!订单)|已经?(?:在|用|能|可|做)|自有|自己有|"
    r"(?:只|仅|最多|顶多)(?:有|能|会|够)(?:[做产出处]|\d)|"
    r"\b(?:currently|at present|presently|existing|so far|we (?:already )?(?:have|run|make|own)|in our lab)\b",
    re.IGNORECASE,
)
#: Behind it, what has been done with it or is wrong with it.
_DONE: Final = re.compile(
    r"[做跑打走]通|已经?做[好完]|完成了|已经?完成|已经?验证|验证过|[已试做跑]成功|没问题|不够|太小|偏小|太慢|"
    r"\b(?:(?:is|are) too (?:small|slow)|no longer enough|already (?:works|proven|validated))\b",
    re.IGNORECASE,
)
#: A laboratory's size is one somebody has only where a larger one is wished for behind it.
_SMALL: Final = re.compile(
    r"(?:实验室|小试|烧瓶|摇瓶|台架试验)(?!设备|平台|条件|服务|资质)|\b(?:lab|bench)[- ]scale\b", re.IGNORECASE
)
_WISH: Final = re.compile(
    r"需|求|待|希望|想|要|找|寻|征|拟|计划|打算|准备|建|购|租|委托|合作|放大|扩[大产]|提[升高]|达到|目标|≥|≤|>|<|"
    r"\b(?:needs?|want|look|seek|require|search|find|scal(?:e|ing)[- ]?(?:up|to)|plan|target|must|rent|hire)",
    re.IGNORECASE,
)
_CANNOT: Final = re.compile(r"无法|不能(?!放大)|达不到|做不到|做不了|满足不了|难以")
#: 目前每天产生废水 50 吨 is how much there is to do.
_TO_TREAT: Final = re.compile("产生|排放|废|污|原料|物料|库存|积压|堆存")
_NUMBER: Final = re.compile(r"\d")
_GROWN: Final = re.compile(r"放大|扩[大产]|提[升高]|希望|想")
_LARGER: Final = re.compile(
    r"放大|扩[大产]|中试|吨级|公斤级|百[升吨]|量产|规模|需|求|希望|想|要|找|\b(?:pilot|scale[- ]?up|need|want|look)",
    re.IGNORECASE,
)


def wanted_scales(text: str, quantities: Sequence[QuantityRequirement]) -> list[QuantityRequirement]:
    """Return the quantities of a normalised need but for those that say what the requester has already.

    Where just one size of the same dimension is wished for behind it, that one gets it as its `start_scale`.
    """
    present = [one for one in quantities if _is_present(text, one, quantities)]
    wanted = [one for one in quantities if one not in present]
    for had in present:
        behind = [index for index, one in enumerate(wanted) if _grows_from(had, one)]
        if len(behind) == 1:
            wanted[behind[0]] = _begun(wanted[behind[0]], had)
    return wanted


def present_notes(text: str, quantities: Sequence[QuantityRequirement]) -> list[str]:
    """Notes in Chinese on sizes that the requester has already: no listing is held against them."""
    return [f"“{one.text}”读作现有规模,不作为要求" for one in quantities if _is_present(text, one, quantities)]


def presents(text: str, quantities: Sequence[QuantityRequirement]) -> Spans:
    """Where a normalised need says what the requester has already."""
    return Spans(spans_of(one for one in quantities if _is_present(text, one, quantities)))


def _is_present(text: str, one: QuantityRequirement, all_of_them: Sequence[QuantityRequirement]) -> bool:
    if one.dimension not in _COUNTED or one.start is None or one.end is None or one.start_scale is not None:
        return False
    *earlier, before = _CLAUSE.split(text[max(0, one.start - _REACH) : one.start])
    after = _CLAUSE.split(text[one.end : one.end + _REACH])[0]
    if _WISH.search(before) or _CANNOT.search(before + after) or _TO_TREAT.search(before + one.text + after):
        return False
    if _DONE.search(after):
        return True
    if _HAVE.search(before):
        # 现有 5 吨原料待加工 is how much there is to do.
        return not _WISH.search(after) or bool(_NUMBER.search(after))
    if math.isinf(one.interval.max) or one.dimension not in _SIZES:
        return False
    if _SMALL.search(before):
        return bool(_LARGER.search(text, one.end))
    if not earlier or not _SMALL.search(earlier[-1]) or _WISH.search(earlier[-1]):
        return False
    # 实验室配方稳定,每釜 2 公斤,希望放大到 200 公斤
    larger = next((other for other in all_of_them if _grows_from(one, other)), None)
    return larger is not None and bool(_GROWN.search(text, one.end, min(larger.start or 0, one.end + _REACH)))


def _grows_from(had: QuantityRequirement, one: QuantityRequirement) -> bool:
    if one.dimension != had.dimension or one.start_scale is not None or (one.start or 0) < (had.end or 0):
        return False
    return 0 < _size(had) < _size(one)


def _size(one: QuantityRequirement) -> float:
    """The largest size that a quantity names, in the unit that its dimension is compared in; 0 where it names none."""
    interval, _ = in_base(one.dimension, one.interval, one.unit)
    ends = [end for end in (interval.max, interval.min) if math.isfinite(end)]
    return ends[0] if ends else 0.0


def _begun(one: QuantityRequirement, had: QuantityRequirement) -> QuantityRequirement:
    finite = [end for end in (one.interval.max, one.interval.min) if math.isfinite(end)]
    return replace(one, start_scale=float(f"{finite[0] * _size(had) / _size(one):.6g}"))
