"""What a site's robots.txt asks of us: kept for a day, obeyed always."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego

from harvest.records import Page, Reason
from harvest.trouble import GetError, shown

AGENT = "aluetori"
ROBOTS_BYTES = 512 * 1024
"""What is read of a robots.txt; RFC 9309 asks for 500 KiB at least and lets us leave the rest."""

_KEPT = timedelta(hours=24)
_KEPT_AFTER_FAILURE = timedelta(minutes=10)
_LONGEST_PAUSE = 60.0
# RFC 9309, 2.3.1.3: a 4xx, or too many redirects, means that there are no rules. A 429 is left out on purpose: a host
# that asks for less is not asked for more.
_NO_RULES = frozenset({Reason.NOT_FOUND, Reason.FORBIDDEN, Reason.HTTP_STATUS, Reason.REDIRECTS})
# These say more than "robots" does, and hold for the page itself just as well.
_SAME_FOR_THE_PAGE = frozenset({Reason.DNS, Reason.ADDRESS_NOT_ALLOWED, Reason.RATE_LIMITED, Reason.BUDGET_SPENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Word:
    rules: Protego | None
    trouble: tuple[Reason, str]
    until: datetime


class Robots:
    """The rules of every origin met, shared by the threads of this process; each origin is asked once a day."""

    def __init__(self, *, fetch: Callable[[str, float], Page], now: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._now = now
        self._lock = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._words: dict[str, _Word] = {}

    def pause(self, url: str, *, origin: str, delay: float) -> float:
        """The pause in seconds that this visit needs: ours, or the site's where it asks for a longer one (60 at most).

        Raises ``GetError`` when the rules refuse the address, or cannot be had just now: then nothing may be fetched.
        """
        word = self._word(origin, delay)
        if word.rules is None:
            raise GetError(*word.trouble)
        if not word.rules.can_fetch(url, AGENT):
            raise GetError(
                Reason.ROBOTS,
                f"robots.txt of {origin} does not let {AGENT} visit {shown(url)}; it is obeyed: ask the publisher, "
                "or disable the card",
            )
        return max(delay, _pause(word.rules))

    def _word(self, origin: str, delay: float) -> _Word:
        with self._lock:
            lock = self._locks[origin]
        with lock:
            word = self._words.get(origin)
            if word is None or word.until <= self._now():
                word = self._words[origin] = self._asked(origin, delay)
            return word

    def _asked(self, origin: str, delay: float) -> _Word:
        page = self._fetch(f"{origin}/robots.txt", delay)
        now = self._now()
        problem = page.problem
        if problem is None or problem.reason in _NO_RULES:
            with page.file:
                rules = _rules(page)
            return _Word(rules=rules, trouble=(Reason.ROBOTS, ""), until=now + _KEPT)
        if problem.reason in _SAME_FOR_THE_PAGE:
            trouble = problem.reason, problem.detail
        else:
            detail = f"robots.txt of {origin} could not be had ({problem.detail}); until it can, we stay away"
            trouble = Reason.ROBOTS, detail
        return _Word(rules=None, trouble=trouble, until=now + _KEPT_AFTER_FAILURE)


def pause_after(page: Page) -> float:
    """The pause in seconds that a robots.txt asks for. It holds from the reading of it on, for those as well who have not."""
    return _pause(_rules(page)) if page.problem is None else 0.0


def _rules(page: Page) -> Protego:
    return Protego.parse(page.read().decode("utf-8", "replace").removeprefix("\ufeff"))


def _pause(rules: Protego) -> float:
    return min(rules.crawl_delay(AGENT) or 0.0, _LONGEST_PAUSE)
