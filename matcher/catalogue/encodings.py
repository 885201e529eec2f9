"""Vectors that were computed once, kept by the text read: a restart re-encodes nothing, a changed text is a new one."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from embeddings import Encoded, Encoder
from embeddings.products import Codes, quantise
from matcher.errors import BrokenArtefact, Unavailable

Progress = Callable[[int, int], None]

#: Raise it when the layout of a segment changes; older segments are then refused with the command that mends them.
VERSION = 2
MEND = "运行 pilotmatch index --rebuild 重建"
#: A kill loses at most this many texts' worth of encoding.
SEGMENT_TEXTS = 512
_ASIDE = ".aside"
_ABANDONED_SECONDS = 3600.0  # a segment is written in seconds; younger ones may be another process at work
#: What NumPy and zipfile raise over damaged files: an encryption or compression flag that was flipped is a RuntimeError
#: there, and a single array where an archive should be has no `with`.
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, TypeError, RuntimeError, zipfile.BadZipFile)

Vectors = NDArray[np.float32]
Offsets = NDArray[np.int16]


class Stored(NamedTuple):
    """One text: vector float32 [d]; tokens uint8 [t, d], coded by `quantise`; offsets int16 [t, 2] in characters."""

    vector: Vectors
    tokens: Codes
    offsets: Offsets


def text_key(text: str) -> bytes:
    """16 bytes that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


class Encodings:
    """Pooled and token vectors by text, for one encoder, on disk under `folder`.

    Segments are only ever added, each written aside and renamed, so two processes don't harm each other and a crash
    leaves whole segments. Not safe for writing from several threads of one process.

    Raises:
        BrokenArtefact: a segment is truncated, garbled or of another layout; the hint names the command that mends it.
    """

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._encoder = encoder
        self._folder = folder / _folder_name(encoder.fingerprint)
        self._known: dict[bytes, Stored] = {}
        for path in sorted(self._folder.glob("*.npz")):
            self._known.update(_read_segment(path, encoder.fingerprint))

    def __len__(self) -> int:
        return len(self._known)

    def read(self, texts: Sequence[str], progress: Progress | None = None) -> list[Stored]:
        """What is stored of each of the listings' texts, in order; what is not known yet is encoded first.

        Args:
            progress: called with texts done and texts to do, for those that are not known yet.

        Raises:
            Unavailable: the folder can't be written; what was there stays.
        """
        keys = [text_key(text) for text in texts]
        missing = list({key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}.items())
        for start in range(0, len(missing), SEGMENT_TEXTS):
            self._encode(missing[start : start + SEGMENT_TEXTS], start, len(missing), progress)
        return [self._known[key] for key in keys]

    def _encode(self, part: list[tuple[bytes, str]], done: int, total: int, progress: Progress | None) -> None:
        segment: dict[bytes, Stored] = {}
        encoded = self._encoder.read_listings([text for _, text in part])
        for (key, _), one in zip(part, _checked(encoded), strict=True):
            segment[key] = Stored(one.vector, quantise(one.tokens), one.offsets.astype(np.int16))
            if progress:
                progress(done + len(segment), total)
        _write_segment(self._folder, segment, self._encoder.fingerprint)
        self._known.update(segment)


def forget(folder: Path) -> None:
    """Remove every stored vector, of every encoder; the next use computes them again."""
    shutil.rmtree(folder, ignore_errors=True)


def _folder_name(fingerprint: str) -> str:
    """The fingerprint may hold a path or a hub's slash: hashed, with what can be read of it in front."""
    readable = "".join(character if character.isalnum() else "-" for character in fingerprint)[:40]
    return f"{readable}-{hashlib.sha256(fingerprint.encode()).hexdigest()[:12]}"


def _checked(encoded: Iterator[Encoded]) -> Iterator[Encoded]:
    for one in encoded:
        if not (np.isfinite(one.vector).all() and np.isfinite(one.tokens).all()):
            raise BrokenArtefact("编码器给出了无效的向量", hint=MEND)
        yield one


def _write_segment(folder: Path, segment: dict[bytes, Stored], fingerprint: str) -> None:
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
        os.replace(aside, folder / f"{hashlib.sha256(b''.join(sorted(keys))).hexdigest()[:24]}.npz")
    except OSError as error:
        said = error.strerror or error
        raise Unavailable(f"无法写入向量文件夹 {folder}({said})", hint="请检查磁盘空间与权限") from error
    finally:  # also when a person interrupts
        if aside:
            aside.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Removes what killed processes left behind."""
    for aside in folder.glob("*" + _ASIDE):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - aside.stat().st_mtime > _ABANDONED_SECONDS:
                aside.unlink()


def _read_segment(path: Path, fingerprint: str) -> dict[bytes, Stored]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            keys, vectors, tokens, offsets = (stored[name] for name in ("keys", "vectors", "tokens", "offsets"))
            ends = np.cumsum(stored["lengths"])
    except _UNREADABLE as error:
        raise BrokenArtefact(f"向量文件 {path.name} 已损坏", hint=MEND) from error
    if about != {"version": VERSION, "fingerprint": fingerprint, "texts": len(keys)}:
        raise BrokenArtefact(f"向量文件 {path.name} 由另一编码器或另一版本生成", hint=MEND)
    starts = np.concatenate([[0], ends])[:-1]
    if not len(keys) == len(vectors) == len(ends) or not len(tokens) == len(offsets) == sum(ends[-1:]):
        raise BrokenArtefact(f"向量文件 {path.name} 的内容不齐全", hint=MEND)
    return {
        key.tobytes(): Stored(vectors[row], tokens[start:end], offsets[start:end])
        for row, (key, start, end) in enumerate(zip(keys, starts, ends, strict=True))
    }
