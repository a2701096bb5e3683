"""PTV v11: pages of whole services by municipality, in three languages, and their channels one by one."""

import json
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocket.bulletin import Service
from pocket.places import Town
from pocket.sites.site import Addresses, Site, answer, missing
from pocket.words import LANGUAGES, Phrase
from pocket.world import World

PAGE_SIZE = 4
"""Smaller than the real hundred, so that a town has more than one page."""


def site(world: World, _: Addresses) -> Site:
    """The catalogue. Only published objects are listed; unknown channels answer 404."""
    services = {str(service.id): service for service in world.services}
    channels = {_channel_id(service): service for service in world.services}

    def send(request: Request, body: dict[str, Any]) -> Response:
        raw = json.dumps(body, ensure_ascii=False).encode()
        return answer(request, raw, media="application/json; charset=utf-8", modified=world.changed_on("ptv"))

    async def listing(request: Request) -> Response:
        code = request.path_params["code"]
        page = max(1, int(request.query_params.get("page", "1")))
        found = [service for service in world.services if any(town.code == code for town in service.towns)]
        return send(
            request,
            {
                "pageNumber": page,
                "pageSize": PAGE_SIZE,
                "pageCount": -(-len(found) // PAGE_SIZE),
                "itemList": [_service(each) for each in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]],
            },
        )

    async def service(request: Request) -> Response:
        found = services.get(request.path_params["id"])
        return send(request, _service(found)) if found else missing()

    async def channel(request: Request) -> Response:
        found = channels.get(request.path_params["id"])
        return send(request, _channel(found)) if found else missing()

    return Site(
        name="ptv",
        routes=[
            Route("/api/v11/Service/list/area/Municipality/code/{code}", listing),
            Route("/api/v11/Service/{id}", service),
            Route("/api/v11/ServiceChannel/{id}", channel),
        ],
    )


def _texts(phrase: Phrase, kind: str = "") -> list[dict[str, str | None]]:
    typed: dict[str, str | None] = {"type": kind} if kind else {}
    return [{"language": lang, "value": phrase[lang], **typed} for lang in LANGUAGES]


def _areas(towns: tuple[Town, ...]) -> list[dict[str, Any]]:
    members = [{"code": town.code, "name": _texts(town.name)} for town in towns]
    return [{"type": "Municipality", "code": None, "name": None, "municipalities": members}]


def _service(service: Service) -> dict[str, Any]:
    summary: Phrase = {lang: service.text[lang].split(". ")[0].rstrip(".") + "." for lang in LANGUAGES}
    organisation = {"id": _organisation_id(service.towns[0]), "name": service.towns[0].owner["fi"]}
    channel = {"serviceChannel": {"id": _channel_id(service), "name": service.name["fi"]}}
    return {
        "id": service.id,
        "sourceId": None,
        "type": "Service",
        "subType": None,
        "fundingType": "PubliclyFunded",
        "generalDescriptionId": None,
        "serviceNames": _texts(service.name, "Name"),
        "serviceChargeType": None,
        "areaType": "LimitedType",
        "areas": _areas(service.towns),
        "serviceDescriptions": [
            *_texts(service.text, "Description"),
            *_texts(summary, "Summary"),
            {"language": "fi", "value": None, "type": "ProcessingTime"},
            {"language": "sv", "value": None, "type": "DeadLine"},
        ],
        "languages": list(LANGUAGES),
        "serviceClasses": [
            {
                "name": _texts(service.class_name),
                "code": service.code,
                "ontologyType": "PTVL",
                "uri": service.uri,
                "parentUri": service.parent or None,
            }
        ],
        "ontologyTerms": [],
        "targetGroups": [],
        "lifeEvents": [],
        "industrialClasses": [],
        "keywords": [],
        "legislation": [],
        "requirements": [{"language": "fi", "value": None}],
        "serviceChannels": [channel | {"serviceChargeType": None, "description": [], "serviceHours": []}],
        "organizations": [
            {"roleType": "Responsible", "provisionType": None, "organization": organisation},
            {"roleType": "Producer", "provisionType": "SelfProducedServices", "organization": organisation},
        ],
        "serviceVouchersInUse": False,
        "serviceVouchers": [],
        "serviceCollections": [],
        "publishingStatus": "Published",
        "modified": service.modified.isoformat() + "Z",
    }


def _channel(service: Service) -> dict[str, Any]:
    """The place where a service is given, with its address and opening hours."""
    town = service.towns[0]
    return {
        "id": _channel_id(service),
        "sourceId": None,
        "serviceChannelType": "ServiceLocation",
        "organizationId": _organisation_id(town),
        "serviceChannelNames": _texts(service.name, "Name"),
        "serviceChannelDescriptions": _texts(service.text, "Description"),
        "areaType": "LimitedType",
        "areas": _areas(service.towns),
        "phoneNumbers": [],
        "emails": [],
        "languages": ["fi", "sv"],
        "webPages": [{"url": f"https://palvelu.example/{town.code}", "value": None, "language": "fi"}],
        "addresses": [
            {
                "type": "Location",
                "subType": "Single",
                "streetAddress": {
                    "street": [{"language": "fi", "value": "Asemakatu"}, {"language": "sv", "value": "Stationsgatan"}],
                    "streetNumber": "1",
                    "postalCode": town.postal,
                    "postOffice": [{"language": lang, "value": town.name[lang].upper()} for lang in ("fi", "sv")],
                    "municipality": {"code": town.code, "name": _texts(town.name)},
                    "additionalInformation": [{"language": "fi", "value": None}],
                },
                "country": "FI",
            }
        ],
        "serviceHours": [
            {
                "serviceHourType": "DaysOfTheWeek",
                "validFrom": None,
                "isClosed": False,
                "openingHour": [{"dayFrom": "Monday", "dayTo": "Friday", "from": "09:00:00", "to": "15:00:00"}],
            }
        ],
        "services": [{"service": {"id": service.id, "name": service.name["fi"]}}],
        "publishingStatus": "Published",
        "modified": service.modified.isoformat(),
    }


def _channel_id(service: Service) -> str:
    return str(UUID(int=UUID(service.id).int ^ 0xFFFF))


def _organisation_id(town: Town) -> str:
    return str(UUID(int=int(town.code) << 64 | 0x8000, version=4))
