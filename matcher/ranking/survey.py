"""Every listing of a kind for one need, and what rules would do with them."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.ranking.ranked import Ranked
from matcher.ranking.ruling import NO_RULING, Ruling
from matcher.records import Requirement


@dataclass(frozen=True, slots=True)
class Survey(Ranked):
    """Every listing of a kind in order of score, removed or not; nothing has been read by the re-ranker.

    Attributes:
        text: what was searched for. requirements: that the listings were held against.
        ruling: what rules of the profile do for the need; it is not done here.
    """

    text: str
    requirements: tuple[Requirement, ...]
    ruling: Ruling = NO_RULING
