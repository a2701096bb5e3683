"""Many small boards: hosts with several employer feeds each, as when a country's municipalities join one by one."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocket.advert import Advert
from pocket.sites.employer_xml import jobs_xml
from pocket.sites.site import Addresses, Site, answer, missing
from pocket.world import World

ADVERTS = 40
"""How many adverts a board shows."""


def boards(hosts: int, each: int, *, crawl_delay: float) -> Callable[[World, Addresses], list[Site]]:
    """Builds ``hosts`` sites named *board-0* and on, with ``each`` feeds to a site. Every fourth site asks in its robots.txt
    for a pause; every tenth feed fails when it is asked for the first time."""

    def build(world: World, addresses: Addresses) -> list[Site]:
        return [_site(world, addresses, number, each, 0 if number % 4 else crawl_delay) for number in range(hosts)]

    return build


def _site(world: World, addresses: Addresses, number: int, each: int, crawl_delay: float) -> Site:
    name = f"board-{number}"
    owed = {feed for feed in range(each) if (number * each + feed) % 10 == 0}

    def link(advert: Advert) -> str:
        return f"{addresses[name]}/fi/tyopaikat/{advert.ref}/"

    async def feed(request: Request) -> Response:
        asked = int(request.query_params.get("organisation", each))
        if asked >= each:
            return missing()
        if asked in owed:
            owed.remove(asked)
            return Response(status_code=503)
        every = world.adverts("tpt")
        first = (number * each + asked) * 7 % len(every)
        body = jobs_xml([*every, *every][first : first + min(ADVERTS, len(every))], link, encoding="UTF-8")
        return answer(request, body, media="application/xml; charset=utf-8", modified=world.changed_on("tpt"))

    return Site(name=name, routes=[Route("/fi/tyopaikat/", feed)], crawl_delay=crawl_delay)
