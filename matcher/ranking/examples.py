"""Judged pairs as feature rows: what the ranker is learnt from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.match import Matcher
from matcher.ranking.features import FEATURES, JOINT
from matcher.records import Need

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Examples:
    """m judged pairs of some needs.

    Attributes:
        features: float32 [m, len(FEATURES)]. grades: int64 [m], 0–3, −1 where nobody judged the pair.
        needs: int64 [m], ascending, the need of each row as a place in `need_ids`.
        listing_ids: the listing of each row.
    """

    need_ids: tuple[str, ...]
    needs: NDArray[np.int64]
    listing_ids: tuple[str, ...]
    features: NDArray[np.float32]
    grades: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.grades)

    def rows_of(self, need: int) -> slice:
        """The rows of one need."""
        start, end = np.searchsorted(self.needs, [need, need + 1])
        return slice(int(start), int(end))

    def of(self, need_ids: Sequence[str]) -> Examples:
        """Those of some needs, in the order given."""
        return join([_one(self, self.need_ids.index(need_id)) for need_id in need_ids])


def collect(
    matcher: Matcher,
    needs: Sequence[Need],
    judgements: Mapping[str, Mapping[str, int]],
    progress: Progress | None = None,
    also: Sequence[str] = (),
) -> Examples:
    """Feature rows of all candidates of the needs and of all their judged listings that the catalogue holds.

    Args:
        also: further listings for every need. A matcher whose profile is not learnt yet has no good candidates of its
            own, and figures over judged listings alone would flatter.
    """
    parts = []
    for done, need in enumerate(needs, 1):
        grades = judgements.get(need.id or "", {})
        candidates = matcher.candidates(need, also=[*grades, *also])
        parts.append(
            Examples(
                need_ids=(need.id or "",),
                needs=np.zeros(len(candidates.rows), np.int64),
                listing_ids=tuple(matcher.catalogue.supply[row].id for row in candidates.rows),
                features=candidates.features,
                grades=np.array(
                    [grades.get(matcher.catalogue.supply[row].id, -1) for row in candidates.rows], np.int64
                ),
            )
        )
        if progress:
            progress(done, len(needs))
    return join(parts)


def read_first(
    examples: Examples, scores: NDArray[np.float64], count: int, read: Callable[[str, Sequence[str]], Floats]
) -> Examples:
    """The same rows with `JOINT` where a match would have it: in the `count` best rows of each need.

    Args:
        scores: [m], without the re-ranker. read: the feature `JOINT` of a need's id and n ids of listings, float32 [n].
    """
    features = examples.features.copy()
    for place, need_id in enumerate(examples.need_ids):
        span = examples.rows_of(place)
        best = np.argsort(-scores[span], kind="stable")[:count] + span.start
        features[best, FEATURES.index(JOINT)] = read(need_id, [examples.listing_ids[row] for row in best])
    return replace(examples, features=features)


def join(parts: Sequence[Examples]) -> Examples:
    """Several sets one after the other; their needs must differ."""
    sizes = np.cumsum([0, *(len(part.need_ids) for part in parts)])
    return Examples(
        need_ids=tuple(need_id for part in parts for need_id in part.need_ids),
        needs=np.concatenate(
            [np.zeros(0, np.int64), *(part.needs + size for part, size in zip(parts, sizes, strict=False))]
        ),
        listing_ids=tuple(listing_id for part in parts for listing_id in part.listing_ids),
        features=np.concatenate([np.zeros((0, len(FEATURES)), np.float32), *(part.features for part in parts)]),
        grades=np.concatenate([np.zeros(0, np.int64), *(part.grades for part in parts)]),
    )


def data_hash(paths: Sequence[Path]) -> str:
    """sha256 over files in the order given: what was learnt from."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _one(examples: Examples, need: int) -> Examples:
    rows = examples.rows_of(need)
    return Examples(
        need_ids=(examples.need_ids[need],),
        needs=np.zeros(rows.stop - rows.start, np.int64),
        listing_ids=examples.listing_ids[rows],
        features=examples.features[rows],
        grades=examples.grades[rows],
    )
