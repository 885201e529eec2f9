"""The profiles that are shipped, in the database: the first start publishes the default one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from matcher.catalogue.access import CONSOLE
from matcher.catalogue.profiles.drafts import create
from matcher.catalogue.profiles.publishing import publish, published
from matcher.catalogue.tables.governance import ProfileRow
from matcher.ranking.documents import Document, canonical, document_hash
from matcher.ranking.profile import SHIPPED, load_profile

DEFAULT = "default"


def seed(session: Session, first: str = DEFAULT) -> None:
    """Store each shipped profile that is not there yet, and publish the one named `first` where nothing is published.

    A newer version of the program brings newer profiles: they come as drafts, and an administrator decides.
    """
    for path in sorted(SHIPPED.glob("*.json")):
        document = Document(load_profile(path.stem))
        digest = document_hash(canonical(document))
        known = select(ProfileRow.id).where(ProfileRow.name == path.stem, ProfileRow.document_hash == digest)
        if session.execute(known.limit(1)).first() is None:
            stored = create(session, CONSOLE, path.stem, document, "随程序附带")
            if path.stem == first and published(session) is None:
                publish(session, CONSOLE, stored.id, "首次启动")
