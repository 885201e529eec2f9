"""Haystack: BM25 and embedding retrievers over the in-memory store, joined by reciprocal rank fusion.

Its default tokenizer splits Chinese into characters; the second set-up stores jieba words with spaces between them.
"""

from __future__ import annotations

import os

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals.task import Task, Tick
from tests.benchmarks.rivals.words import spaced

# Read when haystack is imported; a benchmark calls nobody.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore


def rank(task: Task, tick: Tick) -> Run:
    return _rank(task, tick, list(task.listing_texts), list(task.need_texts), InMemoryDocumentStore(shared=False))


def rank_words(task: Task, tick: Tick) -> Run:
    listings, needs = [spaced(text) for text in task.listing_texts], [spaced(text) for text in task.need_texts]
    return _rank(task, tick, listings, needs, InMemoryDocumentStore(bm25_tokenization_regex=r"\S+", shared=False))


def _rank(task: Task, tick: Tick, listings: list[str], needs: list[str], store: InMemoryDocumentStore) -> Run:
    store.write_documents(
        [
            Document(id=listing, content=text, embedding=vector.tolist())
            for listing, text, vector in zip(task.listing_ids, listings, task.listing_vectors, strict=True)
        ]
    )
    pipeline = _pipeline(store, task.depth)
    rankings = {}
    for need, text, vector in zip(task.need_ids, needs, task.need_vectors, strict=True):
        found = pipeline.run({"words": {"query": text}, "vectors": {"query_embedding": vector.tolist()}})
        rankings[need] = [document.id for document in found["joined"]["documents"]]
        tick()
    return Run.from_rankings(rankings)


def _pipeline(store: InMemoryDocumentStore, depth: int) -> Pipeline:
    pipeline = Pipeline()
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=depth))
    pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=depth))
    pipeline.add_component("joined", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=depth))
    pipeline.connect("words", "joined")
    pipeline.connect("vectors", "joined")
    return pipeline
