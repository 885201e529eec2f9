"""One answer as it was shown, and what was done with it: no user, no address, no words of the need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Act = Literal["opened", "saved", "enquired", "contracted", "completed", "dismissed"]
ACTS: Final[tuple[Act, ...]] = ("opened", "saved", "enquired", "contracted", "completed", "dismissed")
ACT_NAMES: Final[dict[Act, str]] = {
    "opened": "打开",
    "saved": "收藏",
    "enquired": "提出对接",
    "contracted": "签约",
    "completed": "完成",
    "dismissed": "不合适",
}
#: What an act says of a pair, as a gain between 0 and 1; the furthest act counts. Opening is cheap and often curiosity;
#: a contract can't be had by mistake. Dismissing takes back what opening said.
GAINS: Final[dict[Act, float]] = {
    "opened": 0.25,
    "saved": 0.5,
    "enquired": 0.75,
    "contracted": 1.0,
    "completed": 1.0,
    "dismissed": 0.0,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer.

    Attributes:
        topic: what the need was about, coarse enough to tell nobody apart: a key that the caller makes.
        listings: ids in the order shown, place 1 first.
        acts: listing id → the acts it got.
        swapped: the place k where the listings of k and k + 1 might have been exchanged by chance, so that either
            stood there equally often; None where the answer took no part in that. exchanged: whether they were.
    """

    topic: str
    listings: tuple[str, ...]
    acts: Mapping[str, frozenset[Act]] = field(default_factory=dict)
    swapped: int | None = None
    exchanged: bool = False

    def gain(self, listing_id: str) -> float:
        """The gain of the furthest act; 0 where nothing was done."""
        done = self.acts.get(listing_id, frozenset())
        if "dismissed" in done and not done & {"enquired", "contracted", "completed"}:
            return GAINS["dismissed"]
        return max((GAINS[act] for act in done), default=0.0)
