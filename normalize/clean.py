"""A source's words to ours: texts, titles, numbers, links and closed vocabularies. Each slip is a value."""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

import nh3

from harvest.nesting import is_too_much

_SHOWN = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "h2", "h3", "h4", "a", "blockquote", "table", "thead",
          "tbody", "tr", "th", "td", "dl", "dt", "dd", "span", "div"}  # fmt: skip
_DROPPED_WHOLE = {"script", "style", "iframe", "noscript", "noembed", "noframes", "template", "title", "textarea",
                  "select", "object", "svg", "math"}  # fmt: skip
_SANITISER = nh3.Cleaner(
    tags=_SHOWN,
    clean_content_tags=_DROPPED_WHOLE,
    attributes={"a": {"href"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",  # it would lead into our own pages
    link_rel="noopener nofollow",
)
LONGEST_TEXT = 500_000
"""Characters of a text: a book. What comes behind them is left out."""
MOST_TAGS = 5_000
LONGEST_MARKED = 200_000
"""A text with more tags or characters is shown without mark-up: 100,000 nested <div> took the sanitiser 22 seconds."""

_TAG = re.compile(r"<(?:/?[a-zA-Z]|!--)[^<>]*>")
_EMBEDDED = re.compile(r"<[a-zA-Z][^<>]{10000,}>")
"""A tag that holds a picture in its attribute: none is shown."""
_ESCAPED_TAG = re.compile(r"&(?:amp;){0,2}lt;/?[a-zA-Z](?:(?!&(?:amp;){0,2}[lg]t;)[^<>]){0,200}&(?:amp;){0,2}gt;")
_OTHERS = ("h1|h5|h6|section|article|header|footer|main|aside|nav|address|figure|figcaption|pre|center|form|fieldset|legend|"
           "hr|caption")  # fmt: skip
_OTHER_BLOCK = re.compile(
    rf"(</?)(?:{_OTHERS}|{_OTHERS.upper()})(?=[\s/>])"
)  # ignoring case would cost ten times as much
_BLOCK = re.compile(rf"(?i)<(?:p|br|div|li|ul|ol|h[2-4]|tr|table|dl|dd|dt|blockquote|{_OTHERS})(?=[\s/>])")
_PARAGRAPH_ENDS = re.compile(r"</?(?:p|h[234]|ul|ol|table|blockquote|dl)>(?:</?(?:p|h[234]|[uod]l|li)>)*")
_LINE_ENDS = re.compile(r"</?(?:br|li|tr|div|dt|dd)>")
_CELL_ENDS = re.compile(r"</t[dh]>")
_UNREAD = re.compile(r"<(script|style|SCRIPT|STYLE)(?=[\s/>])")
_SHOWN_TAG = re.compile(r"<[^>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Control characters, soft hyphens, marks without width, turns of the reading direction, halves of characters."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text twice: sanitised for show, and plain, with line breaks where blocks end. ``lost`` says in a sentence what of it
    was left out, for being more than can be taken apart in a moment."""

    html: str
    plain: str
    lost: str = ""


def text(raw: str) -> Text:
    """The text in ``raw``, whether it is plain, HTML, or HTML escaped once or twice more. Scripts, styles, handlers,
    images and frames are gone; links lead only to http, https and mailto. About 90 µs for 2 kB of HTML."""
    lost = ""
    if len(raw) > LONGEST_MARKED:
        raw = _EMBEDDED.sub(" ", raw)
    if len(raw) > LONGEST_TEXT:
        lost = f"it has {len(raw)} characters; kept are the first {LONGEST_TEXT}"
        raw = raw[:LONGEST_TEXT]
    raw = _seen(raw)
    for _ in range(2):
        if _TAG.search(raw) or not _ESCAPED_TAG.search(raw):
            break
        raw = html.unescape(raw.replace("&amp;amp;", "&amp;").replace("&amp;lt;", "&lt;").replace("&amp;gt;", "&gt;"))
    if raw.count("<") > MOST_TAGS or (_TAG.search(raw) and (len(raw) > LONGEST_MARKED or is_too_much(raw))):
        tags = "its mark-up is too deep, too long or too much to be taken apart, and is left out; its words are kept"
        lost = f"{lost}; {tags}" if lost else tags
        raw = _TAG.sub(" ", _BLOCK.sub(r"\n\g<0>", _without_scripts(raw)))
    elif _TAG.search(raw):
        return _marked_up(raw, lost)
    plain = _lines(_unescaped(raw))
    shown = html.escape(plain, quote=False).replace("\n\n", "</p><p>").replace("\n", "<br>")
    return Text(f"<p>{shown}</p>" if shown else "", plain, lost)


def _without_scripts(raw: str) -> str:
    """Without what no reader would see: what a sanitiser drops whole, for texts that it is not asked about."""
    kept, at = [], 0
    for begin in _UNREAD.finditer(raw):
        if begin.start() < at:
            continue
        kept.append(raw[at : begin.start()])
        at = raw.find(f"</{begin[1]}", begin.end())
        if at < 0:
            return " ".join(kept)
    return " ".join([*kept, raw[at:]])


def _marked_up(raw: str, lost: str) -> Text:
    if "\n" in raw and not _BLOCK.search(raw):  # plain text with a bold word: its line breaks are meant
        raw = raw.replace("\n", "<br>")
    if _OTHER_BLOCK.search(raw):  # not shown as such, but a block must stay one, or its last word grows into the next
        raw = _OTHER_BLOCK.sub(r"\1div", raw)
    shown = _SANITISER.clean(raw)
    flat = _PARAGRAPH_ENDS.sub("\n\n", " ".join(shown.split()))
    flat = _SHOWN_TAG.sub("", _CELL_ENDS.sub(" ", _LINE_ENDS.sub("\n", flat)))
    return Text(shown, _lines(html.unescape(flat) if "&" in flat else flat), lost)


_SCRIPT = re.compile(r"(?is)<(script|style|iframe|noscript|template|object|svg|math)(?=[\s/>])")
_ONLY_TEXT = nh3.Cleaner(tags=set(), clean_content_tags=_DROPPED_WHOLE)


def line(raw: str) -> str:
    """One line without mark-up, scripts or entities (however often they were escaped), its white space folded."""
    raw = raw[:LONGEST_TEXT]
    for _ in range(3):
        if "&" not in raw or not _ENTITY.search(raw):
            break
        raw = _unescaped(raw)
    if "<" in raw:
        if (
            (script := _SCRIPT.search(raw))
            and f"</{script[1].lower()}" in raw.lower()
            and raw.count("<") <= MOST_TAGS
            and len(raw) <= LONGEST_MARKED
            and not is_too_much(raw)
        ):
            raw = html.unescape(_ONLY_TEXT.clean(_seen(raw).replace("><", "> <")))
        raw = _TAG.sub(" ", raw)
    return " ".join(_seen(raw).split())


def _seen(raw: str) -> str:
    """Without what cannot be seen, letters in their composed form: "ä" may come as "a" and two dots."""
    if not (raw.isprintable() or raw.replace("\n", "").isprintable()):  # what cannot be seen is not printable
        raw = _UNSEEN.sub("", raw)
    return raw if raw.isascii() else unicodedata.normalize("NFC", raw)


def _unescaped(raw: str) -> str:
    """Entities resolved if they end in a semicolon: "&section=2" stands in addresses."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), raw) if "&" in raw else raw


def _lines(raw: str) -> str:
    """Lines with their white space folded, at most one empty line between two."""
    lines = list(map(str.strip, raw.splitlines()))
    if "  " in raw or not raw.replace("\n", "").isprintable():
        lines = [" ".join(one.split()) for one in lines]
    joined = "\n".join(lines)
    while "\n\n\n" in joined:
        joined = joined.replace("\n\n\n", "\n\n")
    return joined.strip()


def number(raw: str) -> int | str:
    """A count of 1 to 1,000 (the range of the national interface P67), or a sentence."""
    digits = re.fullmatch(r"(\d{1,9})(?:[.,]0{1,2})?", raw.strip())
    if not digits:
        return f"{raw[:80]!r} is not a number of openings"
    found = int(digits[1])
    return found if 1 <= found <= 1000 else f"{found} openings cannot be meant; expected 1 to 1,000"


PLAIN_ADDRESS = re.compile(r"https?://(?:www\.)?([a-z0-9][a-z0-9.-]*)((?:/[\w.~/-]*)?)", re.ASCII)
"""An address without anything to weigh: host and path. Most are, and are told ten times quicker than by taking apart."""

LONGEST_LINK = 2_000
"""A longer address is none: browsers and mail programs cut it, and a database cannot look it up."""


def link(raw: str) -> str:
    """The address if it leads to http or https and has at most 2,000 characters, else empty. What no address may hold
    (spaces, quotes, angle and other brackets) is encoded, the fragment stays."""
    if len(raw) <= LONGEST_LINK and PLAIN_ADDRESS.fullmatch(raw):
        return raw
    if len(raw) > 2 * LONGEST_LINK:
        return ""
    raw = "".join(_seen(raw).strip().replace("&amp;", "&").replace(" ", "%20").split())
    raw = raw.translate(_ENCODED)
    if len(raw) > LONGEST_LINK:
        return ""
    try:
        parts = urlsplit(raw)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or port == 0:
        return ""
    if _NO_HOST.search(parts.netloc):
        return ""
    return raw if raw.startswith(("https://", "http://")) else urlunsplit(parts)


_ENCODED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in '"<>\\^`{|}'})
_NO_HOST = re.compile(r"[\x00-\x20\"'<>\\^`{|}%]")

_SYNONYMS: Mapping[str, str] = {"true": "yes", "1": "yes", "false": "no", "0": "no", "hybrid": "partly", "none": "no"}
"""Truth values as formats write them, and the words of feeds that several suppliers share."""


@lru_cache(maxsize=2_000)
def word(raw: str, vocabulary: type[StrEnum]) -> str:
    """``raw`` as a word of the vocabulary, or empty when it is none of them: a guess would be worse than nothing."""
    said = raw.strip().lower()
    return next((str(one) for one in (said, _SYNONYMS.get(said)) if one in set(vocabulary)), "")


def truth(raw: str) -> bool:
    """Whether a flag is set."""
    return raw.strip().lower() in {"true", "1", "yes", "kyllä", "ja"}
