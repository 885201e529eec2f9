"""Children: the measuring processes, seen from the one that asks them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.benchmarks.side_by_side.servers import ROOT


class ChildFailed(RuntimeError):
    """A measuring process ended or took too long; the message says which, or is the last line of its log."""


class Child:
    """One process of `child.py`, from its start to `end`.

    Args:
        limit: seconds that it may take for any one answer.
    """

    def __init__(self, act: str, system: str, stock: Path, folder: Path, model: Path, limit: float) -> None:
        self._limit = limit
        self._log = folder / f"{act}.log"
        command = [sys.executable, "-m", "tests.benchmarks.side_by_side.child", act, system]
        with self._log.open("wb") as errors:
            self._process = subprocess.Popen(
                [*command, str(stock), str(folder), str(model)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )

    def read(self) -> Any:
        """Its next answer; ChildFailed where there is none."""
        assert self._process.stdout
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(self._limit, give_up)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            self._process.wait()
            raise ChildFailed(f"over {self._limit:.0f} s" if late.is_set() else _last_line(self._log))
        return json.loads(line)

    def ask(self, request: Mapping[str, object]) -> Any:
        """Its answer to a request; ChildFailed where there is none."""
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ChildFailed(_last_line(self._log)) from None
        return self.read()

    def end(self) -> None:
        """Ends it, by force where it does not end by itself once nothing more is asked."""
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "ended without a word"
