"""Memory of a process and of all that it started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def peak_mb(pid: int) -> float:
    """The most that a process and those it started had in memory, each at its own time, MB.

    What several of them have mapped, as they share it now (a file of vectors, libraries), counts once.
    """
    return sum(map(_peak_kb, family(pid))) / 1024


def family(pid: int) -> Iterator[int]:
    """A process and those that descend from it."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def _peak_kb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        shares = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
        return 0.0
    return _kb(status, "VmHWM") - (_kb(shares, "Rss") - _kb(shares, "Pss"))


def _kb(text: str, name: str) -> float:
    return next((float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name}:")), 0.0)
