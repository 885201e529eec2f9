"""What needs are read with, its errors in the words of this package."""

from __future__ import annotations

from embeddings import EmbeddingsError, Encoder
from embeddings.encoded import reader_of
from matcher.errors import Unavailable


def needs_reader(encoder: Encoder, few: bool) -> Encoder:
    """As `reader_of`; Unavailable where the few layers can't be loaded."""
    try:
        return reader_of(encoder, few)
    except EmbeddingsError as error:
        raise Unavailable(error.message, hint=error.hint) from error
