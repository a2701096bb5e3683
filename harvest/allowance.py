"""How many more questions a site says that it will answer, and from when on it answers again."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from harvest.limits import Limits
from harvest.records import Reason
from harvest.trouble import GetError, seconds_of

_EPOCH = 1_000_000_000
"""A larger reset is a moment in seconds since 1970 (or in milliseconds), a smaller one is so many seconds from now."""
_REFUSED = frozenset({429, 503})


class Allowances:
    """What each host has left by the headers of its last answer: ``RateLimit-Remaining`` and ``-Reset``, with or without
    ``X-``, or the one ``RateLimit`` of the IETF's drafts. A host is visited by one at a time, so no lock is needed."""

    def __init__(self, *, now: Callable[[], datetime], wait: Callable[[float], None], limits: Limits) -> None:
        self._now, self._wait, self._limits = now, wait, limits
        self._shut_until: dict[str, datetime] = {}

    def note(self, host: str, status: int, headers: Mapping[str, str]) -> str:
        """Take an answer into account; gives the wait that it asks for as a ``Retry-After``, empty when it asks none."""
        asked = headers.get("retry-after", "")
        now = self._now()
        if status in _REFUSED:
            seconds = seconds_of(asked, now) if asked else _reset(headers, now)
            if seconds is not None and seconds > self._limits.retry_after_seconds:
                self._shut(host, seconds, now)
            return asked or ("" if seconds is None else str(int(seconds + 0.999)))
        seconds = _reset(headers, now) if _remaining(headers) == 0 else None
        if seconds is not None:
            self._shut(host, seconds, now)
        return asked

    def turn(self, host: str, most: float) -> None:
        """Waits until the host answers again. Raises ``GetError`` instead where that would take longer than the limits
        allow, or than ``most`` seconds: nothing is asked of a host that has said that it will not answer."""
        until = self._shut_until.get(host)
        seconds = (until - self._now()).total_seconds() if until else 0
        if until is None or seconds <= 0:
            return
        if seconds > min(most, self._limits.retry_after_seconds):
            back = f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            detail = f"{host} has said that it answers nothing before {back}; the next run after that goes on"
            raise GetError(Reason.RATE_LIMITED, detail)
        self._wait(seconds)

    def _shut(self, host: str, seconds: float, now: datetime) -> None:
        self._shut_until[host] = now + timedelta(seconds=min(seconds, 366 * 86400.0))


def _reset(headers: Mapping[str, str], now: datetime) -> float | None:
    hit = re.match(r"[0-9]{1,17}(?:\.[0-9]+)?", _said(headers, "reset") or _part(headers, "t|reset"))
    if not hit:
        return None
    value = float(hit[0])
    if value > _EPOCH * 1000:
        value /= 1000
    return max(0.0, value - now.timestamp()) if value > _EPOCH else value


def _remaining(headers: Mapping[str, str]) -> int | None:
    hit = re.match(r"[0-9]{1,17}", _said(headers, "remaining") or _part(headers, "r|remaining"))
    return int(hit[0]) if hit else None


def _said(headers: Mapping[str, str], what: str) -> str:
    names = (f"ratelimit-{what}", f"x-ratelimit-{what}", f"x-rate-limit-{what}")
    return next((headers[name].strip() for name in names if name in headers), "")


def _part(headers: Mapping[str, str], names: str) -> str:
    """A part of the one header: ``"default";r=0;t=30`` or ``limit=100, remaining=0, reset=30``."""
    hit = re.search(rf"(?:^|[;,\s])(?:{names})\s*=\s*([0-9]+)", headers.get("ratelimit", "")[:1000])
    return hit[1] if hit else ""
