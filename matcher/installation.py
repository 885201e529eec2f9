"""What this installation has of its own: the catalogue that was loaded, stored vectors, the encoder."""

from __future__ import annotations

from collections.abc import Sequence

from embeddings import EmbeddingsError, Encoder, load_encoder
from matcher.catalogue.listings_file import read_listings
from matcher.errors import Unavailable
from matcher.records import Listing
from matcher.settings import Settings

#: In the data folder: stored vectors, and the catalogue that `pilotmatch load` has put in place of the shipped one.
ENCODINGS = "encodings"
LOADED = "listings.jsonl"


def shipped_or_loaded(settings: Settings) -> Sequence[Listing]:
    """The listings that `pilotmatch load` stored, or else the shipped ones."""
    loaded = settings.data / LOADED
    return read_listings(loaded if loaded.exists() else settings.dataset(LOADED))


def open_encoder(settings: Settings) -> Encoder:
    """The encoder that the settings name, its errors in the words of this package."""
    try:
        return load_encoder(settings.encoder, settings.data / "encoders", settings.threads)
    except EmbeddingsError as error:
        raise Unavailable(error.message, hint=error.hint) from error
