"""A small OpenID provider on 127.0.0.1: discovery, authorisation with PKCE, token and keys (OpenID Connect Core).

It knows one person, who always agrees. Tests turn `person` and the switches to see what a wrong answer does.
"""

from __future__ import annotations

import base64
import contextlib
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID: Final = "pilotmatch"
CLIENT_SECRET: Final = "between the two of us"


@dataclass
class OpenIdProvider:
    """The provider; `issuer` is set once it listens.

    Attributes:
        person: claims about whoever signs on. wrong: claims of the ID token that are changed; None leaves one out.
        refuses: the person does not agree. forges: the token is signed with a key that nobody has published, or with
            the client's secret. is_down: the token endpoint answers with a page.
    """

    issuer: str = ""
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "42",
            "email": "zhang@example.cn",
            "email_verified": True,
            "name": "张工",
        }
    )
    wrong: dict[str, Any] = field(default_factory=dict)
    refuses: bool = False
    forges: str | None = None
    is_down: bool = False
    said_issuer: str | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    def turn_key(self) -> None:
        """Begin to sign with another key, as providers do now and then."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    async def _configuration(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.said_issuer or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _keys(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == (
            "code",
            CLIENT_ID,
            "S256",
        )
        assert "openid" in asked["scope"].split()
        self.asked.append(asked)
        if self.refuses:
            return self._back(asked, error="access_denied")
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        return self._back(asked, code=code, iss=self.issuer)

    def _back(self, asked: dict[str, str], **answer: str) -> Response:
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer | {'state': asked['state']})}", 302)

    async def _token(self, request: Request) -> Response:
        if self.is_down:
            return Response("<h1>maintenance</h1>", 502, media_type="text/html")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        is_right = (
            asked is not None
            and request.headers.get("authorization") == f"Basic {basic}"
            and form["redirect_uri"] == asked["redirect_uri"]
            and create_s256_code_challenge(form["code_verifier"]) == asked["code_challenge"]
        )
        if asked is None or not is_right:
            return JSONResponse({"error": "invalid_grant"}, 400)
        access_token = secrets.token_urlsafe()
        token = {"access_token": access_token, "token_type": "Bearer", "expires_in": 60}
        return JSONResponse(token | {"id_token": self._id_token(asked["nonce"], access_token)})

    def _id_token(self, nonce: str, access_token: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": nonce} | self.person
        claims["at_hash"] = create_half_hash(access_token, "RS256").decode()
        claims = {name: value for name, value in (claims | self.wrong).items() if value is not None}
        if self.forges == "secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET), algorithms=["HS256"])
        key = RSAKey.generate_key(2048, {"kid": "1"}) if self.forges == "key" else self.key
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


@contextlib.contextmanager
def running_provider() -> Iterator[OpenIdProvider]:
    """A provider that listens until the block ends."""
    provider = OpenIdProvider()
    server = uvicorn.Server(uvicorn.Config(provider.app(), port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started
    provider.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield provider
    server.should_exit = True
    thread.join(10)
