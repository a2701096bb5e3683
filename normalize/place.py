"""Finds names of places in a text (a fact), and decides where a posting belongs from its evidence (a judgement)."""

from collections.abc import Iterable, Sequence
from datetime import date
from math import prod
from typing import NamedTuple

from msgspec.structs import replace

from normalize.gazetteer.tables import gazetteer
from normalize.mention import Mention, mentions
from normalize.place_rules import PLAINLY, SAID
from normalize.records import Assigned, Evidence, Place, Placed
from normalize.vocabulary import Bucket, Level
from normalize.weights import LISTED, WEAK

__all__ = ["Mention", "decide", "mentions"]


def decide(evidence: Sequence[Evidence], on: date) -> Placed:
    """Where a posting belongs on a day: every municipality of the best level that names one; else a larger area, or a
    bucket. Lower levels confirm, narrow an area or two candidates down, or are told as conflicts; a default speaks only
    where nothing else does. Remote work stands beside municipalities, or alone."""
    ladder = _ladder(evidence)
    remote = [each for each in evidence if each.bucket == Bucket.REMOTE and not each.rejected]
    best = next((each for each in ladder if not (remote and each[0].level is Level.DEFAULT)), [])
    placed = _settle(best, ladder, on) if best else Placed()
    if remote:
        placed = replace(placed, buckets=(*placed.buckets, Assigned(to=Bucket.REMOTE, because=_says(remote[0]))))
    if not (placed.places or placed.areas or placed.buckets):
        placed = replace(placed, buckets=(Assigned(to=Bucket.UNPLACED, because=_why_not(evidence, on)),))
    rejected = tuple(f"{_says(each)} was not used: {each.rejected}" for each in evidence if each.rejected)
    return replace(placed, rejected=rejected) if rejected else placed


class _Step(NamedTuple):
    """Where evidence stands on the ladder; the least is the best. ``tier`` is 0 for what weighs enough, then come the
    nearest municipal centre, a default, a name in a text, the country's name alone. ``band`` tells plain words of a text
    from others, ``kind`` municipalities from buckets from areas."""

    tier: int
    rank: int
    band: int
    kind: int


def _step(each: Evidence) -> _Step:
    kind = 0 if each.codes else 1 if each.bucket else 2
    weak, band = each.weight < WEAK, int(each.level is Level.TEXT and each.weight < PLAINLY)
    if not weak:
        tier = 0
    elif each.bucket:
        tier = 4
    elif each.level is Level.POINT:
        tier = 1
    elif each.level is Level.DEFAULT:
        tier = 2
    else:
        tier = 3
    return _Step(tier, RANK[each.level], band, kind)


RANK = {level: rank for rank, level in enumerate(Level)}


def _ladder(evidence: Iterable[Evidence]) -> list[list[Evidence]]:
    """What was not refused, a step for each level and best first; within a level municipalities come before buckets
    before areas, each a step of its own."""
    steps: dict[_Step, list[Evidence]] = {}
    for each in evidence:
        if not each.rejected and each.bucket != Bucket.REMOTE and not _says_too_little(each):
            steps.setdefault(_step(each), []).append(each)
    return [steps[key] for key in sorted(steps)]


def _says_too_little(each: Evidence) -> bool:
    return each.level in (Level.TITLE, Level.TEXT) and each.weight < SAID and not each.bucket


def _settle(best: list[Evidence], ladder: list[list[Evidence]], on: date) -> Placed:
    others = [each for step in ladder if step is not best for each in step if each.level is not Level.DEFAULT]
    if best[0].bucket:
        to = best[0].bucket
        against = [each for each in others if each.bucket != to and each.weight >= WEAK]
        return Placed(buckets=(Assigned(to=to, because=_says(best[0])),), conflicts=_conflicts(against, to))
    if best[0].area:
        areas = {each.area: Assigned(to=each.area, because=_says(each)) for each in best}
        inside = [each for each in others if any(_inside(code, areas, on) for code in each.codes)]
        if not inside:
            against = [each for each in others if each.codes]
            return Placed(areas=tuple(areas.values()), conflicts=_conflicts(against, ", ".join(areas)))
        best = [each for each in inside if _step(each) == _step(inside[0])]
    also = [each for each in others if each.rule.startswith(LISTED)]
    places = _places([*best, *also], others, on)
    if not (places and others):
        return Placed(places=places)
    codes = {place.code for place in places} | {place.given for place in places}
    decided = ", ".join(_label(place.code) for place in places)
    return Placed(places=places, conflicts=_conflicts(_against(codes, others, on), decided))


def _places(best: list[Evidence], others: list[Evidence], on: date) -> tuple[Place, ...]:
    by_code: dict[str, list[tuple[Evidence, str]]] = {}
    for each in best:
        for code in each.codes if len(each.codes) == 1 else _narrowed(each, (*best, *others)):
            if current := gazetteer().current(code, on):
                by_code.setdefault(current, []).append((each, code))
    return tuple(
        Place(
            code=code,
            given=signs[0][1],
            level=signs[0][0].level,
            weight=round(1 - prod(1 - each.weight for each, _ in signs), 4),
            because="; ".join(dict.fromkeys(_names(each, given, code) for each, given in signs)),
        )
        for code, signs in by_code.items()
    )


def _narrowed(sign: Evidence, evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Of two municipalities that share a postal code the one that something else names too, or both; of those around a
    point near a border the one that something else names, or the one that the point is in."""
    said = {code for each in evidence if len(each.codes) == 1 for code in each.codes}
    named = tuple(code for code in sign.codes if code in said)
    return named or (sign.codes[:1] if sign.level is Level.POINT else sign.codes)


def _against(codes: set[str], others: list[Evidence], on: date) -> list[Evidence]:
    """What names none of the places decided, nor an area around one. The country's name alone is against nothing."""

    def agrees(each: Evidence) -> bool:
        if each.bucket:
            return each.weight < WEAK
        if each.area:
            return not codes.isdisjoint(gazetteer().members_of(each.area, on))
        return not codes.isdisjoint(each.codes) or any(gazetteer().current(code, on) in codes for code in each.codes)

    return [each for each in others if each.weight >= WEAK and not agrees(each)]


def _inside(code: str, areas: Iterable[str], on: date) -> bool:
    current = gazetteer().current(code, on)
    return any(current in gazetteer().members_of(area, on) for area in areas)


def _says(evidence: Evidence) -> str:
    said = f' "{evidence.value}"' if evidence.value else ""
    return f"{evidence.rule} in {evidence.field}{said}"


def _names(evidence: Evidence, given: str, current: str) -> str:
    sentence = f"{_says(evidence)} belongs to {_label(given)}"
    return sentence if given == current else f"{sentence}, which is part of {_label(current)} now"


def _label(code: str) -> str:
    known = gazetteer().municipality(code)
    return str(known) if known else code


def _conflicts(against: Iterable[Evidence], decided: str) -> tuple[str, ...]:
    return tuple(
        f"{_says(each)} says {', '.join(map(_label, each.codes)) or each.area or each.bucket}, decided was {decided}"
        for each in against
    )


def _why_not(evidence: Sequence[Evidence], on: date) -> str:
    if not evidence:
        return "no field, employer, title or text names a place"
    if all(each.rejected for each in evidence):
        return "; ".join(f"{_says(each)} was not used: {each.rejected}" for each in evidence)
    if all(each.rejected or _says_too_little(each) for each in evidence):
        named = [each for each in evidence if not each.rejected]
        return "it is only named, not said to be where the work is: " + "; ".join(map(_says, named))
    return f"no municipality that the evidence names exists on {on}: " + "; ".join(map(_says, evidence))
