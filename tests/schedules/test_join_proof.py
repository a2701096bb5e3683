"""The proof of joining: sites of many formats over real HTTP, from an address to a harvested posting, no card by hand."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from harvest.declaration import read
from harvest.http import Http
from harvest.proof import recorded_pages, unproved
from harvest.source import Source
from harvest.visits import HostVisits
from normalize import place
from normalize.packing import unpack
from normalize.region import load_regions
from pocket.advert import Advert, shown
from pocket.server import Pocket
from pocket.sites import links, newcomers
from pocket.world import World
from schedules.joining import Asked, Drafted, join
from schedules.recorded import Folder, replayed
from schedules.run import run_source
from store import db
from store.door import Store
from store.tables import PostingRow, table
from tests.schedules.test_joining import a_person_reads

NOW = datetime(2026, 9, 15, 9, tzinfo=UTC)
TODAY = date(2026, 9, 15)
KUNTAREKRY = "/fi/tyopaikat/"
FAMILIES = {
    "a JSON array of open data": ("vantaa", "/rest/tyopaikat/v1/kaikki", "vantaa"),
    "an employer's XML": ("kuntarekry", f"{KUNTAREKRY}?organisation=9491&format=xml&limit=500", "kuntarekry-mikkeli"),
    "an employer's XML in ISO-8859-1": ("osterbotten", "/jobs.xml", "osterbotten"),
    "RSS of a career site": ("pilvi", "/jobs.rss", "pilvi"),
    "job cards with JSON-LD": ("kuntarekry", KUNTAREKRY, "kuntarekry"),
    "Atom": ("newcomers", "/atom.xml", ""),
    "a sitemap of JobPostings": ("newcomers", "/sitemap.xml", ""),
    "a list of HTML": ("newcomers", "/avoimet", ""),
    "CSV": ("newcomers", "/lista.csv", ""),
    "XLSX": ("newcomers", "/lista.xlsx", ""),
    "XML of a job exchange": ("newcomers", "/export.xml", ""),
    "a job board's JSON": ("newcomers", "/jobs.json", ""),
    "JSON-LD in a list page": ("newcomers", "/json-ld", ""),
    "JSON by pages": ("newcomers", "/api/tyopaikat", ""),
}
REGION = {"vantaa": "vantaa"}


@pytest.fixture(scope="module")
def pocket() -> Iterator[Pocket]:
    with Pocket(World(postings=300, today=TODAY)) as up:
        yield up


@pytest.fixture
def http() -> Iterator[Http]:
    visits = HostVisits(sleep=lambda _seconds: None)
    with Http(contact="tests@localhost", allow=("127.0.0.0/8",), visits=visits, now=lambda: NOW) as http:
        yield http


def drafted(pocket: Pocket, http: Http, family: str, config: Path) -> Drafted:
    host, path, board = FAMILIES[family]
    regions = load_regions()
    asked = Asked(where=pocket.addresses[host] + path, slug="newcomer", region=regions.get(REGION.get(board, "")))
    return join(asked, http.get, config, {}, regions, NOW)


def truth(pocket: Pocket, family: str) -> set[tuple[Any, ...]]:
    """Title, address and municipalities of every advert of a list."""
    _host, path, board = FAMILIES[family]
    own = pocket.addresses["newcomers"]
    every = pocket.world.adverts(board) if board else newcomers.adverts(pocket.world)
    where: Callable[[Advert], str] = (
        (lambda one: links.page_of(one, pocket.addresses)) if board else (lambda one: newcomers.page_of(one, own))
    )
    if path == "/avoimet":
        where = lambda one: f"{own}/avoin/{one.ref}"  # noqa: E731
    return {(_title(one), where(one), tuple(sorted(town.code for town in one.vacancy.towns))) for one in every}


def _title(advert: Advert) -> str:
    trial = advert.site == "vantaa" and advert.vacancy.work_form == "work_trial"
    return f"Työkokeilu: {shown(advert).title}" if trial else shown(advert).title


def harvested(card: Path, http: Http, folder: Path) -> tuple[str, set[tuple[Any, ...]]]:
    engine = db.engine_for(f"sqlite:///{folder / 'proof.db'}")
    db.upgrade(engine)
    source = read(card, Source, slug="newcomer")
    result = run_source(source, http.get, Store(engine, lambda: NOW))
    with engine.connect() as connection:
        rows = [unpack(row.packed) for row in connection.execute(table(PostingRow).select())]
    engine.dispose()
    found = set()
    for one in rows:
        placed = place.decide(one.evidence, TODAY)
        title = one.titles.get(one.language) or next(iter(one.titles.values()))
        found.add((title, one.url, tuple(sorted(each.code for each in placed.places))))
    return f"{result.verdict}: {result.detail}", found


@pytest.mark.parametrize("family", FAMILIES)
def test_a_drafted_card_harvests_what_is_true_of_its_site(
    pocket: Pocket, http: Http, family: str, tmp_path: Path
) -> None:
    draft = drafted(pocket, http, family, tmp_path)
    a_person_reads(draft.card)
    verdict, found = harvested(draft.card, http, tmp_path)
    assert (verdict, len(found) > 1) == ("complete: ", True)
    assert found == truth(pocket, family)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_shown_and_recorded_is_what_the_source_says_without_persons(
    pocket: Pocket, http: Http, family: str, tmp_path: Path
) -> None:
    draft = drafted(pocket, http, family, tmp_path)
    true = {(title, url, places) for title, url, places in truth(pocket, family)}
    assert len(draft.postings) == min(5, len(true))
    assert {(one["title"], one["url"], tuple(sorted(one["municipalities"]))) for one in draft.postings} <= true
    assert draft.recorded
    folder = Folder(draft.recorded)
    assert replayed(read(draft.card, Source, slug=draft.slug), folder) == folder.expected
    source = read(draft.card, Source, slug=draft.slug)
    pages = recorded_pages(draft.recorded, source.start[0], NOW)
    assert list(unproved(source, pages)) == []
    for page in pages.values():
        page.file.close()
    for file in draft.recorded.iterdir():
        if file.suffix != ".xlsx":
            assert not re.search(rb"Essi Esimerkki|044 000", file.read_bytes())
