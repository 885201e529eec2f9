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

from matcher.catalogue.judging.importing import Upload

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
    #: Callers for whom the thing is not there (404), where others are refused.
    unseen: str = ""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


PASSWORD = "三台离心机 in a row"
MATCH = {"text": "500 L 发酵罐中试"}
LISTING = {"kind": "platform", "name": "新平台"}
OWNERS: Final = "requester key:needs key:listings"
SUBSCRIPTION: Final = {"about_kind": "need", "about_id": "{need_id}", "channels": ["message"]}
HOW: Final = {"channels": ["message"], "pace": "daily"}
#: Nothing listens there: a test of the webhook is allowed, and says that nobody answers.
WEBHOOK: Final = {"url": "http://127.0.0.1:9/hook", "topics": ["alerts"]}
REASON: Final = {"reason": "试一试"}
EDIT: Final = REASON | {"base": "{profile_id}", "name": "{fresh_name}", "changes": {"dictionary": ["膜分离"]}}
KEEPERS: Final = "operator admin key:listings key:admin"
READERS: Final = f"{ANYBODYS} key:read key:listings"
#: What judges may do, and with a key an admin alone.
JUDGES: Final = "broker admin key:admin"
ADMINS: Final = "admin key:admin"
ENQUIRY: Final = {"listing_id": "{offered_listing_id}", "text": "想看现场"}
#: Who may know of an enquiry, and people who may not.
PARTIES: Final = "requester operator admin key:admin"
STRANGERS: Final = "other_requester other_operator broker"
PIN: Final = {
    "what": "pin",
    "listing_id": "{published_listing_id}",
    "reason": "示范",
    "owner": "张三",
    "expires": "2999-12-31",
}
PAIR: Final = {"need_id": "N-1", "listing_id": "{shown_listing_id}"}
OPENED: Final = {"answer_id": "{answer_id}", "listing_id": "{shown_listing_id}", "act": "opened"}
EXPERIMENT: Final = REASON | {"what": "shadow", "profile": "{profile_id}", "share": 0.1}
GRADES: Final = b"need_id,listing_id,grade,judge\nN-1,PF-1,2,panel\n"
LINES: Final = {"file": ("a.jsonl", b'{"id": "X", "kind": "platform", "name": "\xe5\xb9\xb3\xe5\x8f\xb0"}')}


def _act(method: str, act: str, state: str, *, by_admin: bool = False, json: Any = None) -> Row:
    """An act on a listing in a state: by its operator and admins, or by admins alone."""
    visible = state == "published"
    return Row(
        method,
        f"/v1/listings/{{listing_id}}/{act}",
        "admin key:admin" if by_admin else KEEPERS,
        json=json,
        keys_of="admin" if by_admin else "operator",
        made={"listing_id": f"{state}_listing_id"},
        # The key for listings is an admin's here, who without the scope admin keeps none.
        unseen="" if visible else f"other_operator{' key:listings' if by_admin else ''}",
    )


NEW_ORGANISATION = {"organisation_id": "new_organisation_id"}

ROWS: Final[tuple[Row, ...]] = (
    # Health
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
    # What was done with an answer
    Row("POST", "/v1/feedback", f"{ANYBODYS} key:match", json=OPENED),
    Row(
        "GET",
        "/v1/listings/{listing_id}/statistics",
        "operator admin key:read key:listings key:admin",
        keys_of="operator",
        made={"listing_id": "published_listing_id"},
    ),
    # What is looked for: of `requester` here, and not shared
    Row("POST", "/v1/searches", f"{ANYBODYS} key:match", json={"need": MATCH}, keys_of="requester"),
    Row("GET", "/v1/searches", f"{PEOPLE} key:read"),
    Row("GET", "/v1/searches/{search_id}", "requester admin key:read", keys_of="requester", refused=404, anonymous=404),
    Row(
        "PATCH",
        "/v1/searches/{search_id}",
        "requester key:match",
        json={"shared": True},
        keys_of="requester",
        anonymous=404,
        unseen=f"{STRANGERS} operator",
    ),
    Row(
        "DELETE",
        "/v1/searches/{search_id}",
        "requester key:match",
        keys_of="requester",
        anonymous=404,
        unseen=f"{STRANGERS} operator",
    ),
    # Nothing is kept for feedback here, so that nobody can begin an experiment.
    Row("GET", "/v1/experiments", ADMINS),
    Row("POST", "/v1/experiments", ADMINS, json=EXPERIMENT, passes=(409,)),
    Row("GET", "/v1/experiments/{experiment_id}", ADMINS),
    Row("POST", "/v1/experiments/{experiment_id}/ending", ADMINS, json=REASON),
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
    # Needs
    Row("POST", "/v1/needs", "requester other_requester broker admin key:needs", json=MATCH, keys_of="requester"),
    Row("GET", "/v1/needs", f"{PEOPLE} key:read"),
    Row("GET", "/v1/needs/board", f"{ANYBODYS} key:read"),
    Row("GET", "/v1/needs/{need_id}", f"{ANYBODYS} key:read"),
    Row("PUT", "/v1/needs/{need_id}", "requester admin key:needs", json=MATCH, keys_of="requester"),
    Row("PATCH", "/v1/needs/{need_id}", "requester admin key:needs", json={}, keys_of="requester"),
    Row("DELETE", "/v1/needs/{need_id}", "requester admin key:needs", keys_of="requester"),
    Row("PUT", "/v1/needs/{need_id}/visibility", "requester admin key:needs", json={}, keys_of="requester"),
    Row("GET", "/v1/needs/{need_id}/outside", "requester admin key:read", keys_of="requester"),
    Row("GET", "/v1/needs/{need_id}/consents", "requester admin key:read", keys_of="requester"),
    Row("PUT", "/v1/needs/{need_id}/consents/{organisation_id}", "requester key:needs", keys_of="requester"),
    Row(
        "DELETE",
        "/v1/needs/{need_id}/consents/{organisation_id}",
        "requester admin key:needs",
        keys_of="requester",
        made={"need_id": "consented_need_id"},
    ),
    # A key needs both scopes, match and read.
    Row("POST", "/v1/needs/{need_id}/matches", "requester admin", keys_of="requester"),
    Row("POST", "/v1/needs/{need_id}/publication", "requester key:needs", keys_of="requester", passes=(409,)),
    Row("POST", "/v1/needs/{need_id}/talks", "requester admin key:needs", keys_of="requester"),
    Row("POST", "/v1/needs/{need_id}/match", "requester admin key:needs", keys_of="requester"),
    Row("POST", "/v1/needs/{need_id}/closing", "requester admin key:needs", keys_of="requester"),
    Row("POST", "/v1/needs/{need_id}/reopening", "requester key:needs", keys_of="requester", passes=(409,)),
    # The stand-in for the matcher measures nothing: 503 for whoever may ask.
    Row(
        "GET",
        "/v1/listings/{listing_id}/needs",
        "operator admin key:read",
        keys_of="operator",
        passes=(503,),
        made={"listing_id": "offered_listing_id"},
    ),
    Row(
        "GET",
        "/v1/listings/{listing_id}/needs/{need_id}",
        "operator admin key:read",
        keys_of="operator",
        passes=(404,),
        made={"listing_id": "offered_listing_id"},
    ),
    Row(
        "GET",
        "/v1/listings/{listing_id}/advice",
        "operator admin key:read",
        keys_of="operator",
        passes=(503,),
        made={"listing_id": "offered_listing_id"},
    ),
    Row(
        "GET",
        "/v1/listings/{listing_id}/completeness",
        "operator admin key:read key:listings",
        keys_of="operator",
        made={"listing_id": "draft_listing_id"},
        unseen="other_operator",
    ),
    # What stands beside a listing
    Row("GET", "/v1/listings/{listing_id}/similar", READERS, made={"listing_id": "published_listing_id"}),
    Row("GET", "/v1/listings/{listing_id}/scales", READERS, made={"listing_id": "published_listing_id"}),
    Row(
        "POST",
        "/v1/listings/{listing_id}/corrections",
        f"{ANYBODYS} key:read",
        json={"text": "电话有误"},
        made={"listing_id": "published_listing_id"},
    ),
    Row("GET", "/v1/sitemap", READERS),
    # Enquiries: of `requester` at the organisation of `operator`; what is acted on says what a key needs
    Row("POST", "/v1/enquiries", "requester other_requester broker admin key:needs", json=ENQUIRY, keys_of="requester"),
    Row("GET", "/v1/enquiries", f"{PEOPLE} key:read key:admin"),
    Row("GET", "/v1/enquiries/{enquiry_id}", f"{PARTIES} key:read", keys_of="requester", refused=404),
    Row(
        "POST",
        "/v1/enquiries/{enquiry_id}/state",
        "requester key:needs",
        json={"state": "withdrawn"},
        keys_of="requester",
        unseen=STRANGERS,
    ),
    Row(
        "POST",
        "/v1/enquiries/{enquiry_id}/messages",
        f"{PARTIES} key:listings",
        json={"text": "您好"},
        keys_of="operator",
        passes=(201,),
        unseen=STRANGERS,
    ),
    Row(
        "POST",
        "/v1/enquiries/{enquiry_id}/forwarding",
        ADMINS,
        json={"organisation_id": "{organisation_id}"},
        made={"enquiry_id": "unclaimed_enquiry_id"},
    ),
    # Listings
    Row("GET", "/v1/listings", READERS),
    Row("GET", "/v1/listings/{listing_id}", READERS, made={"listing_id": "published_listing_id"}),
    Row("POST", "/v1/listings", f"other_operator {KEEPERS}", json=LISTING, keys_of="operator"),
    Row(
        "PUT",
        "/v1/listings/{listing_id}",
        KEEPERS,
        json=LISTING,
        keys_of="operator",
        made={"listing_id": "published_listing_id"},
    ),
    Row(
        "PATCH",
        "/v1/listings/{listing_id}",
        KEEPERS,
        json={"summary": "改"},
        keys_of="operator",
        made={"listing_id": "published_listing_id"},
    ),
    Row(
        "DELETE", "/v1/listings/{listing_id}", KEEPERS, keys_of="operator", made={"listing_id": "published_listing_id"}
    ),
    _act("POST", "submission", "draft"),
    _act("DELETE", "submission", "submitted"),
    _act("POST", "approval", "submitted", by_admin=True),
    _act("POST", "return", "published", by_admin=True, json={"reason": "缺少参数"}),
    _act("POST", "publication", "approved"),
    _act("POST", "verification", "published"),
    _act("POST", "hiding", "published", by_admin=True, json={"reason": "被投诉"}),
    _act("DELETE", "hiding", "hidden", by_admin=True),
    _act("POST", "retirement", "published"),
    _act("DELETE", "retirement", "retired"),
    _act("PUT", "assignment", "published", by_admin=True, json={"organisation_id": None}),
    _act("GET", "versions", "published"),
    _act("GET", "versions/{number}", "published"),
    _act("POST", "versions/{number}/restoration", "published"),
    _act("GET", "differences", "published"),
    # Imports, exports, feed
    Row("POST", "/v1/imports", f"other_operator {KEEPERS}", files=LINES, keys_of="operator"),
    Row("GET", "/v1/imports", f"other_operator {KEEPERS}", keys_of="operator"),
    Row("GET", "/v1/imports/{import_id}", KEEPERS, keys_of="operator", unseen="other_operator"),
    Row("POST", "/v1/imports/{import_id}/confirmation", KEEPERS, json={}, keys_of="operator", unseen="other_operator"),
    Row("DELETE", "/v1/imports/{import_id}", KEEPERS, keys_of="operator", unseen="other_operator"),
    Row("GET", "/v1/exports/listings", READERS),
    Row("GET", "/v1/templates/{form}", READERS),
    Row("GET", "/v1/feed", f"{PEOPLE} key:feed"),
    # Subscriptions, messages, webhooks, outbox: one's own, of admins too
    Row("GET", "/v1/subscriptions", f"{PEOPLE} key:read"),
    Row("POST", "/v1/subscriptions", "requester key:needs", json=SUBSCRIPTION, keys_of="requester"),
    Row("GET", "/v1/subscriptions/{subscription_id}", "requester key:read", keys_of="requester", refused=404),
    Row("PUT", "/v1/subscriptions/{subscription_id}", OWNERS, json=HOW, keys_of="requester", refused=404),
    Row("DELETE", "/v1/subscriptions/{subscription_id}", OWNERS, keys_of="requester", refused=404),
    Row("GET", "/v1/unsubscribe/{token}", EVERYBODY),
    Row("POST", "/v1/unsubscribe/{token}", EVERYBODY),
    Row("GET", "/v1/messages", f"{PEOPLE} key:read"),
    Row("POST", "/v1/messages/read", f"{PEOPLE} key:read"),
    Row("POST", "/v1/messages/{message_id}/read", "requester key:read", keys_of="requester", refused=404),
    Row("GET", "/v1/webhooks", f"{PEOPLE} key:read"),
    Row("POST", "/v1/webhooks", f"{PEOPLE} key:needs key:listings", json=WEBHOOK),
    Row("PUT", "/v1/webhooks/{webhook_id}", OWNERS, json=WEBHOOK, keys_of="requester", refused=404),
    Row("DELETE", "/v1/webhooks/{webhook_id}", OWNERS, keys_of="requester", refused=404, unseen="key:admin"),
    Row("POST", "/v1/webhooks/{webhook_id}/secret", OWNERS, keys_of="requester", refused=404, unseen="key:admin"),
    Row("POST", "/v1/webhooks/{webhook_id}/test", OWNERS, keys_of="requester", refused=404, unseen="key:admin"),
    Row("GET", "/v1/outbox", "admin key:admin"),
    Row("POST", "/v1/outbox/{delivery_id}/retry", "admin key:admin"),
    # What the ranking uses, and the ledger
    Row("GET", "/v1/ranking", f"{ANYBODYS} key:read"),
    Row("GET", "/v1/ledger", f"{ANYBODYS} key:read"),
    Row("GET", "/v1/ledger/lines", f"{ANYBODYS} key:read"),
    Row("GET", "/v1/ledger/verification", ADMINS),
    # Ranking profiles
    Row("GET", "/v1/profiles", "admin key:admin"),
    Row("POST", "/v1/profiles", "admin key:admin", json=EDIT),
    Row("GET", "/v1/profiles/published", "admin key:admin", passes=(200, 404)),
    Row("GET", "/v1/profiles/history", "admin key:admin"),
    Row("GET", "/v1/profiles/{profile_id}", "admin key:admin"),
    Row("POST", "/v1/profiles/{profile_id}/publication", "admin key:admin", json=REASON, passes=(201,)),
    Row("POST", "/v1/profiles/{profile_id}/waivers", "admin key:admin", json=REASON, passes=(409,)),  # it has passed
    # The stand-in for the matcher ranks by no profile: 503 for whoever may ask, or 409 as long as nothing is published.
    Row("POST", "/v1/profiles/{profile_id}/gates", ADMINS, json={}, passes=(503, 409)),
    Row("GET", "/v1/profiles/{profile_id}/gates", ADMINS),
    Row("GET", "/v1/profiles/{profile_id}/rules", ADMINS),
    Row("POST", "/v1/profiles/{profile_id}/rules", ADMINS, json=PIN, passes=(201,)),
    Row("PATCH", "/v1/profiles/{profile_id}/rules/{rule_id}", ADMINS, json={}, passes=(404,)),
    Row("DELETE", "/v1/profiles/{profile_id}/rules/{rule_id}", ADMINS, passes=(404,)),
    Row("GET", "/v1/profiles/{profile_id}/synonyms", ADMINS),
    Row("POST", "/v1/profiles/{profile_id}/synonyms", ADMINS, json={"terms": ["甲种罐", "乙种罐"]}, passes=(201,)),
    Row("POST", "/v1/profiles/{profile_id}/synonyms/lines", ADMINS, data={"text": "甲种罐=乙种罐"}, passes=(201,)),
    Row("DELETE", "/v1/profiles/{profile_id}/synonyms/{part}/{number}", ADMINS, passes=(404,)),
    Row("POST", "/v1/profiles/{profile_id}/dictionary", ADMINS, json={"words": ["甲种罐"]}, passes=(201,)),
    Row("DELETE", "/v1/profiles/{profile_id}/dictionary/{word}", ADMINS, passes=(404,)),
    Row("POST", "/v1/previews", ADMINS, json={"profile": "{profile_id}"}, passes=(503, 409)),
    Row("POST", "/v1/profiles/rollback", "admin key:admin", json=REASON, passes=(201, 409)),
    # Watching: nothing may be published in the world of these tests
    Row("GET", "/v1/watch", ADMINS, passes=(200, 404)),
    Row("GET", "/v1/watch/thresholds", ADMINS),
    Row("PUT", "/v1/watch/thresholds", ADMINS, json={}, passes=(412,)),  # what is built in has version 0
    Row("GET", "/v1/alarms", ADMINS),
    Row("POST", "/v1/alarms/{alarm_id}/acknowledgement", ADMINS, json={}),
    Row("GET", "/v1/publications", ADMINS),
    Row("GET", "/v1/exposure", ADMINS),
    Row("GET", "/v1/figures", ADMINS),
    Row("GET", "/v1/feedback/daily", ADMINS),
    Row("GET", "/v1/feedback/report", ADMINS),
    # Judging
    Row("GET", "/v1/judgement-sets", JUDGES),
    Row("POST", "/v1/judgement-sets", ADMINS, json={"name": "{fresh_name}"}),
    Row("GET", "/v1/judgement-sets/{set_id}", JUDGES),
    Row("POST", "/v1/judgement-sets/{set_id}/freezing", ADMINS),
    Row(
        "POST",
        "/v1/judgement-sets/{set_id}/queue",
        ADMINS,
        json={
            "judges": ["{broker_id}"],
            "each": 1,
            "runs": [{"name": "a", "rankings": {"N-1": ["{shown_listing_id}"]}}],
        },
    ),
    Row("GET", "/v1/judgement-sets/{set_id}/queue", JUDGES),
    Row("GET", "/v1/judgement-sets/{set_id}/next", JUDGES),
    Row("PUT", "/v1/judgement-sets/{set_id}/grades", JUDGES, json=PAIR | {"grade": 2}),
    Row("POST", "/v1/judgement-sets/{set_id}/skips", JUDGES, json=PAIR),
    Row("GET", "/v1/judgement-sets/{set_id}/agreement", ADMINS),
    Row("PUT", "/v1/judgement-sets/{set_id}/adjudications", ADMINS, json=PAIR | {"grade": 1}),
    Row("POST", "/v1/judgement-sets/{set_id}/imports", ADMINS, files={"file": ("a.csv", GRADES)}),
    Row(
        "POST",
        "/v1/judgement-sets/{set_id}/imports/confirmation",
        ADMINS,
        data={"hash": Upload(GRADES).hash},
        files={"file": ("a.csv", GRADES)},
    ),
    Row("GET", "/v1/judgement-sets/{set_id}/exports", ADMINS),
)
