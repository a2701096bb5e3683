"""Reads labelled places as people write them: JSON lines or a table, of whole texts or of single tokens."""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harvest.records import HarvestError
from normalize.gazetteer.tables import gazetteer
from normalize.score_places import Labelled

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "sentence", "phrase", "teksti", "lause", "content", "body", "advert", "context"),
    "language": ("language", "lang", "kieli", "locale", "spåk", "språk"),
    "expected": ("expected", "expected_codes", "codes", "code", "expected_code", "gold_codes", "municipalities", "municipality",
                 "municipality_codes", "municipality_code", "kunnat", "kunta", "kuntakoodit", "kuntakoodi", "places", "place",
                 "labels", "label", "gold", "answer", "name", "mentions", "entities", "spans",
                 "annotations"),
    "tok": ("tok", "token", "token_index", "tok_index", "index", "tokid", "token_id", "position"),
    "form": ("form", "word", "surface", "token_text", "sana", "muoto"),
    "tier": ("tier", "class"),
    "areas": ("areas", "area", "regions", "region", "expected_areas", "expected_regions", "maakunta"),
    "kind": ("kind", "category", "type", "reason", "laji"),
    "id": ("id", "sent", "key", "nr"),
    "start": ("start", "begin", "from"),
    "end": ("end", "stop", "to"),
    "title": ("title", "otsikko", "heading"),
}  # fmt: skip
"""What a column may be called, the likeliest first."""
NOTHING = frozenset({"", "-", "–", "none", "null", "n", "ei", "[]", "o", "no", "0", "nan", "unplaced", "(none)"})
LANGUAGES = {"fi": "fi", "fin": "fi", "suomi": "fi", "fi-fi": "fi", "sv": "sv", "swe": "sv", "ruotsi": "sv", "sv-fi": "sv",
             "svenska": "sv", "en": "en", "eng": "en", "englanti": "en"}  # fmt: skip


def read_labelled(path: Path) -> list[Labelled]:
    """The labelled texts of a file. Raises :class:`HarvestError` naming file, row and what was expected."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise HarvestError(f"{path} cannot be read: {error.strerror}; name a file of labelled places") from None
    except UnicodeDecodeError as error:
        raise HarvestError(f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8") from None
    rows = list(_json(text, path) if text.lstrip()[:1] in ("{", "[") else _table(text, path))
    if not rows:
        raise HarvestError(f"{path} has no rows; expected text, language and expected codes in each")
    return [_labelled(number, row, path) for number, row in rows]


def _json(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if text.lstrip().startswith("["):
        try:
            found = list(enumerate(json.loads(text), 1))
        except ValueError as error:
            raise HarvestError(f"{path} is no JSON: {error}") from None
    else:
        found = []
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    found.append((number, json.loads(line)))
                except ValueError as error:
                    raise HarvestError(f"{path}, line {number}: no JSON: {error}; expected one object a line") from None
    for number, row in found:
        if not isinstance(row, dict):
            raise HarvestError(f"{path}, line {number}: expected an object with text and expected codes")
        yield number, {str(key): value for key, value in row.items()}


def _table(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return
    mark = next((mark for mark in ("\t", ";", ",") if mark in lines[0]), "\t")
    tabs = csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_NONE)  # a quotation mark in a sentence is one
    cells = list(tabs if mark == "\t" else csv.reader(lines, delimiter=mark))
    known = {name for names in COLUMNS.values() for name in names}
    head = [_called(cell) for cell in cells[0]]
    if "text" in {_role(name) for name in head} or len(known.intersection(head)) >= 2:
        for number, row in enumerate(cells[1:], 2):
            yield number, dict(zip(head, row, strict=False))
        return
    head = _guessed(cells, path)
    for number, row in enumerate(cells, 1):
        yield number, dict(zip(head, row, strict=False))


def _called(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", cell.strip().lower())


def _role(name: str) -> str:
    return next((role for role, names in COLUMNS.items() if name in names), "")


def _guessed(cells: Sequence[Sequence[str]], path: Path) -> list[str]:
    """Columns without a head: the longest is the text, one of language codes the language, the last other one what is
    expected; ten columns as those of token-level sets."""
    some = cells[:50]
    width = max(map(len, some))
    if width >= 9:
        return ["set", "sent", "tok", "form", "gold", "tier", "case", "kind", "reason", "text"][:width]
    columns = [[row[at].strip() if at < len(row) else "" for row in some] for at in range(width)]
    if width < 2:
        raise HarvestError(f"{path}: one column only; expected text, language and expected codes, with tabs between")
    text = max(range(width), key=lambda at: sum(map(len, columns[at])))
    spoken = next((at for at in range(width) if all(cell.lower() in LANGUAGES for cell in columns[at])), None)
    coded = [at for at in range(width) if at not in (text, spoken)]
    codes = next((at for at in reversed(coded) if any(re.search(r"\d{3}", cell) for cell in columns[at])), coded[-1])
    named = {text: "text", codes: "expected"} | ({} if spoken is None else {spoken: "language"})
    return [named.get(at, f"column_{at}") for at in range(width)]


def _labelled(number: int, row: Mapping[str, Any], path: Path) -> Labelled:
    said = {_called(name): value for name, value in row.items()}

    def of(role: str) -> Any:
        return next((said[name] for name in COLUMNS[role] if name in said and said[name] is not None), "")

    text = str(of("text"))
    if title := str(of("title")):
        text = f"{title}\n{text}" if text else title
    if not text:
        raise HarvestError(
            f"{path}, row {number}: no text; expected a column text (or {', '.join(COLUMNS['text'][1:5])})"
        )
    language = LANGUAGES.get(str(of("language")).strip().lower(), "")
    token, form = str(of("tok")).strip(), str(of("form")).strip()
    start, end = str(of("start")).strip(), str(of("end")).strip()
    spans = start.isdigit() and end.isdigit()
    is_token = spans or (bool(form) and (token.isdigit() or token == ""))
    at: tuple[int, int] | None = None
    if spans:
        at = int(start), int(end)
    elif is_token:
        at = _span(text, form, int(token) if token.isdigit() else 0)
    if is_token and at is None:
        raise HarvestError(f"{path}, row {number}: {form!r} does not stand in the text")
    negative = str(of("tier")).strip() == "N"
    expected = (
        frozenset()
        if negative
        else frozenset(_expected(of("expected"))) | frozenset(map(_province, _expected(of("areas"))))
    )
    kind = str(of("tier") or of("kind")) if is_token else str(of("kind"))
    shown = language or ("fi" if is_token else "")
    return Labelled(row=number, text=text, language=shown, expected=expected, at=at, kind=kind, id=str(of("id")))


def _span(text: str, form: str, token: int) -> tuple[int, int] | None:
    """Where the token stands: tokens are divided by spaces; if another stands there, the nearest like it."""
    starts = [(found.start(), found.end()) for found in re.finditer(r"\S+", text)]
    if token < len(starts) and text[slice(*starts[token])] == form:
        return starts[token]
    wanted = starts[token][0] if token < len(starts) else 0
    alike = [found.start() for found in re.finditer(re.escape(form), text)]
    best = min(alike, key=lambda start: abs(start - wanted), default=None)
    return None if best is None else (best, best + len(form))


def _province(said: str) -> str:
    """In a column of areas two digits are a province of Statistics Finland's list."""
    return gazetteer().area("maakunta", said.lstrip("0")) or said if said.isdigit() else said


def _expected(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        coded = next(
            (value[key] for key in ("code", "to", "municipality", "gold", "name", "area", "region") if value.get(key)),
            "",
        )
        yield from _expected(coded)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _expected(one)
    elif value is not None:
        text = str(value).strip()
        if text.startswith("[") and text.endswith("]"):
            text = text[1:-1].replace('"', "").replace("'", "")
        for one in re.split(r"[,;|]|\s(?=\d{3}(?:\D|$))", text):
            if one.strip().lower() not in NOTHING:
                yield _meant(one.strip())


def _meant(said: str) -> str:
    """The code or area that a label means: a code, with its name or without, an area's key, or a name; with a question
    mark what the tables do not know, which can never be found."""
    if coded := re.match(r"(\d{1,3})(?:\s|$)", said):
        code = coded.group(1).zfill(3)
        if gazetteer().municipality(code):
            return code
    elif gazetteer().called(said) or said.startswith("word:"):
        return said
    sense = gazetteer().sense(said)
    if sense is not None and (sense.codes or sense.area):
        return sense.codes[0] if sense.codes else sense.area
    alike = (each for each in gazetteer().municipalities() if said in (each.fi, each.sv, *each.also))
    return next((each.code for each in alike), f"?{said}")


def unknown(rows: Sequence[Labelled]) -> list[str]:
    """What the tables know no municipality or area for, in sentences: such a label counts as missed."""
    return [
        f"row {row.row}: expected {one[1:]!r} is no municipality code, area or name that the tables know; it counts as missed"
        for row in rows
        for one in sorted(row.expected)
        if one.startswith("?")
    ]
