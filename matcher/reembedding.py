"""Another encoder for the whole catalogue, while the old one serves: encoded part by part, and then put in place.

Vectors are stored under their encoder's fingerprint, where all processes find them: each encodes a random part, so they
share the work, and one that starts in the middle goes on from what is there.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from matcher.catalogue.catalogue import Catalogue
from matcher.catalogue.database import Database
from matcher.catalogue.listings.published import published as published_listings
from matcher.catalogue.profiles.publishing import published
from matcher.catalogue.profiles.stored import StoredProfile, serving_document
from matcher.catalogue.vector_store import text_key
from matcher.encoders import Encoders, Opened
from matcher.errors import PilotMatchError
from matcher.match import Matcher
from matcher.records import SUPPLY_KINDS, Listing
from matcher.retrieval.in_memory import InMemory
from matcher.retrieval.views import full_text, short_text
from matcher.retrieval.vocabulary import Vocabulary

#: Texts that are encoded and stored together, some 20 ms each: so much is lost when a process ends.
BATCH: Final = 32
#: Texts looked up for each batch: those that another process has encoded meanwhile fall out.
LOOKED_UP: Final = 8 * BATCH
#: What failed (no network, no such folder) is tried again after this long: somebody may mend it.
RETRY_SECONDS: Final = 30.0

_log = logging.getLogger("pilotmatch")


@dataclass(frozen=True, slots=True)
class Reencoded:
    """How many texts of the catalogue have vectors of the new encoder; 0 of 0 while it is loaded."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A profile with everything that it needs, over a catalogue that may have moved on."""

    stored: StoredProfile
    opened: Opened
    matcher: Matcher

    def onto(self, current: Matcher) -> Ready:
        """The same over the catalogue of another matcher; the few texts that are new in it are encoded."""
        before, now = self.matcher.catalogue, current.catalogue
        if before is now:
            return self
        gone = [one.id for one in before.listings if now.get(one.id) is None]
        new = [one for one in now.listings if before.get(one.id) != one]
        return Ready(self.stored, self.opened, self.matcher.with_changes(new, gone))


class EncoderSwitch:
    """What one process does for a published profile that needs another encoder than the one in use.

    `want` and `forget` may come from any thread at any time; `step` is called from one, again and again.
    """

    def __init__(self, encoders: Encoders, vocabulary: Vocabulary) -> None:
        self._encoders, self._vocabulary = encoders, vocabulary
        self._work: _Work | None = None
        self._not_before = 0.0

    @property
    def wanted(self) -> StoredProfile | None:
        """The profile that waits; None where none does."""
        work = self._work
        return None if work is None else work.stored

    @property
    def progress(self) -> Reencoded | None:
        """How far the work for it is; None where nothing waits."""
        work = self._work
        return None if work is None else work.progress

    def want(self, stored: StoredProfile) -> bool:
        """Begin to work for a profile; whether it is another one than before."""
        if self.wanted is not None and self.wanted.id == stored.id:
            return False
        self._work, self._not_before = _Work(stored), 0.0
        return True

    def forget(self) -> None:
        """No profile waits any more; what was encoded for it stays stored."""
        self._work = None

    @property
    def is_due(self) -> bool:
        """Whether a step would do something: a profile waits, and the last failure is long enough ago."""
        return self._work is not None and time.monotonic() >= self._not_before

    def step(self, current: Matcher) -> Ready | None:
        """Do a part of the work; the profile with its matcher once all is there.

        Raises:
            PilotMatchError: the encoder or the store can't be used; `is_due` is false for a while then.
        """
        work = self._work
        if work is None:
            return None
        self._not_before = time.monotonic() + RETRY_SECONDS
        ready = work.step(current, self._encoders, self._vocabulary)
        self._not_before = 0.0
        return ready


class _Work:
    """The texts that one profile's encoder has not read yet."""

    def __init__(self, stored: StoredProfile) -> None:
        self.stored, self.progress = stored, Reencoded(0, 0)
        self._catalogue: Catalogue | None = None
        self._missing: dict[bytes, str] = {}
        self._total = 0

    def step(self, current: Matcher, encoders: Encoders, vocabulary: Vocabulary) -> Ready | None:
        document = serving_document(self.stored)
        opened = encoders.open(document.encoder_source)
        opened.check(document.profile)
        self._look(opened, current.catalogue)
        if not self._missing:
            listings, encoder = current.catalogue.supply, opened.encoder
            file = opened.mapped.open() if opened.mapped is not None else None
            vectors = InMemory(listings, opened.encodings, encoder.dimension, None, file)
            base = current.encoded_by(current.retriever.encoded_by(encoder, vectors), opened.source)
            return Ready(self.stored, opened, base.with_document(document, vocabulary))
        self._encode(opened)
        return None

    def _look(self, opened: Opened, catalogue: Catalogue) -> None:
        """What is missing of a catalogue; looked up anew where it has changed."""
        if catalogue is self._catalogue:
            return
        wanted = {text_key(text): text for one in catalogue.supply for text in _texts(one)}
        self._missing, self._total = wanted, len(wanted)
        self._found(opened, wanted)
        self._catalogue = catalogue

    def _encode(self, opened: Opened) -> None:
        # At random, so that several processes share the work.
        looked_up = random.sample(list(self._missing), min(LOOKED_UP, len(self._missing)))
        self._found(opened, looked_up)
        batch = [key for key in looked_up if key in self._missing][:BATCH]
        opened.encodings.read([self._missing[key] for key in batch])
        self._done(batch)

    def _found(self, opened: Opened, keys: Collection[bytes]) -> None:
        self._done(opened.encodings.store.known(keys))

    def _done(self, keys: Collection[bytes]) -> None:
        for key in list(keys):
            self._missing.pop(key, None)
        self.progress = Reencoded(self._total - len(self._missing), self._total)


def at_start(encoders: Encoders, database: Database) -> Opened:
    """The encoder to start with: that of the published profile where all but a few texts have its vectors.

    Else the installation's own, and the profile's is put in place when it is ready. Errors as for `Encoders.open`.
    """
    with database.reading() as session:
        stored = published(session)
    try:
        document = stored.document() if stored is not None else None
        if document is not None and document.encoder_source is not None:
            opened = encoders.open(document.encoder_source)
            opened.check(document.profile)
            with database.reading() as session:
                supply = [one for one in published_listings(session) if one.kind in SUPPLY_KINDS]
            if opened.encodings.missing([text for one in supply for text in _texts(one)]) <= BATCH:
                return opened
    except PilotMatchError as error:
        _log.error("已发布的排序方案的编码器不能使用:%s", error)
    return encoders.open(None)


def _texts(listing: Listing) -> tuple[str, str]:
    return full_text(listing), short_text(listing)
