"""``aluetori place``: which places a text names, and because of what."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from schedules.show import AsJson, as_json, say


class Language(StrEnum):
    """The languages that names are found in."""

    FI = "fi"
    SV = "sv"
    EN = "en"


def place(
    text: Annotated[str, typer.Argument(metavar="TEXT|-", help="A text, or - to read it from standard input.")],
    language: Annotated[Language | None, typer.Option("--language", help="Its language; else it is looked at.")] = None,
    json: AsJson = False,
) -> None:
    """Print the names of places in a text, refused ones too, each with its offsets, case, rule and weight, and where a
    posting of that text alone would be placed.

    Example: aluetori place "Työpaikka sijaitsee Mikkelissä, lisätietoja antaa Matti Salo."
    """
    from datetime import UTC, datetime

    import msgspec

    from harvest.moment import HELSINKI
    from normalize.evidence import gather
    from normalize.language import language as language_of
    from normalize.mention import mentions
    from normalize.place import decide

    if text == "-":
        text = sys.stdin.read()
    spoken = language.value if language else language_of(text, ("fi", "sv", "en"))
    found = mentions(text, spoken)
    today = datetime.now(UTC).astimezone(HELSINKI).date()
    placed = decide(gather({}, titles={}, texts={spoken: text})[0], today)
    if json:
        told = [msgspec.to_builtins(each) | {"kept": each.kept} for each in found]
        as_json({"language": spoken, "mentions": told, "placed": msgspec.to_builtins(placed)})
        return
    for each in found:
        names = _names(each.codes, each.area, each.bucket)
        case = f", {CASES.get(each.case, each.case)}" if each.case else ""
        how = (
            f"refused by the rule {each.rule!r}: {each.rejected}"
            if each.rejected
            else f"rule {each.rule!r}, weight {each.weight}"
        )
        say(f"{each.start}-{each.end} {each.form!r}: {names}{case}; {how}")
    if not found:
        say("no names of places")
    for one in placed.places:
        say(f"placed: {one.code} because {one.because}")
    for assigned in (*placed.areas, *placed.buckets):
        say(f"placed: {assigned.to} because {assigned.because}")


CASES = {
    "nom": "nominative", "gen": "genitive", "par": "partitive", "ess": "essive", "tra": "translative", "ine": "inessive",
    "ela": "elative", "ill": "illative", "ade": "adessive", "abl": "ablative", "all": "allative",
}  # fmt: skip


def _names(codes: tuple[str, ...], area: str, bucket: str) -> str:
    from normalize.gazetteer.tables import gazetteer

    if codes:
        return ", ".join(str(gazetteer().municipality(code) or code) for code in codes)
    return str(gazetteer().called(area) or area) if area else bucket
