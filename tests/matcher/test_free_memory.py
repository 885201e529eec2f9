"""Free memory goes back after changes, and not too often."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from matcher.free_memory import EVERY_SECONDS, FreeMemory, give_back

#: Many pieces of which every second one is let go of: what is free lies between what is not.
HOLES = """
import numpy as np
from pathlib import Path
from matcher.free_memory import give_back
def resident():
    return int(Path("/proc/self/statm").read_text("ascii").split()[1])
held = [np.ones(12_000) for _ in range(2000)]
del held[::2]
before = resident()
give_back()
print(before - resident())
"""


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


class TestWhen:
    def test_after_a_change_once_the_time_has_come(self, clock: Clock) -> None:
        given: list[float] = []
        free = FreeMemory(clock, lambda: given.append(clock.now))
        for moment, change in [(1.0, 1), (EVERY_SECONDS, 2), (EVERY_SECONDS + 1, 3), (2 * EVERY_SECONDS, 4)]:
            clock.now = moment
            free.after(change)
        assert given == [EVERY_SECONDS, 2 * EVERY_SECONDS]

    def test_a_change_that_came_too_early_is_not_forgotten(self, clock: Clock) -> None:
        given: list[float] = []
        free = FreeMemory(clock, lambda: given.append(clock.now))
        clock.now = 1.0
        free.after(7)
        clock.now = EVERY_SECONDS + 1
        free.after(7)
        assert given == [EVERY_SECONDS + 1]

    def test_without_a_change_never(self, clock: Clock) -> None:
        given: list[float] = []
        free = FreeMemory(clock, lambda: given.append(clock.now))
        clock.now = EVERY_SECONDS
        free.after(5)
        for turn in range(2, 9):
            clock.now = turn * EVERY_SECONDS
            free.after(5)
        assert given == [EVERY_SECONDS]


def test_where_the_c_library_can_not_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    give_back()


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not glibc")
def test_what_is_free_goes_back_to_the_machine() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", HOLES], env=environment, capture_output=True, text=True, check=True)
    assert int(done.stdout) * os.sysconf("SC_PAGE_SIZE") > 50e6
