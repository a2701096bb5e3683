"""Reads structured places: addresses, towns, lists of towns, and employers that are a municipality or an area."""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from normalize.gazetteer.tables import EMPLOYMENT, WELLBEING, gazetteer
from normalize.mention import Mention, mentions
from normalize.place_rules import SAID

SEPARATOR = re.compile(r"[,;/|•·()–—]|\s-\s|\s(?:ja|sekä|tai|och|samt|eller|and|or|&)\s")
POSTAL_CODE = re.compile(r"(?<![\w-])(?:FIN?-?)?(\d{5})(?![\w-])")
DIGIT = re.compile(r"\d")
FINNISH_TOWN = re.compile(r"(.+?)\s+(?:kaupunki|kunta)(?![\w-])", re.IGNORECASE)
SWEDISH_TOWN = re.compile(r"(.+?)\s+(?:stad|kommun|landskommun)(?![\w-])", re.IGNORECASE)
TOWN_OF = re.compile(r"(?:the\s+)?(?:city|town|municipality)\s+of\s+([\w:-]+)|staden\s+([\w:-]+)", re.IGNORECASE)
AREA_ORGANISATION = re.compile(
    r".+?(?:hyvinvointialue|välfärdsområde|työllisyysalue|sysselsättningsområde)(?![\w-])", re.IGNORECASE
)


def read_place(text: str) -> tuple[Mention, ...]:
    """What a value of a place or address field names: municipalities by postal code, name, district or local case,
    larger areas, and words such as *koko Suomi*. A street is never a name. What disagrees inside one value is refused:
    a district beside another municipality, a postal code beside a place abroad, the country beside a place in it."""
    text = " ".join(text.replace("\n", " • ").split())
    found = _whole(text) or [mention for part in SEPARATOR.split(text) if part for mention in _part(part)]
    named, coded = (
        {code for each in found if (each.rule == "postal code") is by_post and _counts(each) for code in each.codes}
        for by_post in (False, True)
    )
    abroad = any(each.bucket == "abroad" for each in found)
    return tuple(
        _refuse(each, named, coded, abroad) for each in found if not (each.weak and (named or coded or abroad))
    )


def _counts(mention: Mention) -> bool:
    return not mention.rejected and mention.rule != "district name"


def _refuse(mention: Mention, named: set[str], coded: set[str], abroad: bool) -> Mention:
    refused = mention.rejected
    if mention.rule == "district name" and (named or coded) and not (named | coded).intersection(mention.codes):
        refused = "the same value names another municipality"
    if mention.rule == "postal code" and abroad and not named:
        refused = "the same value names a place abroad"
    return mention if refused == mention.rejected else replace(mention, rejected=refused)


def _whole(text: str) -> list[Mention]:
    """The text as one phrase, whatever separators stand in it (*Tunturi-Lappi - Pello*)."""
    sense = gazetteer().sense(text)
    if sense is None:
        return []
    return [
        Mention(
            form=text.strip(),
            rule=RULE_OF_TABLE[sense.table],
            codes=sense.codes,
            area=sense.area,
            bucket=sense.bucket,
            weak=sense.weak,
        )
    ]


RULE_OF_TABLE = {
    "municipalities": "municipality name",
    "districts": "district name",
    "areas": "area name",
    "words": "words",
    "foreign": "name abroad",
    "countries": "country abroad",
}


def _part(part: str) -> Iterator[Mention]:
    part = part.strip(" .:")
    codes = list(POSTAL_CODE.finditer(part))
    for match in codes:
        yield postal_code(match.group(1))
    phrase = part[codes[-1].end() :].strip(" .:") if codes else part
    if not phrase:
        return
    found = _whole(phrase)
    # What holds a number is a street, a floor or a room: no rule looks for a name inside it.
    if not found and not DIGIT.search(phrase):
        found = (
            _town(phrase)
            or _hyphenated(phrase)
            or _end_of_phrase(phrase)
            or [each for each in mentions(phrase) if each.weight >= SAID or each.rejected]
        )
    yield from found


def postal_code(code: str) -> Mention:
    """What a postal code of five digits names; refused when Posti has no such code."""
    known = gazetteer().postal(code)
    if known is None:
        return Mention(form=code, rule="postal code", rejected="not in the table of postal codes")
    rule = "postal code" if known.is_area else "PO box postal code"
    return Mention(form=code, rule=rule, codes=known.municipalities)


def _town(phrase: str) -> list[Mention]:
    """A municipality called by its full name: *Vantaan kaupunki*, *Korsholms kommun*, *City of Espoo*."""
    if match := FINNISH_TOWN.match(phrase):
        codes = gazetteer().genitive(match.group(1)) or gazetteer().named(match.group(1))
    elif match := SWEDISH_TOWN.match(phrase):
        name = match.group(1)
        codes = gazetteer().named(name) or (gazetteer().named(name[:-1]) if name.endswith("s") else ())
    elif match := TOWN_OF.match(phrase):
        codes = gazetteer().named(match.group(1) or match.group(2))
    else:
        return []
    return [Mention(form=match.group(), rule="town by its full name", codes=codes)] if codes else []


def _hyphenated(phrase: str) -> list[Mention]:
    pieces = phrase.split("-")
    codes = [gazetteer().named(piece) for piece in pieces] if len(pieces) > 1 else []
    if not codes or not all(codes):
        return []
    return [
        Mention(form=piece, rule="municipality name", codes=code) for piece, code in zip(pieces, codes, strict=True)
    ]


def _end_of_phrase(phrase: str) -> list[Mention]:
    """A district after its own municipality (*Vantaan Tikkurila*), or a municipality that ends a phrase (*Prisma
    Kouvola*) and is called nothing else."""
    first, _, last = phrase.rpartition(" ")
    own = gazetteer().genitive(first) or gazetteer().named(first)
    district = gazetteer().lexicon.districts.get(last.casefold())
    if district in own:
        return [Mention(form=phrase, rule="district of its municipality", codes=own)]
    codes = gazetteer().named(last) if first else ()
    if not codes:
        return []
    also = gazetteer().classes(codes[0])
    refused = f"the name is also a {', a '.join(sorted(also))}" if also else ""
    return [Mention(form=last, rule="name at the end", codes=codes, rejected=refused)]


def read_employer(name: str) -> tuple[Mention, ...]:
    """Where an employer's name says it is: the municipality that it is, or the area that it is. A labour authority, old
    or new, is never a workplace, and *Nokia* alone is the company."""
    name = " ".join(name.split())
    if town := _town(name):
        return tuple(town)
    match = AREA_ORGANISATION.match(name)
    sense = (gazetteer().sense(match.group()) if match else None) or gazetteer().sense(SEPARATOR.split(name)[0])
    if sense is None:
        if gazetteer().is_authority(name):
            return (Mention(form=name, rule="authority", rejected="a labour authority is never a workplace"),)
        return ()
    if sense.area.startswith((WELLBEING, EMPLOYMENT)):
        return (Mention(form=name, rule="area as employer", area=sense.area),)
    if sense.table != "municipalities" or gazetteer().sense(name) is not sense:
        return ()
    also = gazetteer().classes(sense.codes[0])
    refused = f"the name is also a {', a '.join(sorted(also))}" if also else ""
    return (Mention(form=name, rule="town by its name", codes=sense.codes, rejected=refused),)
