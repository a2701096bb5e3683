"""What a row of a file of adverts says, as the numbers and words that columns hold."""

import html
import re
from datetime import date
from functools import cache

from normalize import clean, employer
from normalize.columns import often
from normalize.evidence import gather
from normalize.fingerprint import EPOCH, language_number, title_key
from normalize.gazetteer.tables import gazetteer
from normalize.sketch import sketches
from normalize.vocabulary import Contract, Hours

_TAG = re.compile(r"<[^<>]{1,300}>")


def plain(text: str) -> str:
    """A text without its mark-up."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    return html.unescape(text) if "&" in text else text


def day(said: str | None) -> int:
    """Days since 1970 of an ISO date, 0 for none."""
    return _ordinal(said[:10]) if said else 0


@cache
def _ordinal(said: str) -> int:
    try:
        return max(0, date.fromisoformat(said).toordinal() - EPOCH)
    except ValueError:
        return 0


@cache
def language(said: str) -> int:
    """The number of a language."""
    return language_number(said.strip().lower()[:2])


@cache
def contract(said: str) -> int:
    """The number of a contract, in whichever of three languages it is said."""
    known = clean.word(said, Contract)
    if known:
        return list(Contract).index(Contract(known)) + 1
    bits = int(sketches([said])["says"][0]) & 3
    return bits if bits in (1, 2) else 16 + often(said.strip().casefold()) % 200 if said.strip() else 0


@cache
def hours(said: str) -> int:
    """The number of the hours."""
    known = clean.word(said, Hours)
    if known:
        return list(Hours).index(Hours(known)) + 1
    bits = int(sketches([said])["says"][0]) >> 2
    return bits if bits in (1, 2) else 0


@cache
def employer_key(name: str) -> str:
    """What compares an employer."""
    found, _doubts = gather({}, titles={}, employer=name, default="")
    return employer.key(name, found)


def place(said: str | int | list[str] | None) -> tuple[tuple[str, ...], int]:
    """The municipalities that are named, and what stands for another place."""
    if not said:
        return (), 0
    return _town(f"{said:03}" if isinstance(said, int) else "|".join(said) if isinstance(said, list) else said)


_NOWHERE = frozenset(
    (
        "suomi",
        "finland",
        "remote",
        "etätyö",
        "etä",
        "distans",
        "distansarbete",
        "koko suomi",
        "hela finland",
        "nationwide",
    )
)


@cache
def _town(said: str) -> tuple[tuple[str, ...], int]:
    """The municipalities that are named, or what stands for another place."""
    codes: list[str] = []
    for name in re.split(r"[|,;/]", said):
        bare = name.strip()
        if bare.isdigit() and gazetteer().municipality(bare.zfill(3)):
            codes.append(gazetteer().current(bare.zfill(3), date.max) or bare.zfill(3))
        else:
            codes += [gazetteer().current(code, date.max) or code for code in gazetteer().named(bare)]
    if codes:
        return tuple(sorted(set(codes))), 0
    words = title_key(said)
    return (), 0 if words in _NOWHERE else often(words)


def bare_title(title: str, name: str, place: str | int | list[str] | None) -> str:
    """The words of a title without those of the employer and the town."""
    words = title_key(title).split()
    context = _context(name) | (_town_words(place) if isinstance(place, str) else frozenset())
    left = [word for word in words if word not in context]
    return " ".join(left or words)


@cache
def _context(name: str) -> frozenset[str]:
    return frozenset(title_key(name).split())


@cache
def _town_words(place: str) -> frozenset[str]:
    codes, _elsewhere = _town(place)
    names = [
        name for code in codes if (known := gazetteer().municipality(code)) for name in (known.fi, known.sv) if name
    ]
    return frozenset(word for name in (place, *names) for word in title_key(name).split())
