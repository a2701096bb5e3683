"""What every posting of a source has, as it was last learned: kept for each source, and learned anew now and then."""

import base64
from datetime import date, timedelta

import msgspec
from sqlalchemy import Connection, Engine, select

from normalize.columns import FEW, SAMPLE, Furniture, often
from normalize.fingerprint import VERSION
from store.near import prints
from store.tables import Meta, PostingRow, SourceRow, table
from store.upsert import upsert

AGE = timedelta(days=30)
"""After so long it is learned anew: boards change their frames."""
_meta, _posting, _source = table(Meta), table(PostingRow), table(SourceRow)


class _Kept(msgspec.Struct):
    on: date
    version: int
    mask: str


def furniture(engine: Engine, today: date) -> tuple[tuple[int, bytes], ...]:
    """The furniture of every source that has enough postings to tell, by the source's number. What is missing or old is
    learned from a sample and kept; the price is paid once a month and source."""
    with engine.connect().execution_options(readonly=True) as connection:
        slugs = connection.execute(select(_source.c.slug)).scalars().all()
        said = connection.execute(select(_meta.c.key, _meta.c.value).where(_meta.c.key.startswith("furniture "))).all()
        kept = {key.removeprefix("furniture "): msgspec.json.decode(value, type=_Kept) for key, value in said}
        fresh = {
            slug: learned
            for slug in slugs
            if slug not in kept or kept[slug].version != VERSION or today - kept[slug].on > AGE
            if (learned := _learned(connection, slug, today))
        }
    if fresh:
        rows = [(f"furniture {slug}", msgspec.json.encode(one).decode()) for slug, one in fresh.items()]
        with engine.begin() as connection:
            upsert(connection, _meta, ("key", "value"), rows)
    both = kept | fresh
    return tuple((often(slug), base64.b64decode(one.mask)) for slug, one in sorted(both.items()) if one.mask)


def _learned(connection: Connection, slug: str, today: date) -> _Kept | None:
    some = select(_posting.c.id, _posting.c.fingerprint).where(_posting.c.source == slug).limit(SAMPLE)
    ids, rows = prints((id_, print_) for id_, print_ in connection.execute(some))
    if len(ids) < FEW:
        return None
    masks = Furniture.learned(rows["slots"]["source"], rows["sketch"]).masks
    packed = [base64.b64encode(mask.tobytes()).decode() for mask in masks.values()]
    return _Kept(on=today, version=VERSION, mask=packed[0] if packed else "")
