"""One's own account over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import UserRow
from matcher.catalogue.tables.alerts import OutboxRow
from tests.api.people import PASSWORD, People, app_over
from tests.api.test_sessions import sign_in, user_of

NEW = {"email": "New@Example.cn", "name": "新用户", "password": "三台离心机 in a row"}


def field_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["field"]


class TestSignUp:
    def test_opens_an_account_of_a_requester(self, people: People) -> None:
        made = people.anonymous.post("/v1/account", json=NEW)
        assert made.status_code == 201
        user = made.json()
        assert (user["email"], user["role"], user["organisation_id"]) == ("new@example.cn", "requester", None)
        assert (user["email_verified"], user["active"]) == (False, True)
        assert "password" not in made.text.replace("has_password", "")
        assert sign_in(people.anonymous, "new@EXAMPLE.cn", NEW["password"]).status_code == 200

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"email": "x"}, "email"),
            ({"email": "a@b.cn\x00"}, "email"),
            ({"name": "长" * 10_000}, "name"),
            ({"name": "a\x00b"}, "name"),
            ({"name": " "}, "name"),
            ({"name": None}, "name"),
            ({"password": "short"}, "password"),
            ({"password": "password1234"}, "password"),
            ({"password": "new@example.cn"}, "password"),
            ({"password": "x" * 10_000}, "password"),
            ({"role": "admin"}, "role"),
            ({"organisation_id": "org"}, "organisation_id"),
        ],
        ids=str,
    )
    def test_names_the_field_at_fault(self, people: People, change: dict[str, Any], field: str) -> None:
        assert field_of(people.anonymous.post("/v1/account", json=NEW | change)) == (422, field)

    def test_half_a_character_is_refused(self, people: People) -> None:
        content = b'{"email": "a@b.cn", "name": "\\ud800", "password": "three centrifuges"}'
        headers = {"Content-Type": "application/json"}
        assert field_of(people.anonymous.post("/v1/account", content=content, headers=headers)) == (422, "name")

    def test_an_address_that_has_one_is_a_conflict(self, people: People) -> None:
        taken = people.anonymous.post("/v1/account", json=NEW | {"email": "ＯＰＥＲＡＴＯＲ@example.cn"})
        assert field_of(taken) == (409, "email")

    @pytest.mark.parametrize("name", ["<script>alert(1)</script>", "'; DROP TABLE users; --", "{{7*7}}"])
    def test_any_visible_name_is_only_a_name(self, people: People, name: str) -> None:
        made = people.anonymous.post("/v1/account", json=NEW | {"name": name})
        assert (made.status_code, made.json()["name"]) == (201, name)
        assert made.headers["content-type"] == "application/json"

    def test_may_be_turned_off(self, database: Database, tmp_path: Path) -> None:
        client = TestClient(app_over(database, tmp_path, sign_up=False))
        assert client.post("/v1/account", json=NEW).status_code == 403
        with database.reading() as session:
            assert session.scalars(select(UserRow)).all() == []

    @pytest.mark.parametrize("content", [b"{", b"[]", b'{"email": }', b"\xff\xfe", b"", b"null"])
    def test_malformed_json_is_refused(self, people: People, content: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        assert people.anonymous.post("/v1/account", content=content, headers=headers).status_code == 422

    def test_more_than_a_megabyte_is_refused(self, people: People) -> None:
        refused = people.anonymous.post("/v1/account", json=NEW | {"name": "x" * 1_000_001})
        assert refused.status_code == 413


class TestProfile:
    def test_is_changed_by_who_has_seen_it(self, people: People) -> None:
        seen = people.requester.get("/v1/account")
        changed = people.requester.patch(
            "/v1/account", json={"name": "改名"}, headers={"If-Match": seen.headers["etag"]}
        )
        assert (changed.status_code, changed.json()["name"]) == (200, "改名")
        late = people.requester.patch("/v1/account", json={"name": "x"}, headers={"If-Match": seen.headers["etag"]})
        assert late.status_code == 412
        assert people.requester.get("/v1/account").json()["name"] == "改名"
        assert field_of(people.requester.patch("/v1/account", json={"name": "x"})) == (422, "If-Match")

    @pytest.mark.parametrize("body", [{"role": "admin"}, {"email": "a@b.cn"}, {"active": True}, {"id": "x"}])
    def test_the_rest_is_not_one_s_own_to_change(self, people: People, body: dict[str, Any]) -> None:
        refused = people.requester.patch("/v1/account", json=body, headers={"If-Match": '"1"'})
        assert field_of(refused) == (422, next(iter(body)))


class TestPassword:
    def test_a_new_one_ends_other_sessions_but_not_this_one(self, people: People) -> None:
        here, elsewhere = people.signed_in("requester"), people.signed_in("requester")
        body = {"current": PASSWORD, "new": "四台反应釜 in a row"}
        assert here.put("/v1/account/password", json=body).status_code == 204
        assert user_of(here) is not None
        assert user_of(elsewhere) is None
        email = "requester@example.cn"
        assert sign_in(people.anonymous, email).status_code == 401
        assert sign_in(people.anonymous, email, body["new"]).status_code == 200

    def test_the_current_one_is_asked_for_and_guessing_locks(self, people: People) -> None:
        """A browser left open must not be enough to take the account over."""
        body = {"current": "wrong", "new": "四台反应釜 in a row"}
        for _ in range(5):
            assert field_of(people.requester.put("/v1/account/password", json=body)) == (422, "current")
        assert people.requester.put("/v1/account/password", json=body | {"current": PASSWORD}).status_code == 429

    def test_the_rules_hold_for_the_new_one(self, people: People) -> None:
        for new in ("short", "password1234", "requester@example.cn", "requester"):
            body = {"current": PASSWORD, "new": new}
            assert field_of(people.requester.put("/v1/account/password", json=body)) == (422, "new")


class TestReset:
    def test_by_an_admin_s_token(self, people: People) -> None:
        elsewhere = people.signed_in("requester")
        given = people.admin.post(f"/v1/users/{people.ids['requester']}/invitation")
        assert (given.status_code, given.json()["purpose"], given.json()["hours"]) == (201, "reset", 1)
        body = {"token": given.json()["token"], "password": "四台反应釜 in a row"}
        assert people.anonymous.put("/v1/account/password-reset", json=body).status_code == 204
        assert field_of(people.anonymous.put("/v1/account/password-reset", json=body)) == (422, "token")
        assert user_of(elsewhere) is None
        assert sign_in(people.anonymous, "requester@example.cn", body["password"]).status_code == 200

    def test_the_rules_hold_and_leave_the_token(self, people: People) -> None:
        token = people.admin.post(f"/v1/users/{people.ids['requester']}/invitation").json()["token"]
        weak = {"token": token, "password": "password1234"}
        assert field_of(people.anonymous.put("/v1/account/password-reset", json=weak)) == (422, "password")
        good = {"token": token, "password": "四台反应釜 in a row"}
        assert people.anonymous.put("/v1/account/password-reset", json=good).status_code == 204

    def test_by_letter_where_there_is_a_mail_server(self, database: Database, tmp_path: Path) -> None:
        app = app_over(database, tmp_path, smtp_url="smtp://127.0.0.1:25?from=a@b.cn", public_url="https://p.cn")
        people = People(app, database)
        answers = [
            people.anonymous.post("/v1/account/password-reset", json={"email": email})
            for email in ("requester@example.cn", "nobody@example.cn", "x")
        ]
        assert {(one.status_code, one.content) for one in answers} == {(202, b"")}
        with database.reading() as session:
            assert [(row.target, list(row.payload)) for row in session.scalars(select(OutboxRow))] == [
                ("requester@example.cn", ["sealed"])
            ]

    def test_without_a_mail_server_it_says_so(self, people: People) -> None:
        response = people.anonymous.post("/v1/account/password-reset", json={"email": "requester@example.cn"})
        assert response.status_code == 503
