"""One small world, served once for the tests that only read it."""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from pocket.server import Pocket
from pocket.world import World

TODAY = date(2026, 9, 15)


@pytest.fixture(scope="session")
def pocket() -> Iterator[Pocket]:
    with Pocket(World(postings=300, today=TODAY)) as up:
        yield up


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as each:
        yield each
