"""From a token or key to who acts."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from matcher.catalogue.access import Scope
from matcher.catalogue.accounts.api_keys import add_key, revoke_key
from matcher.catalogue.accounts.callers import STRANGER, caller_by_key, caller_by_session, touch
from matcher.catalogue.accounts.signing_in import start_session
from matcher.catalogue.accounts.tokens import hash_of
from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import ApiKeyRow, SessionRow, UserRow
from matcher.errors import NotSignedIn
from tests.matcher.catalogue.accounts.actors import organisation, someone
from tests.matcher.catalogue.accounts.clock import Clock


class TestSession:
    def test_names_its_user(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session, "operator", "operator", organisation(session))
            made = start_session(session, actor.user_id or "")
            caller = caller_by_session(session, made.token)
        assert (caller.actor, caller.csrf, caller.session_hash) == (actor, made.csrf, hash_of(made.token))
        assert (caller.key_id, caller.is_stale) == (None, False)

    @pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "x" * 10_000])
    def test_that_is_unknown_is_a_stranger_s(self, database: Database, token: str) -> None:
        with database.reading() as session:
            assert caller_by_session(session, token) == STRANGER

    def test_ends_after_twelve_idle_hours_and_a_week_in_all(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            made = start_session(session, someone(session).user_id or "")
            for _ in range(15):
                clock.pass_by(hours=11)
                caller = caller_by_session(session, made.token)
                assert caller.actor.signed_in
                touch(session, caller)
            clock.pass_by(hours=11)
            assert caller_by_session(session, made.token) == STRANGER
            idle = start_session(session, caller.actor.user_id or "")
            clock.pass_by(hours=12, seconds=-1)
            assert caller_by_session(session, idle.token).actor.signed_in
            clock.pass_by(seconds=1)
            assert caller_by_session(session, idle.token) == STRANGER

    def test_is_touched_once_a_minute(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            made = start_session(session, someone(session).user_id or "")
            clock.pass_by(seconds=59)
            assert not caller_by_session(session, made.token).is_stale
            clock.pass_by(seconds=1)
            caller = caller_by_session(session, made.token)
            assert caller.is_stale
            touch(session, caller)
            assert not caller_by_session(session, made.token).is_stale
            assert session.scalars(select(SessionRow.seen_at)).one() == clock.now

    def test_of_an_account_out_of_use_is_none(self, database: Database) -> None:
        with database.session() as session:
            made = start_session(session, someone(session).user_id or "")
            session.execute(update(UserRow).values(active=False))
            assert caller_by_session(session, made.token) == STRANGER

    def test_follows_the_role_of_its_user(self, database: Database) -> None:
        with database.session() as session:
            made = start_session(session, someone(session).user_id or "")
            session.execute(update(UserRow).values(role="broker"))
            assert caller_by_session(session, made.token).actor.role == "broker"


class TestKey:
    def test_names_its_user_and_its_scopes(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session)
            scopes: list[Scope] = ["match", "needs"]
            key, secret = add_key(session, actor, "程序", scopes)
            caller = caller_by_key(session, secret)
        assert caller.actor.scopes == frozenset(scopes)
        assert (caller.actor.user_id, caller.key_id, caller.csrf) == (actor.user_id, key.id, None)

    @pytest.mark.parametrize("key", ["", "pm_", "pm_" + "x" * 43, "\x00", "\ud800", "x" * 10_000])
    def test_that_is_unknown_is_refused(self, database: Database, key: str) -> None:
        with database.reading() as session, pytest.raises(NotSignedIn):
            caller_by_key(session, key)

    def test_ends_when_it_was_to_end(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            _, secret = add_key(session, someone(session), "程序", ["match"], days=1)
            clock.pass_by(days=1, seconds=-1)
            assert caller_by_key(session, secret).actor.signed_in
            clock.pass_by(seconds=1)
            with pytest.raises(NotSignedIn, match="过期"):
                caller_by_key(session, secret)

    def test_ends_when_it_is_revoked_or_its_user_goes(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session)
            (first, one), (_, other) = (add_key(session, actor, "程序", ["match"]) for _ in range(2))
            revoke_key(session, actor, first.id)
            with pytest.raises(NotSignedIn, match="停用"):
                caller_by_key(session, one)
            assert caller_by_key(session, other).actor.signed_in
            session.execute(update(UserRow).values(active=False))
            with pytest.raises(NotSignedIn, match="停用"):
                caller_by_key(session, other)

    def test_its_last_use_is_written_once_a_minute(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            _, secret = add_key(session, someone(session), "程序", ["match"])
            caller = caller_by_key(session, secret)
            assert caller.is_stale
            touch(session, caller)
            clock.pass_by(seconds=59)
            assert not caller_by_key(session, secret).is_stale
            clock.pass_by(seconds=1)
            assert caller_by_key(session, secret).is_stale
            assert session.scalars(select(ApiKeyRow.last_used_at)).one() is not None
