"""A service under steady load while listings are published: `python -m tests.benchmarks.soak --minutes 10 --share 0.8`.

Capacity is measured first; then requests come at a share of it, at random moments. The load is made on the same
machine: what the clients cost is the service's loss.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Annotated

import httpx2
import typer

from api.serving import bind
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database, open_database
from matcher.catalogue.listings.bulk import put_many, retire_many
from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.needs_file import read_needs
from matcher.records import Listing
from matcher.settings import Settings
from tests.benchmarks.load import Load, closed_loop, open_loop, texts

NEEDS = (Path("datasets/needs_dev.jsonl"), Path("datasets/needs_train.jsonl"))
SHIPPED = Path("datasets/listings.jsonl")
START_SECONDS = 900.0
#: Closed loop: before capacity is measured, and while it is.
WARM_UP_SECONDS = 10.0
CAPACITY_SECONDS = 20.0
CLIENTS = 8
#: A listing is published so often; that of so many turns before is taken back, so that memory can be compared.
PUBLISH_SECONDS = 2.0
TURNS = 20
MEMORY_SECONDS = 5.0
#: Caches are full by then.
SETTLED_MINUTES = 2.0
#: Memory is the median of so long: each change of the catalogue takes some tens of megabytes for a moment, and what is
#: free goes back to the machine every half minute.
WINDOW_SECONDS = 60.0


@dataclass(slots=True)
class Soak:
    """What came of it. Memory: megabytes of all processes (PSS) by seconds since the load began."""

    listings: int
    workers: int
    profile: str
    capacity: float
    a_second: float
    minutes: float
    deadline: float
    load: Load
    published: int
    memory: list[tuple[float, float]] = field(default_factory=list)

    @property
    def settled_mb(self) -> float:
        """In the minute after minute two, or, of a short run, from half-way."""
        settled = 60 * min(SETTLED_MINUTES, self.minutes / 2)
        return self._median(settled)

    @property
    def final_mb(self) -> float:
        """In the last minute."""
        return self._median(self.memory[-1][0] - self._window)

    @property
    def growth(self) -> float:
        """Memory at the end over that when it was settled, less one."""
        return self.final_mb / self.settled_mb - 1

    @property
    def _window(self) -> float:
        return min(WINDOW_SECONDS, 60 * self.minutes / 4)

    def _median(self, begin: float) -> float:
        """Of one window; of the first measurement after its begin where none lies in it."""
        later = [one for one in self.memory if one[0] >= begin] or self.memory[-1:]
        return median([size for moment, size in later if moment <= begin + self._window] or [later[0][1]])

    def _by_minute(self) -> str:
        minutes = range(math.ceil(self.memory[-1][0] / 60))
        return "、".join(f"{self._median(60.0 * minute):,.0f}" for minute in minutes)

    def page(self) -> str:
        """As Markdown."""
        load = self.load
        statuses = "、".join(f"{status}: {count}" for status, count in sorted(load.statuses.items()))
        rows = {
            "listings, processes, profile": f"{self.listings:,}, {self.workers}, {self.profile}",
            "capacity (closed loop)": f"{self.capacity:.1f} matches a second",
            "load (open loop)": f"{self.a_second:.1f} a second for {self.minutes:g} minutes",
            "requests, by status": f"{len(load):,} ({statuses})",
            "failures": str(load.failures),
            f"beyond the deadline of {self.deadline:g} s": str(load.beyond(self.deadline)),
            "p50, p95, p99, most": ", ".join(f"{load.percentile(share):.0f} ms" for share in (50, 95, 99, 100)),
            "listings published meanwhile": str(self.published),
            "memory when settled, at the end": f"{self.settled_mb:,.0f} MB, {self.final_mb:,.0f} MB",
            "memory by minute, MB": self._by_minute(),
            "growth": f"{self.growth:+.1%}",
            "machine": f"{len(os.sched_getaffinity(0))} cores, load average {os.getloadavg()[0]:.1f}",
        }
        return "| | |\n|---|---|\n" + "".join(f"| {name} | {value} |\n" for name, value in rows.items())


@contextlib.contextmanager
def service(folder: Path, workers: int, profile: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The service as people start it, over a data folder: its address, and its main process."""
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "matcher", "serve", "--port", str(port), "--workers", str(workers)]
    environment = {"PILOTMATCH_DATA": str(folder), "PILOTMATCH_PROFILE": profile, "PILOTMATCH_MATCH_RATE": "0"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | environment, stderr=log, stdout=log)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process, folder / "log", workers)
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path, workers: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        with contextlib.suppress(httpx2.TransportError):
            ready = httpx2.get(f"{url}/health/ready").status_code == 200
            if ready and log.read_text(encoding="utf-8").count("匹配器已加载") >= workers:
                return
        time.sleep(0.5)
    raise TimeoutError("the service did not become ready")


def memory_mb(pid: int) -> float:
    """PSS of a process and of all its descendants: what they share is counted once."""
    total = 0.0
    for one in family(pid):
        with contextlib.suppress(OSError):
            found = re.search(r"^Pss: +(\d+) kB$", Path(f"/proc/{one}/smaps_rollup").read_text("ascii"), re.MULTILINE)
            total += int(found[1]) / 1024 if found else 0.0
    return total


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


class Beside:
    """What goes on beside the load: listings are published, and memory is watched."""

    def __init__(self, database: Database, model: Listing, pid: int) -> None:
        self._database, self._model, self._pid = database, model, pid
        self._done = threading.Event()
        self.published = 0
        self.memory: list[tuple[float, float]] = []
        self._threads = [threading.Thread(target=one) for one in (self._publish, self._watch)]

    def __enter__(self) -> Beside:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _publish(self) -> None:
        while not self._done.wait(PUBLISH_SECONDS):
            number = self.published
            name = f"{self._model.name}{number}号线"
            with self._database.session() as session:
                put_many(session, [replace(self._model, id=f"SOAK-{number:06}", name=name)], CONSOLE)
                if number >= TURNS:
                    retire_many(session, [f"SOAK-{number - TURNS:06}"], CONSOLE)
            self.published += 1

    def _watch(self) -> None:
        began = time.monotonic()
        while not self._done.wait(MEMORY_SECONDS):
            self.memory.append((time.monotonic() - began, memory_mb(self._pid)))


def soak(
    folder: Path, minutes: float, share: float, workers: int, profile: str, capacity_seconds: float = CAPACITY_SECONDS
) -> Soak:
    """Measures a service over a data folder that has a database."""
    needs = texts([need.text for path in NEEDS for need in read_needs(path)[0] if need.text])
    settings = Settings(_env_file=None, data=folder)
    database = open_database(settings)
    try:
        with service(folder, workers, profile) as (url, process):
            asyncio.run(closed_loop(url, needs, CLIENTS, WARM_UP_SECONDS))
            measured = asyncio.run(closed_loop(url, needs, CLIENTS, capacity_seconds))
            capacity = measured.statuses[200] / capacity_seconds
            listings = int(httpx2.get(f"{url}/health/ready").json()["listings"])
            model = read_listings(SHIPPED)[0]
            with Beside(database, model, process.pid) as beside:
                load = asyncio.run(open_loop(url, needs, share * capacity, 60 * minutes))
    finally:
        database.dispose()
    return Soak(
        listings, workers, profile, capacity, share * capacity, minutes, settings.deadline, load, beside.published,
        beside.memory,
    )  # fmt: skip


def prepare(folder: Path, catalogue: Path | None) -> None:
    """A data folder with the encoder and the vectors that are there already, and perhaps a grown catalogue."""
    own = Settings().data.resolve()
    for name, source in (("encoders", own), ("encodings", catalogue.resolve() if catalogue else own)):
        (source / name).mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(source / name)
    database = open_database(Settings(_env_file=None, data=folder))
    try:
        with database.session() as session:
            put_many(session, read_listings(catalogue / "listings.jsonl" if catalogue else SHIPPED), CONSOLE)
    finally:
        database.dispose()


def main(
    minutes: Annotated[float, typer.Option(help="How long, after capacity has been measured.")] = 10.0,
    share: Annotated[float, typer.Option(help="Of the capacity.")] = 0.8,
    workers: Annotated[int, typer.Option(help="Processes of the service.")] = 1,
    profile: Annotated[str, typer.Option(help="fast or default.")] = "fast",
    catalogue: Annotated[Path | None, typer.Option(help="A folder of `make bench`, as var/bench/24000.")] = None,
    output: Annotated[Path, typer.Option(help="Where the table is written.")] = Path("var/soak.md"),
) -> None:
    """Fails where a request failed or took longer than the deadline, or where memory grew by more than 5 %."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, catalogue)
        found = soak(folder, minutes, share, workers, profile)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(found.page(), encoding="utf-8")
    typer.echo(found.page())
    if found.load.failures or found.load.beyond(found.deadline) or found.growth > 0.05:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
