"""What was read of a catalogue's listings, kept in a file: a start reads only what is new, in a tenth of the time.

Facts are found by a digest of all that their listing says, and only where the same program read it, so a file can be
behind the catalogue but never wrong. It is written aside and renamed, and may be removed at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import os
import pickle
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from matcher.ranking.alignment import Measure
from matcher.ranking.facts import ListingFacts, Tables, facts_of_all
from matcher.ranking.listing_quantities import QuantityFact
from matcher.ranking.meanings import Meaning
from matcher.ranking.prices import Fee
from matcher.records import Evidence, Listing
from matcher.understanding.certificates import Holding

_ROOT: Final = Path(__file__).parents[2]
#: Whatever decides how a listing is read: the program, the tables it reads with, and what it splits and converts with.
_PROGRAM: Final = ("matcher/**/*.py", "datasets/*.*")
_LIBRARIES: Final = ("rjieba", "pint")
_MAGIC: Final = b"pilotmatch facts 1\n"
_DIGEST_BYTES: Final = 32
_KEY_BYTES: Final = 16
#: All that a file may name: whoever puts another one in its place can't have it run anything.
_CLASSES: Final[dict[str, Any]] = {
    f"{one.__module__}.{one.__qualname__}": one
    for one in (Evidence, Fee, Holding, ListingFacts, Meaning, Measure, QuantityFact, frozenset)
}

_log = logging.getLogger("pilotmatch")


class KeptFacts:
    """The file at a path; several processes may use it at once, the last that writes it wins."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def of_all(self, listings: Sequence[Listing], tables: Tables) -> tuple[ListingFacts, ...]:
        """As `facts_of_all` with the shipped tables. Where the file differs from these listings it is written anew, so
        that nothing stays in it that is not published any more.

        Never raises for the file's sake: one that is damaged is as good as none, and a disk that is full is logged.
        """
        kept = self._read()
        keys = [_key(listing) for listing in listings]
        new = [listing for key, listing in zip(keys, listings, strict=True) if key not in kept]
        read = iter(facts_of_all(new, tables))
        found = {key: kept[key] if key in kept else next(read) for key in keys}
        if found.keys() != kept.keys():
            self._write(found)
        return tuple(found[key] for key in keys)

    def _read(self) -> Mapping[bytes, ListingFacts]:
        try:
            data = self.path.read_bytes()
        except OSError:
            return {}
        head = _MAGIC + program().encode() + b"\n"
        digest, body = data[len(head) : len(head) + _DIGEST_BYTES], data[len(head) + _DIGEST_BYTES :]
        if not data.startswith(head) or hashlib.sha256(body).digest() != digest:
            return {}
        try:
            kept = _Unpickler(io.BytesIO(body)).load()
        except (pickle.UnpicklingError, TypeError, ValueError, AttributeError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def _write(self, kept: Mapping[bytes, ListingFacts]) -> None:
        body = pickle.dumps(kept, protocol=pickle.HIGHEST_PROTOCOL)
        aside: str | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + program().encode() + b"\n" + hashlib.sha256(body).digest() + body)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, self.path)
        except OSError as error:
            if aside is not None:
                with contextlib.suppress(OSError):
                    os.unlink(aside)
            _log.warning("条目的读取结果存不下来,下次启动会重新读取:%s", error.strerror or error)


@cache
def program() -> str:
    """What tells how this program reads listings from how another does: its source, tables, libraries and Python."""
    found = hashlib.sha256(repr((sys.version_info[:3], [version(name) for name in _LIBRARIES])).encode())
    for path in sorted({path for pattern in _PROGRAM for path in _ROOT.glob(pattern)}):
        found.update(f"{path.relative_to(_ROOT)} {path.stat().st_size}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def _key(listing: Listing) -> bytes:
    return hashlib.blake2b(repr(listing).encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        found = _CLASSES.get(f"{module}.{name}")
        if found is None:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return found
