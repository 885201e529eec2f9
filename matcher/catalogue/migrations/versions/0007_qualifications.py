"""qualifications as marks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from matcher.catalogue.listings.rows import qualification_names

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LISTINGS = sa.table("listings", sa.column("id", sa.String), sa.column("fields", sa.JSON))
MARKS = sa.table(
    "listing_marks", sa.column("listing_id", sa.String), sa.column("name", sa.String), sa.column("value", sa.String)
)
NAME = "qualification"


def upgrade() -> None:
    connection = op.get_bind()
    marks = [
        {"listing_id": row.id, "name": NAME, "value": value}
        for row in connection.execute(sa.select(LISTINGS.c.id, LISTINGS.c.fields)).all()
        for value in qualification_names((row.fields or {}).get("qualifications") or ())
    ]
    if marks:
        connection.execute(sa.insert(MARKS), marks)


def downgrade() -> None:
    op.execute(sa.delete(MARKS).where(MARKS.c.name == NAME))
