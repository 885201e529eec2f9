"""What `pilotmatch train ranker --profile` is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wish:
    """What to learn from, and under which name to store what comes of it.

    Attributes:
        name: of the profile. judged_by: a set of the database; needs, judgements: files instead; none of them is the
            shipped set. feedback: whether to learn from corrected feedback too. reason: "" for one made from what was
            learnt from.
    """

    name: str
    judged_by: str | None = None
    needs: Path | None = None
    judgements: Path | None = None
    feedback: bool = False
    reason: str = ""
