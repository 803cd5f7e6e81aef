"""The values of a calendar as a file writes them: days, intervals, dates, and a week of them.

They stay text, in one form for each meaning: days that are alike next to each other are one range, a day without
intervals is left out of a week, and what has an order is put into it. So two files that mean the same are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, StrictStr

from core.calendars.calendar import FIRST_YEAR, LAST_YEAR
from core.calendars.loading import DAYS, days_of, minutes_of
from core.config.problems import got
from core.config.values import in_order, refusal

_INTERVAL = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
_NEARLY = re.compile(r"\s*([0-9]{1,2})[:.h]([0-9]{2})\s*[-\u2010-\u2015]\s*([0-9]{1,2})[:.h]([0-9]{2})\s*")
_WORDS = re.compile(r"[A-Za-z]{3,9}(-[A-Za-z]{3,9})?")
# A country, perhaps a part of one, perhaps a category whose holidays count too: DE-BY:catholic
_REGION = re.compile(r"[A-Z]{2}(-[0-9A-Za-z ]{1,20})?(:[a-z_]{1,20})?")


def _check_interval(value: str) -> str:
    if not _INTERVAL.fullmatch(value):
        near = _NEARLY.fullmatch(value)
        hint = f'Write "{near[1]:0>2}:{near[2]}-{near[3]:0>2}:{near[4]}".' if near else ""
        raise refusal(f'expected an interval such as "08:00-12:00", got {got(value)}', hint)
    for time in value.split("-"):
        if time > "24:00" or time[3:] > "59":
            raise refusal(f"there is no time {time}", "A day goes from 00:00 to 24:00.")
    opens, closes = minutes_of(value)
    if opens == closes:
        hint = "The whole day is 00:00-24:00; a day that is closed is []."
        raise refusal(f"{got(value)} ends as it begins", hint)
    if closes == 0:
        raise refusal(f"{got(value)} ends before it begins", f'Until midnight is "{value[:5]}-24:00".')
    if closes < opens:
        hint = f'An interval ends on its day: "{value[:5]}-24:00", and "00:00-{value[6:]}" on the next one.'
        raise refusal(f"{got(value)} ends before it begins", hint)
    return value


def _apart(values: tuple[str, ...]) -> tuple[str, ...]:
    """Intervals in their order, none of which meets another; of two that do, the later one in the list is at fault."""
    for place, value in enumerate(values):
        opens, closes = minutes_of(value)
        for other in values[:place]:
            begins, ends = minutes_of(other)
            if value == other:
                raise refusal(f"{got(value)} stands in the list twice", within=(place,))
            if opens < ends and begins < closes:
                raise refusal(f"{got(value)} overlaps {got(other)}", within=(place,))
            if opens == ends or begins == closes:
                one = f"{min(value, other)[:5]}-{max(value, other)[6:]}"
                raise refusal(f"{got(value)} touches {got(other)}", f'Write them as one: "{one}".', within=(place,))
    return tuple(sorted(values))


def _check_days(key: str) -> str:
    first, dash, last = key.partition("-")
    for day in (first, last) if dash else (first,):
        if day not in DAYS:
            short = "-".join(part[:3].lower() for part in key.split("-"))
            meant = _WORDS.fullmatch(key) and all(part in DAYS for part in short.split("-"))
            hint = f"Write {short}." if meant else f"Days are {', '.join(DAYS)}, and ranges such as mon-fri."
            raise refusal(f"there is no day {got(day)}", hint)
    if dash and DAYS.index(last) <= DAYS.index(first):
        hint = "A week begins on mon: write two keys." if first != last else f"Write {first}."
        raise refusal(f"{got(key)} does not lead from a day to a later one", hint)
    return key


def _check_week(week: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """The same week with each day once, in ranges as long as can be."""
    by_day: dict[int, tuple[str, ...]] = {}
    said_by: dict[int, str] = {}
    for key, intervals in week.items():
        for day in days_of(key):
            if day in said_by:
                raise refusal(f"{DAYS[day]} stands in {got(said_by[day])} already", within=(key,))
            said_by[day] = key
            by_day[day] = intervals
    return dict(_ranges(by_day))


def _ranges(by_day: Mapping[int, tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    day = 0
    while day < len(DAYS):
        intervals, first = by_day.get(day, ()), day
        while day < len(DAYS) and by_day.get(day, ()) == intervals:
            day += 1
        if intervals:
            yield DAYS[first] if day == first + 1 else f"{DAYS[first]}-{DAYS[day - 1]}", intervals


def _check_date(value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise refusal(f'expected a date such as "2026-12-24", got {got(value)}')
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise refusal(f"{value} lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return value


def _by_date(exceptions: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return dict(sorted(exceptions.items()))


def _check_region(value: str) -> str:
    if not _REGION.fullmatch(value):
        place, colon, category = value.strip().partition(":")
        simpler = re.sub(r"[_/ ]+", "-", place).upper() + colon + category.lower()
        hint = f'Perhaps "{simpler}".' if _REGION.fullmatch(simpler) and simpler != value else ""
        raise refusal(f"expected a country such as FR, or a part of one such as DE-BY, got {got(value)}", hint)
    return value


Interval = Annotated[StrictStr, AfterValidator(_check_interval)]
Intervals = Annotated[tuple[Interval, ...], AfterValidator(_apart)]
Week = Annotated[Mapping[Annotated[StrictStr, AfterValidator(_check_days)], Intervals], AfterValidator(_check_week)]
Exceptions = Annotated[Mapping[Annotated[StrictStr, AfterValidator(_check_date)], Intervals], AfterValidator(_by_date)]
Regions = Annotated[tuple[Annotated[StrictStr, AfterValidator(_check_region)], ...], AfterValidator(in_order)]
