"""Likely duplicates: the same operator and a similar name, or nearly the same words.

Nobody compares 10,000 rows with 24,000 listings pair by pair: names are compared within one operator, texts where two
share rare pieces (bottom-k sketches of character 5-grams: Broder 1997).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from rapidfuzz import fuzz

from matcher.catalogue.importing.identity import operator_keys, plain
from matcher.records import Listing

Suggestion = Literal["merge", "keep"]

#: Names of one operator this alike (indel ratio, 0–100) may be one thing: 发酵中试平台 / 东莞发酵中试平台 has 86.
NAME_ALIKE: Final = 85.0
#: From here, and with the same kind, merging is suggested: two more characters in eight (中试平台 / 中试服务平台).
NAME_SAME: Final = 88.0
#: Texts this alike are nearly identical: in 100 characters about 8 differ.
TEXT_ALIKE: Final = 92.0
#: Shorter texts are alike by accident.
TEXT_SHORTEST: Final = 40
#: Above this many listings of one operator only those that share a rare pair of characters are compared.
_BLOCK: Final = 200
_RAREST: Final = 6
_COMPARED: Final = 400
#: 平台 alone is the name of nothing.
_NAME_SHORTEST: Final = 3
_SKETCH: Final = 16
#: Texts of 160 characters with 4 changed ones share 12 of 16 pieces, with half of their words in common 5.
_SHARED: Final = 5
_SHINGLE: Final = 5
#: A piece of text in more listings than this is boilerplate.
_POSTINGS: Final = 64
#: What tells siblings apart: numbers, models, 一号 / 二号.
_TELLING = re.compile(r"[a-z0-9]+|[一二三四五六七八九十甲乙丙丁东南西北](?=[号期线区])")
_PRIME = np.uint64(1_000_003)
_MIX = np.uint64(0xFF51AFD7ED558CCD)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A listing that may be the same: its position in the index, how alike (0–100), why, and what to do."""

    position: int
    score: float
    reason: str
    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class Card:
    """A listing as it is compared: everything in one width and case, without blanks and punctuation.

    `name` is without the operator; `telling` are the numbers and letters in it; `pieces` the sketch of `text`.
    """

    kind: str
    name: str
    telling: tuple[str, ...]
    text: str
    operators: tuple[str, ...]
    pieces: tuple[int, ...]


def card_of(listing: Listing) -> Card:
    """Return a listing as it is compared."""
    operators = operator_keys(listing.operator) if listing.operator else ()
    name = plain(listing.name)
    for operator in operators:
        name = name.replace(operator, "") or name
    words = (listing.summary, *listing.capabilities, *listing.equipment, *listing.services)
    text = plain(" ".join(words))
    return Card(listing.kind, name, tuple(sorted(_TELLING.findall(name))), text, operators, _sketch(text))


class Duplicates:
    """Listings so far, ready to be searched; positions count from 0 in the order they were added."""

    def __init__(self, listings: Iterable[Listing] = ()) -> None:
        self._cards: list[Card] = []
        #: Siblings are never the same, so a block has one operator and one set of telling characters.
        self._blocks: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        self._pairs: dict[tuple[str, tuple[str, ...]], dict[str, list[int]]] = {}
        self._by_name: dict[str, list[int]] = {}
        self._by_piece: dict[int, list[int]] = {}
        for listing in listings:
            self.add(card_of(listing))

    def __len__(self) -> int:
        return len(self._cards)

    def add(self, card: Card) -> int:
        """Take a listing in and return its position."""
        position = len(self._cards)
        self._cards.append(card)
        for operator in card.operators:
            self._add_to_block((operator, card.telling), position)
        self._by_name.setdefault(card.name, []).append(position)
        for piece in card.pieces:
            self._by_piece.setdefault(piece, []).append(position)
        return position

    def find(self, card: Card, most: int = 3) -> list[Likeness]:
        """Return the likely duplicates of a listing, the likeliest first; the earlier one where two are equal."""
        found = [one for at in set(self._candidates(card)) if (one := self._compare(card, at))]
        return sorted(found, key=lambda one: (one.suggestion != "merge", -one.score, one.position))[:most]

    def _add_to_block(self, key: tuple[str, tuple[str, ...]], position: int) -> None:
        block = self._blocks.setdefault(key, [])
        block.append(position)
        if key in self._pairs:
            self._add_pairs(key, position)
        elif len(block) > _BLOCK:
            self._pairs[key] = {}
            for one in block:
                self._add_pairs(key, one)

    def _add_pairs(self, key: tuple[str, tuple[str, ...]], position: int) -> None:
        for pair in _pairs_of(self._cards[position].name):
            self._pairs[key].setdefault(pair, []).append(position)

    def _candidates(self, card: Card) -> Iterator[int]:
        for operator in card.operators:
            yield from self._in_block((operator, card.telling), card.name)
        yield from self._by_name.get(card.name, ())[:_COMPARED]
        shared: Counter[int] = Counter()
        for piece in card.pieces:
            postings = self._by_piece.get(piece, ())
            if len(postings) <= _POSTINGS:
                shared.update(postings)
        yield from (position for position, count in shared.items() if count >= _SHARED)

    def _in_block(self, key: tuple[str, tuple[str, ...]], name: str) -> list[int]:
        if key not in self._pairs:
            return self._blocks.get(key, [])
        pairs = self._pairs[key]
        postings = sorted((pairs[pair] for pair in _pairs_of(name) if pair in pairs), key=len)
        found: list[int] = []
        for one in postings[:_RAREST]:
            found += one[: _COMPARED - len(found)]
        return found

    def _compare(self, card: Card, position: int) -> Likeness | None:
        other = self._cards[position]
        same_operator = not set(card.operators).isdisjoint(other.operators)
        siblings = card.telling != other.telling
        if same_operator and siblings:
            return None
        same_kind = card.kind == other.kind
        if same_operator and (name := fuzz.ratio(card.name, other.name)) >= NAME_ALIKE:
            suggestion: Suggestion = "merge" if name >= NAME_SAME and same_kind else "keep"
            return Likeness(position, round(name, 1), f"运营单位相同,名称相似({name:.0f}%)", suggestion)
        unsaid = not (card.operators and other.operators)
        if unsaid and card.name == other.name and len(card.name) > _NAME_SHORTEST:
            return Likeness(position, 100.0, "名称相同,有一条没有写运营单位", "keep")
        if min(len(card.text), len(other.text)) < TEXT_SHORTEST:
            return None
        text = fuzz.ratio(card.text, other.text, score_cutoff=TEXT_ALIKE)
        if text < TEXT_ALIKE:
            return None
        same = same_kind and not siblings and fuzz.ratio(card.name, other.name) >= NAME_ALIKE
        return Likeness(position, round(text, 1), f"文字几乎相同({text:.0f}%)", "merge" if same else "keep")


def alike(first: str, second: str) -> float:
    """Return how alike two names are, 0–100."""
    return fuzz.ratio(plain(first), plain(second))


def _pairs_of(name: str) -> set[str]:
    return {name[at : at + 2] for at in range(len(name) - 1)}


def _sketch(text: str) -> tuple[int, ...]:
    """Return the smallest hashes of a text's 5-grams: texts that are nearly the same share most of them."""
    if len(text) < TEXT_SHORTEST:
        return ()
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    hashes = np.zeros(len(codes) - _SHINGLE + 1, dtype=np.uint64)
    for offset in range(_SHINGLE):
        hashes = hashes * _PRIME + codes[offset : offset + len(hashes)]
    hashes ^= hashes >> np.uint64(33)
    hashes *= _MIX
    hashes ^= hashes >> np.uint64(33)
    return tuple(np.unique(hashes)[:_SKETCH].tolist())
