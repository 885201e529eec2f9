"""Every system the quality benchmark knows, in the order of its table."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from matcher.evaluation.runs import Run
from tests.benchmarks.rivals.task import Task, Tick


@dataclass(frozen=True, slots=True)
class System:
    """A ranking to compare with; `function` of `module` ranks, `packages` must be installed for it."""

    name: str
    setup: str
    module: str
    function: str = "rank"
    packages: tuple[str, ...] = ()

    def version(self) -> str | None:
        """Version of the first package, "" where none is needed; None where one of them is not installed."""
        try:
            versions = [version(package) for package in self.packages]
        except PackageNotFoundError:
            return None
        return versions[0] if versions else ""

    def rank(self, task: Task, tick: Tick) -> Run:
        """Runs the system; `tick` is called once a need."""
        module = import_module(f"tests.benchmarks.rivals.{self.module}")
        run: Run = getattr(module, self.function)(task, tick)
        return run


# LanceDB imports Hugging Face's `datasets` once a module of that name is loaded; where it is not installed, that is
# this repository's data folder, and the import fails.
LANCEDB = ("lancedb", "jieba", "datasets")

SYSTEMS = (
    System("BM25", "jieba words, Lucene's variant", "bm25", packages=("bm25s", "jieba")),
    System("Dense", "exact cosine", "dense"),
    System("RRF hybrid", "the two above, k = 60", "fusion", packages=("bm25s", "jieba")),
    System("txtai hybrid", "as shipped: one token a character", "txtai_hybrid", packages=("txtai",)),
    System("txtai hybrid", "character bigrams; RRF", "txtai_hybrid", "rank_bigrams", ("txtai",)),
    System(
        "Haystack hybrid", "as shipped: one token a character; RRF", "haystack_hybrid", "rank", ("haystack-ai", "jieba")
    ),
    System("Haystack hybrid", "jieba words; RRF", "haystack_hybrid", "rank_words", ("haystack-ai", "jieba")),
    System("LanceDB hybrid", "ICU words; RRF", "lancedb_hybrid", packages=LANCEDB),
    System("LanceDB hybrid", "jieba words; RRF", "lancedb_hybrid", "rank_words", LANCEDB),
    System("Milvus Lite hybrid", "jieba analyzer; RRF", "milvus_hybrid", packages=("milvus-lite", "pymilvus", "jieba")),
)
