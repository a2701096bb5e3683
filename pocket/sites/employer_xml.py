"""The employer feed ``<jobs><job>``: every open job of one organisation; one site still writes it in ISO-8859-1."""

import html
from collections.abc import Callable, Iterable, Mapping
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocket.advert import Advert, shown
from pocket.sites.site import Addresses, Site, answer, missing
from pocket.words import sectors
from pocket.world import FROZEN, World

_TYPES: Mapping[str, Mapping[str, str]] = {
    "fi": {
        "permanent": "Vakinainen",
        "fixed_term": "Määräaikainen",
        "on_call": "Keikkatyö",
        "seasonal": "Kausityö",
        "summer": "Kesätyö",
        "full_time": "Kokoaikatyö",
        "part_time": "Osa-aikatyö",
    },
    "sv": {
        "permanent": "Ordinarie",
        "fixed_term": "Visstid",
        "on_call": "Inhopp",
        "seasonal": "Säsongsarbete",
        "summer": "Sommarjobb",
        "full_time": "Heltid",
        "part_time": "Deltid",
    },
}


def site(world: World, addresses: Addresses) -> Site:
    """The feed of the wellbeing county of Ostrobothnia, labels in Swedish, bytes in ISO-8859-1, and its ad pages."""

    async def feed(request: Request) -> Response:
        own = addresses[FROZEN]
        body = jobs_xml(
            world.adverts(FROZEN), lambda each: f"{own}/jobb/{each.ref}", encoding="ISO-8859-1", labels="sv"
        )
        return answer(request, body, media="text/xml", modified=world.changed_on(FROZEN))

    async def page(request: Request) -> Response:
        advert = world.advert(FROZEN, request.path_params["number"])
        if advert is None:
            return missing()
        facts = shown(advert)
        body = f"<!doctype html><title>{html.escape(facts.title)}</title><p>{html.escape(facts.text)}</p>"
        encoded = body.encode("iso-8859-1", "xmlcharrefreplace")
        return answer(request, encoded, media="text/html; charset=iso-8859-1", modified=world.changed_on(FROZEN))

    return Site(name=FROZEN, routes=[Route("/jobs.xml", feed), Route("/jobb/{number}", page)])


def jobs_xml(adverts: Iterable[Advert], url: Callable[[Advert], str], *, encoding: str, labels: str = "fi") -> bytes:
    """The whole feed. What the encoding cannot say is written as a character reference."""
    jobs = "".join(_job(advert, url(advert), labels) for advert in adverts)
    text = f'<?xml version="1.0" encoding="{encoding}" ?>\n<jobs>\n{jobs}</jobs>\n'
    return text.encode(encoding, "xmlcharrefreplace")


def _job(advert: Advert, url: str, labels: str) -> str:
    facts = shown(advert)
    fields = {
        "jobtitle": facts.title,
        "employmenttype": _TYPES[labels][facts.contract],
        "jobdescription": facts.text,
        "jobid": advert.ref,
        "location": ", ".join(facts.towns),
        "organisation": facts.employer,
        "organisationalunit": facts.unit,
        "employmentduration": _TYPES[labels][facts.hours],
        "taskarea": sectors()[advert.vacancy.occupation.sector].area,
        "publicationtimestart": facts.posted.isoformat(),
        "publicationtimeend": facts.ends.isoformat() if facts.ends else "",
        "url": url,
    }
    lines = "".join(f"    <{tag}>{escape(value)}</{tag}>\n" for tag, value in fields.items())
    return f"  <job>\n{lines}  </job>\n"
