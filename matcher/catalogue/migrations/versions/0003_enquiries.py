"""enquiries"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OPEN = sa.text("state IN ('sent', 'read', 'answered', 'visiting')")


def added() -> list[sa.Column[Any]]:
    """Columns of `enquiries`, new each time: one belongs to one table."""
    return [
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("organisation_id", sa.String(length=64), nullable=True),
        sa.Column("by_broker", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("contact_name", sa.String(length=100), nullable=True),
        sa.Column("contact_organisation", sa.String(length=200), nullable=True),
        sa.Column("contact_phone", sa.String(length=40), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("share", JSON, nullable=False, server_default="[]"),
        sa.Column("answer_id", sa.String(length=64), nullable=True),
    ]


def upgrade() -> None:
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_enquiries_need_id_listing_id_user_id"), type_="unique")
        batch_op.alter_column("message", new_column_name="text")
        for column in added():
            batch_op.add_column(column)
        batch_op.create_foreign_key(
            batch_op.f("fk_enquiries_organisation_id_organisations"), "organisations", ["organisation_id"], ["id"]
        )
    op.execute("UPDATE enquiries SET subject = COALESCE(need_id, user_id)")
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.alter_column("subject", existing_type=sa.String(length=64), nullable=False)
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiries_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(
            "uq_enquiries_open", ["subject", "listing_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        )

    op.create_table(
        "enquiry_entries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("enquiry_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["enquiry_id"],
            ["enquiries.id"],
            name=op.f("fk_enquiry_entries_enquiry_id_enquiries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry_entries")),
    )
    with op.batch_alter_table("enquiry_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enquiry_entries_enquiry_id"), ["enquiry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enquiry_entries_user_id"), ["user_id"], unique=False)

    # What is stored was consented to for every field that is open to chosen organisations.
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chosen", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("fields", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    # A consent to single fields must not become one to all that are for chosen organisations.
    op.execute(sa.text("DELETE FROM consents WHERE NOT chosen"))
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_column("fields")
        batch_op.drop_column("chosen")
    op.drop_table("enquiry_entries")
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.drop_index("uq_enquiries_open", sqlite_where=OPEN, postgresql_where=OPEN)
        batch_op.drop_index(batch_op.f("ix_enquiries_organisation_id"))
    # Of several about one thing, as there may be here, the first stays.
    op.execute(
        "DELETE FROM enquiries WHERE EXISTS (SELECT 1 FROM enquiries AS other WHERE other.need_id = enquiries.need_id"
        " AND other.listing_id = enquiries.listing_id AND other.user_id = enquiries.user_id"
        " AND other.id < enquiries.id)"
    )
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_enquiries_organisation_id_organisations"), type_="foreignkey")
        for column in added():
            batch_op.drop_column(column.name)
        batch_op.alter_column("text", new_column_name="message")
        batch_op.create_unique_constraint(
            batch_op.f("uq_enquiries_need_id_listing_id_user_id"), ["need_id", "listing_id", "user_id"]
        )
