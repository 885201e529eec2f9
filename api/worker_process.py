"""One of several processes that serve: loads, listens on the socket that it was given, and tells how it fares."""

from __future__ import annotations

import contextlib
import gc
import logging
import logging.config
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from types import FrameType
from typing import Final

import uvicorn

from api.admission import Admission
from api.app import create_app
from api.loading import Loading
from api.serving_options import LOGGING, options
from api.stopping import Server
from matcher.catalogue.database import Database
from matcher.following import Follower
from matcher.settings import Settings
from matcher.starting import follow

#: Exit code of a process whose matcher could not be loaded.
FAILED: Final = 3
#: Between two signs of life.
BEAT_SECONDS: Final = 1.0
#: An event loop that came by no longer ago than this is alive.
FRESH_SECONDS: Final = 5.0

_log = logging.getLogger("pilotmatch")


class WorkerServer(Server):
    """Leaves Ctrl+C, which the whole terminal's processes get, to the supervisor."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As `Server.handle_exit`, but for SIGINT."""
        if sig != signal.SIGINT:
            super().handle_exit(sig, frame)


@dataclass(frozen=True, slots=True)
class Work:
    """What each of the processes is started with.

    Attributes:
        follow: makes what each serves from; a function of a module, so that it can be named to a new process.
        stop_seconds: for what has begun, at the end.
    """

    settings: Settings
    listening: socket.socket
    stop_seconds: float
    follow: Callable[[Settings, Database], Follower]


def follow_mapped(settings: Settings, database: Database) -> Follower:
    """As `follow`, with the vectors in the file that the processes share."""
    return follow(settings, database, mapped=True)


def work(what: Work, supervisor: Connection, patient: bool) -> None:
    """Serve until told to end.

    Args:
        supervisor: hears "loaded" and, again and again, "alive"; says "retire" or "stop".
        patient: whether to load before listening, because others answer meanwhile.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    logging.config.dictConfig(LOGGING)
    # The catalogue stays as long as the process: the collector need not walk through it again.
    app = create_app(
        what.settings,
        follow=partial(what.follow, what.settings),
        on_success=gc.freeze,
        on_failure=lambda: setattr(server, "should_exit", True),
    )
    admission: Admission = app.state.admission
    app.state.door.shuns = lambda: admission.waiting > 0
    server = WorkerServer(uvicorn.Config(app, **options()), app.state.door, what.stop_seconds)
    loading: Loading = app.state.loading
    threading.Thread(target=talk, args=(supervisor, server, loading), name="pilotmatch-supervisor", daemon=True).start()
    if patient:
        loading.start()
        while not loading.wait(BEAT_SECONDS / 5) and not server.is_ending:
            pass
    if loading.error is None and not (patient and server.is_ending):
        server.run(sockets=[what.listening])
    if loading.error is not None:
        sys.exit(FAILED)


def talk(supervisor: Connection, server: Server, loading: Loading) -> None:
    """Tells the supervisor how this process fares, and does what it says; retires where it is gone."""
    is_told = False
    with contextlib.suppress(OSError, EOFError):
        while True:
            if supervisor.poll(BEAT_SECONDS if is_told else BEAT_SECONDS / 5):
                ending = {"retire": server.retire, "stop": server.stop}
                ending[supervisor.recv()]()
            if not is_told and loading.wait(0) and loading.error is None:
                supervisor.send("loaded")
                is_told = True
            if server.ticked is not None and time.monotonic() - server.ticked < FRESH_SECONDS:
                supervisor.send("alive")
    _log.warning("主进程已不在,本进程处理完手头的请求后结束")
    server.retire()
