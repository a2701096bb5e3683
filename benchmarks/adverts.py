"""Adverts whose true clusters are known: copies of four kinds among look-alikes, on boards that cut, frame and decorate.

``python -m benchmarks.adverts 10000 out.jsonl --seed 7`` writes a file that ``aluetori evaluate dedupe`` reads. The seed and
the options are the data set. A *habit* is what one set of boards has in common; weights are fitted on some habits and
measured on others, with other seeds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from benchmarks.advert_text import HABITS, WORDS, Board, Change, Employer, Habit, Job, hash_of, replace_board, sentence
from benchmarks.rows_file import write
from normalize.gazetteer.tables import gazetteer
from pocket.words import occupations

START = date(2026, 1, 1)
LANGUAGES = ("fi", "sv", "en")


TITLES: tuple[Any, ...] = (*(one.title for one in occupations()), *WORDS["titles"]["more"])
FACTS = ("pay", "week", "hours", "contract", "phone", "reference", "ends", "openings", "unit")


@dataclass
class Generator:
    """Adverts without end, as many as are asked for."""

    seed: int
    size: int
    habit: Habit
    rng: Random = field(init=False)
    _number: int = 0
    _listing: int = 0

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.seed} {self.size}")
        towns = [one.code for one in gazetteer().municipalities(START)]
        self.rng.shuffle(towns)
        self.towns = towns
        self.town_weights = list(accumulate(1 / (rank + 3) for rank in range(len(towns))))
        self.employers = [self._employer(rank) for rank in range(max(20, int(self.size**0.7)))]
        self.employer_weights = list(accumulate(one.weight for one in self.employers))
        self.boards = [self._board(number) for number in range(8)]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The listings, in the order of their clusters."""
        made = 0
        while made < self.size:
            for job in self._family():
                for row in self._listings(job):
                    if made < self.size:
                        yield row
                    made += 1

    def _employer(self, rank: int) -> Employer:
        rng, names = self.rng, WORDS["names"]
        town = rng.choices(self.towns, cum_weights=self.town_weights)[0]
        name = gazetteer().municipality(town)
        assert name is not None
        kind = rng.choices(("town", "county", "company", "chain", "staffing"), (2, 1, 12, 2, 1))[0]
        stem = f"{rng.choice(names['places'])}{rng.choice(names['places']).lower()}"
        branch = rng.choice(names["branches"])
        if kind == "town":
            full, alias, short = f"{name.fi}n kaupunki", f"{name.sv or name.fi} stad", name.fi
            towns: tuple[str, ...] = (town,)
        elif kind == "county":
            full, alias, short = f"{stem}n hyvinvointialue", f"{stem}n hyvinvointialue, {branch}palvelut", stem
            towns = tuple(rng.choices(self.towns, cum_weights=self.town_weights, k=8))
        else:
            full, alias = (
                f"{stem} {branch} Oy",
                rng.choice((f"{stem}{branch.lower()}", f"Oy {stem} Ab", f"{stem} Group")),
            )
            short = stem
            count = {"company": rng.choice((1, 1, 1, 2)), "chain": 25, "staffing": 15}[kind]
            towns = tuple(dict.fromkeys(rng.choices(self.towns, cum_weights=self.town_weights, k=count)))
        return Employer(name=full, alias=alias, short=short, towns=towns, weight=1 / (rank + 8) ** 0.75)

    def _board(self, number: int) -> Board:
        rng, words = self.rng, WORDS["fi" if number < 6 else ("sv", "en")[number % 2]]
        about = {"site": WORDS["names"]["sites"][number], "year": 1990 + number, "number": rng.randrange(1000, 9999)}
        cuts: tuple[tuple[int, int] | None, ...] = (None, None, None, (600, 900), None, (250, 500), None, (140, 260))
        hides = {
            name: rng.choice((0, 0, 0, 0.05, 0.1, 0.35))
            for name in ("employer", "municipality", "contract", "ends", "language")
        }
        return Board(
            name=about["site"].lower(),
            cut=cuts[number],
            before=rng.choice(words["before"]).format_map(about) + " " if rng.random() < 0.5 else "",
            after=" " + rng.choice(words["after"]).format_map(about) if rng.random() < 0.5 else "",
            html=rng.random() < 0.4,
            decoration=rng.randrange(6) if rng.random() < 0.45 else None,
            hides=hides,
            shows_reference=rng.random() < 0.5,
        )

    def _job(self) -> Job:
        rng = self.rng
        self._number += 1
        employer = rng.choices(self.employers, cum_weights=self.employer_weights)[0]
        posted = START + timedelta(days=rng.randrange(365))
        ends = posted + timedelta(days=rng.choice((10, 14, 14, 20, 21, 30, 40)))
        chance = self.habit.told
        kind = rng.randrange(6)
        return Job(
            number=self._number,
            employer=employer,
            occupation=(rng.randrange(10**6) if rng.random() < 0.7 else hash_of(employer.name, rng.randrange(8))) % len(TITLES),
            modifier=rng.choices(range(7), (8, 1, 1, 1, 1, 1, 1))[0],
            town=rng.choice(employer.towns),
            unit=(rng.choice(WORDS["names"]["places"]) + rng.choice(("", rng.choice(WORDS["names"]["places"]).lower())), kind),
            contract=rng.choices(("permanent", "fixed_term"), (3, 2))[0],
            hours=rng.choices(("full_time", "part_time"), (4, 1))[0],
            pay=rng.randrange(190, 480) * 10,
            week=rng.choice(("37,5", "38,25", "40", "20", "25", "30", "36,15")),
            person=f"{rng.choice(WORDS['names']['first'])} {rng.choice(WORDS['names']['last'])}",
            phone=f"0{rng.choice((40, 44, 50))} {rng.randrange(100, 999)} {rng.randrange(1000, 9999)}",
            reference=self._reference(),
            openings=rng.choice((1, 1, 1, 2, 3, 5)),
            language=rng.choices(LANGUAGES, (80, 12, 8))[0],
            posted=posted,
            ends=ends,
            clock=rng.choice(("16.00", "15.00", "23.59", "12.00")),
            until=ends + timedelta(days=rng.randrange(60, 400)),
            template=hash_of(employer.name, kind),
            salt=rng.getrandbits(40),
            told=frozenset(fact for fact in FACTS if rng.random() < chance),
        )  # fmt: skip

    def _reference(self) -> str:
        rng = self.rng
        return rng.choice((f"{rng.randrange(10**5, 10**6)}", f"REK-{rng.randrange(100, 999)}-{rng.randrange(10, 99)}",
                           f"{'KMV'[rng.randrange(3)]}{rng.randrange(1000, 99999)}-26"))  # fmt: skip

    def _family(self) -> Iterator[Job]:
        """A job, and in two of five cases look-alikes of it: other jobs that differ in one thing, or two."""
        rng, first = self.rng, self._job()
        if rng.random() > 0.17:
            yield first
            return
        kind = rng.choice(("town", "unit", "contract", "later", "rank", "same text"))
        shown = {"contract": {"contract", "hours", "week"}, "unit": {"unit"}, "later": {"ends"}}.get(kind, set())
        first = replace(first, family=kind, told=first.told | shown)
        yield first
        last = first
        for _ in range(rng.choice((1, 2, 2, 3, 4))):
            self._number += 1
            last = self._look_alike(last if kind == "later" else first, kind)
            yield last

    def _look_alike(self, job: Job, kind: str) -> Job:
        rng, fresh = self.rng, self._job()
        shift = timedelta(days=rng.choice((0, 0, 0, 1, 3, 9)))
        other = replace(job, number=fresh.number, reference=fresh.reference, posted=job.posted + shift)
        if rng.random() < 0.6:
            other = replace(other, phone=fresh.phone, person=fresh.person)
        if rng.random() < 0.3:
            other = replace(other, ends=fresh.ends - fresh.posted + other.posted)
        match kind:
            case "town":
                town = rng.choice(job.employer.towns if len(job.employer.towns) > 3 else self.towns[:60])
                return replace(other, town=town if town != job.town else self.towns[61], unit=fresh.unit)
            case "unit":
                return replace(other, unit=fresh.unit)
            case "contract":
                if rng.random() < 0.5:
                    contract = "fixed_term" if job.contract == "permanent" else "permanent"
                    return replace(other, contract=contract)
                hours = "part_time" if job.hours == "full_time" else "full_time"
                return replace(other, hours=hours, week=fresh.week)
            case "later":
                gap = timedelta(days=rng.randrange(*self.habit.later))
                return replace(other, posted=job.posted + gap, ends=job.ends + gap, until=job.until + gap)
            case "rank":
                return replace(other, modifier=(job.modifier + rng.randrange(1, 7)) % 7, salt=fresh.salt)
        return replace(other, employer=fresh.employer, unit=fresh.unit, town=fresh.town)

    def _listings(self, job: Job) -> Iterator[dict[str, Any]]:
        rng = self.rng
        board = rng.choice(self.boards)
        yield self._shown(job, board, "", Change())
        if rng.random() > 0.135:
            return
        for _ in range(rng.choices((1, 2, 3, 4, 6), (55, 25, 10, 7, 3))[0]):
            kind = rng.choices(("copy", "truncated", "edited", "translated", "repost"), (25, 20, 20, 10, 25))[0]
            there = rng.choice(self.boards if kind == "repost" else [one for one in self.boards if one is not board])
            if kind == "truncated":
                there = replace_board(there, cut=(140, 900))
            yield self._shown(self._moved(job, kind), there, kind, Change.drawn(rng, kind, self.habit.edits))

    def _moved(self, job: Job, kind: str) -> Job:
        rng = self.rng
        if kind != "repost":
            return replace(job, posted=job.posted + timedelta(days=rng.choice((0, 0, 1, 1, 2, 3, 5, 8))))
        gap = timedelta(days=rng.randrange(14, 61))
        again = replace(job, posted=job.posted + gap)
        if rng.random() < 0.7:
            again = replace(again, ends=job.ends + gap)
        if rng.random() < 0.25:
            again = replace(again, reference=self._reference())
        return replace(again, pay=job.pay + 10 * rng.randrange(1, 20)) if rng.random() < 0.2 else again

    def _shown(self, job: Job, board: Board, kind: str, change: "Change") -> dict[str, Any]:
        rng = self.rng
        self._listing += 1
        language = job.language
        if kind == "translated":
            language = rng.choice([one for one in LANGUAGES if one != language])
        municipality = gazetteer().municipality(job.town)
        assert municipality is not None
        town = municipality.sv if language == "sv" and municipality.sv else municipality.fi
        employer = job.employer.alias if rng.random() < self.habit.alias else job.employer.name
        title = (
            WORDS["titles"]["modifiers"][language][job.modifier] + TITLES[job.occupation][language].lower()
        ).capitalize()
        words = WORDS[language]
        contract = job.contract if self.habit.named_contract else words["contracts"][job.contract]
        shown = title
        if board.decoration is not None:
            shown = words["decorations"][board.decoration].format(
                title=title, town=town, employer=employer, contract=contract
            )
        if rng.random() < self.habit.slips:
            at = rng.randrange(1, len(shown))
            shown = shown[: at - 1] + shown[at:]
        text = self._text(job, language, title, town, employer, change)
        text = f"{board.before}{text}{board.after}"
        if board.cut:
            text = text[: rng.randrange(*board.cut)].rsplit(" ", 1)[0] + "…"
        if self.habit.no_text and board.name == self.boards[5].name:
            text = ""
        if board.html:
            text = "<p>" + text.replace("\n", "</p>\n<p>") + "</p>"
        own = rng.random() < 0.05 and kind in ("copy", "edited", "truncated")
        row = {
            "id": f"{self.seed}-{self._listing}", "source": board.name,
            "url": f"https://{board.name}.example/job/{self._listing - own}",
            "ref": f"{10**6 + self._listing}" if self.habit.own_ref else job.reference if board.shows_reference else None,
            "title": shown, "employer": employer, "municipality": job.town if self.habit.codes else town, "language": language,
            "contract": contract, "text": text, "posted": job.posted.isoformat(), "ends": job.ends.isoformat(),
            "cluster": f"v{job.number}", "kind": kind, "family": job.family,
        }  # fmt: skip
        return {
            key: value for key, value in row.items() if value is not None and rng.random() >= board.hides.get(key, 0)
        }

    def _text(self, job: Job, language: str, title: str, town: str, employer: str, change: "Change") -> str:
        words, name = WORDS[language], job.unit
        about = {
            "title": title, "town": town, "employer": employer, "week": job.week,
            "pay": f"{job.pay // 1000} {job.pay % 1000:03}",
            "unit": f"{name[0]}{WORDS['names']['ends'][language][name[1]]}", "person": job.person, "phone": job.phone,
            "reference": job.reference, "ends": f"{job.ends.day}.{job.ends.month}.{job.ends.year}", "clock": job.clock,
            "until": f"{job.until.day}.{job.until.month}.{job.until.year}", "openings": job.openings,
        }  # fmt: skip
        if "unit" not in job.told:
            about["unit"] = employer
        shared, own = Random(f"{job.template} {language}"), Random(f"{job.salt} {language}")
        sentences = [words["title"].format_map(about), words["employer"].format_map(about)]
        sentences += [sentence(shared, words) for _ in range(shared.randrange(4, 11))]
        sentences += [sentence(own, words) for _ in range(own.randrange(6, 17))]
        facts = [words[job.hours] if fact == "hours" else words[job.contract] if fact == "contract" else words[fact]
                 for fact in FACTS[:-1] if fact in job.told]  # fmt: skip
        sentences += [fact.format_map(about) for fact in facts]
        return change.applied(sentences, words)


def main() -> None:
    """Write a file."""
    write(lambda seed, size, habit: Generator(seed, size, HABITS[habit]).rows(), HABITS)


if __name__ == "__main__":
    main()
