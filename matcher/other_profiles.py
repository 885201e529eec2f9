"""Matchers that rank by another profile than the published one, for administrators who ask for it by name."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from matcher.catalogue.profiles.stored import StoredProfile, serving_document
from matcher.match import Matcher
from matcher.retrieval.vocabulary import Vocabulary

#: An administrator compares two or three; one with other synonyms holds a word index of its own, some tens of MB.
KEPT = 4


class OtherProfiles:
    """Makes matchers over the catalogue of the moment by a profile, and keeps the last few; threads may share it."""

    def __init__(self, vocabulary: Vocabulary, kept: int = KEPT) -> None:
        self._vocabulary, self._kept = vocabulary, kept
        self._making = Lock()
        #: Profile → the matcher it was made from, and what was made. One whose catalogue has moved on is made anew.
        self._made: OrderedDict[str, tuple[Matcher, Matcher]] = OrderedDict()

    def matcher(self, stored: StoredProfile, current: Matcher) -> Matcher:
        """`current`, but ranking by a stored profile.

        Raises:
            BrokenArtefact: its document can't be used by this version of the program.
        """
        with self._making:
            base, made = self._made.pop(stored.id, (None, None))
            if made is None or base is not current:
                made = current.with_document(serving_document(stored), self._vocabulary)
            self._made[stored.id] = (current, made)
            while len(self._made) > self._kept:
                self._made.popitem(last=False)
            return made
