"""Haystack, as `tests.benchmarks.rivals.haystack_hybrid` has it: jieba words in the in-memory store, RRF."""

from __future__ import annotations

import os
from pathlib import Path

from tests.benchmarks.rivals.words import spaced
from tests.benchmarks.side_by_side.search import DEPTH, TOP
from tests.benchmarks.side_by_side.stock import Filter, Floats, Stock

# Read when haystack is imported; a benchmark calls nobody.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore

STORE = "store.json"


class HaystackSearch:
    threads = True

    def __init__(self, folder: Path) -> None:
        self._store = InMemoryDocumentStore.load_from_disk(str(folder / STORE))
        self._pipeline = _pipeline(self._store)

    def hybrid(self, text: str, vector: Floats) -> list[str]:
        found = self._pipeline.run({"words": {"query": spaced(text)}, "vectors": {"query_embedding": vector.tolist()}})
        return [document.id for document in found["joined"]["documents"]]

    def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
        found = self._store.embedding_retrieval(vector.tolist(), filters=_conditions(only), top_k=TOP)
        return [document.id for document in found]

    def add(self, listing_id: str, text: str, vector: Floats) -> None:
        self._store.write_documents([Document(id=listing_id, content=spaced(text), embedding=vector.tolist())])

    def close(self) -> None:
        pass


def build(stock: Stock, folder: Path) -> None:
    store = InMemoryDocumentStore(bm25_tokenization_regex=r"\S+", shared=False)
    rows = zip(stock.ids, stock.texts, stock.vectors, stock.region.tolist(), stock.branch.tolist(), strict=True)
    store.write_documents(
        [
            Document(id=key, content=spaced(text), embedding=vector.tolist(), meta={"region": region, "branch": branch})
            for key, text, vector, region, branch in rows
        ]
    )
    store.save_to_disk(str(folder / STORE))


def open_index(folder: Path) -> HaystackSearch:
    return HaystackSearch(folder)


def _pipeline(store: InMemoryDocumentStore) -> Pipeline:
    pipeline = Pipeline()
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=DEPTH))
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=DEPTH))
    pipeline.add_component("joined", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=TOP))
    pipeline.connect("words", "joined")
    pipeline.connect("vectors", "joined")
    return pipeline


def _conditions(only: Filter | None) -> dict[str, object] | None:
    if only is None:
        return None
    limits = {"meta.region": only.region, "meta.branch": only.branch}
    conditions = [{"field": field, "operator": "<", "value": limit} for field, limit in limits.items()]
    return {"operator": "AND", "conditions": conditions}
