"""Vectors in files: segments that are only ever added, each written aside and renamed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from matcher.catalogue.vector_store import MEND, Stored
from matcher.errors import BrokenArtefact, Unavailable

#: Raise it when the layout of a segment changes; older segments are then refused with the command that mends them.
VERSION = 2
_ASIDE = ".aside"
_ABANDONED_SECONDS = 3600.0  # a segment is written in seconds; younger ones may be another process at work
#: What NumPy and zipfile raise over damaged files: an encryption or compression flag that was flipped is a RuntimeError
#: there, and a single array where an archive should be has no `with`.
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, TypeError, RuntimeError, zipfile.BadZipFile)
_DTYPES = {"vectors": np.dtype(np.float32), "tokens": np.dtype(np.uint8), "offsets": np.dtype(np.int16)}
#: Bytes of a zip archive's header before each member: this many, and two lengths at this place.
_LOCAL_HEADER, _LOCAL_LENGTHS = 30, slice(26, 30)


class _Array(NamedTuple):
    """Where an array lies in a segment's file."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int


class _Segment(NamedTuple):
    """A segment's file: its keys, where each text's tokens end, and where its arrays lie."""

    path: Path
    keys: list[bytes]
    ends: list[int]
    arrays: dict[str, _Array]


class FileVectors:
    """A `VectorStore` in one folder for each encoder. What is in memory are keys and places in files.

    Two processes don't harm each other and a crash leaves whole segments.

    Raises:
        BrokenArtefact: a segment is truncated, garbled or of another layout; the hint names the command that mends it.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder / _folder_name(fingerprint)
        self._fingerprint = fingerprint
        self._adding = threading.Lock()
        self._places: dict[bytes, tuple[_Segment, int]] = {}
        for path in sorted(self._folder.glob("*.npz")):
            self._add(_opened(path, fingerprint))

    def __len__(self) -> int:
        return len(self._places)

    def known(self, keys: Collection[bytes]) -> set[bytes]:
        """As `VectorStore.known`."""
        return {key for key in keys if key in self._places}

    def get_many(self, keys: Collection[bytes]) -> dict[bytes, Stored]:
        """As `VectorStore.get_many`."""
        wanted: dict[Path, tuple[_Segment, list[int]]] = {}
        for place in filter(None, map(self._places.get, keys)):
            wanted.setdefault(place[0].path, (place[0], []))[1].append(place[1])
        found: dict[bytes, Stored] = {}
        for segment, rows in wanted.values():
            found |= _read(segment, rows)
        return found

    def put_many(self, segment: Mapping[bytes, Stored]) -> None:
        """As `VectorStore.put_many`."""
        path = _write(self._folder, segment, self._fingerprint)
        self._add(_opened(path, self._fingerprint))

    def forget(self) -> None:
        """As `VectorStore.forget`."""
        with self._adding:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._places = {}

    def _add(self, segment: _Segment) -> None:
        with self._adding:
            self._places.update({key: (segment, row) for row, key in enumerate(segment.keys)})


def remove_damaged(folder: Path, fingerprint: str) -> list[str]:
    """Removes the segments that `FileVectors` would refuse, so that their texts are encoded again; their names.

    Raises:
        Unavailable: one can't be removed.
    """
    damaged = []
    for path in sorted((folder / _folder_name(fingerprint)).glob("*.npz")):
        try:
            _opened(path, fingerprint)
        except BrokenArtefact:
            damaged.append(path.name)
            _remove(path)
    return damaged


def forget(folder: Path) -> None:
    """Remove every stored vector, of every encoder; the next use computes them again."""
    shutil.rmtree(folder, ignore_errors=True)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"无法删除 {path}({error.strerror or error})", hint="请检查权限") from error


def _folder_name(fingerprint: str) -> str:
    """The fingerprint may hold a path or a hub's slash: hashed, with what can be read of it in front."""
    readable = "".join(character if character.isalnum() else "-" for character in fingerprint)[:40]
    return f"{readable}-{hashlib.sha256(fingerprint.encode()).hexdigest()[:12]}"


def _write(folder: Path, segment: Mapping[bytes, Stored], fingerprint: str) -> Path:
    keys = list(segment)
    about = json.dumps({"version": VERSION, "fingerprint": fingerprint, "texts": len(keys)})
    aside: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        handle, name = tempfile.mkstemp(dir=folder, suffix=_ASIDE)
        aside = Path(name)
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file,
                about=np.frombuffer(about.encode(), np.uint8),
                keys=np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), -1),
                vectors=np.stack([segment[key].vector for key in keys]),
                lengths=np.array([len(segment[key].tokens) for key in keys], np.int64),
                tokens=np.concatenate([segment[key].tokens for key in keys]),
                offsets=np.concatenate([segment[key].offsets for key in keys]),
            )
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(0o644)  # mkstemp makes it ours alone; another account may run the service
        path = folder / f"{hashlib.sha256(b''.join(sorted(keys))).hexdigest()[:24]}.npz"
        os.replace(aside, path)
    except OSError as error:
        said = error.strerror or error
        raise Unavailable(f"无法写入向量文件夹 {folder}({said})", hint="请检查磁盘空间与权限") from error
    finally:  # also when a person interrupts
        if aside:
            aside.unlink(missing_ok=True)
    return path


def _sweep(folder: Path) -> None:
    """Removes what killed processes left behind."""
    for aside in folder.glob("*" + _ASIDE):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - aside.stat().st_mtime > _ABANDONED_SECONDS:
                aside.unlink()


def _opened(path: Path, fingerprint: str) -> _Segment:
    """A segment all of whose bytes have been read once and found as they were written."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            damaged = archive.testzip()
            with np.load(path, allow_pickle=False) as stored:
                about = json.loads(stored["about"].tobytes())
                keys, lengths = stored["keys"], stored["lengths"]
            arrays = {name: _array(file, archive.getinfo(f"{name}.npy")) for name in _DTYPES}
    except _UNREADABLE as error:
        raise BrokenArtefact(f"向量文件 {path.name} 已损坏", hint=MEND) from error
    if damaged:
        raise BrokenArtefact(f"向量文件 {path.name} 已损坏({damaged})", hint=MEND)
    if about != {"version": VERSION, "fingerprint": fingerprint, "texts": len(keys)}:
        raise BrokenArtefact(f"向量文件 {path.name} 由另一编码器或另一版本生成", hint=MEND)
    texts, tokens = len(arrays["vectors"].shape) == 2 and arrays["vectors"].shape[0], arrays["tokens"].shape[0]
    if not len(keys) == texts == len(lengths) or not tokens == arrays["offsets"].shape[0] == int(lengths.sum()):
        raise BrokenArtefact(f"向量文件 {path.name} 的内容不齐全", hint=MEND)
    return _Segment(path, [key.tobytes() for key in keys], np.cumsum(lengths).tolist(), arrays)


def _array(file: Any, member: zipfile.ZipInfo) -> _Array:
    """Where the numbers of an uncompressed member lie; ValueError where it is not what we write."""
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER)[_LOCAL_LENGTHS]
    file.seek(int.from_bytes(header[:2], "little") + int.from_bytes(header[2:], "little"), os.SEEK_CUR)
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, is_fortran, dtype = read_header(file)
    if member.compress_type != zipfile.ZIP_STORED or is_fortran or dtype != _DTYPES[member.filename[:-4]]:
        raise ValueError(f"{member.filename} was written otherwise")
    return _Array(dtype, shape, file.tell())


def _read(segment: _Segment, rows: Iterable[int]) -> dict[bytes, Stored]:
    """Copies of what a segment holds in some rows. The file is mapped for the moment: its pages are not kept."""
    try:
        vectors, tokens, offsets = (
            np.memmap(segment.path, one.dtype, "r", one.offset, one.shape) if all(one.shape) else np.zeros(one.shape)
            for one in (segment.arrays[name] for name in _DTYPES)
        )
    except FileNotFoundError:
        return {}  # forgotten by another process: the texts are encoded again
    except (OSError, ValueError) as error:
        raise BrokenArtefact(f"向量文件 {segment.path.name} 已损坏", hint=MEND) from error
    found = {}
    for row in rows:
        span = slice(segment.ends[row - 1] if row else 0, segment.ends[row])
        found[segment.keys[row]] = Stored(
            np.array(vectors[row], np.float32), np.array(tokens[span], np.uint8), np.array(offsets[span], np.int16)
        )
    return found
