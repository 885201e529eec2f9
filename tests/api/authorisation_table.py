"""Who may call which endpoint: one row each. `test_authorisation.py` tries every caller on every row.

    Row("PUT", "/v1/things/{thing_id}", "operator admin key:listings key:admin", json={…}, refused=404)

Callers: anonymous, requester, other_requester, operator, other_operator, broker, admin, and `key:SCOPE` for an API key
of each scope. Groups: EVERYBODY, PEOPLE (signed in by hand). Things belong to `requester` or `operator` and their
organisation; the keys are of `keys_of`, but the one of scope admin, which is always an admin's.
Path parameters are made anew for each call by `MAKERS` in `authorisation_world.py`, by their name, unless `made` names
another maker. Whoever may not call gets `refused`, or as a stranger `anonymous`, or with a key `refused_keys`; whoever
may gets one of `passes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

PEOPLE: Final = "requester other_requester operator other_operator broker admin"
KEYS: Final = "key:match key:read key:listings key:needs key:feed key:admin"
EVERYBODY: Final = f"anonymous {PEOPLE} {KEYS}"
ANYBODYS: Final = f"anonymous {PEOPLE}"
CALLERS: Final = tuple(EVERYBODY.split())
DONE: Final = (200, 201, 202, 204)


@dataclass(frozen=True)
class Row:
    """One endpoint. `json`, `data`, `files`, `query`: what is sent; `{name}` in texts is made as in paths."""

    method: str
    path: str
    allowed: str
    json: Any = None
    data: dict[str, str] | None = None
    files: dict[str, tuple[str, bytes]] | None = None
    query: dict[str, str] = field(default_factory=dict)
    keys_of: str = "admin"
    refused: int = 403
    anonymous: int = 401
    refused_keys: int = 403
    passes: tuple[int, ...] = DONE
    made: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


PASSWORD = "三台离心机 in a row"
MATCH = {"text": "500 L 发酵罐中试"}
NEW_ORGANISATION = {"organisation_id": "new_organisation_id"}

ROWS: Final[tuple[Row, ...]] = (
    # Health and the front
    Row("GET", "/", EVERYBODY),
    Row("GET", "/health/live", EVERYBODY),
    Row("GET", "/health/ready", EVERYBODY),
    Row("GET", "/openapi.json", EVERYBODY),
    # Matching
    Row("POST", "/v1/matches", f"{ANYBODYS} key:match", json=MATCH),
    Row("POST", "/v1/understand", f"{ANYBODYS} key:match", json=MATCH),
    Row("POST", "/v1/documents", f"{ANYBODYS} key:match", files={"file": ("need.txt", "需要500 L发酵罐".encode())}),
    Row(
        "POST",
        "/v1/explanations",
        f"{ANYBODYS} key:match",
        json={"text": "发酵", "listing_id": "{shown_listing_id}"},
    ),
    # Session and account
    Row("POST", "/v1/session", EVERYBODY, json={"email": "broker@example.cn", "password": "{password}"}),
    Row("GET", "/v1/session", EVERYBODY),
    Row("DELETE", "/v1/session", PEOPLE),
    Row("GET", "/v1/sign-on/start", EVERYBODY, passes=(404,)),
    Row("GET", "/v1/sign-on/callback", EVERYBODY, passes=(404,)),
    Row("POST", "/v1/account", EVERYBODY, json={"email": "{fresh_email}", "name": "新用户", "password": PASSWORD}),
    Row("GET", "/v1/account", f"{PEOPLE} key:read"),
    Row("PATCH", "/v1/account", PEOPLE, json={"name": "改名"}),
    Row("PUT", "/v1/account/password", PEOPLE, json={"current": "{password}", "new": "{password}"}),
    Row("POST", "/v1/account/password-reset", EVERYBODY, json={"email": "x@example.cn"}, passes=(503,)),
    Row("PUT", "/v1/account/password-reset", EVERYBODY, json={"token": "{reset_token}", "password": PASSWORD}),
    # Organisations
    Row("GET", "/v1/organisations", f"{PEOPLE} key:read"),
    Row("POST", "/v1/organisations", "admin key:admin", json={"name": "{fresh_name}"}),
    Row("GET", "/v1/organisations/{organisation_id}", f"{PEOPLE} key:read"),
    Row(
        "PUT",
        "/v1/organisations/{organisation_id}",
        "operator admin key:listings key:admin",
        json={"name": "东莞中试基地", "province": "广东省"},
        keys_of="operator",
        passes=(200, 412),  # the second who writes has seen an older version
    ),
    Row("DELETE", "/v1/organisations/{organisation_id}", "admin key:admin", made=NEW_ORGANISATION),
    # Users
    Row("GET", "/v1/users", "admin key:admin"),
    Row("POST", "/v1/users", "admin key:admin", json={"email": "{fresh_email}", "name": "新用户"}),
    Row("GET", "/v1/users/{user_id}", "admin key:admin"),
    Row("PATCH", "/v1/users/{user_id}", "admin key:admin", json={"name": "改名"}),
    Row("DELETE", "/v1/users/{user_id}", "admin key:admin"),
    Row("POST", "/v1/users/{user_id}/invitation", "admin key:admin"),
    Row("POST", "/v1/users/{user_id}/unlock", "admin key:admin"),
    # API keys and audit
    Row("GET", "/v1/api-keys", f"{PEOPLE} key:read"),
    Row("POST", "/v1/api-keys", PEOPLE, json={"name": "程序", "scopes": ["match"]}),
    Row("DELETE", "/v1/api-keys/{key_id}", "requester admin", refused=404),
    Row("GET", "/v1/audit", "admin key:admin"),
)
