"""Who may visit a host, and when: one visitor at a time, with a pause between two visits."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(slots=True)
class Stay:
    """A visit under way. ``pause`` is what the next visitor has to wait at least; who learns meanwhile that the host asks for
    more makes it longer."""

    pause: float


Visit: TypeAlias = Callable[[str, float], AbstractContextManager[Stay]]
"""Admits one visitor to a host (its netloc in lower case) once the pause is over. It counts from the end of the earlier
visit, so that a slow host is visited less often, and is the longer of the pauses that the two visitors ask for, since each asks
for one between its own request and any other."""


class HostVisits:
    """Visits kept apart within this process: enough for one command, not for several at once. See :data:`Visit`."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._doors: dict[str, _Door] = {}

    @contextmanager
    def __call__(self, host: str, delay: float) -> Iterator[Stay]:
        with self._lock:
            door = self._doors.setdefault(host, _Door())
        with door.lock:
            pause = door.left + max(delay, door.delay) - self._clock()
            if pause > 0:
                self._sleep(pause)
            stay = Stay(delay)
            try:
                yield stay
            finally:
                door.left, door.delay = self._clock(), stay.pause


class _Door:
    __slots__ = ("delay", "left", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.left, self.delay = float("-inf"), 0.0
