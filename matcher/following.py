"""The index follows the database: after each commit at once in the process that wrote, within a second in the others.

What a change leaves to do is read from the database as it is now, not from the log: only which listings to look at
comes from there. So it does no harm to look twice, and two changes of one listing are one piece of work.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matcher.catalogue.change_log import changed_after, last_change
from matcher.catalogue.database import Database
from matcher.catalogue.encodings import Encodings
from matcher.catalogue.listings.published import published as published_listings
from matcher.catalogue.listings.published import published_by_ids
from matcher.catalogue.profiles.drafts import get
from matcher.catalogue.profiles.publishing import history, published
from matcher.catalogue.profiles.stored import StoredProfile, serving_document
from matcher.catalogue.vector_store import text_key
from matcher.encoders import Encoders
from matcher.errors import PilotMatchError, Unavailable
from matcher.free_memory import FreeMemory
from matcher.live import LiveMatcher
from matcher.mapping import MappedVectors
from matcher.match import Matcher
from matcher.other_profiles import OtherProfiles
from matcher.ranking.documents import Document
from matcher.reading_ahead import ReadingAhead
from matcher.records import Listing
from matcher.reembedding import EncoderSwitch, Ready, Reencoded
from matcher.retrieval.listing_index import ListingIndex
from matcher.retrieval.views import full_text, short_text
from matcher.retrieval.vocabulary import Vocabulary

#: Other processes see a change after at most this and the time to encode it: together well within a second.
POLL_SECONDS = 0.25
#: New texts that a request waits for: some 20 ms each. More (an import) are left to the background.
AT_ONCE = 16
#: Listings that a start waits for, some 20 ms each; with more the service answers first and fills up meanwhile.
AT_START = 2000
#: Listings encoded and put in place together in the background.
BATCH = 64

_log = logging.getLogger("pilotmatch")

#: Makes a matcher over listings; the seconds of start-up are spent here.
Load = Callable[[list[Listing]], Matcher]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the index is behind, and by which profile it ranks.

    Attributes:
        number: the change it has seen. waiting: listings still to be encoded.
        profile: id of the published profile in use; None where none was ever published.
        complaint: why a newer one could not be put in place, so that the old one goes on.
        reencoded: how far the catalogue is encoded for a published profile that needs another encoder, and so waits.
    """

    number: int
    waiting: int
    profile: str | None = None
    complaint: str | None = None
    reencoded: Reencoded | None = None


class Follower:
    """Keeps a `LiveMatcher` like the published listings of a database.

    Args:
        load: makes the matcher that one starts from. encodings: of the encoder that this matcher uses.
        vocabulary: the shipped one, which published profiles change; None follows no profiles.
        index: that this matcher searches in, closed at the end; None where it searches in memory.
        mapped: the file of vectors that `load` uses, kept like the catalogue; None where this process has its own.
        encoders: that profiles may name; None follows only profiles for the encoder that `load` uses.

    Raises:
        Unavailable: the database or the store of vectors can't be reached.
    """

    def __init__(
        self,
        database: Database,
        load: Load,
        encodings: Encodings,
        vocabulary: Vocabulary | None = None,
        index: ListingIndex | None = None,
        mapped: MappedVectors | None = None,
        encoders: Encoders | None = None,
    ) -> None:
        self._database, self._encodings, self._vocabulary = database, encodings, vocabulary
        self._index, self._mapped = index, mapped
        self._others = None if vocabulary is None else OtherProfiles(vocabulary)
        self._switch = None if vocabulary is None or encoders is None else EncoderSwitch(encoders, vocabulary)
        self._profile: str | None = None
        self._complaint: str | None = None
        self._looking, self._tending = threading.Lock(), threading.Lock()
        self._waiting: dict[str, None] = {}
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        with database.reading() as session:
            self._number = last_change(session)
            listings = list(published_listings(session))
        ready, later = by_vectors(self._encodings, listings, AT_START)
        self._waiting.update(dict.fromkeys(later))
        self.live = LiveMatcher(load(ready))
        self._take_profile()
        if self._profile is None:
            self._take_earlier()

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The shipped one, which documents change; None where no profiles are followed."""
        return self._vocabulary

    def progress(self) -> Progress:
        """How far the index is behind the database, as far as this process has looked."""
        reencoded = self._switch.progress if self._switch is not None else None
        return Progress(self._number, len(self._waiting), self._profile, self._complaint, reencoded)

    def ranked_by(self, stored: StoredProfile) -> Matcher:
        """The matcher of the moment, but ranking by this profile, published or not.

        Raises:
            BrokenArtefact: its document can't be used. Unavailable: this follower follows no profiles.
        """
        if stored.id == self._profile:
            return self.live.current
        if self._others is None:
            raise Unavailable("这里不能按指定的排序方案匹配", hint="请在正式服务中使用")
        return self._others.matcher(stored, self.live.current)

    def catch_up(self) -> None:
        """Put every change that is committed in place: what is gone and what is encoded already, and a few new texts.

        More new texts than `AT_ONCE` are left to the background. Never raises: what went wrong is logged and tried
        again, and the index stays as it was.
        """
        try:
            with self._looking:
                self._look()
        except PilotMatchError as error:
            _log.error("索引暂时跟不上数据库,稍后再试:%s", error)

    def _look(self) -> None:
        with self._database.reading() as session:
            number, ids = changed_after(session, self._number, "listing")
            if number == self._number:
                return
            found = published_by_ids(session, ids)
        shown = [listing for listing in found.values() if listing is not None]
        gone = [listing_id for listing_id, listing in found.items() if listing is None]
        for listing_id in gone:
            self._waiting.pop(listing_id, None)
        ready, later = (shown, []) if len(shown) <= AT_ONCE else by_vectors(self._encodings, shown, AT_ONCE)
        if ready or gone:
            self._apply(ready, gone)
        self._waiting.update(dict.fromkeys(later))
        self._take_profile()
        self._number = number

    def _apply(self, ready: Sequence[Listing], gone: Sequence[str]) -> None:
        """What is gone goes, even where what is new can't be put in place; the error comes all the same."""
        try:
            self.live.apply(ready, gone)
        except PilotMatchError:
            if ready and gone:
                self.live.apply((), gone)
            raise

    def _take_profile(self) -> None:
        """Rank by the published profile from the next answer on. One that can't be used leaves the old one in place."""
        if self._vocabulary is None:
            return
        with self._database.reading() as session:
            stored = published(session)
        if stored is None:
            return
        if stored.id == self._profile or self._takes(stored):
            self._complaint = None
            if self._switch is not None:
                self._switch.forget()

    def _takes(self, stored: StoredProfile) -> bool:
        """Put a profile in place, or have it wait for its encoder, or complain of it; whether it is in place."""
        try:
            document = serving_document(stored)
            if self._switch is not None and document.encoder_source != self.live.current.source:
                if self._switch.want(stored):
                    self._complaint = None
                    _log.info("排序方案 %s 要用另一编码器,正在后台编码", stored.label)
                return False
            self._rank_by(stored, document)
        except PilotMatchError as error:
            self._complain(stored, error)
            return False
        _log.info("已启用排序方案 %s", stored.label)
        return True

    def _rank_by(self, stored: StoredProfile, document: Document) -> None:
        vocabulary = self._vocabulary
        assert vocabulary is not None
        self.live.replace(lambda matcher: matcher.with_document(document, vocabulary))
        self._profile = stored.id

    def _complain(self, stored: StoredProfile, error: Exception) -> None:
        said = error.message if isinstance(error, PilotMatchError) else type(error).__name__
        complaint = f"{stored.label} 不能启用:{said}"
        if complaint != self._complaint:
            _log.error("排序方案 %s 不能启用,继续使用原方案:%s", stored.label, error)
        self._complaint = complaint

    def _take_earlier(self) -> None:
        """At a start the published profile may not be ready: the latest one before it that is serves meanwhile."""
        if self._vocabulary is None:
            return
        with self._database.reading() as session:
            ids = dict.fromkeys(one.previous_id for one in history(session) if one.previous_id is not None)
            earlier = [get(session, profile_id) for profile_id in ids]
        for stored in earlier:
            try:
                self._rank_by(stored, serving_document(stored))
            except PilotMatchError:  # of another encoder, or not usable any more
                continue
            _log.info("暂用此前的排序方案 %s", stored.label)
            return

    def reencode(self) -> bool:
        """Do a part of what a profile that needs another encoder waits for, and put it in place at the end.

        Whether there was anything to do. Never raises: what fails leaves the old profile in place and is tried again.
        """
        if self._switch is None or not self._switch.is_due:
            return False
        wanted = self._switch.wanted
        try:
            ready = self._switch.step(self.live.current)
            if ready is not None:
                self._put(ready.onto(self.live.current))
        except Exception as error:  # a folder that should hold a model may hold anything
            if wanted is not None and self._switch.wanted is wanted:
                self._complain(wanted, error)
            return False
        if self._switch.wanted is wanted:
            self._complaint = None
        return True

    def _put(self, ready: Ready) -> None:
        """Encoder, vectors and profile change together: whoever took the matcher before keeps the old one."""
        assert self._switch is not None
        with self._tending, self._looking:
            with self._database.reading() as session:
                present = published(session)
            if self._switch.wanted is not ready.stored or present is None or present.id != ready.stored.id:
                return
            self.live.replace(lambda current: ready.onto(current).matcher)
            self._encodings, self._mapped = ready.opened.encodings, ready.opened.mapped
            self._profile, self._complaint = ready.stored.id, None
            self._switch.forget()
        _log.info("已换用编码器并启用排序方案 %s", ready.stored.label)

    def encode_waiting(self) -> bool:
        """Encode and put in place one batch of what waits; whether there was any.

        Encoding goes on outside the lock, so that a listing that is hidden meanwhile is gone at once.
        """
        with self._looking:
            waiting = list(self._waiting)
        if not waiting:
            return False
        # At random, so that several processes share the work: what another has encoded is only put in place.
        ids = random.sample(waiting, min(BATCH, len(waiting)))
        with self._database.reading() as session:
            found = published_by_ids(session, ids)
        texts = [text for listing in found.values() if listing is not None for text in _texts(listing)]
        self._encodings.read(texts)
        with self._looking:
            with self._database.reading() as session:
                found = published_by_ids(session, ids)
            shown = [listing for listing in found.values() if listing is not None]
            ready, changed = by_vectors(self._encodings, shown, 0)
            self._apply(ready, [listing_id for listing_id, listing in found.items() if listing is None])
            for listing_id in set(ids) - set(changed):
                self._waiting.pop(listing_id, None)
        return True

    def tend_file(self) -> None:
        """See whether the file of vectors has been written anew, or should be. Never raises."""
        with self._tending:  # the encoder must not change meanwhile: the file is of one
            if self._mapped is not None:
                try:
                    self._mapped.tend(self.live, self._number)
                except (PilotMatchError, OSError) as error:
                    _log.error("向量共享文件暂时不能更新:%s", error)

    def start(self) -> None:
        """Follow in the background until `stop`."""
        reading = ReadingAhead(self.live, self._stopping)
        for name, run in (
            ("pilotmatch-follow", self._run),
            ("pilotmatch-reencode", self._run_reencoding),
            ("pilotmatch-read-ahead", reading.run),
        ):
            self._threads.append(threading.Thread(target=run, name=name, daemon=True))
            self._threads[-1].start()

    def stop(self) -> None:
        """End the threads; a batch under way is finished first."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        if self._index is not None:
            self._index.close()

    def _run(self) -> None:
        total, free = len(self._waiting), FreeMemory()
        while not self._stopping.is_set():
            self.catch_up()
            self.tend_file()
            total = max(total, len(self._waiting))
            try:
                worked = self.encode_waiting()
            except PilotMatchError as error:
                _log.error("后台编码暂停,稍后再试:%s", error)
                worked = False
            if worked:
                _log.info("后台编码:还有 %d / %d 个条目", len(self._waiting), total)
                total = total if self._waiting else 0
            else:
                free.after(self._number)
                self._stopping.wait(POLL_SECONDS)

    def _run_reencoding(self) -> None:
        while not self._stopping.is_set():
            if not self.reencode():
                self._stopping.wait(POLL_SECONDS)


def by_vectors(encodings: Encodings, listings: Sequence[Listing], at_once: int) -> tuple[list[Listing], list[str]]:
    """Those that can go in now, because their texts have vectors or are few, and the ids of the others."""
    known = encodings.store.known({text_key(text) for listing in listings for text in _texts(listing)})
    new = {listing.id for listing in listings if any(text_key(text) not in known for text in _texts(listing))}
    if len(new) <= at_once:
        return list(listings), []
    return [listing for listing in listings if listing.id not in new], sorted(new)


def _texts(listing: Listing) -> tuple[str, str]:
    return full_text(listing), short_text(listing)
