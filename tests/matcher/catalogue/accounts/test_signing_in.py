"""Sign-ins, locks and sessions."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from matcher.catalogue.access import ANONYMOUS, CONSOLE, Actor
from matcher.catalogue.accounts.signing_in import (
    FREE_FAILURES,
    SESSION_LIFE,
    NewSession,
    check_lock,
    credentials,
    credentials_of,
    end_session,
    end_sessions,
    finish_sign_in,
    lock_for,
    record_failure,
    start_session,
    store_password,
    store_rehash,
    unlock,
)
from matcher.catalogue.accounts.tokens import hash_of
from matcher.catalogue.accounts.users import get_user
from matcher.catalogue.database import Database, Session
from matcher.catalogue.tables.accounts import SessionRow, SignInFailureRow, UserRow
from matcher.errors import Forbidden, NotSignedIn, TooMany
from tests.matcher.catalogue.accounts.actors import someone
from tests.matcher.catalogue.accounts.clock import Clock

EMAIL = "someone@example.cn"


def fail(session: Session, email: str = EMAIL) -> str:
    """The code of the refusal of one wrong password."""
    refused = finish_sign_in(session, credentials(session, email), False)
    assert not isinstance(refused, NewSession)
    return refused.code


def succeed(session: Session) -> NewSession | NotSignedIn | TooMany:
    return finish_sign_in(session, credentials(session, EMAIL), True)


class TestSignIn:
    def test_gives_a_session_whose_token_is_nowhere(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            actor = someone(session, password="hash")
            made = succeed(session)
            assert isinstance(made, NewSession)
            assert made.actor == actor
            row = session.scalars(select(SessionRow)).one()
            assert row.token_hash == hash_of(made.token) != made.token
            assert row.csrf == made.csrf != made.token
            assert row.expires_at == clock.now + SESSION_LIFE

    def test_each_has_a_token_of_its_own(self, database: Database) -> None:
        with database.session() as session:
            user_id = someone(session).user_id or ""
            made = [start_session(session, user_id) for _ in range(3)]
        assert len({one.token for one in made}) == len({one.csrf for one in made}) == 3

    def test_ended_sessions_are_cleared_away(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            user_id = someone(session).user_id or ""
            start_session(session, user_id)
            clock.pass_by(days=8)
            made = start_session(session, user_id)
            assert [row.token_hash for row in session.scalars(select(SessionRow))] == [hash_of(made.token)]

    @pytest.mark.parametrize("email", ["nobody@example.cn", "no address", "", "x" * 10_000, "a\x00@b.cn"])
    def test_without_account_is_refused_as_a_wrong_password_is(self, database: Database, email: str) -> None:
        with database.session() as session:
            someone(session)
            said = []
            for one in (email, EMAIL):
                refused = finish_sign_in(session, credentials(session, one), False)
                assert isinstance(refused, NotSignedIn)
                said.append((refused.message, refused.hint, refused.field))
        assert said[0] == said[1]

    def test_an_account_out_of_use_is_refused_in_the_same_words(self, database: Database) -> None:
        with database.session() as session:
            someone(session)
            session.execute(update(UserRow).values(active=False))
            refused = succeed(session)
            assert isinstance(refused, NotSignedIn)
            assert "密码不对" in refused.message
            with pytest.raises(NotSignedIn):
                start_session(session, credentials(session, EMAIL).user_id or "")


class TestLock:
    def test_comes_at_the_fifth_failure_and_holds_the_right_password_too(
        self, database: Database, clock: Clock
    ) -> None:
        with database.session() as session:
            someone(session)
            assert [fail(session) for _ in range(6)] == ["unauthorised"] * 5 + ["too_many_requests"]
            refused = succeed(session)
            assert isinstance(refused, TooMany)
            assert 0 < refused.retry_seconds <= 31
            clock.pass_by(seconds=31)
            assert isinstance(succeed(session), NewSession)

    def test_grows_with_each_failure_and_is_forgotten_after_a_success(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            someone(session)
            waits = []
            for _ in range(FREE_FAILURES - 1):
                fail(session)
            for _ in range(9):
                assert fail(session) == "unauthorised"
                locked = check_lock(session, EMAIL)
                assert locked is not None
                waits.append(locked.retry_seconds - 1)
                clock.pass_by(seconds=locked.retry_seconds)
            assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
            assert isinstance(succeed(session), NewSession)
            assert session.scalars(select(SignInFailureRow)).all() == []

    def test_an_address_without_account_is_locked_in_the_same_way(self, database: Database, clock: Clock) -> None:
        """Otherwise the lock would tell which addresses have one."""
        with database.session() as session:
            someone(session)
            known = [fail(session) for _ in range(7)]
            assert [fail(session, "nobody@example.cn") for _ in range(7)] == known

    def test_one_address_is_one_however_it_is_written(self, database: Database) -> None:
        with database.session() as session:
            someone(session)
            for written in ("SOMEONE@example.cn", " someone@EXAMPLE.cn", "ｓomeone@example.cn") * 2:
                fail(session, written)
            assert isinstance(succeed(session), TooMany)

    def test_failures_are_forgotten_after_a_day(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            for _ in range(4):
                record_failure(session, EMAIL)
            clock.pass_by(hours=25)
            record_failure(session, EMAIL)
            assert session.scalars(select(SignInFailureRow)).one().count == 1
            assert check_lock(session, EMAIL) is None

    def test_failures_at_once_are_all_counted(self, database: Database) -> None:
        def wrong() -> None:
            with database.session() as session:
                record_failure(session, EMAIL)

        threads = [threading.Thread(target=wrong) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.reading() as session:
            assert session.scalars(select(SignInFailureRow)).one().count == 8

    def test_an_admin_opens_it(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session)
            for _ in range(6):
                fail(session)
            user = get_user(session, CONSOLE, actor.user_id or "")
            with pytest.raises(Forbidden):
                unlock(session, actor, user)
            unlock(session, CONSOLE, user)
            assert isinstance(succeed(session), NewSession)

    def test_no_number_of_failures_is_too_large(self) -> None:
        assert lock_for(10**9) == lock_for(50) == timedelta(hours=1)

    def test_addresses_are_kept_as_hashes(self, database: Database) -> None:
        with database.session() as session:
            record_failure(session, EMAIL)
            assert session.scalars(select(SignInFailureRow)).one().email_hash == hash_of(EMAIL)


class TestEnding:
    def test_here_elsewhere_and_everywhere(self, database: Database) -> None:
        with database.session() as session:
            user_id = someone(session).user_id or ""
            other = start_session(session, someone(session, "other").user_id or "")
            a, b, c = (start_session(session, user_id) for _ in range(3))

            def left() -> set[str]:
                return set(session.scalars(select(SessionRow.token_hash)))

            end_session(session, hash_of(a.token))
            assert left() == {hash_of(one.token) for one in (b, c, other)}
            end_sessions(session, user_id, but=hash_of(b.token))
            assert left() == {hash_of(one.token) for one in (b, other)}
            end_sessions(session, user_id)
            assert left() == {hash_of(other.token)}


class TestPassword:
    def test_a_new_one_ends_all_other_sessions(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session, password="old")
            stays, ends = (start_session(session, actor.user_id or "") for _ in range(2))
            store_password(session, actor, actor.user_id or "", "new", but=hash_of(stays.token))
            assert credentials_of(session, actor.user_id or "").password_hash == "new"
            left = list(session.scalars(select(SessionRow.token_hash)))
            assert left == [hash_of(stays.token)] != [hash_of(ends.token)]

    def test_a_rehash_never_undoes_a_change(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session, password="old")
            known = credentials(session, EMAIL)
            store_password(session, actor, actor.user_id or "", "changed", but=None)
            store_rehash(session, known, "old with other parameters")
            assert credentials(session, EMAIL).password_hash == "changed"
            store_rehash(session, credentials(session, EMAIL), "changed with other parameters")
            assert credentials(session, EMAIL).password_hash == "changed with other parameters"

    def test_of_an_account_that_is_gone(self, database: Database) -> None:
        with database.reading() as session, pytest.raises(NotSignedIn):
            credentials_of(session, ANONYMOUS.user_id or "user-x")


def test_a_user_of_an_organisation_out_of_use_acts_for_none(database: Database) -> None:
    from matcher.catalogue.accounts.organisations import OrganisationFields, replace_organisation
    from tests.matcher.catalogue.accounts.actors import organisation

    with database.session() as session:
        org = organisation(session)
        user = someone(session, "operator", "operator", org)
        assert start_session(session, user.user_id or "").actor == user
        replace_organisation(session, CONSOLE, org, OrganisationFields("中试基地", active=False), seen=1)
        assert start_session(session, user.user_id or "").actor == Actor(user.user_id, "operator", None)
