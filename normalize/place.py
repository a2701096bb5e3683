"""Finds names of places in a text (a fact), and decides where a posting belongs from its evidence (a judgement)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from math import prod

import msgspec
from msgspec.structs import replace

from normalize.gazetteer.records import Form, Sense
from normalize.gazetteer.tables import gazetteer
from normalize.records import Assigned, Evidence, Place, Placed
from normalize.vocabulary import Bucket, Level

WEAK = 0.5
"""Evidence lighter than this only speaks where everything else is silent: the country's name alone."""

WORD = re.compile(r"[A-ZÅÄÖ]\w*(?:[:’'-]\w+)*|pääkaupunkiseu\w+|\b[iI]{2}\b")
PART = re.compile(r"[,;:|/()\n–—]|\s-\s|\s(?:ja|och|and|&)\s")
AFTER_PREPOSITION = re.compile(r"\b(?:i|till|från|in|to|from)\s+([A-ZÅÄÖ][\w:]*)(?:\s([A-ZÅÄÖ]\w+(?:\s\w)?))?")
TOWN_WORD = re.compile(r"\s+(?:kaupun(?:ki|gi)(?!seu)|kunta(?:an)?\b|kunna(?:n|lle|lla|lta|ssa|sta)\b)")


class Mention(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A name found in a text, with the rule that found it or, in ``rejected``, the rule that refused it. ``start`` and
    ``end`` are offsets into the text. Codes are as the tables have them, abolished ones included."""

    form: str
    rule: str
    start: int = 0
    end: int = 0
    codes: tuple[str, ...] = ()
    area: str = ""
    bucket: str = ""
    weak: bool = False
    rejected: str = ""


@lru_cache(maxsize=20_000)
def mentions(text: str, language: str = "") -> tuple[Mention, ...]:
    """The places that a short text such as a title names: in a Finnish local case, after a Swedish or English
    preposition, or as a part of its own between commas. Without a language all rules are tried. Only names with a
    capital letter count, and a text all in capitals may only name what nothing else is called."""
    found: dict[tuple[str, ...], Mention] = {}
    for mention in _all_mentions(text, language):
        key = (*mention.codes, mention.area, mention.bucket)
        if key not in found or (found[key].rejected and not mention.rejected):
            found[key] = mention
    return tuple(found.values())


def _all_mentions(text: str, language: str) -> Iterator[Mention]:
    shouting = text.isupper()
    yield from _parts(text, shouting)
    if language not in ("sv", "en"):
        yield from _local_cases(text, shouting)
    if language != "fi":
        yield from _after_prepositions(text)


def _parts(text: str, shouting: bool) -> Iterator[Mention]:
    edges = [0, *(edge for match in PART.finditer(text) for edge in match.span()), len(text)]
    spans = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
    towns = 0
    for start, end in spans:
        last = not text[end:].strip(" .!?)")
        part = text[start:end].strip(" .!?")
        sense = gazetteer().sense(part) if part else None
        if sense is None or sense.table == "districts":
            continue
        classes = gazetteer().classes(sense.codes[0]) if sense.codes else frozenset()
        refused = ""
        if sense.table != "words":
            if part == "II":
                refused = "a Roman numeral"
            elif not part[0].isupper():  # "englanti" in a teacher's title is a language
                refused = "no capital letter"
            elif shouting and (classes or sense.bucket):
                refused = "all in capitals, and the name has another meaning"
            elif "company" in classes and not towns:
                refused = "also a company, without a local case or another municipality beside it"
            elif not last and not towns and classes:
                refused = "not the last part, and the name has another meaning"
        towns += bool(sense.codes and not refused)
        yield _mention(part, "part of its own", text.index(part, start), sense, refused)


def _local_cases(text: str, shouting: bool) -> Iterator[Mention]:
    for match in WORD.finditer(text):
        word = match.group()
        forms = gazetteer().forms(word.capitalize() if shouting else word)
        if not forms:
            continue
        form = max(forms, key=lambda each: (each.right, each.local))
        if form.local:
            refused = _refused_form(form, shouting)
            yield _mention(word, "local case", match.start(), form, refused)
        elif form.case == "gen" and form.codes and TOWN_WORD.match(text, match.end()):
            yield _mention(word, "genitive and town word", match.start(), form)


def _refused_form(form: Form, shouting: bool) -> str:
    if not form.right and form.codes:
        return f"{form.name} does not use this series of local cases"
    if shouting and form.codes and gazetteer().classes(form.codes[0]):
        return "all in capitals, and the name has another meaning"
    return ""


def _after_prepositions(text: str) -> Iterator[Mention]:
    for match in AFTER_PREPOSITION.finditer(text):
        first, second = match.groups()
        for phrase in (f"{first} {second}", first) if second else (first,):
            sense = gazetteer().sense(phrase)
            if sense is not None and sense.table in ("municipalities", "areas", "words") and not sense.weak:
                company = sense.codes and "company" in gazetteer().classes(sense.codes[0])
                yield _mention(phrase, "preposition", match.start(1), sense, "also a company" if company else "")
                break


def _mention(form: str, rule: str, start: int, found: Sense | Form, rejected: str = "") -> Mention:
    bucket, weak = (found.bucket, found.weak) if isinstance(found, Sense) else ("", False)
    end = start + len(form)
    return Mention(
        form=form,
        rule=rule,
        start=start,
        end=end,
        codes=found.codes,
        area=found.area,
        bucket=bucket,
        weak=weak,
        rejected=rejected,
    )


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


def _ladder(evidence: Iterable[Evidence]) -> list[list[Evidence]]:
    """What was not refused, a step for each level and best first; within a level municipalities come before buckets
    before areas, each a step of its own. Weak words are the lowest step."""
    steps: dict[tuple[bool, int, int], list[Evidence]] = {}
    for each in evidence:
        if not each.rejected and each.bucket != Bucket.REMOTE:
            kind = 0 if each.codes else 1 if each.bucket else 2
            steps.setdefault((bool(each.bucket) and each.weight < WEAK, RANK[each.level], kind), []).append(each)
    return [steps[key] for key in sorted(steps)]


RANK = {level: rank for rank, level in enumerate(Level)}


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
        best = [each for each in inside if each.level is inside[0].level]
    places = _places(best, others, on)
    if not (places and others):
        return Placed(places=places)
    codes = {place.code for place in places} | {place.given for place in places}
    decided = ", ".join(_label(place.code) for place in places)
    return Placed(places=places, conflicts=_conflicts(_against(codes, others, on), decided))


def _places(best: list[Evidence], others: list[Evidence], on: date) -> tuple[Place, ...]:
    by_code: dict[str, list[tuple[Evidence, str]]] = {}
    for each in best:
        for code in each.codes if len(each.codes) == 1 else _narrowed(each.codes, (*best, *others)):
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


def _narrowed(candidates: tuple[str, ...], evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Of two municipalities that share a postal code the one that something else names too, or both."""
    said = {code for each in evidence if len(each.codes) == 1 for code in each.codes}
    return tuple(code for code in candidates if code in said) or candidates


def _against(codes: set[str], others: list[Evidence], on: date) -> list[Evidence]:
    """What names none of the places decided, nor an area around one. The country's name alone is against nothing."""

    def agrees(each: Evidence) -> bool:
        if each.bucket:
            return each.weight < WEAK
        if each.area:
            return not codes.isdisjoint(gazetteer().members_of(each.area, on))
        return not codes.isdisjoint(each.codes) or any(gazetteer().current(code, on) in codes for code in each.codes)

    return [each for each in others if not agrees(each)]


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
        return "no field, employer or title names a place"
    if all(each.rejected for each in evidence):
        return "; ".join(f"{_says(each)} was not used: {each.rejected}" for each in evidence)
    return f"no municipality that the evidence names exists on {on}: " + "; ".join(map(_says, evidence))
