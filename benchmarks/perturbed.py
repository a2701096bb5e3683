"""Adverts of a small Finland, copied and varied otherwise than any file that weights are fitted on: ``python -m
benchmarks.perturbed 4000 out.jsonl --seed 7``. Only for judging; whoever fits on it has nothing left to judge by.

A third of the adverts have copies by other hands: typing errors, a teaser, a recruiter's name, other towns, another name after
a merger, another round of publication, sentences dropped and turned. A third have neighbours that are other vacancies: another
rank, product, town, unit or role, or the next round.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from benchmarks.pocket_rows import rows
from benchmarks.rows_file import write
from normalize.gazetteer.tables import gazetteer

Row = dict[str, Any]
BOARDS = ("ilmoitustaulu", "rekrykone", "duunipiha", "jobbtorget")
COPIES = ("typing", "teaser", "recruiter", "towns", "renamed", "again", "edited")
NEIGHBOURS = ("rank", "product", "town", "unit", "role", "round")


def perturbed(seed: int, size: int) -> Iterator[Row]:
    """The adverts; those of one cluster are one vacancy, ``kind`` says how a copy was made and ``family`` how a neighbour."""
    rng, made = Random(seed), 0
    towns = [one for one in gazetteer().municipalities(date(2026, 1, 1)) if one.fi]
    seen: set[str] = set()
    for row in rows(seed, size):
        if made >= size:
            return
        if row["cluster"] in seen or not row["text"]:
            continue
        seen.add(row["cluster"])
        row = {key: value for key, value in row.items() if key not in ("ref", "unit", "openings", "kind", "family")}
        row["text"] += f" Sijoituspaikka on {rng.choice(towns).fi}n asema {rng.randrange(100, 999)}."
        yield row
        made += 1
        ways = [COPIES, NEIGHBOURS, ()][rng.randrange(3)]
        for number, way in enumerate(rng.sample(ways, min(len(ways), rng.choice((1, 1, 2, 3))))):
            other = dict(
                row,
                id=f"{row['id']} {number}",
                source=rng.choice(BOARDS),
                url=f"https://b.example/{rng.getrandbits(40)}",
            )
            _copied(other, way, rng, towns) if ways is COPIES else _neighbour(other, way, number, rng, towns)
            yield other
            made += 1


def _copied(row: Row, way: str, rng: Random, towns: list[Any]) -> None:
    row["kind"] = way
    sentences = row["text"].split(". ")
    match way:
        case "typing":
            row["text"] = " ".join(
                _typed(word, rng) if rng.random() < 0.03 else word for word in row["text"].split(" ")
            )
            row["title"] = " ".join(
                _typed(word, rng) if rng.random() < 0.2 else word for word in row["title"].split(" ")
            )
        case "teaser":
            row["text"] = row["text"][: rng.randrange(110, 320)].rsplit(" ", 1)[0] + "…"
            row.pop("ends", None)
        case "recruiter":
            row["text"] = f"Haemme asiakkaallemme uutta osaajaa. {row['text']} Rekrytoinnista vastaa kumppanimme."
            row["employer"] = rng.choice(("Työvälitys Taito Oy", "Rekrypalvelu Nuoli Oy", "Personalhuset Ab"))
        case "towns":
            row["municipality"] = rng.choice(
                ("Suomi", None, [*row.get("municipality", []), rng.choice(towns).fi, rng.choice(towns).fi])
            )
        case "renamed":
            name = f"Uusi {row['employer'].split(' ')[0]} Yhtiö Oy"
            row["text"], row["employer"] = row["text"].replace(row["employer"], name), name
        case "again":
            _moved(row, rng.randrange(15, 50))
        case _:
            for _ in range(rng.randrange(1, 4)):
                sentences.pop(rng.randrange(len(sentences)))
            at = rng.randrange(len(sentences))
            row["text"] = ". ".join([*sentences[at:], *sentences[:at]])


def _neighbour(row: Row, way: str, number: int, rng: Random, towns: list[Any]) -> None:
    title, town = row["title"], rng.choice(towns)
    row |= {"cluster": f"{row['cluster']}-{way}-{number}", "family": way}
    match way:
        case "rank":
            row["title"] = f"{rng.choice(('Vastaava', 'Johtava', 'Nuorempi', 'Senior'))} {title[:1].lower()}{title[1:]}"
        case "product":
            row["title"] = f"{title} ({rng.choice(('iOS', 'SAP', 'raitiovaunut', 'varhaiskasvatus'))})"
        case "town":
            here = (row.get("municipality") or [""])[0]
            row["municipality"] = [town.fi]
            row["text"] = row["text"].replace(here, town.fi) if here else row["text"]
        case "unit":
            row["text"] = row["text"].rsplit(" Sijoituspaikka on ", 1)[0]
            row["text"] += f" Sijoituspaikka on {rng.choice(towns).fi}n koulu {rng.randrange(100, 999)}."
        case "role":
            row["title"] = rng.choice(("Talonmies", "Kirjanpitäjä", "Tietosuojavastaava", "Myyntijohtaja"))
        case _:
            _moved(row, rng.randrange(100, 200))
    row["text"] = row["text"].replace(title, row["title"])


def _typed(word: str, rng: Random) -> str:
    at = rng.randrange(max(1, len(word) - 1))
    return word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]


def _moved(row: Row, days: int) -> None:
    for name in ("posted", "ends"):
        if row.get(name):
            row[name] = f"{date.fromisoformat(row[name]) + timedelta(days=days)}"


def main() -> None:
    """Write a file."""
    write(lambda seed, size, _habit: perturbed(seed, size))


if __name__ == "__main__":
    main()
