"""Which column is which field: by its name in three languages, and by what its values look like. Unsure is said."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

from harvest.columns import Column
from harvest.moment import instant, moment_of

CLOSED = ("contract", "hours", "work_form", "remote", "language")
"""Fields whose values are words of ours: a source's own words need a look-up."""

_DATES = ("published", "ends", "starts", "changed")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
_DAY = re.compile(r"(?<!\d)(\d{1,2}\.\d{1,2}\.\d{4})(?!\d)")
_FINNISH = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}(?:,?\s+(?:klo\s+|kl\.?\s+)?\d{1,2}[.:]\d{2})?")
_SLASHED = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")
_MOST = 0.6
"""The share of a column's values that must look like what the field holds."""

IsPlace = Callable[[str], bool]


@cache
def words() -> Mapping[str, Any]:
    """What sources call things, as ``words.toml`` has it."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@lru_cache(maxsize=20_000)
def plain(name: str) -> str:
    """A name without case, blanks and signs: what of it is compared."""
    return re.sub(r"[^0-9a-zåäö_]", "", name.casefold()).replace("_", "") or name.casefold()


@dataclass(frozen=True, slots=True)
class Guess:
    """What a card would write for a field; ``unsure`` says what a person should look at, empty for what is plain."""

    spec: Any
    unsure: str = ""


@dataclass(slots=True)
class Guessed:
    """The fields, the words of this site in ours, and the names of columns that nobody reads and that hold persons."""

    fields: dict[str, Guess]
    lookups: dict[str, dict[str, str]]
    unread: list[str]
    persons: list[str]


def guess(found: Sequence[Column], is_place: IsPlace, now: datetime) -> Guessed:
    """Reads the columns as a person would who sees them for the first time."""
    persons = [one for one in found if is_person(one.name)]
    usable = [one for one in found if one not in persons and one.texts]
    chosen: dict[str, tuple[Column, str]] = {}
    taken: set[str] = set()
    for _score, field, column, unsure in _by_name(usable, is_place):
        if field not in chosen and column.path not in taken:
            chosen[field] = (column, unsure)
            taken.add(column.path)
    for field, column in _by_shape([one for one in usable if one.path not in taken], chosen, is_place, now):
        if field not in chosen and column.path not in taken:
            chosen[field] = (column, f"by its values only; the source calls it {column.name!r}")
            taken.add(column.path)
    if "ref" not in chosen and "url" in chosen:
        chosen["ref"] = (chosen["url"][0], "no column is a number of its own, so the address stands for it")
    fields, lookups = {}, {}
    for field, (column, unsure) in chosen.items():
        if field in ("latitude", "longitude"):
            continue
        fields[field] = Guess(_spec(field, column, is_place), unsure)
        if field in CLOSED and (table := _lookup(field, column)):
            lookups[field] = table
    if "latitude" in chosen and "longitude" in chosen:
        lat, lon = (chosen[one][0].path for one in ("latitude", "longitude"))
        fields["point"] = Guess({"template": f"{{{lat}}},{{{lon}}}"}, chosen["latitude"][1])
    unread = [one.path for one in usable if one.path not in taken]
    return Guessed(fields, lookups, unread, [one.path for one in persons])


def is_person(name: str) -> bool:
    """Whether a name says that a person stands there."""
    listed = {plain(one) for one in words()["persons"]["names"]}
    return any(plain(part) in listed for part in re.split(r"[./:]", name))


def _by_name(found: Sequence[Column], is_place: IsPlace) -> list[tuple[int, str, Column, str]]:
    scored = []
    generic = {plain(one) for one in words()["generic"]["names"]}
    for column in found:
        parts = [plain(part) for part in re.split(r"[./]", column.name)]
        for field, synonyms in words()["fields"].items():
            score, unsure = _score(parts, synonyms, generic)
            if score and _fits(field, column, is_place):
                scored.append((score + round(20 * column.share), field, column, unsure))
    return sorted(scored, key=lambda one: -one[0])


def _score(parts: list[str], synonyms: Iterable[str], generic: set[str]) -> tuple[int, str]:
    whole, leaf, deep = "".join(parts), parts[-1], len(parts)
    best = (0, "")
    for at, synonym in enumerate(synonyms):
        word = plain(synonym)
        if word == whole or (word == leaf and leaf not in generic):
            score = (1000 - 10 * at - 30 * deep, "")
        elif deep > 1 and leaf in generic and word in (parts[-2], "".join(parts[:-1])):
            score = (950 - 10 * at, "")
        elif word == leaf and deep > 1:
            score = (500 - 10 * at - 30 * deep, f"{leaf!r} is a name that many things have")
        elif len(word) >= 5 and (leaf.startswith(word) or leaf.endswith(word)):
            score = (450 - 5 * at, "its name is only like one that we know")
        else:
            continue
        best = max(best, score)
    return best


def _fits(field: str, column: Column, is_place: IsPlace) -> bool:
    texts = column.texts
    if field in _DATES:
        return _share(texts, lambda text: bool(_date_form(text)))
    if field in CLOSED:
        return _share(texts, partial(_is_ours, field), 0.3)
    tests: dict[str, Callable[[str], bool]] = {
        "url": _is_address, "apply_url": _is_address, "place": lambda text: not _is_address(text) and not text.isdigit(),
        "postal_code": lambda text: bool(re.fullmatch(r"(?:FI-?)?\d{3,5}", text)),
        "municipality": lambda text: bool(re.fullmatch(r"\d{1,3}", text)),
        "openings": lambda text: bool(re.fullmatch(r"\d{1,4}", text)),
        "latitude": lambda text: _between(text, 59, 71), "longitude": lambda text: _between(text, 19, 32),
        "title": lambda text: _is_words(text) and len(text) <= 200,
        "employer": lambda text: _is_words(text) and len(text) <= 150,
        "unit": _is_words, "text": _is_words, "summary": _is_words, "address": _is_words,
    }  # fmt: skip
    if field == "ref":
        return _is_key(column)
    if field == "place" and not _share(texts, is_place, 0.2) and plain(column.name.split(".")[-1]) == "name":
        return False
    return _share(texts, tests[field]) if field in tests else True


def _by_shape(
    found: Sequence[Column], chosen: Mapping[str, object], is_place: IsPlace, now: datetime
) -> Iterable[tuple[str, Column]]:
    """What the values alone give away, the surest first."""
    for column in found:
        if column.share >= _MOST and _share(column.texts, is_place):
            yield "place", column
    links = [one for one in found if _share(one.texts, _is_address, 0.9) and _is_key(one)]
    yield from (("url", one) for one in links[:1])
    dated = [one for one in found if _share(one.texts, lambda text: bool(_date_form(text)))]
    for column in dated:
        moments = [moment for text in column.texts if (moment := _moment(text))]
        later = sum(moment > now for moment in moments)
        yield ("ends" if later * 2 > len(moments) else "published"), column
    for field in CLOSED[:3]:
        yield from ((field, one) for one in found if _share(one.texts, partial(_is_ours, field)))
    prose = [one for one in found if one.texts and _is_prose(one)]
    if "text" not in chosen:
        yield from (("text", one) for one in sorted(prose, key=_length, reverse=True)[:1] if _length(one) > 120)
    if "title" not in chosen:
        yield from (("title", one) for one in prose if one.share > 0.9 and 4 < _length(one) < 120)
    if "ref" not in chosen:
        numbered = [one for one in found if _share(one.texts, lambda text: bool(re.search(r"\d", text)), 0.9)]
        yield from (("ref", one) for one in numbered if _is_key(one) and _length(one) < 60)


def _spec(field: str, column: Column, is_place: IsPlace) -> Any:
    texts, path = column.texts, column.path
    if field in _DATES:
        form = next((form for text in texts if (form := _date_form(text))), "")
        if form in ("epoch_s", "epoch_ms", "rfc822"):
            return {"from": path, "date": form} if form != "rfc822" else path
        if form == "within":
            return {"from": path, "match": r"(\d{1,2}\.\d{1,2}\.\d{4})"}
        return path
    if field == "municipality":
        return {"from": path, "list": "kunta"}
    if field == "place" and any("," in text for text in texts):
        parts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
        if _share(parts, is_place, 0.9):
            return {"from": path, "split": ","}
    return path


def _lookup(field: str, column: Column) -> dict[str, str]:
    known = _vocabulary(field)
    said = dict.fromkeys(column.texts)
    if field == "language" and all(text in ("fi", "sv", "en") for text in said):
        return {}
    return {text: known.get(plain(text), "") for text in list(said)[:40]}


@cache
def _vocabulary(field: str) -> dict[str, str]:
    return {plain(word): ours for ours, said in words()["lookups"][field].items() for word in [ours, *said]}


def _is_ours(field: str, text: str) -> bool:
    return plain(text) in _vocabulary(field)


def _date_form(text: str) -> str:
    text = text.strip()
    if _ISO.fullmatch(text) or _FINNISH.fullmatch(text) or _SLASHED.match(text):
        return "plain"
    if re.fullmatch(r"1\d{12}", text):
        return "epoch_ms"
    if re.fullmatch(r"1\d{9}", text):
        return "epoch_s"
    if "," in text and len(text) < 40 and instant(text):
        return "rfc822"
    return "within" if len(text) < 120 and len(_DAY.findall(text)) == 1 else ""


def _moment(text: str) -> datetime | None:
    form = _date_form(text)
    if form in ("epoch_s", "epoch_ms"):
        return datetime.fromisoformat(moment_of(text, form))
    hit = _DAY.search(text)
    found = instant(hit[1] if hit else text)
    return found.astimezone(UTC) if found else None


def _share(texts: Sequence[str], test: Callable[[str], bool], least: float = _MOST) -> bool:
    return bool(texts) and sum(map(test, texts)) >= least * len(texts)


def _is_address(text: str) -> bool:
    return bool(re.match(r"https?://\S+$|/[^\s/]\S*$|www\.\S+$", text))


def _is_words(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{2}", text)) and not _is_address(text)


def _is_prose(column: Column) -> bool:
    return _share(column.texts, lambda text: _is_words(text) and not _date_form(text), 0.8)


def _is_key(column: Column) -> bool:
    texts = column.texts
    if len(texts) > 2 and texts == [str(at) for at in range(1, len(texts) + 1)]:
        return False  # its place in the list, which says nothing tomorrow
    alone = all(len(one) == 1 for one in column.values)
    return alone and len(set(texts)) == len(texts) and all(len(text) < 300 for text in texts)


def _between(text: str, low: float, high: float) -> bool:
    try:
        return low <= float(text.replace(",", ".")) <= high
    except ValueError:
        return False


def _length(column: Column) -> float:
    return sum(map(len, column.texts)) / max(1, len(column.texts))
