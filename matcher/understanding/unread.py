"""Hard words that led to no condition, said to the requester instead of passed over in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from matcher.records import PlaceRequirement, Requirement
from matcher.understanding.spans import Spans, spans_of
from matcher.understanding.text import normalise

_REACH: Final = r"[^,，。;；!！?？\n]{1,24}"
_HARD: Final = re.compile(rf"(?:必须|务必|仅限|只限|一定要|只要(?!求)){_REACH}")
_PLAIN: Final = r"[^,，。;；!！?？、:()（）\s\d]"
#: 20 家以上下游客户 counts somebody, and asks for nothing.
_LIMITED: Final = re.compile(
    rf"{_PLAIN}{{0,8}}(?:(?:[≥≤<>]=?|不低于|不小于|不少于|不超过|不大于|小于|大于|低于|高于|至少) ?"
    rf"\d[\d.]{{0,8}}{_PLAIN}{{0,4}}"
    rf"|\d[\d.]{{0,8}}(?![家名位人次]){_PLAIN}{{0,3}}(?:以上|以下|以内|之内))"
)
_MOST_SAID: Final = 5
#: 要不要 asks, 不要求, 不要紧 and 不要超过 exclude nothing; what is waived (不需要GMP) is not read as a condition,
#: which is all it asks for.
_EXCLUDING: Final = re.compile(
    rf"(?:(?<!要)不要(?!求|紧|钱|超过|[大高多小低少]于)|(?:不考虑|不接受)(?!超过|[大高多小低少]于)|避开|除了(?!.{{0,16}}[还也])){_REACH}"
)
#: Refused twice is wanted.
_TWICE: Final = re.compile("没|无|未|不")
_ALSO: Final = re.compile("[还也另再]")
_SENTENCE: Final = 24
#: Whom one could work with.
_PARTY: Final = re.compile(
    "(?:龙头|[大小]厂|园区|平台|高校|院校|大学|院所|研究[所院]|机构|企业|公司|工厂|厂[家商]?|作坊|工作室|中介|贩子|代理商?|供应商|基地|单位|实验室)"
    "(?:的|们|了|以外|之外)*$"
)


def excluded_spans(text: str) -> Spans:
    """Where a normalised text says with whom it does not want to work: 不要CDMO龙头, 除了需要危化品的园区.

    Whatever is read there is no wish. 不要没做过发酵的厂家 wants what it names, and 不要影响电镀 refuses nobody.
    """
    return Spans(one.span() for one in _EXCLUDING.finditer(text) if _refuses_party(text, one))


def _refuses_party(text: str, found: re.Match[str]) -> bool:
    """除了发酵平台,还要纯化 wants both."""
    if not _PARTY.search(found[0]) or _TWICE.search(found[0], 1):
        return False
    return not (found[0].startswith("除了") and _ALSO.search(text, found.end(), found.end() + _SENTENCE))


def wished_text(text: str) -> str:
    """The text with blanks for what it refuses, of the same length: what is searched for. Nothing but a refusal stays
    as it is."""
    spans = list(excluded_spans(normalise(text)))
    if not spans:
        return text
    pieces, end = [], 0
    for start, after in spans:
        pieces += [text[end:start], " " * (after - start)]
        end = after
    wished = "".join([*pieces, text[end:]])
    return wished if wished.strip(" ,，。;；!！?？\n") else text


def unread_conditions(
    text: str, requirements: Sequence[Requirement], refused: Sequence[tuple[int, int]] = ()
) -> list[str]:
    """Notes in Chinese on clauses of a need that demand or exclude something and of which nothing was read.

    Args:
        text: as the requirements' offsets count in it.
        refused: where industries are refused: `refused_words` speaks of those named before the refusal (电镀不要了).
    """
    read = Spans(spans_of(requirements))
    notes = [
        f"“{found[0]}”没有读成条件,未参与筛选" for found in _HARD.finditer(text) if not read.overlap(*found.span())
    ]
    placed = Spans(spans_of(one for one in requirements if isinstance(one, PlaceRequirement)))
    named_before = Spans(refused)
    notes += [
        f"“{found[0]}”是排除条件,暂不支持,未参与筛选"
        for found in _EXCLUDING.finditer(text)
        if not placed.overlap(*found.span()) and not named_before.cover(found.start() - 1, found.start() + 1)
    ]
    return notes


def unread_numbers(text: str, requirements: Sequence[Requirement]) -> list[str]:
    """Notes in Chinese on numbers of a normalised need with a limit (幅宽 700 以上) of which nothing was read, mostly
    for want of a unit.

    Args:
        requirements: all that was read, also what is no condition in the end.
    """
    read = Spans([*spans_of(requirements), *(found.span() for found in _HARD.finditer(text)), *excluded_spans(text)])
    unread = [found[0] for found in _LIMITED.finditer(text) if not read.overlap(*found.span())]
    notes = [f"“{words}”没有读成条件,未参与筛选;请写明数值的单位" for words in unread[:_MOST_SAID]]
    # A document of many pages may hold hundreds.
    return notes + ([f"另有 {len(unread) - _MOST_SAID} 处数值没有读成条件"] if len(unread) > _MOST_SAID else [])


def refused_words(text: str, refused: Iterable[tuple[int, int]]) -> list[str]:
    """Notes in Chinese on industries that a need refuses, but for those that `unread_conditions` speaks of."""
    excluding = Spans(found.span() for found in _EXCLUDING.finditer(text))
    return [
        f"“{text[start:end]}”暂不用于排除,仅不作为要求" for start, end in refused if not excluding.cover(start, end)
    ]
