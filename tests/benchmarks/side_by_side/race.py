"""A race: all systems over one stock, each in a process of its own, taking turns round by round."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.benchmarks.side_by_side import servers
from tests.benchmarks.side_by_side.children import Child, ChildFailed
from tests.benchmarks.side_by_side.clients import Serial, press, texts
from tests.benchmarks.side_by_side.figures import CLIENTS, Figures
from tests.benchmarks.side_by_side.running import OURS
from tests.benchmarks.side_by_side.search import RIVALS
from tests.benchmarks.side_by_side.servers import Server
from tests.benchmarks.side_by_side.stock import Stock

#: What a system may fail with; it stands in the table with the message.
FAILURES = (ChildFailed, servers.NotStarted, subprocess.SubprocessError, httpx2.HTTPError, TimeoutError)
#: Under this many answers a second more clients are not tried: they would wait for minutes.
SLOWEST_RATE = 0.5
NOT_INSTALLED = "not installed"

Tick = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    Attributes:
        rounds, needs: rounds, and needs of each. seconds: that one system may take for a round.
        load_rounds, load_seconds: rounds over HTTP, and the seconds of each stretch of requests.
        limit: seconds after which a build or a start is given up. visible: listings added.
        workers: processes that serve ours over HTTP.
    """

    rounds: int = 6
    needs: int = 60
    seconds: float = 45.0
    load_rounds: int = 3
    load_seconds: float = 10.0
    limit: float = 1800.0
    visible: int = 5
    workers: int = 1

    @property
    def ticks(self) -> int:
        """Steps of progress a system."""
        return 1 + self.rounds + self.load_rounds * len(CLIENTS) + 2


QUICK = Plan(rounds=2, needs=8, seconds=8.0, load_rounds=1, load_seconds=2.0, limit=120.0, visible=2)


class Race:
    """One size.

    Args:
        folder: where systems keep what they build. encoders: where ours are built. model: of sentence-transformers.
        only: systems; () is all.
    """

    def __init__(
        self, stock: Stock, folder: Path, encoders: Path, model: Path, plan: Plan, tick: Tick, only: Sequence[str] = ()
    ) -> None:
        self._stock, self._folder, self._encoders, self._model, self._plan = stock, folder, encoders, model, plan
        self._tick = tick
        self.figures = [one for one in entrants(len(stock), plan.workers) if not only or one.system in only]

    def run(self) -> list[Figures]:
        """Everything, one phase after the other; a system that fails stands aside in those that follow."""
        for one in self._able():
            with self._failing(one):
                self._build(one)
            self._tick(f"{one.system}: built")
        self._rounds()
        # Before anything is added.
        for one in self._able():
            with self._failing(one):
                self._recall(one)
            self._tick(f"{one.system}: recall")
        self._loads()
        return self.figures

    def _able(self) -> list[Figures]:
        return [one for one in self.figures if one.problem is None]

    @contextlib.contextmanager
    def _failing(self, one: Figures) -> Iterator[None]:
        """What fails inside becomes the system's problem."""
        try:
            yield
        except subprocess.TimeoutExpired as error:
            one.problem = f"over {error.timeout:.0f} s"
        except FAILURES as error:
            one.problem = str(error)[:200] or type(error).__name__

    def folder(self, one: Figures) -> Path:
        """Where a system keeps what it built."""
        return self._folder / one.system.replace(", ", "-").replace(" ", "-").lower()

    def _build(self, one: Figures) -> None:
        folder, began = self.folder(one), time.monotonic()
        if one.system in OURS:
            servers.own_folder(self._stock, folder, self._encoders)
            servers.load_own(folder, OURS[one.system], self._plan.limit)
        else:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            child = Child("build", one.system, self._stock.folder, folder, self._model, self._plan.limit)
            try:
                child.read()
            finally:
                child.end()
        # What is left to do is done at the first start, whoever's it is.
        servers.start(one.system, folder, self._model, self._plan.limit).stop()
        one.build_s = time.monotonic() - began

    def _rounds(self) -> None:
        children: dict[str, Child] = {}
        try:
            for one in self._able():
                folder = self.folder(one)
                child = Child("run", one.system, self._stock.folder, folder, self._model, self._plan.limit)
                children[one.system] = child
            for one in self._able():
                with self._failing(one):
                    children[one.system].read()
            for number in range(self._plan.rounds):
                for one in turned(self._able(), number):
                    with self._failing(one):
                        one.rounds.append(children[one.system].ask(self._request(number)))
                    self._tick(f"{one.system}: round {number + 1}")
        finally:
            for child in children.values():
                child.end()

    def _request(self, number: int) -> dict[str, object]:
        """Other needs each round, as long as there are others."""
        start = number * self._plan.needs % max(len(self._stock.needs) - self._plan.needs, 1)
        return {"from": start, "to": start + self._plan.needs, "seconds": self._plan.seconds}

    def _loads(self) -> None:
        started: dict[str, Server] = {}
        try:
            for one in self._able():
                with self._failing(one):
                    server = servers.start(
                        one.system, self.folder(one), self._model, self._plan.limit, self._plan.workers
                    )
                    started[one.system], one.start_up_s = server, server.start_up_s
            needs = {name: Serial(texts(self._stock.needs)) for name in started}
            for number in range(self._plan.load_rounds):
                for clients in CLIENTS:
                    for one in turned(self._able(), number):
                        if _bears(one, clients):
                            load = press(started[one.system].port, clients, self._plan.load_seconds, needs[one.system])
                            one.loads.setdefault(clients, []).append(load)
                        self._tick(f"{one.system}: {clients} clients")
            for one in self._able():
                one.memory_mb = started[one.system].memory_mb()
                with self._failing(one):
                    one.visible_ms = [servers.visible_ms(started[one.system], new) for new in range(self._plan.visible)]
                self._tick(f"{one.system}: visible")
        finally:
            for server in started.values():
                server.stop()

    def _recall(self, one: Figures) -> None:
        child = Child("recall", one.system, self._stock.folder, self.folder(one), self._model, self._plan.limit)
        try:
            one.recall = child.read()
        finally:
            child.end()


def entrants(size: int, workers: int = 1) -> list[Figures]:
    """Ours first, served by so many processes; who is not installed has that for a problem."""
    serve = "`pilotmatch serve`" if workers == 1 else f"`pilotmatch serve --workers {workers}`"
    ours = [Figures(name, f"explained match over all, {serve}", size) for name in OURS]
    others = []
    for one in RIVALS:
        version = one.version()
        problem = NOT_INSTALLED if version is None else None
        others.append(Figures(one.name, one.setup, size, version or "", problem))
    return [*ours, *others]


def turned(figures: Sequence[Figures], number: int) -> list[Figures]:
    """The same in another order each round, so that nobody always comes after the same one."""
    at = number % len(figures) if figures else 0
    return [*figures[at:], *figures[:at]]


def _bears(one: Figures, clients: int) -> bool:
    """Whether fewer clients were served at a rate that makes more of them worth waiting for."""
    fewer = [rate for less in CLIENTS if less < clients and (rate := one.rate(less)) is not None]
    return not fewer or max(fewer) >= SLOWEST_RATE
