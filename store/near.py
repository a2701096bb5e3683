"""The likes of postings: those that share a key with them, the nearest in time, and of these what could be one with them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np
from sqlalchemy import Connection, select

from harvest.moment import HELSINKI
from normalize import sameness
from normalize.blocking import WIDTHS, WINDOW, width_of
from normalize.columns import Columns
from normalize.fingerprint import FINGERPRINT, VERSION
from store.db import chunks
from store.packing import unpack_keys
from store.tables import PostingRow, table

_posting = table(PostingRow)
AT_ONCE = 20_000
"""Keys that are looked up by one statement."""

_SQLITE = """
SELECT (SELECT json_group_array(posting) FROM (
    SELECT posting FROM posting_key WHERE key = json_extract(n.value, '$[0]')
    AND day BETWEEN json_extract(n.value, '$[1]') - {window} AND json_extract(n.value, '$[1]') + {window}
    ORDER BY day DESC LIMIT {limit})) FROM json_each(?) AS n
"""
_POSTGRESQL = """
SELECT n.at, k.posting FROM unnest(%(keys)s::bigint[], %(days)s::int[]) WITH ORDINALITY AS n (key, day, at) CROSS JOIN LATERAL (
    SELECT p.posting FROM posting_key AS p WHERE p.key = n.key AND p.day BETWEEN n.day - {window} AND n.day + {window}
    ORDER BY p.day DESC LIMIT {limit}) AS k
"""


def key_day(published_on: date | None, first_seen: date) -> int:
    """The day under which the keys of a posting stand."""
    return (published_on or first_seen).toordinal()


def pairs(connection: Connection, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Pairs of which one is among ``ids`` that share a key within the window and could be one, the smaller id first."""
    asked: dict[int, list[tuple[int, int, str]]] = {}
    columns = [_posting.c[name] for name in ("id", "blocking", "published_on", "first_seen")]
    for part in chunks(ids):
        for id_, blocking, published_on, first_seen in connection.execute(
            select(*columns).where(_posting.c.id.in_(part))
        ):
            day = key_day(published_on, first_seen.astimezone(HELSINKI).date())
            for key in unpack_keys(blocking):
                asked.setdefault(width_of(key), []).append((key, day, id_))
    found: set[tuple[str, str]] = set()
    for width, keys in asked.items():
        for some in chunks(keys, AT_ONCE):
            for (_key, _day, id_), others in zip(some, _looked_up(connection, some, 2 * width), strict=True):
                found |= {(id_, other) if id_ < other else (other, id_) for other in others if other != id_}
    return set(_possible(connection, sorted(found)))


def _looked_up(connection: Connection, keys: Sequence[tuple[int, int, str]], limit: int) -> Iterator[list[str]]:
    if connection.dialect.name == "sqlite":
        said = json.dumps([(key, day) for key, day, _id in keys])
        for (packed,) in connection.exec_driver_sql(_SQLITE.format(window=WINDOW, limit=limit), (said,)):
            yield json.loads(packed)
        return
    given = {"keys": [key for key, _day, _id in keys], "days": [day for _key, day, _id in keys]}
    found: list[list[str]] = [[] for _ in keys]
    for at, posting in connection.exec_driver_sql(_POSTGRESQL.format(window=WINDOW, limit=limit), given):
        found[at - 1].append(posting)
    yield from found


def _possible(connection: Connection, found: Sequence[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Most that share a key could not be one by their slots and names, and need not be opened."""
    if not found:
        return found
    ids = sorted({id_ for pair in found for id_ in pair})
    prints: dict[str, bytes] = {}
    for part in chunks(ids):
        rows = connection.execute(select(_posting.c.id, _posting.c.fingerprint).where(_posting.c.id.in_(part)))
        prints.update((id_, print_) for id_, print_ in rows if print_[:1] == bytes([VERSION]))
    row = {id_: at for at, id_ in enumerate(prints)}
    kept = np.frombuffer(b"".join(prints.values()), FINGERPRINT)
    known = [pair for pair in found if pair[0] in row and pair[1] in row]
    none = np.zeros((len(kept), 1), np.uint64)
    blank = [""] * len(kept)
    columns = Columns(
        slots=kept["slots"],
        sketches=kept["sketch"],
        towns=none,
        elsewhere=none[:, 0],
        titles=blank,
        employers=blank,
        units=blank,
    )
    a, b = (np.array([row[pair[end]] for pair in known], np.int64) for end in (0, 1))
    fits = sameness.possible(columns, a, b) if known else np.zeros(0, bool)
    return {*(pair for pair, fit in zip(known, fits.tolist(), strict=True) if fit), *(set(found) - set(known))}


assert max(WIDTHS.values()) < 16, "the width of a key's kind stands in its last four bits"
