"""OpenID Connect Core 1.0, authorisation code flow with PKCE (RFC 7636): from a browser's round trip to an identity.

Authlib does the protocol; joserfc checks signatures. The provider is asked only when somebody signs on.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from matcher.errors import InvalidInput, NotFound, NotSignedIn, Unavailable
from matcher.settings import Settings

SCOPE: Final = "openid email profile"
#: Signatures that only the provider can make; with a shared secret, or none, we could forge a token ourselves.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: Clocks of two machines differ by less.
LEEWAY_SECONDS: Final = 60
TIMEOUT_SECONDS: Final = 10.0
#: Addresses and keys of the provider are asked for again after this, and keys at once where a token names a new one.
FRESH_SECONDS: Final = 3600.0
#: Bytes of randomness of state and nonce; RFC 7636 wants a verifier of 43 to 128 characters.
RANDOM_BYTES: Final = 32
_FAILED = "单点登录未完成"
_AGAIN = "请重新登录;若仍不成功,请联系管理员"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What binds a sign-on to the browser that began it; kept in its cookie until it comes back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Attempt:
        return cls(*(secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3)))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says somebody is; `email` is None where it does not vouch for one."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


class Provider:
    """The provider that the settings name.

    Raises:
        NotFound: none is set.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.oidc_client_secret is None:
            raise NotFound("本站没有设置单点登录", hint="请用邮箱与密码登录")
        self._issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._fetched = 0.0

    def address(self, attempt: Attempt, redirect_uri: str) -> str:
        """Where to send the browser.

        Raises:
            Unavailable: the provider can't be reached, or answers what can't be used.
        """
        metadata = self._discovered()
        with self._client(metadata, redirect_uri) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        return str(url)

    def identity(self, code: str, attempt: Attempt, redirect_uri: str) -> Identity:
        """Exchange the code that the browser came back with, and check the ID token that it gives.

        Raises:
            NotSignedIn: the provider refuses the code, or the token is not for this attempt. Unavailable: as above.
        """
        metadata = self._discovered()
        try:
            with self._client(metadata, redirect_uri) as client:
                token = client.fetch_token(metadata["token_endpoint"], code=code, code_verifier=attempt.verifier)
        except AuthlibBaseError as error:
            raise NotSignedIn(_FAILED, hint=_AGAIN) from error
        except (httpx2.HTTPError, ValueError) as error:
            raise _unreachable() from error
        return self._identity_of(token, attempt)

    def _identity_of(self, token: dict[str, Any], attempt: Attempt) -> Identity:
        try:
            claims = self._claims(str(token.get("id_token") or ""), attempt, token.get("access_token"))
        except (JoseError, AuthlibBaseError, ValueError) as error:
            raise NotSignedIn(_FAILED, hint=_AGAIN) from error
        email = claims.get("email") if claims.get("email_verified") is True else None
        name = claims.get("name") or claims.get("preferred_username")
        return Identity(str(claims["iss"]), str(claims["sub"]), email and str(email), name and str(name))

    def _claims(self, id_token: str, attempt: Attempt, access_token: str | None) -> dict[str, Any]:
        try:
            decoded = jwt.decode(id_token, self._key_set(), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            # The provider may have changed its keys since they were fetched.
            decoded = jwt.decode(id_token, self._key_set(anew=True), algorithms=list(ALGORITHMS))
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"essential": True, "value": self._issuer}, "aud": {"essential": True, "value": self._client_id}},
            {"nonce": attempt.nonce, "client_id": self._client_id, "access_token": access_token},
        )
        claims.validate(leeway=LEEWAY_SECONDS)
        return dict(decoded.claims)

    def _client(self, metadata: dict[str, Any], redirect_uri: str) -> OAuth2Client:
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return OAuth2Client(
            client_id=self._client_id,
            client_secret=self._secret.get_secret_value(),
            token_endpoint_auth_method=method,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )

    def _discovered(self) -> dict[str, Any]:
        with self._lock:
            if not self._metadata or time.monotonic() - self._fetched > FRESH_SECONDS:
                metadata = _get_json(get_well_known_url(self._issuer, external=True))
                _check(metadata, self._issuer)
                self._metadata, self._keys, self._fetched = metadata, None, time.monotonic()
            return self._metadata

    def _key_set(self, *, anew: bool = False) -> KeySet:
        metadata = self._discovered()
        with self._lock:
            if self._keys is None or anew:
                self._keys = KeySet.import_key_set(_get_json(metadata["jwks_uri"]))  # type: ignore[arg-type]  # JSON as it came
            return self._keys


def checked_code(code: str | None, error: str | None, issuer: str | None, settings: Settings) -> str:
    """The code that a browser came back with.

    Raises:
        NotSignedIn: the provider or the person refused. InvalidInput: no code, or another provider's (RFC 9207).
    """
    if error is not None:
        raise NotSignedIn(_FAILED, hint="登录被取消或被身份提供方拒绝;请重新登录")
    if not code or issuer not in (None, settings.oidc_issuer):
        raise InvalidInput("单点登录的返回无法使用", hint=_AGAIN, field="code" if not code else "iss")
    return code


def _check(metadata: dict[str, Any], issuer: str) -> None:
    """OpenID Connect Discovery 1.0 §4.3: the issuer must be the one that was asked."""
    addresses = [metadata.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if metadata.get("issuer") != issuer or not all(isinstance(one, str) for one in addresses):
        raise _unreachable()


def _get_json(url: str) -> dict[str, Any]:
    try:
        answer = httpx2.get(url, timeout=TIMEOUT_SECONDS, trust_env=False)
        answer.raise_for_status()
        found = answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise _unreachable() from error
    if not isinstance(found, dict):
        raise _unreachable()
    return found


def _unreachable() -> Unavailable:
    return Unavailable("身份提供方没有给出可用的回答", hint="请核对 PILOTMATCH_OIDC_ISSUER 以及到它的网络")
