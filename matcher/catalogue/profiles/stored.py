"""A version of a profile as a record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from matcher.catalogue.tables.governance import ProfileRow
from matcher.errors import BrokenArtefact, Conflict
from matcher.ranking.documents import Document, stored_document

State = Literal["draft", "evaluated", "published", "superseded", "rolled_back"]
STATE_NAMES: Final[dict[State, str]] = {
    "draft": "草稿",
    "evaluated": "已评测",
    "published": "已发布",
    "superseded": "已被替换",
    "rolled_back": "已回退",
}


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """One version. `text` is its document as canonical JSON; `document` parses it, which may fail."""

    id: str
    name: str
    version: int
    state: State
    text: str
    hash: str
    parent_id: str | None
    author_id: str | None
    reason: str
    created_at: datetime
    published_at: datetime | None

    @property
    def label(self) -> str:
        """As people say it: default 第 3 版."""
        return f"{self.name} 第 {self.version} 版"

    def document(self) -> Document:
        """The document; errors as for `stored_document`."""
        return stored_document(self.text, self.hash, self.label)


def serving_document(stored: StoredProfile) -> Document:
    """The document under the name and version that it is stored by, which every answer tells; errors as for it."""
    document = stored.document()
    named = replace(document.profile, name=stored.name, version=str(stored.version))
    return replace(document, profile=named)


def usable_document(stored: StoredProfile) -> Document:
    """The document, for an administrator who acts on it.

    Raises:
        Conflict: it was tampered with, or can't be used by this version of the program: says so, and what to do.
    """
    try:
        return stored.document()
    except BrokenArtefact as error:
        raise Conflict(error.message, hint=error.hint, field="profile_id") from error


def record(row: ProfileRow) -> StoredProfile:
    """The record of a row."""
    return StoredProfile(
        row.id,
        row.name,
        row.version,
        row.state,  # type: ignore[arg-type]  # the table's constraint knows these words only
        row.document,
        row.document_hash,
        row.parent_id,
        row.author_id,
        row.reason,
        row.created_at,
        row.published_at,
    )
