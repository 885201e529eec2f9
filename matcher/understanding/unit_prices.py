"""Prices of one piece (单价50元, 50元/件, 每公斤不超过80元), which are no total that can be spent."""

from __future__ import annotations

import re

#: Batches and runs are what a requester orders: 每批不超过5万 stays a budget.
_PIECE = (
    "(?:件|片|台|套|只|支|个|颗|枚|根|块|瓶|罐|辆|米|克|升|吨|斤|样|平|粒|张|盒|箱|袋|组|公斤|千克|小时|天|"
    "平方米?|立方米?|台套|[kK][gG]|g(?![A-Za-z])|t(?![A-Za-z])|L(?![A-Za-z])|m[²³23]|㎡|h(?![A-Za-z])|pcs?(?![A-Za-z]))"
)
_BEHIND = re.compile(
    rf" ?(?:/ ?|每){_PIECE}(?!月)|(?: ?/ ?| per | a | each )(?:piece|pc|pcs|unit|part|kg|kilogram|item|hour|ton|tonne|"
    r"lit(?:re|er)|vial|bottle|wafer|device|board)\b| each\b",
    re.IGNORECASE,
)
#: 50万一台 has its price told by who sells: 预算50万一台设备 is all there is to spend.
_ONE_BEHIND = re.compile(rf" ?一{_PIECE}")
_BEFORE = re.compile(
    rf"单价|(?:每|单){_PIECE}[^,\uff0c。;!?\n\d]{{0,10}}$|unit (?:price|cost)|"
    r"(?:price|cost) per \w+|per[- ](?:piece|unit|part)\b[^,.;\d]{0,12}$",
    re.IGNORECASE,
)


def is_unit_price(before: str, after: str, *, budgeted: bool) -> bool:
    """Tell whether an amount between two stretches of one clause is what a single piece may cost.

    `budgeted` tells that a word for a budget stands before it.
    """
    if _BEHIND.match(after) or _BEFORE.search(before):
        return True
    return not budgeted and bool(_ONE_BEHIND.match(after))
