"""Milvus Lite: hybrid search over vectors and a BM25 function with its jieba analyzer, joined by its RRF ranker."""

from __future__ import annotations

import tempfile
from pathlib import Path

from pymilvus import AnnSearchRequest, DataType, Function, FunctionType, MilvusClient, RRFRanker

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals.task import Task, Tick

COLLECTION = "listings"
#: Characters; the longest listing has under 2,000.
MAX_TEXT = 65_535


def rank(task: Task, tick: Tick) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        client = MilvusClient(str(Path(folder, "listings.db")))
        try:
            _load(client, task)
            return Run.from_rankings(_rankings(client, task, tick))
        finally:
            client.close()


def _load(client: MilvusClient, task: Task) -> None:
    schema = client.create_schema()
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=64)
    schema.add_field(
        "text", DataType.VARCHAR, max_length=MAX_TEXT, enable_analyzer=True, analyzer_params={"tokenizer": "jieba"}
    )
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=task.listing_vectors.shape[1])
    schema.add_function(Function("bm25", FunctionType.BM25, input_field_names=["text"], output_field_names=["words"]))
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type="FLAT", metric_type="COSINE")
    indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    client.create_collection(COLLECTION, schema=schema, index_params=indexes)
    client.insert(
        COLLECTION,
        [
            {"id": listing, "text": text, "vector": vector.tolist()}
            for listing, text, vector in zip(task.listing_ids, task.listing_texts, task.listing_vectors, strict=True)
        ],
    )
    client.flush(COLLECTION)
    client.load_collection(COLLECTION)


def _rankings(client: MilvusClient, task: Task, tick: Tick) -> dict[str, list[str]]:
    rankings = {}
    for need, text, vector in task.needs():
        requests = [
            AnnSearchRequest([vector.tolist()], "vector", {"metric_type": "COSINE"}, limit=task.depth),
            AnnSearchRequest([text], "words", {"metric_type": "BM25"}, limit=task.depth),
        ]
        (found,) = client.hybrid_search(COLLECTION, requests, ranker=RRFRanker(), limit=task.depth)
        rankings[need] = [hit["id"] for hit in found]
        tick()
    return rankings
