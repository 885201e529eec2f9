"""What changed among the first ten: listings that came in, went out and moved, need by need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matcher.evaluation.metrics import NDCG_DEPTH
from matcher.evaluation.runs import Run


@dataclass(frozen=True, slots=True)
class RunDifference:
    """One need: ids that entered the first ten and left them, and (id, rank before, rank after) of those that moved.

    Ranks are from 1; `first_changed` tells whether another listing comes first now.
    """

    need_id: str
    entered: tuple[str, ...]
    left: tuple[str, ...]
    moved: tuple[tuple[str, int, int], ...]
    first_changed: bool


def run_differences(before: Run, after: Run, need_ids: Iterable[str], depth: int = NDCG_DEPTH) -> list[RunDifference]:
    """Of the needs whose first `depth` are not the same in the same order, the most changed first."""
    found = [_difference(need_id, before.of(need_id)[:depth], after.of(need_id)[:depth]) for need_id in need_ids]
    changed = [one for one in found if one.entered or one.left or one.moved]
    return sorted(changed, key=lambda one: (-len(one.entered) - len(one.left), -len(one.moved), one.need_id))


def _difference(need_id: str, before: tuple[str, ...], after: tuple[str, ...]) -> RunDifference:
    old = {listing: rank for rank, listing in enumerate(before, 1)}
    new = {listing: rank for rank, listing in enumerate(after, 1)}
    return RunDifference(
        need_id=need_id,
        entered=tuple(listing for listing in after if listing not in old),
        left=tuple(listing for listing in before if listing not in new),
        moved=tuple((one, old[one], rank) for one, rank in new.items() if one in old and old[one] != rank),
        first_changed=before[:1] != after[:1],
    )
