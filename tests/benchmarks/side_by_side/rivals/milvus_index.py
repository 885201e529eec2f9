"""Milvus Lite, as `tests.benchmarks.rivals.milvus_hybrid` has it: BM25 with its jieba analyzer, exact vectors, RRF."""

from __future__ import annotations

from pathlib import Path

from pymilvus import AnnSearchRequest, DataType, Function, FunctionType, MilvusClient, RRFRanker

from tests.benchmarks.side_by_side.search import DEPTH, TOP
from tests.benchmarks.side_by_side.stock import VALUES, Filter, Floats, Stock

COLLECTION, FILE = "listings", "listings.db"
#: Characters; the longest listing has under 2,000.
MAX_TEXT = 65_535
#: Rows a message: of a few MB, as its server takes them.
PART = 2_000


class MilvusSearch:
    threads = True

    def __init__(self, folder: Path) -> None:
        self._client = MilvusClient(str(folder / FILE))
        self._client.load_collection(COLLECTION)

    def hybrid(self, text: str, vector: Floats) -> list[str]:
        requests = [
            AnnSearchRequest([vector.tolist()], "vector", {"metric_type": "COSINE"}, limit=DEPTH),
            AnnSearchRequest([text], "words", {"metric_type": "BM25"}, limit=DEPTH),
        ]
        (found,) = self._client.hybrid_search(COLLECTION, requests, ranker=RRFRanker(), limit=TOP)
        return [hit["id"] for hit in found]

    def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
        condition = f"region < {only.region} and branch < {only.branch}" if only else ""
        (found,) = self._client.search(
            COLLECTION,
            [vector.tolist()],
            filter=condition,
            limit=TOP,
            anns_field="vector",
            search_params={"metric_type": "COSINE"},
        )
        return [hit["id"] for hit in found]

    def add(self, listing_id: str, text: str, vector: Floats) -> None:
        row = {"id": listing_id, "text": text, "vector": vector.tolist(), "region": VALUES, "branch": VALUES}
        self._client.insert(COLLECTION, [row])

    def close(self) -> None:
        self._client.close()


def build(stock: Stock, folder: Path) -> None:
    client = MilvusClient(str(folder / FILE))
    schema = client.create_schema()
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=64)
    schema.add_field(
        "text", DataType.VARCHAR, max_length=MAX_TEXT, enable_analyzer=True, analyzer_params={"tokenizer": "jieba"}
    )
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=stock.vectors.shape[1])
    schema.add_field("region", DataType.INT64)
    schema.add_field("branch", DataType.INT64)
    schema.add_function(Function("bm25", FunctionType.BM25, input_field_names=["text"], output_field_names=["words"]))
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type="FLAT", metric_type="COSINE")
    indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    client.create_collection(COLLECTION, schema=schema, index_params=indexes)
    for start in range(0, len(stock), PART):
        client.insert(COLLECTION, [_row(stock, row) for row in range(start, min(start + PART, len(stock)))])
    client.flush(COLLECTION)
    client.close()


def open_index(folder: Path) -> MilvusSearch:
    return MilvusSearch(folder)


def _row(stock: Stock, row: int) -> dict[str, object]:
    return {
        "id": stock.ids[row],
        "text": stock.texts[row],
        "vector": stock.vectors[row].tolist(),
        "region": int(stock.region[row]),
        "branch": int(stock.branch[row]),
    }
