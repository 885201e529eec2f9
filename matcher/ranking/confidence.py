"""How sure an answer is that it holds something worth a call: what the top of the list looks like, as numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.features import FEATURES

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]

#: What is looked at: the best score and how it falls, and how near the first and the nearest listings are by several
#: signals.
ANSWER_FEATURES = (
    "best_score", "page_drop", "tail_drop", "late_max", "late_top", "dense_max", "dense_top", "dense_short_max",
    "words_max", "words_top", "industry_top",
)  # fmt: skip
#: "Top" are the first three: one may be luck.
_TOP = 3
#: Where what fits stands out, the score falls over the first page; where nothing does, the list is level from the
#: tenth place to far behind.
_PAGE, _FAR = 9, 40
_COLUMN = {name: column for column, name in enumerate(FEATURES)}


def answer_features(scores: Doubles, features: Floats) -> Doubles:
    """float64 [len(ANSWER_FEATURES)] of one answer; its candidates best first.

    Args:
        scores: [c], c ≥ 1. features: [c, len(FEATURES)].
    """
    late, dense, short, words, industry = (
        features[:, _COLUMN[name]] for name in ("late", "dense", "dense_short", "words", "industry_meets")
    )
    last = len(scores) - 1
    page, far = scores[min(_PAGE, last)], scores[min(_FAR, last)]
    return np.array(
        [
            scores[0],
            scores[0] - page,
            page - far,
            late.max(),
            late[:_TOP].mean(),
            dense.max(),
            dense[:_TOP].mean(),
            short.max(),
            words.max(),
            words[:_TOP].mean(),
            industry[:_TOP].mean(),
        ],
        np.float64,
    )
