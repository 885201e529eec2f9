"""Measures of one ranking against the grades of one need; each is a pure function.

A ranking is listing ids, best first; grades map listing id → 0–3, and an id without a grade counts as 0.
Needs without any grade ≥ `RELEVANT` have no right answer: these functions return 0.0 for them, and
`matcher.evaluation.scores` leaves them out of every mean and says how many it left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.errors import InvalidInput

#: Highest grade an assessor can give (shortlist).
MAX_GRADE = 3
#: Lowest grade that answers a need: "worth a call". Grade 1 only shares the broad field.
RELEVANT = 2
#: A requester reads about one screen of matches.
NDCG_DEPTH = 10
#: What a ranker may see of what retrieval found.
RECALL_DEPTH = 50


def grades_of(ranking: Sequence[str], grades: Mapping[str, int]) -> NDArray[np.int64]:
    """Grades along a ranking, int64 [len(ranking)]; 0 where a listing was not judged.

    Raises:
        InvalidInput: a listing stands twice in the ranking, which would count its grade twice.
    """
    if len(set(ranking)) != len(ranking):
        twice = Counter(ranking).most_common(1)[0][0]
        raise InvalidInput(f"条目 {twice} 在同一个排名里出现了两次", field="ranking")
    return np.fromiter((grades.get(listing, 0) for listing in ranking), dtype=np.int64, count=len(ranking))


def dcg(grades: NDArray[np.int64], k: int = NDCG_DEPTH) -> NDArray[np.float64]:
    """Discounted cumulative gain at k along the last axis: Σᵢ (2^gᵢ − 1) / log₂(i + 1), i = 1 … k.

    Args:
        grades: int [..., depth], in ranked order; rows shorter than k are taken as they are.

    Returns:
        float64 [...].

    Source: Burges et al., Learning to rank using gradient descent, ICML 2005, doi 10.1145/1102351.1102363.
    """
    _require_positive(k)
    top = np.asarray(grades)[..., :k]
    discounts = np.log2(np.arange(2, top.shape[-1] + 2))
    gained: NDArray[np.float64] = ((np.exp2(top) - 1.0) / discounts).sum(axis=-1)
    return gained


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], k: int = NDCG_DEPTH) -> float:
    """DCG@k over the DCG@k of the best order of all judged listings; in [0, 1], 0.0 where no grade is above 0.

    Source: Järvelin & Kekäläinen, TOIS 20(4), 2002, with the gain of Burges et al. 2005 (see `dcg`).
    """
    best = np.sort(np.fromiter(grades.values(), dtype=np.int64, count=len(grades)))[::-1]
    ideal = float(dcg(best, k))
    return float(dcg(grades_of(ranking, grades), k)) / ideal if ideal > 0 else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], k: int = RECALL_DEPTH) -> float:
    """|first k with grade ≥ RELEVANT| / |judged with grade ≥ RELEVANT|; in [0, 1], 0.0 where there is none.

    Source: Manning, Raghavan & Schütze, Introduction to Information Retrieval, 2008, §8.4.
    """
    _require_positive(k)
    wanted = sum(grade >= RELEVANT for grade in grades.values())
    found = int((grades_of(ranking, grades)[:k] >= RELEVANT).sum())
    return found / wanted if wanted else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """1 / rank of the first listing with grade ≥ RELEVANT, over the whole ranking; 0.0 where there is none.

    Its mean over needs is MRR. Source: Voorhees, The TREC-8 question answering track report, 1999.
    """
    hits = np.flatnonzero(grades_of(ranking, grades) >= RELEVANT)
    return 1.0 / (int(hits[0]) + 1) if hits.size else 0.0


def judged(ranking: Sequence[str], grades: Mapping[str, int], k: int = NDCG_DEPTH) -> float:
    """Share of the first k (or of all, where the ranking is shorter) that an assessor has seen; 0.0 for an empty one.

    A low share means that the other measures guess: a listing nobody judged counts as grade 0.
    """
    _require_positive(k)
    first = ranking[:k]
    return sum(listing in grades for listing in first) / len(first) if first else 0.0


def _require_positive(k: int) -> None:
    if k < 1:
        raise InvalidInput(f"截断深度 k 必须至少为 1,收到 {k}", field="k")
