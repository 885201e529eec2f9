"""What the re-ranker reads of a listing, and how its reading enters the ranking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.ranking.features import FEATURES, JOINT
from matcher.ranking.ranked import Ranked
from matcher.ranking.ranker import DECIMALS, Ranker
from matcher.records import KIND_NAMES, Listing

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
#: float32 [n] log-odds for a need's text and n cards; `embeddings.reranker.Reranker.scores` is one.
Scores = Callable[[str, Sequence[str]], Floats]

#: The first of a list of equipment are what a listing is known for; the re-ranker reads 110 tokens in all.
CARD_EQUIPMENT = 6
#: Log-odds of judged pairs lie within ±8 but for one in a thousand.
ODDS_MAX = 8.0
#: The least that a pair which was read has: more than 0, which is one that was not.
READ = 0.01
_COLUMN = FEATURES.index(JOINT)
#: Candidates read at first, and more of them at a time: one for each of two cores, so that none waits for another.
FIRST, STEP = 6, 2
#: Reading ends once the next candidate, read `DOUBT` log-odds better than those before it on average, would still not
#: be among the first `PODIUM`. Log-odds of a need's candidates spread by 0.62; this is three times that. Out of fold
#: 10.9 of 16 are read on average (see DECISIONS).
PODIUM, DOUBT = 5, 1.95


class PairReader(Protocol):
    """What reads pairs; `embeddings.reranker.Reranker` does."""

    def scores(self, need: str, cards: Sequence[str]) -> Floats:
        """As `Scores`."""
        ...

    def begin(self, need: str) -> None:
        """Begin to read a need beside the caller."""
        ...

    def keep(self, cards: Sequence[str]) -> int:
        """Read cards ahead of any need; how many were new."""
        ...


class Lazily:
    """A re-ranker that is opened when a profile first wants it: not every one does, and it takes 0.1 GB.

    Args:
        opened: given whether few layers read needs.
    """

    def __init__(self, opened: Callable[[bool], PairReader]) -> None:
        self._opened, self._few = cache(opened), False

    def after(self, few: bool) -> Lazily:
        """The one that goes on from needs read by few layers, or by all."""
        other = copy(self)
        other._few = few
        return other

    def prepare(self) -> None:
        """Open it now, so that no request has to wait; errors as its own."""
        self._open()

    def _open(self) -> PairReader:
        return self._opened(self._few)

    def begin(self, text: str) -> None:
        """Begin to read a need whose first candidates will be read with it."""
        self._open().begin(text)

    def keep(self, cards: Sequence[str]) -> int:
        """Read cards ahead of any need; how many were new."""
        return self._open().keep(cards)

    def __call__(self, text: str, cards: Sequence[str]) -> Floats:
        return self._open().scores(text, cards)


def card(listing: Listing) -> str:
    """Kind, name, capabilities, first equipment and summary: what tells whether it is worth a call."""
    parts = (
        f"{KIND_NAMES[listing.kind]}:{listing.name}",
        "、".join(listing.capabilities),
        "、".join(listing.equipment[:CARD_EQUIPMENT]),
        listing.summary,
    )
    return "。".join(part for part in parts if part)


def joint_feature(odds: Floats) -> Floats:
    """Log-odds [n] as the feature `JOINT`: from `READ` to READ + 2 · ODDS_MAX, rising."""
    feature: Floats = np.clip(odds, -ODDS_MAX, ODDS_MAX).astype(np.float32) + np.float32(ODDS_MAX + READ)
    return feature


def read_first(ranked: Ranked, count: int, read: Callable[[NDArray[np.int64]], Floats], ranker: Ranker) -> Ranked:
    """The first candidates in a new order, by scores that the re-ranker's reading is part of.

    It reads a few, and goes on while the next one might still come among the best; at most `count`. What was read stays
    before all others: it gains, and nobody loses. How many are read depends on nothing that is asked of a list, so a
    longer list begins like a shorter one.

    Args:
        ranked: best first, nothing read. read: float32 [n] log-odds for rows of the catalogue.
    """
    count = min(count, len(ranked.rows))
    features, scores = ranked.features.copy(), ranked.scores.copy()
    done = 0
    while done < count and not _is_settled(ranked, features, scores, done, ranker):
        part = slice(done, min(done + (STEP if done else FIRST), count))
        features[part, _COLUMN] = joint_feature(read(ranked.rows[part]))
        # Added to what is there: a score may hold more than features, such as what a stale listing loses.
        gained = ranker.scores(features[part]) - ranker.scores(ranked.features[part])
        scores[part] = np.round(scores[part] + gained, DECIMALS)
        done = part.stop
    # Ties in the order of rows, which is that of ids, as everywhere.
    order = np.lexsort((ranked.rows[:done], -scores[:done]))
    places = np.concatenate([order, np.arange(done, len(scores))])
    return Ranked(ranked.rows[places], scores[places], features[places])


def _is_settled(ranked: Ranked, features: Floats, scores: Doubles, done: int, ranker: Ranker) -> bool:
    """Whether the next candidate could hardly come among the best, read as well as those before it, and better."""
    if done < PODIUM:
        return False
    hoped = np.zeros((1, len(FEATURES)), np.float32)
    hoped[0, _COLUMN] = features[:done, _COLUMN].mean() + DOUBT
    return bool(ranked.scores[done] + ranker.scores(hoped)[0] < np.partition(scores[:done], -PODIUM)[-PODIUM])
