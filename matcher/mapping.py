"""One file of vectors for all processes that serve a catalogue: mapped, exchanged for a newer one, written anew."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from pathlib import Path
from typing import Final

from matcher.errors import PilotMatchError
from matcher.live import LiveMatcher
from matcher.match import Matcher
from matcher.retrieval.in_memory import InMemory
from matcher.retrieval.vector_file import FOLDER, VectorFile, mark_of, only_writer

#: What lies beside the file is held by every process: a tenth of the catalogue is worth writing gigabytes for.
BESIDE_SHARE: Final = 0.1
#: Texts in the file that nobody has any more cost a search as much as others do, and disk.
UNUSED_SHARE: Final = 0.25
#: Listings, 10 MB of vectors: less is never worth it.
LEAST: Final = 256
#: Profiles may change encoders, and change back; a file that is in use is missed by nobody who has it mapped.
FORGOTTEN_SECONDS: Final = 7 * 24 * 3600.0
#: Between two attempts to write, of which the first may have failed or been another process's.
PAUSE_SECONDS: Final = 30.0

_log = logging.getLogger("pilotmatch")


class MappedVectors:
    """The file of one catalogue and encoder, as one process deals with it. Of several that would write it one does.

    Args:
        folder: the data folder. catalogue, fingerprint: which catalogue's vectors, of which encoder.
    """

    def __init__(self, folder: Path, catalogue: str, fingerprint: str) -> None:
        self._catalogue, self._fingerprint = catalogue, fingerprint
        encoder = hashlib.sha256(fingerprint.encode()).hexdigest()[:12]
        self.path = folder / FOLDER / f"{catalogue}-{encoder}.vectors"
        self._seen: InMemory | None = None
        self._refused: tuple[int, ...] | None = None
        self._thread: threading.Thread | None = None
        self._not_before = 0.0

    def open(self) -> VectorFile | None:
        """The file, read through and found whole; None where there is none that can be used."""
        found = VectorFile.open(self.path, self._fingerprint, thorough=True)
        if found is None and self.path.exists():
            self._refused = self._mark()
            _log.warning("向量共享文件 %s 不完整或已过时,将重新写成", self.path.name)
        return found

    def tend(self, live: LiveMatcher, number: int) -> None:
        """Maps a newer file where there is one, and begins to write one where too much lies beside it.

        Quick where there is nothing to do; the writing is left to a thread. Call it from one thread, again and again.

        Args:
            number: the change that the matcher has seen.
        """
        vectors = _vectors(live.current)
        mark = self._mark()
        if mark is not None and mark != self._refused and (vectors.file is None or mark != vectors.file.mark):
            self._map(live, mark)
        elif vectors is not self._seen and not self._is_writing() and time.monotonic() >= self._not_before:
            self._seen = vectors
            if is_behind(vectors):
                self._fold_or_write(live, number)

    def write(self, vectors: InMemory, number: int) -> bool:
        """Writes the file, unless another process does or did; whether it was written here.

        Errors as for `vector_file.write`.
        """
        with only_writer(self.path) as mine:
            newer = self._mark() not in (None, self._refused, vectors.file and vectors.file.mark)
            if not mine or newer or not len(vectors):
                return False
            began = time.perf_counter()
            vectors.write(self.path, self._fingerprint, number)
            self._remove_forgotten()
        _log.info("向量共享文件已写成:%d 个条目,%.1f 秒", len(vectors), time.perf_counter() - began)
        return True

    def write_if_behind(self, vectors: InMemory, number: int) -> bool:
        """As `write`, where the file is missing or far behind these vectors."""
        return is_behind(vectors) and self.write(vectors, number)

    def _remove_forgotten(self) -> None:
        """Files of this catalogue's other encoders that nobody has written for long."""
        for other in self.path.parent.glob(f"{self._catalogue}-*.vectors"):
            if other != self.path and time.time() - other.stat().st_mtime > FORGOTTEN_SECONDS:
                other.unlink(missing_ok=True)

    def _map(self, live: LiveMatcher, mark: tuple[int, ...]) -> None:
        file = VectorFile.open(self.path, self._fingerprint)
        if file is None:
            self._refused = mark
            return
        live.replace(lambda matcher: matcher.holding(_vectors(matcher).over(file)))

    def _fold_or_write(self, live: LiveMatcher, number: int) -> None:
        """What changed back to what the file has need not lie beside it; if there is much else, it is written."""
        file = _vectors(live.current).file
        if file is not None:
            live.replace(lambda matcher: matcher.holding(_vectors(matcher).over(file)))
        vectors = _vectors(live.current)
        if is_behind(vectors):
            self._not_before = time.monotonic() + PAUSE_SECONDS
            self._thread = threading.Thread(
                target=self._try_to_write, args=(vectors, number), name="pilotmatch-vectors", daemon=True
            )
            self._thread.start()

    def _try_to_write(self, vectors: InMemory, number: int) -> None:
        try:
            self.write(vectors, number)
        except PilotMatchError as error:
            _log.error("%s", error)

    def _is_writing(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _mark(self) -> tuple[int, ...] | None:
        try:
            return mark_of(self.path.stat())
        except OSError:
            return None


def is_behind(vectors: InMemory) -> bool:
    """Whether so much lies beside the file, or so much in it for nothing, that it should be written anew."""
    if vectors.file is None:
        return len(vectors) > 0
    unused = vectors.unused
    return vectors.beside > max(LEAST, BESIDE_SHARE * len(vectors)) or (
        unused > max(LEAST, UNUSED_SHARE * len(vectors.file.full))
    )


def _vectors(matcher: Matcher) -> InMemory:
    held = matcher.retriever.held
    assert isinstance(held, InMemory)
    return held
