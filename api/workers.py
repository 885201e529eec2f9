"""Several processes on one socket: those that die are started again, and all are replaced one by one on demand.

uvicorn has such a supervisor, too. Ours keeps a new process from taking requests before its matcher is loaded, while
others can answer them, and lets each one finish what it has begun.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final

from api.worker_process import FAILED, Work, work
from matcher.errors import PilotMatchError, Unavailable
from matcher.settings import Settings

#: How long the supervisor may be late to notice something.
TICK_SECONDS: Final = 0.2
#: A process whose event loop gave no sign of life for so long, while it serves, is hung: it is killed.
SILENT_SECONDS: Final = 60.0
#: A process that dies again and again is started at most so often.
PAUSE_SECONDS, PAUSE_MAX_SECONDS = 1.0, 30.0
#: One that lived so long did not die of its start.
LIVED_SECONDS: Final = 60.0
#: Beyond what a process takes to stop.
KILL_SECONDS: Final = 10.0

_log = logging.getLogger("pilotmatch")


@dataclass(eq=False)
class Worker:
    """One process: whether its matcher is loaded, when it was last heard of (None: it does not listen yet)."""

    process: BaseProcess
    ends: Connection
    started: float = field(default_factory=time.monotonic)
    is_loaded: bool = False
    heard: float | None = None

    @property
    def is_alive(self) -> bool:
        return self.process.exitcode is None

    @property
    def is_silent(self) -> bool:
        return self.heard is not None and time.monotonic() - self.heard > SILENT_SECONDS

    def tell(self, word: str) -> None:
        """ "retire" or "stop"."""
        with contextlib.suppress(OSError):  # it has died: that is as good
            self.ends.send(word)


class Workers:
    """Keeps so many processes serving.

    Args:
        what: each is started with. reread: the settings anew, asked for at each reload.
    """

    def __init__(self, what: Work, count: int, reread: Callable[[], Settings] | None = None) -> None:
        self._what, self._count, self._reread = what, count, reread
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[Worker] = []
        self._leaving: list[Worker] = []
        self._to_replace: list[Worker] = []
        self._replacement: Worker | None = None
        self._pause, self._not_before = PAUSE_SECONDS, 0.0
        self._signals: list[int] = []
        self._was_loaded = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT; SIGHUP replaces the processes.

        Raises:
            Unavailable: a process could not be started, and none ever could.
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, frame: self._signals.append(number))
        self._workers = [self._started(patient=False) for _ in range(self._count)]
        try:
            while not self._is_told_to_stop():
                self._hear()
                self._bury()
                self._replace()
        finally:
            self._stop()

    def _started(self, *, patient: bool) -> Worker:
        here, there = self._context.Pipe()
        process = self._context.Process(target=work, args=(self._what, there, patient))
        process.start()
        there.close()
        _log.info("工作进程 %d 已启动", process.pid)
        return Worker(process, here)

    def _is_told_to_stop(self) -> bool:
        while self._signals:
            number = self._signals.pop(0)
            if number != signal.SIGHUP:
                return True
            self._reload()
        return False

    def _reload(self) -> None:
        if self._reread is not None:
            try:
                self._what = replace(self._what, settings=self._reread())
            except PilotMatchError as error:
                _log.error("设置有误,沿用原来的设置:%s", error)
        self._to_replace = list(self._workers)
        _log.info("逐个更换 %d 个工作进程", len(self._to_replace))

    def _hear(self) -> None:
        """What the processes say, and a moment's wait where they say nothing."""
        everybody = [*self._workers, *self._leaving, *filter(None, [self._replacement])]
        by_end = {worker.ends: worker for worker in everybody if not worker.ends.closed}
        for end in wait(list(by_end), TICK_SECONDS):
            assert isinstance(end, Connection)
            worker = by_end[end]
            try:
                said = end.recv()
            except (EOFError, OSError):
                end.close()  # it is gone, or about to
                worker.process.join(TICK_SECONDS)
                continue
            worker.is_loaded |= said == "loaded"
            worker.heard = time.monotonic() if said == "alive" else worker.heard
            self._was_loaded |= worker.is_loaded
        if not by_end:
            time.sleep(TICK_SECONDS)

    def _bury(self) -> None:
        """Starts others in the place of those that died."""
        self._leaving = [worker for worker in self._leaving if worker.is_alive]
        for worker in list(self._workers):
            if worker.is_alive and worker.is_silent:
                _log.error("工作进程 %d 长时间没有响应,强行结束", worker.process.pid)
                worker.process.kill()
                worker.process.join()
            if not worker.is_alive:
                self._after_death(worker)

    def _after_death(self, worker: Worker) -> None:
        if not self._was_loaded and worker.process.exitcode == FAILED:
            raise Unavailable("工作进程未能启动", hint="详情见日志")
        now = time.monotonic()
        if now < self._not_before:
            return
        self._pause = PAUSE_SECONDS if now - worker.started > LIVED_SECONDS else min(2 * self._pause, PAUSE_MAX_SECONDS)
        self._not_before = now + self._pause
        _log.error("工作进程 %d 意外结束(%s),重新启动", worker.process.pid, worker.process.exitcode)
        others = any(one.is_alive and one.is_loaded for one in self._workers)
        self._workers[self._workers.index(worker)] = self._started(patient=others)
        if worker in self._to_replace:
            self._to_replace.remove(worker)

    def _replace(self) -> None:
        """One step of a reload: an old process goes when its successor can answer."""
        if self._replacement is None:
            if self._to_replace:
                self._replacement = self._started(patient=True)
            return
        if self._replacement.is_loaded and self._to_replace:
            old = self._to_replace.pop(0)
            self._workers[self._workers.index(old)] = self._replacement
            self._replacement = None
            old.tell("retire")
            self._leaving.append(old)
        elif not self._replacement.is_alive:
            _log.error("新的工作进程未能加载,其余的不再更换")
            self._replacement, self._to_replace = None, []
        elif not self._to_replace:  # the one to be replaced has died and has a successor
            self._replacement.tell("retire")
            self._leaving.append(self._replacement)
            self._replacement = None

    def _stop(self) -> None:
        everybody = [*self._workers, *self._leaving, *filter(None, [self._replacement])]
        for worker in everybody:
            worker.tell("stop")
        until = time.monotonic() + self._what.stop_seconds + KILL_SECONDS
        for worker in everybody:
            while worker.is_alive and time.monotonic() < until and not self._signals:
                worker.process.join(TICK_SECONDS)
        for worker in everybody:
            if worker.is_alive:
                _log.error("工作进程 %d 没有按时停下,强行结束", worker.process.pid)
                worker.process.kill()
                worker.process.join()
        self._what.listening.close()
