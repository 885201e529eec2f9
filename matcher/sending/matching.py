"""Which of the given listings fit which needs, by the matcher of the moment: for alerts.

A pair is told where the need's own answer would show it: no hard condition removes it, no rule hides it, every hard
condition is met (an alert should not send anybody after what may not be there), and its grade within that answer is
not weak. Scores are equal to the search's before the first rows are read together with the need, which takes too long
for every need; grades are by the profile's curve for pairs that were not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput
from matcher.fitting import FittingNeed, NeedReadings, fitting_needs
from matcher.following import Progress
from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.ranking.catalogue_facts import CODES
from matcher.ranking.features import completeness, feature_matrix
from matcher.ranking.removals import hard_groups, is_alternative
from matcher.ranking.staleness import less_stale, stale_days
from matcher.records import SUPPLY_KINDS, Grade, Need, Requirement
from matcher.scoring import SHORTLIST
from matcher.sending.finding import Graded
from matcher.today import today as present_day

Mask = NDArray[np.bool_]
#: A listing against all needs costs some 0.1 ms a need, a need against the catalogue some tens of milliseconds
#: whatever the number of listings: up to this many listings are first held against all needs.
FEW: Final = 50
_GRADES: Final[tuple[Grade, ...]] = ("strong", "possible")


class Following(Protocol):
    """What is asked of `matcher.following.Follower`."""

    @property
    def live(self) -> LiveMatcher: ...

    def progress(self) -> Progress: ...


class MatcherFits:
    """`Fits` over the index that follows the database.

    Args:
        readings: what was read of needs, shared with whoever else reads them.
    """

    def __init__(self, follower: Following, readings: NeedReadings | None = None) -> None:
        self._follower = follower
        self._readings = readings or NeedReadings()

    def followed(self) -> int:
        """The last change that is in the index, 0 while listings wait to be encoded: an import is told when it is in
        as a whole."""
        progress = self._follower.progress()
        return 0 if progress.waiting else progress.number

    def __call__(self, needs: Sequence[Need], listing_ids: Sequence[str]) -> Sequence[Sequence[Graded]]:
        """For each need, the listings that fit it; see `Fits`."""
        matcher, today = self._follower.live.current, present_day()
        known = [one for one in listing_ids if matcher.catalogue.row(one) is not None]
        readable = [place for place, need in enumerate(needs) if self._is_readable(matcher, need, today)]
        wanted = dict.fromkeys(readable, known)
        if len(known) <= FEW:
            wanted = self._likely(matcher, {place: needs[place] for place in readable}, known, today)
        return [
            fitting_listings(matcher, need, wanted[place], self._readings, today) if wanted.get(place) else []
            for place, need in enumerate(needs)
        ]

    def _is_readable(self, matcher: Matcher, need: Need, today: date) -> bool:
        try:
            self._readings.conditions(matcher, need, today)
        except InvalidInput:  # nothing in it can be read: it fits nothing, and must not hold up the others
            return False
        return True

    def _likely(
        self, matcher: Matcher, needs: dict[int, Need], listing_ids: Sequence[str], today: date
    ) -> dict[int, list[str]]:
        """By the place of a need, the listings that the pair alone doesn't rule out."""
        likely: dict[int, list[str]] = {}
        places = {id(need): place for place, need in needs.items()}
        for listing_id in listing_ids:
            for found in fitting_needs(matcher, listing_id, list(needs.values()), self._readings, today):
                if _may_fit(found):
                    likely.setdefault(places[id(found.need)], []).append(listing_id)
        return likely


def fitting_listings(
    matcher: Matcher, need: Need, listing_ids: Sequence[str], readings: NeedReadings, today: date
) -> list[Graded]:
    """The listings among these that fit a need, in the order of their ids; all in one look at the catalogue.

    Raises:
        InvalidInput: the need can't be read.
    """
    read = readings.conditions(matcher, need, today)
    query = matcher.retriever.read(read.text)
    kept = matcher.catalogue.of_kinds(need.kinds or SUPPLY_KINDS) & matcher.conditions.kept(read.requirements)
    for hidden in matcher.rules.ruling(read.text, read.requirements, need.kinds, today).hides:
        if (row := matcher.catalogue.row(hidden)) is not None:
            kept[row] = False
    asked = np.array(sorted(row for row in map(matcher.catalogue.row, listing_ids) if row is not None), np.int64)
    asked = asked[kept[asked]]
    if not len(asked):
        return []
    rows = np.union1d(matcher.shortlist(query, read.requirements, kept), asked)
    outcomes = matcher.conditions.outcomes(read.requirements, rows)
    complete = np.array([completeness(matcher.catalogue.supply[row]) for row in rows], np.float32)
    features = feature_matrix(matcher.retriever.measure(query, rows).signals, read.requirements, outcomes, complete)
    since = stale_days([matcher.catalogue.supply[row] for row in rows])
    scores = less_stale(matcher.ranker.scores(features), since, today, matcher.ranker.profile)
    first = matcher.ranker.order(scores)[:SHORTLIST]
    coverage = matcher.ranker.coverage(scores[first], features[first])
    met = _all_met(read.requirements, outcomes) & np.isin(rows, asked)
    graded = [(int(rows[place]), matcher.ranker.grade(float(scores[place]), coverage)) for place in np.flatnonzero(met)]
    return [Graded(matcher.catalogue.supply[row].id, grade) for row, grade in graded if grade in _GRADES]


def _all_met(requirements: Sequence[Requirement], outcomes: NDArray[np.int8]) -> Mask:
    """bool [c]: which candidates meet every hard condition; of places that are alternatives, one."""
    met = np.ones(outcomes.shape[1], np.bool_)
    for group in hard_groups(requirements):
        met &= (outcomes[list(group)] == CODES["meets"]).any(axis=0)
    return met


def _may_fit(found: FittingNeed) -> bool:
    """Whether the pair alone doesn't rule it out: the answer as a whole may still promise less."""
    musts = [fit for fit in found.fits if fit.requirement.strength == "must"]
    places = [fit for fit in musts if is_alternative(fit.requirement)]
    others = [fit for fit in musts if not is_alternative(fit.requirement)]
    met = all(fit.outcome == "meets" for fit in others)
    met = met and (not places or any(fit.outcome == "meets" for fit in places))
    return found.is_kept and met and found.grade in _GRADES
