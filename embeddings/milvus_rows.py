"""Rows of one Milvus collection under string ids: what is written, found and compared, without the index's contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.encoded import Vectors
from embeddings.errors import REBUILD, IndexMismatch, InvalidVectors
from embeddings.milvus_address import Address
from embeddings.milvus_client import LOAD_SECONDS, SEARCH_SECONDS, Client

Value = str | Sequence[str]

#: Hits of one search: Milvus gives no more.
LIMIT: Final = 16_384
#: Rows in one message: 2 MB of vectors and as much text, far below the 64 MB that a server takes.
BATCH: Final = 1_000
#: UTF-8 bytes of an id, a digest, a field's value and a text; Milvus counts bytes.
ID_BYTES, VALUE_BYTES, TEXT_BYTES = 256, 256, 65_535
#: Values of a field that holds several.
VALUES: Final = 256
#: Ids named in one condition when rows are looked up.
_NAMED: Final = 2_000
#: Rows that HNSW looks at: Milvus takes no more.
_MOST_LOOKED_AT: Final = 32_768
_LAYOUT: Final = "1"
_PROPERTIES: Final = "pilotmatch."
_INDEXES: Final = {"flat": "FLAT", "hnsw": "HNSW", "ivf": "IVF_FLAT"}
#: A process sees its own writes at once, and those of others within the server's tick of 200 ms: waiting for
#: everybody's would cost every search that tick.
_OWN_WRITES: Final = "Session"
_EVERYBODYS_WRITES: Final = "Strong"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is written; where `digest` is the same as what is stored, it need not be.

    Attributes:
        vector: float32 [d]. fields: values to filter by. text: for BM25.
    """

    id: str
    digest: str
    vector: Vectors
    fields: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    text: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a collection is made for.

    Attributes:
        single, several: names of the fields that rows may be filtered by. words: whether texts are searched.
        properties: kept with the collection; where it has others it is refused.
    """

    dimension: int
    properties: Mapping[str, str]
    single: tuple[str, ...] = ()
    several: tuple[str, ...] = ()
    words: bool = False


class Rows:
    """One collection, made where it is missing.

    Raises:
        IndexMismatch: it was made for something else. IndexUnavailable: the server can't be reached.
    """

    def __init__(self, client: Client, name: str, layout: Layout) -> None:
        self._client, self._name, self._layout = client, name, layout
        self._address = client.address
        self.searches_words = layout.words and client.can_search_words()
        self._failures = -1
        self._ready()

    def _ready(self) -> Client:
        """The client, the collection being made where it is missing, and loaded; looked at again after failures."""
        failures = self._client.failures
        if failures != self._failures:
            self._client.call(self._open)
            self._failures = failures
        return self._client

    def _open(self, client: Any) -> None:
        if not client.has_collection(self._name, timeout=LOAD_SECONDS):
            self._create_once(client)
        self._refuse_another(client.describe_collection(self._name, timeout=LOAD_SECONDS))
        found = client.describe_index(self._name, "vector", timeout=LOAD_SECONDS)
        if found["index_type"] != _INDEXES[self._address.kind]:
            message = f"集合 {self._name} 的索引是 {found['index_type']},地址要求 {_INDEXES[self._address.kind]}"
            raise IndexMismatch(message, hint=f"改正 index= 选项,或{REBUILD}")
        client.load_collection(self._name, timeout=LOAD_SECONDS)

    def _create_once(self, client: Any) -> None:
        from pymilvus import MilvusException

        try:
            self._create(client)
        except MilvusException:
            if not client.has_collection(self._name, timeout=LOAD_SECONDS):  # else another process was faster
                raise

    def _create(self, client: Any) -> None:
        from pymilvus import DataType, Function, FunctionType

        layout, schema = self._layout, client.create_schema(enable_dynamic_field=False)
        schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=ID_BYTES)
        schema.add_field("digest", DataType.VARCHAR, max_length=VALUE_BYTES)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=layout.dimension)
        for name in layout.single:
            schema.add_field(name, DataType.VARCHAR, max_length=VALUE_BYTES)
        for name in layout.several:
            schema.add_field(
                name, DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=VALUES, max_length=VALUE_BYTES
            )
        indexes = client.prepare_index_params()
        indexes.add_index("vector", index_type=_INDEXES[self._address.kind], metric_type="IP", params=self._building())
        if self.searches_words:
            schema.add_field(
                "text",
                DataType.VARCHAR,
                max_length=TEXT_BYTES,
                enable_analyzer=True,
                analyzer_params={"tokenizer": "jieba"},
            )
            schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
            schema.add_function(Function("bm25", FunctionType.BM25, ["text"], ["words"]))
            indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
        properties = {_PROPERTIES + key: value for key, value in self._properties().items()}
        client.create_collection(
            self._name, schema=schema, index_params=indexes, properties=properties, timeout=LOAD_SECONDS
        )

    def _properties(self) -> dict[str, str]:
        layout = self._layout
        columns = ",".join((*layout.single, *layout.several, *(("text",) if self.searches_words else ())))
        made = {"layout": _LAYOUT, "dimension": str(layout.dimension), "columns": columns}
        return {**made, **layout.properties}

    def _refuse_another(self, found: Mapping[str, Any]) -> None:
        stored = found.get("properties") or {}
        for key, wanted in self._properties().items():
            has = stored.get(_PROPERTIES + key)
            if has != wanted:
                said = f"集合 {self._name} 不是为此建立的({key}:{has or '没有'},当前为 {wanted})"
                raise IndexMismatch(said, hint=f"在地址里换一个集合名,或{REBUILD}")

    def _building(self) -> dict[str, int]:
        numbers = self._address.numbers
        return {
            "flat": {},
            "hnsw": {"M": numbers["m"], "efConstruction": numbers["ef_construction"]},
            "ivf": {"nlist": numbers["nlist"]},
        }[self._address.kind]

    def _searching(self, limit: int, where: str) -> dict[str, int]:
        numbers = self._address.numbers
        if where and self._address.is_lite:
            # A server compares with every row that passes a narrow condition; Lite looks where it would look without
            # one, and has missed an eighth of the ten best among 2 % of the rows. So it is made to look everywhere.
            numbers = {**numbers, "ef": _MOST_LOOKED_AT, "nprobe": numbers["nlist"]}
        # HNSW looks at no more than `ef` rows, so it must be no less than what is asked.
        return {
            "flat": {},
            "hnsw": {"ef": min(max(numbers["ef"], limit), _MOST_LOOKED_AT)},
            "ivf": {"nprobe": numbers["nprobe"]},
        }[self._address.kind]

    def nearest(self, vector: Vectors, limit: int, where: str = "") -> tuple[list[str], Vectors]:
        """Ids and inner products of the best rows for a vector [d] that pass a condition, best first."""
        if limit <= 0:
            return [], np.empty(0, np.float32)
        asked = min(limit, LIMIT)
        found = self._search([np.ascontiguousarray(vector, np.float32)], "vector", "IP", asked, where)
        return [hit["id"] for hit in found], np.array([hit["distance"] for hit in found], np.float32)

    def by_words(self, text: str, limit: int, where: str = "") -> list[str]:
        """Ids of the best rows for a text by BM25 on jieba's words, best first; none where the server can't."""
        if not self.searches_words or not text.strip() or limit <= 0:
            return []
        return [hit["id"] for hit in self._search([text], "words", "BM25", min(limit, LIMIT), where)]

    def _search(self, data: list[Any], column: str, metric: str, limit: int, where: str) -> Any:
        found = self._ready().ask(
            "search",
            self._name,
            data,
            anns_field=column,
            limit=limit,
            filter=where,
            output_fields=["id"],
            search_params={
                "metric_type": metric,
                "params": self._searching(limit, where) if column == "vector" else {},
            },
            consistency_level=_OWN_WRITES,
            seconds=SEARCH_SECONDS,
        )
        return found[0]

    def scores(self, vector: Vectors, ids: Sequence[str]) -> dict[str, float]:
        """Inner products of a vector [d] with some rows, by id; those that are not there are left out."""
        found: dict[str, float] = {}
        for part in _parts(ids, _NAMED):
            names, scores = self.nearest(vector, len(part), is_one_of("id", part))
            found |= dict(zip(names, scores.tolist(), strict=True))
        return found

    def digests(self, ids: Sequence[str] | None = None) -> dict[str, str]:
        """The digests of some rows, or of all, by id; ids that are not there are left out."""
        if ids is None:
            return dict(self._every())
        found: dict[str, str] = {}
        for part in _parts(ids, _NAMED):
            rows = self._ready().ask(
                "query",
                self._name,
                filter=is_one_of("id", part),
                output_fields=["id", "digest"],
                consistency_level=_EVERYBODYS_WRITES,
            )
            found |= {row["id"]: row["digest"] for row in rows}
        return found

    def _every(self) -> Iterator[tuple[str, str]]:
        """A page after another. What servers before 2.4 list may be a second or two behind what was written."""
        last = ""
        while True:
            page = self._page(f"id > {quoted(last)}")
            yield from page
            if len(page) < LIMIT:
                return
            last = max(key for key, _ in page)

    def _page(self, where: str) -> list[tuple[str, str]]:
        iterator = self._ready().ask(
            "query_iterator",
            self._name,
            filter=where,
            output_fields=["id", "digest"],
            batch_size=LIMIT,
            limit=LIMIT,
            consistency_level=_EVERYBODYS_WRITES,
        )
        found = [(row["id"], row["digest"]) for row in self._client.call(lambda _: iterator.next())]
        iterator.close()
        return found

    def count(self) -> int:
        """Rows that are there."""
        found = self._ready().ask("query", self._name, output_fields=["count(*)"], consistency_level=_EVERYBODYS_WRITES)
        return int(found[0]["count(*)"])

    def put(self, rows: Iterable[Row]) -> None:
        """Write rows, in place of those of their ids."""
        remaining = iter(rows)
        while part := [self._record(row) for row in islice(remaining, BATCH)]:
            self._ready().ask("upsert", self._name, part)

    def remove(self, ids: Sequence[str]) -> None:
        """Take rows out; ids that are not there cost nothing."""
        for part in _parts(ids, BATCH):
            # By a condition of our own: the client puts ids into one without regard to quotes and backslashes.
            self._ready().ask("delete", self._name, filter=is_one_of("id", part))

    def flush(self) -> None:
        """Have the server write what it holds in memory, so that indexes are built over it."""
        self._ready().ask("flush", self._name, seconds=LOAD_SECONDS)

    def drop(self) -> None:
        """Remove the collection with all its rows, and make it anew."""
        self._client.ask("drop_collection", self._name)
        self._failures = -1
        self._ready()

    def _record(self, row: Row) -> dict[str, Any]:
        record = {"id": checked_id(row.id), "digest": row.digest, "vector": row.vector}
        record |= {name: _cut(str(row.fields.get(name, "")), VALUE_BYTES) for name in self._layout.single}
        for name in self._layout.several:
            record[name] = [_cut(value, VALUE_BYTES) for value in row.fields.get(name, ())][:VALUES]
        if self.searches_words:
            record["text"] = _cut(row.text, TEXT_BYTES)
        return record


def forget(address: Address, names: Iterable[str]) -> None:
    """Remove collections, whatever they were made for; errors as for `Client.call`."""
    client = Client(address)
    try:
        for name in names:
            client.ask("drop_collection", name)
    finally:
        client.close()


def checked_id(key: str) -> str:
    """An id that Milvus takes; InvalidVectors where it does not."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        size = 0
    if not 0 < size <= ID_BYTES or "\x00" in key:
        raise InvalidVectors(f"编号 {key[:40]!r} 不能存入 Milvus(应为 1–{ID_BYTES} 字节,不含 NUL)")
    return key


def is_one_of(name: str, values: Iterable[str]) -> str:
    """The condition that a field holds one of some values."""
    return f"{name} in [{', '.join(map(quoted, values))}]"


def quoted(value: str) -> str:
    """A string as it stands in a condition."""
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str, size: int) -> str:
    """The beginning of a text that fits into so many bytes, without half a character or what UTF-8 can't hold."""
    return text.replace("\x00", " ").encode("utf-8", "replace")[:size].decode("utf-8", "ignore")


def _parts(items: Sequence[str] | NDArray[Any], size: int) -> Iterator[list[str]]:
    remaining = iter(items)
    while part := list(islice(remaining, size)):
        yield part
