"""What the clock expects of a source, against what has been: due now, due next, and not begun though it should be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from harvest.source import Source
from harvest.timing import Schedule, duration
from schedules.clock import timetable
from store.firings import AGAIN, Newest, Outcome, Override, newest, overrides

LATE = timedelta(minutes=30)
"""A firing that nobody has begun for so long did not start: longer than a busy host's queue, shorter than a source's pace."""
MIDNIGHT = "(midnight)"
"""What ends or begins by date, texts and pages whose time is over: no source, and due like one."""
DIGEST = "(digest)"
"""What waits for a person, told once a day."""
OWN = {MIDNIGHT: Schedule(cron="0 0 * * *"), DIGEST: Schedule(cron="0 7 * * *")}
"""What is due though it is no source, by the clock on the wall in Helsinki."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A firing whose time has come. ``missed`` are the earlier ones that it makes up for."""

    at: datetime
    because: str = ""
    missed: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a source stands with the clock: its schedule, the operator's word over it, and its newest firing."""

    name: str
    schedule: Schedule
    word: Override | None = None
    last: Newest | None = None

    def paused(self, now: datetime) -> bool:
        return self.word is not None and self.word.paused(now)

    def due(self, now: datetime) -> Due | None:
        """The one firing to begin now, if any: of several that were missed, the newest. What fell into a rest was not missed,
        but when the rest is over the source is due once. One that never had a firing is due at once."""
        if self.paused(now):
            return None
        if self.last is None:
            return Due(at=now, because="it is new")
        moments = timetable(self.name, self.schedule).between(self.last.due_at, now)
        if not moments:
            because = AGAIN if self.last.outcome is Outcome.CUT else "the one before was stopped"
            return Due(at=now, because=because) if self.last.owed else None
        missed = tuple(one for one in moments[:-1] if one > self._heard)
        return Due(at=moments[-1], because=f"makes up for {len(missed)} missed" if missed else "", missed=missed)

    def next(self, now: datetime) -> datetime | None:
        """When it is due next: in the past where it should have begun, ``None`` where it rests until a person says so."""
        if self.last is None or self.last.owed:
            due: datetime | None = now
        else:
            due = timetable(self.name, self.schedule).after(self.last.due_at)
        if self.word is None or not self.word.paused(now):
            return due
        until = self.word.paused_until
        return None if self.word.for_ever or due is None or until is None else max(due, until)

    def overdue(self, now: datetime) -> datetime | None:
        """Since when it should have begun, where that is too long ago."""
        if self.paused(now) or self.last is None:
            return None
        if self.last.outcome is Outcome.WAITING:
            since: datetime | None = self.last.due_at
        else:
            since = timetable(self.name, self.schedule).after(max(self.last.due_at, self._heard))
        return since if since is not None and since < now - LATE else None

    @property
    def _heard(self) -> datetime:
        """Since when the word counts; a rest, once it is over, since its end."""
        return max(self.word.at, self.word.paused_until or _LONG_AGO) if self.word else _LONG_AGO


def standings(cards: Mapping[str, Source], words: Mapping[str, Override], last: Mapping[str, Newest]) -> list[Standing]:
    """Every enabled source, and what is due though it is none, as the clock sees them."""
    found = [Standing(name=name, schedule=schedule, last=last.get(name)) for name, schedule in OWN.items()]
    for slug, source in cards.items():
        if source.enabled:
            word = words.get(slug)
            found.append(Standing(name=slug, schedule=_paced(source.schedule, word), word=word, last=last.get(slug)))
    return found


def told(cards: Mapping[str, Source], engine: Engine, now: datetime) -> list[dict[str, Any]]:
    """Every enabled source as the clock sees it, the next first: schedule and pace, when it is due next, since when it is
    overdue, its newest firing, and the operator's word. Times are UTC, ISO 8601."""
    found = []
    for one in standings(cards, overrides(engine), newest(engine)):
        word, next_, overdue = one.word, one.next(now), one.overdue(now)
        paused = word is not None and word.paused(now)
        found.append(
            {
                "source": one.name,
                "schedule": one.schedule.cron or str(one.schedule.every),
                "next": _iso(next_),
                "overdue": _iso(overdue),
                "last_due": _iso(one.last.due_at if one.last else None),
                "outcome": str(one.last.outcome) if one.last else "never due",
                "paused_until": ("resumed" if word.for_ever else _iso(word.paused_until)) if word and paused else None,
                "pace": word.pace if word else "",
                "reason": word.reason if word and (paused or word.pace) else "",
                "author": word.author if word and (paused or word.pace) else "",
            }
        )
    return sorted(found, key=lambda row: (row["next"] is None, row["next"] or "", row["source"]))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _paced(schedule: Schedule, word: Override | None) -> Schedule:
    if word is None or not word.pace:
        return schedule
    return schedule.model_copy(update={"every": duration(word.pace), "cron": "", "jitter": timedelta(0)})
