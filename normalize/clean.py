"""A source's words to ours: texts, titles, dates, numbers, links and closed vocabularies. Each slip is a value."""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

import nh3

from harvest.moment import HELSINKI

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
MOST_TAGS = 5_000
"""A text with more is shown without any: 100,000 nested <div> took the sanitiser 22 seconds."""

_TAG = re.compile(r"<(?:/?[a-zA-Z]|!--)[^<>]*>")
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
_SHOWN_TAG = re.compile(r"<[^>]*>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Control characters, soft hyphens, marks without width, turns of the reading direction, halves of characters."""

ONGOING = re.compile(
    r"(?i)\b(jatkuva|toistaiseksi|avoin haku|tills\s?vidare|fortlöpande|löpande|until further|ongoing|open until)"
)
"""Words that stand where a date was expected and say that there is none."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text twice: sanitised for show, and plain, with line breaks where blocks end."""

    html: str
    plain: str


def text(raw: str) -> Text:
    """The text in ``raw``, whether it is plain, HTML, or HTML escaped once or twice more. Scripts, styles, handlers,
    images and frames are gone; links lead only to http, https and mailto. About 90 µs for 2 kB of HTML."""
    raw = _seen(raw)
    for _ in range(2):
        if _TAG.search(raw) or not _ESCAPED_TAG.search(raw):
            break
        raw = html.unescape(raw.replace("&amp;amp;", "&amp;").replace("&amp;lt;", "&lt;").replace("&amp;gt;", "&gt;"))
    if raw.count("<") > MOST_TAGS:
        raw = _TAG.sub(" ", _BLOCK.sub("\n<", raw))
    elif _TAG.search(raw):
        return _marked_up(raw)
    plain = _lines(_unescaped(raw))
    shown = html.escape(plain, quote=False).replace("\n\n", "</p><p>").replace("\n", "<br>")
    return Text(f"<p>{shown}</p>" if shown else "", plain)


def _marked_up(raw: str) -> Text:
    if "\n" in raw and not _BLOCK.search(raw):  # plain text with a bold word: its line breaks are meant
        raw = raw.replace("\n", "<br>")
    if _OTHER_BLOCK.search(raw):  # not shown as such, but a block must stay one, or its last word grows into the next
        raw = _OTHER_BLOCK.sub(r"\1div", raw)
    shown = _SANITISER.clean(raw)
    flat = _PARAGRAPH_ENDS.sub("\n\n", " ".join(shown.split()))
    flat = _SHOWN_TAG.sub("", _CELL_ENDS.sub(" ", _LINE_ENDS.sub("\n", flat)))
    return Text(shown, _lines(html.unescape(flat) if "&" in flat else flat))


_SCRIPT = re.compile(r"(?is)<(script|style|iframe|noscript|template|object|svg|math)(?=[\s/>])")
_ONLY_TEXT = nh3.Cleaner(tags=set(), clean_content_tags=_DROPPED_WHOLE)


def line(raw: str) -> str:
    """One line without mark-up, scripts or entities (however often they were escaped), its white space folded."""
    for _ in range(3):
        if "&" not in raw or not _ENTITY.search(raw):
            break
        raw = _unescaped(raw)
    if "<" in raw:
        if (script := _SCRIPT.search(raw)) and f"</{script[1].lower()}" in raw.lower() and raw.count("<") <= MOST_TAGS:
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


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a source gave it. ``at`` is UTC; ``on`` the date in Helsinki; a date alone has ``dated`` set, and its
    ``at`` is the midnight that begins it."""

    at: datetime
    on: date
    dated: bool


_FINNISH = re.compile(
    r"(?:[a-zåäö]{2,11}\.?,?\s+)?(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}(?!\d)|\d{2}(?![\d.:]))"
    r"(?:[\s,]*(?:(?:klo|kl|kello|at)\.?\s*(\d{1,2})(?![\d.:])|(?:(?:klo|kl|kello|at)\.?)?\s*(\d{1,2})[.:](\d{2})(?::(\d{2}))?))?",
    re.IGNORECASE,
)
"""25.9.2026 · 25.9.26 · pe 25.9.2026 klo 15 · 25.9.2026 15:00 · 25.9.2026, kl. 15.00"""
_SLASHED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?!\d)")
"""24/11/2026 and 24-11-2026: which number is the month tells the other one, or nothing does."""
_ENDS_THE_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ]24:00(?::00(?:\.0+)?)?(?!\d)")
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:(?:Z|[+-]\d{2}:?\d{2})?$|[Tt ])")
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")
_RFC_822 = re.compile(r"(?:[A-Za-z]{3,9},?\s*)?\d{1,2}\s+[A-Za-z]{3,9}\s+\d{2,4}\b")


def moment(raw: str, fetched: datetime) -> Moment | str | None:
    """The moment in ``raw``; ``None`` when it says that there is no date; a sentence when it cannot be read.

    Read are ISO 8601 (a naive time is Helsinki time, 24:00 ends its day), ``15.5.2018 klo 14.00`` and its kin,
    ``24/11/2026`` where only one of the numbers can be a month, epoch seconds and milliseconds, and RFC 822. A midnight in
    Helsinki is a date. Years more than 40 before or 11 after ``fetched`` are nonsense. A missing hour of the spring change
    counts from after it, a doubled hour of autumn is the first.
    """
    raw = raw.strip()
    if not raw or ONGOING.search(raw):
        return None
    found = _read_moment(raw)
    if isinstance(found, str):
        return f"{raw[:80]!r} is not a date that can be read: {found}"
    if not fetched.year - 40 <= found.on.year <= fetched.year + 11:
        return f"{raw[:80]!r} is the year {found.on.year}, which cannot be meant"
    return found


@lru_cache(maxsize=10_000)
def _read_moment(raw: str) -> Moment | str:
    try:
        if slashed := _SLASHED.match(raw):
            raw = _dotted(slashed)
        if last := _ENDS_THE_DAY.match(raw):
            if last.end() == len(raw):
                return _day(date.fromisoformat(last[1]))
            raw = f"{date.fromisoformat(last[1]) + timedelta(days=1)}T00:00:00{raw[last.end() :]}"
        if iso := _ISO.match(raw):
            if iso.end() == len(raw):
                return _day(date.fromisoformat(iso[1]))
            return _instant(datetime.fromisoformat(re.sub(r"\s+(?=[+-])|\s*(?:UTC|GMT)$", _zone, raw)))
        if _EPOCH.fullmatch(raw):
            return _instant(datetime.fromtimestamp(int(raw) / (1000 if len(raw) > 10 else 1), UTC))
        if finnish := _FINNISH.match(raw):
            return _finnish(finnish)
        if _RFC_822.match(raw):
            when = parsedate_to_datetime(raw)
            return _instant(when.replace(tzinfo=UTC) if raw.endswith("-0000") else when)
    except (ValueError, OverflowError, TypeError, IndexError) as error:
        return str(error)
    return "expected ISO 8601, 31.12.2026 klo 15.00, RFC 822 or epoch"


def _dotted(slashed: re.Match[str]) -> str:
    """The date as it is written here: day, month, year. One that may be two different days is refused."""
    one, other = int(slashed[1]), int(slashed[3])
    if one != other and one <= 12 and other <= 12:
        raise ValueError(f"it may be {one}.{other}. or {other}.{one}.")
    day, month = (one, other) if other <= 12 else (other, one)
    return f"{day}.{month}.{slashed[4]}{slashed.string[slashed.end() :]}"


def _zone(written: re.Match[str]) -> str:
    return "+00:00" if written[0].strip() else ""


def _finnish(found: re.Match[str]) -> Moment | str:
    if _FINNISH.search(found.string, found.end()):
        return "two dates stand there"
    year = int(found[3]) if len(found[3]) == 4 else 2000 + int(found[3])
    day = date(year, int(found[2]), int(found[1]))
    hour, minute, second = int(found[4] or found[5] or 0), int(found[6] or 0), int(found[7] or 0)
    if (hour, minute, second) == (24, 0, 0):
        return _day(day)  # its end, where an end is asked for
    return _instant(datetime.combine(day, time(hour, minute, second)))


def _day(day: date) -> Moment:
    return Moment(midnight(day), day, True)


def _instant(when: datetime) -> Moment:
    local = (when if when.tzinfo else when.replace(tzinfo=HELSINKI)).astimezone(HELSINKI)
    if local.time() == time(0):
        return _day(local.date())
    return Moment(local.astimezone(UTC), local.date(), False)


@lru_cache(maxsize=2_000)
def midnight(day: date) -> datetime:
    """The beginning of a Helsinki day, as UTC."""
    return datetime.combine(day, time(0), HELSINKI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The end of a Helsinki day, as UTC: the next midnight."""
    return midnight(day + timedelta(days=1))


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
