"""Gathers the evidence of place that a raw posting carries: facts, found once and kept with the posting."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from msgspec.structs import replace

from harvest.records import Code, Problem, Reason, Step, Value
from normalize.address import postal_code, read_employer, read_place
from normalize.gazetteer.borders import borders, read_point
from normalize.gazetteer.tables import gazetteer
from normalize.mention import Mention
from normalize.records import Evidence
from normalize.text_evidence import settles, several_evidence, text_evidence, title_evidence
from normalize.vocabulary import Bucket, Level, Remote
from normalize.weights import evidence_of

LONGEST = 1_000
"""What stands further on in a value is not read: no place field is that long, and what is read is remembered."""
FARTHEST_KM = 60
"""A point farther than this from every municipal centre is in none that could be named."""
NOT_A_MUNICIPALITY = {"197": "", "198": "", "199": "", "200": Bucket.ABROAD}
"""Codes of Finnish municipality lists that are none: expired search terms, no fixed home, unknown, abroad."""

Reader: TypeAlias = "Callable[[str, str], tuple[Evidence, ...]]"


def gather(
    fields: Mapping[str, Value],
    *,
    titles: Mapping[str, str],
    texts: Mapping[str, str] = MappingProxyType({}),
    employer: str = "",
    default: str = "",
) -> tuple[tuple[Evidence, ...], tuple[Problem, ...]]:
    """Every sign of place in the mapped fields, the employer, the titles and the texts, refused ones included, and codes
    that no list knows as problems. ``employer`` is the name as cleaned, ``default`` the source's own municipality code. A
    new kind of field is a row of ``READERS``. Texts are read where no field names a municipality or the like, and where they
    speak of several places of work."""
    evidence: list[Evidence] = []
    problems: list[Problem] = []
    codes = [("defaults", Code("kunta", default), Level.DEFAULT)] if default else []
    for field, read in READERS.items():
        for leaf in _leaves(fields[field]) if field in fields else ():
            if isinstance(leaf, Code):
                codes.append((field, leaf, Level.CODE))
            else:
                evidence.extend(read(field, leaf[:LONGEST]))
    evidence = _abroad(evidence, codes)
    for field, code, level in codes:
        found = _code(field, code, level)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            evidence.append(found)
    if employer:
        evidence.extend(_employer(employer[:LONGEST]))
    for language, title in titles.items():
        evidence.extend(title_evidence(title[:LONGEST], language, employer))
    settled = any(map(settles, evidence))
    if not settled:
        evidence.extend(_nearest(fields.get("point", "")))
    for language, text in texts.items():
        if not settled:
            evidence.extend(text_evidence(text, language, employer))
        else:
            evidence.extend(several_evidence(text, language, evidence))
    return tuple(dict.fromkeys(evidence)), tuple(problems)


def _abroad(evidence: list[Evidence], codes: list[tuple[str, Code, Level]]) -> list[Evidence]:
    """The evidence of the place fields, where a country abroad stands among them alone: then a number that is also a
    Finnish postal code is that country's, and so is a name that is also a district's."""
    country = next((each for each in evidence if each.rule.startswith("country abroad") and not each.rejected), None)
    if country is None or any(level is Level.CODE for _, _, level in codes):
        return evidence
    ours = [each for each in evidence if (each.codes or each.bucket == Bucket.NATIONAL) and not each.rejected]
    taken = [each for each in ours if each.level is Level.POSTAL or each.rule.startswith("district name")]
    if len(taken) < len(ours):
        return evidence
    refused = f'{country.field} says "{country.value}", a country abroad'
    return [replace(each, rejected=refused) if each in taken else each for each in evidence]


def _leaves(value: Value) -> Iterator[str | Code]:
    """The texts and codes in a value, however it is nested; of ``{language, value}`` only the value."""
    if isinstance(value, str | Code):
        if value:
            yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not (key == "language" and "value" in value):
                yield from _leaves(inner)
    else:
        for inner in value:
            yield from _leaves(inner)


@lru_cache(maxsize=20_000)
def _code(field: str, value: Code, level: Level) -> Evidence | Problem:
    written = value.code.strip()
    if value.list == "kunta":
        code = written.zfill(3)
        if gazetteer().municipality(code):
            rule = "default of the source" if level is Level.DEFAULT else "municipality code"
            return evidence_of(Mention(form=code, rule=rule, codes=(code,)), level, field, written)
        if code in NOT_A_MUNICIPALITY:
            bucket = NOT_A_MUNICIPALITY[code]
            refused = "" if bucket else "the code says that the municipality is not known"
            mention = Mention(form=code, rule="code for abroad or unknown", bucket=bucket, rejected=refused)
            return evidence_of(mention, Level.CODE, field, written)
    form = f"{value.list} {written}"
    if area := gazetteer().area(value.list, written):
        return evidence_of(Mention(form=form, rule="area code", area=area), Level.REGION, field, written)
    if value.list == "nuts3" and written[:2].isalpha() and (written == "FI" or not written.startswith("FI")):
        bucket, weak = (Bucket.NATIONAL, True) if written == "FI" else (Bucket.ABROAD, False)
        return evidence_of(Mention(form=form, rule="area code", bucket=bucket, weak=weak), Level.REGION, field, written)
    detail = f'{field} has the code "{written}" of list {value.list}, which the tables do not know'
    return Problem(step=Step.PLACE, reason=Reason.UNKNOWN_CODE, about=field, detail=detail)


@lru_cache(maxsize=20_000)
def _place(field: str, text: str) -> tuple[Evidence, ...]:
    if len(text) == 2 and text in gazetteer().lexicon.countries:
        return (evidence_of(Mention(form=text, rule="country abroad", bucket=Bucket.ABROAD), Level.NAME, field, text),)
    return tuple(evidence_of(mention, _level(mention), field, text) for mention in read_place(text))


@lru_cache(maxsize=20_000)
def _postal(field: str, text: str) -> tuple[Evidence, ...]:
    """Codes of a postal code field. A number may have lost its leading zeros; they are given back when that makes a
    code that exists."""
    padded = [(number, number.zfill(5)) for number in re.findall(r"\d+", text)]
    codes = [full if gazetteer().postal(full) else number for number, full in padded]
    return tuple(evidence_of(postal_code(code), Level.POSTAL, field, text) for code in codes)


@lru_cache(maxsize=20_000)
def _region(field: str, text: str) -> tuple[Evidence, ...]:
    """A region by name. A municipality named in a region field may stand for its surroundings, so it is refused."""
    refused = "a region field is never turned into a municipality"
    found = (replace(each, rejected=refused) if each.codes else each for each in read_place(text))
    return tuple(evidence_of(each, _level(each), field, text) for each in found)


@lru_cache(maxsize=20_000)
def _employer(name: str) -> tuple[Evidence, ...]:
    return tuple(evidence_of(mention, Level.EMPLOYER, "employer", name) for mention in read_employer(name))


def _point(field: str, text: str) -> tuple[Evidence, ...]:
    """The municipality around a point, and beside it any whose border is near; nothing where no borders are in use."""
    known, place = borders(), read_point(text)
    if place is None or known is None:
        return ()
    inside, near = known.at(*place)
    if not inside and not near:
        refused = Mention(form="", rule="inside the borders", rejected="it lies outside Finland's borders")
        return (evidence_of(refused, Level.POINT, field, text),)
    rule = "inside the borders" if inside and not near else "near a border"
    codes = (*filter(None, (inside,)), *near)
    return (evidence_of(Mention(form=" or ".join(codes), rule=rule, codes=codes), Level.POINT, field, text),)


def _nearest(value: Value) -> Iterator[Evidence]:
    """The municipal centre nearest to a point: asked for only where no field says more."""
    for leaf in _leaves(value) if borders() is None else ():
        if isinstance(leaf, str) and (place := read_point(leaf)):
            code, away = gazetteer().nearest(*place)
            if away <= FARTHEST_KM:
                found = Mention(form=f"{away:.0f} km away", rule="nearest municipal centre", codes=(code,))
                yield evidence_of(found, Level.POINT, "point", leaf)


@lru_cache(maxsize=20_000)
def _seat(field: str, text: str) -> tuple[Evidence, ...]:
    """Where the employer has its seat: often not where the work is, so that a title is heard first."""
    found = (each for each in read_place(text) if each.codes and not each.rejected)
    return tuple(evidence_of(replace(each, rule="seat of the employer"), Level.SEAT, field, text) for each in found)


def _remote(field: str, text: str) -> tuple[Evidence, ...]:
    if text != Remote.FULLY:
        return ()
    return (evidence_of(Mention(form=text, rule="remote field", bucket=Bucket.REMOTE), Level.NAME, field, text),)


def _level(mention: Mention) -> Level:
    if mention.rule.endswith("postal code"):
        return Level.POSTAL
    return Level.REGION if mention.area else Level.NAME


READERS: Mapping[str, Reader] = {
    "municipality": _place,
    "postal_code": _postal,
    "place": _place,
    "address": _place,
    "region": _region,
    "point": _point,
    "seat": _seat,
    "remote": _remote,
}
"""How each mapped field is read; a code in it is read by its list, whatever the field."""
