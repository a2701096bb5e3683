"""Counts: how many listings, postings and openings counted in a scope on a day. Every one is a sum over spells."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, case, func, literal, select
from sqlalchemy.sql.expression import FromClause

from harvest.declaration import did_you_mean
from normalize.dates import end_of
from normalize.gazetteer.tables import gazetteer
from normalize.vocabulary import Status
from store.judgements import ListingRow, MunicipalityRow, RegionMember, RegionRow, Spell
from store.tables import table

DIMENSIONS = ("region", "municipality", "kind", "source", "theme", "status")
UNPAID = "work_trial"
"""A form of work that is no vacancy in the headline: counted in a column of its own."""


class CountsError(Exception):
    """What was asked cannot be counted; the message says what was expected and suggests the nearest."""


def counts(
    engine: Engine, *, by: Sequence[str] = ("region", "municipality", "kind"), region: str = "", on: date | None = None
) -> list[dict[str, Any]]:
    """Rows of ``{*by, listings, postings, openings, openings_unknown, work_trials}``, sorted by the dimensions.

    ``on`` counts what was open on that day in Helsinki, to its end, by the borders of that day; without it, what is open
    now. A listing in several
    municipalities counts whole in each and once in a region. Without a municipality its ``municipality`` is empty and
    ``bucket`` says why. ``openings`` adds up what is known; ``openings_unknown`` counts vacancies that do not say.
    Work trials are unpaid and stand in ``work_trials`` only. Raises :class:`CountsError`.
    """
    for name in by:
        if name not in DIMENSIONS:
            raise CountsError(f"--by {name!r} is none of {', '.join(DIMENSIONS)}{did_you_mean(name, DIMENSIONS)}")
    if "status" in by:
        if on is not None or set(by) - {"status", "kind", "source"}:
            raise CountsError(
                "--by status goes with kind and source only, and with no --on: it is how listings stand now"
            )
        return _by_status(engine, by)
    with engine.connect().execution_options(readonly=True) as connection:
        _must_know_region(connection, region)
        rows = connection.execute(_statement(by, region, on)).mappings().all()
        names = _names(connection)
    told = []
    for row in rows:
        one = dict(row)
        if "municipality" in by:
            former = gazetteer().municipality(one["municipality"])
            one["municipality_name"] = names["municipality"].get(one["municipality"], former.fi if former else "")
        if "region" in by:
            one["region_name"] = names["region"].get(one["region"], "")
        one["openings"] = int(one["openings"] or 0)
        told.append(one)
    return told


def _statement(by: Sequence[str], region: str, on: date | None) -> Select[Any]:
    spell = table(Spell)
    whole = spell.alias("whole")
    origin: FromClause = whole
    columns: list[ColumnElement[Any]] = []
    if "region" in by or region:
        regional = spell.alias("regional")
        at_region = and_(
            regional.c.listing == whole.c.listing, regional.c.scope.like("region:%"), _running(regional, on)
        )
        if region:
            at_region = and_(at_region, regional.c.scope == f"region:{region}")
        origin = origin.join(regional, at_region)
        columns.append(func.substr(regional.c.scope, len("region:") + 1).label("region"))
    if "municipality" in by:
        local, member = spell.alias("local"), table(RegionMember)
        code = func.substr(local.c.scope, len("municipality:") + 1)
        here = and_(local.c.listing == whole.c.listing, local.c.scope.like("municipality:%"), _running(local, on))
        if "region" in by or region:
            mine = select(literal(1)).where(
                (member.c.code == code)
                & (literal("region:") + member.c.region == regional.c.scope)
                & _belonged(member, on)
            )
            here = and_(here, mine.exists())
        origin = origin.outerjoin(local, here)
        bucket = spell.alias("bucket")
        why = (
            select(func.min(func.substr(bucket.c.scope, len("bucket:") + 1)))
            .where(and_(bucket.c.listing == whole.c.listing, bucket.c.scope.like("bucket:%"), _running(bucket, on)))
            .scalar_subquery()
        )
        columns.append(func.coalesce(code, "").label("municipality"))
        columns.append(case((local.c.listing.is_(None), func.coalesce(why, "")), else_="").label("bucket"))
    if "kind" in by:
        columns.append(whole.c.kind.label("kind"))
    if "source" in by:
        columns.append(whole.c.source.label("source"))
    if "theme" in by:
        theme = spell.alias("theme")
        themed = and_(theme.c.listing == whole.c.listing, theme.c.scope.like("theme:%"), _running(theme, on))
        origin = origin.join(theme, themed)
        columns.append(func.substr(theme.c.scope, len("theme:") + 1).label("theme"))
    keep = [column for column in columns if column.name in by or column.name == "bucket"]
    statement = (
        select(*keep, *_sums(whole)).select_from(origin).where(and_(whole.c.scope == "all", _running(whole, on)))
    )
    return statement.group_by(*keep).order_by(*keep) if keep else statement


def _sums(counted: FromClause) -> list[ColumnElement[Any]]:
    paid = counted.c.work_form != UNPAID
    unknown = and_(paid, counted.c.kind == "vacancy", counted.c.openings.is_(None))
    return [
        func.sum(case((paid, 1), else_=0)).label("listings"),
        func.sum(case((paid, counted.c.postings), else_=0)).label("postings"),
        func.sum(case((paid, counted.c.openings), else_=0)).label("openings"),
        func.sum(case((unknown, 1), else_=0)).label("openings_unknown"),
        func.sum(case((paid, 0), else_=1)).label("work_trials"),
    ]


def _running(spell: FromClause, on: date | None) -> ColumnElement[bool]:
    if on is None:
        return spell.c.ended.is_(None)
    moment = end_of(on)
    return and_(spell.c.began < moment, (spell.c.ended.is_(None)) | (spell.c.ended >= moment))


def _belonged(member: FromClause, on: date | None) -> ColumnElement[bool]:
    if on is None:
        return member.c.until.is_(None)
    return and_(member.c.since <= on, (member.c.until.is_(None)) | (member.c.until > on))


def _by_status(engine: Engine, by: Sequence[str]) -> list[dict[str, Any]]:
    listing = table(ListingRow)
    columns = [listing.c[name] for name in by]
    with engine.connect().execution_options(readonly=True) as connection:
        rows = (
            connection.execute(select(*columns, *_sums(listing)).group_by(*columns).order_by(*columns)).mappings().all()
        )
    return [{**row, "openings": int(row["openings"] or 0)} for row in rows]


def _must_know_region(connection: Any, region: str) -> None:
    known = connection.execute(select(table(RegionRow).c.slug)).scalars().all()
    if region and region not in known:
        raise CountsError(
            f"there is no region {region!r}; known are {', '.join(sorted(known)) or 'none'}{did_you_mean(region, known)}"
        )


def _names(connection: Any) -> dict[str, dict[str, str]]:
    municipality, region = table(MunicipalityRow), table(RegionRow)
    return {
        "municipality": {row.code: row.fi for row in connection.execute(select(municipality))},
        "region": {row.slug: next(iter(json.loads(row.names).values())) for row in connection.execute(select(region))},
    }


def open_now(engine: Engine) -> dict[str, int]:
    """How many listings are open, by kind: a line's worth for a terminal."""
    listing = table(ListingRow)
    statement = select(listing.c.kind, func.count()).where(listing.c.status == Status.OPEN).group_by(listing.c.kind)
    with engine.connect().execution_options(readonly=True) as connection:
        return {row[0]: row[1] for row in connection.execute(statement.order_by(listing.c.kind))}
