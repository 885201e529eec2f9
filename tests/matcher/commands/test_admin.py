"""`pilotmatch admin`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from matcher.__main__ import application
from matcher.catalogue.accounts.passwords import verify_password
from matcher.catalogue.accounts.signing_in import credentials, record_failure, start_session
from matcher.catalogue.accounts.users import user_by_email
from matcher.catalogue.audit import read_audit
from matcher.catalogue.database import Database
from matcher.commands import admin
from matcher.errors import InvalidInput
from tests.databases import database as database

PASSWORD = "五台反应釜 plus one"


@pytest.fixture
def run(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PILOTMATCH_DATABASE", database.url)
    monkeypatch.setenv("PILOTMATCH_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, password: str = PASSWORD) -> Result:
        return CliRunner().invoke(application("admin"), ["admin", *arguments], input=f"{password}\n")

    return call


def test_makes_the_first_administrator(run, database: Database) -> None:  # type: ignore[no-untyped-def]
    done = run("create", "--email", "Boss@Example.cn", "--name", "王局")
    assert (done.exit_code, done.stdout) == (0, "已开设管理员账号 boss@example.cn\n")
    with database.reading() as session:
        user = user_by_email(session, "boss@example.cn")
        assert user is not None
        assert (user.fields.role, user.fields.name, user.email_verified) == ("admin", "王局", True)
        assert verify_password(credentials(session, "boss@example.cn").password_hash, PASSWORD)
        assert [(one.action, one.user_id) for one in read_audit(session)] == [("user.create", "console")]


def test_the_same_address_twice_is_refused(run) -> None:  # type: ignore[no-untyped-def]
    run("create", "--email", "boss@example.cn")
    again = run("create", "--email", "BOSS@example.cn")
    assert "已有账号" in again.stderr
    assert again.exit_code == 1


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [("x", PASSWORD, "不是邮箱"), ("a@b.cn", "short", "至少 10 个字符"), ("a@b.cn", "", "至少 10 个字符")],
)
def test_what_can_not_be_used_is_said(run, email: str, password: str, said: str) -> None:  # type: ignore[no-untyped-def]
    refused = run("create", "--email", email, password=password)
    assert (refused.exit_code, said in refused.stderr) == (2, True)


def test_a_password_is_never_an_argument(run) -> None:  # type: ignore[no-untyped-def]
    assert run("create", "--email", "a@b.cn", "--password", PASSWORD).exit_code == 2


def test_a_lost_password_is_replaced_and_everything_old_ends(run, database: Database) -> None:  # type: ignore[no-untyped-def]
    run("create", "--email", "boss@example.cn")
    with database.session() as session:
        user = user_by_email(session, "boss@example.cn")
        assert user is not None
        start_session(session, user.id)
        for _ in range(6):
            record_failure(session, "boss@example.cn")
    done = run("reset-password", "--email", "boss@example.cn", password="六台离心机 plus one")
    assert done.exit_code == 0
    with database.session() as session:
        known = credentials(session, "boss@example.cn")
        assert verify_password(known.password_hash, "六台离心机 plus one")


def test_nobody_s_password_is_replaced(run) -> None:  # type: ignore[no-untyped-def]
    missing = run("reset-password", "--email", "nobody@example.cn")
    assert (missing.exit_code, "没有这个邮箱" in missing.stderr) == (1, True)


def test_a_person_types_it_twice_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    typed = iter([PASSWORD, PASSWORD, PASSWORD, "another"])
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    assert verify_password(admin._new_password("a@b.cn", "a"), PASSWORD)
    with pytest.raises(InvalidInput, match="不同"):
        admin._new_password("a@b.cn", "a")
