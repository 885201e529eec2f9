"""Thousands told apart by blanks (10 000 L, 1 200 000 片) given a comma, so that a text's offsets stay valid."""

from __future__ import annotations

import re

#: Blanks that typesetting puts inside a number; between two numbers of a list stands an ordinary one.
_INNER = re.compile(r"(?<=\d)[\u2007\u2008\u2009\u202f](?=\d{3}(?!\d))")
_MAYBE = re.compile(r"[ \u00a0\u2007\u2008\u2009\u202f]\d{3}(?!\d)")
_GROUPS = re.compile(
    r"(?<![\d./_#A-Za-z])(?<!\d[,:])(?<![A-Za-z]-)(?<!\d[ \u00a0])\d{1,3}(?:[ \u00a0]\d{3})+(?!\d)(?!,\d|[ \u00a0]\d)"
)
#: The number behind one of these is a name's: 方案2 500 L发酵罐, Class 7 100 m².
_NAMED = re.compile(
    r"(?:第|编号|序号|方案|需求|项目|任务|阶段|类型|型号|规格|等级|批次|附件|图|表|条款|步骤|"
    r"(?<![A-Za-z])(?:ISO|class|grade|type|phase|no\.?|step|stage|line|item|option|lot|batch|model)) ?$",
    re.IGNORECASE,
)
_NAME_REACH = 8
_LINE_START = re.compile(r"(?:^|[\n;。])\s*$")
#: 2 200L反应釜 and 3 500 L fermenters may as well be two or three of them.
_GLUED = re.compile(r"[A-Za-z\u00b5\u03bc\u4e00-\u9fff]")
_PLURAL = re.compile(r" [A-Za-z³²]{1,3} (?:[a-z-]+ ){0,2}[a-z]{3,}s\b")
_LARGEST_STEP = 10


def with_thousands(text: str) -> str:
    """Return `text`, of the same length, with a comma for each blank that only parts the thousands of one number."""
    return _GROUPS.sub(_joined, _INNER.sub(",", text)) if _MAYBE.search(text) else text


def _joined(found: re.Match[str]) -> str:
    groups = re.split("[ \u00a0]", found[0])
    return ",".join(groups) if _is_one_number(found, groups) else found[0]


def _is_one_number(found: re.Match[str], groups: list[str]) -> bool:
    """Tell one number from several: no number of a list begins with 0, and lists go up in round steps."""
    text, first = found.string, groups[0]
    if first[0] == "0":
        return False
    if any(group[0] == "0" for group in groups[1:]):
        return True
    if _NAMED.search(text, max(0, found.start() - _NAME_REACH), found.start()):
        return False
    if _is_list([int(group) for group in groups]):
        return False
    if len(groups) > 2:
        return True
    return not (_GLUED.match(text, found.end()) or _is_item(found, int(first)) or _is_several(found, first))


def _is_list(numbers: list[int]) -> bool:
    """Tell whether numbers go up in round steps; two do where the steps are small too (50 100, but not 10 500)."""
    first, *_, last = numbers
    steady = len(numbers) > 2 or (first % 10 == 0 and last <= _LARGEST_STEP * first)
    return steady and numbers == sorted(numbers) and all(number % 10 == 0 for number in numbers[1:])


def _is_item(found: re.Match[str], number: int) -> bool:
    """Tell whether the first figure numbers a line whose neighbours are numbered too."""
    text = found.string
    if not _LINE_START.search(text, max(0, found.start() - 2), found.start()):
        return False
    return any(re.search(rf"(?:^|[\n;。]) ?{other} ", text) for other in (number - 1, number + 1))


def _is_several(found: re.Match[str], first: str) -> bool:
    return len(first) == 1 and bool(_PLURAL.match(found.string, found.end()))
