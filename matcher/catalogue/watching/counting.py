"""Counts of what is answered, in the memory of one process, until they are put into the database.

Nothing of who asked or what is kept: numbers by profile and minute, and how much of each operator was seen in a day.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock
from typing import Final

from matcher.catalogue.watching.latency import bucket_of
from matcher.records import Matches
from matcher.today import day_of

#: Of an answer: no match at all, and "nothing fits".
ANSWERS, ZERO, NOTHING, ERRORS, ENQUIRIES = "answers", "zero", "nothing", "errors", "enquiries"
LATENCY: Final = "ms:"
#: Rows of an answer that count as seen: further down nobody reads, and a program that asks for everything shows nobody
#: anything.
SEEN: Final = 50
#: Exposure is counted in millionths.
WHOLE: Final = 1_000_000
#: 1/log2(1 + rank), by rank from 1: how much of a reader's attention a place in a list gets, as in DCG (Järvelin and
#: Kekäläinen, ACM TOIS 20, 2002).
WORTH: Final = tuple(round(WHOLE / math.log2(1 + rank)) for rank in range(1, SEEN + 1))
UNKNOWN_REGION: Final = "未注明"
#: As long as the columns are.
_NAME_MAX, _VERSION_MAX, _OPERATOR_MAX, _REGION_MAX = 60, 20, 200, 100
_MINUTE: Final = 60

#: Name and version of the profile that ranked.
Ranking = tuple[str, str]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Counted:
    """What was counted since the last time.

    Attributes:
        counts: by profile name, version, minute since 1970 and what. exposure: millionths, by day, profile name,
            version, operator and region. shown: how often, by the same.
    """

    counts: Counter[tuple[str, str, int, str]] = field(default_factory=Counter)
    exposure: Counter[tuple[date, str, str, str, str]] = field(default_factory=Counter)
    shown: Counter[tuple[date, str, str, str, str]] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.counts or self.exposure)

    def add(self, other: Counted) -> None:
        """Put the counts of another beside these."""
        self.counts.update(other.counts)
        self.exposure.update(other.exposure)
        self.shown.update(other.shown)


class Counters:
    """The counts of one process; threads share it.

    Args:
        clock: the present, UTC.
    """

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._adding = Lock()
        self._counted = Counted()

    def answered(self, found: Matches, ms: float) -> None:
        """An answer went out, after `ms` milliseconds."""
        now = self._clock()
        what = [ANSWERS, f"{LATENCY}{bucket_of(ms)}"]
        if not found.matches:
            what.append(ZERO)
        if found.coverage == "none":
            what.append(NOTHING)
        day, ranking = day_of(now), _cut((found.profile, found.profile_version))
        listings = [match.listing for match in found.matches[:SEEN]]
        seen = [(day, *ranking, *place_of(one.operator, one.name, one.province)) for one in listings]
        with self._adding:
            self._count(ranking, now, what)
            for worth, key in zip(WORTH, seen, strict=False):
                self._counted.exposure[key] += worth
                self._counted.shown[key] += 1

    def failed(self, ranking: Ranking) -> None:
        """No answer went out, and the requester was not to blame."""
        with self._adding:
            self._count(ranking, self._clock(), [ERRORS])

    def enquired(self, ranking: Ranking) -> None:
        """Somebody sent an enquiry while this profile ranked."""
        with self._adding:
            self._count(ranking, self._clock(), [ENQUIRIES])

    def take(self) -> Counted:
        """What was counted since the last call; it is no longer here."""
        with self._adding:
            taken, self._counted = self._counted, Counted()
        return taken

    def give_back(self, counted: Counted) -> None:
        """Put back what could not be kept elsewhere."""
        with self._adding:
            counted.add(self._counted)
            self._counted = counted

    def _count(self, ranking: Ranking, now: datetime, what: list[str]) -> None:
        (name, version), minute = _cut(ranking), minute_of(now)
        for one in what:
            self._counted.counts[name, version, minute, one] += 1


def _cut(ranking: Ranking) -> Ranking:
    return ranking[0][:_NAME_MAX], ranking[1][:_VERSION_MAX]


def minute_of(moment: datetime) -> int:
    """Minutes since 1970, UTC."""
    return int(moment.timestamp() // _MINUTE)


def place_of(operator: str | None, name: str, province: str | None) -> tuple[str, str]:
    """Operator and region to whose account a listing's exposure goes; without an operator it stands for itself."""
    whose = (operator or "").strip() or name
    return whose[:_OPERATOR_MAX], (province or "").strip()[:_REGION_MAX] or UNKNOWN_REGION
