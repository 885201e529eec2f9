"""/v1/subscriptions, /v1/unsubscribe, /v1/messages, /v1/webhooks and /v1/outbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api import webhooks as webhooks_module
from api.alert_answers import (
    MessagesAnswer,
    NewWebhookAnswer,
    OutboxAnswer,
    SubscriptionAnswer,
    SubscriptionsAnswer,
    WebhooksAnswer,
)
from api.limits import Buckets
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.alerts import outbox
from matcher.catalogue.alerts.messages import add_message
from matcher.catalogue.database import Database
from matcher.catalogue.listings.bulk import put_many
from matcher.catalogue.needs.store import NeedDraft, add_need
from matcher.catalogue.tables.base import now
from matcher.records import Listing
from matcher.secret import secret_of
from matcher.sending.sealing import Seal
from matcher.sending.signing import PREFIX, signature
from matcher.today import today
from tests.api.people import People, app_over
from tests.databases import database  # noqa: F401
from tests.matcher.sending.receivers import WebReceiver, web_receiver

URL = "https://example.gov.cn/hook"
STRONG = "k9Qw-Zr7_tYx2LmP4sVb8NcD6fGh1JuE"


@pytest.fixture
def people(database: Database, tmp_path: Path) -> People:  # noqa: F811
    app = app_over(database, tmp_path, smtp_url="smtp://127.0.0.1?from=a@b.cn", public_url="https://pilot.example.cn")
    return People(app, database)


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebReceiver]:
    monkeypatch.setattr(webhooks_module, "_tests", Buckets(6))
    with web_receiver() as receiver:
        yield receiver


def need_of(people: People, who: str = "requester") -> str:
    with people.database.session() as session:
        return add_need(session, people.actor(who), NeedDraft({"text": "发酵放大"}), today()).id


def subscribe(people: People, who: str = "requester", **more: Any) -> dict[str, Any]:
    body = {"about_kind": "need", "about_id": need_of(people, who), "channels": ["message"]} | more
    response = getattr(people, who).post("/v1/subscriptions", json=body)
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


def refused(response: Any, status: int, field: str | None = None) -> None:
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert error.get("field") == field or field is None
    assert error["message"]


class TestSubscriptions:
    def test_made_read_changed_deleted(self, people: People) -> None:
        made = subscribe(people, channels=["message", "email"], pace="daily")
        SubscriptionAnswer.model_validate(made)
        path = f"/v1/subscriptions/{made['id']}"
        assert people.requester.get(path).json() == made
        listed = people.requester.get("/v1/subscriptions").json()
        SubscriptionsAnswer.model_validate(listed)
        assert listed == {"total": 1, "page": 1, "size": 20, "subscriptions": [made]}
        changed = people.requester.put(path, json={"channels": ["message"], "active": False}).json()
        assert changed == made | {"channels": ["message"], "pace": "at_once", "active": False}
        assert people.requester.delete(path).status_code == 204
        refused(people.requester.get(path), 404, "subscription_id")

    def test_nothing_private_in_any_answer(self, people: People) -> None:
        made = subscribe(people)
        assert set(made) == {
            "id", "about_kind", "about_id", "channels", "pace", "webhook_id", "active", "created_at",
        }  # fmt: skip

    def test_of_an_operator_s_own_listing(self, people: People) -> None:
        with people.database.session() as session:
            listings = [Listing("PF-1", "platform", "发酵平台"), Listing("PF-2", "platform", "芯片平台")]
            put_many(session, listings[:1], CONSOLE, organisation_id=people.orgs["org"])
            put_many(session, listings[1:], CONSOLE)
        body = {"about_kind": "listing", "about_id": "PF-1", "channels": ["message"]}
        assert people.operator.post("/v1/subscriptions", json=body).status_code == 201
        refused(people.other_operator.post("/v1/subscriptions", json=body), 403)
        refused(people.requester.post("/v1/subscriptions", json=body), 403)
        refused(people.operator.post("/v1/subscriptions", json=body | {"about_id": "PF-2"}), 403)
        refused(people.operator.post("/v1/subscriptions", json=body | {"about_id": "PF-9"}), 404)

    def test_strangers_and_others_see_nothing(self, people: People) -> None:
        made = subscribe(people)
        path = f"/v1/subscriptions/{made['id']}"
        for other in (people.other_requester, people.operator, people.admin):
            refused(other.get(path), 404)
            refused(other.put(path, json={"channels": ["message"]}), 404)
            refused(other.delete(path), 404)
            assert other.get("/v1/subscriptions").json()["total"] == 0
        for method, url in (("GET", path), ("GET", "/v1/subscriptions"), ("DELETE", path)):
            refused(people.anonymous.request(method, url), 401)
        body = {"about_kind": "need", "about_id": made["about_id"], "channels": ["message"]}
        refused(people.anonymous.post("/v1/subscriptions", json=body), 401)

    def test_keys_need_their_scope(self, people: People) -> None:
        made = subscribe(people)
        path = f"/v1/subscriptions/{made['id']}"
        assert people.key("requester", "read").get(path).status_code == 200
        refused(people.key("requester", "match").get(path), 403)
        refused(people.key("requester", "read").delete(path), 403)
        assert people.key("requester", "needs").delete(path).status_code == 204

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"channels": []}, "channels"),
            ({"channels": ["pigeon"]}, "channels[0]"),
            ({"channels": "email"}, "channels"),
            ({"pace": "hourly"}, "pace"),
            ({"about_kind": "user"}, "about_kind"),
            ({"about_id": ""}, "about_id"),
            ({"about_id": "x" * 65}, "about_id"),
            ({"channels": ["webhook"]}, "webhook_id"),
            ({"webhook_id": "wh-1"}, "webhook_id"),
            ({"user_id": "somebody"}, "user_id"),
        ],
    )
    def test_what_can_t_be(self, people: People, change: dict[str, Any], field: str) -> None:
        body = {"about_kind": "need", "about_id": need_of(people), "channels": ["message"]} | change
        refused(people.requester.post("/v1/subscriptions", json=body), 422, field)

    def test_twice_is_a_conflict_and_the_same_request_again_is_not(self, people: People) -> None:
        body = {"about_kind": "need", "about_id": need_of(people), "channels": ["message"]}
        first, again = (
            people.requester.post("/v1/subscriptions", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)
        )
        assert first.json() == again.json()
        refused(people.requester.post("/v1/subscriptions", json=body), 409)

    def test_no_mail_where_the_site_sends_none(self, database: Database, tmp_path: Path) -> None:  # noqa: F811
        people = People(app_over(database, tmp_path), database)
        body = {"about_kind": "need", "about_id": need_of(people), "channels": ["email"]}
        refused(people.requester.post("/v1/subscriptions", json=body), 422, "channels")


class TestUnsubscribing:
    def token(self, people: People, subscription_id: str) -> str:
        return Seal(secret_of(people.app.state.settings)).stop_token(subscription_id)

    def test_without_signing_in_by_one_click(self, people: People) -> None:
        made = subscribe(people)
        url = f"/v1/unsubscribe/{self.token(people, made['id'])}"
        page = people.anonymous.get(url)
        assert '<form method="post">' in page.text
        assert people.requester.get(f"/v1/subscriptions/{made['id']}").json()["active"]
        # As RFC 8058 has mail programs send it.
        done = people.anonymous.post(url, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert not people.requester.get(f"/v1/subscriptions/{made['id']}").json()["active"]

    def test_an_unknown_token_says_the_same_as_a_good_and_a_used_one(self, people: People) -> None:
        good = self.token(people, subscribe(people)["id"])
        for method in ("GET", "POST"):
            answers = [
                people.anonymous.request(method, f"/v1/unsubscribe/{token}")
                for token in ("x", "a" * 43, good, good, "é", "x" * 5000)
            ]
            assert {one.status_code for one in answers} == {200}
            assert len({one.text for one in answers}) == 1
            varying = {"x-request-id", "date"}
            headers = [{k: v for k, v in one.headers.items() if k not in varying} for one in answers]
            assert all(one == headers[0] for one in headers)

    def test_a_signed_in_user_needs_no_csrf_token_for_it(self, people: People) -> None:
        made = subscribe(people)
        browser = people.signed_in("requester")
        del browser.headers["X-CSRF-Token"]
        assert browser.post(f"/v1/unsubscribe/{self.token(people, made['id'])}").status_code == 200

    def test_the_page_can_t_be_framed_or_run_anything(self, people: People) -> None:
        headers = people.anonymous.get("/v1/unsubscribe/<script>").headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "<script>" not in people.anonymous.get("/v1/unsubscribe/%3Cscript%3Ex").text


class TestMessages:
    def write(self, people: People, who: str = "requester") -> str:
        with people.database.session() as session:
            return add_message(session, people.ids[who], "题 <b>", "文")

    def test_listed_counted_and_marked(self, people: People) -> None:
        keys = [self.write(people) for _ in range(3)]
        listed = people.requester.get("/v1/messages", params={"size": 2}).json()
        MessagesAnswer.model_validate(listed)
        assert (listed["total"], listed["unread"]) == (3, 3)
        assert [one["id"] for one in listed["messages"]] == keys[:0:-1]
        marked = people.requester.post(f"/v1/messages/{keys[0]}/read").json()
        assert marked["read_at"] is not None
        assert people.requester.get("/v1/messages", params={"unread": True}).json()["total"] == 2
        assert people.requester.post("/v1/messages/read").json() == {"marked": 2}
        assert people.requester.get("/v1/messages").json()["unread"] == 0

    def test_only_one_s_own(self, people: People) -> None:
        key = self.write(people)
        for other in (people.other_requester, people.admin):
            assert other.get("/v1/messages").json()["total"] == 0
            refused(other.post(f"/v1/messages/{key}/read"), 404, "message_id")
        refused(people.anonymous.get("/v1/messages"), 401)
        refused(people.anonymous.post("/v1/messages/read"), 401)
        refused(people.key("requester", "match").get("/v1/messages"), 403)

    @pytest.mark.parametrize("params", [{"page": 0}, {"size": 101}, {"unread": "perhaps"}, {"x": 1}])
    def test_what_can_t_be_asked(self, people: People, params: dict[str, Any]) -> None:
        refused(people.requester.get("/v1/messages", params=params), 422, next(iter(params)))

    @pytest.mark.parametrize("key", ["msg-x", "%00", "x" * 3000])
    def test_one_that_is_not_there(self, people: People, key: str) -> None:
        refused(people.requester.post(f"/v1/messages/{key}/read"), 404)


class TestWebhooks:
    def add(self, people: People, url: str = URL, **more: Any) -> dict[str, Any]:
        response = people.operator.post("/v1/webhooks", json={"url": url, "topics": ["alerts", "feed"]} | more)
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def test_made_read_changed_deleted(self, people: People) -> None:
        made = self.add(people, after=0)
        NewWebhookAnswer.model_validate(made)
        assert made["secret"].startswith(PREFIX)
        without = {name: value for name, value in made.items() if name != "secret"}
        listed = people.operator.get("/v1/webhooks").json()
        WebhooksAnswer.model_validate(listed)
        assert listed == {"webhooks": [without]}
        path = f"/v1/webhooks/{made['id']}"
        body = {"url": URL + "2", "topics": ["feed"], "active": False}
        changed = people.operator.put(path, json=body).json()
        assert {name: changed[name] for name in body} == body
        assert people.operator.delete(path).status_code == 204
        assert people.operator.get("/v1/webhooks").json() == {"webhooks": []}

    def test_the_secret_is_told_once_and_stored_sealed(self, people: People) -> None:
        body = {"url": URL, "topics": ["alerts"]}
        first, again = (
            people.operator.post("/v1/webhooks", json=body, headers={"Idempotency-Key": "k"}).json() for _ in range(2)
        )
        assert again == first | {"secret": None}
        assert "secret" not in people.operator.get("/v1/webhooks").text
        renewed = people.operator.post(f"/v1/webhooks/{first['id']}/secret").json()["secret"]
        assert renewed.startswith(PREFIX)
        assert renewed != first["secret"]

    @pytest.mark.parametrize(
        "url",
        [
            "", "x", "ftp://a.cn/", "https://u:p@a.cn/", "https://a.cn/#x", "https://a.cn/\r\nX: y", "javascript:x", 5,
            None, "https://a.cn/" + "a" * 3000,
        ],
    )  # fmt: skip
    def test_addresses_that_can_t_be(self, people: People, url: Any) -> None:
        refused(people.operator.post("/v1/webhooks", json={"url": url, "topics": ["alerts"]}), 422, "url")
        path = f"/v1/webhooks/{self.add(people)['id']}"
        refused(people.operator.put(path, json={"url": url, "topics": ["alerts"]}), 422, "url")

    @pytest.mark.parametrize(
        "url", ["http://a.cn/", "https://127.0.0.1/", "https://169.254.169.254/", "https://localhost/"]
    )
    def test_in_production_only_https_to_the_open_internet(
        self,
        database: Database,  # noqa: F811
        tmp_path: Path,
        url: str,
    ) -> None:
        people = People(app_over(database, tmp_path, env="production", secret=STRONG), database)
        client = people.key("operator", "listings")
        refused(client.post("/v1/webhooks", json={"url": url, "topics": ["alerts"]}), 422, "url")
        assert client.post("/v1/webhooks", json={"url": URL, "topics": ["alerts"]}).status_code == 201

    @pytest.mark.parametrize(
        ("change", "field"),
        [({"topics": []}, "topics"), ({"topics": ["news"]}, "topics[0]"), ({"after": -1}, "after"),
         ({"after": 10**6}, "after"), ({"after": True}, "after"), ({"secret": "mine"}, "secret")],
    )  # fmt: skip
    def test_what_can_t_be(self, people: People, change: dict[str, Any], field: str) -> None:
        body = {"url": URL, "topics": ["feed"]} | change
        refused(people.operator.post("/v1/webhooks", json=body), 422, field)

    def test_only_one_s_own(self, people: People) -> None:
        path = f"/v1/webhooks/{self.add(people)['id']}"
        body = {"url": URL, "topics": ["alerts"]}
        for other in (people.colleague, people.admin):
            refused(other.put(path, json=body), 404, "webhook_id")
            refused(other.delete(path), 404)
            refused(other.post(path + "/secret"), 404)
            refused(other.post(path + "/test"), 404)
        for method, url in (("GET", "/v1/webhooks"), ("POST", path + "/test"), ("DELETE", path)):
            refused(people.anonymous.request(method, url), 401)

    def test_a_key_tells_others_no_more_than_it_may_read(self, people: People) -> None:
        feed, alerts = ({"url": URL, "topics": [topic]} for topic in ("feed", "alerts"))
        assert people.key("operator", "feed").post("/v1/webhooks", json=feed).status_code == 201
        refused(people.key("operator", "feed").post("/v1/webhooks", json=alerts), 403)
        refused(people.key("operator", "listings").post("/v1/webhooks", json=feed), 403)
        assert people.key("operator", "listings").post("/v1/webhooks", json=alerts).status_code == 201

    def test_a_test_is_signed_and_its_outcome_told(self, people: People, receiver: WebReceiver) -> None:
        made = self.add(people, receiver.url)
        path = f"/v1/webhooks/{made['id']}/test"
        assert people.operator.post(path).json() == {"delivered": True, "status": 204, "error": None}
        (posted,) = receiver.posts
        headers = posted.headers
        expected = signature(made["secret"], headers["webhook-id"], headers["webhook-timestamp"], posted.body)
        assert headers["webhook-signature"] == f"v1,{expected}"
        receiver.answer = lambda _: 302
        failed = people.operator.post(path).json()
        assert (failed["delivered"], failed["status"]) == (False, None)
        assert "302" in failed["error"]

    def test_tests_are_not_for_knocking_at_doors(self, people: People, receiver: WebReceiver) -> None:
        path = f"/v1/webhooks/{self.add(people, receiver.url)['id']}/test"
        for _ in range(6):
            assert people.operator.post(path).status_code == 200
        response = people.operator.post(path)
        refused(response, 429)
        assert int(response.headers["retry-after"]) > 0


class TestOutbox:
    def put(self, people: People) -> str:
        with people.database.session() as session:
            key = outbox.put(session, "email", "a@b.cn", {"subject": "机密"}, now())
            (taken,) = outbox.claim(session, now(), timedelta(minutes=1), 9)
            outbox.mark_failed(session, taken, "550", None)
        return key

    def test_admins_see_how_it_stands_and_try_again(self, people: People) -> None:
        key = self.put(people)
        answer = people.admin.get("/v1/outbox").json()
        OutboxAnswer.model_validate(answer)
        assert (answer["waiting"], answer["given_up"], answer["total"]) == (0, 1, 1)
        assert [(one["id"], one["last_error"]) for one in answer["deliveries"]] == [(key, "550")]
        assert "机密" not in people.admin.get("/v1/outbox").text
        assert people.admin.post(f"/v1/outbox/{key}/retry").json()["state"] == "waiting"
        assert people.admin.get("/v1/outbox", params={"state": "waiting"}).json()["total"] == 1

    def test_nobody_else_does(self, people: People) -> None:
        key = self.put(people)
        for client, status in (
            (people.requester, 403),
            (people.operator, 403),
            (people.broker, 403),
            (people.key("admin", "read"), 403),
            (people.anonymous, 401),
        ):
            refused(client.get("/v1/outbox"), status)
            refused(client.post(f"/v1/outbox/{key}/retry"), status)
        assert people.key("admin", "admin").get("/v1/outbox").status_code == 200

    @pytest.mark.parametrize("key", ["dl-x", "%00", "x" * 3000])
    def test_one_that_is_not_there(self, people: People, key: str) -> None:
        refused(people.admin.post(f"/v1/outbox/{key}/retry"), 404)

    def test_a_state_that_is_none(self, people: People) -> None:
        refused(people.admin.get("/v1/outbox", params={"state": "lost"}), 422, "state")


def test_malformed_and_huge_bodies(people: People) -> None:
    client: TestClient = people.operator
    for path in ("/v1/subscriptions", "/v1/webhooks"):
        headers = {"content-type": "application/json"}
        refused(client.post(path, content=b"{", headers=headers), 422)
        refused(client.post(path, content=b'{"url": "' + b"a" * 1_100_000 + b'"}', headers=headers), 413)
