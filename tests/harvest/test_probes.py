"""What a window no longer shows is looked up at its own address, a few a run, and only a missing page means anything."""

from typing import Any

import pytest

from harvest.known import Known, ProbeDue
from harvest.records import Probed, Reason, Whole
from tests.harvest.cards import JSON, NOON, SITE, Net, card, lost, page, walked

SOURCE = card(JSON + '[removal]\nmode = "window"\nprobe = { budget = 2 }\n')
LIST = '{"jobs": [{"id": "1", "name": "Työ", "url": "/1"}]}'


def due(*refs: str) -> Known:
    return Known(probes=tuple(ProbeDue(ref=ref, url=f"{SITE}/{ref}") for ref in refs))


def probed(net: Net, known: Known, source: Any = SOURCE) -> list[tuple[str, bool | None]]:
    result = walked(source, net, known)
    assert result.verdict.whole is Whole.COMPLETE
    found = [one for one in result.all if isinstance(one, Probed)]
    assert all(one.at == NOON for one in found)
    return [(one.ref, one.missing) for one in found]


def test_the_budget_bounds_what_is_looked_up_and_what_was_met_needs_no_look() -> None:
    net = Net({"/jobs": LIST, "/2": "<html>", "/3": lost(Reason.NOT_FOUND)})
    assert probed(net, due("1", "2", "3", "4")) == [("2", False), ("3", True)]
    assert net.paths == ["/jobs", "/2", "/3"]


@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.SERVER_ERROR, Reason.DNS, Reason.REDIRECTS])
def test_trouble_says_nothing_and_makes_the_harvest_no_less_whole(reason: Reason) -> None:
    net = Net({"/jobs": LIST, "/2": lost(reason), "/3": page("", "<html>")})
    assert probed(net, due("2", "3")) == [("2", None), ("3", False)], "but it had its turn"


@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.ROBOTS])
def test_a_refusal_ends_the_looking_up(reason: Reason) -> None:
    net = Net({"/jobs": LIST, "/2": lost(reason)})
    assert probed(net, due("2", "3")) == [("2", None)]
    assert net.paths == ["/jobs", "/2"]


def test_nothing_is_looked_up_when_the_list_could_not_be_had() -> None:
    net = Net({})
    assert walked(SOURCE, net, due("2")).verdict.whole is Whole.FAILED
    assert net.paths == ["/jobs"]


def test_without_the_key_nothing_is_looked_up() -> None:
    net = Net({"/jobs": LIST})
    assert probed(net, due("2"), card(JSON)) == []
    assert net.paths == ["/jobs"]
