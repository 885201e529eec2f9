"""Which catalogue this is: so that an index on a server is not mixed up with that of another one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import select

from matcher.catalogue.database import Database
from matcher.catalogue.tables.changes import ChangeRow

_LENGTH = 16


def catalogue_identity(database: Database | None, folder: Path) -> str:
    """The same for every process of an installation, and after a backup of its database was restored.

    It is the first entry of the change log, which is never removed; without a database, or while nothing was ever in
    it, the data folder. Unavailable where the database can't be reached.
    """
    first = None
    if database is not None:
        with database.reading() as session:
            query = select(ChangeRow.at, ChangeRow.about_id).order_by(ChangeRow.number).limit(1)
            first = session.execute(query).first()
    told = f"log {first.at.isoformat()} {first.about_id}" if first is not None else f"folder {folder.resolve()}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
