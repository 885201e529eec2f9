"""Signing in and out over HTTP: the cookie, CSRF, locks and limits."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.security import COOKIE, CSRF_HEADER
from matcher.catalogue.accounts.passwords import needs_rehash
from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import SessionRow, UserRow
from tests.api.people import PASSWORD, People, app_over

EMAIL = "operator@example.cn"


def sign_in(client: TestClient, email: str = EMAIL, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/v1/session", json={"email": email, "password": password}, **more)


def user_of(client: TestClient) -> Any:
    return client.get("/v1/session").json()["user"]


class TestSignIn:
    def test_gives_a_cookie_that_no_script_reads(self, people: People) -> None:
        response = sign_in(people.anonymous)
        assert response.status_code == 200
        cookie = response.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        assert response.headers["cache-control"] == "no-store"
        assert response.json()["user"]["id"] == people.ids["operator"]
        assert people.anonymous.get("/v1/session").json() == response.json()

    def test_the_cookie_is_for_https_only_in_production(self, database: Database, tmp_path: Path) -> None:
        app = app_over(database, tmp_path, env="production", secret="k9Qw-Zr7_tYx2LmP4sVb8NcD6fGh1JuE")
        People(app, database)
        assert "Secure" in sign_in(TestClient(app)).headers["set-cookie"]

    def test_each_begins_a_session_of_its_own_and_ends_the_one_before(self, people: People) -> None:
        """A cookie that somebody planted beforehand is worth nothing afterwards."""
        client = people.anonymous
        sign_in(client)
        planted = client.cookies[COOKIE]
        csrf = client.get("/v1/session").json()["csrf_token"]
        sign_in(client)
        assert client.cookies[COOKIE] != planted
        assert client.get("/v1/session").json()["csrf_token"] != csrf
        assert user_of(TestClient(people.app, cookies={COOKIE: planted})) is None

    @pytest.mark.parametrize(
        ("email", "password"),
        [(EMAIL, "wrong"), ("nobody@example.cn", PASSWORD), ("no address", PASSWORD), ("", ""), (EMAIL, "\x00")],
    )
    def test_that_fails_says_the_same_whatever_was_wrong(self, people: People, email: str, password: str) -> None:
        response = sign_in(people.anonymous, email, password)
        assert response.status_code == 401
        assert response.json()["error"]["message"] == "邮箱或密码不对"
        assert "set-cookie" not in response.headers

    def test_takes_as_long_without_an_account(self, people: People) -> None:
        """Else the time would tell which addresses have one; the hash is most of it."""
        sign_in(people.anonymous, password="wrong")
        took = {}
        for email in ("broker@example.cn", "nobody@example.cn"):
            began = time.perf_counter()
            for _ in range(3):
                sign_in(people.anonymous, email, "wrong")
            took[email] = time.perf_counter() - began
        assert took["nobody@example.cn"] > 0.3 * took["broker@example.cn"]

    def test_five_failures_lock_the_account_and_an_admin_opens_it(self, people: People) -> None:
        for _ in range(5):
            assert sign_in(people.anonymous, password="wrong").status_code == 401
        locked = sign_in(people.anonymous)
        assert locked.status_code == 429
        assert 0 < int(locked.headers["retry-after"]) <= 31
        assert people.admin.post(f"/v1/users/{people.ids['operator']}/unlock").status_code == 204
        assert sign_in(people.anonymous).status_code == 200

    def test_a_hash_of_older_parameters_is_replaced(self, people: People) -> None:
        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        where = UserRow.email == EMAIL
        with people.database.session() as session:
            session.execute(update(UserRow).where(where).values(password_hash=weak))
        assert sign_in(people.anonymous).status_code == 200
        with people.database.reading() as session:
            stored = session.scalars(select(UserRow.password_hash).where(where)).one()
        assert stored is not None
        assert not needs_rehash(stored)
        assert sign_in(people.anonymous).status_code == 200

    @pytest.mark.parametrize(
        "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
    )
    def test_another_site_can_not_sign_its_visitors_in(self, people: People, headers: dict[str, str]) -> None:
        assert sign_in(people.anonymous, headers=headers).status_code == 403

    @pytest.mark.parametrize("headers", [{"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}])
    def test_our_own_pages_can(self, people: People, headers: dict[str, str]) -> None:
        assert sign_in(people.anonymous, headers=headers).status_code == 200

    def test_an_address_has_a_number_of_tries_a_minute(self, database: Database, tmp_path: Path) -> None:
        client = TestClient(app_over(database, tmp_path, sign_in_rate=3))
        statuses = [sign_in(client, f"a{number}@b.cn", "x").status_code for number in range(4)]
        assert statuses == [401, 401, 401, 429]

    def test_fifty_failures_an_hour_are_enough_for_any_address(self, database: Database, tmp_path: Path) -> None:
        app = app_over(database, tmp_path, sign_in_rate=1000)
        for _ in range(50):
            app.state.limits.sign_in_failures.spend("testclient")
        refused = sign_in(TestClient(app))
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 60


class TestCookie:
    @pytest.mark.parametrize("cookie", ["x", "x.y", "", "\xff", "." * 100, "a" * 5000])
    def test_that_is_not_ours_is_a_stranger_s(self, people: People, cookie: str) -> None:
        headers = [(b"cookie", f"{COOKIE}={cookie}".encode("latin-1"))]
        response = people.anonymous.get("/v1/session", headers=headers)
        assert (response.status_code, response.json()["user"]) == (200, None)

    def test_signed_by_another_secret_is_a_stranger_s(self, people: People, tmp_path: Path) -> None:
        sign_in(people.anonymous)
        other = app_over(people.database, tmp_path / "other")
        assert user_of(TestClient(other, cookies={COOKIE: people.anonymous.cookies[COOKIE]})) is None

    def test_its_token_is_not_in_the_database(self, people: People) -> None:
        sign_in(people.anonymous)
        token = people.anonymous.cookies[COOKIE].partition(".")[0]
        with people.database.reading() as session:
            assert token not in list(session.scalars(select(SessionRow.token_hash)))


class TestCsrf:
    def test_a_change_needs_the_token(self, people: People) -> None:
        client = people.signed_in("operator")
        body = {"name": "程序", "scopes": ["match"]}
        for headers in ({CSRF_HEADER: ""}, {CSRF_HEADER: "wrong"}, {CSRF_HEADER: people.admin.headers[CSRF_HEADER]}):
            response = client.post("/v1/api-keys", json=body, headers=headers)
            assert (response.status_code, "CSRF" in response.json()["error"]["message"]) == (403, True)
        assert client.post("/v1/api-keys", json=body).status_code == 201

    def test_reading_needs_none(self, people: People) -> None:
        client = people.signed_in("operator")
        del client.headers[CSRF_HEADER]
        assert client.get("/v1/account").status_code == 200

    def test_a_form_carries_it_in_a_field(self, people: People) -> None:
        client = people.signed_in("operator")
        token = client.headers.pop(CSRF_HEADER)
        files = {"file": ("a.txt", b"500 L")}
        assert client.post("/v1/documents", files=files, data={"csrf_token": token}).status_code == 200
        assert client.post("/v1/documents", files=files, data={"csrf_token": "x"}).status_code == 403
        assert client.post("/v1/documents", files=files).status_code == 403

    def test_another_site_is_refused_even_with_the_token(self, people: People) -> None:
        client = people.signed_in("operator")
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}):
            assert client.delete("/v1/session", headers=headers).status_code == 403
        assert user_of(client) is not None

    def test_an_api_key_needs_none(self, people: People) -> None:
        client = people.key("operator", "match")
        assert client.post("/v1/understand", json={"text": "500 L"}).status_code == 200

    def test_a_key_counts_before_a_cookie(self, people: People) -> None:
        """A page of another site can send our cookie, but not set the header."""
        client = people.signed_in("admin")
        client.headers["Authorization"] = people.key("operator", "read").headers["Authorization"]
        assert user_of(client)["id"] == people.ids["operator"]

    def test_a_session_that_has_ended_needs_none_and_gets_nothing(self, people: People) -> None:
        client = people.signed_in("operator")
        client.delete("/v1/session")
        assert client.post("/v1/api-keys", json={"name": "a", "scopes": ["match"]}).status_code == 401


class TestSignOut:
    def test_ends_the_session_and_takes_the_cookie_back(self, people: People) -> None:
        client, elsewhere = people.signed_in("operator"), people.signed_in("operator")
        copied = dict(client.cookies)
        response = client.delete("/v1/session")
        assert response.status_code == 204
        assert 'pilotmatch_session=""' in response.headers["set-cookie"]
        assert user_of(TestClient(people.app, cookies=copied)) is None
        assert user_of(elsewhere) is not None

    def test_everywhere(self, people: People) -> None:
        client, elsewhere = people.signed_in("operator"), people.signed_in("operator")
        assert client.delete("/v1/session", params={"everywhere": "true"}).status_code == 204
        assert user_of(elsewhere) is None
        assert user_of(people.colleague) is not None


def test_a_key_says_who_it_is_and_what_it_may(people: People) -> None:
    found = people.key("operator", "needs", "read").get("/v1/session").json()
    assert (found["user"]["id"], found["csrf_token"], found["scopes"]) == (
        people.ids["operator"],
        None,
        ["read", "needs"],
    )
