"""search words"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from matcher.catalogue.search_words import folded

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LISTINGS = sa.table("listings", sa.column("id", sa.String), sa.column("words", sa.Text))
#: So many texts are held at once.
PART = 1000


def upgrade() -> None:
    connection = op.get_bind()
    found = sa.select(LISTINGS.c.id, LISTINGS.c.words).order_by(LISTINGS.c.id).limit(PART)
    change = sa.update(LISTINGS).where(LISTINGS.c.id == sa.bindparam("key")).values(words=sa.bindparam("text"))
    last = ""
    while rows := connection.execute(found.where(LISTINGS.c.id > last)).all():
        last = rows[-1].id
        changed = [{"key": row.id, "text": folded(row.words)} for row in rows if folded(row.words) != row.words]
        if changed:
            connection.execute(change, changed)


def downgrade() -> None:
    """What is folded is found by the words of before too, but for those with a blank or a hyphen in them."""
