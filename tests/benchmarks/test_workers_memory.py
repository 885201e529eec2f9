"""The measurement of memory of several processes: it tells what is shared from what each has."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np

from tests.benchmarks.workers import Memory, memory


def _grown(told: multiprocessing.connection.Connection) -> None:
    before = memory()
    held = np.ones(60 * 1024 * 1024, np.uint8)
    after = memory()
    told.send((int(held[-1]), Memory(after.pss - before.pss, after.private - before.private)))


def test_memory_grows_by_what_is_written_to() -> None:
    # A process of its own: in that of the tests, what earlier ones left behind is let go of at any moment.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_grown, args=(there,))
    process.start()
    last, found = here.recv()
    process.join(20)
    assert last == 1
    assert 50 < found.private < 80
    assert 50 < found.pss < 80


def _mapped(path: Path, told: multiprocessing.connection.Connection) -> None:
    before = memory()
    held = np.memmap(path, np.uint8, "r")
    told.send(int(held[::512].sum()))
    told.recv()
    after = memory()
    told.send(Memory(after.pss - before.pss, after.private - before.private))


def test_what_two_map_is_counted_by_halves(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(100 * 1024 * 1024))
    context = multiprocessing.get_context("spawn")
    ends = []
    for _ in range(2):
        here, there = context.Pipe()
        process = context.Process(target=_mapped, args=(path, there))
        process.start()
        ends.append((here, process))
    assert [here.recv() for here, _ in ends] == [0, 0]
    # One is measured while both have it mapped.
    ends[0][0].send(None)
    found: Memory = ends[0][0].recv()
    assert 40 < found.pss < 75
    assert found.private < 20
    ends[1][0].send(None)
    ends[1][0].recv()
    for _, process in ends:
        process.join(20)
        assert process.exitcode == 0
