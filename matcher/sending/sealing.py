"""Keys drawn from the installation's secret: sealing what must be read again, and tokens of links."""

from __future__ import annotations

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from matcher.errors import Unavailable

_KEY_BYTES = 32


class Seal:
    """One installation's seal: what it closes can only be opened with the same secret.

    Args:
        secret: PILOTMATCH_SECRET; each use draws a key of its own from it (HKDF, RFC 5869).
    """

    def __init__(self, secret: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_key(secret, b"webhook secrets")))
        self._tokens = _key(secret, b"unsubscribe links")

    def close(self, text: str) -> str:
        """`text`, encrypted and authenticated (Fernet: AES-128-CBC with HMAC-SHA256)."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """What was closed.

        Raises:
            Unavailable: it was closed with another secret, or is damaged.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError):
            hint = "PILOTMATCH_SECRET 已更换;请为该 webhook 重新生成密钥,或重新申请邮件"
            raise Unavailable("签名密钥或邮件无法解封", hint=hint) from None

    def stop_token(self, subscription_id: str) -> str:
        """The token of a subscription's unsubscribe link: drawn, not stored, since each e-mail must carry it."""
        drawn = hmac.digest(self._tokens, subscription_id.encode(), "sha256")
        return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode("ascii")


def _key(secret: str, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"pilotmatch " + use).derive(secret.encode())
