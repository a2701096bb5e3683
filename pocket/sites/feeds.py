"""Two RSS 2.0 families: municipal news as WordPress writes it, and a career site with Teamtailor's location tags."""

import html
from email.utils import format_datetime
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pocket.advert import Advert, shown
from pocket.bulletin import NEWS_TOWNS, News
from pocket.places import town
from pocket.sites.site import Addresses, Site, answer, missing
from pocket.words import sectors
from pocket.world import World

_RSS = "application/rss+xml; charset=UTF-8"


def news_site(world: World, addresses: Addresses, name: str) -> Site:
    """The news of one town: a feed of the newest items, and a page for each of them."""
    owner = town(NEWS_TOWNS[name]).owner["fi"]

    async def feed(request: Request) -> Response:
        own = addresses[name]
        items = "".join(_news_item(item, own) for item in world.news(name))
        body = f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
\txmlns:content="http://purl.org/rss/1.0/modules/content/"
\txmlns:dc="http://purl.org/dc/elements/1.1/"
\txmlns:atom="http://www.w3.org/2005/Atom">
<channel>
\t<title>{escape(owner)}</title>
\t<atom:link href="{own}/feed/" rel="self" type="application/rss+xml" />
\t<link>{own}</link>
\t<description>Ajankohtaista</description>
\t<language>fi</language>
{items}</channel>
</rss>
"""
        return answer(request, body.encode(), media=_RSS, modified=world.changed_on(name))

    async def page(request: Request) -> Response:
        for item in world.news(name):
            if item.number == request.path_params["number"]:
                title, text = html.escape(item.title), html.escape(item.text)
                body = f"<!doctype html><title>{title}</title><h1>{title}</h1><p>{text}</p>"
                return answer(request, body.encode(), media="text/html; charset=UTF-8", modified=item.published)
        return missing()

    return Site(name=name, routes=[Route("/feed/", feed), Route("/ajankohtaista/{number:int}/", page)])


def _news_item(item: News, own: str) -> str:
    return f"""\t<item>
\t\t<title>{escape(item.title)}</title>
\t\t<link>{own}{item.path}</link>
\t\t<dc:creator><![CDATA[Viestintä]]></dc:creator>
\t\t<pubDate>{format_datetime(item.published)}</pubDate>
\t\t<category><![CDATA[{item.category}]]></category>
\t\t<guid isPermaLink="false">{own}/?p={item.number}</guid>
\t\t<description><![CDATA[<p>{html.escape(item.text.split(". ")[0])} [&#8230;]</p>]]></description>
\t\t<content:encoded><![CDATA[<p>{html.escape(item.text)}</p>]]></content:encoded>
\t</item>
"""


def career_site(world: World, addresses: Addresses) -> Site:
    """The career site of one company: every open role in one feed, by pages of a hundred."""

    async def feed(request: Request) -> Response:
        own = addresses["pilvi"]
        size = min(100, int(request.query_params.get("per_page", "100")))
        offset = int(request.query_params.get("offset", "0"))
        items = "".join(_role(advert, own) for advert in world.adverts("pilvi")[offset : offset + size])
        body = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:tt="https://teamtailor.com/locations">
  <channel>
    <title>Esimerkkipilvi</title>
    <description>Open roles</description>
    <link>{own}/jobs</link>
{items}  </channel>
</rss>
"""
        return answer(request, body.encode(), media=_RSS, modified=world.changed_on("pilvi"))

    async def page(request: Request) -> Response:
        for advert in world.adverts("pilvi"):
            if advert.number == request.path_params["number"]:
                facts = shown(advert)
                body = f"<!doctype html><title>{html.escape(facts.title)}</title><p>{html.escape(facts.text)}</p>"
                changed = world.changed_on("pilvi")
                return answer(request, body.encode(), media="text/html; charset=utf-8", modified=changed)
        return missing()

    return Site(name="pilvi", routes=[Route("/jobs.rss", feed), Route("/jobs/{number:int}", page)])


def _role(advert: Advert, own: str) -> str:
    facts = shown(advert)
    paragraphs = "".join(f"<p><span>{html.escape(each)}</span></p>" for each in facts.text.split("\n\n"))
    where = advert.vacancy.towns or (town("091"),)
    remote = advert.vacancy.bucket == "remote"
    locations = "".join(
        f"""        <tt:location>
          <tt:name>{"Finland" if remote else escape(each.name["en"])}</tt:name>
          <tt:address>{"" if remote else "Asemakatu 1"}</tt:address>
          <tt:zip>{"" if remote else each.postal}</tt:zip>
          <tt:city>{"" if remote else escape(each.name["en"])}</tt:city>
          <tt:country>Finland</tt:country>
        </tt:location>
"""
        for each in where
    )
    return f"""    <item>
      <title>{escape(facts.title)}</title>
      <description>{escape(paragraphs)}</description>
      <pubDate>{format_datetime(facts.posted)}</pubDate>
      <link>{own}/jobs/{advert.number}</link>
      <remoteStatus>{"fully" if remote else "hybrid" if advert.number % 3 else "none"}</remoteStatus>
      <guid>{advert.ref}</guid>
      <tt:locations>
{locations}      </tt:locations>
      <tt:department>{escape(sectors()[advert.vacancy.occupation.sector].department["en"])}</tt:department>
      <tt:role>{escape(advert.vacancy.occupation.title["en"])}</tt:role>
    </item>
"""
