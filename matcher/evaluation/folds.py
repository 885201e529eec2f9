"""Folds: needs split for cross-validation, each by its own id."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from matcher.errors import InvalidInput


def fold_of(need_id: str, k: int = 5, seed: int = 0) -> int:
    """The fold 0 … k − 1 of a need: a hash of id and seed modulo k, the same on every machine and in every year.

    Folds are only about equal in size; in return a need added later moves no other need to another fold, so
    figures stay comparable.
    """
    digest = blake2b(f"{seed}:{need_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % k


def folds(need_ids: Iterable[str], k: int = 5, seed: int = 0) -> tuple[tuple[str, ...], ...]:
    """k disjoint folds that together hold every need once, each in ascending order; a fold may be empty.

    Raises:
        InvalidInput: k is below 2.
    """
    if k < 2:
        raise InvalidInput(f"交叉验证至少分 2 份,收到 {k}", field="k")
    parts: list[list[str]] = [[] for _ in range(k)]
    for need_id in sorted(set(need_ids)):
        parts[fold_of(need_id, k, seed)].append(need_id)
    return tuple(map(tuple, parts))
