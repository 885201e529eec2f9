"""feedback"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "impressions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile_id", sa.String(length=64), nullable=True),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.Column("coverage", sa.String(length=10), nullable=False),
        sa.Column("took_ms", sa.Float(53), nullable=False),
        sa.Column("feature_set", sa.String(length=16), nullable=True),
        sa.Column("features", sa.LargeBinary(), nullable=True),
        sa.Column("swapped", sa.Integer(), nullable=True),
        sa.Column("exchanged", sa.Boolean(), nullable=False),
        sa.Column("experiment_id", sa.String(length=64), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impressions")),
    )
    with op.batch_alter_table("impressions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_impressions_at"), ["at"], unique=False)
        batch_op.create_index(
            "ix_impressions_experiment_id_settled_at", ["experiment_id", "settled", "at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_impressions_profile_id"), ["profile_id"], unique=False)

    op.create_table(
        "experiments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("draft_id", sa.String(length=64), nullable=False),
        sa.Column("against_id", sa.String(length=64), nullable=False),
        sa.Column("share", sa.Float(53), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("wins", sa.Integer(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.Column("ties", sa.Integer(), nullable=False),
        sa.Column("p_value", sa.Float(53), nullable=False),
        sa.Column("alpha", sa.Float(53), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.CheckConstraint("state IN ('running', 'decided', 'stopped')", name=op.f("ck_experiments_state")),
        sa.CheckConstraint("what IN ('shadow', 'interleaving')", name=op.f("ck_experiments_what")),
        sa.ForeignKeyConstraint(["against_id"], ["profiles.id"], name=op.f("fk_experiments_against_id_profiles")),
        sa.ForeignKeyConstraint(["draft_id"], ["profiles.id"], name=op.f("fk_experiments_draft_id_profiles")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
    )
    with op.batch_alter_table("experiments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_experiments_started_at"), ["started_at"], unique=False)
        batch_op.create_index(
            "uq_experiments_interleaving",
            ["what"],
            unique=True,
            sqlite_where=sa.text("what = 'interleaving' AND state = 'running'"),
            postgresql_where=sa.text("what = 'interleaving' AND state = 'running'"),
        )

    op.create_table(
        "feedback",
        sa.Column("answer_id", sa.String(length=64), nullable=False),
        sa.Column("listing_id", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["impressions.id"], name=op.f("fk_feedback_answer_id_impressions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("answer_id", "listing_id", "act", name=op.f("pk_feedback")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_day", ["day"], unique=False)
        batch_op.create_index("ix_feedback_listing_id_day", ["listing_id", "day"], unique=False)

    op.create_table(
        "shown",
        sa.Column("answer_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listing_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("team", sa.String(length=1), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["impressions.id"], name=op.f("fk_shown_answer_id_impressions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("answer_id", "place", name=op.f("pk_shown")),
    )
    with op.batch_alter_table("shown", schema=None) as batch_op:
        batch_op.create_index("ix_shown_day", ["day"], unique=False)
        batch_op.create_index("ix_shown_listing_id_day", ["listing_id", "day"], unique=False)

    op.create_table(
        "shadows",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("experiment_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("took_ms", sa.Float(53), nullable=False),
        sa.Column("against_ms", sa.Float(53), nullable=False),
        sa.Column("overlap", sa.Float(53), nullable=True),
        sa.Column("rank_biased", sa.Float(53), nullable=True),
        sa.Column("kendall", sa.Float(53), nullable=True),
        sa.Column("same_first", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name=op.f("fk_shadows_experiment_id_experiments"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadows")),
    )
    with op.batch_alter_table("shadows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shadows_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_shadows_experiment_id"), ["experiment_id"], unique=False)


def downgrade() -> None:
    op.drop_table("shadows")
    op.drop_table("shown")
    op.drop_table("feedback")
    op.drop_table("experiments")
    op.drop_table("impressions")
