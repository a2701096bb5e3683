"""The pocket world: every advert, service and news item of a small Finland, drawn by seed, moved on day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any

from pocket.advert import HELSINKI, Advert, copies, joinable
from pocket.bulletin import NEWS_TOWNS, WINDOW, News, Service, news, services
from pocket.employers import Employers
from pocket.truth import told
from pocket.vacancy import Hiring, Vacancy

FROZEN = "osterbotten"
"""The one site whose feed stays byte-identical, whatever day it is."""

SITES = ("tpt", "kuntarekry", "kuntarekry-mikkeli", "kuntarekry-kuusamo", "vantaa", "osterbotten", "pilvi")
"""Where adverts stand: the slugs of the cards of all vacancy sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a move of the world did to the adverts."""

    new: int
    changed: int
    gone: int


class World:
    """A world of about so many postings as it stands on ``today``. Nothing rendered is held: sites ask for what they show."""

    def __init__(self, seed: int = 2021, postings: int = 400, *, today: date) -> None:
        self.seed = seed
        self.today = today
        self.services: Sequence[Service] = services(seed, today)
        self._postings = postings
        self._day = 0
        self._numbers = count(1)
        self._open: dict[str, dict[str, Advert]] = {site: {} for site in SITES}
        self._gone: list[Advert] = []
        self._changed: dict[str, date] = dict.fromkeys((*SITES, *NEWS_TOWNS, "ptv"), today)
        rng = Random(f"{seed}")
        self._hiring = Hiring(Employers.settle(rng, postings))
        self._publish(rng, postings)
        self._news = {site: self._backlog(rng, site) for site in NEWS_TOWNS}

    def adverts(self, site: str) -> Sequence[Advert]:
        """What a site shows now, oldest first."""
        return list(self._open[site].values())

    def advert(self, site: str, ref: str) -> Advert | None:
        """An advert that a site shows now, by the site's reference."""
        return self._open[site].get(ref)

    def news(self, site: str) -> Sequence[News]:
        """The window of a news feed, newest first."""
        return self._news[site][: -WINDOW - 1 : -1]

    def changed_on(self, site: str) -> datetime:
        """When a site last changed anything, for its Last-Modified."""
        return datetime.combine(self._changed[site], time(4), UTC)

    def advance(self, days: int = 1) -> Moved:
        """Move the world on: ended adverts vanish, a few vanish early, some change, new ones and news appear."""
        new = changed = gone = 0
        for _ in range(days):
            self._day += 1
            self.today += timedelta(days=1)
            rng = Random(f"{self.seed}/{self._day}")
            for site in SITES:
                if site != FROZEN:
                    touched, left = self._age(rng, site)
                    changed, gone = changed + touched, gone + left
            new += self._publish(rng, max(1, self._postings // 40), moving=True)
            for site, items in self._news.items():
                published = datetime.combine(self.today, time(9), HELSINKI)
                items.append(news(rng, site, len(items) + 1, published))
                self._changed[site] = self.today
        return Moved(new=new, changed=changed, gone=gone)

    def truth(self) -> dict[str, Any]:
        """Everything that is true of every posting that was ever served, ready to be written as JSON."""
        still = [each for adverts in self._open.values() for each in adverts.values()]
        now = {each.number: each for each in (*still, *self._gone)}
        postings = [
            told(each, open_now=open_now, joinable=joinable(each, now[each.original.number]) if each.original else "")
            for adverts, open_now in ((still, True), (self._gone, False))
            for each in adverts
        ]
        postings += [told(each, open_now=True) for each in self.services]
        postings += [told(each, open_now=True) for items in self._news.values() for each in items]
        return {"seed": self.seed, "today": self.today.isoformat(), "postings": postings}

    def _publish(self, rng: Random, wanted: int, *, moving: bool = False) -> int:
        """Publish at least so many adverts more: each vacancy on its first site, then its copies."""
        published = 0
        for vacancy in self._hiring.vacancies(rng, self.today):
            if published >= wanted:
                break
            home = vacancy.employer.home
            if moving and home == FROZEN:
                continue
            published += self._post(rng, home, vacancy)
        return published

    def _post(self, rng: Random, home: str, vacancy: Vacancy) -> int:
        original = self._add(Advert(site=home, number=next(self._numbers), vacancy=vacancy))
        drawn = copies(rng, original)
        for site, differs in drawn:
            self._add(
                Advert(
                    site=site,
                    number=next(self._numbers),
                    vacancy=vacancy,
                    original=original,
                    differs=differs,
                )
            )
        return 1 + len(drawn)

    def _add(self, advert: Advert) -> Advert:
        self._open[advert.site][advert.ref] = advert
        self._changed[advert.site] = self.today
        return advert

    def _age(self, rng: Random, site: str) -> tuple[int, int]:
        """A day passes on a site: how many adverts changed, and how many left."""
        changed = gone = 0
        for ref, advert in list(self._open[site].items()):
            if (advert.ends is not None and advert.ends < self.today) or rng.random() < 0.015:
                self._gone.append(self._open[site].pop(ref))
                gone += 1
            elif rng.random() < 0.03:
                self._open[site][ref] = advert.changed(rng)
                changed += 1
        if changed or gone:
            self._changed[site] = self.today
        return changed, gone

    def _backlog(self, rng: Random, site: str) -> list[News]:
        start = datetime.combine(self.today, time(9), HELSINKI) - timedelta(days=WINDOW)
        return [news(rng, site, number, start + timedelta(days=number - 1)) for number in range(1, WINDOW + 1)]
