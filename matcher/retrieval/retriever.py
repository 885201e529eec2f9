"""From a need's words to candidates: exact over whatever the hard conditions leave, from several views at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoded, Encoder
from embeddings.languages import is_foreign
from matcher.catalogue.encodings import Encodings, Progress
from matcher.catalogue.row_change import RowChange
from matcher.records import Listing
from matcher.retrieval.in_memory import InMemory
from matcher.retrieval.languages_apart import apart
from matcher.retrieval.late import Late
from matcher.retrieval.lexical import Bm25
from matcher.retrieval.nearness import ListingVectors, Nearness
from matcher.retrieval.needs_reader import needs_reader
from matcher.retrieval.synonyms import SYNONYM_WEIGHT, Synonyms
from matcher.retrieval.top import top
from matcher.retrieval.views import full_text, short_text
from matcher.retrieval.words import Words, char_ngrams
from matcher.understanding.english_terms import english_terms

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

#: A word said twice matters more; said five times it is a pasted table.
MAX_TERM_COUNT = 2
#: The names of what retrieval measures, each a column of `Retrieved.signals`.
SIGNALS = ("words", "ngrams", "words_short", "ngrams_short", "dense", "dense_short", "late")
#: Each of these proposes its own best rows; late interaction only re-ranks: it costs too much over a whole catalogue.
LEXICAL_PROPOSERS = ("words", "ngrams")
PROPOSERS = (*LEXICAL_PROPOSERS, "dense")
#: 平台 stands in 40 % of the shipped listings, 中试线 in 13 %, 发酵 in 5 %.
TELLING_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Query:
    """A need as retrieval sees it: weighted words (with synonyms), character n-grams, vector and token vectors.

    `scores` are the lexical signals for all rows, float32 [n] each, as shares of their ceiling; `near` tells how near
    the listings' vectors are. They are computed once a need, for all searches with it. `apart` is what the encoder
    lacks by signal of nearness, where the need is in another language than the listings.
    """

    words: Mapping[str, float]
    ngrams: Mapping[str, float]
    encoded: Encoded
    scores: Mapping[str, Floats]
    near: Nearness
    apart: Mapping[str, float] = field(default_factory=dict)

    def beside(self, signal: str, values: Floats) -> Floats:
        """Values of a signal of nearness as they would be of the same need in the listings' language."""
        return values + np.float32(self.apart[signal]) if signal in self.apart else values


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Candidates: `rows`, and `signals` float32 [c, len(SIGNALS)] for them."""

    rows: Rows
    signals: Floats


class Retriever:
    """Searches one list of listings; row i of everything is listings[i]. It never changes: `changed` gives another one.

    Args:
        listings: sorted by id, so that equal scores come in the order of ids.
        encodings: where vectors of texts already read are kept.
        progress: called with texts done and texts to do while new listings are encoded.
        vectors: of these listings, kept elsewhere; None holds them in memory.
    """

    def __init__(
        self,
        listings: Sequence[Listing],
        words: Words,
        synonyms: Synonyms,
        encoder: Encoder,
        encodings: Encodings,
        progress: Progress | None = None,
        vectors: ListingVectors | None = None,
    ) -> None:
        self._words, self._synonyms = words, synonyms
        self._encoder = self._reader = encoder
        self._vectors = vectors or InMemory(listings, encodings, encoder.dimension, progress)
        self._lexical = {name: Bm25(tokens) for name, tokens in _Texts(listings, words).tokens()}
        self.size = len(listings)

    def changed(self, change: RowChange, progress: Progress | None = None) -> Retriever:
        """The retriever after a change of rows; only texts that were never encoded are.

        Raises:
            Unavailable: new vectors can't be stored.
        """
        after, texts = copy(self), _Texts(change.added, self._words)
        after._vectors = self._vectors.changed(change, progress)
        after._lexical = {name: self._lexical[name].changed(change, list(tokens)) for name, tokens in texts.tokens()}
        after.size = len(change.order)
        return after

    def with_words(self, words: Words, synonyms: Synonyms, listings: Sequence[Listing]) -> Retriever:
        """The retriever over the same listings with other words and synonyms; vectors stay as they are.

        Where only synonyms change that the words know already, the lexical indexes stay too.
        """
        after = copy(self)
        after._words, after._synonyms = words, synonyms
        if words.terms != self._words.terms:
            after._lexical = {name: Bm25(tokens) for name, tokens in _Texts(listings, words).tokens()}
        return after

    @property
    def apart(self) -> Mapping[str, float]:
        """As `languages_apart.apart`, of its encoder."""
        return apart(self.encoder)

    @property
    def held(self) -> ListingVectors:
        """Where the vectors of the listings are."""
        return self._vectors

    def holding(self, vectors: ListingVectors) -> Retriever:
        """The retriever over the same listings, whose vectors are now taken from elsewhere."""
        after = copy(self)
        after._vectors = vectors
        return after

    def encoded_by(self, encoder: Encoder, vectors: ListingVectors) -> Retriever:
        """The retriever over the same listings with another encoder, and their vectors of it."""
        after = self.holding(vectors)
        after._encoder = after._reader = encoder
        return after

    def reading_with(self, few: bool) -> Retriever:
        """The retriever over the same listings that reads needs with few layers of its encoder, where it has them, or
        with all.

        Raises:
            Unavailable: they can't be loaded.
        """
        after = copy(self)
        after._reader = needs_reader(self._encoder, few)
        return after

    def begin(self, text: str) -> Callable[[], Encoded]:
        """Begins to encode a need, and what waits for its vectors: much of what a match does before it ranks needs
        none."""
        return self._reader.begin_need(text)

    def read(self, text: str) -> Query:
        """A need's words, n-grams, vectors and scores over all rows: one pass of the encoder."""
        return self.reading(text)()

    def reading(self, text: str, begun: Callable[[], Encoded] | None = None) -> Callable[[], Query]:
        """What gives `read` of a text: its words are looked up now, its vectors are waited for when it is called.

        Args:
            begun: what `begin` gave for this text.
        """
        begun = begun or self.begin(text)
        words, ngrams = self.terms(text)
        scores = self._lexical_scores(words, ngrams)

        def finished() -> Query:
            encoded = begun()
            near = self._vectors.near(encoded, text)
            return Query(words, ngrams, encoded, scores, near, self.apart if is_foreign(text) else {})

        return finished

    def terms(self, text: str) -> tuple[dict[str, float], dict[str, float]]:
        """A need's words, with synonyms, and its n-grams, with their weights; they don't depend on the listings.

        What is known in Chinese of a need in English is looked for in Chinese.
        """
        if is_foreign(text):
            text = english_terms().in_chinese(text)
        own = self._words.cut(text)
        counts = Counter(own)
        words = {
            word: weight * min(max(counts[word], 1), MAX_TERM_COUNT)
            for word, weight in self._synonyms.expand(own, text).items()
        }
        ngrams = {gram: float(min(count, MAX_TERM_COUNT)) for gram, count in Counter(char_ngrams(text)).items()}
        return words, ngrams

    @property
    def wording(self) -> object:
        """What makes a need's words: another object where words are cut or widened in another way."""
        return self._synonyms

    def encode(self, text: str) -> Encoded:
        """A need's vectors; they don't depend on the listings."""
        return self._reader.read_need(text)

    @property
    def late(self) -> Late:
        """The listings' token vectors."""
        return self._vectors.late

    @property
    def encoder(self) -> str:
        """Fingerprint of what needs are read with."""
        return self._reader.fingerprint

    @property
    def listings_encoder(self) -> str:
        """Fingerprint of what listings are read with."""
        return self._encoder.listings_fingerprint

    def index(self, name: str) -> Bm25:
        """The index of one of the four lexical signals."""
        return self._lexical[name]

    def listing_terms(self, listing: Listing) -> dict[str, frozenset[str]]:
        """What each of these indexes knows a listing by."""
        return {name: frozenset(next(tokens)) for name, tokens in _Texts([listing], self._words).tokens()}

    def vectors(self, row: int) -> tuple[Floats, Floats]:
        """Pooled vectors of a row's full and short text, float32 [d] each."""
        return self._vectors.vectors(row)

    def nearest_to(self, row: int, mask: Mask, count: int) -> Rows:
        """The `count` rows of a mask whose full texts are nearest to that of a row, nearest first."""
        vector = self.vectors(row)[0]
        encoded = Encoded(vector, np.zeros((0, len(vector)), np.float32), np.zeros((0, 2), np.int32))
        return self._vectors.near(encoded, "").nearest(np.flatnonzero(mask), count)

    def telling(self, query: Query) -> dict[str, float]:
        """Words of a query that tell listings apart: what a tenth of a catalogue says is no reason for any of it."""
        index = self._lexical["words"]
        limit = max(TELLING_SHARE, 1 / max(self.size, 1))
        return {
            word: weight for word, weight in query.words.items() if index.share(word) <= limit and not word.isdigit()
        }

    def unmentioned(self, text: str) -> dict[str, tuple[str, ...]]:
        """The processes, devices and materials that a text names and no listing does, each with its synonyms, of which
        none is named either. A listing with one inside a longer word (外延片 in 氮化镓外延片中试线) may be overlooked.
        """
        index = self._lexical["words"]
        found: dict[str, tuple[str, ...]] = {}
        for term in self._words.named(text):
            said = tuple(w for w, weight in self._synonyms.expand([term]).items() if weight >= SYNONYM_WEIGHT)
            if not any(map(index.share, said)) and not any(term in known for known in found.values()):
                found[term] = said
        return found

    def propose(self, query: Query, mask: Mask | None, depth: int) -> Rows:
        """The union of the best `depth` rows of each proposer among the rows that `mask` lets pass (None: all).

        Never fewer than min(depth, rows that pass): proposers without a hit fill up in order of score, then of id.
        Where no more rows pass than the proposers could bring together, all of them come.
        """
        allowed = np.arange(self.size) if mask is None else np.flatnonzero(mask)
        if len(allowed) <= len(PROPOSERS) * depth:
            return allowed
        found = [allowed[top(query.scores[name][allowed], depth)] for name in LEXICAL_PROPOSERS]
        return np.unique(np.concatenate([*found, query.near.propose(allowed, depth)]))

    def retrieve(self, query: Query, mask: Mask | None, depth: int) -> Retrieved:
        """What `propose` brings, with all signals."""
        return self.measure(query, self.propose(query, mask, depth))

    def nearest(self, query: Query, mask: Mask, count: int) -> Retrieved:
        """The `count` rows of a mask whose pooled vectors are nearest, in that order, with all their signals."""
        return self.measure(query, query.near.nearest(np.flatnonzero(mask), count))

    def measure(self, query: Query, rows: Rows, *, late: bool = True) -> Retrieved:
        """Signals of given rows; a row's are the same whatever stands beside it. Without `late` that signal is 0."""
        found = {name: scores[rows] for name, scores in query.scores.items()} | {
            "dense": query.beside("dense", query.near.full(rows)),
            "dense_short": query.beside("dense_short", query.near.short(rows)),
            "late": self.late_scores(query, rows) if late else np.zeros(len(rows), np.float32),
        }
        return Retrieved(rows, np.stack([found[name] for name in SIGNALS], axis=1))

    def late_scores(self, query: Query, rows: Rows) -> Floats:
        """float32 [len(rows)]: the signal of late interaction."""
        return query.beside("late", self.late.scores(query.encoded.tokens, rows))

    def _lexical_scores(self, words: Mapping[str, float], ngrams: Mapping[str, float]) -> dict[str, Floats]:
        return {
            name: index.shares(words if name.startswith("words") else ngrams) for name, index in self._lexical.items()
        }


class _Texts:
    """What is read of listings: the full and the short text of each, and their tokens."""

    def __init__(self, listings: Sequence[Listing], words: Words) -> None:
        self.full = [full_text(listing) for listing in listings]
        self.short = [short_text(listing) for listing in listings]
        self._words = words

    def tokens(self) -> Iterator[tuple[str, Iterator[list[str]]]]:
        """The tokens of each text, by the name of the index that they are for."""
        for suffix, texts in (("", self.full), ("_short", self.short)):
            yield f"words{suffix}", map(self._words.cut, texts)
            yield f"ngrams{suffix}", map(char_ngrams, texts)
