"""Named features of a (need, listing) pair: what retrieval measured and how the conditions stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.records import Listing, PlaceRequirement, Requirement
from matcher.retrieval.retriever import SIGNALS

Floats = NDArray[np.float32]

#: Types of requirement whose outcomes count; budget and deadline are too rarely answerable to be learnt from.
FIT_TYPES = ("kind", "place", "quantity", "certificate", "industry", "stage")
#: A met condition is worth at least nothing and a missed one at most nothing: the ranker holds these weights ≥ 0.
FIT_FEATURES = tuple(f"{kind}_{outcome}" for kind in FIT_TYPES for outcome in ("meets", "misses"))
#: How much a listing says of itself: one that says nothing can't be checked.
COMPLETENESS = "completeness"
#: What the re-ranker makes of need and listing together, from 0 (unlike, or not read) up: see `reranking`.
JOINT = "joint"
FEATURES = (*SIGNALS, *FIT_FEATURES, COMPLETENESS, JOINT)

#: What each feature is, for those who set weights.
DESCRIPTIONS = {
    "words": "需求词语(含同义词)在条目全文中的 BM25 得分,占可能最高分的比例",
    "ngrams": "需求的二、三字片段在条目全文中的 BM25 得分,占可能最高分的比例",
    "words_short": "需求词语在条目名称与能力中的 BM25 得分,占可能最高分的比例",
    "ngrams_short": "需求的二、三字片段在条目名称与能力中的 BM25 得分,占可能最高分的比例",
    "dense": "需求与条目全文的语义相似度(余弦)",
    "dense_short": "需求与条目名称、能力的语义相似度(余弦)",
    "late": "需求每个词在条目中最相近词的相似度平均",
    **{f"{kind}_meets": f"{kind} 类要求中已满足的比例" for kind in FIT_TYPES},
    **{f"{kind}_misses": f"{kind} 类要求中未满足的比例,取负" for kind in FIT_TYPES},
    COMPLETENESS: "条目填写的完整程度",
    JOINT: "整体语义相符程度(重排模型把需求与条目放在一起读)",
}

_COLUMN = {name: column for column, name in enumerate(FEATURES)}
_FILLED = ("operator", "province", "summary", "capabilities", "equipment", "parameters", "qualifications", "services")


def completeness(listing: Listing) -> float:
    """Share of the fields that help a requester decide which are filled, in [0, 1]."""
    return sum(bool(getattr(listing, field)) for field in _FILLED) / len(_FILLED)


def was_read(features: Floats) -> bool:
    """Whether the re-ranker read the pair of these features [len(FEATURES)]."""
    return bool(features[_COLUMN[JOINT]] > 0)


def feature_matrix(
    signals: Floats, requirements: Sequence[Requirement], outcomes: NDArray[np.int8], complete: Floats
) -> Floats:
    """float32 [c, len(FEATURES)] in the order of `FEATURES`; `JOINT` is 0, since nothing has been read together yet.

    Args:
        signals: [c, len(SIGNALS)], as `Retrieved` has them.
        requirements: the r of the need. outcomes: [r, c], 1 where a candidate meets one, −1 where it misses, else 0.
        complete: [c], `completeness` of each.
    """
    features = np.zeros((len(signals), len(FEATURES)), np.float32)
    features[:, : len(SIGNALS)] = signals
    features[:, _COLUMN[COMPLETENESS]] = complete
    for kind in FIT_TYPES:
        places = [place for place, requirement in enumerate(requirements) if requirement.type == kind]
        if places:
            met: NDArray[np.bool_] = outcomes[places] > 0
            missed: NDArray[np.bool_] = outcomes[places] < 0
            if kind == PlaceRequirement.type:
                # Wanted places are alternatives: 广东、福建均可 is met in either and missed only outside of both.
                either = np.array([not getattr(requirements[place], "excluded", False) for place in places])
                if either.any():
                    met = np.vstack([met[either].max(axis=0, keepdims=True), met[~either]])
                    missed = np.vstack([missed[either].min(axis=0, keepdims=True), missed[~either]])
            features[:, _COLUMN[f"{kind}_meets"]] = met.mean(axis=0)
            features[:, _COLUMN[f"{kind}_misses"]] = -missed.mean(axis=0)
    return features
