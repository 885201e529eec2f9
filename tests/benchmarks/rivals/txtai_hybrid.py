"""txtai: `hybrid` index over BM25 and external vectors.

As shipped, its tokenizer follows Unicode word boundaries, which fall between all Chinese characters, and normalised
scores are added. The second set-up is the best of its options tried here (characters, character bigrams or jieba words;
scores normalised, calibrated or, as here, fused by its reciprocal rank fusion).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from txtai import Embeddings

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals.task import Task, Tick


def rank(task: Task, tick: Tick) -> Run:
    return _rank(task, tick, {"normalize": True})


def rank_bigrams(task: Task, tick: Tick) -> Run:
    return _rank(task, tick, {"normalize": False, "tokenizer": {"ngrams": {"ngrams": 2}}})


def _rank(task: Task, tick: Tick, scoring: dict[str, object]) -> Run:
    vectors = {
        **dict(zip(task.listing_texts, task.listing_vectors, strict=True)),
        **dict(zip(task.need_texts, task.need_vectors, strict=True)),
    }

    def transform(texts: list[str]) -> NDArray[np.float32]:
        return np.stack([vectors[text] for text in texts])

    index = Embeddings(
        method="external",
        transform=transform,
        hybrid=True,
        scoring={"method": "bm25", "terms": True, **scoring},
    )
    index.index(list(zip(task.listing_ids, task.listing_texts, strict=True)))
    rankings = {}
    for need, text in zip(task.need_ids, task.need_texts, strict=True):
        rankings[need] = [listing for listing, _ in index.search(text, task.depth)]
        tick()
    index.close()
    return Run.from_rankings(rankings)
