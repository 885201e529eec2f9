"""LanceDB, as `tests.benchmarks.rivals.lancedb_hybrid` has it: jieba words, exact vectors, RRF."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import jieba
import lancedb
from lancedb.index import FTS
from lancedb.rerankers import RRFReranker

from tests.benchmarks.side_by_side.search import DEPTH, TOP
from tests.benchmarks.side_by_side.stock import VALUES, Filter, Floats, Stock

TABLE = "listings"
#: Rows handed over at once.
PART = 5_000


class LanceSearch:
    threads = True

    def __init__(self, folder: Path) -> None:
        _language_model(folder)
        self._table = lancedb.connect(folder / "db").open_table(TABLE)
        self._reranker = RRFReranker()

    def hybrid(self, text: str, vector: Floats) -> list[str]:
        query = self._table.search(query_type="hybrid").vector(vector).text(text).distance_type("cosine")
        found = query.rerank(self._reranker).select(["id"]).limit(DEPTH).to_list()
        return [row["id"] for row in found[:TOP]]

    def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
        query = self._table.search(vector).distance_type("cosine")
        if only is not None:
            query = query.where(f"region < {only.region} AND branch < {only.branch}", prefilter=True)
        return [row["id"] for row in query.select(["id"]).limit(TOP).to_list()]

    def add(self, listing_id: str, text: str, vector: Floats) -> None:
        self._table.add(
            [{"id": listing_id, "text": text, "vector": vector.tolist(), "region": VALUES, "branch": VALUES}]
        )

    def close(self) -> None:
        pass


def build(stock: Stock, folder: Path) -> None:
    _language_model(folder)
    parts = [range(start, min(start + PART, len(stock))) for start in range(0, len(stock), PART)]
    table = lancedb.connect(folder / "db").create_table(TABLE, [_row(stock, row) for row in parts[0]])
    for part in parts[1:]:
        table.add([_row(stock, row) for row in part])
    # Stemming and stop words are for English.
    table.create_index("text", config=FTS(base_tokenizer="jieba/default", stem=False, remove_stop_words=False))
    table.optimize()


def open_index(folder: Path) -> LanceSearch:
    return LanceSearch(folder)


def _row(stock: Stock, row: int) -> dict[str, object]:
    return {
        "id": stock.ids[row],
        "text": stock.texts[row],
        "vector": stock.vectors[row].tolist(),
        "region": int(stock.region[row]),
        "branch": int(stock.branch[row]),
    }


def _language_model(folder: Path) -> None:
    """Its jieba reads the dictionary of the jieba package from a folder of its own."""
    model = folder / "models" / "jieba" / "default"
    if not model.exists():
        model.mkdir(parents=True)
        shutil.copy(Path(jieba.__file__).with_name("dict.txt"), model / "dict.txt")
    os.environ["LANCE_LANGUAGE_MODEL_HOME"] = str((folder / "models").resolve())
