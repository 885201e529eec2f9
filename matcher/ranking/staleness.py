"""How far a listing sinks that nobody has verified in time: points off its score, growing by the month up to a bound.

The bound is half of what lies between a strong match and a weak one (`largest`), so a strong match keeps its place
before every weak one, however long ago it was verified; among matches of a kind the verified ones come first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.profile import Profile
from matcher.records import Listing, Reason

Days = NDArray[np.int64]
Doubles = NDArray[np.float64]

FEATURE = "staleness"
#: Mean length of a month of the Gregorian calendar.
MONTH_DAYS = 365.2425 / 12
#: A listing is stale some 14 months after it was verified (`matcher.catalogue.lifecycle`). After a year more the
#: machines, the people or the price have likely changed, and what it says is worth no less after another.
FULL_MONTHS = 12
#: Half of the way from strong to weak: one that just counts as strong ends in the middle of the possible ones.
SHARE = 0.5
#: As the scores that it is taken from, so that equal scores stay equal.
DECIMALS = 6


def stale_days(listings: Iterable[Listing]) -> Days:
    """int64 [n]: the day (proleptic ordinal) since which each listing is stale, 0 where it is not."""
    since = [date.fromisoformat(one.stale_since).toordinal() if one.stale_since else 0 for one in listings]
    return np.array(since, np.int64)


def largest(profile: Profile) -> float:
    """The most points that staleness takes by a profile; 0 where its strong matches begin where the weak ones end."""
    limits = profile.thresholds
    strong, possible = _first_score(profile, limits.strong), _first_score(profile, limits.possible)
    if strong is None or possible is None:
        return 0.0
    return max(0.0, SHARE * (strong - possible))


def decay(since: Days, today: date, most: float) -> Doubles:
    """float64 [n]: points to take off: `most` times the months since, over `FULL_MONTHS`, but no more than `most`."""
    months = np.maximum(0, today.toordinal() - since) / MONTH_DAYS
    points: Doubles = np.round(most * np.minimum(1.0, months / FULL_MONTHS), DECIMALS)
    return np.where(since > 0, points, 0.0)


def less_stale(scores: Doubles, since: Days, today: date, profile: Profile) -> Doubles:
    """Scores [n] by a profile, less what listings that are stale `since` these days [n] lose."""
    if not since.any():
        return scores
    lowered: Doubles = np.round(scores - decay(since, today, largest(profile)), DECIMALS)
    return lowered


def stale_reason(listing: Listing, today: date) -> Reason | None:
    """What to tell of a listing that is stale; None of one that is not."""
    if listing.stale_since is None:
        return None
    if listing.verified_on is not None:
        months = _months(listing.verified_on, today)
        return Reason(f"信息已 {months} 个月未核实,名次下调", FEATURE)
    return Reason(f"信息过期未核实已 {_months(listing.stale_since, today)} 个月,名次下调", FEATURE)


def _months(day: str, today: date) -> int:
    return max(0, int((today - date.fromisoformat(day)).days / MONTH_DAYS))


def _first_score(profile: Profile, limit: float) -> float | None:
    """The lowest score whose probability reaches a limit; None where none does."""
    scores, probabilities = np.array(profile.calibration).T
    reached = np.flatnonzero(probabilities >= limit)
    if not len(reached):
        return None
    place = int(reached[0])
    if place == 0:
        return float(scores[0])
    low, high = probabilities[place - 1], probabilities[place]
    share = (limit - low) / (high - low)
    return float(scores[place - 1] + share * (scores[place] - scores[place - 1]))
