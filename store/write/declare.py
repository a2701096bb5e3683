"""What pages need of the declarations, written into tables, so that no reader opens a file; and what follows of a change."""

import json
from datetime import date

from sqlalchemy import Connection, Engine, delete, insert, literal, select, update

from normalize.curate import Rules
from normalize.gazetteer.tables import gazetteer
from store.tables import Meta, MunicipalityRow, PostingRow, RegionMember, RegionRow, SourceRow, ThemeRow, Touch, table
from store.upsert import upsert


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
        posting = table(PostingRow)
        because = literal("the rules have changed")
        connection.execute(insert(table(Touch)).from_select(["posting", "because"], select(posting.c.id, because)))
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


def forget_sources(engine: Engine, declared: set[str]) -> None:
    """Sources whose card is gone are no longer enabled; what they brought stays until it ends or is withdrawn."""
    source = table(SourceRow)
    with engine.begin() as connection:
        connection.execute(update(source).where(source.c.slug.not_in(declared)).values(enabled=False))
