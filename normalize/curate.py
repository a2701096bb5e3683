"""Judgements anew: from postings to listings with their places, regions and themes, for one neighbourhood at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from harvest.declaration import DeclarationError
from normalize import dedupe, place, region, theme
from normalize.cards import cards
from normalize.columns import Furniture
from normalize.dedupe import Side
from normalize.gazetteer.tables import gazetteer
from normalize.packing import opened
from normalize.records import (
    Assigned,
    Curated,
    Decision,
    Edge,
    Evidence,
    KeptPosting,
    Listing,
    Member,
    Neighbourhood,
    Place,
    Placed,
    Posting,
)
from normalize.region import Region, load_regions
from normalize.standing import beginnings, speaking, standing
from normalize.theme import Theme, load_themes
from normalize.vocabulary import Act, Bucket, Level

LARGE = 1000
"""From so many postings on a neighbourhood is worth handing to another process."""
AHEAD = 2
"""Neighbourhoods that may stay under way when one is given back; whoever gives them sees to it that they do not meet."""

JUDGEMENTS = "5"
"""Bumped by hand when the code of a judgement changes what it gives: everything is then judged anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What judgements go by, beside the code: the regions, the themes, and a version that names all of it.

    The version also covers what the calendar resolves (members of regions, valid municipalities), so that a merger or
    a region's date is a change of rules on its day, and on no other.
    """

    regions: Mapping[str, Region]
    themes: Mapping[str, Theme]
    version: str


def load_rules(regions: Sequence[Path], themes: Sequence[Path], today: date) -> Rules:
    """The rules in those folders as of ``today``; a later folder's file replaces an earlier one's of its name. Raises
    for a file that cannot be used, naming file and key."""
    known, topics = load_regions(regions), load_themes(themes)
    for slug, one in known.items():
        if astray := [name for name in one.themes if name not in topics]:
            raise DeclarationError(f"{slug}.toml: themes: {astray[0]!r} is no theme; known are {', '.join(topics)}")
    said = [
        JUDGEMENTS,
        cards().version,
        gazetteer().version,
        *(f"{slug} {one.model_dump_json()} {sorted(one.members(today).items())}" for slug, one in known.items()),
        *(f"{slug} {one.model_dump_json()}" for slug, one in topics.items()),
        *(one.code for one in gazetteer().municipalities(today)),
    ]
    return Rules(regions=known, themes=topics, version=blake2b("\n".join(said).encode(), digest_size=6).hexdigest())


T = TypeVar("T")


def curate(
    neighbourhoods: Iterable[Neighbourhood],
    decisions: Sequence[Decision],
    rules: Rules,
    today: date,
    finish: Callable[[Curated], T],
    workers: Executor | None = None,
) -> Iterator[T]:
    """The listings of each neighbourhood, as a pure function of postings, decisions, rules and the date, in order.

    The same input in any order gives the same listings; a posting belongs to exactly one of them. With ``workers`` large
    neighbourhoods are judged there, a few ahead of the one that is given. ``finish`` is what is done to an answer in the
    same process: a function of a module, since it may have to travel.
    """
    waiting: deque[Future[T]] = deque()
    try:
        for neighbourhood in neighbourhoods:
            pool = workers if len(neighbourhood.kept) >= LARGE else None
            if pool is not None:
                waiting.append(pool.submit(_finished, neighbourhood, decisions, rules, today, finish))
            while len(waiting) > (AHEAD if pool is not None else 0):
                yield waiting.popleft().result()
            if pool is None:
                yield _finished(neighbourhood, decisions, rules, today, finish)
        while waiting:
            yield waiting.popleft().result()
    finally:
        for task in waiting:
            task.cancel()


def _finished(
    neighbourhood: Neighbourhood,
    decisions: Sequence[Decision],
    rules: Rules,
    today: date,
    finish: Callable[[Curated], T],
) -> T:
    return finish(_curated(neighbourhood, decisions, rules, today))


def _curated(neighbourhood: Neighbourhood, decisions: Sequence[Decision], rules: Rules, today: date) -> Curated:
    ids = {kept.id for kept in neighbourhood.kept}
    own = [decision for decision in decisions if decision.posting in ids]
    sides = {one.id: Side(kept=one, placed=_placed(one, own, today)) for one in map(opened, neighbourhood.kept)}
    pairs = {(min(pair), max(pair)) for pair in neighbourhood.candidates if ids.issuperset(pair)}
    standing = (edge for edge in neighbourhood.edges if edge.rule != dedupe.DECIDED)
    found = {(edge.a, edge.b): edge for edge in standing if (edge.a, edge.b) not in pairs}
    met = {id_ for pair in pairs for id_ in pair}
    frames = Furniture.of(neighbourhood.furniture)
    found |= {(edge.a, edge.b): edge for edge in dedupe.edges([sides[id_] for id_ in sorted(met)], pairs, frames)}
    found |= {(edge.a, edge.b): edge for edge in dedupe.decided(sides, own)}
    edges = [found[pair] for pair in sorted(found)]
    groups = dedupe.gather(sides, edges, own, frames)
    due = neighbourhood.due
    groups = [members for members in groups if due is None or any(side.kept.id in due for side in members)]
    judged_anew = {side.kept.id for members in groups for side in members}
    ends: dict[str, list[Edge]] = {}
    for edge in edges:
        ends.setdefault(edge.a, []).append(edge)
        ends.setdefault(edge.b, []).append(edge)
    return Curated(
        touches=neighbourhood.touches,
        listings=tuple(_listing(members, ends, own, rules, today) for members in groups),
        edges=tuple(edge for edge in edges if edge.a in judged_anew or edge.b in judged_anew),
    )


def _placed(kept: KeptPosting, decisions: Sequence[Decision], today: date) -> Placed:
    said = [d for d in decisions if d.act is Act.PLACE and d.posting == kept.id]
    if not said:
        assert isinstance(kept.posting, Posting)
        return place.decide(kept.posting.evidence, today)
    codes = tuple(code.strip() for code in said[-1].value.split(","))
    because = f"decided by {said[-1].author}: {said[-1].reason}"
    sign = Evidence(
        level=Level.CODE, field="decision", value=because, rule="municipality code", weight=1.0, codes=codes
    )
    return place.decide([sign], today)


def _listing(
    members: list[Side], ends: Mapping[str, list[Edge]], decisions: Sequence[Decision], rules: Rules, today: date
) -> Listing:
    stands = standing(members, decisions, today)
    speakers = speaking(members, decisions, today)
    canonical = speakers[0]
    placed = _united(members, speakers)
    return Listing(
        id=members[0].kept.id,
        kind=canonical.posting.kind,
        members=tuple(_member(side, canonical, members, ends) for side in members),
        canonical=canonical.posting,
        first_seen=members[0].kept.first_seen,
        titles=canonical.posting.titles,
        summaries=canonical.posting.summaries,
        openings=next((s.posting.openings for s in speakers if s.posting.openings), None),
        published_on=min((s.posting.published_on for s in members if s.posting.published_on), default=None),
        ends_on=canonical.posting.ends_on,
        placed=placed,
        regions=region.assign(placed, rules.regions, today),
        themes=theme.assign(_texts(speakers), canonical.posting.occupations + canonical.posting.audience, rules.themes),
        status=stands.status,
        status_because=stands.because,
        closed_on=stands.closed_on,
        closed_at=stands.closed_at,
        begins_on=min(beginnings(members, today), default=None),
    )


def _member(side: Side, canonical: Side, members: Sequence[Side], ends: Mapping[str, list[Edge]]) -> Member:
    if len(members) == 1:
        return Member(posting=side.kept.id, because="it stands alone", canonical=True)
    ids = {one.kept.id for one in members}
    joined = [edge for edge in ends.get(side.kept.id, ()) if edge.a in ids and edge.b in ids]
    because = max(joined, key=lambda edge: (edge.strength, edge.because)).because if joined else "it stands alone"
    return Member(posting=side.kept.id, because=because, canonical=side is canonical)


def _united(members: Sequence[Side], speaking: Sequence[Side]) -> Placed:
    """The places of a listing: those of every posting that still speaks for it; areas and buckets only without any."""
    best: dict[str, Place] = {}
    for side in speaking:
        for one in side.placed.places:
            if one.code not in best or one.weight > best[one.code].weight:
                best[one.code] = one
    remote = [one for side in speaking for one in side.placed.buckets if one.to == Bucket.REMOTE]
    conflicts = tuple(dict.fromkeys(said for side in members for said in side.placed.conflicts))
    rejected = tuple(dict.fromkeys(said for side in members for said in side.placed.rejected))
    if best:
        places = tuple(best[code] for code in sorted(best))
        return Placed(places=places, buckets=_once(remote), conflicts=conflicts, rejected=rejected)
    areas = _once([one for side in speaking for one in side.placed.areas])
    buckets = _once([one for side in speaking for one in side.placed.buckets])
    if areas or len(buckets) > 1:
        buckets = tuple(one for one in buckets if one.to != Bucket.UNPLACED)
    return Placed(areas=areas, buckets=buckets, conflicts=conflicts, rejected=rejected)


def _once(assigned: Iterable[Assigned]) -> tuple[Assigned, ...]:
    return tuple({one.to: one for one in assigned}.values())


def _texts(members: Sequence[Side]) -> dict[str, dict[str, str]]:
    """Title, summary and text by language, of whichever member has that language, for themes to look into. What is
    shown comes from the canonical posting alone: another's text may not be allowed where this one's is."""
    found: dict[str, dict[str, str]] = {"title": {}, "summary": {}, "text": {}}
    for side in members:
        posting = side.posting
        for said, texts in (("title", posting.titles), ("summary", posting.summaries), ("text", posting.plain)):
            for code, text in texts.items():
                found[said].setdefault(code, text)
    return found
