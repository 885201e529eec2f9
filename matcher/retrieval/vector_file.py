"""The vectors of a catalogue's listings in one file that every process of a machine maps instead of holding its own.

Vectors are found by the text that they are of, so a file can be behind the catalogue but never wrong: what it lacks is
kept in memory beside it. It is written aside and renamed; who has an older one mapped keeps it until he lets go of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from matcher.catalogue.vector_store import text_key
from matcher.errors import Unavailable
from matcher.retrieval.late import TokenStore
from matcher.retrieval.pooled import Pooled
from matcher.retrieval.token_pages import Page

Rows = NDArray[np.int64]
Keys = NDArray[np.uint64]
Floats = NDArray[np.float32]

#: In the data folder. Derived: may be removed at any time, also while it is mapped.
FOLDER: Final = "mapped"
#: Raise it when the layout changes; older files are then written anew.
VERSION: Final = 1
_MAGIC: Final = b"pilotmatch vectors\n"
#: The header's room, and what arrays are aligned to: a page of memory.
_PAGE: Final = 4096
_ASIDE: Final = ".aside"
#: Rows that are gathered for writing together: 12 MB.
_TOGETHER: Final = 8192
_ARRAYS: Final = ("full_keys", "full", "short_keys", "short", "codes", "offsets", "bounds")


def keys_of(texts: Sequence[str]) -> Keys:
    """uint64 [n, 2]: `text_key` of each text."""
    return np.frombuffer(b"".join(map(text_key, texts)), "<u8").reshape(-1, 2).astype(np.uint64)


class Keyed:
    """float32 [n, d] by the keys of their texts, which ascend."""

    def __init__(self, keys: Keys, vectors: Floats) -> None:
        self._keys, self.vectors = keys, vectors

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, keys: Keys) -> Rows:
        """int64 [m]: the row of each key, −1 where it is not there."""
        places = np.searchsorted(self._keys[:, 0], keys[:, 0])
        places[places == len(self._keys)] = 0
        # Two texts of one first half are all but impossible; the second of them would be found missing, no more.
        found: Rows = np.where((self._keys[places] == keys).all(axis=1), places, -1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class VectorFile:
    """What is mapped: vectors of full and of short texts, and the tokens of the full ones, none of it writable.

    Attributes:
        number: the change of the catalogue that it was written as of. mark: tells this file from others at its path.
        bounds: int64 [n + 1], where in `page` the tokens of each full text begin and end.
    """

    number: int
    mark: tuple[int, ...]
    full: Keyed
    short: Keyed
    page: Page
    bounds: Rows

    @classmethod
    def open(cls, path: Path, fingerprint: str, *, thorough: bool = False) -> VectorFile | None:
        """The file at a path; None where there is none, or one that is damaged, of another layout or encoder.

        Args:
            thorough: whether to read all of it and compare its checksum: seconds for a large catalogue.
        """
        try:
            with path.open("rb") as file:
                about = _header(file)
                if about is None or about["fingerprint"] != fingerprint or (thorough and not _is_whole(file, about)):
                    return None
                arrays = {name: _mapped(file, *about["arrays"][name]) for name in _ARRAYS}
                mark = mark_of(os.fstat(file.fileno()))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return cls(
            number=int(about["number"]),
            mark=mark,
            full=Keyed(np.array(arrays["full_keys"]), arrays["full"]),
            short=Keyed(np.array(arrays["short_keys"]), arrays["short"]),
            page=Page(arrays["codes"], arrays["offsets"], len(arrays["codes"]), mapped=True),
            bounds=np.array(arrays["bounds"]),
        )


def mark_of(found: os.stat_result) -> tuple[int, ...]:
    """What differs between a file and the one that takes its place."""
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def write(
    path: Path,
    fingerprint: str,
    number: int,
    full: tuple[Keys, Pooled],
    short: tuple[Keys, Pooled],
    late: TokenStore,
) -> None:
    """Put a file with these vectors in the place of what is there; a text that several listings share is in it once.

    Args:
        number: the change of the catalogue that they are as of. full, short: keys of the rows' texts, and vectors.
        late: tokens of the full texts.

    Raises:
        Unavailable: there is no room, or no permission; what was there stays.
    """
    aside: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=_ASIDE)
        with os.fdopen(handle, "w+b") as file:
            writing = _Writing(file)
            writing.vectors("full", *full)
            writing.vectors("short", *short)
            writing.tokens(_first_of_each(full[0]), late)
            writing.finish({"version": VERSION, "fingerprint": fingerprint, "number": number})
        os.replace(aside, path)
    except OSError as error:
        if aside is not None:
            with contextlib.suppress(OSError):
                os.unlink(aside)
        raise Unavailable(f"向量共享文件写不进去({error.strerror or error})", hint="请检查磁盘空间与权限") from error


@contextlib.contextmanager
def only_writer(path: Path) -> Iterator[bool]:
    """Whether this process may write the file now: one at a time. The right ends with the process that has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        for abandoned in path.parent.glob(f"{path.name}*{_ASIDE}"):
            abandoned.unlink(missing_ok=True)
        yield True


def forget_mapped(data: Path) -> None:
    """Remove the files of a data folder; who has one mapped keeps it, and the next start writes it anew."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)


class _Writing:
    """Arrays one after the other behind the room for the header, which is written last."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum = file, 0
        self._arrays: dict[str, tuple[str, list[int], int]] = {}
        file.write(bytes(_PAGE))

    def vectors(self, name: str, keys: Keys, pooled: Pooled) -> None:
        rows = _first_of_each(keys)
        self._put(f"{name}_keys", iter([keys[rows]]), [len(rows), 2], keys.dtype)
        parts = (pooled.of(rows[start : start + _TOGETHER]) for start in range(0, len(rows), _TOGETHER))
        dimension = pooled.of(rows[:1]).shape[1]
        self._put(name, parts, [len(rows), dimension], np.dtype(np.float32))

    def tokens(self, rows: Rows, late: TokenStore) -> None:
        held = [late.coded(row) for row in rows.tolist()]
        bounds = np.concatenate([[0], np.cumsum([len(codes) for codes, _ in held])]).astype(np.int64)
        count, dimension = int(bounds[-1]), held[0][0].shape[1]
        self._put("codes", (codes for codes, _ in held), [count, dimension], np.dtype(np.uint8))
        self._put("offsets", (offsets for _, offsets in held), [count, 2], np.dtype(np.int16))
        self._put("bounds", iter([bounds]), [len(bounds)], bounds.dtype)

    def finish(self, about: dict[str, Any]) -> None:
        size = self._file.tell()
        header = json.dumps(about | {"arrays": self._arrays, "size": size, "crc32": self._sum}).encode()
        self._file.seek(0)
        self._file.write(_MAGIC + header + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _put(self, name: str, parts: Iterator[NDArray[Any]], shape: list[int], dtype: np.dtype[Any]) -> None:
        self._write(bytes(-self._file.tell() % _PAGE))
        self._arrays[name] = (dtype.str, shape, self._file.tell())
        for part in parts:
            self._write(np.ascontiguousarray(part, dtype).tobytes())

    def _write(self, data: bytes) -> None:
        self._sum = zlib.crc32(data, self._sum)
        self._file.write(data)


def _first_of_each(keys: Keys) -> Rows:
    """The first row of each different key, in the order of the keys."""
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    found = keys[order]
    new = np.ones(len(keys), np.bool_)
    new[1:] = (found[1:] != found[:-1]).any(axis=1)
    rows: Rows = order[new]
    return rows


def _header(file: IO[bytes]) -> dict[str, Any] | None:
    """What a file says of itself; None where it is not one of ours, or not as long as it says."""
    head = file.read(_PAGE)
    line, ending, _ = head.removeprefix(_MAGIC).partition(b"\n")
    if not head.startswith(_MAGIC) or not ending:
        return None
    about: dict[str, Any] = json.loads(line)
    whole = about["version"] == VERSION and about["size"] == os.fstat(file.fileno()).st_size
    return about if whole else None


def _is_whole(file: IO[bytes], about: dict[str, Any]) -> bool:
    file.seek(_PAGE)
    found = 0
    while data := file.read(1 << 20):
        found = zlib.crc32(data, found)
    return bool(found == about["crc32"])


def _mapped(file: IO[bytes], dtype: str, shape: list[int], offset: int) -> NDArray[Any]:
    if not all(shape):
        return np.zeros(shape, dtype)
    return np.asarray(np.memmap(file, dtype, "r", offset, tuple(shape)))
