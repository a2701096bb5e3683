"""Builders: a card, postings and runs in a line each, and a scene that harvests and curates them by a clock."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import insert, select, update

from harvest.known import PageMemo
from harvest.moment import HELSINKI
from harvest.records import Found, Gone, Kind, Problem, Seen, Verdict, Whole
from harvest.source import Source
from normalize import fingerprint
from normalize.curate import Rules, load_rules
from normalize.records import Evidence, Listed, Posting
from normalize.region import REGIONS
from normalize.theme import THEMES
from normalize.vocabulary import Act, Level
from schedules.guard import held
from schedules.run import run_curation
from store import changes, curated
from store.counts import counts
from store.door import Store
from store.judgements import ListingMunicipality, ListingPosting, ListingRow, Spell
from store.packing import posting_id
from store.tables import DecisionRow, PostingRow, Touch, metadata, table
from store.write.listings import Written
from store.write.runs import RunResult

MIKKELI, KOUVOLA, HELSINKI_CODE, VAASA, TAMPERE = "491", "286", "091", "905", "837"


class Clock:
    """Ten o'clock on a Tuesday in Helsinki, until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    @property
    def today(self) -> date:
        return self.now.astimezone(HELSINKI).date()

    def seconds(self) -> float:
        return self.now.timestamp()

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def move(self, **passed: float) -> None:
        """Later by so many ``days``, ``hours``, ``minutes`` or ``seconds``."""
        self.now += timedelta(**passed)

    def at(self, local: str) -> None:
        """To a Helsinki time such as ``2026-11-25 00:01``."""
        self.now = datetime.fromisoformat(local).replace(tzinfo=HELSINKI).astimezone(UTC)


def card(slug: str = "town", **keys: Any) -> Source:
    """A minimal valid card; ``keys`` replace its own, tables whole."""
    declared = {
        "name": f"The town of {slug}",
        "publisher": slug,
        "kind": "vacancy",
        "home": f"https://{slug}.example",
        "attribution": f"Source: {slug}",
        "languages": ["fi"],
        "checked": "2026-09-15",
        "start": [f"https://{slug}.example/jobs.json"],
        "rights": {"basis": "agreement"},
        "schedule": {"every": "3h"},
        "adapter": {"kind": "json_api", "items": "jobs", "fields": {"ref": "id", "title": "name"}},
    }
    return Source.model_validate({**declared, "slug": slug, **keys})


def posting(ref: str, title: str = "", source: str = "town", **facts: Any) -> Posting:
    """A clean posting with a title and an address of its own. ``codes`` are its municipalities (Mikkeli unless given),
    ``evidence`` replaces them; keys for sameness and the digest follow from the rest."""
    title = title or f"Työ {ref}"
    codes: Sequence[str] = facts.pop("codes", (MIKKELI,))
    signs = tuple(
        Evidence(level=Level.CODE, field="municipality", value=code, rule="municipality code", weight=1, codes=(code,))
        for code in codes
    )
    told: dict[str, Any] = {
        "url": f"https://{source}.example/jobs/{ref}",
        "titles": {"fi": title},
        "plain": {"fi": f"Teksti {ref}."},
        "language": "fi",
        "employer": "Mikkelin kaupunki",
        "evidence": signs,
        "work_form": "employment",
        **facts,
    }
    told.setdefault("html", {code: f"<p>{text}</p>" for code, text in told["plain"].items()})
    told.setdefault("employer_key", str(told["employer"]).casefold())
    keys = {
        "title_key": fingerprint.mark(fingerprint.title_key(title)),
        "url_key": fingerprint.url_key(told["url"]),
        "reference_key": fingerprint.reference_key(told.get("reference", "")),
    }
    digest = blake2b(repr(sorted(told.items())).encode(), digest_size=16).digest()
    return Posting(**{"kind": Kind.VACANCY, "page": f"https://{source}.example/jobs.json", "digest": digest, "source": source,
                      "ref": ref, **told, **keys})  # fmt: skip


def many(count: int, prefix: str = "", **facts: Any) -> list[Posting]:
    """So many postings, told apart by their references."""
    return [posting(f"{prefix}{number:03}", **facts) for number in range(count)]


def verdict(whole: Whole = Whole.COMPLETE, cause: str = "", **more: Any) -> Verdict:
    return Verdict(whole=whole, cause=cause or ("true zero" if whole is Whole.EMPTY else "read to the end"), **more)


def memo(key: str, refs: Iterable[str] = (), etag: str = '"1"') -> PageMemo:
    return PageMemo(key=key, etag=etag, refs=tuple(refs))


@cache
def rules(today: date) -> Rules:
    """The shipped rules as of a day."""
    return load_rules([REGIONS], [THEMES], today)


class Scene:
    """A store in use: what sources list is harvested as ``walk`` would give it, judged, and read back."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock, self._seq = store, clock, 0

    def harvest(
        self,
        source: Source,
        postings: Iterable[Posting] = (),
        whole: Whole | None = None,
        more: Iterable[Gone | Problem] = (),
        **said: Any,
    ) -> RunResult:
        """A run in which the source lists ``postings``: those whose digest is known come as seen, no more than that."""
        known = self.store.known(source).digests
        listed: list[Listed] = [Seen(ref=one.ref) if known.get(one.ref) == one.digest else one for one in postings]
        whole = whole or (Whole.COMPLETE if listed else Whole.EMPTY)
        ending: Found = verdict(whole, found=len(listed), **said)
        return self.store.save_run(source, [*listed, *more, ending], held)  # type: ignore[list-item]

    def curate(self) -> Written:
        """Judge what is touched, as of the clock's day."""
        return run_curation(rules(self.clock.today), self.store, self.clock.today)

    def day(self, source: Source, postings: Iterable[Posting], **passed: float) -> Written:
        """A day passes, the source is harvested and what changed is judged."""
        self.clock.move(**(passed or {"days": 1}))
        self.harvest(source, postings)
        return self.curate()

    def changes(self) -> list[tuple[str, list[str], list[str]]]:
        """What the change log gained since it was last asked: what, municipality codes before and after."""
        found = changes.changes(self.store.engine, self._seq)
        self._seq = changes.last_seq(self.store.engine)
        return [(one["what"], one["before"], one["after"]) for one in found]

    def rows(self, model: Any, **where: Any) -> list[dict[str, Any]]:
        """The rows of a table, in the order of their keys."""
        of = table(model)
        wanted = [of.c[name] == value for name, value in where.items()]
        with self.store.engine.connect().execution_options(readonly=True) as connection:
            return [dict(r) for r in connection.execute(select(of).where(*wanted).order_by(*of.primary_key)).mappings()]

    def posting(self, ref: str, source: str = "town") -> dict[str, Any]:
        return self.rows(PostingRow, id=posting_id(source, ref))[0]

    def listing(self, ref: str, source: str = "town") -> dict[str, Any]:
        """The listing that a posting is in."""
        member = self.rows(ListingPosting, posting=posting_id(source, ref))[0]
        return self.rows(ListingRow, id=member["listing"])[0]

    def status(self, ref: str, source: str = "town") -> str:
        return str(self.listing(ref, source)["status"])

    def municipalities(self, ref: str, source: str = "town") -> list[str]:
        found = self.rows(ListingMunicipality, listing=self.listing(ref, source)["id"])
        return sorted(row["code"] for row in found)

    def groups(self) -> list[list[str]]:
        """The listings as sorted groups of ``source/ref``."""
        names = {row["id"]: f"{row['source']}/{row['ref']}" for row in self.rows(PostingRow)}
        found: dict[str, list[str]] = {}
        for row in self.rows(ListingPosting):
            found.setdefault(row["listing"], []).append(names[row["posting"]])
        return sorted(sorted(group) for group in found.values())

    def exported(self, **asked: Any) -> list[dict[str, Any]]:
        return list(curated.listings(self.store.engine, "page", **asked))

    def total(self, on: date | None = None, by: Sequence[str] = ()) -> int:
        """How many listings count (work trials apart)."""
        return sum(row["listings"] or 0 for row in counts(self.store.engine, by=by, on=on))

    def spells(self, scope: str = "all") -> list[dict[str, Any]]:
        return self.rows(Spell, scope=scope)

    def touch(self, ids: Iterable[str], because: str = "a test") -> None:
        if rows := [{"posting": id_, "because": because} for id_ in ids]:
            with self.store.engine.begin() as connection:
                connection.execute(insert(table(Touch)), rows)

    def touch_everything(self) -> None:
        self.touch([row["id"] for row in self.rows(PostingRow)])

    def decide(self, act: Act, one: Posting, other: Posting | None = None, value: str = "") -> None:
        """A person's word, with the touches that make it count at the next curation."""
        ids = [posting_id(each.source, each.ref) for each in (one, other) if each]
        row = {"act": str(act), "posting": ids[0], "other": ids[1] if other else "", "value": value, "undone": False,
               "reason": "seen by eye", "author": "Aino", "at": self.clock.now}  # fmt: skip
        with self.store.engine.begin() as connection:
            connection.execute(insert(table(DecisionRow)), row)
        self.touch(ids)

    def undo_decisions(self) -> None:
        decision = table(DecisionRow)
        with self.store.engine.begin() as connection:
            connection.execute(update(decision).values(undone=True))
        self.touch_everything()

    def snapshot(self) -> Mapping[str, list[dict[str, Any]]]:
        """Everything that the database holds but leases and runs under way."""
        with self.store.engine.connect().execution_options(readonly=True) as connection:
            return {
                name: [dict(row) for row in connection.execute(select(one).order_by(*one.primary_key)).mappings()]
                for name, one in metadata.tables.items()
                if name not in ("lease", "run")
            }


def codes(row: Mapping[str, Any], name: str) -> list[str]:
    """A JSON list in a row."""
    found: list[str] = json.loads(row[name])
    return found
