"""Candidates in order of rank, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.features import FEATURES


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidates in order of rank: rows of the catalogue, scores and feature rows, all of one length."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]
    features: NDArray[np.float32]


NOTHING = Ranked(np.zeros(0, np.int64), np.zeros(0), np.zeros((0, len(FEATURES)), np.float32))
