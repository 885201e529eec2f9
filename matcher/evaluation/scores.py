"""Scores of one run, need by need: what means, intervals, slices and paired tests are taken over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.evaluation import metrics
from matcher.evaluation.judgements import Judgements
from matcher.evaluation.runs import Run

#: Measures by the name they are reported under.
METRICS: Mapping[str, Callable[[Sequence[str], Mapping[str, int]], float]] = {
    f"ndcg@{metrics.NDCG_DEPTH}": metrics.ndcg,
    f"recall@{metrics.RECALL_DEPTH}": metrics.recall,
    "mrr": metrics.reciprocal_rank,
    f"judged@{metrics.NDCG_DEPTH}": metrics.judged,
}
MAIN_METRIC = f"ndcg@{metrics.NDCG_DEPTH}"
JUDGED_METRIC = f"judged@{metrics.NDCG_DEPTH}"


@dataclass(frozen=True, slots=True)
class RunScores:
    """Scores of the answerable needs.

    Attributes:
        need_ids: needs with a grade ≥ RELEVANT, in ascending order, so that runs can be paired by position.
        values: metric name → float64 [need_ids].
        left_out: judged needs without such a grade; they are in no mean.
        unranked: how many of `need_ids` the run has no listing for; they score 0.
    """

    need_ids: tuple[str, ...]
    values: Mapping[str, NDArray[np.float64]]
    left_out: tuple[str, ...]
    unranked: int

    def of(self, metric: str, need_ids: Collection[str]) -> NDArray[np.float64]:
        """One metric's scores for these needs, in the order of `self.need_ids`; others are passed over."""
        mask = np.fromiter((need in need_ids for need in self.need_ids), dtype=bool, count=len(self.need_ids))
        chosen: NDArray[np.float64] = self.values[metric][mask]
        return chosen


def score_run(run: Run, judgements: Judgements, need_ids: Iterable[str] | None = None) -> RunScores:
    """Scores a run on the judged ones of `need_ids` (by default on every judged need)."""
    judged = sorted(set(judgements.need_ids) & set(judgements.need_ids if need_ids is None else need_ids))
    answerable = tuple(need for need in judged if judgements.is_answerable(need))
    rankings = [run.of(need) for need in answerable]
    values = {
        name: np.array(
            [measure(ranking, judgements.of(need)) for ranking, need in zip(rankings, answerable, strict=True)],
            dtype=np.float64,
        )
        for name, measure in METRICS.items()
    }
    return RunScores(
        need_ids=answerable,
        values=values,
        left_out=tuple(need for need in judged if need not in set(answerable)),
        unranked=sum(not ranking for ranking in rankings),
    )
