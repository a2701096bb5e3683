"""Kuntarekry: list pages of job cards, ad pages with JSON-LD that deviates as the real one does, XML by organisation."""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocket.advert import Advert, Shown, shown
from pocket.sites.employer_xml import jobs_xml
from pocket.sites.links import page_of, path_of
from pocket.sites.site import Addresses, Site, answer, missing
from pocket.words import table
from pocket.world import World

ORGANISATIONS: Mapping[str, str] = {"9491": "kuntarekry-mikkeli", "9305": "kuntarekry-kuusamo"}
"""The organisations with an XML feed, by the number that is asked for, and the slug of their card."""

PER_PAGE = 24
PROMOTED = 4

_EMPLOYMENT: Mapping[str, str] = {
    "full_time": "Kokoaikatyö",
    "part_time": "Osa-aikatyö",
    "permanent": "Vakinainen",
    "fixed_term": "Määräaikainen",
    "on_call": "Keikkatyö",
    "seasonal": "Kausityö",
    "summer": "Kesätyö",
}


def site(world: World, addresses: Addresses) -> Site:
    """The whole of Kuntarekry on one port."""

    async def listing(request: Request) -> Response:
        organisation = request.query_params.get("organisation")
        if organisation is not None and request.query_params.get("format") == "xml":
            slug = ORGANISATIONS.get(organisation, "")
            adverts = world.adverts(slug) if slug else []
            body = jobs_xml(adverts, lambda advert: page_of(advert, addresses), encoding="UTF-8")
            changed = world.changed_on(slug) if slug else world.changed_on("kuntarekry")
            return answer(request, body, media="application/xml; charset=utf-8", modified=changed)
        page = int(request.path_params.get("page", 1))
        every = world.adverts("kuntarekry")
        total = max(1, -(-len(every) // PER_PAGE))
        if page > total:
            return missing()
        body = _list_page(every[(page - 1) * PER_PAGE : page * PER_PAGE], every[:PROMOTED], page, total)
        return answer(request, body, media="text/html; charset=utf-8", modified=world.changed_on("kuntarekry"))

    async def advert_page(request: Request) -> Response:
        path = f"/fi/tyopaikat/{request.path_params['name']}/"
        for slug in ("kuntarekry", *ORGANISATIONS.values()):
            for reference in _references(path):
                advert = world.advert(slug, reference) or _with_reference(world, slug, reference)
                if advert is not None and path_of(advert) == path:
                    body = _ad_page(advert, shown(advert))
                    return answer(
                        request, body, media="text/html; charset=utf-8", modified=world.changed_on("kuntarekry")
                    )
        return missing()

    return Site(
        name="kuntarekry",
        routes=[
            Route("/fi/tyopaikat/", listing),
            Route("/fi/tyopaikat/sivu{page:int}/", listing),
            Route("/fi/tyopaikat/{name}/", advert_page),
        ],
    )


def _references(path: str) -> list[str]:
    """The reference that a path may end in: three parts, upper case."""
    return ["-".join(path.rstrip("/").split("-")[-3:]).upper()]


def _with_reference(world: World, slug: str, reference: str) -> Advert | None:
    if slug == "kuntarekry":
        return None
    return next((each for each in world.adverts(slug) if each.vacancy.reference == reference), None)


def _card(advert: Advert, *, promoted: bool) -> str:
    facts = shown(advert)
    translations = html.escape(json.dumps({"applyBefore": "Hakuaika", "key": "Työavain", "atClock": "klo"}))
    where = f"{facts.employer}, {facts.unit}" if facts.unit and promoted else facts.employer
    fields = {
        "profit-center": where,
        "title": facts.title,
        "publication-date": f"{facts.posted.day}.{facts.posted.month}.{facts.posted.year}",
        "publication-time": f"{facts.posted:%H:%M}",
    }
    if facts.ends is not None:
        fields["publication-end"] = f"{facts.ends.day}.{facts.ends.month}.{facts.ends.year}"
        fields["publication-end-time"] = f"{facts.ends:%H:%M}"
    fields |= {
        "ext-id": advert.ref,
        "url": path_of(advert),
        "job-id": str(1_900_000 + advert.number),
        "job-key": advert.ref,
    }
    shouted = 'is-promoted="true" extended ' if promoted else ""
    values = " ".join(f'{name}="{html.escape(value)}"' for name, value in fields.items())
    label = html.escape(facts.title)
    return (
        f'  <li role="listitem" aria-label="{label}"><job-card {shouted}'
        f"data-translations='{translations}' {values}></job-card></li>\n"
    )


def _list_page(cards: Sequence[Advert], promoted: Sequence[Advert], page: int, total: int) -> bytes:
    def link(number: int) -> str:
        if not 1 <= number <= total:
            return ""
        return "/fi/tyopaikat/" if number == 1 else f"/fi/tyopaikat/sivu{number}/"

    ordinary = "".join(_card(advert, promoted=False) for advert in cards)
    shouted = "".join(_card(advert, promoted=True) for advert in promoted)
    return f"""<!doctype html>
<html lang="fi">
<head>
<meta charset="utf-8" />
<title>Avoimet työpaikat | Kuntarekry</title>
</head>
<body>
<main>
<job-list variant="grid" ariaLabel="avointa työpaikkaa">
{ordinary}</job-list>
<ip-pagination prev="{link(page - 1)}" next="{link(page + 1)}" current="{page}" total="{total}"></ip-pagination>
<job-list variant="col-2" ariaLabel="Mainostetut työpaikat">
{shouted}</job-list>
</main>
</body>
</html>
""".encode()


def _ad_page(advert: Advert, facts: Shown) -> bytes:
    data = json.dumps(_job_posting(advert, facts), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    paragraphs = "".join(f"<p>{html.escape(each)}</p>" for each in facts.text.split("\n\n"))
    remote = "Etätyömahdollisuus" if advert.vacancy.bucket == "remote" else "Ei etätyömahdollisuutta"
    return f"""<!doctype html>
<html lang="fi">
<head>
<meta charset="utf-8" />
<title>{html.escape(facts.title)} | Kuntarekry</title>
</head>
<body>
<main>
<script type="application/ld+json">{data}</script>
<ip-details headerIcon="briefcase" title="Tehtävän kuvaus" relative reverse open padding="s">{paragraphs}</ip-details>
<ip-details headerIcon="file-text" title="Työpaikan tiedot" relative reverse padding="s">
<ip-aside-item color="blue" font-size="s" title="Työnantaja">{html.escape(facts.employer)}</ip-aside-item>
<ip-aside-item color="blue" font-size="s" title="Etätyö" border="top">{remote}</ip-aside-item></ip-details>
</main>
</body>
</html>
""".encode()


def _job_posting(advert: Advert, facts: Shown) -> dict[str, Any]:
    """A JobPosting with the real deviations: the organisation a string, the postal code a number that has lost its
    zeros, pay in words, kinds of employment in Finnish, several towns in one comma list, paragraphs glued together."""
    towns = advert.vacancy.towns
    address: dict[str, Any] = {"@type": "PostalAddress"}
    if towns:
        address["addressRegion"] = ", ".join(dict.fromkeys(town.province["fi"] for town in towns))
        address["addressLocality"] = ", ".join(facts.towns)
    if len(towns) == 1:
        street = table("names")["streets"][advert.vacancy.salt % 5]["fi"]
        address["postalCode"] = int(towns[0].postal)
        address["streetAddress"] = f"{street} {advert.vacancy.salt % 40 + 1}"
    posting: dict[str, Any] = {
        "@context": "http://schema.org",
        "@type": "JobPosting",
        "title": facts.title,
        "hiringOrganization": facts.employer,
        "jobLocation": {"@type": "Place", "address": address},
        "datePosted": facts.posted.isoformat(),
        "baseSalary": {"@type": "MonetaryAmount", "currency": "EUR", "value": "KVTES"},
        "description": facts.text.replace("\n\n", ""),
        "employmentType": f"{_EMPLOYMENT[facts.hours]}, Työpaikka, {_EMPLOYMENT[facts.contract]}",
    }
    if facts.ends is not None:
        posting["validThrough"] = facts.ends.isoformat()
    return posting
