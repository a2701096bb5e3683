"""What a harvest would change, told without changing anything: the counts of a run before it is one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Engine, select

from harvest.records import Gone, Problem, Seen, Verdict, Whole
from harvest.source import Source
from normalize.contacts import masked
from normalize.packing import unpack
from normalize.records import Listed, Posting
from store.tables import PostingRow, table
from store.units import units_of
from store.write.closing import Guard

MOST_TOLD = 20
"""Postings that are named of each group; the counts are of all."""

_posting = table(PostingRow)


@dataclass(slots=True, kw_only=True)
class Forecast:
    """What a run would say. ``absent`` are missed once more without closing yet; ``ended`` are new ones that have ended
    already. ``postings`` names some of each group by reference and title, ``units`` what holds how many."""

    source: str
    verdict: str = ""
    cause: str = ""
    detail: str = ""
    requests: int = 0
    found: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    held: int = 0
    absent: int = 0
    ended: int = 0
    dropped: int = 0
    problems: list[str] = field(default_factory=list)
    units: dict[str, int] = field(default_factory=dict)
    postings: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def name(self, group: str, ref: str, title: str) -> None:
        """Count a posting in a group, and name it while there is room."""
        setattr(self, group, getattr(self, group) + 1)
        named = self.postings.setdefault(group, [])
        if len(named) < MOST_TOLD:
            named.append({"ref": ref, "title": title})

    def told(self) -> dict[str, Any]:
        """Everything, for a program."""
        return asdict(self)


def forecast(engine: Engine | None, source: Source, listed: Iterable[Listed], guard: Guard, today: date) -> Forecast:
    """What saving ``listed`` as a run of ``source`` would do, by the same rules as saving it. Without a database everything
    is new. Only reads."""
    kept = _kept(engine, source) if engine else {}
    told = Forecast(source=source.slug)
    seen: set[str] = set()
    gone: list[Gone] = []
    complete = False
    for one in listed:
        if isinstance(one, Posting):
            seen.add(one.ref)
            before = kept.get(one.ref)
            ended = one.ends_on is not None and one.ends_on < today
            if before is None:
                told.name("ended" if ended else "new", one.ref, _title(one))
            elif before.digest != one.digest or (before.closed and not ended):
                told.name("changed", one.ref, _title(one))
            else:
                told.unchanged += 1
        elif isinstance(one, Seen):
            seen.add(one.ref)
            told.unchanged += 1
        elif isinstance(one, Gone):
            gone.append(one)
        elif isinstance(one, Problem):
            told.dropped += one.drops
            told.problems.append(masked(f"{one.reason}: {one.about}: {one.detail}"))
        else:
            _conclude(told, one)
            complete = one.counts_as_complete
    for left in gone:
        row = kept.get(left.ref)
        if row is not None and not row.closed:
            told.name("closed", left.ref, _title(unpack(row.packed)))
    seen.update(left.ref for left in gone)
    if engine and complete and source.removal.mode == "snapshot":
        _absent(engine, source, told, [row for ref, row in kept.items() if ref not in seen], kept, guard)
    return told


def _kept(engine: Engine, source: Source) -> dict[str, Any]:
    columns = [_posting.c[name] for name in ("id", "ref", "digest", "misses", "closed", "listed", "packed")]
    with engine.connect().execution_options(readonly=True) as connection:
        rows = connection.execute(select(*columns).where(_posting.c.source == source.slug))
        return {row.ref: row for row in rows}


def _conclude(told: Forecast, verdict: Verdict) -> None:
    told.verdict, told.cause, told.detail = str(verdict.whole), str(verdict.cause), masked(verdict.detail)
    told.requests, told.found = verdict.requests, verdict.found
    if verdict.whole is Whole.FAILED:
        told.detail += "; nothing would change"


def _absent(
    engine: Engine, source: Source, told: Forecast, rows: list[Any], kept: dict[str, Any], guard: Guard
) -> None:
    """See :func:`store.write.closing.miss`, which does what this tells."""
    open_ = [row for row in rows if row.listed and not row.closed]
    going = [row for row in open_ if row.misses + 1 >= source.removal.misses]
    with engine.connect().execution_options(readonly=True) as connection:
        units = units_of(connection, source.slug, [row.id for row in kept.values() if row.listed and not row.closed])
    open_in = Counter(unit for own in units.values() for unit in own)
    held = guard({row.id: units[row.id] for row in going}, open_in) if going else {}
    told.units = {unit: len(ids) for unit, ids in held.items()}
    stays = {id_ for ids in held.values() for id_ in ids}
    for row in open_:
        group = "absent" if row not in going else "held" if row.id in stays else "closed"
        told.name(group, row.ref, _title(unpack(row.packed)))


def _title(posting: Posting) -> str:
    return posting.titles.get(posting.language) or next(iter(posting.titles.values()), "")
