"""The file that an index is kept in: a checksum over a JSON header and the rows; written aside and renamed."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

from embeddings.errors import REBUILD, BrokenIndex, IndexUnwritable
from embeddings.exact import ExactRows

_MAGIC, _VERSION = b"PMVI", 1
_HEAD = struct.Struct("<4sI32s")  # magic, version, sha256 of all that follows
_LENGTH = struct.Struct("<Q")  # bytes of the JSON header, which comes next; then the rows


class Stored(NamedTuple):
    """What a file holds: the encoder's fingerprint, ids in row order and the rows."""

    fingerprint: str
    ids: list[str]
    rows: ExactRows


def write_index(path: Path, stored: Stored) -> None:
    """Writes an index file in place of an older one; IndexUnwritable where the disk can't take it."""
    header = json.dumps({"fingerprint": stored.fingerprint, "ids": stored.ids}).encode()
    body = _LENGTH.pack(len(header)) + header + stored.rows.to_bytes()
    head = _HEAD.pack(_MAGIC, _VERSION, hashlib.sha256(body).digest())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, head + body)
    except OSError as error:
        hint = "检查磁盘空间和权限,或用 PILOTMATCH_DATA 指定其他目录"
        raise IndexUnwritable(f"无法写入向量索引 {path}({error.strerror or error})", hint=hint) from error


def read_index(path: Path) -> Stored:
    """Reads an index file; BrokenIndex where it is missing, truncated, garbled or of another version."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BrokenIndex(f"无法读取向量索引 {path}({error.strerror or error})", hint=REBUILD) from error
    if len(data) < _HEAD.size:
        _refuse(path, "文件不完整")
    magic, version, checksum = _HEAD.unpack_from(data)
    body = memoryview(data)[_HEAD.size :]
    if (magic, version) != (_MAGIC, _VERSION):
        _refuse(path, "文件格式或版本不符")
    if hashlib.sha256(body).digest() != checksum:  # before FAISS sees it: garbled bytes can crash its reader
        _refuse(path, "校验和不符,文件不完整或已损坏")
    (length,) = _LENGTH.unpack_from(body)
    header, rows = body[_LENGTH.size : _LENGTH.size + length], body[_LENGTH.size + length :]
    about = json.loads(bytes(header))
    return Stored(about["fingerprint"], about["ids"], ExactRows.from_bytes(rows))


def _refuse(path: Path, why: str) -> NoReturn:
    raise BrokenIndex(f"向量索引 {path} 已损坏:{why}", hint=REBUILD)


def _replace(path: Path, data: bytes) -> None:
    descriptor, aside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(aside, 0o644)
        os.replace(aside, path)
    finally:
        with suppress(FileNotFoundError):  # renamed, as it should be
            os.unlink(aside)
