"""Signatures of webhook deliveries, as the Standard Webhooks specification (1.0) has them, so that receivers find
ready-made checks in most languages."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from typing import Final

PREFIX: Final = "whsec_"
#: The specification asks for 24 to 64.
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A fresh secret: `whsec_` and 256 random bits in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def headers_for(secret: str, delivery: str, body: bytes, *, now: float | None = None) -> dict[str, str]:
    """The headers of one delivery.

    `webhook-id` stays the same when a delivery is repeated, so that a receiver can drop what it has; the timestamp
    (seconds since 1970) is of this attempt and covered by the signature, so that an old delivery can't be replayed.
    """
    timestamp = str(int(time.time() if now is None else now))
    return {
        "webhook-id": delivery,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + signature(secret, delivery, timestamp, body),
    }


def signature(secret: str, delivery: str, timestamp: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over `id.timestamp.body`.

    Raises:
        ValueError: the secret is not of the form that `new_secret` gives.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a webhook secret is base64") from None
    return base64.b64encode(hmac.digest(key, f"{delivery}.{timestamp}.".encode() + body, "sha256")).decode("ascii")
