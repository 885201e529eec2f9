"""What endpoints of needs ask for beside the usual: the day, and a session that can note an admin's reading."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import Depends

from api.dependencies import ActorDep, DatabaseDep
from matcher.catalogue.database import Session
from matcher.today import today

TodayDep = Annotated[date, Depends(today)]


def _audited(database: DatabaseDep, actor: ActorDep) -> Iterator[Session]:
    with database.session() if actor.is_admin else database.reading() as session:
        yield session


#: For reading needs: an admin's reading is an act that is written down, everybody else's leaves no trace.
AuditedDep = Annotated[Session, Depends(_audited, scope="function")]
