"""What pages need of the declarations, written into tables, so that no reader opens a file; and what follows of a change."""

import json
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, Engine, delete, insert, literal, select

from harvest.source import EXITS, Source
from normalize.curate import Rules
from normalize.gazetteer.tables import gazetteer
from store.judgements import MunicipalityRow, RegionMember, RegionRow, ThemeRow
from store.tables import Meta, PostingRow, SourceRow, Touch, table
from store.upsert import upsert

JUDGED_BY = ("trust", "attribution")
"""What judgements take from a card: when one of these changes, its postings are touched."""

_source, _posting, _touch = table(SourceRow), table(PostingRow), table(Touch)


def declare_source(connection: Connection, source: Source) -> None:
    """The card's facts for readers, who open no file."""
    rights = source.rights
    row = {
        "slug": source.slug, "name": source.name, "publisher": source.publisher, "kind": str(source.kind),
        "home": source.home, "attribution": source.attribution, "trust": source.trust, "enabled": source.enabled,
        "withdrawn": False, "rights_basis": rights.basis if rights else "", "read_under": "", "watermark": "",
        "shape": "{}",
        "complete_within": source.freshness.complete_within.total_seconds(),
        "card": json.dumps(source.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, sort_keys=True),
        **{f"right_{name}": getattr(rights, name) if rights else "no" for name in EXITS},
    }  # fmt: skip
    before = connection.execute(select(_source).where(_source.c.slug == source.slug)).mappings().one_or_none()
    upsert(connection, _source, [row], keep=("withdrawn", "read_under", "watermark", "shape"))
    if before is not None and any(before[name] != row[name] for name in JUDGED_BY):
        mine = select(_posting.c.id, literal("its source's card has changed")).where(_posting.c.source == source.slug)
        connection.execute(insert(_touch).from_select(["posting", "because"], mine))


def declare_rules(engine: Engine, rules: Rules, today: date) -> bool:
    """Keep regions, themes and municipalities as of ``today``; whether the rules differ from those last used.

    If they do, every posting is touched: the next curation judges all anew, and the log says why numbers moved.
    """
    meta = table(Meta)
    with engine.begin() as connection:
        last = connection.execute(select(meta.c.value).where(meta.c.key == "rules")).scalar()
        if last == rules.version:
            return False
        _write(connection, rules, today)
        upsert(connection, meta, [{"key": "rules", "value": rules.version}])
        if last is not None:  # at first, all that was harvested is touched already
            because = literal("the rules have changed")
            connection.execute(insert(_touch).from_select(["posting", "because"], select(_posting.c.id, because)))
    return last is not None


def _write(connection: Connection, rules: Rules, today: date) -> None:
    regions, members = table(RegionRow), table(RegionMember)
    themes, municipalities = table(ThemeRow), table(MunicipalityRow)
    for one in (regions, members, themes, municipalities):
        connection.execute(delete(one))
    for slug, region in rules.regions.items():
        names = json.dumps(dict(region.name), ensure_ascii=False)
        row = {
            "slug": slug,
            "names": names,
            "parent": region.parent,
            "declared": region.model_dump_json(exclude_defaults=True),
        }
        connection.execute(insert(regions), row)
        rows = [{"region": slug, "code": code, "role": role} for code, role in sorted(region.members(today).items())]
        if rows:
            connection.execute(insert(members), rows)
    for slug, theme in rules.themes.items():
        connection.execute(insert(themes), {"slug": slug, "names": json.dumps(dict(theme.name), ensure_ascii=False)})
    known = gazetteer()
    valid = [
        {"code": one.code, "fi": one.fi, "sv": one.sv, "maakunta": known.maakunta(one.code, today)}
        for one in known.municipalities(today)
    ]
    connection.execute(insert(municipalities), valid)


def declare_again(engine: Engine, sources: Iterable[Source]) -> None:
    """Bring the cards of sources that were harvested before up to date, so that a right that was changed or withdrawn acts
    at once and not at the source's next run."""
    with engine.begin() as connection:
        known = set(connection.execute(select(_source.c.slug)).scalars())
        for source in sources:
            if source.slug in known:
                declare_source(connection, source)
