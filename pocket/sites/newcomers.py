"""Adverts of the common board as newcomers bring them: each path is the whole list in one more format, on one port."""

import csv
import html
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocket.advert import Advert, Shown, shown
from pocket.sites.site import Addresses, Site, answer, missing
from pocket.world import World

NAME, FROM = "newcomers", "tpt"
PER_PAGE = 20

Render = Callable[[Sequence[Advert], str], bytes]


def adverts(world: World) -> list[Advert]:
    """What each list holds: the board's adverts that have a town."""
    return [each for each in world.adverts(FROM) if each.vacancy.towns and not each.vacancy.bucket]


def page_of(advert: Advert, own: str) -> str:
    """Where a newcomer shows an advert to people, with its JSON-LD."""
    return f"{own}/tyopaikat/{advert.ref}"


def site(world: World, addresses: Addresses) -> Site:
    """The formats by their paths, and the pages of single adverts: with JSON-LD, and under ``/avoin`` without."""

    def route(path: str, render: Render, media: str) -> Route:
        async def listing(request: Request) -> Response:
            body = render(adverts(world), addresses[NAME])
            return answer(request, body, media=media, modified=world.changed_on(FROM))

        return Route(path, listing)

    async def paged(request: Request) -> Response:
        every = adverts(world)
        page = int(request.query_params.get("page", "1"))
        rows = [_object(each, addresses[NAME]) for each in every[(page - 1) * PER_PAGE : page * PER_PAGE]]
        told = {"page": page, "pageCount": -(-len(every) // PER_PAGE), "totalCount": len(every), "tyopaikat": rows}
        return answer(request, _json(told), media="application/json", modified=world.changed_on(FROM))

    async def listed(request: Request) -> Response:
        every = adverts(world)
        page = int(request.path_params.get("page", 1))
        body = _list_page(every[(page - 1) * PER_PAGE : page * PER_PAGE], page, page * PER_PAGE < len(every))
        return answer(request, body, media="text/html; charset=utf-8", modified=world.changed_on(FROM))

    async def advert_page(request: Request) -> Response:
        advert = world.advert(FROM, request.path_params["ref"])
        if advert is None:
            return missing()
        data = "" if request.url.path.startswith("/avoin") else _script(_job_posting(advert, addresses[NAME]))
        facts = shown(advert)
        body = f"<p>{html.escape(facts.text)}</p><p>Yhteyshenkilö: Essi Esimerkki, puh. 044 000 0000</p>"
        return answer(
            request, _html(facts.title, data + body), media="text/html; charset=utf-8", modified=world.changed_on(FROM)
        )

    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Site(
        name=NAME,
        routes=[
            route("/atom.xml", _atom, "application/atom+xml"),
            route("/sitemap.xml", _sitemap, "application/xml"),
            route("/lista.csv", _csv, "text/csv; charset=windows-1252"),
            route("/lista.xlsx", _xlsx, sheet),
            route("/export.xml", _source_xml, "application/xml"),
            route("/jobs.json", _board, "application/json"),
            route("/json-ld", _json_ld, "text/html; charset=utf-8"),
            Route("/api/tyopaikat", paged),
            Route("/avoimet", listed),
            Route("/avoimet/sivu{page:int}", listed),
            Route("/tyopaikat/{ref}", advert_page),
            Route("/avoin/{ref}", advert_page),
        ],
    )


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _ends(facts: Shown) -> str:
    return facts.ends.date().isoformat() if facts.ends else ""


def _object(advert: Advert, own: str) -> dict[str, Any]:
    facts = shown(advert)
    return {
        "tunnus": advert.ref,
        "tehtavanimike": facts.title,
        "tyonantaja": {"nimi": facts.employer, "yhteyshenkilo": "Essi Esimerkki"},
        "sijainti": [{"kunta": name} for name in facts.towns],
        "julkaistu": facts.posted.isoformat(),
        "haku_paattyy": _ends(facts) or None,
        "kuvaus": facts.text,
        "linkki": page_of(advert, own),
    }


def _atom(every: Sequence[Advert], own: str) -> bytes:
    entries = ""
    for advert in every:
        facts = shown(advert)
        towns = "".join(f"<paikka:kunta>{escape(name)}</paikka:kunta>" for name in facts.towns)
        entries += (
            f"<entry><id>urn:esimerkki:{advert.ref}</id><title>{escape(facts.title)}</title>"
            f'<link rel="alternate" href={quoteattr(page_of(advert, own))}/><updated>{facts.posted.isoformat()}</updated>'
            f"<author><name>Essi Esimerkki</name></author>{towns}"
            f'<content type="html">{escape(html.escape(facts.text))}</content></entry>\n'
        )
    head = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:paikka="https://esimerkki.invalid/paikka">'
    return f"{head}<title>Paikat</title>\n{entries}</feed>\n".encode()


def _sitemap(every: Sequence[Advert], own: str) -> bytes:
    others = "".join(f"<url><loc>{own}/{name}</loc></url>" for name in ("", "meista", "tietosuoja"))
    jobs = "".join(
        f"<url><loc>{page_of(each, own)}</loc><lastmod>{shown(each).posted.date()}</lastmod></url>\n" for each in every
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{others}{jobs}</urlset>'.encode()


_HEADINGS = ("Tunniste", "Tehtävänimike*", "Työnantaja", "Kunta", "Haku päättyy", "Ilmoituksen osoite", "Yhteyshenkilö")


def _rows(every: Sequence[Advert], own: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for advert in every:
        facts = shown(advert)
        ends = f"{facts.ends.day}.{facts.ends.month}.{facts.ends.year}" if facts.ends else ""
        towns = ", ".join(facts.towns)
        rows.append((advert.ref, facts.title, facts.employer, towns, ends, page_of(advert, own), "Essi Esimerkki"))
    return rows


def _csv(every: Sequence[Advert], own: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerows([["Avoimet työpaikat"], [], _HEADINGS, *_rows(every, own)])
    return out.getvalue().encode("cp1252", "replace")


def _xlsx(every: Sequence[Advert], own: str) -> bytes:
    from openpyxl import Workbook  # heavy, and only met here

    book = Workbook()
    for row in (_HEADINGS, *_rows(every, own)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _source_xml(every: Sequence[Advert], own: str) -> bytes:
    """The format by which boards take adverts from each other: one ``<source>`` of ``<job>``."""
    jobs = ""
    for advert in every:
        facts = shown(advert)
        fields = {"title": facts.title, "date": facts.posted.isoformat(), "referencenumber": advert.ref,
                  "url": page_of(advert, own), "company": facts.employer, "city": ", ".join(facts.towns),
                  "country": "FI", "description": facts.text, "expirationdate": _ends(facts)}  # fmt: skip
        jobs += "<job>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items()) + "</job>\n"
    return f'<?xml version="1.0" encoding="utf-8"?><source><publisher>Esimerkki</publisher>{jobs}</source>'.encode()


def _board(every: Sequence[Advert], own: str) -> bytes:
    """A job board's own answer, as a system for recruiting gives it."""
    jobs = [
        {"absolute_url": page_of(each, own), "internal_job_id": each.number, "location": {"name": ", ".join(facts.towns)},
         "metadata": None, "id": int(each.ref), "updated_at": facts.posted.isoformat(), "requisition_id": each.ref,
         "title": facts.title, "company_name": facts.employer, "first_published": facts.posted.isoformat(),
         "language": facts.language, "application_deadline": _ends(facts) or None}
        for each in every for facts in [shown(each)]
    ]  # fmt: skip
    return _json({"jobs": jobs, "meta": {"total": len(jobs)}})


def _job_posting(advert: Advert, own: str) -> dict[str, Any]:
    facts = shown(advert)
    places = [
        {"@type": "Place", "address": {"@type": "PostalAddress", "addressLocality": name, "addressCountry": "FI"}}
        for name in facts.towns
    ]
    return {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "identifier": {"@type": "PropertyValue", "value": advert.ref},
        "url": page_of(advert, own),
        "title": facts.title,
        "description": facts.text,
        "hiringOrganization": {"@type": "Organization", "name": facts.employer},
        "jobLocation": places,
        "datePosted": facts.posted.isoformat(),
        **({"validThrough": facts.ends.isoformat()} if facts.ends else {}),
    }


def _script(value: Mapping[str, Any]) -> str:
    data = json.dumps(value, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{data}</script>\n'


def _json_ld(every: Sequence[Advert], own: str) -> bytes:
    items = [{"@type": "ListItem", "position": at, "item": _job_posting(each, own)} for at, each in enumerate(every, 1)]
    return _html("Paikat", _script({"@context": "https://schema.org", "@type": "ItemList", "itemListElement": items}))


def _list_page(every: Sequence[Advert], page: int, more: bool) -> bytes:
    """A list of a site's own making, whose adverts' pages say nothing to machines."""
    items = ""
    for advert in every:
        facts = shown(advert)
        ends = (
            f"<span class='paattyy'>{facts.ends.day}.{facts.ends.month}.{facts.ends.year}</span>" if facts.ends else ""
        )
        items += (
            f"<li class='paikka'><h3><a href='/avoin/{advert.ref}'>{html.escape(facts.title)}</a></h3>"
            f"<span class='kunta'>{html.escape(', '.join(facts.towns))}</span>"
            f"<span class='tyonantaja'>{html.escape(facts.employer)}</span>{ends}</li>\n"
        )
    onward = f"<a rel='next' href='/avoimet/sivu{page + 1}'>Seuraava</a>" if more else ""
    menu = "<nav><ul><li><a href='/'>Etusivu</a></li><li><a href='/meista'>Meistä</a></li></ul></nav>"
    return _html("Avoimet työpaikat", f"{menu}<main><ul class='paikat'>\n{items}</ul>{onward}</main>")


def _html(title: str, body: str) -> bytes:
    head = f"<head><meta charset='utf-8'><title>{html.escape(title)}</title></head>"
    return f"<!doctype html>\n<html lang='fi'>{head}\n<body>{body}</body></html>\n".encode()
