"""Sameness at size: a file in one go, and a few new adverts on many that stand, written.

``python -m benchmarks.sameness FILE DATABASE NEW`` saves and curates all adverts of the file but the last NEW, then those, and
prints one JSON object of seconds.
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from harvest.records import Kind, Problem, RawPosting, Verdict, Whole
from harvest.source import Source
from normalize import region, theme
from normalize.curate import load_rules
from normalize.steps import normalize_batch
from schedules.agreement import agreement
from schedules.guard import held
from schedules.run import run_curation
from store import curated, db
from store.door import Store
from store.write.spool import Record, record

NOW = datetime(2026, 12, 31, 10, tzinfo=UTC)
FIELDS = {"title": "title", "employer": "employer", "municipality": "place", "language": "language", "text": "text",
          "posted": "published", "ends": "ends", "url": "url", "ref": "reference"}  # fmt: skip


def card(slug: str) -> Source:
    """A source that says nothing of its own."""
    return Source.model_validate(
        {
            "slug": slug, "name": slug, "publisher": slug, "kind": "vacancy", "home": f"https://{slug}.example",
            "attribution": slug, "languages": ["fi", "sv", "en"], "checked": "2026-11-24", "start": [f"https://{slug}.example/"],
            "rights": {"basis": "own data"}, "schedule": {"every": "1h"}, "removal": {"mode": "window"},
            "adapter": {"kind": "json_api", "items": "jobs", "fields": {"ref": "id", "title": "name"}},
        }
    )  # fmt: skip


def raw(row: dict[str, Any]) -> RawPosting:
    """An advert of the file as an adapter would have read it; its end is left out, so that all of them stand."""
    fields = {FIELDS[name]: str(value) for name, value in row.items() if name in FIELDS and name != "ends"}
    return RawPosting(
        source=row["source"], kind=Kind.VACANCY, ref=row["id"], fields=fields, digest=row["id"].encode(), page="https://x.example/",
        fetched=NOW, languages=("fi", "sv", "en"),
    )  # fmt: skip


def save(store: Store, rows: list[dict[str, Any]]) -> None:
    """A run of every source in the rows."""
    by_source: dict[str, list[Record | Problem]] = {}
    for at in range(0, len(rows), 1000):
        some = rows[at : at + 1000]
        for source in {row["source"] for row in some}:
            batch = [raw(row) for row in some if row["source"] == source]
            by_source.setdefault(source, []).extend(normalize_batch(batch, record))
    for source, listed in by_source.items():
        ending = Verdict(whole=Whole.PARTIAL, cause="a part", found=len(listed))
        began = time.perf_counter()
        store.save_run(card(source), [*listed, ending], held)
        SPENT.append(time.perf_counter() - began)


SPENT: list[float] = []


def found(store: Store, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """How the groups in the store agree with the truth."""
    listing = {(row["source"], row["ref"]): row["listing"] for row in curated.memberships(store.engine)}
    kept = [row for row in rows if (row["source"], row["id"]) in listing]
    names = {name: at for at, name in enumerate(dict.fromkeys(listing.values()))}
    return agreement([row["cluster"] for row in kept], [names[listing[row["source"], row["id"]]] for row in kept])


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The adverts of the file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row | {"source": row["source"].replace("ö", "o")}


def main(path: Path, database: str, new: int) -> dict[str, Any]:
    """Save and curate all but the last, then the last."""
    rows = sorted(lines(path), key=lambda row: row["posted"])
    engine = db.engine_for(database)
    db.upgrade(engine)
    store = Store(engine, lambda: NOW)
    rules = load_rules([region.REGIONS], [theme.THEMES], date(2026, 12, 31))
    told: dict[str, Any] = {}
    for name, some in (("standing", rows[:-new]), ("new", rows[-new:])):
        SPENT.clear()
        save(store, some)
        began, cpu = time.perf_counter(), time.process_time()
        run_curation(rules, store, date(2026, 12, 31))
        told[name] = {"adverts": len(some), "saved": sum(SPENT), "curated": time.perf_counter() - began,
                      "curated_cpu": time.process_time() - cpu}  # fmt: skip
    scored = found(store, rows)
    return {**told, "f1": scored["pairs"]["f1"], "mixed": scored["mixed"]["share"], "largest": scored["largest"]}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
