"""The words that search knows: the shipped lexicon and synonyms, with what an administrator changed of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matcher.retrieval.synonyms import Synonyms
from matcher.retrieval.words import Words, read_lexicon
from matcher.settings import Settings

Groups = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`words` cuts texts, `synonyms` widens a search; `lexicon` are the terms that a text is never cut inside of."""

    lexicon: tuple[str, ...]
    synonyms: Synonyms
    words: Words

    @classmethod
    def load(cls, settings: Settings) -> Vocabulary:
        """The shipped tables.

        Raises:
            BrokenArtefact: a table is missing or can't be read.
        """
        synonyms = Synonyms.load(settings.dataset("synonyms.csv"))
        return cls.of(read_lexicon(settings.dataset("lexicon.csv")), synonyms)

    @classmethod
    def of(cls, lexicon: Iterable[str], synonyms: Synonyms) -> Vocabulary:
        """Of these terms and synonyms; what has a synonym is kept whole too."""
        terms = tuple(lexicon)
        return cls(terms, synonyms, Words((*terms, *synonyms.terms)))

    def edited(self, added: Groups, removed: Groups, dictionary: Sequence[str], narrower: Groups = ()) -> Vocabulary:
        """With groups of synonyms put in and taken out, pairs (narrower, broader) put in, and more words kept whole;
        `self` where that is nothing."""
        if not (added or removed or dictionary or narrower):
            return self
        return Vocabulary.of((*self.lexicon, *dictionary), self.synonyms.edited(added, removed, narrower))
