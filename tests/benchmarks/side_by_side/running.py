"""Running: a system with its encoder in this process, asked for one need after the other."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from embeddings import Encoded, load_encoder
from embeddings.encoded import available_cores
from matcher.catalogue.listings_file import read_listings
from matcher.match import Matcher
from matcher.records import Need
from matcher.settings import Settings
from tests.benchmarks.side_by_side.search import TOP, Search, rival
from tests.benchmarks.side_by_side.stock import Filter, Floats, Stock

#: Ours, by profile.
OURS = {"PilotMatch, default": "default", "PilotMatch, fast": "fast"}


class Running(Protocol):
    """What is measured in a process of its own."""

    def encode(self, text: str) -> Floats:
        """A need's vector; a system that remembers texts knows this one from now on."""
        ...

    def answer(self, text: str, vector: Floats | None = None) -> list[str]:
        """Ids of the best `TOP`; `vector` is what `encode` gave for this text, None where it is yet to be encoded."""
        ...

    def ranking(self, text: str, vector: Floats) -> Callable[[], list[str]]:
        """What finds the best `TOP` ids for a text that `encode` gave the vector of, and does nothing else."""
        ...

    def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
        """As `Search.nearest`."""
        ...

    def close(self) -> None: ...


class RunningRival:
    """A rival's search behind the encoder as people run it: sentence-transformers on torch.

    Args:
        model: a sentence-transformers folder with the prompts `query` and `passage`.
    """

    def __init__(self, search: Search, model: Any) -> None:
        self._search, self._model = search, model
        self._lock: Any = nullcontext() if search.threads else threading.Lock()
        # With as many texts at once as there are requests, 32 clients get a third of what 8 get, and 4 GB go.
        self._encoding = threading.Semaphore(available_cores())

    def encode(self, text: str) -> Floats:
        return self._encoded(text, "query")

    def answer(self, text: str, vector: Floats | None = None) -> list[str]:
        vector = self.encode(text) if vector is None else vector
        with self._lock:
            return self._search.hybrid(text, vector)

    def ranking(self, text: str, vector: Floats) -> Callable[[], list[str]]:
        return partial(self.answer, text, vector)

    def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
        return self._search.nearest(vector, only)

    def add(self, listing_id: str, text: str) -> None:
        """Adds a listing."""
        vector = self._encoded(text, "passage")
        with self._lock:
            self._search.add(listing_id, text, vector)

    def close(self) -> None:
        self._search.close()

    def _encoded(self, text: str, prompt: str) -> Floats:
        with self._encoding:
            vector: Floats = self._model.encode(text, prompt_name=prompt, show_progress_bar=False)
        return vector


class RunningOurs:
    """PilotMatch without HTTP: a whole match, explained. A need that was encoded is remembered by its encoder."""

    def __init__(self, matcher: Matcher, stock: Stock | None = None) -> None:
        self._matcher, self._stock = matcher, stock

    def encode(self, text: str) -> Floats:
        return self._matcher.retriever.encode(text).vector

    def answer(self, text: str, vector: Floats | None = None) -> list[str]:
        return [match.listing.id for match in self._matcher.match(Need(text=text), top=TOP).matches]

    def ranking(self, text: str, vector: Floats) -> Callable[[], list[str]]:
        matcher = self._matcher
        wanted = matcher.reader.read(Need(text=text)).conditions

        def ranked() -> list[str]:
            matcher.conditions.judge(wanted)
            query = matcher.retriever.read(text)
            unread = matcher.scoring.rank(query, wanted, matcher.conditions.kept(wanted), TOP)
            found = matcher.read(text, unread)
            return [matcher.catalogue.supply[row].id for row in found.rows[:TOP].tolist()]

        return ranked

    def nearest(self, vector: Floats, only: Filter | None) -> list[str]:
        supply = self._matcher.catalogue.supply
        rows = np.arange(len(supply)) if only is None else self._rows(only)
        encoded = Encoded(vector, np.zeros((0, len(vector)), np.float32), np.zeros((0, 2), np.int32))
        found = self._matcher.retriever.held.near(encoded, "").nearest(rows, TOP)
        return [supply[row].id for row in found]

    def close(self) -> None:
        pass

    def _rows(self, only: Filter) -> Any:
        """A mask of two fields, as conditions of a need become one; the fields are the benchmark's."""
        assert self._stock is not None
        passing = {self._stock.ids[row] for row in only.passing(self._stock)}
        return np.array([row for row, one in enumerate(self._matcher.catalogue.supply) if one.id in passing], np.int64)


def open_running(system: str, folder: Path, model: Path, stock: Callable[[], Stock] | None = None) -> Running:
    """A system over what was built in a folder; a rival's encoder is the one in `model`.

    Args:
        stock: for PilotMatch, whose filters are masks of it.
    """
    if system in OURS:
        return _ours(OURS[system], folder, stock() if stock else None)
    search = rival(system).open(folder)
    from sentence_transformers import SentenceTransformer  # seconds, which who is not there need not pay

    return RunningRival(search, SentenceTransformer(str(model), device="cpu"))


def _ours(profile: str, folder: Path, stock: Stock | None) -> RunningOurs:
    settings = Settings(_env_file=None, data=folder)
    encoder = load_encoder(settings.encoder, settings.data / "encoders", settings.threads)
    matcher = Matcher.load(settings, read_listings(folder / "listings.jsonl"), profile=profile, encoder=encoder)
    gc.freeze()  # as the server does
    return RunningOurs(matcher, stock)
