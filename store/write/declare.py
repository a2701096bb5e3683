"""What pages need of the declarations, written into tables, so that no reader opens a file; and what follows of a change."""

import json
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Connection, Engine, delete, insert, literal, select, update

from harvest.secret import masked_whole
from harvest.source import EXITS, Source
from normalize.curate import Rules
from normalize.gazetteer.tables import gazetteer
from store.judgements import MunicipalityRow, RegionMember, RegionRow, ThemeRow
from store.known import max_age
from store.tables import Meta, PostingRow, SourceRow, Touch, table
from store.upsert import upsert

JUDGED_BY = ("trust", "attribution")
"""What judgements take from a card: when one of these changes, its postings are touched."""
NO_CARD = "its card was removed"
"""Why a source is disabled that was harvested once and has no card any more. Its postings stay as they are: they end by
date and age."""

_source, _posting, _touch = table(SourceRow), table(PostingRow), table(Touch)


def declare_source(connection: Connection, source: Source) -> None:
    """The card's facts for readers, who open no file."""
    rights = source.rights
    card = masked_whole(source.model_dump(mode="json", exclude_defaults=True))
    row = {
        "slug": source.slug, "name": source.name, "publisher": source.publisher, "kind": str(source.kind),
        "home": source.home, "attribution": source.attribution, "trust": source.trust, "enabled": source.enabled,
        "disabled_because": "" if source.enabled else source.disabled_because,
        "withdrawn": False, "rights_basis": rights.basis if rights else "", "read_under": "", "watermark": "",
        "shape": "{}",
        "complete_within": source.freshness.complete_within.total_seconds(), "max_age": max_age(source),
        "closed_text": source.retention.closed_text.days,
        "card": json.dumps(card, ensure_ascii=False, sort_keys=True),
        **{f"right_{name}": getattr(rights, name) if rights else "no" for name in EXITS},
    }  # fmt: skip
    before = connection.execute(select(_source).where(_source.c.slug == source.slug)).mappings().one_or_none()
    upsert(
        connection, _source, tuple(row), [tuple(row.values())], keep=("withdrawn", "read_under", "watermark", "shape")
    )
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
        upsert(connection, meta, ("key", "value"), [("rules", rules.version)])
        if last is not None:  # at first, all that was harvested is touched already
            because = literal("the rules have changed")
            connection.execute(insert(_touch).from_select(["posting", "because"], select(_posting.c.id, because)))
    return last is not None


def _write(connection: Connection, rules: Rules, today: date) -> None:
    regions, themes, municipalities = table(RegionRow), table(ThemeRow), table(MunicipalityRow)
    for one in (regions, themes, municipalities):
        connection.execute(delete(one))
    _follow_members(connection, rules, today)
    for slug, region in rules.regions.items():
        names = json.dumps(dict(region.name), ensure_ascii=False)
        row = {
            "slug": slug,
            "names": names,
            "parent": region.parent,
            "declared": region.model_dump_json(exclude_defaults=True),
        }
        connection.execute(insert(regions), row)
    for slug, theme in rules.themes.items():
        connection.execute(insert(themes), {"slug": slug, "names": json.dumps(dict(theme.name), ensure_ascii=False)})
    known = gazetteer()
    valid = [
        {"code": one.code, "fi": one.fi, "sv": one.sv, "maakunta": known.maakunta(one.code, today)}
        for one in known.municipalities(today)
    ]
    connection.execute(insert(municipalities), valid)


def _follow_members(connection: Connection, rules: Rules, today: date) -> None:
    """Who belongs to which region from today on; who did before stays known, for counts of those days."""
    member = table(RegionMember)
    known = connection.execute(select(member.c.region, member.c.code, member.c.role, member.c.until)).all()
    standing = {(row.region, row.code): row.role for row in known if row.until is None}
    met = {row.region for row in known}
    now = {(slug, code): role for slug, region in rules.regions.items() for code, role in region.members(today).items()}
    for region, code in sorted(standing.keys() - now.keys()):
        left = (member.c.region == region) & (member.c.code == code) & member.c.until.is_(None)
        connection.execute(update(member).where(left).values(until=today))
    joining = []
    for (region, code), role in sorted(now.items()):
        if (region, code) not in standing:
            joining.append((region, code, today if region in met else date.min, None, role))
        elif standing[region, code] != role:
            mine = (member.c.region == region) & (member.c.code == code) & member.c.until.is_(None)
            connection.execute(update(member).where(mine).values(role=role))
    upsert(connection, member, ("region", "code", "since", "until", "role"), joining)


def declare_again(engine: Engine, sources: Iterable[Source], broken: Collection[str] = ()) -> None:
    """Bring sources that were harvested before up to date with all the cards there are, so that a right that was changed or
    withdrawn acts at once and not at the source's next run. One whose card is no more is disabled, until it is back; one
    whose card is ``broken`` stays as it was last declared."""
    cards = {source.slug: source for source in sources}
    with engine.begin() as connection:
        for slug in connection.execute(select(_source.c.slug)).scalars().all():
            if slug in cards:
                declare_source(connection, cards[slug])
            elif slug not in broken:
                gone = {"enabled": False, "disabled_because": NO_CARD}
                connection.execute(update(_source).where(_source.c.slug == slug).values(gone))
