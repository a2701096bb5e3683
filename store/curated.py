"""The curated table as readers get it, each exit within the rights of the card that speaks for the listing."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from harvest.source import Exit
from normalize.contacts import masked
from normalize.packing import unpack
from normalize.vocabulary import Status
from store.db import chunks
from store.judgements import ListingBucket, ListingMunicipality, ListingPosting, ListingRegion, ListingRow, ListingTheme
from store.tables import Meta, PostingRow, SourceRow, table

CLASSIFICATION = "Statistics Finland municipalities, as of the day of the export"

LINK = ("id", "kind", "titles", "language", "url", "source", "attribution", "municipalities", "regions", "themes", "buckets",
        "first_seen")  # fmt: skip
"""What a right of ``link`` lets out: title and address, and what is our own judgement; as the view ``curated_listing``."""
FACTS = (
    "id", "kind", "titles", "summaries", "employer", "openings", "work_form", "contract", "hours", "remote", "language",
    "published_on", "ends_on", "url", "apply_url", "source", "attribution", "postings", "municipalities", "regions",
    "themes", "buckets", "place_evidence", "first_seen", "also_at",
)  # fmt: skip
"""What a right of ``facts`` lets out; ``full`` adds the text."""
TEXTS = ("titles", "summaries", "text")
"""What is told by language."""


def listings(engine: Engine, exit_: Exit, *, region: str = "", kind: str = "") -> Iterator[dict[str, Any]]:
    """Open listings in order of id, with what the rights of their canonical posting's card let out at this exit.

    A listing of a card that says ``no`` or of a withdrawn source is left out; with ``link`` it has title, address and
    attribution, and of the rest only what we judged (places, regions, themes, buckets); with ``facts`` no text; with
    ``full`` its text too, as plain text by language. Missing values are empty or ``None``. An export has telephone numbers
    and e-mail addresses masked; elsewhere an advert reads as it was published.
    """
    listing, source = table(ListingRow), table(SourceRow)
    right = source.c[f"right_{exit_}"]
    statement = (
        select(listing, right.label("right"))
        .join(source, source.c.slug == listing.c.source)
        .where((listing.c.status == Status.OPEN) & (right != "no") & source.c.withdrawn.is_(False))
        .order_by(listing.c.id)
    )
    if region:
        scope = table(ListingRegion)
        statement = statement.join(scope, (scope.c.listing == listing.c.id) & (scope.c.region == region))
    if kind:
        statement = statement.where(listing.c.kind == kind)
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(statement).mappings().all()
        for part in chunks(rows, 500):
            scopes = scopes_of(connection, [row["id"] for row in part])
            also_at = _also_at(connection, [row["id"] for row in part], exit_)
            texts = _texts(connection, [row["canonical"] for row in part if row["right"] == "full"])
            for row in part:
                elsewhere = {**scopes[row["id"]], "also_at": also_at.get(row["id"], [])}
                told = _told(row, elsewhere, texts.get(row["canonical"], {}))
                yield _without_contacts(told) if exit_ == "export" else told


def left_out(engine: Engine, exit_: Exit) -> dict[str, int]:
    """How many open listings an exit leaves out, by source, because their cards do not allow it."""
    listing, source = table(ListingRow), table(SourceRow)
    statement = (
        select(listing.c.source, func.count())
        .join(source, source.c.slug == listing.c.source)
        .where((listing.c.status == Status.OPEN) & (source.c[f"right_{exit_}"] == "no"))
        .group_by(listing.c.source)
        .order_by(listing.c.source)
    )
    with engine.connect().execution_options(readonly=True) as connection:
        return {row[0]: row[1] for row in connection.execute(statement)}


def scopes_of(connection: Connection, ids: list[str]) -> dict[str, dict[str, list[str]]]:
    """Municipality codes, regions, themes and buckets by listing."""
    found: dict[str, dict[str, list[str]]] = {
        id_: {"municipalities": [], "regions": [], "themes": [], "buckets": []} for id_ in ids
    }
    for name, scope, column in (
        ("municipalities", table(ListingMunicipality), "code"),
        ("regions", table(ListingRegion), "region"),
        ("themes", table(ListingTheme), "theme"),
        ("buckets", table(ListingBucket), "bucket"),
    ):
        for row in connection.execute(select(scope.c.listing, scope.c[column]).where(scope.c.listing.in_(ids))):
            found[row[0]][name].append(row[1])
    return {id_: {name: sorted(set(values)) for name, values in scopes.items()} for id_, scopes in found.items()}


def _also_at(connection: Connection, ids: list[str], exit_: Exit) -> dict[str, list[str]]:
    """The sources that publish a listing too, by listing; without those whose cards let nothing out at this exit."""
    member, posting, source = table(ListingPosting), table(PostingRow), table(SourceRow)
    others = (
        select(member.c.listing, posting.c.source)
        .distinct()
        .join(posting, posting.c.id == member.c.posting)
        .join(source, (source.c.slug == posting.c.source) & (source.c[f"right_{exit_}"] != "no"))
        .where(member.c.listing.in_(ids) & member.c.canonical.is_(False) & (posting.c.closed == ""))
        .where(source.c.withdrawn.is_(False))
        .order_by(posting.c.source)
    )
    found: dict[str, list[str]] = {}
    for listing, slug in connection.execute(others):
        found.setdefault(listing, []).append(slug)
    return found


def _texts(connection: Connection, postings: list[str]) -> dict[str, Mapping[str, str]]:
    posting = table(PostingRow)
    rows = connection.execute(select(posting.c.id, posting.c.packed).where(posting.c.id.in_(postings)))
    return {row.id: unpack(row.packed).plain for row in rows}


def _told(row: Mapping[Any, Any], scopes: Mapping[str, list[str]], texts: Mapping[str, str]) -> dict[str, Any]:
    values = {
        **row,
        **scopes,
        "titles": json.loads(row["titles"]),
        "summaries": json.loads(row["summaries"]),
        "published_on": row["published_on"].isoformat() if row["published_on"] else None,
        "ends_on": row["ends_on"].isoformat() if row["ends_on"] else None,
        "first_seen": row["first_seen"].isoformat(),
    }
    names = LINK if row["right"] == "link" else FACTS
    told = {name: values[name] if name in names else [] if name in scopes else None for name in FACTS}
    told["titles"] = values["titles"]
    told["text"] = dict(texts) if row["right"] == "full" else None
    return told


def _without_contacts(told: dict[str, Any]) -> dict[str, Any]:
    texts = {name: {code: masked(text) for code, text in told[name].items()} for name in TEXTS if told[name]}
    return {**told, **texts, "employer": told["employer"] and masked(told["employer"])}


def edition(engine: Engine) -> dict[str, str]:
    """What every export says of itself: the classification of its codes, and the version of the rules."""
    meta = table(Meta)
    with engine.connect().execution_options(readonly=True) as connection:
        rules = connection.execute(select(meta.c.value).where(meta.c.key == "rules")).scalar() or ""
    return {"classification": CLASSIFICATION, "rules": rules}


def memberships(engine: Engine) -> Iterator[dict[str, Any]]:
    """Every posting with what became of it: ``source``, ``ref``, ``listing``, ``municipalities``, ``bucket`` (the first,
    empty beside municipalities) and ``shown``; for measuring against a truth."""
    listing, member, posting = table(ListingRow), table(ListingPosting), table(PostingRow)
    statement = (
        select(posting.c.source, posting.c.ref, member.c.listing, listing.c.status)
        .join(member, member.c.posting == posting.c.id)
        .join(listing, listing.c.id == member.c.listing)
        .order_by(posting.c.source, posting.c.ref)
    )
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(statement).all()
        for part in chunks(rows, 500):
            scopes = scopes_of(connection, list({row.listing for row in part}))
            for row in part:
                codes, buckets = scopes[row.listing]["municipalities"], scopes[row.listing]["buckets"]
                yield {
                    "source": row.source,
                    "ref": row.ref,
                    "listing": row.listing,
                    "municipalities": codes,
                    "bucket": "" if codes or not buckets else buckets[0],
                    "shown": row.status == Status.OPEN,
                }
