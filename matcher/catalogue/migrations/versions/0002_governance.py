"""governance"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    # The counter of the ledger.
    op.execute("INSERT INTO change_counter (id, number) VALUES (2, 0)")
    op.create_table(
        "ledger",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger")),
        sa.UniqueConstraint("hash", name=op.f("uq_ledger_hash")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_kind"), ["kind"], unique=False)

    op.create_table(
        "profiles",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_hash", sa.String(length=64), nullable=False),
        sa.Column("parent_id", sa.String(length=64), nullable=True),
        sa.Column("author_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'evaluated', 'published', 'superseded', 'rolled_back')", name=op.f("ck_profiles_state")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["profiles.id"], name=op.f("fk_profiles_parent_id_profiles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_profiles_name_version")),
    )
    with op.batch_alter_table("profiles", schema=None) as batch_op:
        batch_op.create_index(
            "uq_profiles_published",
            ["state"],
            unique=True,
            sqlite_where=sa.text("state = 'published'"),
            postgresql_where=sa.text("state = 'published'"),
        )

    op.create_table(
        "gates",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("profile_id", sa.String(length=64), nullable=False),
        sa.Column("against_id", sa.String(length=64), nullable=True),
        sa.Column("judgement_set", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["against_id"], ["profiles.id"], name=op.f("fk_gates_against_id_profiles")),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name=op.f("fk_gates_profile_id_profiles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gates")),
    )
    with op.batch_alter_table("gates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gates_profile_id"), ["profile_id"], unique=False)

    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile_id", sa.String(length=64), nullable=False),
        sa.Column("previous_id", sa.String(length=64), nullable=True),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("second_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("gate_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["previous_id"], ["profiles.id"], name=op.f("fk_publications_previous_id_profiles")),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name=op.f("fk_publications_profile_id_profiles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
    )
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_publications_at"), ["at"], unique=False)

    op.create_table(
        "waivers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("profile_id", sa.String(length=64), nullable=False),
        sa.Column("against_id", sa.String(length=64), nullable=False),
        sa.Column("gate_id", sa.String(length=64), nullable=True),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["against_id"], ["profiles.id"], name=op.f("fk_waivers_against_id_profiles")),
        sa.ForeignKeyConstraint(["gate_id"], ["gates.id"], name=op.f("fk_waivers_gate_id_gates")),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name=op.f("fk_waivers_profile_id_profiles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
    )
    with op.batch_alter_table("waivers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_waivers_profile_id"), ["profile_id"], unique=False)

    op.create_table(
        "judgement_sets",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement_sets")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_judgement_sets_name_version")),
    )
    with op.batch_alter_table("judgement_sets", schema=None) as batch_op:
        batch_op.create_index(
            "uq_judgement_sets_open",
            ["name"],
            unique=True,
            sqlite_where=sa.text("frozen_at IS NULL"),
            postgresql_where=sa.text("frozen_at IS NULL"),
        )

    op.create_table(
        "judged_needs",
        sa.Column("set_id", sa.String(length=64), nullable=False),
        sa.Column("need_id", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["set_id"], ["judgement_sets.id"], name=op.f("fk_judged_needs_set_id_judgement_sets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("set_id", "need_id", name=op.f("pk_judged_needs")),
    )
    op.create_table(
        "judging_tasks",
        sa.Column("set_id", sa.String(length=64), nullable=False),
        sa.Column("judge", sa.String(length=64), nullable=False),
        sa.Column("need_id", sa.String(length=64), nullable=False),
        sa.Column("listing_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.CheckConstraint("state IN ('open', 'skipped', 'graded')", name=op.f("ck_judging_tasks_state")),
        sa.ForeignKeyConstraint(
            ["set_id"], ["judgement_sets.id"], name=op.f("fk_judging_tasks_set_id_judgement_sets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("set_id", "judge", "need_id", "listing_id", name=op.f("pk_judging_tasks")),
    )
    with op.batch_alter_table("judging_tasks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_judging_tasks_set_id_judge_state_place", ["set_id", "judge", "state", "place"], unique=False
        )

    op.create_table(
        "adjudications",
        sa.Column("set_id", sa.String(length=64), nullable=False),
        sa.Column("need_id", sa.String(length=64), nullable=False),
        sa.Column("listing_id", sa.String(length=64), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("adjudicator", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("grade BETWEEN 0 AND 3", name=op.f("ck_adjudications_grade")),
        sa.ForeignKeyConstraint(
            ["set_id"], ["judgement_sets.id"], name=op.f("fk_adjudications_set_id_judgement_sets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("set_id", "need_id", "listing_id", name=op.f("pk_adjudications")),
    )


def downgrade() -> None:
    op.drop_table("adjudications")
    with op.batch_alter_table("judging_tasks", schema=None) as batch_op:
        batch_op.drop_index("ix_judging_tasks_set_id_judge_state_place")

    op.drop_table("judging_tasks")
    op.drop_table("judged_needs")
    with op.batch_alter_table("judgement_sets", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_judgement_sets_open",
            sqlite_where=sa.text("frozen_at IS NULL"),
            postgresql_where=sa.text("frozen_at IS NULL"),
        )

    op.drop_table("judgement_sets")
    op.execute("DELETE FROM change_counter WHERE id = 2")
    with op.batch_alter_table("waivers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_waivers_profile_id"))

    op.drop_table("waivers")
    with op.batch_alter_table("publications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_publications_at"))

    op.drop_table("publications")
    with op.batch_alter_table("gates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gates_profile_id"))

    op.drop_table("gates")
    with op.batch_alter_table("profiles", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_profiles_published",
            sqlite_where=sa.text("state = 'published'"),
            postgresql_where=sa.text("state = 'published'"),
        )

    op.drop_table("profiles")
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_kind"))

    op.drop_table("ledger")
