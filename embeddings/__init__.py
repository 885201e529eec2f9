"""Text in, vectors and neighbours out. Knows neither listings nor SQL; never imports `matcher` or `api`."""

from embeddings.encoder import Encoded, Encoder, load_encoder
from embeddings.errors import BrokenIndex, EmbeddingsError, EncoderUnavailable, IndexMismatch, InvalidVectors

__all__ = [
    "BrokenIndex",
    "EmbeddingsError",
    "Encoded",
    "Encoder",
    "EncoderUnavailable",
    "IndexMismatch",
    "InvalidVectors",
    "load_encoder",
]
