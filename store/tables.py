"""The tables. A row is a row: what it means is decided below, what it shows is asked in ``curated`` and its neighbours."""

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, text
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = SQLModel.metadata


class SourceRow(SQLModel, table=True):
    """A source as last declared, with what its last committed run leaves for the next."""

    __tablename__ = "source"
    slug: str = Field(primary_key=True)
    name: str
    publisher: str
    kind: str
    home: str
    attribution: str
    trust: float
    enabled: bool
    withdrawn: bool = False
    rights_basis: str = ""
    right_page: str = "no"
    right_markup: str = "no"
    right_feed: str = "no"
    right_api: str = "no"
    right_embed: str = "no"
    right_export: str = "no"
    complete_within: float = 0
    """Seconds that the last complete run may be old."""
    card: str = "{}"
    read_under: str = ""
    """The card and facts version of the last run: what is known counts only under the same."""
    watermark: str = ""


class RunRow(SQLModel, table=True):
    """One source harvested once. Without ``ended`` it is under way, or was cut."""

    __tablename__ = "run"
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    started: datetime
    heartbeat: datetime
    ended: datetime | None = None
    verdict: str = ""
    cause: str = ""
    detail: str = ""
    requests: int = 0
    not_modified: int = 0
    bytes: int = 0
    found: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    held: int = 0
    dropped: int = 0
    problems: int = 0


class ProblemRow(SQLModel, table=True):
    """One problem of one run."""

    __tablename__ = "problem"
    id: int | None = Field(default=None, primary_key=True)
    run: int = Field(index=True)
    source: str
    step: str
    reason: str
    about: str = Field(index=True)
    detail: str
    drops: bool


class PageRow(SQLModel, table=True):
    """What a page said last time, for a 304 to repeat."""

    __tablename__ = "page"
    source: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    memo: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PostingRow(SQLModel, table=True):
    """A source's posting: its facts packed, what is asked of all postings in columns of their own.

    ``listed``: the source still lists it. ``closed`` is the reason why it is not open, ``misses`` how many complete
    runs in a row have not seen it. ``placed``: it has evidence of where it belongs.
    """

    __tablename__ = "posting"
    __table_args__ = (
        Index(
            "ix_posting_open_source", "source", postgresql_where=text("closed = ''"), sqlite_where=text("closed = ''")
        ),
        Index(
            "ix_posting_open_ends", "ends_on", postgresql_where=text("closed = ''"), sqlite_where=text("closed = ''")
        ),
        Index("uq_posting_source_ref", "source", "ref", unique=True),
    )
    id: str = Field(primary_key=True)
    source: str
    ref: str
    kind: str
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    url_key: str = Field(index=True)
    run: int
    page: str
    first_seen: datetime
    last_changed: datetime
    listed: bool = True
    placed: bool = False
    misses: int = 0
    closed: str = ""
    closed_on: date | None = None
    published_on: date | None = None
    ends_on: date | None = None
    facts: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class PostingKey(SQLModel, table=True):
    """A blocking key of a posting, hashed to 64 bits."""

    __tablename__ = "posting_key"
    __table_args__ = ({"sqlite_with_rowid": False},)
    key: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    posting: str = Field(primary_key=True, index=True)


class EdgeRow(SQLModel, table=True):
    """Two postings judged to be one."""

    __tablename__ = "edge"
    a: str = Field(primary_key=True)
    b: str = Field(primary_key=True, index=True)
    rule: str
    because: str
    strength: float


class Touch(SQLModel, table=True):
    """A posting that the next curation has to look at, and why."""

    __tablename__ = "touch"
    id: int | None = Field(default=None, primary_key=True)
    posting: str
    because: str


class ListingRow(SQLModel, table=True):
    """One vacancy, service, news item or event: the curated table. Texts by language are JSON objects."""

    __tablename__ = "listing"
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
    place_evidence: str
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
    __table_args__ = (Index("ix_spell_scope", "scope", "ended"),)
    id: int | None = Field(default=None, primary_key=True)
    listing: str = Field(index=True)
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


class DecisionRow(SQLModel, table=True):
    """A person's word, kept apart from facts. ``undone`` ones no longer count."""

    __tablename__ = "decision"
    id: int | None = Field(default=None, primary_key=True)
    act: str
    posting: str = Field(index=True)
    other: str = ""
    value: str = ""
    reason: str
    author: str
    at: datetime
    undone: bool = False


class Hold(SQLModel, table=True):
    """Inferred removals of one unit that the guard stopped, waiting for an operator. ``postings`` is a JSON list of ids."""

    __tablename__ = "hold"
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    run: int
    unit: str
    going: int
    open: int
    since: datetime
    postings: str


class Lease(SQLModel, table=True):
    """A name that one process holds until a time: a host between two requests, a source's run, the curation.
    Times are seconds since 1970."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    until: float
    free_at: float


class RegionRow(SQLModel, table=True):
    """A region as last declared, for readers, who open no file."""

    __tablename__ = "region"
    slug: str = Field(primary_key=True)
    names: str
    parent: str
    declared: str


class RegionMember(SQLModel, table=True):
    """A municipality of a region on the day of the last declaration."""

    __tablename__ = "region_member"
    region: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
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


class Meta(SQLModel, table=True):
    """What is said of the whole database: the rules' version, the day last curated."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model; no type checker knows ``__table__``."""
    return cast(Table, getattr(cast(Any, model), "__table__"))  # noqa: B009
