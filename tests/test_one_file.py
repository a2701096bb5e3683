"""A region, a theme and a source of each format are one TOML file each: no code, and they show at once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schedules.run import run_curation
from schedules.settings import settings
from schedules.workbench import Workbench
from store.counts import counts
from store.explain import explain
from tests.harvest.cards import HEAD
from tests.harvest.test_feed import RSS
from tests.harvest.test_job_posting import advert, links
from tests.hostile import HostileServer, answer

NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)

JSON_API = """
[adapter]
kind = "json_api"
items = "jobs"
[adapter.fields]
ref = "id"
title = "name"
municipality = { from = "town", list = "kunta" }
url = { template = "https://example.fi/{id}" }
"""
XML_FEED = """
[adapter]
kind = "xml_feed"
items = "job"
[adapter.fields]
ref = "id"
title = "name"
place = "town"
"""
FEED = """
[adapter]
kind = "feed"
ignore = ["dc:creator"]
[adapter.fields]
place = "tt:locations/tt:location/tt:city"
"""
JOB_POSTING = """
[adapter]
kind = "job_posting"
items = "a.job"
"""
HTML_LIST = """
[adapter]
kind = "html_list"
items = "ul.jobs > li"
[adapter.fields]
ref = "@data-id"
title = "a"
url = "a@href"
place = ".town"
"""
TABLE = """
[adapter]
kind = "table"
[adapter.fields]
ref = "Tunniste"
title = "Tehtävä"
url = { template = "https://example.fi/{Tunniste}" }
municipality = { from = "Kunta", list = "kunta" }
"""
NDJSON = """
[adapter]
kind = "ndjson"
ignore = ["version"]
[adapter.fields]
ref = "key"
title = "headings.fi"
municipality = { from = "site.towns[].code", list = "kunta" }
url = { template = "https://example.fi/{key}" }
gone = "withdrawn"
"""
NDJSON_BODY = b"""{"key": "1", "headings": {"fi": "Kokki"}, "site": {"towns": [{"code": "491"}]}, "version": 3}
{"key": "2", "withdrawn": true}
"""
TABLE_BODY = "Tunniste;Tehtävä;Kunta\r\n1;Kokki;491\r\n".encode("cp1252")
HTML_BODY = b"""<html><body><ul class="jobs"><li data-id="1"><a href="/1">Kokki</a><i class="town">Mikkeli</i></ul>
</body></html>"""
JSON_BODY = json.dumps({"jobs": [{"id": 1, "name": "Kokki", "town": "491"}]}).encode()
XML_BODY = b"<jobs><job><id>1</id><name>Kokki</name><town>Mikkeli</town></job></jobs>"

REGION = """
name = { fi = "Kotka ja Kouvola", sv = "Kotka och Kouvola", en = "Kotka and Kouvola" }
owner = "Kotka"
languages = ["fi", "sv", "en"]
[[covers]]
municipalities = ["285", "286"]
role = "core"
"""
THEME = """
name = { fi = "Ruoka", sv = "Mat", en = "Food" }
owner = "Kotka"
[words]
fi = ["kokki*", "leipur*"]
"""


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as server:
        yield server


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for name in ("sources", "regions", "themes"):
        (tmp_path / "config" / name).mkdir(parents=True)
    return tmp_path / "config"


@pytest.fixture
def bench(tmp_path: Path, config: Path) -> Workbench:
    said = {
        "ALUETORI_ALLOW": "127.0.0.0/8",
        "ALUETORI_CONTACT": "tests@localhost",
        "ALUETORI_DATABASE": f"sqlite:///{tmp_path / 'one.db'}",
    }
    return Workbench(settings("", config, said), lambda: NOON)


def harvested(bench: Workbench, slug: str) -> None:
    store = bench.store(create=True)
    results = bench.harvest(store, bench.chosen([slug], False)[0], lambda _result: None)
    assert [(one.verdict, one.new) for one in results] == [("complete", 1)], results
    run_curation(bench.rules(), store, bench.today)


@pytest.mark.parametrize(
    ("slug", "adapter", "body", "code"),
    [
        ("json", JSON_API, JSON_BODY, "491"),
        ("xml", XML_FEED, XML_BODY, "491"),
        ("rss", FEED, RSS.encode(), "286"),
        ("pages", JOB_POSTING, links("/j/1").encode(), "286"),
        ("html", HTML_LIST, HTML_BODY, "491"),
        ("csv", TABLE, TABLE_BODY, "491"),
        ("lines", NDJSON, NDJSON_BODY, "491"),
    ],
)
def test_a_source_of_each_format_is_one_file(
    bench: Workbench, config: Path, server: HostileServer, slug: str, adapter: str, body: bytes, code: str
) -> None:
    server.routes |= {"/jobs": answer(200, body), "/j/1": answer(200, advert("A-1").encode())}
    (config / "sources" / f"{slug}.toml").write_text(HEAD.replace("{start}", server.url("/jobs")) + adapter, "utf-8")
    harvested(bench, slug)
    engine = bench.store().engine
    rows = counts(engine, by=("municipality", "source"))
    assert code in [row["municipality"] for row in rows if row["source"] == slug]
    assert sum(row["listings"] for row in counts(engine, by=("source",))) == 1
    ref = "1" if slug in ("json", "xml", "html", "csv", "lines") else "id-1" if slug == "rss" else server.url("/j/1")
    told = explain(engine, ref)
    assert told is not None
    assert told["shown"]
    assert told["members"][0]["source"]["slug"] == slug
    assert code in [place["code"] for place in told["places"]]


def test_a_region_and_a_theme_are_one_file_each(bench: Workbench, config: Path, server: HostileServer) -> None:
    (config / "regions" / "kotka.toml").write_text(REGION, "utf-8")
    (config / "themes" / "ruoka.toml").write_text(THEME, "utf-8")
    (config / "sources" / "json.toml").write_text(HEAD.replace("{start}", server.url("/jobs")) + JSON_API, "utf-8")
    server.routes["/jobs"] = answer(200, JSON_BODY.replace(b"491", b"285"))
    harvested(bench, "json")
    engine = bench.store().engine
    assert {(row["region"], row["region_name"], row["listings"]) for row in counts(engine, by=("region",))} == {
        ("kotka", "Kotka ja Kouvola", 1)
    }
    assert counts(engine, by=("theme",), region="kotka")[0]["theme"] == "ruoka"
    told = explain(engine, "1")
    assert told is not None
    assert [one["region"] for one in told["regions"]] == ["kotka"]
    assert [one["theme"] for one in told["themes"]] == ["ruoka"]
    assert "kokki" in told["themes"][0]["because"].lower()


def test_a_region_and_a_theme_that_come_later_show_without_another_harvest(
    bench: Workbench, config: Path, server: HostileServer
) -> None:
    (config / "sources" / "json.toml").write_text(HEAD.replace("{start}", server.url("/jobs")) + JSON_API, "utf-8")
    server.routes["/jobs"] = answer(200, JSON_BODY)
    harvested(bench, "json")
    engine = bench.store().engine
    assert [row["region"] for row in counts(engine, by=("region",))] == ["mikkeli"]
    (config / "regions" / "saimaa.toml").write_text(REGION.replace('"285", "286"', '"491", "740"'), "utf-8")
    (config / "themes" / "ruoka.toml").write_text(THEME, "utf-8")
    run_curation(bench.rules(), bench.store(), bench.today)
    assert [row["region"] for row in counts(engine, by=("region",))] == ["mikkeli", "saimaa"]
    assert [row["theme"] for row in counts(engine, by=("theme",))] == ["ruoka"]


def test_a_file_of_the_same_name_overrides_a_shipped_region(
    bench: Workbench, config: Path, server: HostileServer
) -> None:
    (config / "regions" / "mikkeli.toml").write_text(REGION.replace('"285", "286"', '"491"'), "utf-8")
    (config / "sources" / "json.toml").write_text(HEAD.replace("{start}", server.url("/jobs")) + JSON_API, "utf-8")
    server.routes["/jobs"] = answer(200, JSON_BODY)
    harvested(bench, "json")
    row = counts(bench.store().engine, by=("region",))[0]
    assert (row["region"], row["region_name"]) == ("mikkeli", "Kotka ja Kouvola")
