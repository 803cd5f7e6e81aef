"""Sums of open time: how much lies between two moments, and when so much of it has passed.

The openings of a stretch of years are kept as sorted lists, with the open time before each, so that a sum is two looks
into a list. The stretch grows with what is asked, to at most `FIRST_YEAR` to `LAST_YEAR`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from core.calendars.calendar import FIRST_YEAR, LAST_YEAR, Calendar
from core.calendars.pieces import DAY_S, MICRO, joined, pieces
from core.errors import BeyondCalendar, NeverOpens

SEARCH_DAYS = 400
"""How long a calendar may be closed at a stretch; no search for an opening looks further."""
_SEARCHED = SEARCH_DAYS * DAY_S * MICRO
_LONGEST_DAY = timedelta(days=2)  # of dates in any zone, seen from UTC


def is_open(calendar: Calendar, at: int) -> bool:
    """Whether it is open at a moment: at the moment of opening it is, at that of closing it is not."""
    table = _covering(calendar, at, at)
    place = bisect_right(table.starts, at) - 1
    return place >= 0 and at < table.ends[place]


def business_between(calendar: Calendar, start: int, end: int) -> int:
    """The open time from one moment to another, in microseconds; negative where the end comes first."""
    table = _covering(calendar, start, end) if start <= end else _covering(calendar, end, start)
    return table.open_before(end) - table.open_before(start)


def business_add(calendar: Calendar, at: int, duration: int) -> int:
    """The moment at which so much open time has passed since another, or with a negative duration had yet to pass.

    For every duration `business_between(calendar, at, business_add(calendar, at, duration)) == duration`. Of the
    moments for which that holds, it is the earliest when time is added, so an hour that is over at closing time ends
    there and not at the next opening; the latest when time is taken away, so it may be an opening and never the closing
    before it. Adding nothing gives the moment itself, also out of hours.

    Args:
        calendar: whose open time counts.
        at: where to begin.
        duration: microseconds of open time.

    Raises:
        NeverOpens: it is closed for 400 days or more on the way.
        BeyondCalendar: the moment lies outside the years that calendars know.
    """
    table = _covering(calendar, at, at)
    if duration == 0:
        return at
    target = table.open_before(at) + duration
    if duration > 0:
        while target > table.total:
            last = table.ends[-1] if table.ends else table.begin
            if table.end - max(at, last) >= _SEARCHED:
                raise NeverOpens(calendar=calendar.name, days=SEARCH_DAYS)
            table = _grown(calendar, table.begin, table.end)
        place = bisect_left(table.before, target) - 1
    else:
        while not table.before or target < table.before[0]:
            first = table.starts[0] if table.starts else table.end
            if min(at, first) - table.begin >= _SEARCHED:
                raise NeverOpens(calendar=calendar.name, days=SEARCH_DAYS)
            table = _grown(calendar, table.begin - 1, table.end - 1)
        place = bisect_right(table.before, target) - 1
    return table.starts[place] + target - table.before[place]


def next_opening(calendar: Calendar, at: int) -> int:
    """The first open moment at or after another: itself where it is open.

    Raises:
        NeverOpens: there is none in 400 days.
    """
    table = _covering(calendar, at, at)
    while True:
        place = bisect_right(table.starts, at) - 1
        if place >= 0 and at < table.ends[place]:
            return at
        opening = table.starts[place + 1] if place + 1 < len(table.starts) else table.end
        if opening - at >= _SEARCHED:
            raise NeverOpens(calendar=calendar.name, days=SEARCH_DAYS)
        if opening < table.end:
            return opening
        table = _grown(calendar, table.begin, table.end)


def next_closing(calendar: Calendar, at: int) -> int | None:
    """The first closed moment at or after another: itself where it is closed. None where there is none in 400 days."""
    table = _covering(calendar, at, at)
    while True:
        place = bisect_right(table.starts, at) - 1
        if place < 0 or at >= table.ends[place]:
            return at
        closing = table.ends[place]
        if closing - at >= _SEARCHED:
            return None
        if closing < table.end:
            return closing
        table = _grown(calendar, table.begin, table.end)


def openings(calendar: Calendar, first_date: date, last_date: date) -> list[tuple[int, int]]:
    """The open stretches of some dates in the calendar's zone, those that touch as one: moments of opening and closing.

    Raises:
        BeyondCalendar: a date lies outside the years that calendars know.
    """
    if first_date > last_date:
        return []
    if first_date.year < FIRST_YEAR or last_date.year > LAST_YEAR:
        raise BeyondCalendar(first=FIRST_YEAR, last=LAST_YEAR)
    begin, end = (
        int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        for day in (first_date - _LONGEST_DAY, last_date + _LONGEST_DAY)
    )
    return joined(pieces(calendar, begin, end, first_date, last_date))


class _Table:
    """The openings between two moments at the turn of years, UTC. `before` is the open time before each opening."""

    __slots__ = ("before", "begin", "end", "ends", "starts", "total", "years")

    def __init__(self, years: tuple[int, int], stretches: list[tuple[int, int]], base: int) -> None:
        self.years = years
        self.begin, self.end = _turn_of(years[0]) * MICRO, _turn_of(years[1] + 1) * MICRO
        self.starts = [start for start, _stop in stretches]
        self.ends = [stop for _start, stop in stretches]
        *self.before, self.total = accumulate((stop - start for start, stop in stretches), initial=base)

    def open_before(self, at: int) -> int:
        """The open time before a moment, counted from a moment that stays the same as a table grows."""
        place = bisect_right(self.starts, at) - 1
        if place < 0:
            return self.before[0] if self.before else self.total
        end = self.ends[place]
        return self.before[place] + (at if at < end else end) - self.starts[place]


def _covering(calendar: Calendar, first: int, last: int) -> _Table:
    """A table with both moments in it; what there is, or a greater one."""
    table = calendar.known.table
    if isinstance(table, _Table) and table.begin <= first and last < table.end:
        return table
    return _grown(calendar, first, last)


def _grown(calendar: Calendar, first: int, last: int) -> _Table:
    """A greater table, which is kept: it doubles at the end where more is asked, so that many small steps cost little."""
    low, high = _year_of(first), _year_of(last)
    table = calendar.known.table
    if not isinstance(table, _Table):
        table = _Table((low, high), _built(calendar, low, high), 0)
    old_low, old_high = table.years
    more = old_high - old_low + 1
    stretches = list(zip(table.starts, table.ends, strict=True))
    base = table.before[0] if table.before else table.total
    if low < old_low:
        low = max(FIRST_YEAR, min(low, old_low - more))
        earlier = _built(calendar, low, old_low - 1)
        base -= sum(stop - start for start, stop in earlier)
        stretches = joined(iter(earlier + stretches))
    if high > old_high:
        high = min(LAST_YEAR, max(high, old_high + more))
        stretches = joined(iter(stretches + _built(calendar, old_high + 1, high)))
    table = _Table((min(low, old_low), max(high, old_high)), stretches, base)
    calendar.known.table = table
    return table


def _built(calendar: Calendar, low: int, high: int) -> list[tuple[int, int]]:
    return joined(pieces(calendar, _turn_of(low), _turn_of(high + 1)))


def _turn_of(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


_BEGIN, _END = _turn_of(FIRST_YEAR) * MICRO, _turn_of(LAST_YEAR + 1) * MICRO


def _year_of(at: int) -> int:
    if not _BEGIN <= at < _END:
        raise BeyondCalendar(first=FIRST_YEAR, last=LAST_YEAR)
    return datetime.fromtimestamp(at // MICRO, UTC).year
