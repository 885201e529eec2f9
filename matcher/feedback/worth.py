"""The worth of a (topic, listing) pair from what was done with it, corrected for the places where it was shown.

With p(k) the propensity of place k, the estimate Σ gain / p(place) over Σ 1 is unbiased where every act needs a look
(inverse propensity scoring: Joachims et al., WSDM 2017, eq. 4). Self-normalised by Σ answers it can exceed 1 for one
lucky pair; a prior of a few unremarkable answers holds such back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from matcher.feedback.propensity import FLAT, Propensities
from matcher.feedback.shown import Shown

#: Answers of mean worth that every pair is given beforehand.
PRIOR_ANSWERS = 4.0
#: Fewer answers than this say nothing of a pair.
LEAST_ANSWERS = 3
#: Worth from which a pair counts as grade 1, 2 and 3, where the best pairs of a topic approach 1.
GRADES = (0.05, 0.15, 0.35)


@dataclass(frozen=True, slots=True)
class Worth:
    """Of one pair: `value` is 0 or more; `answers` in which it was shown."""

    topic: str
    listing_id: str
    value: float
    answers: int

    @property
    def grade(self) -> int:
        """As a grade 0–3. It comes from behaviour and is never mixed with judges' grades."""
        return sum(self.value >= limit for limit in GRADES)


def worths(answers: Iterable[Shown], propensities: Propensities = FLAT, least: int = LEAST_ANSWERS) -> list[Worth]:
    """The pairs that were shown at least `least` times, in the order of topic and listing.

    Args:
        propensities: `FLAT` gives the naive estimate, which takes a place at the top for worth.
    """
    gains: dict[tuple[str, str], float] = defaultdict(float)
    shown: dict[tuple[str, str], int] = defaultdict(int)
    for answer in answers:
        for place, listing_id in enumerate(answer.listings, 1):
            key = (answer.topic, listing_id)
            shown[key] += 1
            gain = answer.gain(listing_id)
            if gain:
                gains[key] += gain / propensities.at(place)
    mean = sum(gains.values()) / max(sum(shown.values()), 1)
    return [
        Worth(*key, (gains[key] + PRIOR_ANSWERS * mean) / (count + PRIOR_ANSWERS), count)
        for key, count in sorted(shown.items())
        if count >= least
    ]
