"""What is fuzzed: every recorded folder with its card, and the formats and options that no recorded folder has."""

import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from openpyxl import load_workbook

from harvest.inbox import Inbox
from harvest.records import Get, Page, Problem, Reason, Request, Step
from harvest.source import Source
from schedules.template import template
from tests.acceptance.replay import local_card
from tests.harvest.cards import SITE, card

RECORDED = Path(__file__).parents[1] / "recorded"
NOON = datetime(2026, 9, 15, 12, 0, tzinfo=UTC)
INBOX = "inbox/partner/"
DETAILS = 20
"""What a run may spend on details: each is another page to be read, and twenty show what five hundred would."""

TABLE = """
Tunniste;Tehtävänimike;Kunta;Julkaistu;Haku päättyy;Paikkoja;Työsuhde;Kuvaus
A-1;Kokki;Mikkeli;1.9.2026;31.12.2026;2;Vakinainen;"Keitä, ja ""maista"".
Toinen rivi."
A-2;Leipuri;091;2.9.2026;;1;Kesätyö;Leivo
""".lstrip()
SITEMAP = """
[adapter]
kind = "job_posting"
items = "sitemap"
"""
XML = """
[adapter]
kind = "xml_feed"
items = "jobs/job[@status='open']"
total = "//count"
[adapter.paging]
kind = "next"
next = "//next/@href"
[adapter.fields]
ref = "@id"
title = "name"
place = ["town", "towns/town"]
text = "string(body)"
ends = { from = "ends", date = "%d.%m.%Y" }
openings = "count(town)"
"""
HTML = """
[adapter]
kind = "html_list"
items = "li"
total = ".total"
skip = ".promoted"
[adapter.paging]
kind = "page"
param = "page"
last = "nav::text"
[adapter.fields]
ref = "@data-id"
title = "a"
url = "a@href"
text = "::html"
place = ".town"
"""
NUMBERED = """
[adapter]
kind = "json_api"
items = "jobs"
[adapter.paging]
kind = "offset"
param = "from"
size_param = "size"
size = 2
[adapter.fields]
ref = "id"
title = "name"
place = "towns[].name"
ends = { from = "ends", date = "epoch_ms" }
openings = "length(towns)"
"""
FEED = """
[adapter]
kind = "feed"
[adapter.fields]
place = "tt:city"
changed = { from = "pubDate", date = "rfc822" }
"""
MADE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "sitemap": (SITEMAP, {
        "/jobs": f"<sitemapindex><sitemap><loc>{SITE}/a.xml</loc></sitemap></sitemapindex>",
        "/a.xml": f"<urlset><url><loc>{SITE}/1</loc><lastmod>2026-09-01</lastmod></url><url><loc>{SITE}/1</loc></url></urlset>",
        "/1": '<html><body><script type="application/ld+json">[{"@graph": [{"@type": "JobPosting", "title": "Kokki", '
        '"identifier": {"value": 7}, "hiringOrganization": {"name": "Esimerkki Oy"}, "jobLocation": [{"address": '
        '{"addressLocality": "Mikkeli", "postalCode": 50100}}], "baseSalary": {"value": {"minValue": 1, "unitText": '
        '"HOUR"}}, "validThrough": "2026-12-31"}]}]</script></body></html>',
    }),
    "xml": (XML, {
        "/jobs": '<jobs><count>2</count><next href="/more"/><job id="1" status="open"><name>Kokki</name><town>Mikkeli</town>'
        "<body><p>Keitä</p> hyvin</body><ends>31.12.2026</ends></job></jobs>",
        "/more": '<jobs><job id="2" status="open"><name>Leipuri</name><towns><town>Vaasa</town></towns></job></jobs>',
    }),
    "html": (HTML, {
        "/jobs?page=1": '<html><body><p class="total">2</p><ul><li data-id="1"><a href="/1">Kokki</a><i class="town">Mikkeli'
        '</i></li><li class="promoted"></li></ul><nav>2</nav></body></html>',
        "/jobs?page=2": '<html><body><p class="total">2</p><ul><li data-id="2"><a href="/2">Leipuri</a></li></ul><nav>2</nav>'
        "</body></html>",
    }),
    "numbered": (NUMBERED, {
        "/jobs?from=0&size=2": '{"jobs": [{"id": 1, "name": "Kokki", "towns": [{"name": "Mikkeli"}], "ends": 1798675200000}, '
        '{"id": 2, "name": "Leipuri", "towns": []}]}',
        "/jobs?from=2&size=2": '{"jobs": [{"id": 3, "name": "Siivooja", "towns": null}]}',
        "/jobs?size=2&from=0": '{"jobs": [{"id": 1, "name": "Kokki", "towns": []}, {"id": 2, "name": "Leipuri"}]}',
        "/jobs?size=2&from=2": '{"jobs": [{"id": 3, "name": "Siivooja", "towns": null}]}',
    }),
    "feed": (FEED, {
        "/jobs": '<rss xmlns:tt="https://teamtailor.com/locations"><channel><item><guid>1</guid><title>Kokki</title>'
        "<link>/1</link><description>&lt;p&gt;Keitä&lt;/p&gt;</description><pubDate>Mon, 24 Nov 2026 10:00:00 +0200</pubDate>"
        "<tt:city>Mikkeli</tt:city></item></channel></rss>",
    }),
}  # fmt: skip
"""Cards of options that no recorded folder uses, with their pages."""
FILES = ("table.csv", "table.xlsx", "table.csv.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A card and the sound pages that it reads, by path and query. ``inbox`` is where they lie as files of a partner, if
    they do."""

    source: Source
    pages: Mapping[str, bytes]
    fetched: datetime = NOON
    inbox: Path | None = None

    def get(self, pages: Mapping[str, bytes], charset: str = "", echo: str = "") -> Get:
        """The net of such pages. What is not there is a 404, or the page ``echo``: a site that ignores what it is asked."""
        if self.inbox is not None:
            return _inbox(self.inbox, pages, self.fetched)

        def get(request: Request) -> Page:
            parts = urlsplit(request.url)
            target = f"{parts.path}?{parts.query}" if parts.query else parts.path
            body = pages.get(target, pages.get(echo))
            if body is None:
                problem = Problem(step=Step.GET, reason=Reason.NOT_FOUND, about=request.url, detail="it is not here")
                return Page(url=request.url, fetched=self.fetched, status=404, problem=problem)
            return Page(url=request.url, fetched=self.fetched, file=io.BytesIO(body), charset=charset, etag='"1"')

        return get


def _inbox(root: Path, pages: Mapping[str, bytes], now: datetime) -> Get:
    for name, body in pages.items():
        path = root / INBOX / name
        path.write_bytes(body)
        os.utime(path, (now.timestamp() - 3600,) * 2)
    return Inbox(root, lambda: now).get


def names() -> list[str]:
    """Every subject; a new folder of ``recorded/`` is one by being there."""
    return [*sorted(path.name for path in RECORDED.iterdir() if path.is_dir()), *MADE, *FILES]


def subject(name: str, scratch: Path) -> Subject:
    """The subject of that name, with few details a run. ``scratch`` is a folder for what has to lie on disk."""
    found = _subject(name, scratch)
    adapter = found.source.adapter
    if adapter.details is None:
        return found
    few = adapter.model_copy(update={"details": adapter.details.model_copy(update={"budget": DETAILS})})
    return replace(found, source=found.source.model_copy(update={"adapter": few}))


def _subject(name: str, scratch: Path) -> Subject:
    if name in MADE:
        text, pages = MADE[name]
        return Subject(source=card(text, slug=name), pages={at: body.encode() for at, body in pages.items()})
    if name in FILES:
        (scratch / INBOX).mkdir(parents=True)
        source = local_card("taulukkopohja", SITE, scratch)
        source = source.model_copy(update={"start": [INBOX]})
        return Subject(source=source, pages={name: _file(name)}, inbox=scratch)
    told = json.loads((RECORDED / name / "expected.json").read_text("utf-8"))
    pages = {target: (RECORDED / name / file).read_bytes() for target, file in told["pages"].items()}
    source = local_card(name, "https://recorded.example", scratch)
    return Subject(source=source, pages=pages, fetched=datetime.combine(date.fromisoformat(told["day"]), time(9), UTC))


@cache
def _file(name: str) -> bytes:
    import gzip

    if name.endswith(".csv"):
        return TABLE.encode()
    if name.endswith(".gz"):
        return gzip.compress(TABLE.encode("cp1252"), mtime=0)
    book = io.BytesIO()
    template("fi", NOON.date()).save(book)
    book.seek(0)
    filled = load_workbook(book)
    sheet = filled.worksheets[0]
    at = {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}
    for row, cells in enumerate(({"Tunniste": "A-1", "Tehtävänimike": "Kokki", "Kunta": "Mikkeli", "Postinumero": 50100,
                                  "Haku päättyy": date(2026, 12, 31), "Paikkoja": 2, "Kuvaus": "Keitä"},
                                 {"Tunniste": 2, "Tehtävänimike": "Leipuri", "Kunta": "Vaasa", "Haku päättyy": 46387,
                                  "Työsuhde": "Kesätyö", "Kuvaus": "Leivo"}), 2):  # fmt: skip
        for heading, value in cells.items():
            sheet.cell(row, at[heading], value)
    sheet.merge_cells("A4:C4")
    small = io.BytesIO()
    filled.save(small)
    return small.getvalue()
