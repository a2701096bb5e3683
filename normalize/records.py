"""What travels out of normalize: postings (facts), listings (judgements), and the words both are written in.

All are plain values that never change, compared by content. Made by the hundred thousand and carried between processes,
they are msgspec's structs: made, packed and read again several times faster than dataclasses; holding no circles, they are
not looked at by the collector of garbage."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeAlias

import msgspec

from harvest.records import Gone, Kind, Probed, Problem, Seen, Verdict
from normalize.vocabulary import Act, Level, Status


class Evidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One sign of where a posting belongs, found once and kept as a fact.

    ``codes``: municipality codes as they were given (three digits; abolished ones stay as written). ``area``: a code of
    a larger area as ``list:code`` (``maakunta:10``), never turned into a municipality. ``bucket``: national, remote or
    abroad. ``rejected`` names the rule that refused the match; such evidence is kept so that "why not" has an answer.
    """

    level: Level
    field: str
    value: str
    rule: str
    weight: float
    codes: tuple[str, ...] = ()
    area: str = ""
    bucket: str = ""
    rejected: str = ""


class Channel(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One way to reach a service: a detail of it, never a listing."""

    kind: str = ""
    names: Mapping[str, str] = msgspec.field(default_factory=dict)
    url: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


class Posting(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A source's posting, cleaned: facts only, one per source and reference.

    Times are UTC; ``published_on``, ``starts_on`` and ``ends_on`` are dates in Europe/Helsinki. ``openings`` is ``None``
    when the source does not say. ``html`` is sanitised for show, ``plain`` is the same text without mark-up, both by
    language. ``employer_key`` compares employers and is empty for anonymous ones and for authorities. The ``*_key``
    fields are what sameness compares and are empty when there is nothing to compare; ``fingerprint`` has all of it as bits,
    ``blocking`` are the keys to look for likes under; the store keeps both beside the posting, also when its text goes.
    """

    source: str
    ref: str
    kind: Kind
    digest: bytes
    page: str
    url: str = ""
    apply_url: str = ""
    titles: Mapping[str, str] = msgspec.field(default_factory=dict)
    summaries: Mapping[str, str] = msgspec.field(default_factory=dict)
    html: Mapping[str, str] = msgspec.field(default_factory=dict)
    plain: Mapping[str, str] = msgspec.field(default_factory=dict)
    language: str = ""
    employer: str = ""
    employer_key: str = ""
    employer_id: str = ""
    anonymous: bool = False
    household: bool = False
    address: str = ""
    work_form: str = ""
    contract: str = ""
    hours: str = ""
    remote: str = ""
    agency: bool = False
    openings: int | None = None
    salary: str = ""
    reference: str = ""
    unit: str = ""
    occupations: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    published: datetime | None = None
    published_on: date | None = None
    starts_on: date | None = None
    ends: datetime | None = None
    ends_on: date | None = None
    changed: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    publish: str = "auto"
    title_key: str = ""
    url_key: str = ""
    reference_key: str = ""
    fingerprint: bytes = b""
    blocking: bytes = b""


Listed: TypeAlias = Posting | Seen | Gone | Probed | Problem | Verdict


class KeptPosting(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A posting as the store keeps it, packed until a judgement looks at it, its ``fingerprint`` beside it. ``id`` derives
    from source and reference;
    ``first_seen`` is UTC. ``closed`` is the reason why it closed, empty while it is open; ``closed_on`` the Helsinki date
    it counts from, ``closed_at`` the moment: a midnight by the calendar, else when it was found out. ``trust`` is its
    source's weight, ``withdrawn`` whether the operator hid its source."""

    id: str
    posting: Posting | bytes
    fingerprint: bytes = b""
    first_seen: datetime
    trust: float = 0.5
    closed: str = ""
    closed_on: date | None = None
    closed_at: datetime | None = None
    withdrawn: bool = False


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A municipality decided for a posting or listing. ``code`` is valid on the day of judgement; ``given`` is the code
    that the evidence named, which differs when municipalities have merged since."""

    code: str
    given: str
    level: Level
    weight: float
    because: str


class Placed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a posting belongs: municipalities, larger areas (``maakunta:10``), buckets; and what was seen and not used.

    Exactly one of these holds: ``places`` is not empty, ``areas`` is not empty, or one of the buckets unplaced,
    national, abroad, remote is set. ``remote`` may also stand beside places.
    """

    places: tuple[Place, ...] = ()
    areas: tuple["Assigned", ...] = ()
    buckets: tuple["Assigned", ...] = ()
    conflicts: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()


class Assigned(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A region, theme, area or bucket, and because of what."""

    to: str
    because: str
    role: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A person's word about one posting or two; it outlives every re-harvest. ``value`` is a municipality code for
    ``place``. ``posting`` and ``other`` are posting ids."""

    act: Act
    posting: str
    other: str = ""
    value: str = ""
    reason: str
    author: str


class Edge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Two postings judged to be the same vacancy, service, news item or event; ``a < b``. ``rule`` names the row of the
    table that joined them, ``because`` says it in words, ``strength`` orders the joins."""

    a: str
    b: str
    rule: str
    because: str
    strength: float


class Member(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A posting of a listing: ``because`` says why it belongs; the canonical one speaks for the listing."""

    posting: str
    because: str
    canonical: bool = False


class Listing(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One vacancy, service, news item or event behind one posting or more: judgements, all with their reasons.

    ``id`` is that of its oldest posting. ``status_because`` is empty for an open listing. ``closed_on`` is the Helsinki
    date of a closed listing's end, ``closed_at`` the moment from which it no longer counts. ``begins_on`` is the next
    publication day of one of its postings, from which on that posting speaks for it too.
    """

    id: str
    kind: Kind
    members: tuple[Member, ...]
    canonical: Posting
    first_seen: datetime
    titles: Mapping[str, str]
    summaries: Mapping[str, str]
    openings: int | None
    published_on: date | None
    ends_on: date | None
    placed: Placed
    regions: tuple[Assigned, ...] = ()
    themes: tuple[Assigned, ...] = ()
    status: Status = Status.OPEN
    status_because: str = ""
    closed_on: date | None = None
    closed_at: datetime | None = None
    begins_on: date | None = None


class Neighbourhood(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one curation step looks at: touched postings, their candidates, and all that stored edges reach from these.

    ``touches`` are the rows of the store that asked for it, and are used up with it. ``candidates`` are the pairs of
    posting ids worth judging, ``edges`` the accepted ones from before among postings that did not change. ``due`` are
    the touched postings and what stored edges joined with them: listings without any of these stay as they are, and
    are not judged again. Without ``due`` all are. ``furniture`` is what every posting of a source has, by the source's
    number, as bits."""

    touches: tuple[int, ...]
    kept: tuple[KeptPosting, ...]
    due: frozenset[str] | None = None
    furniture: tuple[tuple[int, bytes], ...] = ()
    candidates: tuple[tuple[str, str], ...] = ()
    edges: tuple[Edge, ...] = ()


class Curated(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The answer to a neighbourhood: every listing in it that was due, and the edges of its postings."""

    touches: tuple[int, ...]
    listings: tuple[Listing, ...]
    edges: tuple[Edge, ...]
