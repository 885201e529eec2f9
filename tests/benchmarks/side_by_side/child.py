"""The process in which one system is measured; it reads requests and writes answers, one JSON object a line.

python -m tests.benchmarks.side_by_side.child build|run|recall SYSTEM STOCK FOLDER MODEL
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

import numpy as np

from tests.benchmarks.side_by_side.memory import peak_mb
from tests.benchmarks.side_by_side.running import OURS, Running, open_running
from tests.benchmarks.side_by_side.search import TOP, rival
from tests.benchmarks.side_by_side.stock import FILTERS, Stock, fresh, nearest_of, read_stock, recall

#: What a need is timed for: one of these each, in turn. A system that was asked for a need once remembers its vector,
#: and ours what meets its conditions.
KINDS = ("whole", "given", "ranking")
#: Needs on which recall is measured; each filter is another search.
RECALL_NEEDS = 50
#: Answers before the clock counts.
WARM_UP = 5


def timed(running: Running, needs: Sequence[str], seconds: float) -> dict[str, list[float]]:
    """Milliseconds of each need, for as long as there is time, three needs at least.

    `whole` is an answer to a text that nothing knows; `given` is one whose text is encoded already; `ranking` is search
    and ranking alone: the vectors are given, conditions are read, nothing is explained; `encoder` is the encoder alone.
    """
    times: dict[str, list[float]] = {kind: [] for kind in (*KINDS, "encoder")}
    end = time.monotonic() + seconds
    for number, need in enumerate(needs):
        if number >= 3 and time.monotonic() > end:
            break
        kind = KINDS[number % len(KINDS)]
        times[kind].append(_took(_work(running, kind, need)))
        # Another than the text before, or what was remembered of that would be what is measured.
        times["encoder"].append(_took(partial(running.encode, fresh(need, 7))))
    return times


def _work(running: Running, kind: str, need: str) -> Callable[[], object]:
    if kind == "whole":
        return partial(running.answer, need)
    vector = running.encode(need)
    return partial(running.answer, need, vector) if kind == "given" else running.ranking(need, vector)


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def recalls(running: Running, stock: Stock, needs: int) -> dict[str, float]:
    """Mean recall@10 of the vector part against comparing with every listing that passes, without and with filters."""
    found: dict[str, list[float]] = {}
    for vector in stock.need_vectors[:needs]:
        for only in (None, *FILTERS):
            rows = np.arange(len(stock)) if only is None else only.passing(stock)
            truth = nearest_of(stock, vector, rows, TOP)
            name = only.name if only else "none"
            found.setdefault(name, []).append(recall(running.nearest(vector, only), truth))
    return {name: sum(values) / len(values) for name, values in found.items()}


def serve_requests(running: Running, needs: Sequence[str], requests: TextIO, answers: TextIO) -> None:
    """Measures as often as it is asked: `{"from": 0, "to": 50, "seconds": 20}` → `timed` of these needs."""
    _write(answers, {"ready": True})
    for line in requests:
        request = json.loads(line)
        _write(answers, timed(running, needs[request["from"] : request["to"]], request["seconds"]))


def _write(answers: TextIO, value: object) -> None:
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def _own_output() -> TextIO:
    """Standard output for us alone: what a library prints goes to standard error."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return own


def main(arguments: Sequence[str]) -> None:
    act, system, stock_folder, folder, model = arguments
    answers, stock = _own_output(), partial(read_stock, Path(stock_folder))
    if act == "build":
        rival(system).build(stock(), Path(folder))
        _write(answers, {"built": True})
        return
    if act == "recall":
        if system not in OURS:
            rival(system).build_filtered(stock(), Path(folder))
        running = open_running(system, Path(folder), Path(model), stock)
        _write(answers, recalls(running, stock(), RECALL_NEEDS))
    else:
        running = open_running(system, Path(folder), Path(model))
        needs = stock().needs
        for need in needs[-WARM_UP:]:
            running.answer(need)
        serve_requests(running, needs, sys.stdin, answers)
        _write(answers, {"peak_mb": peak_mb(os.getpid())})
    running.close()


if __name__ == "__main__":
    main(sys.argv[1:])
