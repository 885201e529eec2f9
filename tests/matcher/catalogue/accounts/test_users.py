"""Accounts in the database."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from matcher.catalogue.access import ANONYMOUS, CONSOLE
from matcher.catalogue.accounts.signing_in import FREE_FAILURES, forget_failures, record_failure, start_session
from matcher.catalogue.accounts.users import (
    UserFields,
    add_user,
    change_profile,
    change_user,
    create_user,
    get_user,
    list_users,
    remove_user,
    user_by_email,
)
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import SessionRow, UserRow
from matcher.catalogue.tables.needs import NeedRow
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn, Outdated, PilotMatchError
from tests.matcher.catalogue.accounts.actors import organisation, someone


class TestAdding:
    def test_one_address_has_one_account_however_it_is_written(self, database: Database) -> None:
        with database.session() as session:
            made = create_user(session, CONSOLE, UserFields("Zhang@Example.cn", " 张  三 "))
            assert (made.fields.email, made.fields.name) == ("zhang@example.cn", "张 三")
            assert (made.email_verified, made.has_password, made.linked) == (True, False, False)
            with pytest.raises(Conflict) as refused:
                create_user(session, CONSOLE, UserFields("ＺＨＡＮＧ＠example.cn", "李四"))
            assert refused.value.field == "email"
            assert user_by_email(session, "ZHANG@example.CN") == made

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            (UserFields("x", "a"), "email"),
            (UserFields("a@b.cn", "长" * 10_000), "name"),
            (UserFields("a@b.cn", "a\x00"), "name"),
            (UserFields("a@b.cn", "a", "root"), "role"),  # type: ignore[arg-type]  # what the type does not stop
            (UserFields("a@b.cn", "a", "operator"), "organisation_id"),
            (UserFields("a@b.cn", "a", organisation_id="org-none"), "organisation_id"),
            (UserFields("a@b.cn", "a", language="xx"), "language"),
        ],
        ids=["email", "long", "nul", "role", "operator", "organisation", "language"],
    )
    def test_names_the_field_at_fault(self, database: Database, fields: UserFields, field: str) -> None:
        with database.session() as session, pytest.raises(InvalidInput) as refused:
            create_user(session, CONSOLE, fields)
        assert refused.value.field == field

    def test_is_for_admins(self, database: Database) -> None:
        with database.session() as session:
            with pytest.raises(NotSignedIn):
                create_user(session, ANONYMOUS, UserFields("a@b.cn", "a"))
            with pytest.raises(Forbidden):
                create_user(session, someone(session), UserFields("a@b.cn", "a"))

    def test_two_at_once_make_one_account(self, database: Database) -> None:
        found: list[str] = []

        def sign_up() -> None:
            try:
                with database.session() as session:
                    add_user(session, ANONYMOUS, UserFields("a@b.cn", "a"))
                found.append("made")
            except PilotMatchError as error:
                found.append(error.code)

        threads = [threading.Thread(target=sign_up) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == ["conflict"] * 3 + ["made"]


class TestSeeing:
    def test_oneself_and_for_admins_everybody(self, database: Database) -> None:
        with database.session() as session:
            a, b = someone(session, "a"), someone(session, "b")
            assert get_user(session, a, a.user_id or "").id == a.user_id
            assert get_user(session, CONSOLE, b.user_id or "").id == b.user_id
            with pytest.raises(NotFound):
                get_user(session, a, b.user_id or "")
            with pytest.raises(Forbidden):
                list_users(session, a)

    def test_filters_and_pages(self, database: Database) -> None:
        with database.session() as session:
            org = organisation(session)
            for number in range(3):
                someone(session, f"r{number}")
            operator = someone(session, "op", "operator", org)
            assert list_users(session, CONSOLE)[0] == 4
            assert [one.id for one in list_users(session, CONSOLE, role="operator")[1]] == [operator.user_id]
            assert [one.id for one in list_users(session, CONSOLE, organisation_id=org)[1]] == [operator.user_id]
            assert list_users(session, CONSOLE, active=False) == (0, [])
            assert list_users(session, CONSOLE, words="R1@EX")[0] == 1
            assert list_users(session, CONSOLE, words="%")[0] == 0
            total, page = list_users(session, CONSOLE, first=2, size=2)
            assert (total, [one.fields.name for one in page]) == (4, ["r1", "r2"])


class TestChanging:
    def test_a_new_role_or_organisation_signs_the_user_out(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session)
            start_session(session, actor.user_id or "")
            fields = get_user(session, actor, actor.user_id or "").fields
            changed = change_user(session, CONSOLE, actor.user_id or "", replace(fields, name="新名"), seen=1)
            assert len(session.scalars(select(SessionRow)).all()) == 1
            change_user(session, CONSOLE, actor.user_id or "", replace(changed.fields, role="broker"), seen=2)
            assert session.scalars(select(SessionRow)).all() == []
            entry = read_audit(session, action="user.change")[0]
            assert entry.details == {"fields": ["role"], "role": "broker", "active": True}

    def test_an_old_version_is_refused(self, database: Database) -> None:
        with database.session() as session:
            user_id = someone(session).user_id or ""
            fields = UserFields("someone@example.cn", "b")
            change_user(session, CONSOLE, user_id, fields, seen=1)
            with pytest.raises(Outdated):
                change_user(session, CONSOLE, user_id, replace(fields, name="c"), seen=1)
            assert get_user(session, CONSOLE, user_id).fields.name == "b"

    def test_no_change_leaves_an_installation_without_admin(self, database: Database) -> None:
        with database.session() as session:
            admin = someone(session, "admin", "admin")
            fields = get_user(session, admin, admin.user_id or "").fields
            for wanted in (replace(fields, role="requester"), replace(fields, active=False)):
                with pytest.raises(Conflict, match="至少要留一个"):
                    change_user(session, admin, admin.user_id or "", wanted, seen=1)
            with pytest.raises(Conflict, match="至少要留一个"):
                remove_user(session, admin, admin.user_id or "", seen=1)
            someone(session, "second", "admin")
            change_user(session, admin, admin.user_id or "", replace(fields, role="requester"), seen=1)

    def test_an_admin_who_can_not_sign_in_is_none(self, database: Database) -> None:
        with database.session() as session:
            admin = someone(session, "admin", "admin", password="hash")
            invited = someone(session, "invited", "admin").user_id or ""
            fields = get_user(session, admin, admin.user_id or "").fields
            demoted = replace(fields, role="requester")
            with pytest.raises(Conflict, match="能登录的") as caught:
                change_user(session, admin, admin.user_id or "", demoted, seen=1)
            assert "密码" in (caught.value.hint or "")
            with pytest.raises(Conflict, match="能登录的"):
                remove_user(session, admin, admin.user_id or "", seen=1)
            linked = {"issuer": "https://id.example.cn", "subject": "1"}
            session.execute(update(UserRow).where(UserRow.id == invited).values(**linked))
            with pytest.raises(Conflict, match="能登录的"):
                change_user(session, admin, admin.user_id or "", demoted, seen=1)
            change_user(session, admin, admin.user_id or "", demoted, seen=1, single_sign_on=True)

    def test_a_locked_admin_is_none_until_the_lock_is_over(self, database: Database) -> None:
        with database.session() as session:
            admin = someone(session, "admin", "admin", password="hash")
            someone(session, "second", "admin", password="hash")
            fields = replace(get_user(session, admin, admin.user_id or "").fields, active=False)
            for _ in range(FREE_FAILURES):
                record_failure(session, "second@example.cn")
            with pytest.raises(Conflict, match="能登录的"):
                change_user(session, admin, admin.user_id or "", fields, seen=1)
            forget_failures(session, "second@example.cn")
            change_user(session, admin, admin.user_id or "", fields, seen=1)

    def test_an_invited_admin_can_be_dismissed_by_one_who_can_sign_in(self, database: Database) -> None:
        with database.session() as session:
            admin = someone(session, "admin", "admin", password="hash")
            invited = someone(session, "invited", "admin").user_id or ""
            remove_user(session, admin, invited, seen=1)

    def test_two_admins_can_not_dismiss_each_other_at_once(self, database: Database) -> None:
        with database.session() as session:
            ids = [someone(session, name, "admin").user_id or "" for name in ("a", "b")]

        def dismiss(user_id: str) -> None:
            try:
                with database.session() as session:
                    fields = get_user(session, CONSOLE, user_id).fields
                    change_user(session, CONSOLE, user_id, replace(fields, role="requester"), seen=1)
            except PilotMatchError:
                pass

        threads = [threading.Thread(target=dismiss, args=(one,)) for one in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.reading() as session:
            assert list_users(session, CONSOLE, role="admin")[0] == 1

    def test_one_s_own_profile_is_name_and_language(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session)
            changed = change_profile(session, actor, name="新 名", language="en", seen=1)
            assert (changed.fields.name, changed.fields.language, changed.version) == ("新 名", "en", 2)
            assert change_profile(session, actor, seen=2).fields.name == "新 名"
            with pytest.raises(Outdated):
                change_profile(session, actor, name="x", seen=1)
            with pytest.raises(InvalidInput):
                change_profile(session, actor, name="长" * 10_000, seen=3)
            with pytest.raises(NotSignedIn):
                change_profile(session, ANONYMOUS, name="x", seen=1)


class TestRemoving:
    def test_takes_one_that_owns_nothing(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session)
            start_session(session, actor.user_id or "")
            remove_user(session, CONSOLE, actor.user_id or "", seen=1)
            assert user_by_email(session, "someone@example.cn") is None
            assert session.scalars(select(SessionRow)).all() == []

    def test_leaves_one_with_needs(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session)
            session.add(NeedRow(id="n", user_id=actor.user_id, state="draft", fields={}, visibility={}))
        with pytest.raises(Conflict, match="停用"), database.session() as session:
            remove_user(session, CONSOLE, actor.user_id or "", seen=1)
