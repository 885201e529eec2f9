"""Text in, vectors and neighbours out. Knows neither listings nor SQL; never imports `matcher` or `api`."""

from embeddings.encoder import Encoded, Encoder, load_encoder
from embeddings.errors import (
    BrokenIndex,
    EmbeddingsError,
    EncoderUnavailable,
    IndexMismatch,
    IndexUnwritable,
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
    "IndexUnwritable",
    "InvalidVectors",
    "Snapshot",
    "VectorIndex",
    "load_encoder",
]
