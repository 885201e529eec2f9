"""Text in, vectors and neighbours out. Knows neither listings nor SQL; never imports `matcher` or `api`."""

from embeddings.encoder import Encoded, Encoder, load_encoder
from embeddings.errors import (
    BrokenIndex,
    EmbeddingsError,
    EncoderUnavailable,
    IndexMismatch,
    IndexUnavailable,
    IndexUnwritable,
    InvalidAddress,
    InvalidVectors,
)
from embeddings.index import Snapshot, VectorIndex

__all__ = [
    "BrokenIndex",
    "EmbeddingsError",
    "Encoded",
    "Encoder",
    "EncoderUnavailable",
    "IndexMismatch",
    "IndexUnavailable",
    "IndexUnwritable",
    "InvalidAddress",
    "InvalidVectors",
    "Snapshot",
    "VectorIndex",
    "load_encoder",
]
