"""txtai: `hybrid` index (BM25 and vectors, convex combination of normalised scores), external vectors.

Its tokenizer follows Unicode word boundaries, which fall between all Chinese characters; the second set-up gives it
jieba words instead, through its documented white-space tokenizer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from txtai import Embeddings

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals.task import Task, Tick
from tests.benchmarks.rivals.words import spaced


def rank(task: Task, tick: Tick) -> Run:
    return _rank(task, tick, list(task.listing_texts), list(task.need_texts), {})


def rank_words(task: Task, tick: Tick) -> Run:
    listings, needs = [spaced(text) for text in task.listing_texts], [spaced(text) for text in task.need_texts]
    return _rank(task, tick, listings, needs, {"tokenizer": {"whitespace": True}})


def _rank(task: Task, tick: Tick, listings: list[str], needs: list[str], scoring: dict[str, object]) -> Run:
    vectors = {
        **dict(zip(listings, task.listing_vectors, strict=True)),
        **dict(zip(needs, task.need_vectors, strict=True)),
    }

    def transform(texts: list[str]) -> NDArray[np.float32]:
        return np.stack([vectors[text] for text in texts])

    index = Embeddings(
        method="external",
        transform=transform,
        # What `hybrid=True` expands to, spelled out because the tokenizer can only be named here.
        hybrid=True,
        scoring={"method": "bm25", "terms": True, "normalize": True, **scoring},
    )
    index.index(list(zip(task.listing_ids, listings, strict=True)))
    rankings = {}
    for need, text in zip(task.need_ids, needs, strict=True):
        rankings[need] = [listing for listing, _ in index.search(text, task.depth)]
        tick()
    index.close()
    return Run.from_rankings(rankings)
