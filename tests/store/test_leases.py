"""One visitor a host with its pause, and one curation at a time, whoever asks: two processes, one database."""

import threading
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from harvest.visits import HostVisits
from normalize.curate import curate
from store.db import StoreError
from store.door import Store
from store.tables import Lease, RunRow
from store.write.drafts import draft
from store.write.leases import LASTS, PATIENCE, Leases
from tests.built import Clock, Scene, card, many, rules


@pytest.fixture
def leases(engine: Engine, clock: Clock) -> Leases:
    return Leases(engine, clock=clock.seconds, wait=clock.wait)


@pytest.fixture
def others(engine: Engine, clock: Clock) -> Leases:
    """As another process has them."""
    return Leases(engine, clock=clock.seconds, wait=clock.wait)


def test_the_pause_of_a_host_counts_for_every_visitor(leases: Leases, others: Leases, clock: Clock) -> None:
    with leases.host("town.example", 10):
        clock.move(seconds=3)
    left = clock.seconds()
    with others.host("town.example", 10):
        assert clock.seconds() - left == pytest.approx(10, abs=0.001)
    with others.host("another.example", 10):
        assert clock.seconds() - left == pytest.approx(10, abs=0.001), "another host need not wait"


@pytest.mark.parametrize(("first", "second"), [(10, 1), (1, 10), (0, 4), (4, 0)])
def test_between_two_visitors_the_longer_pause_counts_from_the_end_of_the_earlier_visit(
    leases: Leases, others: Leases, clock: Clock, first: float, second: float
) -> None:
    """The same for the leases of several processes and for the doors of one."""
    doors = HostVisits(clock=clock.seconds, sleep=clock.wait)
    for one, other in ((leases.host, others.host), (doors, doors)):
        with one("town.example", first):
            clock.move(seconds=3)
        left = clock.seconds()
        with other("town.example", second):
            assert clock.seconds() - left == pytest.approx(max(first, second), abs=0.001)
        clock.move(seconds=20)


def test_a_visitor_who_learns_that_the_host_asks_for_more_leaves_the_longer_pause(
    leases: Leases, others: Leases, clock: Clock
) -> None:
    """Of two processes that come to read robots.txt, the second waits by what the first has read."""
    doors = HostVisits(clock=clock.seconds, sleep=clock.wait)
    for one, other in ((leases.host, others.host), (doors, doors)):
        with one("town.example", 1) as stay:
            stay.pause = 7
        left = clock.seconds()
        with other("town.example", 1):
            assert clock.seconds() - left == pytest.approx(7, abs=0.001)
        clock.move(seconds=20)


def test_a_host_has_one_visitor_at_a_time(leases: Leases, engine: Engine, clock: Clock) -> None:
    first = leases.host("town.example", 1)
    first.__enter__()
    waits = 0

    def until_it_leaves(seconds: float) -> None:
        nonlocal waits
        waits += 1
        clock.wait(seconds)
        if waits == 3:
            first.__exit__(None, None, None)

    with Leases(engine, clock=clock.seconds, wait=until_it_leaves).host("town.example", 1):
        assert waits > 3, "it left, and then the pause"


def test_a_visit_that_fails_still_leaves_its_pause(leases: Leases, others: Leases, clock: Clock) -> None:
    with pytest.raises(ZeroDivisionError), leases.host("town.example", 5):
        raise ZeroDivisionError
    left = clock.seconds()
    with others.host("town.example", 5):
        assert clock.seconds() - left == pytest.approx(5, abs=0.001)


def test_a_visitor_that_died_blocks_a_host_no_longer_than_its_lease(
    leases: Leases, engine: Engine, clock: Clock
) -> None:
    dead = leases.host("town.example", 1)
    dead.__enter__()
    died = clock.seconds()
    with Leases(engine, clock=clock.seconds, wait=lambda _seconds: clock.wait(10)).host("town.example", 1):
        assert LASTS <= clock.seconds() - died < LASTS + 11
    dead.__exit__(None, None, None)


def test_what_is_done_alone_refuses_a_second(leases: Leases, others: Leases) -> None:
    with leases.alone("curation", "a curation"):
        for second in (leases, others):
            with pytest.raises(StoreError, match="a curation is under way in another process"):
                second.alone("curation", "a curation").__enter__()
        with others.alone("run town", "a run of town"):
            pass
    with others.alone("curation", "a curation"):
        pass


def test_what_is_done_alone_is_free_again_after_an_exception(leases: Leases, others: Leases) -> None:
    with pytest.raises(ZeroDivisionError), leases.alone("curation", "a curation"):
        raise ZeroDivisionError
    with others.alone("curation", "a curation"):
        pass


def test_a_process_that_died_frees_its_lease_in_time(leases: Leases, others: Leases, clock: Clock) -> None:
    with pytest.MonkeyPatch.context() as dead:
        dead.setattr(leases, "_keep", lambda *_args: None)
        held: AbstractContextManager[None] = leases.alone("curation", "a curation")
        held.__enter__()
    clock.move(seconds=LASTS - 1)
    with pytest.raises(StoreError):
        others.alone("curation", "a curation").__enter__()
    clock.move(seconds=2)
    with others.alone("curation", "a curation"):
        held.__exit__(None, None, None)
        with pytest.raises(StoreError):
            leases.alone("curation", "a curation").__enter__()


def test_a_lease_that_is_let_go_leaves_no_row(leases: Leases, scene: Scene) -> None:
    with leases.alone("curation", "a curation"):
        assert len(scene.rows(Lease)) == 1
    assert scene.rows(Lease) == []


def test_a_run_and_a_curation_are_each_alone(store: Store) -> None:
    with store.harvesting("town"), store.harvesting("other"), store.curating():
        with pytest.raises(StoreError, match="a run of town is under way"):
            store.harvesting("town").__enter__()
        with pytest.raises(StoreError, match="a curation is under way"):
            store.curating().__enter__()


def lost(leases: Leases, others: Leases, clock: Clock, name: str) -> list[AbstractContextManager[None]]:
    """A lease that its holder could not renew, as when the machine slept, and that another has taken."""
    with pytest.MonkeyPatch.context() as asleep:
        asleep.setattr(leases, "_keep", lambda *_args: None)
        held = leases.alone(name, "it")
        held.__enter__()
    clock.move(seconds=LASTS + 1)
    taken = others.alone(name, "it")
    taken.__enter__()
    return [taken, held]


def test_who_has_lost_a_lease_finds_out_before_the_commit(
    leases: Leases, others: Leases, clock: Clock, engine: Engine
) -> None:
    with engine.begin() as connection:
        leases.confirm(connection, "curation")
    taken, _held = lost(leases, others, clock, "curation")
    with (
        pytest.raises(StoreError, match=r"'curation' was lost: .*nothing of this is kept"),
        engine.begin() as connection,
    ):
        leases.confirm(connection, "curation")
    with engine.begin() as connection:
        others.confirm(connection, "curation")
    taken.__exit__(None, None, None)
    with pytest.raises(StoreError), engine.begin() as connection:
        leases.confirm(connection, "curation")


def test_a_lease_that_nobody_took_meanwhile_is_held_on_to(leases: Leases, clock: Clock, engine: Engine) -> None:
    with leases.alone("curation", "a curation"):
        clock.move(seconds=LASTS + 1)
        with engine.begin() as connection:
            leases.confirm(connection, "curation")
        with pytest.raises(StoreError):
            Leases(engine, clock=clock.seconds).alone("curation", "a curation").__enter__()


def test_a_run_and_a_curation_that_lost_their_lease_keep_nothing(
    scene: Scene, leases: Leases, others: Leases, clock: Clock
) -> None:
    store = Store(scene.store.engine, clock, leases)
    mine = Scene(store, clock)
    mine.harvest(card(), many(1))
    before = {name: rows for name, rows in mine.snapshot().items() if name != "source"}
    held = lost(leases, others, clock, "run town")
    with pytest.raises(StoreError, match="'run town' was lost"):
        mine.harvest(card(), many(5))
    held += lost(leases, others, clock, "curation")
    today = clock.today
    with pytest.raises(StoreError, match="'curation' was lost"):
        store.save_listings(curate(store.touched(today), (), rules(today), today, draft), rules(today))
    assert {name: rows for name, rows in mine.snapshot().items() if name != "source"} == before
    assert [row["verdict"] for row in mine.rows(RunRow)] == ["complete", "failed"]


def test_a_keeper_that_finds_the_lease_lost_stops(leases: Leases, others: Leases, clock: Clock) -> None:
    taken, _held = lost(leases, others, clock, "curation")
    holder = leases._held["curation"]
    assert leases._renew("curation", holder) is False
    leases._keep("curation", holder, _Now())
    taken.__exit__(None, None, None)


class _Now(threading.Event):
    """Never waits; fails a test that would go on for ever."""

    asked = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.asked += 1
        assert self.asked < 5
        return False


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_visit_waits_for_another_writers_long_save_before_and_after(url: str, engine: Engine, clock: Clock) -> None:
    impatient = create_engine(url, connect_args={"timeout": 0.01})
    event.listen(impatient, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    event.listen(impatient, "connect", lambda raw, _record: setattr(raw, "isolation_level", None))
    saving = engine.connect()
    waits: list[float] = []

    def until_it_is_saved(seconds: float) -> None:
        clock.wait(seconds)
        waits.append(seconds)
        if len(waits) % 70 == 0:
            saving.rollback()

    visitor = Leases(impatient, clock=clock.seconds, wait=until_it_is_saved)
    saving.begin()
    with visitor.host("town.example", 1):
        assert waits == [1.0] * 70
        saving.begin()
    assert waits == [1.0] * 140
    left = clock.seconds()
    saving.begin()
    with pytest.raises(OperationalError, match="locked"):
        Leases(impatient, clock=clock.seconds, wait=clock.wait).host("town.example", 1).__enter__()
    assert clock.seconds() - left == pytest.approx(PATIENCE, abs=1)
    saving.close()
    impatient.dispose()
