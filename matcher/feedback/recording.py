"""Writes answers down behind those who wait for them: a bounded buffer, and a thread that lives while it holds any."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from typing import Final

from matcher.catalogue.database import Database
from matcher.catalogue.feedback.store import write
from matcher.errors import PilotMatchError, Unavailable
from matcher.feedback.impressions import Impression

#: Some minutes of a busy site, a few MB; while the database is away longer than that, answers go unrecorded.
MOST: Final = 5000
#: Answers of so long are written together; a crash loses no more than these.
GATHER_SECONDS: Final = 0.3
#: Answers in one transaction.
BATCH: Final = 200
#: Between tries while the database is away.
PAUSE_SECONDS: Final = 5.0

_log = logging.getLogger("pilotmatch.feedback")


class Recorder:
    """Takes answers at once and writes them soon; threads may share it.

    Attributes:
        written, dropped: answers since the start; dropped are those for which there was no room, or that the database
            would not take.
    """

    def __init__(
        self, database: Callable[[], Database], *, most: int = MOST, gather_seconds: float = GATHER_SECONDS
    ) -> None:
        self._database, self._most, self._gather = database, most, gather_seconds
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._waiting: dict[str, Impression] = {}
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self.written = self.dropped = 0

    def put(self, impression: Impression) -> None:
        """Keep an answer until it is written; where there is no room it is dropped and counted."""
        with self._lock:
            if len(self._waiting) >= self._most or self._stopping.is_set():
                self.dropped += 1
                if self.dropped == 1 or self.dropped % self._most == 0:
                    _log.warning("反馈缓冲已满,已有 %d 个回答未记录", self.dropped)
                return
            self._waiting[impression.id] = impression
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pilotmatch-feedback", daemon=True)
                self._thread.start()

    def flush(self, ids: Collection[str] | None = None) -> None:
        """Write what waits now, if any of these answers is among it; all of it where none are named.

        Errors of the database as for `Database.session`; what could not be written goes on waiting.
        """
        with self._lock:
            wanted = bool(self._waiting) if ids is None else any(one in self._waiting for one in ids)
        if wanted:
            self._write()

    def stop(self) -> None:
        """Write what waits, and take no more."""
        self._stopping.set()
        thread = self._thread
        if thread is not None:
            thread.join()
        try:
            self.flush()
        except PilotMatchError as error:
            _log.error("停止时有 %d 个回答未能记录:%s", len(self._waiting), error)

    def _run(self) -> None:
        pause = self._gather
        while True:
            self._stopping.wait(pause)
            try:
                self._write()
                pause = self._gather
            except PilotMatchError as error:
                _log.error("反馈暂时不能写入,稍后再试:%s", error)
                pause = PAUSE_SECONDS
            with self._lock:
                if not self._waiting or self._stopping.is_set():
                    self._thread = None
                    return

    def _write(self) -> None:
        with self._writing:
            while batch := self._next():
                try:
                    with self._database().session() as session:
                        write(session, batch)
                    self._forget(batch, written=True)
                except Unavailable:
                    raise
                except Exception:  # a row that the database does not take must not hold up all others for ever
                    _log.exception("feedback")
                    self._forget(batch, written=False)

    def _next(self) -> list[Impression]:
        with self._lock:
            return list(self._waiting.values())[:BATCH]

    def _forget(self, batch: list[Impression], *, written: bool) -> None:
        with self._lock:
            for one in batch:
                del self._waiting[one.id]
            if written:
                self.written += len(batch)
            else:
                self.dropped += len(batch)
