"""The likes of postings: those that share a key with them, the nearest in time, and of these what could be one with them.

For a few postings the table of keys is asked; for many, all are read once and paired at once, at a thirtieth of the price
each. Both find the same.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, func, select

from harvest.moment import HELSINKI
from normalize import blocking, sameness
from normalize.blocking import WINDOW, width_of
from normalize.columns import Columns, Furniture
from normalize.fingerprint import EPOCH, FINGERPRINT, VERSION
from store.db import chunks
from store.packing import unpack_keys
from store.tables import PostingRow, Touch, table

_posting, _touch = table(PostingRow), table(Touch)
AT_ONCE = 20_000
"""Keys that are looked up by one statement, and rows that are read at once."""
Pair = tuple[str, str]

_SQLITE = """
SELECT (SELECT json_group_array(posting) FROM (SELECT * FROM (
    SELECT posting FROM posting_key WHERE key = json_extract(n.value, '$[0]')
    AND (day, posting) > (json_extract(n.value, '$[1]'), json_extract(n.value, '$[2]'))
    AND day <= json_extract(n.value, '$[1]') + {window} ORDER BY day, posting LIMIT {width}
) UNION ALL SELECT * FROM (
    SELECT posting FROM posting_key WHERE key = json_extract(n.value, '$[0]')
    AND (day, posting) < (json_extract(n.value, '$[1]'), json_extract(n.value, '$[2]'))
    AND day >= json_extract(n.value, '$[1]') - {window} ORDER BY day DESC, posting DESC LIMIT {width}
))) FROM json_each(?) AS n
"""
_POSTGRESQL = """
SELECT n.at, k.posting FROM unnest(%(keys)s::bigint[], %(days)s::int[], %(ids)s::text[]) WITH ORDINALITY AS n (key, day, id, at)
CROSS JOIN LATERAL ((
    SELECT p.posting FROM posting_key AS p WHERE p.key = n.key AND (p.day, p.posting) > (n.day, n.id)
    AND p.day <= n.day + {window} ORDER BY p.day, p.posting LIMIT {width}
) UNION ALL (
    SELECT p.posting FROM posting_key AS p WHERE p.key = n.key AND (p.day, p.posting) < (n.day, n.id)
    AND p.day >= n.day - {window} ORDER BY p.day DESC, p.posting DESC LIMIT {width})) AS k
"""


def key_day(published_on: date | None, first_seen: datetime) -> int:
    """The day in Helsinki under which the keys of a posting stand."""
    return (published_on or first_seen.astimezone(HELSINKI).date()).toordinal()


def prints(rows: Iterable[tuple[str, bytes]]) -> tuple[list[str], NDArray[np.void]]:
    """Of names with fingerprints: those whose fingerprint is of today's version, and these fingerprints, in one order."""
    current = [(name, print_) for name, print_ in rows if print_[:1] == bytes([VERSION])]
    return [name for name, _print in current], np.frombuffer(b"".join(print_ for _name, print_ in current), FINGERPRINT)


def pairs(connection: Connection, ids: Sequence[str], furniture: Furniture) -> set[Pair]:
    """Pairs of which one is among ``ids`` that share a key within the window and could be one, the smaller id first."""
    asked: dict[int, list[tuple[int, int, str]]] = {}
    columns = [_posting.c[name] for name in ("id", "blocking", "published_on", "first_seen")]
    for part in chunks(ids):
        for id_, packed, *days in connection.execute(select(*columns).where(_posting.c.id.in_(part))):
            for key in unpack_keys(packed):
                asked.setdefault(width_of(key), []).append((key, key_day(*days), id_))
    found: set[Pair] = set()
    for width, keys in asked.items():
        for some in chunks(keys, AT_ONCE):
            for (_key, _day, id_), others in zip(some, _looked_up(connection, some, width), strict=True):
                found |= {(id_, other) if id_ < other else (other, id_) for other in others}
    return _promising(connection, sorted(found), furniture)


def _looked_up(connection: Connection, keys: Sequence[tuple[int, int, str]], width: int) -> Iterator[list[str]]:
    if connection.dialect.name == "sqlite":
        for (packed,) in connection.exec_driver_sql(_SQLITE.format(window=WINDOW, width=width), (json.dumps(keys),)):
            yield json.loads(packed)
        return
    given = dict(zip(("keys", "days", "ids"), map(list, zip(*keys, strict=True)), strict=True))
    found: list[list[str]] = [[] for _ in keys]
    for at, posting in connection.exec_driver_sql(_POSTGRESQL.format(window=WINDOW, width=width), given):
        found[at - 1].append(posting)
    yield from found


def _promising(connection: Connection, found: Sequence[Pair], furniture: Furniture) -> set[Pair]:
    """Most that share a key could not be one by their fingerprints, and need not be opened. Of those without a fingerprint
    of today's version nothing is known."""
    rows: list[tuple[str, bytes]] = []
    for part in chunks(sorted({id_ for pair in found for id_ in pair})):
        of = select(_posting.c.id, _posting.c.fingerprint).where(_posting.c.id.in_(part))
        rows += [(id_, print_) for id_, print_ in connection.execute(of)]
    ids, kept = prints(rows)
    row = {id_: at for at, id_ in enumerate(ids)}
    known = [pair for pair in found if pair[0] in row and pair[1] in row]
    a, b = (np.array([row[pair[end]] for pair in known], np.int64) for end in (0, 1))
    fits = sameness.promising(_unread(kept, furniture), a, b).tolist()
    return {*(pair for pair, fit in zip(known, fits, strict=True) if fit), *(set(found) - set(known))}


def _unread(kept: NDArray[np.void], furniture: Furniture) -> Columns:
    none, blank = np.zeros((len(kept), 1), np.uint64), [""] * len(kept)
    slots, sketches = kept["slots"], furniture.cleaned(kept["slots"]["source"], kept["sketch"])
    return Columns(
        slots=slots, sketches=sketches, towns=none, elsewhere=none[:, 0], titles=blank, employers=blank, units=blank
    )


@dataclass(frozen=True, slots=True)
class Together:
    """The pairs of all postings of a snapshot, found at once. ``newest`` is its newest touch: what was touched later has
    to be looked up. The pairs of row ``n`` are ``others[starts[n]:starts[n + 1]]``; ``turns`` has the newest touch of each
    row, 0 where there is none."""

    newest: int
    ids: Sequence[str]
    rows: dict[str, int]
    turns: NDArray[np.int64]
    starts: NDArray[np.int64]
    others: NDArray[np.int32]

    def pairs(self, ids: Sequence[str], last: int) -> set[Pair]:
        """See :func:`pairs`; without those whose other has its turn later than ``last`` and is not among ``ids``."""
        own = np.array([self.rows[id_] for id_ in ids if id_ in self.rows], np.int64)
        count = self.starts[own + 1] - self.starts[own]
        one = np.repeat(own, count)
        offset = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
        other = self.others[np.repeat(self.starts[own], count) + offset]
        mine = np.zeros(len(self.ids), bool)
        mine[own] = True
        now = mine[other] | (self.turns[other] <= last)
        both = (sorted((self.ids[a], self.ids[b])) for a, b in zip(one[now].tolist(), other[now].tolist(), strict=True))
        return {(a, b) for a, b in both}


def together(connection: Connection, which: ColumnElement[bool], furniture: Furniture) -> Together:
    """The pairs among all postings of which ``which`` holds where one of the two is touched."""
    newest = int(connection.execute(select(func.max(_touch.c.id))).scalar() or 0)
    by_posting = select(_touch.c.posting, func.max(_touch.c.id)).group_by(_touch.c.posting)
    touched = {row[0]: row[1] for row in connection.execute(by_posting)}
    ids, day, sizes, keys, kept = _read(connection, which)
    turns = np.array([touched.get(id_, 0) for id_ in ids], np.int64)
    value = keys.view(np.uint64)
    width = (value & np.uint64(15)).astype(np.uint8)
    a, b = blocking.candidates(value, np.repeat(np.arange(len(ids)), sizes), width, day)
    asked = (turns[a] > 0) | (turns[b] > 0)
    a, b = a[asked], b[asked]
    stale = kept["version"] != VERSION
    fits = sameness.promising(_unread(kept, furniture), a, b) | stale[a] | stale[b]
    one, other = np.concatenate([a[fits], b[fits]]), np.concatenate([b[fits], a[fits]])
    order = np.argsort(one, kind="stable")
    return Together(
        newest=newest, ids=ids, rows={id_: at for at, id_ in enumerate(ids)}, turns=turns,
        starts=np.searchsorted(one[order], np.arange(len(ids) + 1)), others=other[order].astype(np.int32),
    )  # fmt: skip


def _read(
    connection: Connection, which: ColumnElement[bool]
) -> tuple[list[str], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[np.void]]:
    """Ids in order; by row the day since 1970, how many keys it has, and its fingerprint, empty where it is of another
    version; and the keys of all."""
    columns = [_posting.c[name] for name in ("id", "blocking", "published_on", "first_seen", "fingerprint")]
    size = connection.execute(select(func.count()).select_from(_posting).where(which)).scalar() or 0
    ids: list[str] = []
    day, sizes, kept = np.zeros(size, np.int32), np.zeros(size, np.int64), np.zeros(size, FINGERPRINT)
    keys = [np.zeros(0, "<i8")]
    empty, current = bytes(FINGERPRINT.itemsize), bytes([VERSION])
    for part in connection.execute(select(*columns).where(which).order_by(_posting.c.id)).partitions(AT_ONCE // 10):
        here = slice(len(ids), len(ids) + len(part))
        ids += [row[0] for row in part]
        keys.append(np.frombuffer(b"".join(row[1] for row in part), "<i8"))
        sizes[here] = [len(row[1]) // 8 for row in part]
        day[here] = [key_day(row[2], row[3]) - EPOCH for row in part]
        said = b"".join(row[4] if row[4][:1] == current else empty for row in part)
        kept[here] = np.frombuffer(said, FINGERPRINT)
    return ids, day, sizes, np.concatenate(keys), kept
