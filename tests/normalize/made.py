"""Postings for tests, made from a few words."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from harvest.records import Kind, Problem, RawPosting
from normalize import facts, place
from normalize.dedupe import Side
from normalize.records import KeptPosting, Posting

FETCHED = datetime(2026, 9, 1, 12, tzinfo=UTC)
TODAY = date(2026, 9, 1)


def raw(ref: str = "1", source: str = "tpt", kind: str = "vacancy", **fields: Any) -> RawPosting:
    about = {key: fields.pop(key) for key in ("languages", "language_trusted", "publish") if key in fields}
    return RawPosting(
        source=source, kind=Kind(kind), ref=ref, fields=fields, digest=b"d", page="https://x.fi/feed", fetched=FETCHED, **about
    )  # fmt: skip


def cleaned(**fields: Any) -> tuple[Posting, list[Problem]]:
    """The posting and its problems."""
    found = list(facts.posting(raw(**{"title": "Kokki", **fields})))
    (posting,) = (one for one in found if isinstance(one, Posting))
    return posting, [one for one in found if isinstance(one, Problem)]


def kept(id_: str, day: int = 0, trust: float = 0.5, **fields: Any) -> KeptPosting:
    """A posting as the store keeps it, first seen ``day`` days after the first of August; its reference is its id."""
    about = {key: fields.pop(key) for key in ("closed", "closed_on", "withdrawn") if key in fields}
    posting, _problems = cleaned(**{"ref": id_, **fields})
    seen = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(days=day)
    return KeptPosting(id=id_, posting=posting, first_seen=seen, trust=trust, **about)


def side(one: KeptPosting) -> Side:
    return Side(kept=one, placed=place.decide(one.posting.evidence, TODAY))
