"""What a parameter's name measures (datasets/parameter_names.csv): names that mean the same, and how they compare.

Each row is a *meaning* (volume.fermenter) with the names it goes by (发酵罐, 发酵容积 …), the dimensions it has, the
broader meanings above it, how a demand is compared with an offer (`sense`), and what the number binds (`side`).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal, cast, get_args

from matcher.errors import BrokenArtefact

PARAMETER_NAMES: Final = Path(__file__).resolve().parents[2] / "datasets" / "parameter_names.csv"

#: covers: a bigger offer answers a smaller demand. finer: a smaller one does (line width, tolerance, clean-room class).
#: within: the demand must lie inside the offer. member: the offer is made for named sizes only (wafers, nodes).
#: reaches: a value that a product attained.
Sense = Literal["covers", "finer", "within", "member", "reaches"]
#: facility: the number limits what can be done there. product: it describes what was made there once.
#: none: it describes the organisation or the site and answers no demand.
Side = Literal["facility", "product", "none"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of the table; `above` holds its own id and those of all broader meanings."""

    id: str
    sense: Sense
    side: Side
    above: frozenset[str]

    def related(self, other: Meaning) -> bool:
        """Whether one is the other or broader than the other; two kinds of the same broader thing are not."""
        return self.id in other.above or other.id in self.above


class Meanings:
    """Look-ups over the table."""

    def __init__(self, rows: list[dict[str, str]]) -> None:
        self.by_id = _meanings(rows)
        self._broad = {parent for meaning in self.by_id.values() for parent in meaning.above - {meaning.id}}
        self._names: dict[str, list[tuple[str, Meaning]]] = {}
        for row in rows:
            for dimension in row["dimensions"].split("|"):
                names = self._names.setdefault(dimension, [])
                names += [(name.lower(), self.by_id[row["meaning"]]) for name in row["names"].split("|")]

    def of(self, name: str, dimension: str) -> Meaning | None:
        """The meaning of a name in a dimension, None where no known name stands in it.

        The longest name wins; of two as long that of one thing before that of many (储罐 before 容积), then the later.
        """
        folded = name.lower()
        best = (0, False, -1)
        found = None
        for known, meaning in self._names.get(dimension, ()):
            position = folded.rfind(known)
            if position < 0:
                continue
            rank = (len(known), meaning.id not in self._broad, position)
            if rank > best:
                best, found = rank, meaning
        return found


@cache
def meanings() -> Meanings:
    """The shipped table.

    Raises:
        BrokenArtefact: datasets/parameter_names.csv is missing or is not what this version reads.
    """
    try:
        with PARAMETER_NAMES.open(encoding="utf-8", newline="") as lines:
            return Meanings(list(csv.DictReader(lines)))
    except (OSError, KeyError, ValueError, AttributeError) as error:
        raise BrokenArtefact(
            f"{PARAMETER_NAMES.name} 缺失或损坏: {error}", hint="请从源码仓库恢复 datasets 目录"
        ) from error


@lru_cache(maxsize=65536)
def meaning_of(name: str, dimension: str) -> Meaning | None:
    """`Meanings.of` on the shipped table, remembered: catalogues repeat their names."""
    return meanings().of(name, dimension)


def _meanings(rows: list[dict[str, str]]) -> dict[str, Meaning]:
    parents = {row["meaning"]: [parent for parent in row["parents"].split("|") if parent] for row in rows}
    if len(parents) != len(rows):
        raise ValueError("a meaning is given twice")
    return {row["meaning"]: _meaning(row, _above(row["meaning"], parents)) for row in rows}


def _meaning(row: dict[str, str], above: frozenset[str]) -> Meaning:
    if row["sense"] not in get_args(Sense) or row["side"] not in get_args(Side):
        raise ValueError(f"{row['meaning']}: {row['sense']}, {row['side']}")
    return Meaning(row["meaning"], cast(Sense, row["sense"]), cast(Side, row["side"]), above)


def _above(meaning: str, parents: dict[str, list[str]]) -> frozenset[str]:
    """All meanings above one and itself. Raises KeyError for an unknown parent; a circle ends where it closes."""
    found: set[str] = set()
    open_ends = [meaning]
    while open_ends:
        current = open_ends.pop()
        if current not in found:
            found.add(current)
            open_ends += parents[current]
    return frozenset(found)
