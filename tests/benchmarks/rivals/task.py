"""Task: what every system is given. Texts and vectors are made once and shared, so that only the ranking differs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.records import SUPPLY_KINDS, Kind

#: Deeper than recall@50 asks, so that a fused list is never short of candidates.
DEPTH = 100

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Task:
    """Rank `listing_ids` for each of `need_ids`.

    Attributes:
        listing_texts, need_texts: parallel to the ids.
        listing_vectors, need_vectors: float32 [ids, d], unit length; passages and queries of one encoder.
        depth: how many listings a ranking may hold.
    """

    listing_ids: tuple[str, ...]
    listing_texts: tuple[str, ...]
    listing_vectors: NDArray[np.float32]
    need_ids: tuple[str, ...]
    need_texts: tuple[str, ...]
    need_vectors: NDArray[np.float32]
    depth: int = DEPTH

    def needs(self) -> list[tuple[str, str, NDArray[np.float32]]]:
        """(id, text, vector) of each need."""
        return list(zip(self.need_ids, self.need_texts, self.need_vectors, strict=True))


Row = Mapping[str, object]


def read_rows(path: Path) -> list[Row]:
    """One JSON object a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def supply(rows: Sequence[Row]) -> list[Row]:
    """Listings that answer needs; cases and policies are not judged."""
    return [row for row in rows if row["kind"] in SUPPLY_KINDS]


def kinds_of(rows: Sequence[Row]) -> dict[str, Kind]:
    """Kind by listing id."""
    return {str(row["id"]): kind for row in rows for kind in SUPPLY_KINDS if row["kind"] == kind}


def listing_text(row: Row) -> str:
    """Every field a requester could ask for, in one text; the same for all systems."""
    fields = ("name", "operator", "province", "city", "industry", "summary", "capabilities", "equipment")
    parts = [_words(row.get(field)) for field in fields]
    parts.append(" ".join(_parameter(parameter) for parameter in _objects(row.get("parameters"))))
    parts += [_words(row.get(field)) for field in ("qualifications", "services", "level")]
    return "。".join(part for part in parts if part)


def need_text(row: Row) -> str:
    """Title and description."""
    return "。".join(part for part in (_words(row.get("title")), _words(row.get("description"))) if part)


def _words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)


def _objects(value: object) -> list[Row]:
    return list(value) if isinstance(value, list) else []


def _parameter(parameter: Row) -> str:
    ends = [_words(parameter.get(end)) for end in ("min", "max")]
    span = "–".join(dict.fromkeys(end for end in ends if end))
    return f"{_words(parameter.get('name'))} {span}{_words(parameter.get('unit'))}".strip()
