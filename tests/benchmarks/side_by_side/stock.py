"""Stock: the catalogue that every system searches, with vectors that are there already, and the needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoder
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.listings_file import read_listings
from matcher.catalogue.needs_file import read_needs
from matcher.retrieval.views import full_text
from matcher.settings import Settings
from tests.benchmarks.rivals.task import listing_text, read_rows
from tests.benchmarks.speed import Grower

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

#: The needs that are judged and those that are not: the more there are, the longer none comes twice.
NEEDS = (Path("datasets/needs_dev.jsonl"), Path("datasets/needs_train.jsonl"))
#: Each of the two fields that are filtered by has so many values, as often the one as the other.
VALUES = 100
LISTINGS, STAMP, NUMBERS, TEXTS = "listings.jsonl", "stamp.json", "numbers.npz", "texts.json"


@dataclass(frozen=True, slots=True)
class Filter:
    """Listings whose `region` and whose `branch` are both below a limit: a condition on two fields."""

    name: str
    region: int
    branch: int

    def passing(self, stock: Stock) -> Numbers:
        """Rows that pass, ascending."""
        return np.flatnonzero((stock.region < self.region) & (stock.branch < self.branch))


#: Shares of `VALUES` × `VALUES` pairs: 20.25 %, 4 %, 1 % and 0.1 %.
FILTERS = (Filter("20 %", 45, 45), Filter("4 %", 20, 20), Filter("1 %", 10, 10), Filter("0.1 %", 2, 5))


@dataclass(frozen=True, slots=True)
class Stock:
    """What lies in a folder.

    Attributes:
        ids, texts: of the listings, in order of the file. vectors: float32 [n, d], unit length, parallel.
        region, branch: int64 [n], drawn at random; no system knows them from the texts.
        needs: texts. need_vectors: float32 [m, d].
    """

    folder: Path
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    vectors: Floats
    region: Numbers
    branch: Numbers
    needs: tuple[str, ...]
    need_vectors: Floats

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def listings(self) -> Path:
        """The listings as PilotMatch loads them."""
        return self.folder / LISTINGS


def read_stock(folder: Path) -> Stock:
    """What `write_stock` left in a folder."""
    texts = json.loads((folder / TEXTS).read_text(encoding="utf-8"))
    with np.load(folder / NUMBERS, allow_pickle=False) as numbers:
        return Stock(
            folder,
            tuple(texts["ids"]),
            tuple(texts["texts"]),
            needs=tuple(texts["needs"]),
            **{name: numbers[name] for name in ("vectors", "region", "branch", "need_vectors")},
        )


def write_stock(
    folder: Path, ids: Sequence[str], texts: Sequence[str], vectors: Floats, needs: Sequence[str], need_vectors: Floats
) -> None:
    """Everything but the listings file, with fields to filter by."""
    drawn = np.random.default_rng(0).integers(0, VALUES, (2, len(ids)))
    np.savez(folder / NUMBERS, vectors=vectors, need_vectors=need_vectors, region=drawn[0], branch=drawn[1])
    content = {"ids": list(ids), "texts": list(texts), "needs": list(needs)}
    (folder / TEXTS).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def make_stock(folder: Path, size: int, grower: Grower, settings: Settings, encoder: Encoder) -> Stock:
    """The stock of a size, made anew unless an earlier run left the same one."""
    stamp = json.dumps([size, encoder.fingerprint, *(_digest(path) for path in (*NEEDS, _shipped(settings)))])
    if not _has(folder, stamp):
        listings = grower.prepare(folder, size)
        rows = read_rows(listings)
        stored = Encodings(folder / "encodings", encoder).each([full_text(one) for one in read_listings(listings)])
        needs = [need.text for path in NEEDS for need in read_needs(path)[0]]
        write_stock(
            folder,
            [str(row["id"]) for row in rows],
            [listing_text(row) for row in rows],
            np.array([one.vector for one in stored], np.float32),
            needs,
            encoder.encode_needs(needs),
        )
        (folder / STAMP).write_text(stamp, encoding="utf-8")
    return read_stock(folder)


def _has(folder: Path, stamp: str) -> bool:
    path = folder / STAMP
    return path.exists() and path.read_text(encoding="utf-8") == stamp


def _shipped(settings: Settings) -> Path:
    return settings.dataset(LISTINGS)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fresh(text: str, number: int) -> str:
    """The text with one character left out, another for each number up to its length: as long as a need is, and in no
    system's memory."""
    at = number % len(text) if text else 0
    return text[:at] + text[at + 1 :]


def recall(found: Sequence[str], truth: Sequence[str]) -> float:
    """Share of the true ones that were found; 1 where nothing was to be found."""
    return len(set(found) & set(truth)) / len(truth) if truth else 1.0


def nearest_of(stock: Stock, vector: Floats, rows: Numbers, count: int) -> list[str]:
    """Ids of the `count` rows of greatest cosine, by comparing with every one of them."""
    cosines = stock.vectors[rows].astype(np.float64) @ vector.astype(np.float64)
    order = np.argsort(-cosines, kind="stable")[:count]
    return [stock.ids[row] for row in rows[order]]
