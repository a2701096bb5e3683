"""One visitor a host, and the pause between two."""

import threading

import pytest

from harvest.visits import HostVisits


class Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def visits(time: Time) -> HostVisits:
    return HostVisits(clock=lambda: time.now, sleep=time.sleep)


def test_the_first_visit_does_not_wait_and_the_second_keeps_the_pause(visits: HostVisits, time: Time) -> None:
    with visits("a", 5):
        time.now += 2
    time.now += 1
    with visits("a", 5):
        pass
    assert time.slept == [4]


def test_a_visit_that_failed_counts_as_one(visits: HostVisits, time: Time) -> None:
    with pytest.raises(OSError, match="gone"), visits("a", 5):
        raise OSError("gone")
    with visits("a", 5):
        pass
    assert time.slept == [5]


def test_hosts_do_not_wait_for_each_other(visits: HostVisits, time: Time) -> None:
    with visits("a", 5), visits("b", 5):
        pass
    assert time.slept == []


def test_two_visitors_are_never_at_one_host() -> None:
    visits, inside, most = HostVisits(), [0], [0]

    def visit() -> None:
        for _ in range(50):
            with visits("a", 0):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
