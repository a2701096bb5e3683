"""When a source is due: each so much time, or by the clock on the wall in Helsinki; the same moments for whoever asks."""

from collections import deque
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

from harvest.moment import HELSINKI
from harvest.timing import Schedule

MOST = 1000
"""Of more moments than these at once only the newest are told."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=5000)
def timetable(name: str, schedule: Schedule) -> "Timetable":
    """The moments of what is called ``name``, by its schedule."""
    return Timetable(name, schedule)


class Timetable:
    """Moments in UTC, strictly rising, that follow from name and schedule alone: a service that begins anew, or takes over,
    finds the same. ``every`` counts from a moment of the name's own, so that not all begin at once; ``jitter`` too is
    drawn by name and moment. A ``cron`` with fixed hours fires once on each of its days, also when clocks change: at the
    first of two equal hours, and an hour later where its own is left out."""

    def __init__(self, name: str, schedule: Schedule) -> None:
        from apscheduler.triggers.cron import CronTrigger

        self._name, self._schedule = name, schedule
        self._cron = CronTrigger.from_crontab(schedule.cron, timezone=UTC) if schedule.cron else None
        self._each_hour = schedule.cron.split()[1:2] == ["*"]
        self._every = schedule.every or timedelta(days=1)
        self._first = _BEGINNING + timedelta(seconds=int(_share(name, "first") * self._every.total_seconds()))
        self._known: tuple[datetime, datetime | None] | None = None

    def after(self, moment: datetime) -> datetime | None:
        """The next moment after ``moment``, or nothing where there is none within the calendar's reach."""
        known = self._known
        if known is None or known[0] != moment:
            known = self._known = moment, self._after(moment)
        return known[1]

    def between(self, moment: datetime, until: datetime) -> list[datetime]:
        """The moments after ``moment``, up to ``until`` and with it; of more than :data:`MOST` the newest."""
        found: deque[datetime] = deque(maxlen=MOST)
        due = self.after(moment)
        while due is not None and due <= until:
            found.append(due)
            due = self._after(due)
        return list(found)

    def _after(self, moment: datetime) -> datetime | None:
        plain = self._plain_after(moment - self._schedule.jitter)
        while plain is not None:
            following = self._plain_after(plain)
            jitter = min(self._schedule.jitter, (following or plain) - plain)
            due = plain + timedelta(seconds=int(_share(self._name, plain.isoformat()) * jitter.total_seconds()))
            if due > moment:
                return due
            plain = following
        return None

    def _plain_after(self, moment: datetime) -> datetime | None:
        if self._cron is None:
            return self._first + ((moment - self._first) // self._every + 1) * self._every
        moment += _INSTANT
        if self._each_hour:  # the zone's offset is a whole number of hours, so that days and minutes are its own
            return self._on_the_wall(moment, elapsed=True)
        return self._on_the_wall(moment, elapsed=False)

    def _on_the_wall(self, moment: datetime, elapsed: bool) -> datetime | None:
        """The first moment from ``moment`` on that the expression means. APScheduler reads it as if there were no zone: its
        own way through one fires twice where an hour is repeated."""
        assert self._cron is not None
        wall = moment.astimezone(HELSINKI).replace(tzinfo=UTC, fold=0)
        if elapsed:
            found: datetime | None = self._cron.get_next_fire_time(None, wall)
            if found is not None and found - wall < timedelta(hours=1):
                return moment + (found - wall)
        while (found := self._cron.get_next_fire_time(None, wall)) is not None:
            due: datetime = found.replace(tzinfo=HELSINKI, fold=0).astimezone(UTC)
            if due >= moment:
                return due
            wall = found + _INSTANT
        return None


def _share(*names: str) -> float:
    """From 0 to 1 without it, always the same for the same names."""
    return int.from_bytes(blake2b(" ".join(names).encode(), digest_size=6).digest()) / 2**48
