"""What goes wrong on the way to a page, in words that name no secret."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

from harvest.limits import Limits
from harvest.records import Reason

_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_REASONS = {
    401: (Reason.FORBIDDEN, "it wants a key: check the card's headers"),
    403: (Reason.FORBIDDEN, "ask the publisher, or disable the card"),
    404: (Reason.NOT_FOUND, "check the address in the card"),
    410: (Reason.NOT_FOUND, "it was taken away for good: check the card"),
    429: (Reason.RATE_LIMITED, "raise delay in the card"),
}


class GetError(Exception):
    """A page could not be had: raised inside ``harvest.http``, which turns it into ``Page.problem``.

    ``again`` says that another try may help, ``after`` how many seconds the site asked for; ``pause`` is what we make
    of it.
    """

    def __init__(
        self, reason: Reason, detail: str, *, status: int = 0, again: bool = False, after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.status = status
        self.again = again
        self.after = after
        self.pause = 0.0


def shown(url: str) -> str:
    """The address as a person may see it: no user, no fragment, and … for each value of its query: it may be a key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    pairs = (pair.partition("=") for pair in parts.query.split("&") if pair)
    query = "&".join(f"{name}=…" if equals else "…" for name, equals, _ in pairs)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def of_status(status: int, *, url: str, retry_after: str, now: datetime, limits: Limits) -> GetError:
    """What an unwanted status means. A wait that is too long for us ends the tries, and the detail names its end."""
    reason, todo = _REASONS.get(status, (Reason.HTTP_STATUS, "look at the page by hand"))
    if status >= 500:
        reason, todo = Reason.SERVER_ERROR, "the next run asks again; tell the publisher if it lasts"
    after = seconds_of(retry_after, now)
    again = status in _TRY_AGAIN
    if again and after is not None and after > limits.retry_after_seconds:
        again = False
        back = (now + timedelta(seconds=min(after, 366 * 86400.0))).astimezone(UTC)
        todo = f"it asks us to come back at {back:%Y-%m-%d %H:%M} UTC or later"
    detail = f"{shown(url)} answered {status} where a page was expected; {todo}"
    return GetError(reason, detail, status=status, again=again, after=after)


def seconds_of(retry_after: str, now: datetime) -> float | None:
    """The seconds that a ``Retry-After`` asks for, as a number or as a date; ``None`` when it says nothing clear."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
