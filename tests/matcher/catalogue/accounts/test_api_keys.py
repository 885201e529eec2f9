"""API keys in the database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from matcher.catalogue.access import ANONYMOUS, SCOPES, Scope
from matcher.catalogue.accounts.api_keys import DAYS_MAX, add_key, list_keys, revoke_key
from matcher.catalogue.accounts.tokens import hash_of
from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import ApiKeyRow
from matcher.errors import Forbidden, InvalidInput, NotFound, NotSignedIn
from tests.matcher.catalogue.accounts.actors import someone
from tests.matcher.catalogue.accounts.clock import Clock


class TestAdding:
    def test_the_secret_is_given_once_and_kept_as_a_hash(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            actor = someone(session)
            key, secret = add_key(session, actor, " 统计  平台 ", ["read", "match", "match"], days=30)
            row = session.scalars(select(ApiKeyRow)).one()
        assert secret.startswith("pm_")
        assert len(secret) >= 3 + 43
        assert row.secret_hash == hash_of(secret)
        assert (key.name, key.scopes, key.shown) == ("统计 平台", ("match", "read"), secret[:10])
        assert secret not in repr(key)
        assert key.expires_at is not None
        assert (key.expires_at - clock.now).days == 30

    def test_no_two_are_alike(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session)
            assert len({add_key(session, actor, "a", ["match"])[1] for _ in range(10)}) == 10

    @pytest.mark.parametrize(
        ("name", "scopes", "days", "field"),
        [
            ("", ["match"], 1, "name"),
            ("长" * 10_000, ["match"], 1, "name"),
            ("a\x00", ["match"], 1, "name"),
            ("a", [], 1, "scopes"),
            ("a", ["root"], 1, "scopes"),
            ("a", ["match"], 0, "days"),
            ("a", ["match"], DAYS_MAX + 1, "days"),
        ],
    )
    def test_names_the_field_at_fault(
        self, database: Database, name: str, scopes: list[Scope], days: int, field: str
    ) -> None:
        with database.session() as session, pytest.raises(InvalidInput) as refused:
            add_key(session, someone(session), name, scopes, days)
        assert refused.value.field == field

    def test_only_admins_have_keys_to_administer(self, database: Database) -> None:
        with database.session() as session:
            with pytest.raises(Forbidden):
                add_key(session, someone(session), "a", ["admin"])
            add_key(session, someone(session, "admin", "admin"), "a", list(SCOPES))

    def test_a_key_makes_no_key(self, database: Database) -> None:
        """Else one that was given away with little could give itself more, and outlive its revocation."""
        with database.session() as session:
            program = replace(someone(session), scopes=frozenset(SCOPES))
            with pytest.raises(Forbidden):
                add_key(session, program, "a", ["match"])
            with pytest.raises(NotSignedIn):
                add_key(session, ANONYMOUS, "a", ["match"])


class TestKeeping:
    def test_one_sees_and_revokes_one_s_own(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            a, b = someone(session, "a"), someone(session, "b")
            key = add_key(session, a, "a", ["match"])[0]
            clock.pass_by(seconds=1)
            second = add_key(session, a, "b", ["match"])[0]
            assert [one.id for one in list_keys(session, a)] == [second.id, key.id]
            assert list_keys(session, b) == []
            with pytest.raises(Forbidden):
                list_keys(session, b, a.user_id)
            with pytest.raises(NotFound) as hidden:
                revoke_key(session, b, key.id)
            with pytest.raises(NotFound) as missing:
                revoke_key(session, b, "key-x")
            assert hidden.value.message.replace(key.id, "key-x") == missing.value.message
            revoke_key(session, a, key.id)
            at = list_keys(session, a)[1].revoked_at
            clock.pass_by(hours=1)
            revoke_key(session, a, key.id)
            assert list_keys(session, a)[1].revoked_at == at is not None

    def test_admins_see_and_revoke_all(self, database: Database) -> None:
        with database.session() as session:
            a, admin = someone(session, "a"), someone(session, "admin", "admin")
            key = add_key(session, a, "a", ["match"])[0]
            assert [one.id for one in list_keys(session, admin, a.user_id)] == [key.id]
            revoke_key(session, admin, key.id)
            assert list_keys(session, a)[0].revoked_at is not None
