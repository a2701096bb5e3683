"""The tables of judgements: listings with their places, regions and themes, what happened to them, and when they counted."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from store.tables import metadata

assert SQLModel.metadata is metadata, "names of indexes come from the convention that is set there"


class EdgeRow(SQLModel, table=True):
    """Two postings judged to be one."""

    __tablename__ = "edge"
    a: str = Field(primary_key=True)
    b: str = Field(primary_key=True, index=True)
    rule: str
    because: str
    strength: float


class ListingRow(SQLModel, table=True):
    """One vacancy, service, news item or event: the curated table. Texts by language are JSON objects."""

    __tablename__ = "listing"
    __table_args__ = (
        Index(
            "ix_listing_begins_on",
            "begins_on",
            postgresql_where=text("begins_on IS NOT NULL"),
            sqlite_where=text("begins_on IS NOT NULL"),
        ),
    )
    id: str = Field(primary_key=True)
    kind: str
    titles: str
    summaries: str
    employer: str
    openings: int | None
    work_form: str
    contract: str
    hours: str
    remote: str
    language: str
    published_on: date | None
    ends_on: date | None
    url: str
    apply_url: str
    source: str = Field(index=True)
    attribution: str
    canonical: str
    postings: int
    status: str = Field(index=True)
    status_because: str
    closed_on: date | None
    begins_on: date | None
    """The next day on which the publication of one of its postings comes, and it is to be judged anew."""
    place_evidence: str
    """Which kind of evidence gave each municipality; the words of it may be another card's, and stay in ``because``."""
    not_placed: str
    """Conflicting and refused evidence of place, a JSON list of sentences."""
    first_seen: datetime
    shown_once: bool
    rules: str
    """The version of the rules and tables by which it was judged."""


class ListingPosting(SQLModel, table=True):
    """A posting of a listing."""

    __tablename__ = "listing_posting"
    posting: str = Field(primary_key=True)
    listing: str = Field(index=True)
    because: str
    canonical: bool


class ListingMunicipality(SQLModel, table=True):
    """A municipality of a listing; ``given`` is the code that the evidence named, before mergers."""

    __tablename__ = "listing_municipality"
    listing: str = Field(primary_key=True)
    code: str = Field(primary_key=True, index=True)
    given: str
    level: str
    weight: float
    because: str


class ListingRegion(SQLModel, table=True):
    """A region of a listing."""

    __tablename__ = "listing_region"
    listing: str = Field(primary_key=True)
    region: str = Field(primary_key=True, index=True)
    role: str
    because: str


class ListingTheme(SQLModel, table=True):
    """A theme of a listing."""

    __tablename__ = "listing_theme"
    listing: str = Field(primary_key=True)
    theme: str = Field(primary_key=True, index=True)
    because: str


class ListingBucket(SQLModel, table=True):
    """A bucket of a listing (unplaced, national, remote, abroad), or a larger area without a municipality
    (``maakunta:10``)."""

    __tablename__ = "listing_bucket"
    listing: str = Field(primary_key=True)
    bucket: str = Field(primary_key=True, index=True)
    because: str


class Redirect(SQLModel, table=True):
    """A listing that was joined to an older one; its address leads there for ever."""

    __tablename__ = "redirect"
    old: str = Field(primary_key=True)
    new: str
    at: datetime


class Change(SQLModel, table=True):
    """The append-only log of what readers see. ``before`` and ``after`` are municipality codes, a JSON list."""

    __tablename__ = "change"
    __table_args__ = ({"sqlite_autoincrement": True},)
    seq: int | None = Field(default=None, primary_key=True)
    at: datetime
    what: str
    listing: str = Field(index=True)
    kind: str
    before: str
    after: str
    because: str


class Spell(SQLModel, table=True):
    """One uninterrupted time that a listing counted in a scope, in event time, with what it counted as. ``recorded``
    and ``ended_recorded`` are when we knew."""

    __tablename__ = "spell"
    __table_args__ = (Index("ix_spell_scope", "scope", "ended"), Index("ix_spell_listing", "listing", "scope", "ended"))
    id: int | None = Field(default=None, primary_key=True)
    listing: str
    scope: str
    kind: str
    source: str
    work_form: str
    openings: int | None
    postings: int
    began: datetime
    began_because: str
    ended: datetime | None = None
    ended_because: str = ""
    recorded: datetime
    ended_recorded: datetime | None = None


class RegionRow(SQLModel, table=True):
    """A region as last declared, for readers, who open no file."""

    __tablename__ = "region"
    slug: str = Field(primary_key=True)
    names: str
    parent: str
    declared: str


class RegionMember(SQLModel, table=True):
    """A municipality of a region, from the day ``since`` and, once it has left, to the day before ``until``, as the
    declarations of those days had it. Those of a region's first declaration were always in it, as far as we know."""

    __tablename__ = "region_member"
    region: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    since: date = Field(primary_key=True)
    until: date | None = None
    role: str


class ThemeRow(SQLModel, table=True):
    """A theme as last declared."""

    __tablename__ = "theme"
    slug: str = Field(primary_key=True)
    names: str


class MunicipalityRow(SQLModel, table=True):
    """A municipality valid on the day of the last declaration."""

    __tablename__ = "municipality"
    code: str = Field(primary_key=True)
    fi: str
    sv: str
    maakunta: str
