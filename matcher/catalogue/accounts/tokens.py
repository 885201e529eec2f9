"""Random secrets that are given out once and kept as hashes only."""

from __future__ import annotations

import hashlib
import secrets

#: 32 bytes can't be guessed, so a plain SHA-256 is enough to keep them: slow hashes are for what people make up.
BYTES = 32


def new_token(prefix: str = "") -> str:
    """`prefix` and 256 random bits in URL-safe characters."""
    return prefix + secrets.token_urlsafe(BYTES)


def hash_of(token: str) -> str:
    """SHA-256 in hexadecimal, 64 characters; half a surrogate pair, which no token of ours has, is no error."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
