"""The encoder alone: every listing by cosine."""

from __future__ import annotations

import numpy as np

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals.task import Task, Tick


def rank(task: Task, tick: Tick) -> Run:
    scores = {}
    for need, _, vector in task.needs():
        found = task.listing_vectors @ vector
        best = np.argsort(-found, kind="stable")[: task.depth]
        scores[need] = {task.listing_ids[row]: float(found[row]) for row in best}
        tick()
    return Run.from_scores(scores)
