"""What was curated, drafted as the rows it will be: made wherever there is a processor for it, since it may have to travel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from normalize.records import Curated, Edge, Listing

_encoder = msgspec.msgpack.Encoder()


class Columns(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a listing says in the curated table, by the names of its columns. What only the writer knows is not among
    them: the attribution of its source, whether it was shown before, the version of the rules."""

    id: str
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
    source: str
    canonical: str
    postings: int
    status: str
    status_because: str
    closed_on: date | None
    begins_on: date | None
    place_evidence: str
    not_placed: str


class ListingDraft(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A listing as rows of its tables, each in the order of the table's columns."""

    columns: Columns
    first_seen: datetime
    closed_at: datetime | None
    members: tuple[tuple[str, str, str, bool], ...]
    municipalities: tuple[tuple[str, str, str, str, float, str], ...]
    regions: tuple[tuple[str, str, str, str], ...]
    themes: tuple[tuple[str, str, str], ...]
    buckets: tuple[tuple[str, str, str], ...]

    @property
    def codes(self) -> list[str]:
        """Its municipalities."""
        return [row[1] for row in self.municipalities]


class Drafted(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The answer to a neighbourhood, as rows."""

    touches: tuple[int, ...]
    listings: tuple[ListingDraft, ...]
    edges: tuple[Edge, ...]


_drafted = msgspec.msgpack.Decoder(Drafted)


@dataclass(frozen=True)  # without slots, which pickle slowly
class Draft:
    """A neighbourhood's answer, ready to be carried and written."""

    data: bytes

    def read(self) -> Drafted:
        """What it holds."""
        return _drafted.decode(self.data)


def draft(curated: Curated) -> Draft:
    """The rows of what was curated. Nothing of its texts and evidence is carried, which no row of a listing holds."""
    listings = tuple(map(_listing, curated.listings))
    return Draft(_encoder.encode(Drafted(touches=curated.touches, listings=listings, edges=curated.edges)))


def _listing(listing: Listing) -> ListingDraft:
    id_, placed = listing.id, listing.placed
    buckets = {one.to: one for one in (*placed.areas, *placed.buckets)}
    return ListingDraft(
        columns=_columns(listing),
        first_seen=listing.first_seen,
        closed_at=listing.closed_at,
        members=tuple((one.posting, id_, one.because, one.canonical) for one in listing.members),
        municipalities=tuple((id_, p.code, p.given, str(p.level), p.weight, p.because) for p in placed.places),
        regions=tuple((id_, one.to, one.role, one.because) for one in listing.regions),
        themes=tuple((id_, one.to, one.because) for one in listing.themes),
        buckets=tuple((id_, one.to, one.because) for one in buckets.values()),
    )


def _columns(listing: Listing) -> Columns:
    canonical, placed = listing.canonical, listing.placed
    deciding = [f"{place.code} by {place.level}" for place in placed.places]
    return Columns(
        id=listing.id,
        kind=str(listing.kind),
        titles=_json(listing.titles),
        summaries=_json(listing.summaries),
        employer=canonical.employer,
        openings=listing.openings,
        work_form=canonical.work_form,
        contract=canonical.contract,
        hours=canonical.hours,
        remote=canonical.remote,
        language=canonical.language,
        published_on=listing.published_on,
        ends_on=listing.ends_on,
        url=canonical.url,
        apply_url=canonical.apply_url,
        source=canonical.source,
        canonical=next(member.posting for member in listing.members if member.canonical),
        postings=len(listing.members),
        status=str(listing.status),
        status_because=listing.status_because,
        closed_on=listing.closed_on,
        begins_on=listing.begins_on,
        place_evidence="; ".join(deciding or [one.to for one in (*placed.areas, *placed.buckets)]),
        not_placed=as_json([*placed.conflicts, *placed.rejected]),
    )


def _json(texts: Mapping[str, str]) -> str:
    return as_json(dict(sorted(texts.items())) if len(texts) > 1 else texts) if texts else "{}"


def as_json(value: object) -> str:
    """A value as the text of JSON."""
    return msgspec.json.encode(value).decode()
