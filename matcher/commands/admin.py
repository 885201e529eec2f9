"""`pilotmatch admin`: the first administrator of an installation, and the way back in when a password is lost."""

from __future__ import annotations

import getpass
import sys
from enum import StrEnum
from typing import Annotated

import typer

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.accounts.passwords import check_password, hash_password
from matcher.catalogue.accounts.signing_in import forget_failures, store_password
from matcher.catalogue.accounts.users import UserFields, add_user, user_by_email
from matcher.catalogue.database import Database, open_database
from matcher.commands.terminal import ending_well, read_settings, write
from matcher.errors import InvalidInput, NotFound


class Act(StrEnum):
    CREATE = "create"
    RESET_PASSWORD = "reset-password"


def admin(
    act: Annotated[Act, typer.Argument(help="create 开设管理员账号;reset-password 重设任一账号的密码")],
    email: Annotated[str, typer.Option(help="邮箱")],
    name: Annotated[str, typer.Option(help="姓名,用于 create")] = "管理员",
) -> None:
    """开设管理员账号或重设密码;密码在提示后输入,或从标准输入读取一行。"""
    with ending_well():
        database = open_database(read_settings())
        try:
            done = create_admin(database, email, name) if act is Act.CREATE else reset_password(database, email)
        finally:
            database.dispose()
        write(done)


def create_admin(database: Database, email: str, name: str) -> str:
    """Open an administrator's account; what to tell.

    Raises:
        InvalidInput: e-mail, name or password can't be used. Conflict: the e-mail has an account.
    """
    fields = UserFields(email, name, "admin").cleaned()
    password_hash = _new_password(fields.email, fields.name)
    with database.session() as session:
        add_user(session, CONSOLE, fields, password_hash=password_hash, email_verified=True)
    return f"已开设管理员账号 {fields.email}"


def reset_password(database: Database, email: str) -> str:
    """Set an account's password; its sessions and its lock end. What to tell.

    Raises:
        InvalidInput: the password can't be used. NotFound: no such account.
    """
    with database.reading() as session:
        user = user_by_email(session, email)
    if user is None:
        raise NotFound("没有这个邮箱的账号", hint="用 pilotmatch admin create 开设管理员账号", field="email")
    password_hash = _new_password(user.fields.email, user.fields.name)
    with database.session() as session:
        store_password(session, CONSOLE, user.id, password_hash, but=None)
        forget_failures(session, user.fields.email)
    return f"已重设 {user.fields.email} 的密码,原有登录全部失效"


def _new_password(email: str, name: str) -> str:
    """The hash of a password from a person, who types it twice unseen, or from a pipe; never from the arguments, which
    every user of the machine can list."""
    if sys.stdin.isatty():
        password = getpass.getpass("新密码:")
        if getpass.getpass("再输入一次:") != password:
            raise InvalidInput("两次输入的密码不同", hint="请重新运行", field="password")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    check_password(password, email=email, name=name)
    return hash_password(password)
