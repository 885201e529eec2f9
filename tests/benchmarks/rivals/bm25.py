"""BM25 (Lucene's variant) over jieba words."""

from __future__ import annotations

import bm25s

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals.task import Task, Tick
from tests.benchmarks.rivals.words import words


def rank(task: Task, tick: Tick) -> Run:
    index = bm25s.BM25(method="lucene")
    index.index([words(text) for text in task.listing_texts], show_progress=False)
    scores = {}
    for need, text, _ in task.needs():
        found = index.get_scores(words(text))
        best = sorted(range(len(found)), key=lambda row: (-found[row], task.listing_ids[row]))[: task.depth]
        scores[need] = {task.listing_ids[row]: float(found[row]) for row in best if found[row] > 0}
        tick()
    return Run.from_scores(scores)
