"""The words that search knows: the shipped lexicon and synonyms, with what an administrator changed of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from matcher.retrieval.synonyms import Synonyms
from matcher.retrieval.words import Words, read_lexicon
from matcher.settings import Settings

Groups = Sequence[Sequence[str]]


#: The field of the lexicon that says how work is arranged (小批量, 委托加工) rather than what is made, and how.
_ARRANGEMENT: Final = "service"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`words` cuts texts, `synonyms` widens a search; `lexicon` are the terms that a text is never cut inside of,
    `general` those of them that name no process, device or material."""

    lexicon: tuple[str, ...]
    synonyms: Synonyms
    words: Words
    general: tuple[str, ...] = ()

    @classmethod
    def load(cls, settings: Settings) -> Vocabulary:
        """The shipped tables.

        Raises:
            BrokenArtefact: a table is missing or can't be read.
        """
        synonyms = Synonyms.load(settings.dataset("synonyms.csv"))
        path = settings.dataset("lexicon.csv")
        return cls.of(read_lexicon(path), synonyms, read_lexicon(path, _ARRANGEMENT))

    @classmethod
    def of(cls, lexicon: Iterable[str], synonyms: Synonyms, general: Iterable[str] = ()) -> Vocabulary:
        """Of these terms and synonyms; what has a synonym is kept whole too."""
        terms, general = tuple(lexicon), tuple(general)
        return cls(terms, synonyms, Words((*terms, *synonyms.terms), general=general), general)

    def edited(self, added: Groups, removed: Groups, dictionary: Sequence[str], narrower: Groups = ()) -> Vocabulary:
        """With groups of synonyms put in and taken out, pairs (narrower, broader) put in, and more words kept whole;
        `self` where that is nothing."""
        if not (added or removed or dictionary or narrower):
            return self
        edited = self.synonyms.edited(added, removed, narrower)
        return Vocabulary.of((*self.lexicon, *dictionary), edited, self.general)
