"""txtai, as `tests.benchmarks.rivals.txtai_hybrid` has it: character bigrams, reciprocal rank fusion.

The index for filters is another one, vectors with a database beside them: without that txtai can't filter, and with it
every search is slower.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from txtai import Embeddings

from tests.benchmarks.side_by_side.search import DEPTH, TOP
from tests.benchmarks.side_by_side.stock import Filter, Floats, Stock

HYBRID, FILTERED = "hybrid", "filtered"
CONFIGURATION: dict[str, Any] = {
    "method": "external",
    "hybrid": True,
    "scoring": {"method": "bm25", "terms": True, "normalize": False, "tokenizer": {"ngrams": {"ngrams": 2}}},
}


class TxtaiSearch:
    # Its BM25 keeps a connection to SQLite, which stays in the thread that opened it.
    threads = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._vectors = _Vectors()
        self._hybrid = _loaded(folder / HYBRID, self._vectors)
        self._filtered: Embeddings | None = None

    def hybrid(self, text: str, vector: Floats) -> list[str]:
        self._vectors.one = vector
        return [listing for listing, _ in self._hybrid.search(text, DEPTH)[:TOP]]

    def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
        if self._filtered is None:
            self._filtered = _loaded(self._folder / FILTERED, self._vectors)
        self._vectors.one = vector
        condition = f" and region < {only.region} and branch < {only.branch}" if only else ""
        found = self._filtered.search(f"select id from txtai where similar('-'){condition} limit {TOP}", TOP)
        return [row["id"] for row in found]

    def add(self, listing_id: str, text: str, vector: Floats) -> None:
        self._vectors.one = vector
        self._hybrid.upsert([(listing_id, text)])

    def close(self) -> None:
        self._hybrid.close()


class _Vectors(threading.local):
    """The vector of the one text that this thread asks for."""

    one: Floats

    def __call__(self, texts: list[str]) -> Floats:
        return np.tile(self.one, (len(texts), 1))


def build(stock: Stock, folder: Path) -> None:
    vectors = dict(zip(stock.texts, stock.vectors, strict=True))

    def transform(texts: list[str]) -> Floats:
        return np.stack([vectors[text] for text in texts])

    index = Embeddings({**CONFIGURATION, "transform": transform})
    index.index(list(zip(stock.ids, stock.texts, strict=True)))
    _save(index, folder / HYBRID)


def build_filtered(stock: Stock, folder: Path) -> None:
    vectors = dict(zip(stock.texts, stock.vectors, strict=True))

    def transform(texts: list[str]) -> Floats:
        return np.stack([vectors[text] for text in texts])

    index = Embeddings({"method": "external", "transform": transform, "content": True})
    rows = zip(stock.ids, stock.texts, stock.region.tolist(), stock.branch.tolist(), strict=True)
    index.index([(key, {"text": text, "region": region, "branch": branch}) for key, text, region, branch in rows])
    _save(index, folder / FILTERED)


def open_index(folder: Path) -> TxtaiSearch:
    return TxtaiSearch(folder)


def _save(index: Embeddings, path: Path) -> None:
    index.config["transform"] = None  # a function can't be saved
    index.save(str(path))
    index.close()


def _loaded(path: Path, vectors: _Vectors) -> Embeddings:
    def transform(texts: list[str]) -> Floats:
        return vectors(texts)

    index = Embeddings()
    index.load(str(path), config={"transform": transform})
    return index
