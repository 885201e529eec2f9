"""`pilotmatch profiles`: the versions of ranking profiles, publishing and going back, without a browser."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.database import Database, Session, open_database
from matcher.catalogue.profiles.allowance import publish_allowed
from matcher.catalogue.profiles.drafts import find, get, page_of
from matcher.catalogue.profiles.publishing import Publication, published, rollback
from matcher.catalogue.profiles.stored import STATE_NAMES, StoredProfile
from matcher.commands.terminal import ending_well, read_settings, write
from matcher.errors import BrokenArtefact, InvalidInput
from matcher.ranking.documents import differences

#: The latest; older ones have their pages in the API.
LISTED = 200


class Act(StrEnum):
    LIST = "list"
    SHOW = "show"
    PUBLISH = "publish"
    ROLLBACK = "rollback"


def profiles(
    act: Annotated[Act, typer.Argument(help="list 列出;show 查看;publish 发布;rollback 回退到上一个")],
    name: Annotated[str | None, typer.Argument(help="名称(最新一版)、名称@版本或编号;list 时只列此名称")] = None,
    reason: Annotated[str, typer.Option(help="理由,publish 与 rollback 必填,会写入公开的账本")] = "",
) -> None:
    """管理排序方案;发布须先通过门禁(pilotmatch gate)或有一位管理员书面同意。各进程一秒内换用,不必重启。"""
    with ending_well():
        database = open_database(read_settings())
        try:
            done = _do(database, act, name, reason)
        finally:
            database.dispose()
        write(done)


def listed(session: Session, name: str | None) -> str:
    """Versions, a line each: name@version, state, day, reason."""
    page = page_of(session, name=name, size=LISTED)
    return "\n".join(_line(one) for one in page.versions) or "还没有排序方案;服务首次启动时会存入随程序附带的方案"


def shown(session: Session, name: str) -> str:
    """One version as JSON: its document, and how it differs from the published one.

    Raises:
        NotFound: there is none. BrokenArtefact: its document can't be used.
    """
    stored, present = find(session, name), published(session)
    document = stored.document()
    fields = {
        "id": stored.id,
        "name": stored.name,
        "version": stored.version,
        "state": stored.state,
        "reason": stored.reason,
        "document_hash": stored.hash,
        "from_published": _differences(present, stored),
        "document": document.as_dict(),
    }
    return json.dumps(fields, ensure_ascii=False, indent=1)


def _do(database: Database, act: Act, name: str | None, reason: str) -> str:
    if act is Act.LIST:
        with database.reading() as session:
            return listed(session, name)
    if act is Act.ROLLBACK:
        if name is not None:
            raise InvalidInput("rollback 不用写名称:它总是回到上一个", hint="要换成某一版请用 publish", field="NAME")
        with database.session() as session:
            return _told(session, rollback(session, CONSOLE, reason), "已回退到")
    if name is None:
        raise InvalidInput("请写明哪个方案", hint="pilotmatch profiles list 列出全部", field="NAME")
    if act is Act.SHOW:
        with database.reading() as session:
            return shown(session, name)
    with database.session() as session:
        return _told(session, publish_allowed(session, CONSOLE, find(session, name).id, reason), "已发布")


def _told(session: Session, done: Publication, words: str) -> str:
    return f"{words} {get(session, done.profile_id).label}"


def _line(one: StoredProfile) -> str:
    day = one.created_at.date().isoformat()
    return f"{one.name}@{one.version}\t{STATE_NAMES[one.state]}\t{day}\t{' '.join(one.reason.split())}"


def _differences(before: StoredProfile | None, after: StoredProfile) -> dict[str, object] | None:
    try:
        return differences(before.document(), after.document()) if before is not None else None
    except BrokenArtefact:
        return None
