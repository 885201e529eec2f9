"""The change feed of listings: what everybody may see, in the order of changes, to be followed with a cursor.

It is compacted: only the latest change of each listing is served. A follower ends with the same listings, and what was
once in sight and is no longer is served to nobody. A cursor stands at changes of listings only: of needs and profiles
not even their number shows at its end.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from matcher.catalogue.change_log import Change, last_change
from matcher.catalogue.tables.changes import ChangeRow
from matcher.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Changes in order. `next` is the cursor of the page after it; `more` tells whether that has something now."""

    changes: tuple[Change, ...]
    next: int
    more: bool


def feed_after(session: Session, after: int, limit: int) -> FeedPage:
    """The latest change of each listing that changed after a cursor; 0 is the beginning.

    Raises:
        InvalidInput: the cursor lies in the future: the database is not the one that gave it.
    """
    last = last_change(session, "listing")
    if after > last:
        hint = "数据库可能已从备份恢复;请以 after=0 重新读取全部"
        raise InvalidInput(f"游标 {after} 大于最后一次变更 {last}", hint=hint, field="after")
    later = aliased(ChangeRow)
    same = (later.about_kind == ChangeRow.about_kind, later.about_id == ChangeRow.about_id)
    superseded = select(later.number).where(*same, later.number > ChangeRow.number).correlate(ChangeRow).exists()
    query = select(ChangeRow).where(ChangeRow.number > after, ChangeRow.about_kind == "listing", ~superseded)
    rows = session.scalars(query.order_by(ChangeRow.number).limit(limit + 1)).all()
    shown = [
        Change(row.number, row.at, "listing", row.about_id, "gone" if row.content is None else "shown", row.content)
        for row in rows[:limit]
    ]
    more = len(rows) > limit
    return FeedPage(tuple(shown), shown[-1].number if more else last, more)
