"""Vantaa's open jobs: one flat JSON array with running ids, entities, missing addresses, and pages in LAURA's style."""

import html
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocket.advert import Advert, shown
from pocket.places import town
from pocket.sites.site import Addresses, Site, answer, missing
from pocket.words import sectors, table
from pocket.world import World

_ENTITIES = str.maketrans({"å": "&aring;", "ä": "&auml;", "ö": "&ouml;"})


def site(world: World, addresses: Addresses) -> Site:
    """The open data list, the ad pages that it links to, and a list that robots.txt closes."""

    async def everything(request: Request) -> Response:
        rows = [_row(number, advert, addresses["vantaa"]) for number, advert in enumerate(world.adverts("vantaa"), 1)]
        body = json.dumps(rows, ensure_ascii=False, indent=2).encode()
        return answer(request, body, media="application/json", modified=world.changed_on("vantaa"))

    async def page(request: Request) -> Response:
        advert = world.advert("vantaa", request.query_params.get("jid", ""))
        if advert is None:
            return missing()
        facts = shown(advert)
        title, text = html.escape(facts.title), html.escape(facts.text)
        body = f'<!doctype html><html lang="fi"><h1>{title}</h1><div class="job_description">{text}</div></html>'
        return answer(request, body.encode(), media="text/html; charset=UTF-8", modified=world.changed_on("vantaa"))

    async def closed(request: Request) -> Response:
        return answer(request, b"<ul></ul>", media="text/html; charset=UTF-8", modified=world.changed_on("vantaa"))

    return Site(
        name="vantaa",
        routes=[
            Route("/rest/tyopaikat/v1/kaikki", everything),
            Route("/paikat/", page),
            Route("/list/", closed),
        ],
        disallow=["/list/"],
    )


def _row(number: int, advert: Advert, own: str) -> dict[str, Any]:
    """One row. Its id is its place in the list and means nothing; ``jid`` in the link is the advert. Work trials put their
    whole text into the field of the organisation."""
    vacancy, facts = advert.vacancy, shown(advert)
    vantaa = town("092")
    street = table("names")["streets"][vacancy.salt % 5]["sv" if facts.language == "sv" else "fi"]
    placed = vacancy.salt % 7 != 0
    organisation = f"{facts.department}, {facts.unit}" if facts.unit else f"{facts.department},&nbsp;"
    if facts.language == "sv":
        organisation = f"Vanda stad, {organisation}".translate(_ENTITIES)
    if vacancy.work_form == "work_trial":
        organisation = facts.text.replace("\n\n", "&nbsp;")
    link = f"{own}/paikat/?o=A_RJ&jgid=1&jid={advert.ref}"
    title = facts.title
    if vacancy.work_form == "work_trial":
        title = f"Työkokeilu: {title}"
    return {
        "id": number,
        "organisaatio": organisation,
        "ammattiala": sectors()[vacancy.occupation.sector].area,
        "tyotehtava": title,
        "tyoavain": link,
        "osoite": f"{street} {vacancy.salt % 40 + 1}, {vantaa.postal} {facts.towns[0]}" if placed else "",
        "haku_paattyy_pvm": facts.ends.date().isoformat() if facts.ends else None,
        "x": vantaa.longitude + (vacancy.salt % 97 - 48) / 1000 if placed else vantaa.longitude,
        "y": vantaa.latitude + (vacancy.salt % 89 - 44) / 2000 if placed else vantaa.latitude,
        "linkki": link,
    }
