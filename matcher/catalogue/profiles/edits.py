"""Small edits of a profile: each makes the next version of it, with the edited one as its parent."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matcher.catalogue.access import Actor
from matcher.catalogue.profiles.drafts import create, get
from matcher.catalogue.profiles.stored import StoredProfile
from matcher.catalogue.tables.governance import ProfileRow
from matcher.errors import Outdated
from matcher.ranking.documents import Document


def editable(session: Session, profile_id: str, name: str | None = None) -> StoredProfile:
    """The version to edit. Of two people who edit the same version the second is refused: nobody's edit is lost.

    Args:
        name: of the profile that the edit is to become a version of; None is the same one.

    Raises:
        NotFound: no such version. Outdated: its name has a newer version, and the edit is to become one of that name.
    """
    stored = get(session, profile_id)
    if name is not None and name != stored.name:
        return stored
    latest = session.execute(select(func.max(ProfileRow.version)).where(ProfileRow.name == stored.name)).scalar_one()
    if latest != stored.version:
        raise Outdated(
            f"{stored.label}之后已有第 {latest} 版",
            hint="请在最新一版上修改;要从这一版另起,请用 name 写一个新名称",
            field="profile_id",
        )
    return stored


def save(
    session: Session, actor: Actor, base: StoredProfile, document: Document, reason: str, name: str | None = None
) -> StoredProfile:
    """Store an edit of a version that `editable` gave; errors as for `create`."""
    return create(session, actor, name or base.name, document, reason, parent_id=base.id)
