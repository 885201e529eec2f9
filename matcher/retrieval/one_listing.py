"""One listing beside many needs: the signals of `Retriever.measure`, without a search of the catalogue for each need.

A need's words and vectors don't change with the catalogue, so they are read once; what a word is worth in one listing
is the same for every need that says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from weakref import ReferenceType, ref

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoded
from embeddings.exact import inner_products
from embeddings.languages import is_foreign
from matcher.records import Listing
from matcher.retrieval.lexical import Bm25
from matcher.retrieval.retriever import SIGNALS, Retriever

Floats = NDArray[np.float32]
#: A need's token vectors are coded in 7 bits where they are compared (`embeddings.products`): kept so, they take a
#: quarter of the room and give the same scores.
_STEPS: Final = 64
#: Needs whose tokens are compared together: some 5,000 vectors, 8 MB.
_TOGETHER: Final = 100


class CodedNeed(NamedTuple):
    """vector: float32 [d]. codes: int8 [t, d], token vectors in units of their step. steps: float32 [t]."""

    vector: Floats
    codes: NDArray[np.int8]
    steps: Floats

    @property
    def tokens(self) -> Floats:
        """float32 [t, d]: vectors that score as those that were coded do, bit by bit."""
        return self.codes * self.steps[:, None]


@dataclass(frozen=True, slots=True)
class NeedWords:
    """A need's words as retrieval sees them, whatever the catalogue: weighted words, n-grams, vectors.

    `ceilings` holds the greatest lexical scores that any listing could have, and which indexes they are of, without
    keeping these alive. `wording` is what the words were read with, `Retriever.wording`. `foreign`: the need is in
    another language than the listings.
    """

    words: Mapping[str, float]
    ngrams: Mapping[str, float]
    coded: CodedNeed
    wording: ReferenceType[object] | None = field(default=None, compare=False)
    foreign: bool = False
    ceilings: dict[str, tuple[ReferenceType[Bm25], float]] = field(default_factory=dict, compare=False)

    def terms(self, index: str) -> Mapping[str, float]:
        """What is looked up in an index of that name."""
        return self.words if index.startswith("words") else self.ngrams

    def ceiling(self, name: str, index: Bm25) -> np.float32:
        """The score that no listing can exceed, remembered until the catalogue changes."""
        known = self.ceilings.get(name)
        if known is None or known[0]() is not index:
            known = self.ceilings[name] = (ref(index), index.ceiling(self.terms(name)) or 1.0)
        return np.float32(known[1])


def code_need(encoded: Encoded) -> CodedNeed:
    """A need's vectors as they are kept."""
    steps = np.abs(encoded.tokens).max(axis=1, initial=1e-9) / np.float32(_STEPS)
    codes = np.rint(encoded.tokens / steps[:, None]).astype(np.int8)
    return CodedNeed(encoded.vector, codes, steps.astype(np.float32))


def read_words(retriever: Retriever, text: str, coded: CodedNeed | None = None) -> NeedWords:
    """A need's words; one pass of the encoder, unless its vectors are known."""
    words, ngrams = retriever.terms(text)
    return NeedWords(
        words, ngrams, coded or code_need(retriever.encode(text)), ref(retriever.wording), is_foreign(text)
    )


class OneListing:
    """A row of a retriever, made ready to be measured with many needs; `listing` is the row's."""

    def __init__(self, retriever: Retriever, row: int, listing: Listing) -> None:
        self._retriever, self._row = retriever, np.array([row], np.int64)
        self._terms = retriever.listing_terms(listing)
        self._worth: dict[str, dict[tuple[str, float], float]] = {name: {} for name in self._terms}
        self._long, self._short = retriever.vectors(row)

    def signals(self, needs: Sequence[NeedWords]) -> Floats:
        """float32 [len(needs), len(SIGNALS)]: what `Retriever.measure` gives for each need and this row."""
        vectors = np.array([need.coded.vector for need in needs], np.float32).reshape(len(needs), len(self._long))
        found: dict[str, Floats] = {name: self._lexical(name, needs) for name in self._terms}
        found["dense"] = inner_products(vectors, self._long)
        found["dense_short"] = np.einsum("nd,d->n", vectors, self._short)
        found["late"] = self._late(needs)
        foreign = np.array([need.foreign for need in needs], np.bool_)
        for name, apart in self._retriever.apart.items():
            found[name][foreign] += np.float32(apart)
        return np.stack([found[name] for name in SIGNALS], axis=1)

    def _lexical(self, name: str, needs: Sequence[NeedWords]) -> Floats:
        index, held = self._retriever.index(name), self._terms[name]
        scores = np.zeros(len(needs), np.float32)
        for place, need in enumerate(needs):
            terms = need.terms(name)
            # A dictionary's keys and a set meet in the time of the smaller one.
            total = sum(self._of_term(name, index, (term, terms[term])) for term in terms.keys() & held)
            scores[place] = np.float32(total) / need.ceiling(name, index)
        return scores

    def _of_term(self, name: str, index: Bm25, weighted: tuple[str, float]) -> float:
        """What one weighted term adds to this row's score: asked of the index once."""
        worth = self._worth[name]
        known = worth.get(weighted)
        if known is None:
            known = worth[weighted] = float(index.scores(dict([weighted]))[self._row[0]])
        return known

    def _late(self, needs: Sequence[NeedWords]) -> Floats:
        means = np.zeros(len(needs), np.float32)
        for start in range(0, len(needs), _TOGETHER):
            part = needs[start : start + _TOGETHER]
            tokens = np.concatenate([need.coded.tokens for need in part])
            best = self._retriever.late.best(tokens, self._row)[0]
            ends = np.cumsum([len(need.coded.codes) for need in part])
            for place, mine in enumerate(np.split(best, ends[:-1]), start):
                means[place] = mine.mean(dtype=np.float32) if len(mine) else 0.0
        return means
