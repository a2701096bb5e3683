"""When a source is asked, how often, and with which pauses: the tables of a card that the clock and the visitor go by."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, field_validator, model_validator

from harvest.declaration import Declared
from harvest.moment import cron_fault

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_A_MINUTE, _A_YEAR = timedelta(minutes=1), timedelta(days=366)
LONGEST = timedelta(days=3660)
"""Ten years: a longer time in a card is a slip of the pen, and would lead out of the calendar."""
LONGEST_DELAY = timedelta(minutes=10)
"""A pause is a row that all visitors of a host keep: one of a day would block it, also once the card was mended."""


def duration(value: object) -> timedelta:
    """A time such as ``30s``, ``10m``, ``3h`` or ``90d``. Raises ``ValueError`` with a sentence for anything else."""
    if value in ("0", 0):
        return timedelta(0)
    hit = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", value) if isinstance(value, str) else None
    if not hit:
        raise ValueError('expected a number with a unit, like "30s", "10m", "3h" or "90d"')
    try:
        found = timedelta(**{_UNITS[hit[2]]: float(hit[1])})
    except OverflowError:
        found = timedelta.max
    if found > LONGEST:
        raise ValueError(f'expected a shorter time than that: at most "{LONGEST.days}d"')
    return found


Duration = Annotated[timedelta, BeforeValidator(duration)]


class Schedule(Declared):
    """When it is harvested: ``every`` so long, or by ``cron`` in Europe/Helsinki (weekdays by name); up to ``jitter`` later,
    so that not all begin at once."""

    every: Duration | None = None
    cron: str = ""
    jitter: Duration = timedelta(0)
    max_runtime: Duration = timedelta(hours=1)

    @model_validator(mode="after")
    def _one_clock(self) -> "Schedule":
        if (self.every is None) == (not self.cron):
            raise ValueError('expected exactly one of every = "3h" and cron = "15 5 * * *"')
        if self.every is not None and not _A_MINUTE <= self.every <= _A_YEAR:
            raise ValueError('every: expected a time from "1m" to "366d"')
        if self.jitter >= (self.every or timedelta(days=1)):
            raise ValueError("jitter: expected less than the time between two harvests, which it would turn around")
        if not timedelta(0) < self.max_runtime <= _A_YEAR:
            raise ValueError('max_runtime: expected a time like "1h"')
        if self.cron and (len(self.cron.split()) != 5 or re.search(r"\d", self.cron.split()[4])):
            raise ValueError(
                "cron has five fields, and weekdays are written mon to sun, since numbers differ in meaning"
            )
        if self.cron and (fault := cron_fault(self.cron)):
            raise ValueError(f'cron: expected an expression like "15 5 * * mon-fri": {fault}')
        return self


class Manners(Declared):
    """How politely: ``delay`` between two requests to one host, whoever asks."""

    delay: Duration = timedelta(seconds=1)
    egress: Literal["any", "fixed"] = "any"

    @field_validator("delay")
    @classmethod
    def _no_longer_than_patience(cls, delay: timedelta) -> timedelta:
        if delay > LONGEST_DELAY:
            raise ValueError('expected at most "10m": it is the pause between two requests, like "1s"')
        return delay


class Freshness(Declared):
    """How old the last complete harvest may grow."""

    complete_within: Duration = timedelta(days=1)

    @field_validator("complete_within")
    @classmethod
    def _some_time(cls, within: timedelta) -> timedelta:
        if not within:
            raise ValueError('expected a time like "24h"; within "0h" nothing would ever be fresh')
        return within
