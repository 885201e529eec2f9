"""The Milvus collections of one catalogue: vectors of full and of short texts, by listing, shared by its processes."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings import EmbeddingsError, Encoder, IndexMismatch, InvalidAddress
from embeddings.milvus_address import Address
from embeddings.milvus_client import Client
from embeddings.milvus_rows import Layout, Row, Rows, forget
from matcher.catalogue.encodings import Encodings, Progress
from matcher.catalogue.vector_store import text_key
from matcher.errors import BrokenArtefact, InvalidInput, PilotMatchError, Unavailable
from matcher.records import Listing
from matcher.retrieval.columns import SEVERAL, SINGLE, values
from matcher.retrieval.views import full_text, short_text

Floats = NDArray[np.float32]

SHORT: Final = "_short"
#: Listings whose vectors are read and written together: some 20 MB with their tokens.
_TOGETHER: Final = 256
_DIGEST_LENGTH: Final = 32

_log = logging.getLogger("pilotmatch")


class ListingIndex:
    """The collections, made where they are missing. Safe from several threads and processes.

    Args:
        address: as PILOTMATCH_INDEX says it. catalogue: see `catalogue_identity`; another one's is refused.
        writes: whether changes of the catalogue are written; one that only reads leaves all as it is.

    Raises:
        InvalidInput: the address can't be read. Unavailable: no server, or the extra `milvus` is not installed.
        BrokenArtefact: the collections are of another encoder, catalogue or kind; the hint says what to do.
    """

    def __init__(self, address: str, encoder: Encoder, catalogue: str, *, writes: bool) -> None:
        self.writes = writes
        with in_words():
            self._address = Address.parse(address)
            self._client = Client(self._address)
            properties = {"encoder": encoder.listings_fingerprint, "catalogue": catalogue}
            layout = Layout(encoder.dimension, properties, SINGLE, SEVERAL, self._address.words)
            self.full = Rows(self._client, self._address.name, layout)
            self.short = Rows(self._client, self._address.name + SHORT, Layout(encoder.dimension, properties))

    def close(self) -> None:
        """Close the connection, and the file of Milvus Lite with it."""
        with in_words():
            self._client.close()

    def differing(self, listings: Sequence[Listing], *, all_rows: bool = False) -> list[Listing]:
        """Those that are not in the collections as they are here.

        Args:
            all_rows: read what is stored of all listings at once, which is quicker for many.
        """
        ids = None if all_rows else [listing.id for listing in listings]
        with in_words():
            full, short = self.full.digests(ids), self.short.digests(ids)
        return [
            one for one in listings if full.get(one.id) != full_digest(one) or short.get(one.id) != short_digest(one)
        ]

    def put(self, listings: Sequence[Listing], encodings: Encodings, progress: Progress | None = None) -> None:
        """Write listings with their vectors, which are encoded where they are not known yet."""
        for start in range(0, len(listings), _TOGETHER):
            part = listings[start : start + _TOGETHER]
            stored = encodings.read([*map(full_text, part), *map(short_text, part)], progress)
            with in_words():
                self.short.put(
                    Row(one.id, short_digest(one), read.vector)
                    for one, read in zip(part, stored[len(part) :], strict=True)
                )
                self.full.put(
                    Row(one.id, full_digest(one), read.vector, values(one), full_text(one))
                    for one, read in zip(part, stored[: len(part)], strict=True)
                )

    def strangers(self, ids: Iterable[str]) -> set[str]:
        """Ids in the collections that are none of these."""
        with in_words():
            return {*self.full.digests(), *self.short.digests()} - set(ids)

    def remove(self, ids: Sequence[str]) -> None:
        """Take rows out."""
        if ids:
            with in_words():
                self.full.remove(ids)
                self.short.remove(ids)

    def remove_if_possible(self, ids: Sequence[str]) -> None:
        """Take rows out; where that fails they stay, and whoever searches passes over them: see `SharedVectors`."""
        try:
            self.remove(ids)
        except PilotMatchError as error:
            _log.warning("向量库里有 %d 个条目暂时删不掉,检索时会略过:%s", len(ids), error)

    def scores(self, vector: Floats, ids: Sequence[str], *, of_short: bool = False) -> Mapping[str, float]:
        """Cosines of a need's vector with some listings' by id; those that are not there are left out."""
        with in_words():
            return (self.short if of_short else self.full).scores(vector, ids)

    def nearest(self, vector: Floats, limit: int, where: str) -> tuple[list[str], Floats]:
        """Ids and cosines of the listings nearest to a need that pass a condition, best first."""
        with in_words():
            return self.full.nearest(vector, limit, where)

    def by_words(self, text: str, limit: int, where: str) -> list[str]:
        """Ids of the best listings by BM25 on jieba's words; none where the server can't."""
        with in_words():
            return self.full.by_words(text, limit, where)


def forget_collections(address: str) -> None:
    """Remove the collections of an address, whatever they were made for; errors as for `ListingIndex`."""
    with in_words():
        parsed = Address.parse(address)
        forget(parsed, (parsed.name, parsed.name + SHORT))


def full_digest(listing: Listing) -> str:
    """What is stored of a listing with the vector of its full text, as one word."""
    hashed = hashlib.sha256(text_key(full_text(listing)))
    hashed.update(repr(sorted(values(listing).items())).encode("utf-8", "surrogatepass"))
    return hashed.hexdigest()[:_DIGEST_LENGTH]


def short_digest(listing: Listing) -> str:
    """The same of the short text."""
    return text_key(short_text(listing)).hex()


@contextmanager
def in_words() -> Iterator[None]:
    """Errors of `embeddings` in the words of this package."""
    try:
        yield
    except InvalidAddress as error:
        raise InvalidInput(error.message, hint=error.hint, field="PILOTMATCH_INDEX") from error
    except IndexMismatch as error:
        raise BrokenArtefact(error.message, hint=error.hint) from error
    except EmbeddingsError as error:
        raise Unavailable(error.message, hint=error.hint) from error
