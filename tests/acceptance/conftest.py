"""Every acceptance test runs in both worlds, against a site of its own on localhost."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.replay import Bench, Site
from tests.acceptance.worlds import World, worlds


@pytest.fixture(params=worlds(), ids=lambda world: world.name)
def world(request: pytest.FixtureRequest) -> World:
    return request.param


@pytest.fixture
def bench(world: World, tmp_path: Path) -> Iterator[Callable[[str], Bench]]:
    """Gives a bench for a card, with the site of its source up."""
    up: list[tuple[Bench, Site]] = []

    def put_up(slug: str) -> Bench:
        site = Site(world.pages(slug) if slug != "rss_window" else {}).__enter__()
        up.append((Bench(slug, site, tmp_path), site))
        return up[-1][0]

    yield put_up
    for each, site in up:
        each.close()
        site.__exit__(None, None, None)
