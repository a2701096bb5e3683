"""When a source is due: by elapsed time, by the wall's clock through both changes of it, and with jitter."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvest.moment import HELSINKI
from harvest.timing import Schedule
from schedules.clock import MOST, Timetable

SPRING, AUTUMN = datetime(2027, 3, 28, tzinfo=HELSINKI), datetime(2026, 10, 25, tzinfo=HELSINKI)
YEAR = timedelta(days=366)
SCHEDULES = [
    {"every": "3h"}, {"every": "3h", "jitter": "20m"}, {"every": "1m"}, {"every": "7d"},
    {"cron": "30 3 * * *"}, {"cron": "30 3 * * *", "jitter": "10m"}, {"cron": "15 * * * *"}, {"cron": "*/20 * * * mon-fri"},
    {"cron": "0 0 * * *"}, {"cron": "0 */2 * * *", "jitter": "12h"}, {"cron": "5 4 1 * *"}, {"cron": "0 3,4 * * sun"},
]  # fmt: skip


def times(schedule: dict[str, str], since: datetime, until: datetime, name: str = "town") -> list[datetime]:
    return Timetable(name, Schedule.model_validate(schedule)).between(since.astimezone(UTC), until.astimezone(UTC))


def local(moments: list[datetime]) -> list[str]:
    return [f"{one.astimezone(HELSINKI):%d. %H:%M}" for one in moments]


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("change", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_a_fixed_hour_comes_once_on_each_day_through_both_changes_of_the_clock(change: datetime, hour: int) -> None:
    found = times({"cron": f"30 {hour} * * *"}, change - timedelta(days=3), change + timedelta(days=4))
    assert [one.astimezone(HELSINKI).date() for one in found] == [
        (change + timedelta(days=days)).date() for days in range(-3, 4)
    ]
    shown = local(found)
    assert {one[4:] for number, one in enumerate(shown) if number != 3} == {f"{hour:02}:30"}
    assert shown[3][4:] == ("04:30" if (change, hour) == (SPRING, 3) else f"{hour:02}:30")


def test_of_an_hour_that_is_there_twice_the_first_counts() -> None:
    (found,) = times({"cron": "30 3 * * *"}, AUTUMN, AUTUMN + timedelta(days=1))
    assert found == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(("change", "hours"), [(SPRING, 23), (AUTUMN, 25)], ids=["spring", "autumn"])
def test_each_hour_is_each_hour_that_passes(change: datetime, hours: int) -> None:
    found = times({"cron": "15 * * * *"}, change, change + timedelta(days=1))
    assert len(found) == hours
    assert {b - a for a, b in pairwise(found)} == {timedelta(hours=1)}


@pytest.mark.parametrize(("change", "hours"), [(SPRING, 23), (AUTUMN, 25)], ids=["spring", "autumn"])
def test_elapsed_time_knows_no_change_of_the_clock(change: datetime, hours: int) -> None:
    assert len(times({"every": "1h"}, change, change + timedelta(days=1))) == hours


@given(
    schedule=st.sampled_from(SCHEDULES),
    name=st.text("abcdef", min_size=1, max_size=5),
    seconds=st.integers(0, int(YEAR.total_seconds())),
    step=st.integers(1, 40_000),
)
def test_moments_follow_from_name_and_schedule_and_not_from_when_they_are_asked_for(
    schedule: dict[str, str], name: str, seconds: int, step: int
) -> None:
    """Whoever begins at any moment finds those that another finds who was there before."""
    own = Timetable(name, Schedule.model_validate(schedule))
    moment = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    coming = [own.after(moment)]
    for _ in range(4):
        assert coming[-1] is not None
        coming.append(own.after(coming[-1]))
    assert all(a < b for a, b in pairwise([moment, *filter(None, coming)]))
    later = Timetable(name, Schedule.model_validate(schedule))
    first = later.after(moment + timedelta(seconds=step))
    assert first == next((one for one in coming if one and one > moment + timedelta(seconds=step)), first)
    last = coming[-1]
    assert last is not None
    assert own.between(moment, last) == coming


@pytest.mark.parametrize(("jitter", "most"), [("20m", 20), ("12h", 60)])
def test_jitter_is_later_by_less_than_was_allowed_and_never_overtakes_the_next(jitter: str, most: int) -> None:
    since = datetime(2026, 11, 24, tzinfo=UTC)
    found = times({"cron": "0 * * * *", "jitter": jitter}, since, since + timedelta(days=2))
    assert all(a < b for a, b in pairwise(found))
    assert {one.minute for one in found} <= set(range(most))
    assert len({one.minute for one in found}) > most / 3
    assert len({one.replace(minute=0, second=0) for one in found}) == len(found) >= 48


def test_sources_of_one_pace_do_not_all_begin_at_once() -> None:
    since = datetime(2026, 11, 24, tzinfo=UTC)
    firsts = {times({"every": "3h"}, since, since + timedelta(hours=3), f"town-{n}")[0] for n in range(50)}
    assert len(firsts) > 45


def test_of_a_long_time_only_the_newest_moments_are_told() -> None:
    since = datetime(2026, 11, 24, tzinfo=UTC)
    found = times({"every": "1m"}, since, since + timedelta(days=30))
    assert len(found) == MOST
    assert found[-1] > since + timedelta(days=30) - timedelta(minutes=1)
