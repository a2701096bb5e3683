"""The text of an advert, composed from word lists whenever it is asked for: the same vacancy always reads the same."""

from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

from pocket.vacancy import Vacancy
from pocket.words import table


def body(
    vacancy: Vacancy, language: str, employer: str, ends: datetime | None, *, reference: bool, revision: int
) -> str:
    """The advert's text in paragraphs. A copy says the same sentences, with or without the reference; a later
    revision has one sentence more."""
    rng = Random(vacancy.salt)
    words = table("sentences")[language]
    names = {"title": vacancy.title(language), "employer": employer} | _places(vacancy, language, words)
    opening = [rng.choice(words["opening"]).format_map(names)]
    if vacancy.unit is not None:
        opening.append(rng.choice(words["unit"]).format(unit=vacancy.unit[language]))
    opening.append(words["form"].get(vacancy.work_form) or words["contract"][vacancy.contract])
    about = rng.sample(words["about"], rng.randrange(2, 5))
    duties = list(vacancy.occupation.duties[language])
    rng.shuffle(duties)
    wishes = rng.sample(words["requirement"], rng.randrange(3, 6))
    offers = rng.sample(words["offer"], rng.randrange(3, 6))
    if vacancy.bucket == "remote":
        offers.append(words["remote"])
    if revision:
        left = [sentence for sentence in words["requirement"] + words["offer"] if sentence not in wishes + offers]
        offers.append(left[revision % len(left)])
    closing = [rng.choice(words["apply"])]
    if ends is not None:
        clock = f"{ends.day}.{ends.month}.{ends.year}"
        closing.append(words["ends"].format(ends=clock))
    if vacancy.openings is not None and vacancy.openings > 1:
        closing.append(words["openings"].format(openings=vacancy.openings))
    paragraphs = [opening, about, duties, wishes, offers, closing]
    if reference and vacancy.referenced:
        paragraphs.append([words["reference"].format(reference=vacancy.reference)])
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)


def shortened(text: str, salt: int) -> str:
    """The beginning of a text, as boards cut it; the reference is kept, since boards print it apart."""
    paragraphs = text.split("\n\n")
    last = paragraphs[-1]
    cut = text[: 260 + salt % 300].rsplit(" ", 1)[0] + " …"
    return f"{cut}\n\n{last}" if len(paragraphs) > 6 else cut


def _places(vacancy: Vacancy, language: str, words: Mapping[str, Any]) -> dict[str, str]:
    """The two place names of a text, inflected: where the work is done, and whither one comes to do it."""
    if vacancy.bucket == "abroad":
        away = table("names")["abroad"][vacancy.abroad][language]
        return {"where": away, "whither": away}
    if vacancy.bucket:
        return dict.fromkeys(("where", "whither"), words["place"][vacancy.bucket])
    joint = {"fi": " ja ", "sv": " och ", "en": " and "}[language]
    where = [town.where(language) for town in vacancy.towns]
    whither = [town.into for town in vacancy.towns] if language == "fi" else where
    return {"where": _list(where, joint), "whither": _list(whither, joint)}


def _list(names: list[str], joint: str) -> str:
    return joint.join([*([", ".join(names[:-1])] if names[1:] else []), names[-1]])
