"""Calendars of a desk, from a transaction or from a read: the same value as long as the desk says the same.

So what was summed up for a calendar is kept from one transaction to the next. Holidays are found out by year, when a
sum comes to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from core.calendars.calendar import Calendar, Intervals, ListedHolidays, always_open
from core.calendars.regions import PublicHolidays
from core.errors import NotFound
from core.unknown_names import unknown_name
from data import queries

if TYPE_CHECKING:
    from data.queries import Fetch, Query, Row
    from data.transaction import Tx

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def load(tx: Tx, name: str) -> Calendar:
    """The calendar of a name.

    Raises:
        NotFound: the desk has no such calendar.
    """
    return read(_reading_in(tx), name)


def load_of_desk(tx: Tx) -> Calendar:
    """The calendar that counts where nothing else names one; always open where the desk names none."""
    return read_of_desk(_reading_in(tx))


def read(fetch: Fetch, name: str) -> Calendar:
    """The calendar of a name, over a read.

    Raises:
        NotFound: the desk has no such calendar.
    """
    rows = fetch(queries.CALENDARS, {"calendar": name})
    if not rows:
        raise unknown_calendar(fetch, name)
    return of_row(rows[0])


def unknown_calendar(fetch: Fetch, name: str) -> NotFound:
    """Return the refusal of a calendar that the desk has not, with the one that may be meant."""
    return unknown_name("calendar", name, [row["calendar"] for row in fetch(queries.CALENDARS, {"calendar": None})])


def read_of_desk(fetch: Fetch) -> Calendar:
    """The calendar that counts where nothing else names one, over a read."""
    [desk] = fetch(queries.DESK_CALENDAR, {})
    return read(fetch, desk["calendar"]) if desk["calendar"] else always_open(desk["zone"])


def of_row(row: Row) -> Calendar:
    """The calendar that a row of `queries.CALENDARS` describes."""
    texts = (row["week"], row["holidays"], row["exceptions"])
    return _kept(row["calendar"], row["zone"] or row["desk_zone"], row["language"], *texts)


@lru_cache(maxsize=64)
def _kept(name: str, zone: str, language: str, week: str, holidays: str, exceptions: str) -> Calendar:
    return made_of(name, zone, json.loads(week), json.loads(holidays), json.loads(exceptions), language)


def made_of(
    name: str,
    zone: str,
    week: Mapping[str, Iterable[str]],
    holidays: Iterable[str] = (),
    exceptions: Mapping[str, Iterable[str]] | None = None,
    language: str = "en",
) -> Calendar:
    """The calendar that the fields of a configuration describe.

    Args:
        name: what it is called.
        zone: its zone, or the desk's.
        week: intervals by days, such as `mon-fri`.
        holidays: regions.
        exceptions: intervals by date.
        language: of the names of its holidays, where they have names in it.
    """
    by_day: list[Intervals] = [()] * len(DAYS)
    for days, intervals in week.items():
        for day in days_of(days):
            by_day[day] = tuple(map(minutes_of, intervals))
    regions = tuple(holidays)
    return Calendar(
        name,
        zone,
        tuple(by_day),
        PublicHolidays(regions, language) if regions else ListedHolidays(),
        {date.fromisoformat(day): tuple(map(minutes_of, each)) for day, each in (exceptions or {}).items()},
    )


def minutes_of(interval: str) -> tuple[int, int]:
    """An interval in minutes since midnight: `09:00-24:00` is (540, 1440)."""
    hours, minutes, end_hours, end_minutes = map(int, (interval[:2], interval[3:5], interval[6:8], interval[9:]))
    return hours * 60 + minutes, end_hours * 60 + end_minutes


def days_of(key: str) -> tuple[int, ...]:
    """The days that a key of a week names, Monday is 0: `mon-fri` is 0 to 4."""
    first, _, last = key.partition("-")
    return tuple(range(DAYS.index(first), DAYS.index(last or first) + 1))


def _reading_in(tx: Tx) -> Fetch:
    from sqlalchemy import text

    def fetch(query: Query, params: Mapping[str, object]) -> list[Row]:
        result = tx.execute(text(query.sql), params)
        return query.rows(list(result.keys()), result)

    return fetch
