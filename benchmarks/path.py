"""The main path at size, in a process of its own: raw JSON answers to curated rows, again, and with a few changes.

``python -m benchmarks.path FOLDER DATABASE`` prints one JSON object of seconds and megabytes. The answers are read from
the folder, a thousand adverts a page, so that no network is measured.
"""

import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from harvest.records import Get, Page, Request
from harvest.source import Source
from harvest.walk import walk
from normalize import region, theme
from normalize.curate import load_rules
from normalize.steps import normalize
from schedules.guard import held
from schedules.run import run_curation, run_source
from schedules.workbench import utc_now
from store import db
from store.door import Store
from store.write.spool import record

T = TypeVar("T")
SIZE = 1000
CHANGED = 200
LEFT_OUT = {
    "ammattiLevel3", "tyoaikatekstiYhdistetty", "tyonKestoTekstiYhdistetty", "hakuTyosuhdetyyppikoodi", "otsikko",
    "asuntomahdollisuus", "ilmoitettuTyomarkkinatLehdessa", "hakuTyonKestoKoodi", "hakuTyoaikakoodi", "vahtipostitus",
}  # fmt: skip
TEXT = 600
"""Characters of an advert's text, so that an advert is about 2 kB in all."""


def card() -> Source:
    """A source of the tpt format, its pages of a thousand."""
    return Source.model_validate(
        {
            "slug": "bench", "name": "Bench", "publisher": "Bench", "kind": "vacancy", "home": "http://bench.invalid",
            "attribution": "Bench", "languages": ["fi", "sv", "en"], "language": "hint", "checked": "2026-11-24",
            "start": ["http://bench.invalid/?rows=1000"], "rights": {"basis": "own data", "page": "full", "export": "full"},
            "schedule": {"every": "1h"},
            "adapter": {
                "kind": "json_api", "items": "response.docs", "total": "response.numFound",
                "paging": {"kind": "offset", "param": "start", "size": SIZE},
                "fields": {
                    "ref": "ilmoitusnumero", "title": "tehtavanimi", "employer": "tyonantajanNimi", "employer_id": "ytunnus",
                    "anonymous": "anonyymiTyonantaja", "place": ["kunta", "tyopaikanOsoite"],
                    "municipality": {"from": "kuntakoodi", "list": "kunta"}, "postal_code": "postinumero",
                    "published": "ilmoituspaivamaara", "ends": "hakuPaattyy", "text": "kuvausteksti",
                    "openings": "paikkalukumaara", "agency": "vuokratyopaikka",
                    "url": {"template": "http://bench.invalid/{ilmoitusnumero}"},
                },
            },
        }
    )  # fmt: skip


def write_answers(folder: Path, adverts: int) -> float:
    """Write the answers of a source with so many adverts; their mean size in bytes."""
    from datetime import date

    from pocket.sites import tpt
    from pocket.world import World

    world = World(postings=int(adverts * 1.5), today=date(2026, 11, 24))
    some = world.adverts("tpt")[:adverts]
    addresses = dict.fromkeys(("tpt", "vantaa", "kuntarekry", "osterbotten", "pilvi", "ptv"), "http://bench.invalid")
    size = 0
    for start in range(0, len(some), SIZE):
        docs = []
        for advert in some[start : start + SIZE]:
            facts = tpt.shown(advert)
            doc = tpt._listed(advert, facts, "fi") | tpt._detail(advert, facts, "fi", addresses)
            doc["kuvausteksti"] = str(doc["kuvausteksti"])[:TEXT]
            docs.append({name: value for name, value in doc.items() if name not in LEFT_OUT and "HTML" not in name})
        size += _write(folder / f"{start}.json", len(some), start, docs)
    return size / len(some)


def _write(path: Path, total: int, start: int, docs: list[dict[str, object]]) -> int:
    answer = {"response": {"numFound": total, "start": start, "docs": docs}}
    return path.write_bytes(json.dumps(answer, ensure_ascii=False).encode())


def change(folder: Path, adverts: int) -> None:
    """Change the text of so many adverts, spread over the pages."""
    paths = sorted(folder.glob("*.json"), key=lambda path: int(path.stem))
    for path in paths:
        answer = json.loads(path.read_bytes())["response"]
        for doc in answer["docs"][: -(-adverts // len(paths))]:
            doc["kuvausteksti"] += " Tarkennus: työ alkaa sopimuksen mukaan."
        _write(path, answer["numFound"], answer["start"], answer["docs"])


def from_folder(folder: Path) -> Get:
    """A ``Get`` over the answers of the folder."""

    def get(request: Request) -> Page:
        start = parse_qs(urlsplit(request.url).query).get("start", ["0"])[0]
        path = folder / f"{start}.json"
        return Page(url=request.url, fetched=datetime.now(UTC), file=path.open("rb"), wire_bytes=path.stat().st_size)

    return get


def _timed(found: Iterator[T], ended: list[float]) -> Iterator[T]:
    yield from found
    ended.append(time.perf_counter())


def main(folder: Path, database: str) -> dict[str, float]:
    """Harvest and curate, harvest again, harvest and curate with a few changes."""
    source, get = card(), from_folder(folder)
    engine = db.engine_for(database)
    db.upgrade(engine)
    store = Store(engine, utc_now)
    rules = load_rules([region.REGIONS], [theme.THEMES], utc_now().date())
    told: dict[str, float] = {}
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as workers:
        began = time.perf_counter()
        result = run_source(source, get, store, workers)
        harvested = time.perf_counter()
        run_curation(rules, store, utc_now().date(), workers)
        curated = time.perf_counter()
        assert result.verdict == "complete", result
        told |= {
            "found": result.found,
            "harvest": harvested - began,
            "curate": curated - harvested,
            "first": curated - began,
        }
        began = time.perf_counter()
        result = run_source(source, get, store, workers)
        assert result.verdict == "unchanged", result
        told["again"] = time.perf_counter() - began
        change(folder, CHANGED)
        ended: list[float] = []
        listed = _timed(normalize(walk(source, get, store.known(source)), workers, record), ended)
        result = store.save_run(source, listed, held)
        saved = time.perf_counter()
        run_curation(rules, store, utc_now().date(), workers)
        assert result.changed == CHANGED, result
        told["changed_save"], told["changed_curate"] = saved - ended[0], time.perf_counter() - saved
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {**told, "rss_main": own, "rss_all": own + 2 * child}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
