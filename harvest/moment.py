"""Dates and times in the form that a card names."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")

FORMS = ("epoch_s", "epoch_ms", "rfc822")
"""The forms that have a name; any other is a pattern of ``strptime``."""


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
        return (moment if moment.tzinfo else moment.replace(tzinfo=HELSINKI)).isoformat()
    except (ValueError, OverflowError, OSError, TypeError):
        return ""
