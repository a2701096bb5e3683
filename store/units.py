"""The units that a posting counts in: its source, and each municipality, province, region and bucket of its listing."""

from collections.abc import Sequence
from typing import TypeAlias

from sqlalchemy import Connection, Table, select

from store.db import chunks
from store.judgements import ListingBucket, ListingMunicipality, ListingPosting, ListingRegion, MunicipalityRow
from store.tables import table

Units: TypeAlias = tuple[str, ...]

_member = table(ListingPosting)


def units_of(connection: Connection, source: str, postings: Sequence[str]) -> dict[str, Units]:
    """Units by posting: ``source x``, ``municipality 491``, ``maakunta 10``, ``region mikkeli``, ``bucket remote``."""
    units: dict[str, list[str]] = {id_: [f"source {source}"] for id_ in postings}
    provinces = {row.code: row.maakunta for row in connection.execute(select(table(MunicipalityRow)))}
    for part in chunks(list(postings)):
        for posting, code in _joined(connection, table(ListingMunicipality), "code", part):
            units[posting] += [f"municipality {code}"]
            if provinces.get(code):
                units[posting].append(f"maakunta {provinces[code]}")
        for posting, region in _joined(connection, table(ListingRegion), "region", part):
            units[posting].append(f"region {region}")
        for posting, bucket in _joined(connection, table(ListingBucket), "bucket", part):
            units[posting].append(f"bucket {bucket}")
    return {id_: tuple(dict.fromkeys(own)) for id_, own in units.items()}


def _joined(connection: Connection, scopes: Table, name: str, postings: Sequence[str]) -> list[tuple[str, str]]:
    statement = (
        select(_member.c.posting, scopes.c[name])
        .join(scopes, scopes.c.listing == _member.c.listing)
        .where(_member.c.posting.in_(postings))
    )
    return [(row[0], row[1]) for row in connection.execute(statement)]
