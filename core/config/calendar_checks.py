"""What a calendar must be beyond its fields: its regions have holidays, and it opens often enough to count by.

Only calendars that are new or changed are looked at. The rule says nothing of today, so a file that is right stays right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.calendars.calendar import FIRST_YEAR, LAST_YEAR, Calendar
from core.calendars.hours import SEARCH_DAYS, openings
from core.calendars.loading import made_of
from core.calendars.pieces import DAY_S, MICRO
from core.calendars.regions import is_region, regions_like
from core.config.checks import Finding
from core.config.document import Document
from core.config.problems import Path, did_you_mean, got

_ANY_DAY = date(2024, 1, 1)  # where no date is named, holidays fall alike in every year
_REACH = timedelta(days=SEARCH_DAYS)
_MICROS_A_DAY = DAY_S * MICRO
_ALIKE = 0.8  # regions are codes of a few letters: DE-XX is as much like DE-TH as like any other


def unfit_calendars(merged: Document, current: Document) -> Iterator[Finding]:
    """What is wrong with the calendars that differ from those the desk has."""
    for name, entry in merged.calendars.items():
        zone, before = entry.zone or merged.desk.time_zone, current.calendars.get(name)
        if before is not None and entry == before and zone == (before.zone or current.desk.time_zone):
            continue
        unknown = [region for region in entry.holidays if not is_region(region)]
        for region in unknown:
            hint = (
                did_you_mean(region, regions_like(region), _ALIKE) or f"Such as {', '.join(regions_like(region)[:5])}."
            )
            yield Finding(("calendars", name, "holidays"), f"there are no holidays for {got(region)}", hint, region)
        if not unknown:
            calendar = made_of(name, zone, entry.week, entry.holidays, entry.exceptions)
            yield from _closed_too_long(calendar, ("calendars", name, "week"))


def _closed_too_long(calendar: Calendar, path: Path) -> Iterator[Finding]:
    if not any(calendar.week):
        hint = 'Such as week: {mon-fri: ["09:00-17:00"]}.'
        yield Finding(path, "no minute of the week is open", hint)
        return
    for first, last in _spans(sorted(calendar.exceptions) or [_ANY_DAY]):
        closed_since = _start_of(first)
        for opens, closes in (*openings(calendar, first, last), (_start_of(last) + _MICROS_A_DAY,) * 2):
            if opens - closed_since >= SEARCH_DAYS * _MICROS_A_DAY:
                since = datetime.fromtimestamp(closed_since // MICRO, ZoneInfo(calendar.zone)).date()
                message = f"no minute is open in the {SEARCH_DAYS} days from {since} on"
                yield Finding(path, message, "Open the week more often, or leave out exceptions and holidays.")
                return
            closed_since = closes


def _spans(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """The dates around some days, within which a calendar may be closed too long; those that meet are one."""
    first = last = days[0]
    for day in days:
        if day - last > 2 * _REACH:
            yield _within_years(first - _REACH), _within_years(last + _REACH)
            first = day
        last = day
    yield _within_years(first - _REACH), _within_years(last + _REACH)


def _within_years(day: date) -> date:
    return min(max(day, date(FIRST_YEAR, 1, 1)), date(LAST_YEAR, 12, 31))


def _start_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * MICRO
