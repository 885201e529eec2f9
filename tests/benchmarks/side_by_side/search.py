"""Search: what the benchmark asks of a system that runs in its own process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol

from tests.benchmarks.side_by_side.stock import Filter, Floats, Stock

#: Answers that a page shows.
TOP = 10
#: Of each half of a hybrid search, as in the quality benchmark, whose table tells what these set-ups are worth.
DEPTH = 100

Encode = Callable[[str], Floats]


class Search(Protocol):
    """An opened index."""

    #: Whether several threads may search at once.
    threads: bool

    def hybrid(self, text: str, vector: Floats) -> list[str]:
        """Ids of the best `TOP`, by words and vectors."""
        ...

    def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
        """Ids of the `TOP` nearest vectors among the listings that pass."""
        ...

    def add(self, listing_id: str, text: str, vector: Floats) -> None:
        """Adds a listing, which the next search finds."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Rival:
    """Another system; `module` of `rivals` has `build(stock, folder)` and `open_index(folder)`."""

    name: str
    setup: str
    module: str
    packages: tuple[str, ...]

    def build(self, stock: Stock, folder: Path) -> None:
        """Makes the index of a stock in an empty folder."""
        self._module().build(stock, folder)

    def build_filtered(self, stock: Stock, folder: Path) -> None:
        """Makes what only filters need, where a system keeps that apart."""
        if build := getattr(self._module(), "build_filtered", None):
            build(stock, folder)

    def version(self) -> str | None:
        """Version of the first package; None where one of them is not installed."""
        try:
            versions = [version(package) for package in self.packages]
        except PackageNotFoundError:
            return None
        return versions[0]

    def open(self, folder: Path) -> Search:
        """What `build` left there."""
        opened: Search = self._module().open_index(folder)
        return opened

    def _module(self) -> Any:
        return import_module(f"tests.benchmarks.side_by_side.rivals.{self.module}")


RIVALS = (
    Rival("txtai", "character bigrams, default vector index; RRF", "txtai_index", ("txtai",)),
    Rival("Haystack", "jieba words, in-memory store; RRF", "haystack_index", ("haystack-ai", "jieba")),
    Rival("LanceDB", "jieba words, exact vectors; RRF", "lancedb_index", ("lancedb", "jieba", "datasets")),
    Rival("Milvus Lite", "jieba analyzer, FLAT; RRF", "milvus_index", ("milvus-lite", "pymilvus", "jieba")),
)


def rival(name: str) -> Rival:
    """The rival of a name; KeyError where there is none."""
    return {one.name: one for one in RIVALS}[name]
