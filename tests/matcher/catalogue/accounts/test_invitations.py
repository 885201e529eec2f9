"""Links that set a password once, and the letters that carry them."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.accounts.invitations import holder, invite, make_token, redeem
from matcher.catalogue.accounts.resets import reset_letter, send_reset
from matcher.catalogue.accounts.signing_in import (
    NewSession,
    credentials,
    finish_sign_in,
    record_failure,
    start_session,
)
from matcher.catalogue.accounts.users import UserFields, add_user, create_user, get_user
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database
from matcher.catalogue.tables.accounts import AccountTokenRow, SessionRow, UserRow
from matcher.catalogue.tables.alerts import OutboxRow
from matcher.errors import Conflict, Forbidden, InvalidInput, NotFound
from matcher.sending.mail import opened
from tests.matcher.catalogue.accounts.actors import someone
from tests.matcher.catalogue.accounts.clock import Clock
from tests.matcher.catalogue.alerts.scene import SEAL

EMAIL = "new@example.cn"


class TestInvitation:
    def test_lets_its_holder_set_the_password_once(self, database: Database) -> None:
        with database.session() as session:
            user = create_user(session, CONSOLE, UserFields(EMAIL, "新人"))
            token = invite(session, CONSOLE, user.id)
            assert token not in session.scalars(select(AccountTokenRow.token_hash)).all()
            assert holder(session, token).email == EMAIL
            assert redeem(session, token, "hash") == user.id
            assert credentials(session, EMAIL).password_hash == "hash"
            with pytest.raises(InvalidInput, match="无效或已过期") as refused:
                redeem(session, token, "other")
            assert refused.value.field == "token"
            assert credentials(session, EMAIL).password_hash == "hash"

    def test_a_later_one_takes_its_place(self, database: Database) -> None:
        with database.session() as session:
            user = create_user(session, CONSOLE, UserFields(EMAIL, "新人"))
            first, second = (invite(session, CONSOLE, user.id) for _ in range(2))
            with pytest.raises(InvalidInput):
                holder(session, first)
            assert holder(session, second).user_id == user.id

    def test_waits_a_week_and_a_reset_an_hour(self, database: Database, clock: Clock) -> None:
        with database.session() as session:
            user = create_user(session, CONSOLE, UserFields(EMAIL, "新人"))
            token = invite(session, CONSOLE, user.id)
            clock.pass_by(days=7, seconds=-1)
            redeem(session, token, "hash")
            token = invite(session, CONSOLE, user.id)
            clock.pass_by(hours=1)
            with pytest.raises(InvalidInput):
                redeem(session, token, "late")

    def test_is_for_admins_to_give_and_for_accounts_in_use(self, database: Database) -> None:
        with database.session() as session:
            actor = someone(session)
            with pytest.raises(Forbidden):
                invite(session, actor, actor.user_id or "")
            with pytest.raises(NotFound):
                invite(session, CONSOLE, "user-x")
            token = invite(session, CONSOLE, actor.user_id or "")
            session.execute(update(UserRow).values(active=False))
            with pytest.raises(Conflict):
                invite(session, CONSOLE, actor.user_id or "")
            with pytest.raises(InvalidInput):
                holder(session, token)

    @pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "x" * 10_000])
    def test_any_other_text_is_none(self, database: Database, token: str) -> None:
        with database.reading() as session, pytest.raises(InvalidInput):
            holder(session, token)

    def test_ends_sessions_and_locks_and_vouches_for_the_address(self, database: Database) -> None:
        with database.session() as session:
            user = add_user(session, CONSOLE, UserFields(EMAIL, "自己注册"), password_hash="old")
            start_session(session, user.id)
            for _ in range(6):
                record_failure(session, EMAIL)
            redeem(session, make_token(session, user.id, "reset"), "new")
            assert session.scalars(select(SessionRow)).all() == []
            assert get_user(session, CONSOLE, user.id).email_verified
            assert isinstance(finish_sign_in(session, credentials(session, EMAIL), True), NewSession)
            assert {one.action for one in read_audit(session, about_id=user.id)} == {"user.create", "user.password"}


class TestLetter:
    def test_goes_to_an_account_in_use_and_no_sooner_than_in_five_minutes_again(
        self, database: Database, clock: Clock
    ) -> None:
        with database.session() as session:
            add_user(session, CONSOLE, UserFields(EMAIL, "新人"))
            for _ in range(3):
                send_reset(session, "NEW@example.cn", "https://pilot.example.cn", SEAL)
            row = session.scalars(select(OutboxRow)).one()
            letter = opened(row.payload, SEAL)
            assert (row.channel, row.target, letter.to) == ("email", EMAIL, EMAIL)
            token = letter.text.partition("https://pilot.example.cn/password-reset#")[2].split()[0]
            assert holder(session, token).email == EMAIL
            assert token not in str(row.payload)
            assert EMAIL not in str(row.payload)
            clock.pass_by(minutes=5)
            send_reset(session, EMAIL, None, SEAL)
            assert len(session.scalars(select(OutboxRow)).all()) == 2

    @pytest.mark.parametrize("email", ["nobody@example.cn", "no address", "a\x00@b.cn", "off@example.cn"])
    def test_goes_to_nobody_else(self, database: Database, email: str) -> None:
        with database.session() as session:
            add_user(session, CONSOLE, UserFields("off@example.cn", "停用", active=False))
            send_reset(session, email, None, SEAL)
            assert session.scalars(select(OutboxRow)).all() == []

    def test_holds_the_token_in_words_and_in_html(self) -> None:
        letter = reset_letter(EMAIL, "a-token", None)
        assert "a-token" in letter.text
        assert "a-token" in letter.html
        assert "1 小时内有效" in letter.text
