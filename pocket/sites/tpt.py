"""TE-palvelut tpt-api: Solr answers passed through, lists by area with names only, details with codes."""

import html
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocket.advert import HELSINKI, Advert, Shown, shown
from pocket.places import Town
from pocket.sites.links import page_of
from pocket.sites.site import Addresses, Site, answer, missing
from pocket.words import table
from pocket.world import World

MOST_ROWS = 100
"""However many rows are asked for, no more are served at once."""

_DURATION: Mapping[str, tuple[str, str, str]] = {
    "permanent": ("06", "yli 12 kuukautta", "över 12 månader"),
    "fixed_term": ("04", "3 - 12 kuukautta", "3 - 12 månader"),
    "on_call": ("01", "alle 10 päivää, keikkaluonteinen", "under 10 dagar, vid behov"),
    "seasonal": ("03", "1 - 3 kuukautta, kausiluonteinen", "1 - 3 månader, säsongsarbete"),
    "summer": ("03", "1 - 3 kuukautta, kesätyö", "1 - 3 månader, sommararbete"),
}
_HOURS: Mapping[str, tuple[str, str, str]] = {
    "full_time": ("01", "kokoaikatyö", "heltidsarbete"),
    "part_time": ("02", "osa-aikatyö", "deltidsarbete"),
}
_FORM: Mapping[str, tuple[str, str, str]] = {
    "employment": ("01", "palkkatyö", "lönarbete"),
    "apprenticeship": ("03", "oppisopimus", "läroavtal"),
}


def site(world: World, addresses: Addresses) -> Site:
    """The site with its two calls, and the public page of an advert."""

    async def listing(request: Request) -> Response:
        asked = request.query_params
        language = "sv" if asked.get("kieli") == "sv" else "fi"
        areas = [area for area in asked.get("alueet", "").split(",") if area]
        found = [advert for advert in world.adverts("tpt") if not areas or _inside(advert, areas)]
        start = int(asked.get("start", "0"))
        rows = int(asked.get("rows", "2147483647"))
        query = f"kieli:{language} AND !viimeinenHakupaivamaara:[* TO NOW]"
        if areas:
            query += " AND (aluehaku:(" + " OR ".join(f'"{area}"' for area in areas) + "))"
        docs = [_listed(advert, shown(advert), language) for advert in found[start : start + min(rows, MOST_ROWS)]]
        params = {"start": str(start), "rows": str(rows), "wt": "json", "q": query}
        return _solr(request, world, params, len(found), start, docs)

    async def detail(request: Request) -> Response:
        language = "sv" if request.query_params.get("kieli") == "sv" else "fi"
        number = request.path_params["number"]
        advert = world.advert("tpt", number)
        docs = []
        if advert is not None:
            facts = shown(advert)
            docs = [_listed(advert, facts, language) | _detail(advert, facts, language, addresses)]
        query = f"ilmoitusnumero:{number} AND kieli:{language}"
        params = {"q": query, "start": "0", "sort": "ilmoituspaivamaara desc", "rows": "1", "wt": "json"}
        return _solr(request, world, params, len(docs), 0, docs)

    async def public(request: Request) -> Response:
        advert = world.advert("tpt", request.path_params["number"])
        if advert is None:
            return missing()
        facts = shown(advert)
        paragraphs = "".join(f"<p>{html.escape(each)}</p>" for each in facts.text.split("\n\n"))
        body = (
            f"<!doctype html><html lang='fi'><title>{html.escape(facts.title)}</title><body>{paragraphs}</body></html>"
        )
        return answer(request, body.encode(), media="text/html;charset=UTF-8", modified=world.changed_on("tpt"))

    return Site(
        name="tpt",
        routes=[
            Route("/tpt-api/v1/tyopaikat", listing),
            Route("/tpt-api/v1/tyopaikat/{number}", detail),
            Route("/tpt/{number}", public),
        ],
    )


def _inside(advert: Advert, areas: list[str]) -> bool:
    """Areas are names, of municipalities or provinces, in Finnish or Swedish."""
    names = {name for town in advert.vacancy.towns for name in (*town.name.values(), *town.province.values())}
    return not names.isdisjoint(areas)


def _solr(
    request: Request, world: World, params: dict[str, str], total: int, start: int, docs: list[dict[str, Any]]
) -> Response:
    head = {"status": 0, "QTime": 4, "params": params}
    body = {"responseHeader": head, "response": {"numFound": total, "start": start, "docs": docs}}
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return answer(request, raw, media="application/json;charset=UTF-8", modified=world.changed_on("tpt"))


def _listed(advert: Advert, facts: Shown, language: str) -> dict[str, Any]:
    """A row of a list: names of places in the language of the labels, and no code of any place."""
    vacancy = advert.vacancy
    place = _places(vacancy.towns, language)
    label = 2 if language == "sv" else 1
    duration, hours = _DURATION[facts.contract], _HOURS[facts.hours]
    title = vacancy.occupation.title[language]
    number = "arbetsplatser" if language == "sv" else "työpaikkaa"
    parts = [facts.title, *([f"{facts.openings} {number}"] if (facts.openings or 1) > 1 else []), facts.employer]
    doc: dict[str, Any] = {
        "id": str(UUID(int=Random(f"tpt {advert.number}").getrandbits(128), version=4)),
        "anonyymiTyonantaja": False,
        "asuntomahdollisuus": False,
        "euresTyopaikka": vacancy.bucket == "abroad",
        "paikkalukumaara": facts.openings or 1,
        "etatyo": vacancy.bucket == "remote",
        "kuvausteksti": facts.text.replace("\n", "\r\n"),
        "itsepalvelu": True,
        "mainAmmattikoodi": vacancy.occupation.code,
        "ilmoitettuTyomarkkinatLehdessa": True,
        "vuokratyopaikka": vacancy.client is not None,
        "oppisopimus": vacancy.work_form == "apprenticeship",
        "kesatyopaikka": facts.contract == "summer",
        "ammatti": [title],
        "otsikko": ", ".join([*parts, *place.values()][:6]),
        "englanti": facts.language == "en",
        "vahtipostitus": False,
        "kieli": language,
        "_version_": str(1_690_000_000_000_000_000 + advert.number * 4096 + advert.revision),
        "timestamp": int(facts.posted.timestamp() * 1000),
        "ilmoitusnumero": int(advert.ref),
        **place,
        "hakuTyosuhdetyyppikoodi": "22",
        "tyonKestoKoodi": duration[0],
        "hakuTyonKestoKoodi": "12",
        "hakuTyoaikakoodi": "31" if facts.hours == "full_time" else "32",
        "tyonantajanNimi": facts.employer,
        "ilmoituspaivamaara": _midnight(facts.posted),
        "tehtavanimi": facts.title,
        "hakemusOsoitetaan": facts.employer,
        "maa": table("names")["abroad"][vacancy.abroad]["country"] if vacancy.bucket == "abroad" else "Suomi",
        "tyoaika": hours[label],
        "tyonKesto": duration[label].split(",")[0],
        "tyoaikatekstiYhdistetty": hours[label],
        "tyonKestoTekstiYhdistetty": duration[label],
        "ammattiLevel3": vacancy.occupation.group,
        "ytunnus": vacancy.employer.business_id,
    }
    if vacancy.towns and advert.number % 3:
        doc["sijainti"] = f"{vacancy.towns[0].latitude},{vacancy.towns[0].longitude}"
    if facts.ends is not None:
        clock = f" klo {facts.ends:%H:%M}" if advert.number % 4 else ""
        doc["hakuPaattyy"] = f"{facts.ends:%d.%m.%Y}{clock}"
    return doc


def _detail(advert: Advert, facts: Shown, language: str, addresses: Addresses) -> dict[str, Any]:
    """What the detail adds: codes, addresses, the link to the original, renderings of the text; the version is a number."""
    vacancy = advert.vacancy
    label = 2 if language == "sv" else 1
    form = _FORM.get(vacancy.work_form, _FORM["employment"])
    as_html = facts.text.replace("\n", "\r<br/>\n")
    link = page_of(advert.original, addresses) if advert.original is not None and "link" in advert.differs else ""
    doc: dict[str, Any] = {
        "maakoodi": table("names")["abroad"][vacancy.abroad]["code"] if vacancy.bucket == "abroad" else "246",
        "tyosuhdetyyppikoodi": form[0],
        "tyosuhdetyyppiTeksti": form[label],
        "tyoaikakoodi": _HOURS[facts.hours][0],
        "tyoAlkaaTekstiYhdistetty": "Sopimuksen mukaan",
        "julkaisukieli": facts.language,
        "yksikielinen": True,
        "yksikielinenKieli": facts.language,
        "palkkausteksti": "Työehtosopimuksen mukaan",
        "tyokokemuskoodi": "01",
        "ammattikoodi": [vacancy.occupation.code],
        "mainAmmatti": vacancy.occupation.title[language],
        "wwwTyonhakulomake": link,
        "wwwTyonhakulomakeHTML": f"<a href='{link}'>{link}</a>" if link else "",
        "kuvaustekstiHTML": as_html,
        "kuvaustekstiKevytHTML": as_html,
        "ilmoituspaivamaarateksti": f"{facts.posted:%d.%m.%Y}",
        "_version_": 1_690_000_000_000_000_000 + advert.number * 4096 + advert.revision,
        "createdTimestamp": facts.posted.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    if facts.ends is not None:
        doc["viimeinenHakupaivamaara"] = facts.ends.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if vacancy.towns:
        first = vacancy.towns[0]
        street = table("names")["streets"][vacancy.salt % 5][language]
        office = first.name[language].upper()
        doc |= {
            "kuntakoodi": first.code,
            "maakuntakoodi": first.province_tpt,
            "postinumero": first.postal,
            "postitoimipaikka": office,
            "lahiosoite": f"{street} {vacancy.salt % 40 + 1}",
            "tyopaikanOsoite": f"{street} {vacancy.salt % 40 + 1}, {first.postal} {office}",
        }
    elif vacancy.bucket in ("abroad", "national"):
        abroad = table("names")["abroad"][vacancy.abroad]["place"]
        doc["tyopaikanOsoite"] = abroad if vacancy.bucket == "abroad" else "Koko Suomi"
    return doc


def _places(towns: tuple[Town, ...], language: str) -> dict[str, str]:
    return {"kunta": towns[0].name[language], "maakunta": towns[0].province[language]} if towns else {}


def _midnight(moment: datetime) -> str:
    """Helsinki midnight as UTC, which is the evening before."""
    local = moment.astimezone(HELSINKI).replace(hour=0, minute=0, second=0, microsecond=0)
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
