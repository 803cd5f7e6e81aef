"""A calendar as a frozen value: its week, its holidays and its exceptions, in the wall-clock time of its zone.

It is open at a moment when the clock on the wall shows a time that is open on the date on the wall. So an hour that the
clocks skip adds nothing, and one that they repeat counts twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

MINUTES_A_DAY = 1440
FIRST_YEAR, LAST_YEAR = 1970, 2199
"""The years that calendars know: before them there is no desk, and after them no holiday is known."""
Intervals = tuple[tuple[int, int], ...]
"""Half-open stretches of a day, in minutes since midnight on the wall: sorted, apart, at most up to 1440."""


class Holidays(Protocol):
    """Where the holidays of a calendar come from; a frozen value too."""

    def in_year(self, year: int) -> Mapping[date, str]:
        """The holidays of a year with their names."""


@dataclass(frozen=True)
class ListedHolidays:
    """Holidays that are given one by one."""

    days: tuple[tuple[date, str], ...] = ()

    def in_year(self, year: int) -> Mapping[date, str]:
        """The holidays of a year with their names."""
        return {day: name for day, name in self.days if day.year == year}


class Known:
    """What was found out about a calendar so far: `table` is replaced as a whole, so threads can share it."""

    __slots__ = ("table",)

    def __init__(self) -> None:
        self.table: object = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """When it is open, by date: an exception says all about its day, else a holiday is closed, else the week counts.

    `week` has seven days from Monday on. `known` is a cache and no part of the value.
    """

    name: str
    zone: str
    week: tuple[Intervals, ...]
    holidays: Holidays = ListedHolidays()
    exceptions: Mapping[date, Intervals] = field(default_factory=dict, hash=False)
    known: Known = field(default_factory=Known, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a week has seven days")
        for intervals in (*self.week, *self.exceptions.values()):
            bounds = [bound for interval in intervals for bound in interval]
            if bounds != sorted(set(bounds)) or (bounds and not 0 <= bounds[0] < bounds[-1] <= MINUTES_A_DAY):
                raise ValueError(f"intervals that are not sorted and apart: {intervals}")

    def intervals_on(self, day: date) -> Intervals:
        """When it is open on a date."""
        exception = self.exceptions.get(day)
        if exception is not None:
            return exception
        intervals = self.week[day.weekday()]
        return () if intervals and day in self.holidays.in_year(day.year) else intervals

    def holiday_on(self, day: date) -> str | None:
        """The name of the holiday on a date, also where an exception opens it."""
        return self.holidays.in_year(day.year).get(day)


def always_open(zone: str = "UTC") -> Calendar:
    """The calendar of a desk that names none."""
    return Calendar("", zone, (((0, MINUTES_A_DAY),),) * 7)
