"""The experiments of one process: which run, the matchers they need, and the work that nobody waits for.

They follow the database as the index does: what an administrator starts or ends anywhere is known here within a second.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from matcher.catalogue.change_log import last_change
from matcher.catalogue.database import Database
from matcher.catalogue.feedback.experiments import Experiment, running
from matcher.catalogue.feedback.shadows import Shadowed, add_shadows
from matcher.catalogue.profiles.drafts import get
from matcher.catalogue.profiles.stored import StoredProfile, serving_document
from matcher.errors import PilotMatchError
from matcher.feedback.likeness import likeness
from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.ranking.documents import Document
from matcher.records import Matches, Need
from matcher.retrieval.vocabulary import Vocabulary

POLL_SECONDS: Final = 0.25
#: Requests that wait for a shadow, each some tenths of a second; more are not sampled while it is behind.
QUEUE: Final = 16
#: Results of shadows that are written together.
BATCH: Final = 20

_log = logging.getLogger("pilotmatch.feedback")


class Followed(Protocol):
    """What is asked of `matcher.following.Follower`."""

    live: LiveMatcher

    @property
    def vocabulary(self) -> Vocabulary | None: ...


@dataclass(frozen=True, slots=True)
class Side:
    """A draft ready to rank what `base` ranks."""

    experiment: Experiment
    base: Matcher
    draft: Matcher


@dataclass(frozen=True, slots=True)
class _Draft:
    """What ranks side b, and name and version of the profile that it is held against."""

    experiment: Experiment
    document: Document
    against: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Job:
    side: Side
    need: Need
    top: int
    shown: tuple[str, ...]
    took_ms: float


class Experiments:
    """Follows the experiments of a database; `side` and `offer` cost a request next to nothing."""

    def __init__(self, database: Callable[[], Database], followed: Followed) -> None:
        self._database, self._followed = database, followed
        self._number = -1
        self._documents: dict[str, _Draft] = {}
        self._sides: dict[str, Side] = {}
        self._jobs: deque[_Job] = deque()
        self._found: list[Shadowed] = []
        self._stopping, self._waking = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self.missed = 0

    def side(self, matcher: object) -> Side | None:
        """The interleaving that runs, if its draft is ready for this very matcher: never one of an older catalogue."""
        for side in self._sides.values():
            if side.experiment.what == "interleaving" and side.base is matcher:
                return side
        return None

    def offer(self, matcher: object, need: Need, top: int, answer: Matches, chance: random.Random) -> None:
        """Let shadows rank a request that was answered, each its share; nobody waits, and a full queue takes none."""
        for side in self._sides.values():
            if side.experiment.what != "shadow" or side.base is not matcher or chance.random() >= side.experiment.share:
                continue
            if len(self._jobs) >= QUEUE:
                self.missed += 1
                continue
            shown = tuple(match.listing.id for match in answer.matches)
            self._jobs.append(_Job(side, need, top, shown, answer.took_ms))
            self._waking.set()

    def look(self) -> None:
        """See which experiments run. Never raises: what went wrong is logged and tried again."""
        try:
            with self._database().reading() as session:
                number = last_change(session)
                if number == self._number:
                    return
                drafts = [
                    _draft(one, get(session, one.draft_id), get(session, one.against_id)) for one in running(session)
                ]
            found = {one.experiment.id: one for one in drafts if one is not None}
            self._documents, self._number = found, number
            # One that has ended is out of the very next answer, whatever the rest of the work takes.
            self._sides = {id: side for id, side in self._sides.items() if id in found}
        except PilotMatchError as error:
            _log.error("试验暂时跟不上数据库,稍后再试:%s", error)

    def prepare(self) -> None:
        """Make the matchers that are missing for the catalogue of the moment; one that fails leaves its side out."""
        vocabulary, current = self._followed.vocabulary, self._followed.live.current
        if vocabulary is None:
            return
        ranking = current.ranker.profile.name, current.ranker.profile.version
        for id, one in list(self._documents.items()):
            known = self._sides.get(id)
            # Where another profile is published by now, the comparison has no meaning, and will be ended.
            if one.against != ranking or (known is not None and known.base is current):
                continue
            try:
                side = Side(one.experiment, current, current.with_document(one.document, vocabulary))
            except PilotMatchError as error:
                _log.error("试验 %s 的草稿不能使用:%s", id, error)
                continue
            self._sides = self._sides | {id: side}

    def work(self) -> bool:
        """Rank one request that waits for its shadow, or else store what was found; whether there was one."""
        if not self._jobs:
            self._store()
            return False
        self._found.append(_shadowed(self._jobs.popleft()))
        if len(self._found) >= BATCH:
            self._store()
        return True

    def wake(self) -> None:
        """Look now: something was committed here."""
        self._waking.set()

    def start(self) -> None:
        """Follow and work in a thread until `stop`."""
        self._thread = threading.Thread(target=self._run, name="pilotmatch-experiments", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; requests that wait for a shadow are forgotten."""
        self._stopping.set()
        self._waking.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._waking.clear()
            self.look()
            self.prepare()
            if not self.work():
                self._waking.wait(POLL_SECONDS)
        self._store()

    def _store(self) -> None:
        found, self._found = self._found, []
        if not found:
            return
        try:
            with self._database().session() as session:
                add_shadows(session, found)
        except PilotMatchError as error:
            _log.error("影子排序的 %d 个结果未能保存:%s", len(found), error)


def _draft(one: Experiment, draft: StoredProfile, against: StoredProfile) -> _Draft | None:
    """What ranks side b; None where it can't be used.

    An interleaving compares rankings and nothing else: what is pinned and hidden is what the published profile says,
    so that no row comes into sight that it hides.
    """
    try:
        document = serving_document(draft)
        if one.what == "interleaving":
            document = replace(document, rules=against.document().rules)
        return _Draft(one, document, (against.name, str(against.version)))
    except PilotMatchError as error:
        _log.error("试验 %s 的草稿不能使用:%s", one.id, error)
        return None


def _shadowed(job: _Job) -> Shadowed:
    began = time.perf_counter()
    try:
        answer = job.side.draft.match(job.need, top=job.top)
    except Exception:  # whatever a draft does to one request, the others go on; it is counted as failed
        _log.exception("shadow")
        return Shadowed(job.side.experiment.id, (time.perf_counter() - began) * 1000, job.took_ms, None)
    ranked = [match.listing.id for match in answer.matches]
    return Shadowed(job.side.experiment.id, answer.took_ms, job.took_ms, likeness(job.shown, ranked))
