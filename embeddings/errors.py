"""What can go wrong between text and neighbours, in domain words; `matcher` translates these for its callers.

EmbeddingsError
├── EncoderUnavailable   the encoder can't be read, built, reached or written to disk
├── InvalidVectors       ids or vectors that an index can't take: duplicate, unknown, of a wrong shape or length
├── IndexMismatch        an index that another encoder made
├── BrokenIndex          an index file that is missing, truncated or garbled
├── IndexUnwritable      the disk can't take an index file; an older one stays as it was
├── IndexUnavailable     an index on a server that can't be reached or used, or the package for it is not installed
└── InvalidAddress       an address of an index that can't be read
"""

from __future__ import annotations

REBUILD = "运行 pilotmatch index --rebuild 重建"


class EmbeddingsError(Exception):
    """Base of this package's errors.

    Args:
        message: one line, what is wrong.
        hint: one line, what to do about it.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}({self.hint})" if self.hint else self.message


class EncoderUnavailable(EmbeddingsError):
    """The encoder can't be read, built, reached or written to disk."""


class InvalidVectors(EmbeddingsError, ValueError):
    """Ids or vectors that an index can't take."""


class IndexMismatch(EmbeddingsError):
    """An index that another encoder made."""


class BrokenIndex(EmbeddingsError):
    """An index file that is missing, truncated or garbled."""


class IndexUnwritable(EmbeddingsError):
    """The disk can't take an index file; an older one stays as it was."""


class IndexUnavailable(EmbeddingsError):
    """An index on a server that can't be reached or used, or the package for it is not installed."""


class InvalidAddress(EmbeddingsError, ValueError):
    """An address of an index that can't be read."""
