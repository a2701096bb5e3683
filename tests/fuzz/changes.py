"""One change to one page at a time: bytes, pieces and structure, small enough to be named in a test that pins it."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PARTS = 10_000
"""Where a change is, in parts of the page: the same change means something on every page."""

DEEP = 3_000
_VALUES: tuple[str, ...] = (
    "", "null", "true", "false", "0", "-1", "1e308", "1e999", "-0.0", "9" * 30, "9" * 5_000, "123456789012345678901",
    '""', '" "', '"\\u0000"', '"\\ud83d"', '"x\\ud83dy"', '"\\\\ud83d"', "[]", "{}", "[[]]", "[null]", "{\"\": null}",
    '[{"language": null, "value": null}]', '[{"language": "fi"}]', '{"fi": {"fi": 1}}', '{"language": [], "value": {}}',
    '[1, "a", null, {"a": []}]', '"http://[bad"', '"http://"', '"javascript:alert(1)"', '"//x"', '"?"', '"\\n\\t\\r"',
    '"2026-99-99"', '"0000-00-00"', '"9999-12-31T23:59:59+14:00"', '"0001-01-01T00:00:00+14:00"', '"31.12.99999"',
    '"Mon, 1 Jan , 00:00:00 +0200"', '"24.11.2026 klo 25:61"', '"99999999999999999"', '"-99999999999999"', '"NaN"',
    '"inf"', '"²"', '"１２３"', '"١٢"', '"' + "ä" * 20_000 + '"', "[" * DEEP + "]" * DEEP,
    '{"a":' * DEEP + "1" + "}" * DEEP, "[" * 400 + '"x"' + "]" * 400, "[" * 900 + "]" * 900,
    '{"@graph": [' * 450 + "]}" * 450, "[{}" + ",{}" * 2_000 + "]", '"' + "a " * 30_000 + '"', "491", '"491"', '"091"',
    '"Mikkeli"', '"S:t Michel"', '"00000"', '"1.2.3.4"', '"{}"', '"{page}"', '"\\u202e"', '"\\ufeff"', '"\\ufffe"',
)  # fmt: skip
"""What may stand where a value stood; most are JSON, and text to every other format."""
_TAGS: tuple[str, ...] = (
    "<", ">", "</", "<>", "<!", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<x:y>", "</x:y>", "<:a/>", "<a:/>",
    "<a:b:c>t</a:b:c>", "<job>", "</job>", "<item>", "</item>", "<li>", "<div>", "</div>", "</html>", "<html>", "<body>",
    "&", "&;", "&x;", "&#0;", "&#xD800;", "&#xFFFE;", "&#99999999999;", "&lt;", "<a x=1 x=2/>", "<a\0/>", "<template>",
    "<script type='application/ld+json'>", "</script>", "<svg><style>", "<plaintext>", "<base href='http://[bad'>",
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>',
    '<!DOCTYPE x SYSTEM "file:///etc/passwd">', '<?xml version="1.0" encoding="x-unknown"?>',
    '<?xml version="1.0" encoding="UTF-16"?>', '<meta charset="utf-7">', "<xsl:include href='file:///etc/passwd'/>",
)  # fmt: skip
_BYTES: tuple[bytes, ...] = (
    b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80" * 9,
    b"\x1b$B", b"\r", b"\n", b"\r\n\r\n", b'"', b"'", b";", b",", b"\t", b"|", b'""', b'"\n', b"\\", b"PK\x03\x04", b"%PDF",
    b"\xe2\x80\xa8", b"\x0b", b"\x0c", b"\x1f\x8b", b"=1+1", b"\xa0", b'="091"', b"A1:ZZZZZZ9", b"#REF!", b"1e999",
)  # fmt: skip
_CODECS = (
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "cp1252",
    "utf-8-sig",
    "utf-7",
    "iso2022_jp",
    "cp037",
)
LABELS = (
    "", "", "", "utf-8", "iso-8859-1", "utf-16", "utf-16le", "windows-1252", "utf-7", "x", "iso-2022-kr", "replacement",
    "x-user-defined", "shift_jis", "hz-gb-2312", "idna", "punycode", "hex", "rot13", "zlib", "undefined", "é", " utf-8 ",
    "big5", "iso-8859-8-i", "gb18030", "euc-kr", "unicode_escape", "koi8-u", "macintosh",
)  # fmt: skip
"""What a site may say of its charset, names of Python's own among them."""

_PIECE = re.compile(
    rb'<[^<>]{0,2000}>|"(?:[^"\\]|\\.){0,4000}"|-?\d+(?:\.\d+)?|[\[\]{}:,;|\t\r\n]|'
    rb'[^<"\[\]{}:,;|\t\r\n\d-]+|.', re.DOTALL
)  # fmt: skip
"""Tags, strings, numbers, brackets, separators, and what is between them: pieces of any of our formats."""
_MARK = "⌘"
_LD_JSON = re.compile(rb"(<script[^>]*ld\+json[^>]*>)(.*?)(</script>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """A kind of change, where on the page, and which of the kind's values or how much of it."""

    kind: str
    where: int = 0
    what: int = 0

    def of(self, body: bytes) -> bytes:
        """The page with this change."""
        return KINDS[self.kind](body, self.where, self.what)


def _at(body: bytes, where: int) -> int:
    return len(body) * (where % (PARTS + 1)) // PARTS


def _pieced(body: bytes, where: int, change: Callable[[list[bytes], int], None]) -> bytes:
    pieces = _PIECE.findall(body)
    if pieces:
        change(pieces, min(len(pieces) - 1, _at(b"x" * len(pieces), where)))
    return b"".join(pieces)


def _cut(body: bytes, where: int, what: int) -> bytes:
    return body[: _at(body, where)]


def _byte(body: bytes, where: int, what: int) -> bytes:
    at = _at(body, where)
    return body[:at] + bytes([what % 256]) + body[at + 1 :]


def _drop(body: bytes, where: int, what: int) -> bytes:
    at = _at(body, where)
    return body[:at] + body[at + 1 + what % 200 :]


def _put(body: bytes, where: int, what: int) -> bytes:
    at = _at(body, where)
    return body[:at] + _BYTES[what % len(_BYTES)] + body[at:]


def _grow(body: bytes, where: int, what: int) -> bytes:
    """The same stretch again and again, until it is as large as that kind of growth goes."""
    at = _at(body, where)
    stretch = body[at : at + 1 + what % 300]
    return body[:at] + stretch * (GROWN // max(1, len(stretch))) + body[at:]


def _piece_away(body: bytes, where: int, what: int) -> bytes:
    def change(pieces: list[bytes], at: int) -> None:
        del pieces[at : at + 1 + what % 3]

    return _pieced(body, where, change)


def _piece_again(body: bytes, where: int, what: int) -> bytes:
    def change(pieces: list[bytes], at: int) -> None:
        pieces[at] = pieces[at] * (2 if what % 2 else min(20_000, GROWN // len(pieces[at])))

    return _pieced(body, where, change)


def _piece_value(body: bytes, where: int, what: int) -> bytes:
    def change(pieces: list[bytes], at: int) -> None:
        value = _VALUES[what % len(_VALUES)].encode()
        pieces[at] = value if pieces[at].startswith((b'"', b"-")) or pieces[at].isdigit() else value.strip(b'"')

    return _pieced(body, where, change)


def _piece_tag(body: bytes, where: int, what: int) -> bytes:
    def change(pieces: list[bytes], at: int) -> None:
        pieces.insert(at, _TAGS[what % len(_TAGS)].encode())

    return _pieced(body, where, change)


def _piece_elsewhere(body: bytes, where: int, what: int) -> bytes:
    def change(pieces: list[bytes], at: int) -> None:
        other = what % len(pieces)
        pieces[at], pieces[other] = pieces[other], pieces[at]

    return _pieced(body, where, change)


def _nest(body: bytes, where: int, what: int) -> bytes:
    """A tag, or a bracket where the page has no tags, opened again and again, and closed as often or not."""

    def change(pieces: list[bytes], at: int) -> None:
        tags = [number for number, piece in enumerate(pieces) if re.fullmatch(rb"<\w[^>]*[^/]>", piece)]
        place = tags[at % len(tags)] if tags else at
        name = re.match(rb"<([\w:.-]+)", pieces[place]) if tags else None
        opening, closing = (pieces[place], b"</" + name[1] + b">") if name else (b'{"a":[', b"]}")
        often = (200, 300, DEEP, GROWN // 10)[what % 4] // max(1, len(opening) // 10)
        pieces[place] = opening * often + (b"1" if not name else b"") + closing * (often if what % 8 < 4 else 0)

    return _pieced(body, where, change)


def _recoded(body: bytes, where: int, what: int) -> bytes:
    return body.decode("utf-8", "replace").encode(_CODECS[what % len(_CODECS)], "replace")


def _value(body: bytes, where: int, what: int) -> bytes:
    """A value of JSON becomes another: of the page, of one of its lines, or of the JSON-LD within it."""
    hit = _LD_JSON.search(body)
    if hit:
        return body[: hit.start(2)] + _value(hit[2], where, what) + body[hit.end(2) :]
    lines = body.splitlines(keepends=True) or [b""]
    line = where % len(lines)
    for before, text, after in ((b"", body, b""), (b"".join(lines[:line]), lines[line], b"".join(lines[line + 1 :]))):
        try:
            tree = json.loads(text)
        except (ValueError, RecursionError):
            continue
        raw = _VALUES[(what // 5) % len(_VALUES)] or '""'
        places = list(_places(tree))
        if not places:
            return before + raw.encode() + after
        box, key = places[_at(b"x" * (len(places) - 1), where)]
        _altered(box, key, what % 5)
        said = json.dumps(tree, ensure_ascii=what % 2 == 0)
        mark = json.dumps(_MARK, ensure_ascii=what % 2 == 0)
        return before + said.replace(mark, raw).encode("utf-8", "surrogatepass") + after
    return body


def _altered(box: Any, key: Any, how: int) -> None:
    if how in (0, 1):
        box[key] = _MARK
    elif how == 2:
        del box[key]
    elif how == 3 and isinstance(box, list):
        box.insert(key, box[key])
    elif how == 3:
        box[_MARK] = box.pop(key)
    else:
        box[key] = [box[key], {_MARK: box[key]}]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    todo = [value]
    while todo:
        here = todo.pop(0)
        keys = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        for key in keys:
            yield here, key
            todo.append(here[key])


def _within(body: bytes, where: int, what: int) -> bytes:
    """A part of a workbook is changed, and the workbook packed again."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return _byte(body, where, what)
    names = [name for name in parts if "sheet1" in name] * 4 + [*parts]
    name = names[what % len(names)]
    inner = sorted(set(KINDS) - {"within", "value", "recoded"})
    parts[name] = Change(inner[(what // 7) % len(inner)], where, what // 5).of(parts[name])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in parts.items():
            archive.writestr(one, content)
    return packed.getvalue()


GROWN = 200_000
"""How large what grows becomes."""
KINDS: Mapping[str, Callable[[bytes, int, int], bytes]] = {
    "cut": _cut,
    "byte": _byte,
    "drop": _drop,
    "put": _put,
    "grow": _grow,
    "piece_away": _piece_away,
    "piece_again": _piece_again,
    "piece_value": _piece_value,
    "piece_tag": _piece_tag,
    "piece_elsewhere": _piece_elsewhere,
    "nest": _nest,
    "recoded": _recoded,
    "value": _value,
    "within": _within,
}
