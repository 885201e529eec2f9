"""Finds the terms of a fixed vocabulary in a text: longest first, left to right, no overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class FoundTerm(NamedTuple):
    """A term of the vocabulary and where it stands: `text[start:end] == term`."""

    term: str
    start: int
    end: int


class Terms:
    """A vocabulary that is looked up at every position of a text.

    Latin letters and digits make whole words: `mes` is not found in `times`. Chinese has no such borders.
    The terms are compared as they are given: fold case and width of terms and texts alike beforehand.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self._terms = frozenset(term for term in terms if term)
        lengths: dict[str, set[int]] = {}
        for term in self._terms:
            lengths.setdefault(term[0], set()).add(len(term))
        # One dictionary look-up settles most positions; a trie or a regular expression of 1,000 branches is slower.
        self._lengths = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}

    def __len__(self) -> int:
        return len(self._terms)

    def __contains__(self, term: object) -> bool:
        return term in self._terms

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._terms))

    def find(self, text: str) -> list[FoundTerm]:
        """Terms in the order of their places. At one place the longest wins; the search goes on behind it."""
        found = []
        position = 0
        while position < len(text):
            end = self._longest_end(text, position)
            if end:
                found.append(FoundTerm(text[position:end], position, end))
            position = end or position + 1
        return found

    def _longest_end(self, text: str, start: int) -> int:
        for length in self._lengths.get(text[start], ()):
            end = start + length
            known = end <= len(text) and text[start:end] in self._terms
            if known and not (_joined(text, start) or _joined(text, end)):
                return end
        return 0


def _joined(text: str, border: int) -> bool:
    """Whether the border runs through a Latin word or a number."""
    return 0 < border < len(text) and _is_latin(text[border - 1]) and _is_latin(text[border])


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
