"""A page without the persons on it: contacts masked, fields and blocks of contacts blotted out, its structure as it was."""

import csv
import io
import json
import re
from functools import cache
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from harvest.charset import decode
from harvest.guess import is_person, plain, words
from normalize.contacts import masked

PERSON = "[person]"
_PIECE = re.compile(r"""[^"'<>]{5,}""")
_TAG = re.compile(r"<([A-Za-z_][\w.:-]*)((?:\s[^<>]*)?)>")
_SCRIPT = re.compile(r"(<script[^>]*application/ld\+json[^>]*>)(.*?)(</script>)", re.DOTALL | re.IGNORECASE)
_NAME = r"[A-ZÅÄÖÉ][\wåäöé’'-]+(?:[ \u00a0]+[A-ZÅÄÖÉ][\wåäöé’'-]+){1,3}"


def scrubbed(body: bytes, charset: str = "") -> bytes:
    """``body`` with ``[person]``, ``[e-mail]`` and ``[phone]`` where persons stood. What a free text tells of people without
    a word before their names, no rule can find: a recorded page is read by a person before it is given away."""
    if body.startswith(b"PK\x03\x04"):
        return _workbook(body)
    text, encoding = decode(body, charset)
    head = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if head.startswith(("{", "[")):
        text = _json(text)
    elif re.match(r"<!doctype html|<html", head):
        text = _html(_SCRIPT.sub(lambda hit: hit[1] + _json(hit[2]) + hit[3], text))
    elif head.startswith("<"):
        text = _tags(text)
    else:
        text = _rows(text)
    mark = "\ufeff" if text[:1] != "\ufeff" and body.startswith(b"\xef\xbb\xbf") else ""
    return (mark + _free(text)).encode(encoding, "replace")


def _free(text: str) -> str:
    """Piece by piece: what stands in quotation marks or tags is one thing, and no address reaches beyond."""
    return _after_words().sub(lambda hit: hit[1] + PERSON, _PIECE.sub(lambda hit: masked(hit[0]), text))


@cache
def _after_words() -> re.Pattern[str]:
    said = "|".join(map(re.escape, sorted(words()["persons"]["before"], key=len, reverse=True)))
    between = r"(?:\s*</\w+>)?\s*[:–-]?\s*(?:<\w+[^<>]*>\s*)?"
    return re.compile(rf"((?i:\b(?:{said})){between}(?:[a-zåäö-]+\s+){{0,3}}){_NAME}")


def _json(text: str) -> str:
    try:
        value = json.loads(text.lstrip("\ufeff"), strict=False)
    except (ValueError, RecursionError):
        return text
    blotted = _blotted(value)
    return text if blotted == value else json.dumps(blotted, ensure_ascii=False, indent=1)


def _blotted(value: Any, person: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _blotted(one, person or is_person(str(key))) for key, one in value.items()}
    if isinstance(value, list):
        return [_blotted(one, person) for one in value]
    return PERSON if person and isinstance(value, str) and value else value


def _tags(text: str) -> str:
    """Torn documents too: by their tags, not by a parser."""
    out, at = [], 0
    for tag in _TAG.finditer(text):
        if tag.start() < at or not is_person(tag[1].rpartition(":")[2]) or tag[2].endswith("/"):
            continue
        end = text.find(f"</{tag[1]}", tag.end())
        if end < 0:
            continue
        inner = text[tag.end() : end]
        inner = PERSON if "<![CDATA[" in inner else re.sub(r"(?<=>)[^<>\s][^<>]*|^[^<>\s][^<>]*", PERSON, inner)
        out += [text[at : tag.end()], inner]
        at = end
    return "".join([*out, text[at:]])


def _html(text: str) -> str:
    tree = LexborHTMLParser(text)
    found = False
    for node in tree.css("[class], [id], [itemprop]"):
        said = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''} {node.attributes.get('itemprop') or ''}"
        if node.tag not in ("body", "html", "main") and any(is_person(one) for one in re.split(r"\s+", said) if one):
            for child in list(node.iter(include_text=True)):
                child.decompose()
            found = True
    return (tree.html or text) if found else text


def _rows(text: str) -> str:
    for separator in (";", ",", "\t", "|"):
        try:
            rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator))
        except csv.Error:
            continue
        hit = next(
            (
                at
                for at, row in enumerate(rows[:50])
                if len(row) > 1 and any(is_person(one) for one in row if plain(one))
            ),
            None,
        )
        if hit is None:
            continue
        columns = {at for at, one in enumerate(rows[hit]) if is_person(one)}
        for row in rows[hit + 1 :]:
            row[:] = [PERSON if at in columns and cell else cell for at, cell in enumerate(row)]
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=separator).writerows(rows)
        return out.getvalue()
    return text


def _workbook(body: bytes) -> bytes:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(body))
    for sheet in book.worksheets:
        columns: set[int] = set()
        for row in sheet.iter_rows():
            fresh = {
                cell.column
                for cell in row
                if isinstance(cell.value, str) and len(cell.value) < 60 and is_person(cell.value)
            }
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = PERSON if cell.column in columns and cell.column not in fresh else _free(cell.value)
            columns |= fresh
    book.properties.creator = book.properties.lastModifiedBy = ""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
