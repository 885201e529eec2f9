"""Memory of a process and of all that it started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def peak_mb(pid: int) -> float:
    """The most that a process and those it started had in memory, each at its own time, MB."""
    return sum(map(_peak_kb, family(pid))) / 1024


def family(pid: int) -> Iterator[int]:
    """A process and those that descend from it."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def _peak_kb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:  # ended meanwhile
        return 0.0
    return next((float(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0.0)
