"""Dates and times as a card writes them or names their form, and the greatest of those that a source tells."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")

FORMS = ("epoch_s", "epoch_ms", "rfc822")
"""The forms that have a name; any other is a pattern of ``strptime``."""


class Watermark:
    """The greatest moment of change that was met: ``text`` is how the source itself wrote it, since that is how it will be
    asked. Texts that are no dates count only where none is one; then the greatest text is kept."""

    __slots__ = ("_moment", "text")

    def __init__(self, text: str = "") -> None:
        self.text, self._moment = text, instant(text)

    def note(self, text: str, now: datetime) -> None:
        """Take another change into account, unless it is of after ``now`` (UTC): what changes between now and then would
        never be asked for. It will count when its time has come, since it is listed until then."""
        if text == self.text:
            return
        moment = instant(text)
        if moment is not None and moment > now:
            return
        if moment is None:
            if self._moment is None and text > self.text:
                self.text = text
        elif self._moment is None or moment > self._moment:
            self.text, self._moment = text, moment


def instant(text: str) -> datetime | None:
    """The moment in UTC that a text names: ISO 8601, RFC 822 or 24.11.2026; without a zone in Europe/Helsinki, without
    a clock at the day's beginning. ``None`` for what is no date."""
    try:
        if "-" in text[4:8]:
            moment = datetime.fromisoformat(text)
        elif "," in text or ":" in text:
            moment = parsedate_to_datetime(text)
        else:
            moment = datetime.strptime(text, "%d.%m.%Y")  # noqa: DTZ007 - the zone is put on below
        return (moment if moment.tzinfo else moment.replace(tzinfo=HELSINKI)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def moment_of(text: str, form: str) -> str:
    """``text`` read by ``form`` as an ISO 8601 date or date-time, or empty when it does not fit.

    ``form`` is ``epoch_s``, ``epoch_ms``, ``rfc822`` or a ``strptime`` pattern. A pattern without a zone means
    Europe/Helsinki; one without a clock gives a date.
    """
    try:
        if form in ("epoch_s", "epoch_ms"):
            seconds = float(text) / (1000 if form == "epoch_ms" else 1)
            return datetime.fromtimestamp(seconds, UTC).isoformat()
        if form == "rfc822":
            return parsedate_to_datetime(text).isoformat()
        moment = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is put on below, where the pattern has none
        if not any(mark in form for mark in ("%H", "%I")):
            return moment.date().isoformat()
        named = (
            UTC if "%Z" in form and any(zone in text for zone in ("UTC", "GMT")) else HELSINKI
        )  # strptime drops the name
        return (moment if moment.tzinfo else moment.replace(tzinfo=named)).isoformat()
    except (ValueError, OverflowError, OSError, TypeError):
        return ""


def cron_fault(cron: str) -> str:
    """Why the clock could not go by an expression, or nothing: judged by the clock's own reading."""
    from apscheduler.triggers.cron import CronTrigger  # costs 0.2 s, and few cards have a cron

    try:
        trigger = CronTrigger.from_crontab(cron, timezone=HELSINKI)
    except ValueError as error:
        return str(error)
    someday = datetime(2026, 1, 1, tzinfo=HELSINKI)
    return "" if trigger.get_next_fire_time(None, someday) else "there is no such day"
