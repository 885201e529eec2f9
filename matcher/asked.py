"""A need as it was understood, and the rows that may answer it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.rules import Rule
from matcher.records import Kind
from matcher.retrieval.retriever import Query
from matcher.understanding.reading import Understood

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """What one match works on.

    Attributes:
        text: what is searched: the need's own words, or those of the conditions that stand for them.
        kinds: that the answer is of, without repeats.
        allowed: bool [rows], what kinds and filters leave and no rule hides.
        kept: bool [rows], those of `allowed` that no *must* removes.
        pins: rows put first, in order, and by which rule.
        hidden: rules that hid something.
    """

    text: str
    kinds: tuple[Kind, ...]
    understood: Understood
    query: Query
    allowed: Mask
    kept: Mask
    pins: dict[int, Rule]
    hidden: list[Rule]

    @property
    def removed(self) -> Mask:
        """bool [rows]: what would be kept but for a *must*."""
        return self.allowed & ~self.kept
