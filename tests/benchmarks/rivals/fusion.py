"""BM25 and the encoder joined by reciprocal rank fusion."""

from __future__ import annotations

from collections import defaultdict

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals import bm25, dense
from tests.benchmarks.rivals.task import Task, Tick

#: Cormack, Clarke & Büttcher, SIGIR 2009, doi 10.1145/1571941.1572114.
RRF_K = 60


def rank(task: Task, tick: Tick) -> Run:
    lists = [bm25.rank(task, tick), dense.rank(task, lambda: None)]
    return Run.from_scores({need: fuse([run.of(need) for run in lists], task.depth) for need in task.need_ids})


def fuse(rankings: list[tuple[str, ...]], depth: int) -> dict[str, float]:
    """Σ 1 / (RRF_K + rank) of each listing over the rankings that hold it; the best `depth`."""
    scores: defaultdict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank_, listing in enumerate(ranking, start=1):
            scores[listing] += 1.0 / (RRF_K + rank_)
    best = sorted(scores, key=lambda listing: (-scores[listing], listing))[:depth]
    return {listing: scores[listing] for listing in best}
