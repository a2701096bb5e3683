"""How long closed texts are kept, and what is known of postings that are looked up one by one."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CLOSED_WITH_TEXT = sa.text("closed <> '' AND NOT forgotten")


def upgrade() -> None:
    op.add_column("source", sa.Column("closed_text", sa.Integer(), nullable=False, server_default="90"))
    op.add_column("posting", sa.Column("forgotten", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_posting_closed_text", "posting", ["source", "closed_on"], unique=False, postgresql_where=CLOSED_WITH_TEXT,
        sqlite_where=CLOSED_WITH_TEXT,
    )  # fmt: skip
    op.create_table(
        "probe", sa.Column("posting", AutoString(), nullable=False), sa.Column("source", AutoString(), nullable=False),
        sa.Column("alive", UTCDateTime(), nullable=False), sa.Column("missing", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("posting", name=op.f("pk_probe")),
    )  # fmt: skip
    op.create_index("ix_probe_source_alive", "probe", ["source", "alive"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_probe_source_alive", table_name="probe")
    op.drop_table("probe")
    op.drop_index(
        "ix_posting_closed_text", table_name="posting", postgresql_where=CLOSED_WITH_TEXT, sqlite_where=CLOSED_WITH_TEXT
    )
    op.drop_column("posting", "forgotten")
    op.drop_column("source", "closed_text")
