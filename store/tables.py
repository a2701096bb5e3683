"""The tables of facts, and of the work on them: what a row means is decided below, what it shows is asked in ``curated``."""

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
    disabled_because: str = ""
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
    max_age: int | None = None
    """Days after which a posting closes, counted from its publication, or else from when it was first seen."""
    closed_text: int = 90
    """Days that a closed posting keeps its text."""
    card: str = "{}"
    read_under: str = ""
    """The card and facts version of the last run: what is known counts only under the same."""
    watermark: str = ""
    shape: str = "{}"
    """What its items looked like when it was last read to its end, a JSON object."""


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
    retries: int = 0
    """Those of the requests that asked again after an answer that was none."""
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
    watermark: str = ""
    """From where it asked, for its pages to be found again."""
    filled: str = "{}"
    """Of each field in how many of how many postings it was filled, a JSON object."""
    replay_of: int = 0
    """The run whose archived pages it read instead of the net."""


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
    """A source's posting: packed, what is asked of all postings in columns of their own.

    ``listed``: the source still lists it. ``closed`` is the reason why it is not open, ``closed_at`` since when: a
    midnight where the calendar closed it, else when that was found out. ``misses`` is how many complete runs in a row
    have not seen it. ``placed``: it has evidence of where it belongs. ``forgotten``: it has lost its text.
    """

    __tablename__ = "posting"
    __table_args__ = (
        Index(
            "ix_posting_open_source", "source", postgresql_where=text("closed = ''"), sqlite_where=text("closed = ''")
        ),
        Index(
            "ix_posting_open_ends", "ends_on", postgresql_where=text("closed = ''"), sqlite_where=text("closed = ''")
        ),
        Index("ix_posting_missed", "source", postgresql_where=text("misses > 0"), sqlite_where=text("misses > 0")),
        Index(
            "ix_posting_closed_text",
            "source",
            "closed_on",
            postgresql_where=text("closed <> '' AND NOT forgotten"),
            sqlite_where=text("closed <> '' AND NOT forgotten"),
        ),
        Index("uq_posting_source_ref", "source", "ref", unique=True),
    )
    id: str = Field(primary_key=True)
    source: str
    ref: str = Field(index=True)
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
    closed_at: datetime | None = None
    published_on: date | None = None
    ends_on: date | None = None
    forgotten: bool = False
    blocking: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    packed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ProbeRow(SQLModel, table=True):
    """An open posting that a window did not show at its source's last reading: when it was last shown there or looked up, and
    since when its own page is missing."""

    __tablename__ = "probe"
    __table_args__ = (Index("ix_probe_source_looked", "source", "looked"),)
    posting: str = Field(primary_key=True)
    source: str
    looked: datetime
    missing: datetime | None = None


class PostingKey(SQLModel, table=True):
    """A blocking key of a posting, hashed to 64 bits, with the day it was published (or first seen); which keys a posting
    has stands in its own row. Likes are looked for among the nearest in time only."""

    __tablename__ = "posting_key"
    __table_args__ = ({"sqlite_with_rowid": False},)
    key: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    day: int = Field(primary_key=True)
    posting: str = Field(primary_key=True)


class Touch(SQLModel, table=True):
    """A posting that the next curation has to look at, and why. An id is never used again: a curation reads on from the
    last it read."""

    __tablename__ = "touch"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    posting: str = Field(index=True)
    because: str


class DecisionRow(SQLModel, table=True):
    """A person's word, kept apart from facts. ``undone`` ones no longer count; who undid them and why stands in the audit."""

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


class Spared(SQLModel, table=True):
    """A posting that an operator kept when absence would have closed it: it stays until it is seen again or ends."""

    __tablename__ = "spared"
    posting: str = Field(primary_key=True)
    source: str = Field(index=True)


class Twin(SQLModel, table=True):
    """A posting to which its source has given another id, and the posting that it is now: the two are shown as one."""

    __tablename__ = "twin"
    posting: str = Field(primary_key=True)
    other: str
    source: str = Field(index=True)


class Audit(SQLModel, table=True):
    """What a person did to a source, a hold or a decision, and why. ``about`` names it, ``detail`` is a JSON object."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    author: str
    act: str
    about: str = Field(index=True)
    reason: str
    detail: str = "{}"


class FiringRow(SQLModel, table=True):
    """One time at which the clock meant to harvest a source, and what became of it: see :class:`store.firings.Outcome`.
    ``run`` is the run that it began, ``because`` why it was due when it was not simply its time."""

    __tablename__ = "firing"
    source: str = Field(primary_key=True)
    due_at: datetime = Field(primary_key=True)
    because: str = ""
    outcome: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    run: int = 0
    detail: str = ""


class OverrideRow(SQLModel, table=True):
    """An operator's word on when a source is harvested, over its card's: at rest until a time, another pace (an ``every`` as
    cards write it). Of the last such word: why, who, when; the earlier ones stand in the audit."""

    __tablename__ = "override"
    source: str = Field(primary_key=True)
    paused_until: datetime | None = None
    pace: str = ""
    reason: str
    author: str
    at: datetime


class Lease(SQLModel, table=True):
    """A name that one process holds until a time: a host between two requests, a source's run, the curation.
    Times are seconds since 1970."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    until: float
    free_at: float


class Meta(SQLModel, table=True):
    """What is said of the whole database: ``rules``, the version of the rules under which it was last judged."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model; no type checker knows ``__table__``."""
    return cast(Table, getattr(cast(Any, model), "__table__"))  # noqa: B009
