"""A source's dates to ours: moments in UTC and days in Helsinki, in every form that sources write."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

from harvest.moment import HELSINKI

ONGOING = re.compile(
    r"(?i)\b(jatkuva|toistaiseksi|avoin haku|tills\s?vidare|fortlöpande|löpande|until further|ongoing|open until)"
)
"""Words that stand where a date was expected and say that there is none."""


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
