"""Single sign-on against a provider that runs here: the whole round trip, and every way in which it must fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.single_sign_on import COOKIE, provider_of
from matcher.catalogue.access import CONSOLE
from matcher.catalogue.accounts.users import UserFields, add_user, create_user, user_by_email
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import UserRow
from tests.api.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, running_provider
from tests.api.people import app_over


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: OpenIdProvider) -> OpenIdProvider:
    """As at first: each test turns other switches."""
    fresh = OpenIdProvider(issuer=running.issuer, key=running.key)
    for one in dataclasses.fields(fresh):
        setattr(running, one.name, getattr(fresh, one.name))
    provider_of.cache_clear()
    return running


@pytest.fixture
def browser(provider: OpenIdProvider, database: Database, tmp_path: Path) -> TestClient:
    app = app_over(
        database,
        tmp_path,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        oidc_role="broker",
    )
    return TestClient(app, follow_redirects=False)


def begin(browser: TestClient, next: str = "/") -> str:
    """Where the provider sends the browser back to."""
    started = browser.get("/v1/sign-on/start", params={"next": next})
    assert started.status_code == 303, started.text
    back = httpx2.get(started.headers["location"], trust_env=False)
    assert back.status_code == 302
    split = urlsplit(back.headers["location"])
    assert split.path == "/v1/sign-on/callback"
    return f"{split.path}?{split.query}"


def sign_on(browser: TestClient):  # type: ignore[no-untyped-def]
    return browser.get(begin(browser))


def email_of(browser: TestClient) -> str | None:
    user = browser.get("/v1/session").json()["user"]
    return user and str(user["email"])


class TestSuccess:
    def test_opens_an_account_at_the_first_time_and_finds_it_at_the_second(self, browser: TestClient) -> None:
        back = browser.get(begin(browser, "/needs?page=2"))
        assert (back.status_code, back.headers["location"]) == (303, "/needs?page=2")
        user = browser.get("/v1/session").json()["user"]
        assert (user["email"], user["name"], user["role"]) == ("zhang@example.cn", "张工", "broker")
        assert (user["linked"], user["email_verified"], user["has_password"]) == (True, True, False)
        another = TestClient(browser.app, follow_redirects=False)
        assert sign_on(another).status_code == 303
        assert another.get("/v1/session").json()["user"]["id"] == user["id"]

    def test_finds_the_account_by_its_subject_when_the_e_mail_is_another(
        self, browser: TestClient, provider: OpenIdProvider
    ) -> None:
        sign_on(browser)
        provider.person["email"] = "changed@example.cn"
        assert sign_on(browser).status_code == 303
        assert email_of(browser) == "zhang@example.cn"

    def test_links_an_account_that_an_admin_has_opened_and_leaves_its_role(
        self,
        browser: TestClient,
        database: Database,
    ) -> None:
        with database.session() as session:
            made = create_user(session, CONSOLE, UserFields("Zhang@example.cn", "张三", "requester"))
        assert sign_on(browser).status_code == 303
        user = browser.get("/v1/session").json()["user"]
        assert (user["id"], user["role"], user["name"]) == (made.id, "requester", "张三")
        with database.reading() as session:
            assert [one.about_id for one in read_audit(session, action="user.link")] == [made.id]

    def test_a_session_that_the_browser_had_ends(self, browser: TestClient) -> None:
        sign_on(browser)
        old = browser.cookies["pilotmatch_session"]
        sign_on(browser)
        assert browser.cookies["pilotmatch_session"] != old
        stale = TestClient(browser.app, cookies={"pilotmatch_session": old})
        assert stale.get("/v1/session").json()["user"] is None

    def test_keys_that_the_provider_has_changed_are_fetched_anew(
        self, browser: TestClient, provider: OpenIdProvider
    ) -> None:
        sign_on(browser)
        provider.turn_key()
        assert sign_on(browser).status_code == 303

    def test_asks_with_state_nonce_and_challenge_of_its_own_each_time(
        self, browser: TestClient, provider: OpenIdProvider
    ) -> None:
        for _ in range(3):
            sign_on(browser)
        for name in ("state", "nonce", "code_challenge"):
            assert len({asked[name] for asked in provider.asked}) == 3
        assert {asked["code_challenge_method"] for asked in provider.asked} == {"S256"}

    @pytest.mark.parametrize("name", ["\x00", "a\nb", "长" * 500, None])
    def test_a_name_that_can_not_be_kept_keeps_nobody_out(
        self, browser: TestClient, provider: OpenIdProvider, name: str | None
    ) -> None:
        provider.person["name"] = name
        assert sign_on(browser).status_code == 303


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestAnotherSite:
    @pytest.mark.parametrize(
        "page", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\tb", "/ a"]
    )
    def test_is_never_opened_afterwards(self, browser: TestClient, page: str) -> None:
        assert browser.get(begin(browser, page)).headers["location"] == "/"

    def test_a_browser_that_did_not_begin_gets_nothing(self, browser: TestClient) -> None:
        """Whoever sends a link with their own code would have others work in their account."""
        back = begin(browser)
        victim = TestClient(browser.app, follow_redirects=False)
        response = victim.get(back)
        assert (response.status_code, response.json()["error"]["field"]) == (422, "state")
        assert email_of(victim) is None

    def test_the_state_must_be_the_one_of_this_attempt(self, browser: TestClient) -> None:
        back = begin(browser)
        begin(browser)
        assert browser.get(back).status_code == 422
        assert email_of(browser) is None

    def test_an_attempt_is_over_after_ten_minutes(self, browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        back = begin(browser)
        monkeypatch.setattr("api.single_sign_on.ATTEMPT_SECONDS", -1)
        assert browser.get(back).status_code == 422

    def test_a_cookie_made_up_is_none(self, browser: TestClient) -> None:
        back = begin(browser)
        other = TestClient(browser.app, cookies={COOKIE: "eyJzdGF0ZSI6MX0.x.y"}, follow_redirects=False)
        assert other.get(back).status_code == 422

    def test_a_code_works_once(self, browser: TestClient) -> None:
        back = begin(browser)
        kept = browser.cookies[COOKIE]
        assert browser.get(back).status_code == 303
        again = TestClient(browser.app, cookies={COOKIE: kept}, follow_redirects=False)
        assert again.get(back).status_code == 401

    def test_an_answer_of_another_provider_is_refused(self, browser: TestClient) -> None:
        back = begin(browser)
        query = parse_qs(urlsplit(back).query)
        params = {"state": query["state"][0], "code": query["code"][0], "iss": "https://evil.example"}
        response = browser.get("/v1/sign-on/callback", params=params)
        assert (response.status_code, response.json()["error"]["field"]) == (422, "iss")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestToken:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"nonce": "another"},
            {"nonce": None},
            {"aud": "another client"},
            {"aud": [CLIENT_ID, "another"], "azp": "another"},
            {"iss": "https://evil.example"},
            {"exp": 1_600_000_000},
            {"exp": None},
            {"sub": None},
            {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
            {"iat": 4_000_000_000},
        ],
        ids=str,
    )
    def test_that_is_not_for_this_attempt_is_refused(
        self, browser: TestClient, provider: OpenIdProvider, wrong: dict[str, object]
    ) -> None:
        provider.wrong = wrong
        response = sign_on(browser)
        assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthorised")
        assert email_of(browser) is None

    @pytest.mark.parametrize("how", ["key", "secret"])
    def test_that_the_provider_has_not_signed_is_refused(
        self, browser: TestClient, provider: OpenIdProvider, how: str
    ) -> None:
        provider.forges = how
        assert sign_on(browser).status_code == 401
        assert email_of(browser) is None

    def test_a_person_who_does_not_agree_is_told_so(self, browser: TestClient, provider: OpenIdProvider) -> None:
        provider.refuses = True
        assert sign_on(browser).status_code == 401

    def test_a_provider_that_is_down_is_said_to_be(self, browser: TestClient, provider: OpenIdProvider) -> None:
        back = begin(browser)
        provider.is_down = True
        response = browser.get(back)
        assert (response.status_code, response.json()["error"]["code"]) == (503, "unavailable")

    def test_a_provider_that_claims_to_be_another_is_not_used(
        self, browser: TestClient, provider: OpenIdProvider
    ) -> None:
        provider.said_issuer = "https://evil.example"
        assert browser.get("/v1/sign-on/start").status_code == 503

    def test_a_provider_that_is_not_there(self, database: Database, tmp_path: Path) -> None:
        app = app_over(database, tmp_path, oidc_issuer="http://127.0.0.1:9", oidc_client_id="a", oidc_client_secret="b")
        assert TestClient(app).get("/v1/sign-on/start", follow_redirects=False).status_code == 503


class TestLinking:
    def test_an_e_mail_that_nobody_vouches_for_opens_nothing(
        self,
        browser: TestClient,
        provider: OpenIdProvider,
        database: Database,
    ) -> None:
        with database.session() as session:
            create_user(session, CONSOLE, UserFields("zhang@example.cn", "张三", "admin"))
        for verified in (False, None, "true", 1):
            provider.person["email_verified"] = verified
            assert sign_on(browser).status_code == 403
        assert email_of(browser) is None

    def test_an_account_opened_beforehand_with_somebody_s_address_is_not_shared_with_them(
        self,
        browser: TestClient,
        database: Database,
    ) -> None:
        with database.session() as session:
            add_user(session, CONSOLE, UserFields("zhang@example.cn", "别人"), password_hash="x")
        response = sign_on(browser)
        assert (response.status_code, response.json()["error"]["code"]) == (409, "conflict")
        assert email_of(browser) is None

    def test_an_account_of_another_identity_is_not_taken_over(
        self, browser: TestClient, provider: OpenIdProvider
    ) -> None:
        sign_on(browser)
        provider.person["sub"] = "43"
        thief = TestClient(browser.app, follow_redirects=False)
        assert sign_on(thief).status_code == 409
        assert email_of(thief) is None

    def test_an_account_out_of_use_stays_so(self, browser: TestClient, database: Database) -> None:
        sign_on(browser)
        with database.session() as session:
            session.execute(update(UserRow).where(UserRow.email == "zhang@example.cn").values(active=False))
        again = TestClient(browser.app, follow_redirects=False)
        assert sign_on(again).status_code == 403
        assert email_of(again) is None

    def test_a_refusal_leaves_no_account_behind(
        self,
        browser: TestClient,
        provider: OpenIdProvider,
        database: Database,
    ) -> None:
        provider.person["sub"] = "x" * 300
        assert sign_on(browser).status_code == 422
        with database.reading() as session:
            assert user_by_email(session, "zhang@example.cn") is None
            assert session.scalars(select(UserRow)).all() == []


def test_it_is_off_by_default(database: Database, tmp_path: Path) -> None:
    client = TestClient(app_over(database, tmp_path))
    assert client.get("/v1/sign-on/start").status_code == 404
    assert client.get("/v1/sign-on/callback?state=a&code=b").status_code == 404
