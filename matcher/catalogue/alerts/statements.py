"""Statements that say how many rows they touched."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import CursorResult
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase


def touched(session: Session, statement: UpdateBase) -> int:
    """Run an update or delete; how many rows it touched."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
