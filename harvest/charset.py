"""Bytes become text by one rule that distrusts labels: mislabelled UTF-8 is common, and so is a lone bad byte in it."""

import codecs
import re

import webencodings

_HEAD = 4096
_DECLARED = re.compile(
    rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""", re.I
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_XML_WITHOUT_BOM = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"))
# ä, ö and å are C3 xx in UTF-8 and read as "Ã" plus a sign in every older encoding, which nobody writes
_UTF8_PAIR = re.compile(rb"\xc3[\x80-\xbf]")
_PLENTY = 5


def decode(body: bytes, label: str = "") -> tuple[str, str, bool]:
    """The text, the encoding it was read as, and whether that is doubtful.

    ``label`` is what the HTTP header said. Never raises: what no encoding explains is read with replacement characters
    and called doubtful, so that the source can be looked at.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _strict_or_doubtful(body[len(mark) :], encoding)
    for mark, encoding in _XML_WITHOUT_BOM:
        if body.startswith(mark):
            return _strict_or_doubtful(body, encoding)
    try:
        return body.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        broken = error
    named = [known for known in map(webencodings.lookup, (label, _declared(body))) if known is not None]
    looks_like_utf8 = bool(_UTF8_PAIR.search(body, 0, broken.start)) or any(known.name == "utf-8" for known in named)
    if looks_like_utf8 and broken.reason == "unexpected end of data" and broken.start >= len(body) - 3:
        return body[: broken.start].decode("utf-8"), "utf-8", False
    # Before the labels, because the label is wrong more often than five pairs in a row are.
    if _mostly_utf8(body):
        return body.decode("utf-8", "replace"), "utf-8", True
    for known in named:
        if known.name.startswith("utf-"):
            continue
        try:
            return known.codec_info.decode(body, "strict")[0], known.name, False
        except UnicodeError:
            continue
    return body.decode("cp1252", "replace"), "windows-1252", True


def _strict_or_doubtful(body: bytes, encoding: str) -> tuple[str, str, bool]:
    try:
        return body.decode(encoding), encoding, False
    except UnicodeDecodeError:
        return body.decode(encoding, "replace"), encoding, True


def _declared(body: bytes) -> str:
    found = _DECLARED.search(body, 0, _HEAD)
    return (found[1] or found[2]).decode("ascii") if found else ""


def _mostly_utf8(body: bytes) -> bool:
    pairs = len(_UTF8_PAIR.findall(body))
    if pairs < _PLENTY:
        return False
    bad = body.decode("utf-8", "replace").count("\ufffd") - body.count("\ufffd".encode())
    return bad * 10 <= pairs or bad == 1
