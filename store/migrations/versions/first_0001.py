"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from store.migrations import curated_view

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit", sa.Column("id", sa.Integer(), nullable=False), sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("author", AutoString(), nullable=False), sa.Column("act", AutoString(), nullable=False),
        sa.Column("about", AutoString(), nullable=False), sa.Column("reason", AutoString(), nullable=False),
        sa.Column("detail", AutoString(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )  # fmt: skip
    op.create_index(op.f("ix_audit_about"), "audit", ["about"], unique=False)
    op.create_table(
        "change", sa.Column("seq", sa.Integer(), nullable=False), sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("what", AutoString(), nullable=False), sa.Column("listing", AutoString(), nullable=False),
        sa.Column("kind", AutoString(), nullable=False), sa.Column("before", AutoString(), nullable=False),
        sa.Column("after", AutoString(), nullable=False), sa.Column("because", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index(op.f("ix_change_listing"), "change", ["listing"], unique=False)
    op.create_table(
        "decision", sa.Column("id", sa.Integer(), nullable=False), sa.Column("act", AutoString(), nullable=False),
        sa.Column("posting", AutoString(), nullable=False), sa.Column("other", AutoString(), nullable=False),
        sa.Column("value", AutoString(), nullable=False), sa.Column("reason", AutoString(), nullable=False),
        sa.Column("author", AutoString(), nullable=False), sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )  # fmt: skip
    op.create_index(op.f("ix_decision_posting"), "decision", ["posting"], unique=False)
    op.create_table(
        "edge", sa.Column("a", AutoString(), nullable=False), sa.Column("b", AutoString(), nullable=False),
        sa.Column("rule", AutoString(), nullable=False), sa.Column("because", AutoString(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False), sa.PrimaryKeyConstraint("a", "b", name=op.f("pk_edge")),
    )  # fmt: skip
    op.create_index(op.f("ix_edge_b"), "edge", ["b"], unique=False)
    op.create_table(
        "firing", sa.Column("source", AutoString(), nullable=False), sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("because", AutoString(), nullable=False), sa.Column("outcome", AutoString(), nullable=False),
        sa.Column("started", UTCDateTime(), nullable=True), sa.Column("ended", UTCDateTime(), nullable=True),
        sa.Column("run", sa.Integer(), nullable=False), sa.Column("detail", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("source", "due_at", name=op.f("pk_firing")),
    )  # fmt: skip
    op.create_table(
        "hold", sa.Column("id", sa.Integer(), nullable=False), sa.Column("source", AutoString(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False), sa.Column("unit", AutoString(), nullable=False),
        sa.Column("going", sa.Integer(), nullable=False), sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False), sa.Column("postings", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )  # fmt: skip
    op.create_index(op.f("ix_hold_source"), "hold", ["source"], unique=False)
    op.create_table(
        "lease", sa.Column("name", AutoString(), nullable=False), sa.Column("holder", AutoString(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False), sa.Column("free_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )  # fmt: skip
    op.create_table(
        "listing", sa.Column("id", AutoString(), nullable=False), sa.Column("kind", AutoString(), nullable=False),
        sa.Column("titles", AutoString(), nullable=False), sa.Column("summaries", AutoString(), nullable=False),
        sa.Column("employer", AutoString(), nullable=False), sa.Column("openings", sa.Integer(), nullable=True),
        sa.Column("work_form", AutoString(), nullable=False), sa.Column("contract", AutoString(), nullable=False),
        sa.Column("hours", AutoString(), nullable=False), sa.Column("remote", AutoString(), nullable=False),
        sa.Column("language", AutoString(), nullable=False), sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True), sa.Column("url", AutoString(), nullable=False),
        sa.Column("apply_url", AutoString(), nullable=False), sa.Column("source", AutoString(), nullable=False),
        sa.Column("attribution", AutoString(), nullable=False), sa.Column("canonical", AutoString(), nullable=False),
        sa.Column("postings", sa.Integer(), nullable=False), sa.Column("status", AutoString(), nullable=False),
        sa.Column("status_because", AutoString(), nullable=False), sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=True),
        sa.Column("place_evidence", AutoString(), nullable=False),
        sa.Column("not_placed", AutoString(), nullable=False), sa.Column("first_seen", UTCDateTime(), nullable=False),
        sa.Column("shown_once", sa.Boolean(), nullable=False), sa.Column("rules", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
    )  # fmt: skip
    op.create_index(
        "ix_listing_begins_on", "listing", ["begins_on"], unique=False,
        postgresql_where=sa.text("begins_on IS NOT NULL"), sqlite_where=sa.text("begins_on IS NOT NULL"),
    )  # fmt: skip
    op.create_index(op.f("ix_listing_source"), "listing", ["source"], unique=False)
    op.create_index(op.f("ix_listing_status"), "listing", ["status"], unique=False)
    op.create_table(
        "listing_bucket", sa.Column("listing", AutoString(), nullable=False),
        sa.Column("bucket", AutoString(), nullable=False), sa.Column("because", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("listing", "bucket", name=op.f("pk_listing_bucket")),
    )  # fmt: skip
    op.create_index(op.f("ix_listing_bucket_bucket"), "listing_bucket", ["bucket"], unique=False)
    op.create_table(
        "listing_municipality", sa.Column("listing", AutoString(), nullable=False),
        sa.Column("code", AutoString(), nullable=False), sa.Column("given", AutoString(), nullable=False),
        sa.Column("level", AutoString(), nullable=False), sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("because", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("listing", "code", name=op.f("pk_listing_municipality")),
    )  # fmt: skip
    op.create_index(op.f("ix_listing_municipality_code"), "listing_municipality", ["code"], unique=False)
    op.create_table(
        "listing_posting", sa.Column("posting", AutoString(), nullable=False),
        sa.Column("listing", AutoString(), nullable=False), sa.Column("because", AutoString(), nullable=False),
        sa.Column("canonical", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("posting", name=op.f("pk_listing_posting")),
    )  # fmt: skip
    op.create_index(op.f("ix_listing_posting_listing"), "listing_posting", ["listing"], unique=False)
    op.create_table(
        "listing_region", sa.Column("listing", AutoString(), nullable=False),
        sa.Column("region", AutoString(), nullable=False), sa.Column("role", AutoString(), nullable=False),
        sa.Column("because", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("listing", "region", name=op.f("pk_listing_region")),
    )  # fmt: skip
    op.create_index(op.f("ix_listing_region_region"), "listing_region", ["region"], unique=False)
    op.create_table(
        "listing_theme", sa.Column("listing", AutoString(), nullable=False),
        sa.Column("theme", AutoString(), nullable=False), sa.Column("because", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("listing", "theme", name=op.f("pk_listing_theme")),
    )  # fmt: skip
    op.create_index(op.f("ix_listing_theme_theme"), "listing_theme", ["theme"], unique=False)
    op.create_table(
        "meta", sa.Column("key", AutoString(), nullable=False), sa.Column("value", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )  # fmt: skip
    op.create_table(
        "municipality", sa.Column("code", AutoString(), nullable=False), sa.Column("fi", AutoString(), nullable=False),
        sa.Column("sv", AutoString(), nullable=False), sa.Column("maakunta", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_municipality")),
    )  # fmt: skip
    op.create_table(
        "override", sa.Column("source", AutoString(), nullable=False),
        sa.Column("paused_until", UTCDateTime(), nullable=True), sa.Column("pace", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False), sa.Column("author", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False), sa.PrimaryKeyConstraint("source", name=op.f("pk_override")),
    )  # fmt: skip
    op.create_table(
        "page", sa.Column("source", AutoString(), nullable=False), sa.Column("key", AutoString(), nullable=False),
        sa.Column("memo", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_page")),
    )  # fmt: skip
    op.create_table(
        "posting", sa.Column("id", AutoString(), nullable=False), sa.Column("source", AutoString(), nullable=False),
        sa.Column("ref", AutoString(), nullable=False), sa.Column("kind", AutoString(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False), sa.Column("url_key", AutoString(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False), sa.Column("page", AutoString(), nullable=False),
        sa.Column("first_seen", UTCDateTime(), nullable=False),
        sa.Column("last_changed", UTCDateTime(), nullable=False), sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("placed", sa.Boolean(), nullable=False), sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("closed", AutoString(), nullable=False), sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True), sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.Column("blocking", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False), sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )  # fmt: skip
    op.create_index(
        "ix_posting_open_ends", "posting", ["ends_on"], unique=False, postgresql_where=sa.text("closed = ''"),
        sqlite_where=sa.text("closed = ''"),
    )  # fmt: skip
    op.create_index(
        "ix_posting_open_source", "posting", ["source"], unique=False, postgresql_where=sa.text("closed = ''"),
        sqlite_where=sa.text("closed = ''"),
    )  # fmt: skip
    op.create_index(
        "ix_posting_missed", "posting", ["source"], unique=False, postgresql_where=sa.text("misses > 0"),
        sqlite_where=sa.text("misses > 0"),
    )  # fmt: skip
    op.create_index(op.f("ix_posting_ref"), "posting", ["ref"], unique=False)
    op.create_index(op.f("ix_posting_url_key"), "posting", ["url_key"], unique=False)
    op.create_index("uq_posting_source_ref", "posting", ["source", "ref"], unique=True)
    op.create_table(
        "posting_key", sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("posting", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("key", "day", "posting", name=op.f("pk_posting_key")), sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index(
        "ix_posting_closed_text", "posting", ["source", "closed_on"], unique=False,
        postgresql_where=sa.text("closed <> '' AND NOT forgotten"),
        sqlite_where=sa.text("closed <> '' AND NOT forgotten"),
    )  # fmt: skip
    op.create_table(
        "probe", sa.Column("posting", AutoString(), nullable=False), sa.Column("source", AutoString(), nullable=False),
        sa.Column("looked", UTCDateTime(), nullable=False), sa.Column("missing", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("posting", name=op.f("pk_probe")),
    )  # fmt: skip
    op.create_index("ix_probe_source_looked", "probe", ["source", "looked"], unique=False)
    op.create_table(
        "problem", sa.Column("id", sa.Integer(), nullable=False), sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("source", AutoString(), nullable=False), sa.Column("step", AutoString(), nullable=False),
        sa.Column("reason", AutoString(), nullable=False), sa.Column("about", AutoString(), nullable=False),
        sa.Column("detail", AutoString(), nullable=False), sa.Column("drops", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
    )  # fmt: skip
    op.create_index(op.f("ix_problem_about"), "problem", ["about"], unique=False)
    op.create_index(op.f("ix_problem_run"), "problem", ["run"], unique=False)
    op.create_table(
        "redirect", sa.Column("old", AutoString(), nullable=False), sa.Column("new", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False), sa.PrimaryKeyConstraint("old", name=op.f("pk_redirect")),
    )  # fmt: skip
    op.create_table(
        "region", sa.Column("slug", AutoString(), nullable=False), sa.Column("names", AutoString(), nullable=False),
        sa.Column("parent", AutoString(), nullable=False), sa.Column("declared", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_region")),
    )  # fmt: skip
    op.create_table(
        "region_member", sa.Column("region", AutoString(), nullable=False),
        sa.Column("code", AutoString(), nullable=False), sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True), sa.Column("role", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("region", "code", "since", name=op.f("pk_region_member")),
    )  # fmt: skip
    op.create_table(
        "run", sa.Column("id", sa.Integer(), nullable=False), sa.Column("source", AutoString(), nullable=False),
        sa.Column("started", UTCDateTime(), nullable=False), sa.Column("heartbeat", UTCDateTime(), nullable=False),
        sa.Column("ended", UTCDateTime(), nullable=True), sa.Column("verdict", AutoString(), nullable=False),
        sa.Column("cause", AutoString(), nullable=False), sa.Column("detail", AutoString(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False), sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("not_modified", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False), sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False), sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False), sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False), sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False), sa.Column("watermark", AutoString(), nullable=False),
        sa.Column("filled", AutoString(), nullable=False),
        sa.Column("replay_of", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )  # fmt: skip
    op.create_index(op.f("ix_run_source"), "run", ["source"], unique=False)
    op.create_table(
        "source", sa.Column("slug", AutoString(), nullable=False), sa.Column("name", AutoString(), nullable=False),
        sa.Column("publisher", AutoString(), nullable=False), sa.Column("kind", AutoString(), nullable=False),
        sa.Column("home", AutoString(), nullable=False), sa.Column("attribution", AutoString(), nullable=False),
        sa.Column("trust", sa.Float(), nullable=False), sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_because", AutoString(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False), sa.Column("rights_basis", AutoString(), nullable=False),
        sa.Column("right_page", AutoString(), nullable=False), sa.Column("right_markup", AutoString(), nullable=False),
        sa.Column("right_feed", AutoString(), nullable=False), sa.Column("right_api", AutoString(), nullable=False),
        sa.Column("right_embed", AutoString(), nullable=False), sa.Column("right_export", AutoString(), nullable=False),
        sa.Column("complete_within", sa.Float(), nullable=False), sa.Column("max_age", sa.Integer(), nullable=True),
        sa.Column("closed_text", sa.Integer(), nullable=False),
        sa.Column("card", AutoString(), nullable=False),
        sa.Column("read_under", AutoString(), nullable=False), sa.Column("watermark", AutoString(), nullable=False),
        sa.Column("shape", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_source")),
    )  # fmt: skip
    op.create_table(
        "spared", sa.Column("posting", AutoString(), nullable=False), sa.Column("source", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("posting", name=op.f("pk_spared")),
    )  # fmt: skip
    op.create_index(op.f("ix_spared_source"), "spared", ["source"], unique=False)
    op.create_table(
        "spell", sa.Column("id", sa.Integer(), nullable=False), sa.Column("listing", AutoString(), nullable=False),
        sa.Column("scope", AutoString(), nullable=False), sa.Column("kind", AutoString(), nullable=False),
        sa.Column("source", AutoString(), nullable=False), sa.Column("work_form", AutoString(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=True), sa.Column("postings", sa.Integer(), nullable=False),
        sa.Column("began", UTCDateTime(), nullable=False), sa.Column("began_because", AutoString(), nullable=False),
        sa.Column("ended", UTCDateTime(), nullable=True), sa.Column("ended_because", AutoString(), nullable=False),
        sa.Column("recorded", UTCDateTime(), nullable=False), sa.Column("ended_recorded", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spell")),
    )  # fmt: skip
    op.create_index("ix_spell_listing", "spell", ["listing", "scope", "ended"], unique=False)
    op.create_index("ix_spell_scope", "spell", ["scope", "ended"], unique=False)
    op.create_table(
        "theme", sa.Column("slug", AutoString(), nullable=False), sa.Column("names", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_theme")),
    )  # fmt: skip
    op.create_table(
        "touch", sa.Column("id", sa.Integer(), nullable=False), sa.Column("posting", AutoString(), nullable=False),
        sa.Column("because", AutoString(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f("pk_touch")),
        sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index(op.f("ix_touch_posting"), "touch", ["posting"], unique=False)
    op.create_table(
        "twin", sa.Column("posting", AutoString(), nullable=False), sa.Column("other", AutoString(), nullable=False),
        sa.Column("source", AutoString(), nullable=False), sa.PrimaryKeyConstraint("posting", name=op.f("pk_twin")),
    )  # fmt: skip
    op.create_index(op.f("ix_twin_source"), "twin", ["source"], unique=False)
    op.execute(curated_view.create(op.get_bind().dialect.name))


def downgrade() -> None:
    op.execute("DROP VIEW curated_listing")
    op.drop_index(op.f("ix_twin_source"), table_name="twin")
    op.drop_table("twin")
    op.drop_index(op.f("ix_touch_posting"), table_name="touch")
    op.drop_table("touch")
    op.drop_table("theme")
    op.drop_index("ix_spell_scope", table_name="spell")
    op.drop_index("ix_spell_listing", table_name="spell")
    op.drop_table("spell")
    op.drop_index(op.f("ix_spared_source"), table_name="spared")
    op.drop_table("spared")
    op.drop_table("source")
    op.drop_index(op.f("ix_run_source"), table_name="run")
    op.drop_table("run")
    op.drop_table("region_member")
    op.drop_table("region")
    op.drop_table("redirect")
    op.drop_index(op.f("ix_problem_run"), table_name="problem")
    op.drop_index(op.f("ix_problem_about"), table_name="problem")
    op.drop_table("problem")
    op.drop_index("ix_probe_source_looked", table_name="probe")
    op.drop_table("probe")
    op.drop_index(
        "ix_posting_closed_text", table_name="posting",
        postgresql_where=sa.text("closed <> '' AND NOT forgotten"),
        sqlite_where=sa.text("closed <> '' AND NOT forgotten"),
    )  # fmt: skip
    op.drop_table("posting_key")
    op.drop_index("uq_posting_source_ref", table_name="posting")
    op.drop_index(op.f("ix_posting_url_key"), table_name="posting")
    op.drop_index(op.f("ix_posting_ref"), table_name="posting")
    op.drop_index(
        "ix_posting_missed", table_name="posting", postgresql_where=sa.text("misses > 0"),
        sqlite_where=sa.text("misses > 0"),
    )  # fmt: skip
    op.drop_index(
        "ix_posting_open_source", table_name="posting", postgresql_where=sa.text("closed = ''"),
        sqlite_where=sa.text("closed = ''"),
    )  # fmt: skip
    op.drop_index(
        "ix_posting_open_ends", table_name="posting", postgresql_where=sa.text("closed = ''"),
        sqlite_where=sa.text("closed = ''"),
    )  # fmt: skip
    op.drop_table("posting")
    op.drop_table("page")
    op.drop_table("override")
    op.drop_table("municipality")
    op.drop_table("meta")
    op.drop_index(op.f("ix_listing_theme_theme"), table_name="listing_theme")
    op.drop_table("listing_theme")
    op.drop_index(op.f("ix_listing_region_region"), table_name="listing_region")
    op.drop_table("listing_region")
    op.drop_index(op.f("ix_listing_posting_listing"), table_name="listing_posting")
    op.drop_table("listing_posting")
    op.drop_index(op.f("ix_listing_municipality_code"), table_name="listing_municipality")
    op.drop_table("listing_municipality")
    op.drop_index(op.f("ix_listing_bucket_bucket"), table_name="listing_bucket")
    op.drop_table("listing_bucket")
    op.drop_index(op.f("ix_listing_status"), table_name="listing")
    op.drop_index(op.f("ix_listing_source"), table_name="listing")
    op.drop_index(
        "ix_listing_begins_on", table_name="listing", postgresql_where=sa.text("begins_on IS NOT NULL"),
        sqlite_where=sa.text("begins_on IS NOT NULL"),
    )  # fmt: skip
    op.drop_table("listing")
    op.drop_table("lease")
    op.drop_index(op.f("ix_hold_source"), table_name="hold")
    op.drop_table("hold")
    op.drop_table("firing")
    op.drop_index(op.f("ix_edge_b"), table_name="edge")
    op.drop_table("edge")
    op.drop_index(op.f("ix_decision_posting"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_change_listing"), table_name="change")
    op.drop_table("change")
    op.drop_index(op.f("ix_audit_about"), table_name="audit")
    op.drop_table("audit")
