"""PilotMatch itself, through its command line as anyone would run it: no database, the listings from a file."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from matcher.evaluation.runs import Run, parse_run
from tests.benchmarks.rivals.task import DEPTH, Row

NAME = "PilotMatch"


class CommandFailed(RuntimeError):
    """`pilotmatch match` ended with an error; the message is its last line on stderr."""


def available() -> bool:
    """Whether the command line can be imported."""
    return find_spec("matcher.__main__") is not None


def rank(needs: Path, listings: Sequence[Row], depth: int = DEPTH) -> Run:
    """Ranks `listings` for every need of the file.

    Raises:
        CommandFailed: the command ended with an error.
    """
    with tempfile.TemporaryDirectory() as folder:
        catalogue = Path(folder, "listings.jsonl")
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in listings)
        catalogue.write_text("".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "matcher", "match", "--needs", str(needs), "--listings", str(catalogue)]
        command += ["--top", str(depth), "--format", "trec"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise CommandFailed(done.stderr.strip().rsplit("\n", 1)[-1])
    return parse_run(done.stdout.splitlines(), source=NAME)
