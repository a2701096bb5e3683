"""A source's words to ours: texts, titles, dates, numbers, links and closed vocabularies. Each slip is a value."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import nh3
from selectolax.lexbor import LexborHTMLParser

HELSINKI = ZoneInfo("Europe/Helsinki")

_TAGS = {"p", "br", "ul", "ol", "li", "strong", "b", "em", "i", "h2", "h3", "h4", "a", "blockquote", "table", "thead",
         "tbody", "tr", "th", "td", "dl", "dt", "dd", "span", "div"}  # fmt: skip
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
_ESCAPED_MARKUP = re.compile(r"&lt;/?[a-zA-Z][^<>]{0,200}?&gt;")
_BLOCK_END = re.compile(r"(?i)(?=</?(?:p|div|li|ul|ol|br|h[1-6]|tr|table|dd|dt|blockquote)\b)")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,32});")
_BLANKS = re.compile(r"[ \t\xa0\u200b\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

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
    """The text in ``raw``, whether it is plain, HTML, or HTML escaped once more. Scripts, styles, handlers, images and
    frames are gone; links lead only to http, https and mailto."""
    raw = _CONTROL.sub("", raw)
    if not _MARKUP.search(raw):
        if _ESCAPED_MARKUP.search(raw):
            return text(html.unescape(raw))
        plain = _lines(_unescaped(raw))
        shown = "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in plain.split("\n\n") if part)
        return Text(shown.replace("\n", "<br>"), plain)
    shown = nh3.clean(raw, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"},
                      link_rel="noopener nofollow")  # fmt: skip
    return Text(shown, plain_of(shown))


def plain_of(shown: str) -> str:
    """The text of HTML, a line for each block."""
    tree = LexborHTMLParser(_BLOCK_END.sub("\n", shown))
    return _lines(tree.body.text() if tree.body else "")


def line(raw: str) -> str:
    """One line without mark-up or entities (however often they were escaped), its white space folded."""
    for _ in range(3):
        if not _ENTITY.search(raw):
            break
        raw = html.unescape(raw)
    if "<" in raw:
        raw = _MARKUP.sub(" ", raw)
    return " ".join(_CONTROL.sub(" ", raw).replace("\u200b", "").split())


def _unescaped(raw: str) -> str:
    return html.unescape(raw) if "&" in raw else raw


def _lines(raw: str) -> str:
    lines = [_BLANKS.sub(" ", one).strip() for one in raw.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a source gave it. ``at`` is UTC; ``on`` the date in Helsinki; a date alone has ``dated`` set, and its
    ``at`` is the midnight that begins it."""

    at: datetime
    on: date
    dated: bool


_FINNISH = re.compile(
    r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?:[\s,]*(?:klo\.?|kl\.?|at)?\s*(\d{1,2})[.:](\d{2})(?::(\d{2}))?)?"
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH = re.compile(r"\d{9,10}|\d{12,13}")


def moment(raw: str, fetched: datetime) -> Moment | str | None:
    """The moment in ``raw``; ``None`` when it says that there is no date; a sentence when it cannot be read.

    Read are ISO 8601 (a naive time is Helsinki time), ``15.5.2018 klo 14.00`` and its kin, epoch seconds and
    milliseconds, and RFC 822. A midnight in Helsinki is a date. Years more than 40 before or 11 after ``fetched`` are
    nonsense. A missing hour of the spring change counts from after it, a doubled hour of autumn is the first.
    """
    raw = raw.strip()
    if not raw or ONGOING.search(raw):
        return None
    try:
        found = _read_moment(raw)
    except (ValueError, OverflowError, TypeError) as error:
        return f"{raw!r} is not a date that can be read: {error}"
    if found is None:
        return f"{raw!r} is not a date that can be read; expected ISO 8601, 31.12.2026 klo 15.00, RFC 822 or epoch"
    if not fetched.year - 40 <= found.on.year <= fetched.year + 11:
        return f"{raw!r} is the year {found.on.year}, which cannot be meant"
    return found


def _read_moment(raw: str) -> Moment | None:
    if _ISO.match(raw):
        if len(raw) == 10:
            return _day(date.fromisoformat(raw))
        return _instant(datetime.fromisoformat(re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", raw.replace("Z", "+00:00"))))
    if _EPOCH.fullmatch(raw):
        return _instant(datetime.fromtimestamp(int(raw) / (1000 if len(raw) > 10 else 1), UTC))
    finnish = _FINNISH.fullmatch(raw) or _FINNISH.match(raw)
    if finnish:
        day = date(int(finnish[3]), int(finnish[2]), int(finnish[1]))
        if finnish[4] is None:
            return _day(day)
        if finnish[4] == "24":
            return _day(day)
        return _instant(datetime.combine(day, time(int(finnish[4]), int(finnish[5]), int(finnish[6] or 0))))
    if re.match(r"(?:[A-Za-z]{3},\s*)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}", raw):
        return _instant(parsedate_to_datetime(raw))
    return None


def _day(day: date) -> Moment:
    return Moment(midnight(day), day, True)


def _instant(when: datetime) -> Moment:
    local = (when if when.tzinfo else when.replace(tzinfo=HELSINKI)).astimezone(HELSINKI)
    if local.timetz().replace(tzinfo=None) == time(0):
        return _day(local.date())
    return Moment(local.astimezone(UTC), local.date(), False)


def midnight(day: date) -> datetime:
    """The beginning of a Helsinki day, as UTC."""
    return datetime.combine(day, time(0), HELSINKI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The end of a Helsinki day, as UTC: the next midnight."""
    return midnight(day + timedelta(days=1))


def number(raw: str) -> int | str:
    """A count of 1 to 1,000 (the range of the national interface P67), or a sentence."""
    digits = re.fullmatch(r"(\d{1,9})(?:[.,]0+)?", raw.strip())
    if not digits:
        return f"{raw!r} is not a number of openings"
    found = int(digits[1])
    return found if 1 <= found <= 1000 else f"{found} openings cannot be meant; expected 1 to 1,000"


def link(raw: str) -> str:
    """The address if it leads to http, https or mailto, else empty. Spaces are encoded, the fragment stays."""
    raw = html.unescape(raw.strip()) if "&amp;" in raw else raw.strip()
    if raw.lower().startswith("mailto:"):
        return raw
    try:
        parts = urlsplit(raw.replace(" ", "%20"))
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or "@" in parts.netloc or port == 0:
        return ""
    if re.search(r"[\x00-\x20\"'<>\\^`{|}]", parts.netloc):
        return ""
    return urlunsplit(parts)


_SYNONYMS: Mapping[str, str] = {"true": "yes", "1": "yes", "false": "no", "0": "no", "hybrid": "partly", "none": "no"}
"""Truth values as formats write them, and the words of feeds that several suppliers share."""


def word(raw: str, vocabulary: type[StrEnum]) -> str:
    """``raw`` as a word of the vocabulary, or empty when it is none of them: a guess would be worse than nothing."""
    said = raw.strip().lower()
    said = said if said in set(vocabulary) else _SYNONYMS.get(said, said)
    return said if said in set(vocabulary) else ""


def truth(raw: str) -> bool:
    """Whether a flag is set."""
    return raw.strip().lower() in {"true", "1", "yes", "kyllä", "ja"}
