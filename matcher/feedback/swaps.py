"""A small share of answers in which two neighbours change places by chance: there shows what a place is worth.

Neighbours only (FairPairs, Radlinski and Joachims, AAAI 2006): the reader of such an answer loses next to nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from matcher.errors import InvalidInput

_Item = TypeVar("_Item")
#: Beyond this share a requester would notice; an admin who wants more should ask for judgements instead.
SHARE_MAX = 0.2
#: Places whose propensity is estimated; further down too little happens.
PLACES = 20


@dataclass(frozen=True, slots=True)
class Swap:
    """The place (from 1) of the upper one of two neighbours, and whether they were exchanged."""

    place: int
    exchanged: bool


def draw(length: int, share: float, chance: random.Random) -> Swap | None:
    """Whether an answer of `length` rows takes part, where, and how the coin fell; None where it does not.

    Raises:
        InvalidInput: the share is not within 0 and `SHARE_MAX`.
    """
    if not 0 <= share <= SHARE_MAX:
        raise InvalidInput(f"随机交换的比例应在 0 与 {SHARE_MAX:g} 之间,收到 {share}", field="share")
    if length < 2 or chance.random() >= share:
        return None
    return Swap(chance.randint(1, min(length, PLACES + 1) - 1), chance.random() < 0.5)


def apply(rows: Sequence[_Item], swap: Swap | None) -> list[_Item]:
    """The rows, with two neighbours exchanged where the coin said so."""
    changed = list(rows)
    if swap is not None and swap.exchanged:
        upper = swap.place - 1
        changed[upper], changed[upper + 1] = changed[upper + 1], changed[upper]
    return changed
