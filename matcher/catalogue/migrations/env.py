"""What Alembic runs: the connection comes from `Database.migrate`, or from the URL given with `-x url=…`."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from matcher.catalogue.database import Database
from matcher.catalogue.tables import Base
from matcher.catalogue.tables.base import Moment


def _render(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """New migrations name no class of ours, which may change later: a time is a time, whatever we call it."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def _run(connection: Connection) -> None:
    # SQLite can't alter most of a table; in batches Alembic copies it instead.
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


_given = context.config.attributes.get("connection")
if _given is not None:
    _run(_given)
else:
    with Database(context.get_x_argument(as_dictionary=True)["url"]).engine.begin() as _connection:
        _run(_connection)
