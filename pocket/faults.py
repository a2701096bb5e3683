"""What goes wrong with sites on bad days, on demand: each fault is of one site, and lasts while its name is in force."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a site says. ``drip`` is the pause in seconds after each byte of the body."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    drip: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request to a site. ``number`` counts those that came while the fault was in force, from 1."""

    app: ASGIApp
    scope: Scope
    number: int

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    @property
    def query(self) -> str:
        return bytes(self.scope["query_string"]).decode()

    async def sound(self, query: str | None = None) -> Answer:
        """What the site would say, whole, unpacked and whatever the asker holds already; to another ``query`` if one is
        given."""
        parts: list[bytes] = []
        begun: dict[str, Any] = {}

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.update(message)
            parts.append(message.get("body", b""))

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        headers = [pair for pair in self.scope["headers"] if pair[0] not in _CONDITIONS]
        asked = self.query if query is None else query
        await self.app({**self.scope, "headers": headers, "query_string": asked.encode()}, receive, gather)
        kept = tuple(pair for pair in begun["headers"] if pair[0] not in _OF_THE_BODY)
        return Answer(body=b"".join(parts), status=begun["status"], headers=kept)


_CONDITIONS = frozenset({b"if-none-match", b"if-modified-since", b"accept-encoding"})
_OF_THE_BODY = frozenset({b"etag", b"last-modified", b"content-length"})
Does: TypeAlias = Callable[[Asked], Awaitable[Answer | None]]
"""What the site says while the fault is in force, or nothing where it answers as ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of one site: ``tells`` says in a sentence what the site does."""

    site: str
    tells: str
    does: Does = field(repr=False)


CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript</body></html>"


async def _truncated(asked: Asked) -> Answer | None:
    page = re.fullmatch(r"/fi/tyopaikat/(?:sivu(\d+)/)?", asked.path)
    if not page or asked.query:
        return None
    whole = await asked.sound()
    last = re.search(rb'current="\d+" total="(\d+)"', whole.body)
    if last is None or int(page[1] or 1) != min(7, int(last[1])):
        return None
    return replace(whole, body=whole.body[: len(whole.body) // 2])


async def _totals(asked: Asked) -> Answer | None:
    if not asked.path.endswith("/tyopaikat"):
        return None
    whole = await asked.sound()
    stated = json.loads(whole.body)
    stated["response"]["numFound"] += 900
    return replace(whole, body=_json(stated))


async def _challenge(_: Asked) -> Answer | None:
    return Answer(body=CHALLENGE, headers=((b"content-type", b"text/html; charset=UTF-8"),))


async def _burst(asked: Asked) -> Answer | None:
    if asked.number % 5 in (1, 2):
        return Answer(body=b"Too Many Requests", status=429, headers=((b"retry-after", b"2"),))
    return None


async def _drip(asked: Asked) -> Answer | None:
    return replace(await asked.sound(), drip=0.1)


async def _renumbered(asked: Asked) -> Answer | None:
    whole = await asked.sound()
    return replace(whole, body=re.sub(rb"jid=(\d+)", lambda hit: b"jid=%d" % (int(hit[1]) + 5_000_000), whole.body))


async def _reshaped(asked: Asked) -> Answer | None:
    whole = await asked.sound()
    return replace(whole, body=whole.body.replace(b'"tyotehtava":', b'"tehtavanimike":'))


async def _empty(asked: Asked) -> Answer | None:
    whole = await asked.sound()
    return replace(whole, body=re.sub(rb"<job>.*</job>", b"", whole.body, flags=re.DOTALL))


async def _shard_down(asked: Asked) -> Answer | None:
    return Answer(body=b"Service Unavailable", status=503) if asked.path.endswith("/Municipality/code/491") else None


async def _duplicates(asked: Asked) -> Answer | None:
    if not asked.path.endswith("/tyopaikat"):
        return None
    return await asked.sound(re.sub(r"\bstart=(\d+)", lambda hit: f"start={max(0, int(hit[1]) - 10)}", asked.query))


async def _promoted(asked: Asked) -> Answer | None:
    whole = await asked.sound()
    return replace(whole, body=whole.body.replace(b'is-promoted="true" extended ', b""))


async def _dead_details(asked: Asked) -> Answer | None:
    listed = re.fullmatch(r"/fi/tyopaikat/(?:sivu\d+/)?", asked.path)
    return None if listed else Answer(body=b"404", status=404)


FAULTS: Mapping[str, Fault] = {
    "truncated": Fault(site="kuntarekry", does=_truncated, tells="page 7 of the list, or its last, ends in the middle"),
    "totals": Fault(site="tpt", does=_totals, tells="the list states 900 more than it gives"),
    "challenge": Fault(site="tpt", does=_challenge, tells="everything is a page of a bot wall, with status 200"),
    "burst": Fault(site="ptv", does=_burst, tells="of five requests the first two are answered 429, Retry-After 2 seconds"),
    "drip": Fault(site="osterbotten", does=_drip, tells="the feed comes at ten bytes a second"),
    "renumbered": Fault(site="vantaa", does=_renumbered, tells="all ids are other ones, the adverts the same"),
    "reshaped": Fault(site="vantaa", does=_reshaped, tells="the field `tyotehtava` is called `tehtavanimike`"),
    "empty": Fault(site="osterbotten", does=_empty, tells="the feed is whole, and nothing is in it"),
    "shard_down": Fault(site="ptv", does=_shard_down, tells="the list of one town, Mikkeli, answers 503"),
    "duplicates": Fault(site="tpt", does=_duplicates, tells="each page begins with the last ten of the page before"),
    "promoted": Fault(site="kuntarekry", does=_promoted, tells="promoted cards stand on every page and are not marked"),
    "dead_details": Fault(site="kuntarekry", does=_dead_details, tells="every advert's own page answers 404"),
}  # fmt: skip
"""Every fault by its name."""


def checked(names: Collection[str]) -> list[str]:
    """The names, each once. Raises ``ValueError`` for one that is no fault."""
    for name in names:
        if name not in FAULTS:
            raise ValueError(f"{name!r} is no fault; expected some of {', '.join(FAULTS)}")
    return list(dict.fromkeys(names))


def faulty(site: str, app: ASGIApp, in_force: Collection[str]) -> ASGIApp:
    """The site with those of its faults that are ``in_force`` when it is asked; of several that change an answer the first.
    Its robots.txt is always sound."""
    numbers = dict.fromkeys(FAULTS, 0)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        for name in tuple(in_force) if scope["path"] != "/robots.txt" else ():
            if FAULTS[name].site != site:
                continue
            numbers[name] += 1
            said = await FAULTS[name].does(Asked(app=app, scope=scope, number=numbers[name]))
            if said is not None:
                await _say(said, send)
                return
        await app(scope, receive, send)

    return answer


async def _say(answer: Answer, send: Send) -> None:
    length = (b"content-length", str(len(answer.body)).encode())
    await send({"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, length]})
    if answer.drip:
        for at in range(len(answer.body)):
            await send({"type": "http.response.body", "body": answer.body[at : at + 1], "more_body": True})
            await asyncio.sleep(answer.drip)
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.body", "body": answer.body})


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
