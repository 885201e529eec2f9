"""LanceDB: hybrid query (native full-text index and exact vector search) with its default reranker, RRF.

For Chinese it documents two tokenizers: `icu`, built in, and `jieba/default`, which reads a dictionary from a language
model folder. That folder is filled here with the dictionary of the jieba package.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import jieba
import lancedb
from lancedb.index import FTS
from lancedb.rerankers import RRFReranker

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals.task import Task, Tick


def rank(task: Task, tick: Tick) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        return _rank(task, tick, "icu", Path(folder))


def rank_words(task: Task, tick: Tick) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "models", "jieba", "default")
        model.mkdir(parents=True)
        shutil.copy(Path(jieba.__file__).with_name("dict.txt"), model / "dict.txt")
        os.environ["LANCE_LANGUAGE_MODEL_HOME"] = str(model.parents[1])
        return _rank(task, tick, "jieba/default", Path(folder))


def _rank(task: Task, tick: Tick, tokenizer: str, folder: Path) -> Run:
    rows = [
        {"id": listing, "text": text, "vector": vector.tolist()}
        for listing, text, vector in zip(task.listing_ids, task.listing_texts, task.listing_vectors, strict=True)
    ]
    table = lancedb.connect(folder / "db").create_table("listings", rows)
    # Stemming and stop words are for English.
    table.create_index("text", config=FTS(base_tokenizer=tokenizer, stem=False, remove_stop_words=False))
    rankings = {}
    for need, text, vector in task.needs():
        query = table.search(query_type="hybrid").vector(vector).text(text).distance_type("cosine")
        found = query.rerank(RRFReranker()).limit(task.depth).to_list()
        rankings[need] = [row["id"] for row in found]
        tick()
    return Run.from_rankings(rankings)
