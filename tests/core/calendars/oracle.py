"""What a calendar's sums must be, counted minute by minute over the clock on the wall, and calendars at random."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from core.calendars.calendar import Calendar, Intervals, ListedHolidays

MINUTE = 60_000_000
REACH = 4  # days before and after the date at which a zone does something odd
ODD_DAYS = (
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-05"),  # half an hour
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Asia/Kolkata", "2026-07-01"),  # five and a half hours from UTC
    ("America/St_Johns", "2006-04-02"),  # at one minute past midnight
    ("America/St_Johns", "2006-10-29"),  # back into the day before
    ("Africa/Casablanca", "2026-02-15"),  # for the month of Ramadan
    ("Africa/Casablanca", "2026-03-22"),
    ("Pacific/Apia", "2011-12-30"),  # a day that never was
    ("America/Sao_Paulo", "2018-11-04"),  # midnight is skipped
    ("America/Sao_Paulo", "2018-02-18"),  # the hour before midnight is repeated
    ("UTC", "2027-01-01"),
)


class Wall(NamedTuple):
    """The clock on the wall at each minute from `begin` on, in microseconds."""

    begin: int
    minutes: list[tuple[date, int]]


@cache
def wall_around(zone: str, day: str) -> Wall:
    middle = datetime.fromisoformat(day).replace(tzinfo=UTC)
    begin = int((middle - timedelta(days=REACH)).timestamp())
    clocks = (datetime.fromtimestamp(begin + n * 60, ZoneInfo(zone)) for n in range((2 * REACH + 1) * 1440))
    return Wall(begin * 1_000_000, [(each.date(), each.hour * 60 + each.minute) for each in clocks])


class Oracle:
    """A calendar's open minutes around an odd day."""

    def __init__(self, calendar: Calendar, wall: Wall) -> None:
        days = {day: intervals_on(calendar, day) for day, _ in wall.minutes}
        self.begin = wall.begin
        self.open = [any(a <= minute < b for a, b in days[day]) for day, minute in wall.minutes]
        self.before = [0]
        for is_open in self.open:
            self.before.append(self.before[-1] + is_open * MINUTE)
        self.end = self.begin + len(self.open) * MINUTE

    def is_open(self, at: int) -> bool:
        return self.open[(at - self.begin) // MINUTE]

    def open_before(self, at: int) -> int:
        minute, rest = divmod(at - self.begin, MINUTE)
        return self.before[minute] + (rest if rest and self.open[minute] else 0)

    def first(self, at: int, is_open: bool) -> int | None:
        """The first moment from `at` on that is open, or closed."""
        minute = (at - self.begin) // MINUTE
        if self.open[minute] == is_open:
            return at
        found = next((n for n in range(minute, len(self.open)) if self.open[n] == is_open), None)
        return None if found is None else self.begin + found * MINUTE

    def stretches(self, wall: Wall, first: date, last: date) -> list[tuple[int, int]]:
        found: list[list[int]] = []
        for n, (day, _) in enumerate(wall.minutes):
            if self.open[n] and first <= day <= last:
                at = self.begin + n * MINUTE
                if found and found[-1][1] == at:
                    found[-1][1] = at + MINUTE
                else:
                    found.append([at, at + MINUTE])
        return [(opens, closes) for opens, closes in found]


def intervals_on(calendar: Calendar, day: date) -> Intervals:
    """The rule in its own words, apart from the code: exception, else holiday, else week."""
    if day in calendar.exceptions:
        return calendar.exceptions[day]
    assert isinstance(calendar.holidays, ListedHolidays)
    return () if day in dict(calendar.holidays.days) else calendar.week[day.weekday()]


def intervals() -> st.SearchStrategy[Intervals]:
    """None to four intervals of a day, some from its first minute or to its last."""
    bounds = st.lists(
        st.one_of(st.sampled_from((0, 60, 90, 120, 150, 1380, 1439, 1440)), st.integers(0, 1440)),
        unique=True,
        max_size=8,
    )
    return bounds.map(sorted).map(lambda found: tuple(zip(found[::2], found[1::2], strict=False)))


@st.composite
def calendars(draw: st.DrawFn, zone: str, day: str) -> Calendar:
    around = [date.fromisoformat(day) + timedelta(days=n) for n in range(-REACH, REACH + 1)]
    whole: st.SearchStrategy[Intervals] = st.just(((0, 1440),))
    week = draw(st.lists(intervals() | whole, min_size=7, max_size=7))
    holidays = draw(st.lists(st.sampled_from(around), unique=True, max_size=2))
    exceptions = draw(st.dictionaries(st.sampled_from(around), intervals(), max_size=2))
    return Calendar("any", zone, tuple(week), ListedHolidays(tuple((each, "Feast") for each in holidays)), exceptions)
