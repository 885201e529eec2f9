"""What a requester is shown of a match, and what is kept of it: swaps, interleaving, the answer's id.

All chance in an answer comes from its random id, so that an answer can be made again from the id. Who asks for a
deterministic answer gets the ranking as it is, and nothing of it is kept.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from matcher.catalogue.database import Database
from matcher.catalogue.feedback.experiments import Experiment
from matcher.catalogue.tables.base import new_key, now
from matcher.feedback.experimenting import Experiments, Followed, Side
from matcher.feedback.impressions import impression_of
from matcher.feedback.interleaving import Team, interleave
from matcher.feedback.recording import Recorder
from matcher.feedback.swaps import Swap, apply, draw
from matcher.records import Match, Matches, Need
from matcher.settings import Settings

#: An interleaved row that only the draft ranks among the first is told with what the published profile makes of it,
#: if that has it among so many times the rows asked for.
DEEPER: Final = 3
DEEPEST: Final = 100

_log = logging.getLogger("pilotmatch.feedback")


class Matching(Protocol):
    """What is asked of `matcher.match.Matcher`."""

    def match(self, need: Need, *, top: int) -> Matches: ...


@dataclass(frozen=True, slots=True)
class Presented:
    """An answer; its id, None where nothing of it is kept; the interleaving that it is part of."""

    answer: Matches
    id: str | None = None
    experiment: Experiment | None = None


class Presenter:
    """Answers needs in one process, and sees to it that answers are kept; threads may share it.

    Args:
        database: asked for when something is to be written. clock: the present, with its zone.
    """

    def __init__(
        self, settings: Settings, database: Callable[[], Database], clock: Callable[[], datetime] = now
    ) -> None:
        self._keeps, self._share, self._clock = settings.feedback_days > 0, settings.swap_share, clock
        self._database = database
        self.recorder = Recorder(database)
        self.experiments: Experiments | None = None

    def follow(self, followed: Followed) -> None:
        """Take part in the experiments of the database from now on."""
        self.experiments = Experiments(self._database, followed)
        self.experiments.start()

    def answer(self, matcher: Matching, need: Need, top: int, *, deterministic: bool = False) -> Presented:
        """Rank the catalogue for a need as it is to be shown; errors as for `Matcher.match`."""
        if deterministic or not self._keeps:
            return Presented(matcher.match(need, top=top))
        answer_id = new_key("answer")
        chance = random.Random(answer_id)
        side = self.experiments.side(matcher) if self.experiments is not None else None
        if side is not None and chance.random() < side.experiment.share:
            presented = self._interleaved(matcher, side, need, top, answer_id, chance)
            if presented is not None:
                return presented
        answer = matcher.match(need, top=top)
        if self.experiments is not None:
            self.experiments.offer(matcher, need, top, answer, chance)
        answer, swap = swapped(answer, self._share, chance)
        self.recorder.put(impression_of(answer, answer_id, self._clock(), swap=swap))
        return Presented(answer, answer_id)

    def flush(self, ids: Collection[str]) -> None:
        """See that these answers are written, if they were given here a moment ago; errors as for the database."""
        self.recorder.flush(ids)

    def wake(self) -> None:
        """Something was committed here."""
        if self.experiments is not None:
            self.experiments.wake()

    def stop(self) -> None:
        """Write what is still to be written, and end."""
        if self.experiments is not None:
            self.experiments.stop()
        self.recorder.stop()

    def _interleaved(
        self, matcher: Matching, side: Side, need: Need, top: int, answer_id: str, chance: random.Random
    ) -> Presented | None:
        """None where the draft fails: the requester then gets what everybody gets."""
        published = matcher.match(need, top=max(top, min(DEEPER * top, DEEPEST)))
        try:
            draft = side.draft.match(need, top=top)
        except Exception:  # whatever a draft does to a request, its requester must not notice
            _log.exception("interleaving")
            return None
        answer, teams = mixed(published, draft, top, chance)
        impression = impression_of(answer, answer_id, self._clock(), teams=teams, experiment_id=side.experiment.id)
        self.recorder.put(impression)
        return Presented(answer, answer_id, side.experiment)


def swapped(answer: Matches, share: float, chance: random.Random) -> tuple[Matches, Swap | None]:
    """The answer, perhaps with two neighbours exchanged; never one that a rule put where it is."""
    pinned = sum(match.rule is not None for match in answer.matches)
    drawn = draw(len(answer.matches) - pinned, share, chance)
    if drawn is None:
        return answer, None
    swap = Swap(drawn.place + pinned, drawn.exchanged)
    return replace(answer, matches=numbered(apply(answer.matches, swap))), swap


def mixed(
    published: Matches, draft: Matches, top: int, chance: random.Random
) -> tuple[Matches, tuple[Team | None, ...]]:
    """The first `top` rows of both by team draft, told as the published profile tells them; and whose each row is."""
    told = {match.listing.id: match for match in (*draft.matches, *published.matches)}
    a, b = ([match.listing.id for match in one.matches][:top] for one in (published, draft))
    shown = interleave(a, b, top, chance)
    matches = numbered([told[listing_id] for listing_id in shown.listings])
    return replace(published, matches=matches, took_ms=published.took_ms + draft.took_ms), shown.teams


def numbered(matches: Sequence[Match]) -> tuple[Match, ...]:
    """The matches with their places as ranks."""
    return tuple(replace(match, rank=rank) for rank, match in enumerate(matches, 1))
