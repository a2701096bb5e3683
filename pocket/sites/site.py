"""A Site is what listens on one port; ``answer`` sends a body with its validators, a 304 when nothing changed, or gzip."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

Addresses = Mapping[str, str]
"""Where each site listens: the part of a url before the path. Filled before the first request comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A host of the pocket world: its name, what it answers, the paths that its robots.txt closes, and the pause in seconds
    for which it asks there."""

    name: str
    routes: Sequence[BaseRoute]
    disallow: Sequence[str] = field(default=())
    crawl_delay: float = 0

    def app(self) -> Starlette:
        """The site as an application of its own."""
        rules = "".join(f"Disallow: {path}\n" for path in self.disallow) or "Disallow:\n"
        if self.crawl_delay:
            rules += f"Crawl-delay: {self.crawl_delay}\n"

        async def robots(_: Request) -> Response:
            return PlainTextResponse(f"User-agent: *\n{rules}")

        return Starlette(routes=[Route("/robots.txt", robots), *self.routes])


def answer(request: Request, body: bytes, *, media: str, modified: datetime) -> Response:
    """The body, or 304 when the asker holds it already. ``media`` goes out as it is: real sites differ in charsets.
    The ETag is weak, so it names the plain and the compressed body alike."""
    headers = {
        "ETag": f'W/"{blake2b(body, digest_size=12).hexdigest()}"',
        "Last-Modified": format_datetime(modified.astimezone(UTC), usegmt=True),
        "Vary": "Accept-Encoding",
    }
    if _holds(request, headers["ETag"], modified):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", "") and len(body) > 400:
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, compresslevel=4, mtime=0)
    return Response(body, headers={**headers, "Content-Type": media})


def missing() -> Response:
    """What every site says of what it does not have."""
    return PlainTextResponse("404", status_code=404)


def _holds(request: Request, etag: str, modified: datetime) -> bool:
    if asked := request.headers.get("if-none-match"):
        return etag in {each.strip() for each in asked.split(",")}
    if since := request.headers.get("if-modified-since"):
        try:
            return parsedate_to_datetime(since) >= modified.replace(microsecond=0)
        except ValueError:
            return False
    return False
