"""Signing in and out over HTTP."""

from __future__ import annotations

from fastapi.testclient import TestClient

from api.security import COOKIE
from tests.api.people import PASSWORD, People


def sign_in(client: TestClient, email: str = "operator@example.cn", password: str = PASSWORD):  # type: ignore[no-untyped-def]
    return client.post("/v1/session", json={"email": email, "password": password})


def test_signing_in_gives_a_cookie_no_script_reads(people: People) -> None:
    response = sign_in(people.anonymous)
    assert response.status_code == 200
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert response.json()["user"]["email"] == "operator@example.cn"
    assert people.anonymous.get("/v1/session").json()["csrf_token"] == response.json()["csrf_token"]
