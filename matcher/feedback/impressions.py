"""An answer as it was given: what stood where, how it was measured, and under which random id it can be spoken of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from matcher.feedback.interleaving import Team
from matcher.feedback.swaps import Swap
from matcher.ranking.features import FEATURES
from matcher.records import (
    Coverage,
    IndustryRequirement,
    KindRequirement,
    Match,
    Matches,
    QuantityRequirement,
    Requirement,
)

Floats = NDArray[np.float32]
#: Times are cut to these many minutes: who knows when somebody asked shall not find the answer by it.
MINUTES: Final = 5
#: Tells features of another version of the program from these: 16 hexadecimal digits.
FEATURE_SET: Final = hashlib.sha256(" ".join(FEATURES).encode()).hexdigest()[:16]
#: Of a topic: more of either would begin to tell needs apart.
_INDUSTRIES, _DIMENSIONS = 2, 2
#: The greatest number that half precision holds; features are far below.
_MOST = 65504.0


@dataclass(frozen=True, slots=True)
class Place:
    """What stood at one place: `team` tells who brought it into an interleaved answer."""

    listing_id: str
    pinned: bool = False
    team: Team | None = None


@dataclass(frozen=True, slots=True)
class Impression:
    """One answer as it was shown. It holds nothing of who asked, and no word of the need.

    Attributes:
        id: random, given to the reader of the answer. at: see `rounded`.
        profile, version: by which it was ranked. topic: see `topic_of`.
        places: from 1 on, in their order. features: as `packed`; None where they are not known.
        swap: where two neighbours might have changed places. experiment_id: the interleaving it is part of.
    """

    id: str
    at: datetime
    profile: str
    version: str
    topic: str
    coverage: Coverage
    took_ms: float
    places: tuple[Place, ...]
    features: bytes | None = None
    swap: Swap | None = None
    experiment_id: str | None = None


def impression_of(
    answer: Matches,
    answer_id: str,
    at: datetime,
    *,
    swap: Swap | None = None,
    teams: Sequence[Team | None] = (),
    experiment_id: str | None = None,
) -> Impression:
    """What is kept of an answer.

    Args:
        teams: one for each match of an interleaved answer, else ().
    """
    return Impression(
        id=answer_id,
        at=rounded(at),
        profile=answer.profile,
        version=answer.profile_version,
        topic=topic_of(answer.requirements, answer.need.kinds),
        coverage=answer.coverage,
        took_ms=answer.took_ms,
        places=tuple(
            Place(match.listing.id, match.rule is not None, team)
            for match, team in zip(answer.matches, teams or [None] * len(answer.matches), strict=True)
        ),
        features=packed(answer.matches),
        swap=swap,
        experiment_id=experiment_id,
    )


def rounded(at: datetime) -> datetime:
    """The moment, UTC, cut to `MINUTES`."""
    utc = at.astimezone(UTC)
    return utc.replace(minute=utc.minute - utc.minute % MINUTES, second=0, microsecond=0)


def topic_of(requirements: Sequence[Requirement], kinds: Sequence[str] = ()) -> str:
    """What a need is about, coarse enough to tell nobody apart: industries, kinds of supply, what is measured.

    No place, no number, no certificate, no word. "" where neither an industry nor a measure was read: such needs have
    nothing in common.
    """
    industries = sorted({one.industry for one in requirements if isinstance(one, IndustryRequirement)})[:_INDUSTRIES]
    measures = sorted(
        {one.dimension for one in requirements if isinstance(one, QuantityRequirement) and one.role == "capacity"}
    )[:_DIMENSIONS]
    if not industries and not measures:
        return ""
    wanted = sorted({*kinds, *(one.kind for one in requirements if isinstance(one, KindRequirement))})
    return "|".join("+".join(part) or "-" for part in (industries, wanted, measures))


def packed(matches: Sequence[Match]) -> bytes | None:
    """The features of matches in half precision, three digits of each, row by row; None where one has none."""
    width = len(FEATURES) * np.dtype(np.float32).itemsize
    if any(len(match.measured) != width for match in matches):
        return None
    rows = np.frombuffer(b"".join(match.measured for match in matches), np.float32)
    return np.clip(rows, -_MOST, _MOST).astype("<f2").tobytes()


def unpacked(stored: bytes) -> Floats:
    """float32 [places, len(FEATURES)]: what `packed` stored."""
    return np.frombuffer(stored, "<f2").astype(np.float32).reshape(-1, len(FEATURES))
