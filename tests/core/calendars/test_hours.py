"""Sums of open time: against the minutes on the wall, over every way in which clocks change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendars.calendar import Calendar, always_open
from core.calendars.hours import (
    LAST_YEAR,
    business_add,
    business_between,
    is_open,
    next_closing,
    next_opening,
    openings,
)
from core.errors import BeyondCalendar, NeverOpens
from tests.core.calendars.oracle import MINUTE, ODD_DAYS, REACH, Oracle, calendars, wall_around

HOUR = 60 * MINUTE
DAY = 24 * HOUR
OFFICE = (((480, 720), (780, 1050)),) * 5 + ((), ())
odd = pytest.mark.parametrize(("zone", "day"), ODD_DAYS)
often = settings(max_examples=25, deadline=None)


def moment(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * 1_000_000


def office(**more: object) -> Calendar:
    return Calendar("office", "Europe/Berlin", OFFICE, **more)  # type: ignore[arg-type]


@odd
@often
@given(st.data())
def test_every_sum_is_that_of_the_minutes_on_the_wall(zone: str, day: str, data: st.DataObject) -> None:
    calendar, wall = data.draw(calendars(zone, day)), wall_around(zone, day)
    oracle, random = Oracle(calendar, wall), data.draw(st.randoms(use_true_random=False))
    for _ in range(30):
        start, end = (_some_moment(random, oracle) for _ in range(2))
        between = oracle.open_before(end) - oracle.open_before(start)
        assert business_between(calendar, start, end) == between
        assert is_open(calendar, start) == oracle.is_open(start)
        if between:
            at = business_add(calendar, start, between)
            assert oracle.open_before(at) - oracle.open_before(start) == between
            nearer = at - 1 if between > 0 else at + 1
            assert oracle.open_before(nearer) != oracle.open_before(at)
        if (opening := oracle.first(start, True)) is not None:
            assert next_opening(calendar, start) == opening
        if (closing := oracle.first(start, False)) is not None:
            assert next_closing(calendar, start) == closing


def _some_moment(random: Random, oracle: Oracle) -> int:
    at = random.randrange(oracle.begin, oracle.end)
    return at - at % MINUTE if random.random() < 0.5 else at


@odd
@often
@given(st.data())
def test_the_openings_of_some_dates_are_their_open_minutes(zone: str, day: str, data: st.DataObject) -> None:
    calendar, wall = data.draw(calendars(zone, day)), wall_around(zone, day)
    first, last = (
        date.fromisoformat(day) + timedelta(days=data.draw(st.integers(-REACH + 2, REACH - 2))) for _ in "ab"
    )
    assert openings(calendar, first, last) == Oracle(calendar, wall).stretches(wall, first, last)


@pytest.mark.parametrize("zone", sorted({zone for zone, _ in ODD_DAYS}))
def test_a_year_without_a_closed_minute_is_as_long_as_it_is(zone: str) -> None:
    calendar = always_open(zone)
    for start in (moment("2011-06-01"), moment("2026-01-01")):
        assert business_between(calendar, start, start + 365 * DAY) == 365 * DAY
        assert business_add(calendar, start, 365 * DAY) == start + 365 * DAY
        assert next_closing(calendar, start) is None


@pytest.mark.parametrize(
    ("begin", "hours", "reached"),
    [
        ("2026-11-24T16:00", 4, "2026-11-25T10:30"),
        ("2026-11-24T08:00", 4, "2026-11-24T12:00"),  # over at noon, not after lunch
        ("2026-11-24T07:00", 0, "2026-11-24T07:00"),
        ("2026-11-24T07:00", 1, "2026-11-24T09:00"),
        ("2026-11-27T17:30", 1, "2026-11-30T09:00"),
        ("2026-11-25T10:30", -4, "2026-11-24T16:00"),
        ("2026-11-24T12:00", -4, "2026-11-24T08:00"),  # from the opening, not from the evening before
        ("2026-11-24T08:00", -1, "2026-11-23T16:30"),
        ("2026-11-28T12:00", 0, "2026-11-28T12:00"),
    ],
)
def test_open_time_is_added_and_taken_away(begin: str, hours: int, reached: str) -> None:
    assert business_add(office(), moment(begin), hours * HOUR) == moment(reached)


def test_a_pause_over_night_moves_nothing() -> None:
    assert business_between(office(), moment("2026-11-24T17:30"), moment("2026-11-25T08:00")) == 0


def test_the_hour_that_is_skipped_adds_nothing_and_the_one_that_is_repeated_counts_twice() -> None:
    night = Calendar("night", "Europe/Berlin", (((60, 240),),) * 7)
    for day, hours in (("2026-03-29", 2), ("2026-10-25", 4), ("2026-10-26", 3)):
        begin = moment(day)
        assert business_between(night, begin, begin + 12 * HOUR) == hours * HOUR
    half = Calendar("half", "Europe/Berlin", (((120, 150),),) * 7)
    twice = [moment("2026-10-25T02:00", fold=fold) for fold in (0, 1)]
    assert openings(half, date(2026, 10, 25), date(2026, 10, 25)) == [(at, at + HOUR // 2) for at in twice]
    assert openings(half, date(2026, 3, 29), date(2026, 3, 29)) == []


def test_a_sum_is_the_same_however_far_a_calendar_was_looked_at_before() -> None:
    far, random = office(), Random(1)
    for _ in range(40):
        start, end = (moment(f"{random.randrange(1970, LAST_YEAR)}-06-15") + random.randrange(DAY) for _ in range(2))
        between = business_between(office(), start, end)
        assert business_between(far, start, end) == between
        if between:
            assert business_add(far, start, between) == business_add(office(), start, between)


def test_threads_may_ask_one_calendar_at_once() -> None:
    shared = office()
    starts = [moment(f"{year}-06-15") for year in (*range(2030, 2000, -1), *range(2031, 2061))]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda at: business_between(shared, at, at + 90 * DAY), starts))
    assert found == [business_between(office(), at, at + 90 * DAY) for at in starts]


def test_a_calendar_that_does_not_open_is_told_and_not_searched_for_ever() -> None:
    never = Calendar("never", "UTC", ((),) * 7)
    at = moment("2026-11-24")
    assert business_between(never, at, at + 1000 * DAY) == 0
    assert next_closing(never, at) == at
    for ask in (
        lambda: next_opening(never, at),
        lambda: business_add(never, at, 1),
        lambda: business_add(never, at, -1),
    ):
        with pytest.raises(NeverOpens, match="calendar never is closed for 400 days"):
            ask()


def test_how_long_a_search_goes_does_not_hang_on_what_was_asked_before() -> None:
    at, exception = moment("2026-11-24", "UTC"), {date(2028, 3, 1): ((0, 60),)}
    late = Calendar("late", "UTC", ((),) * 7, exceptions=exception)
    for _ in range(2):
        with pytest.raises(NeverOpens):
            next_opening(late, at)
        assert next_opening(late, moment("2027-06-01", "UTC")) == moment("2028-03-01", "UTC")


def test_years_that_no_calendar_knows_are_refused_in_words() -> None:
    calendar, at = office(), moment("2026-11-24")
    for ask in (
        lambda: business_add(calendar, at, 10**18),
        lambda: business_add(calendar, at, -(10**18)),
        lambda: business_between(calendar, -1, at),
        lambda: business_between(calendar, at, 10**20),
        lambda: next_opening(always_open(), int(datetime(2200, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000),
        lambda: openings(calendar, date(1969, 12, 31), date(1970, 1, 1)),
    ):
        with pytest.raises(BeyondCalendar, match="from the year 1970 to 2199"):
            ask()


@pytest.mark.parametrize("day", [((60, 60),), ((60, 30),), ((0, 60), (60, 90)), ((90, 120), (0, 60)), ((0, 1441),)])
def test_a_value_whose_intervals_are_not_in_order_is_not_made(day: object) -> None:
    with pytest.raises(ValueError, match="not sorted and apart"):
        Calendar("wrong", "UTC", (day,) * 7)  # type: ignore[arg-type]
