"""Where a Milvus collection is and how it is searched: read from one address such as `milvus://host:19530/name`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final, Literal, get_args
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from embeddings.errors import InvalidAddress

Kind = Literal["flat", "hnsw", "ivf"]

PORT: Final = 19530
NAME: Final = "pilotmatch"
FILE: Final = "milvus.db"
EXAMPLE: Final = "如 milvus://主机:19530/集合名?index=hnsw,或 milvus-lite:///目录/milvus.db"
#: What Milvus takes as the name of a collection; the rest of its 255 characters is for suffixes.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
#: HNSW and IVF_FLAT: how they are built and searched where the address does not say otherwise. On 6,000 clustered
#: vectors HNSW then finds 0.99 of the ten best and IVF 0.97 (tests/embeddings/test_milvus_approximate.py).
_DEFAULTS: Final[Mapping[str, int]] = MappingProxyType(
    {"m": 16, "ef_construction": 200, "ef": 128, "nlist": 1024, "nprobe": 64}
)
_SWITCHES: Final = {"on": True, "off": False}


@dataclass(frozen=True, slots=True)
class Address:
    """A collection of one Milvus server, or of a file that Milvus Lite keeps.

    Attributes:
        uri: what pymilvus connects to; the path of a file for Lite. token: `user:password`, or "".
        database: of the server, "" for its default. name: of the collection.
        kind: `flat` compares with every row; `hnsw` and `ivf` (IVF_FLAT) are faster and miss a little.
        numbers: parameters of the index. words: whether Milvus also searches texts with BM25, where it can.
    """

    uri: str
    token: str
    database: str
    name: str
    kind: Kind
    numbers: Mapping[str, int]
    words: bool

    @property
    def is_lite(self) -> bool:
        """Whether Milvus Lite keeps it in a file; one process at a time can open that."""
        return not self.uri.startswith(("http://", "https://"))

    @classmethod
    def parse(cls, url: str) -> Address:
        """Read `milvus://[user:password@]host[:port][/name][?options]` or `milvus-lite:///folder/file.db[?options]`.

        Options: `index` (flat, hnsw, ivf), `words` (on, off), `secure` (on: TLS), `database`, `collection`, and the
        numbers m, ef_construction, ef, nlist, nprobe. `milvus:///folder/file.db` is Lite as well.

        Raises:
            InvalidAddress: it can't be read; the message repeats nothing of it, for it may hold a password.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise InvalidAddress("向量库地址的格式不对", hint=EXAMPLE) from None
        if parts.scheme not in ("milvus", "milvus-lite"):
            raise InvalidAddress("向量库地址应以 milvus:// 或 milvus-lite:// 开头", hint=EXAMPLE)
        options = _options(parts)
        is_lite = parts.scheme == "milvus-lite" or host is None
        name = options.pop("collection", "") or ("" if is_lite else unquote(parts.path.strip("/"))) or NAME
        if not _NAME.fullmatch(name):
            raise InvalidAddress("集合名只能由英文字母、数字与下划线组成,以字母或下划线开头", hint=EXAMPLE)
        secure = _switch(options, "secure", "off")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(
            uri=_file(parts) if is_lite else f"http{'s' if secure else ''}://{_bracketed(host)}:{port or PORT}",
            token=f"{user}:{password}" if user else "",
            database=options.pop("database", ""),
            name=name,
            words=_switch(options, "words", "on"),
            kind=_kind(options.pop("index", "flat")),
            numbers=_numbers(options),
        )


def _options(parts: SplitResult) -> dict[str, str]:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if len(dict(pairs)) < len(pairs):
        raise InvalidAddress("向量库地址里同一选项写了两次", hint=EXAMPLE)
    return dict(pairs)


def _kind(value: str) -> Kind:
    for kind in get_args(Kind):
        if value == kind:
            found: Kind = kind
            return found
    raise InvalidAddress(f"向量库地址里的 index 只能是 {'、'.join(get_args(Kind))}", hint=EXAMPLE)


def _switch(options: dict[str, str], name: str, default: str) -> bool:
    value = options.pop(name, default)
    if value not in _SWITCHES:
        raise InvalidAddress(f"向量库地址里的 {name} 只能是 on 或 off", hint=EXAMPLE)
    return _SWITCHES[value]


def _numbers(options: Mapping[str, str]) -> Mapping[str, int]:
    for name, value in options.items():
        if name not in _DEFAULTS:
            raise InvalidAddress(f"向量库地址里有不认识的选项 {name[:30]}", hint=EXAMPLE)
        if not re.fullmatch(r"[1-9]\d{0,4}", value, re.ASCII):
            raise InvalidAddress(f"向量库地址里的 {name} 应为 1–99999 的整数", hint=EXAMPLE)
    return MappingProxyType({**_DEFAULTS, **{name: int(value) for name, value in options.items()}})


def _file(parts: SplitResult) -> str:
    """The path of a Lite file: pymilvus knows it by its ending, so a folder gets a file of ours."""
    path = PurePosixPath(unquote(parts.netloc + parts.path))
    if str(path) in (".", "/"):
        raise InvalidAddress("向量库地址里没有文件路径", hint=EXAMPLE)
    return str(path if path.suffix == ".db" else path / FILE)


def _bracketed(host: str | None) -> str:
    return f"[{host}]" if host and ":" in host else str(host)
