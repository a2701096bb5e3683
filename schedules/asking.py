"""The live net for one command that keeps nothing: with all the manners of a harvest."""

from collections.abc import Iterator
from contextlib import contextmanager

from harvest.http import Http
from harvest.records import Get
from harvest.visits import Visit
from schedules.settings import Settings, must_be_reachable, with_secrets


@contextmanager
def asking(said: Settings, visits: Visit | None = None) -> Iterator[Get]:
    """Asks as a harvest would. Without ``visits`` that are shared with others the pauses of hosts are kept in this
    process."""
    must_be_reachable(said)
    with Http(contact=said.contact, allow=said.allow, visits=visits) as http:
        yield with_secrets(http.get, said.environment)
