"""Bytes become text by one rule that distrusts labels: mislabelled UTF-8 is common, and so is a lone bad byte in it."""

import codecs
import re
from typing import IO

import webencodings

_HEAD = 4096
_STEP = 1024 * 1024
_DECLARED = re.compile(
    rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""", re.I
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_XML_WITHOUT_BOM = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"))
# ä, ö and å are C3 xx in UTF-8 and read as "Ã" plus a sign in every older encoding, which nobody writes
_UTF8_PAIR = re.compile(rb"\xc3[\x80-\xbf]")
_PLENTY = 5


def decode(body: bytes, label: str = "") -> tuple[str, str]:
    """The text, and the encoding it was read as.

    ``label`` is what the HTTP header said. Never raises: what no encoding explains is read with replacement characters.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace"), encoding
    for mark, encoding in _XML_WITHOUT_BOM:
        if body.startswith(mark):
            return body.decode(encoding, "replace"), encoding
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        broken = error
    named = [known for known in map(webencodings.lookup, (label, _declared(body))) if known is not None]
    looks_like_utf8 = bool(_UTF8_PAIR.search(body, 0, broken.start)) or any(known.name == "utf-8" for known in named)
    if looks_like_utf8 and broken.reason == "unexpected end of data" and broken.start >= len(body) - 3:
        return body[: broken.start].decode("utf-8"), "utf-8"
    # Before the labels, because the label is wrong more often than five pairs in a row are.
    if _mostly_utf8(body):
        return body.decode("utf-8", "replace"), "utf-8"
    for known in named:
        if known.name.startswith("utf-"):
            continue
        try:
            return known.codec_info.decode(body, "strict")[0], known.name
        except UnicodeError:
            continue
    return body.decode("cp1252", "replace"), "windows-1252"


def encoding_of(file: IO[bytes], label: str = "") -> str:
    """The encoding of a long text by the same rule, found without holding it: a name that Python's codecs know. The file
    stands at its start afterwards."""
    file.seek(0)
    head = file.read(_STEP)
    strict = codecs.getincrementaldecoder("utf-8")()
    try:
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for place, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            every_other = head[place:400:2]
            if every_other and every_other.count(0) * 2 > len(every_other):
                return encoding
        chunk = head
        while chunk:
            strict.decode(chunk)
            chunk = file.read(_STEP)
    except UnicodeDecodeError:
        named = decode(head, label)[1]
        return named if _known_to_python(named) else "cp1252"
    finally:
        file.seek(0)
    return "utf-8"


def _known_to_python(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def _declared(body: bytes) -> str:
    found = _DECLARED.search(body, 0, _HEAD)
    return (found[1] or found[2]).decode("ascii") if found else ""


def _mostly_utf8(body: bytes) -> bool:
    pairs = len(_UTF8_PAIR.findall(body))
    if pairs < _PLENTY:
        return False
    bad = body.decode("utf-8", "replace").count("\ufffd") - body.count("\ufffd".encode())
    return bad * 10 <= pairs or bad == 1
