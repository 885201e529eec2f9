"""What a requester answers to what was read: this condition is none, that one is only a wish.

A condition is named by the words it was read from, or as `type:words` where one word was read as two conditions
(流片 as an industry and as a kind).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from matcher.records import Requirement
from matcher.understanding.text import normalise

#: In front of the words, with a colon; also what a program may send.
TYPES: Final = ("quantity", "place", "certificate", "industry", "stage", "budget", "deadline", "kind")
#: The numbers of these were read once more, as quantities.
_HOLDING: Final = ("budget", "deadline")


def left(requirements: Sequence[Requirement], without: Sequence[str]) -> list[Requirement]:
    """The requirements but those named; with a budget or deadline its number goes too, which would come back alone."""
    if not without:
        return list(requirements)
    gone = [one for one in requirements if is_named(one, without)]
    spans = [(one.start, one.end) for one in gone if one.type in _HOLDING and one.start is not None]
    return [
        one for one in requirements if one not in gone and not (one.type == "quantity" and _lies_within(one, spans))
    ]


def eased(requirements: Iterable[Requirement], prefer: Sequence[str]) -> list[Requirement]:
    """The requirements with those named as wishes."""
    return [
        replace(one, strength="prefer") if one.strength == "must" and is_named(one, prefer) else one
        for one in requirements
    ]


def idle(names: Iterable[str], requirements: Sequence[Requirement]) -> list[str]:
    """A note for each name that names no condition."""
    return [
        f"没有读到条件“{name}”,对它的调整不起作用"
        for name in names
        if not any(is_named(one, (name,)) for one in requirements)
    ]


def name_of(requirement_type: str, words: str) -> str:
    """How one condition is named when its words alone may not do."""
    return f"{requirement_type}:{words}"


def is_named(requirement: Requirement, names: Iterable[str]) -> bool:
    """Whether one of the names means this condition."""
    return any(_means(name, requirement) for name in names)


def _means(name: str, requirement: Requirement) -> bool:
    kind, colon, words = name.partition(":")
    if colon and kind in TYPES:
        return kind == requirement.type and _same(words, requirement.text)
    return _same(name, requirement.text)


def _same(one: str, other: str) -> bool:
    return normalise(one).strip() == normalise(other).strip()


def _lies_within(requirement: Requirement, spans: Iterable[tuple[int | None, int | None]]) -> bool:
    start, end = requirement.start, requirement.end
    if start is None or end is None:
        return False
    return any(first is not None and last is not None and first <= start and end <= last for first, last in spans)
