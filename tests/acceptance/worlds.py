"""Two worlds that the acceptance tests are run in: real payloads where they are at hand, and recorded pages of our own.

The real ones are other people's: they stand beside the repository, never in it, and of them only numbers, codes, dates and
ids are asserted. The recorded ones have the same formats and the same quirks in our own words.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from tests.acceptance.replay import Body, as_bytes

RECORDED = Path(__file__).parents[1] / "recorded"
REAL = Path(__file__).parents[3] / "shared" / "real"
PTV_PAGE = 10

T = TypeVar("T")


class World:
    """Pages of every source, and which of two expectations holds here."""

    def __init__(self, name: str) -> None:
        self.name = name

    def of(self, *, real: T, recorded: T) -> T:
        """What is expected in this world."""
        return real if self.name == "real" else recorded

    def pages(self, slug: str) -> dict[str, Body]:
        """What the source's site answers, by path."""
        return _REAL[slug]() if self.name == "real" else recorded_pages(slug)

    def searches(self) -> tuple[list[Any], list[Any]]:
        """The adverts of one tpt search before and after one of them went away."""
        if self.name == "real":
            before, after = (_json(f"tpt-api/{name}.json") for name in ("area-search", "area-search-removed"))
            return before["response"]["docs"], after["response"]["docs"]
        docs = json.loads((RECORDED / "tpt_api" / "search.json").read_text("utf-8"))["response"]["docs"]
        return docs, docs[1:]

    def days(self) -> dict[str, bytes]:
        """One feed on five days, by date."""
        folder, cut = (REAL / "rss-series", 12) if self.name == "real" else (RECORDED / "rss_window", 0)
        return {path.name[cut : cut + 10]: path.read_bytes() for path in sorted(folder.glob("*.xml"))}

    @property
    def tpt_area_names(self) -> dict[str, str]:
        """The provinces of tpt-api's own code list, by code."""
        if self.name == "real":
            listed = _json("tpt-api/locations.json")["maakunta"]
            return {one["koodi"]: one["kuvaus"] for one in listed}
        return {"06": "Etelä-Savo"}


def worlds() -> list[World]:
    """Recorded pages always, real payloads where they stand beside the repository."""
    return [World("recorded"), *([World("real")] if REAL.is_dir() else [])]


def recorded_pages(slug: str) -> dict[str, Body]:
    """The pages of a recorded folder by path and query."""
    listed = json.loads((RECORDED / slug / "expected.json").read_text("utf-8"))["pages"]
    return {target: (RECORDED / slug / name).read_bytes() for target, name in listed.items()}


def tpt_answer(docs: list[Any], stated: int) -> Body:
    """A Solr answer that pages as the real one did, and states what total it is told to."""

    def answer(query: Mapping[str, str]) -> bytes:
        start = int(query.get("start", 0))
        shown = docs[start : start + int(query.get("rows", 100))]
        return as_bytes(
            {"responseHeader": {"status": 0}, "response": {"numFound": stated, "start": start, "docs": shown}}
        )

    return answer


def _json(name: str) -> Any:
    return json.loads((REAL / name).read_text("utf-8"))


def _file(name: str) -> bytes:
    return (REAL / name).read_bytes()


def _tpt() -> dict[str, Body]:
    docs = _json("tpt-api/programmerare_vasa_sv.json")["response"]["docs"]
    detail = f"/tpt-api/tyopaikat/{docs[0]['ilmoitusnumero']}"
    return {"/tpt-api/tyopaikat": tpt_answer(docs, len(docs)), detail: _file("tpt-api/single_job.json")}


def _ptv() -> dict[str, Body]:
    services = [json.loads(path.read_text("utf-8")) for path in sorted(REAL.glob("ptv/out__services__*.json"))]

    def listing(query: Mapping[str, str]) -> bytes:
        page = int(query["page"])
        some = services[(page - 1) * PTV_PAGE : page * PTV_PAGE]
        return as_bytes(
            {"pageNumber": page, "pageSize": PTV_PAGE, "pageCount": -(-len(services) // PTV_PAGE), "itemList": some}
        )

    channels = {
        f"/api/v11/ServiceChannel/{path.stem.rpartition('__')[2]}": path.read_bytes()
        for path in REAL.glob("ptv/out__servicechannels__*.json")
    }
    return {"/api/v11/Service/list/area/Municipality/code/905": listing, **channels}


def _events() -> dict[str, Body]:
    """The stored page leads on to a live site and states that site's total: both are brought back to what is here."""
    stored = _json("linkedevents/events_data.json")
    assert (stored["meta"]["count"], len(stored["data"])) == (151_775, 2)
    stored["meta"] = {"count": len(stored["data"]), "next": None, "previous": None}
    return {"/linkedevents/v1/event/": as_bytes(stored)}


_REAL = {
    "vantaa_tyopaikat": lambda: {"/rest/tyopaikat/v1/kaikki": _file("vantaa/vantaa_tyopaikat_2025-04.json")},
    "tpt_api": _tpt,
    "ptv_vaasa": _ptv,
    "linkedevents": _events,
    "kuntarekry_feed": lambda: {"/fi/tyopaikat/": _file("kuntarekry/feed.xml")},
    "kuntarekry_pages": lambda: {
        "/fi/tyopaikat/": _file("kuntarekry/kuntarekry_search.html"),
        "/fi/tyopaikat/sovellusarkkitehti-esko-systems-oy-741901/": _file("kuntarekry/kuntarekry_detail.html"),
    },
    "teamtailor": lambda: {"/jobs.rss": _file("ats/teamtailor_upcloud.rss")},
    "wordpress": lambda: {
        "/wp-json/wp/v2/posts": as_bytes([_json(f"wp-news/posts__{n}.json") for n in (789, 890)]),
        "/wp-json/wp/v2/announcement": as_bytes([_json("wp-news/announcements__123.json")]),
    },
    "eures": lambda: {"/eures/api/jv-searchengine/public/jv-search/search": _file("eures/eures_search.json")},
    "greenhouse": lambda: {"/v1/boards/esimerkki/jobs": _file("ats/greenhouse.json")},
    "lever": lambda: {"/v0/postings/esimerkki": _file("ats/lever.json")},
    "ventrus": lambda: {"/RSSFeeds/Vacancies": _file("ats/dfe_ventrus.xml")},
    "hellowork": lambda: {"/hellowork.xml": _file("feeds-fr/import-hello-work.test.input.xml")},
    "jobteaser": lambda: {"/jobteaser.xml": _file("feeds-fr/import-jobteaser.test.input.xml")},
    "pass": lambda: {"/flux/offres": _file("feeds-fr/import-pass.test.input.rss")},
    "hrxml": lambda: {"/hr.xml": _file("hr-xml/platsbanken_hrxml_sample.xml")},
    "nav": lambda: {"/public-feed/api/v1/ads": _file("nav-no/public_feed_result.json")},
}
