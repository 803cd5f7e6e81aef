"""From the wall clock to moments: the open pieces of a stretch of time, exact over every change of a zone's clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.calendars.calendar import Calendar

MICRO = 1_000_000
DAY_S = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


def pieces(
    calendar: Calendar, begin: int, end: int, first: date = date.min, last: date = date.max
) -> Iterator[tuple[int, int]]:
    """The open stretches in order; those that touch are not joined.

    Args:
        calendar: whose.
        begin: seconds since 1970, UTC.
        end: the second at which to stop.
        first: the first date on the wall that counts.
        last: the last one.
    """
    for since, until, offset in _offsets(ZoneInfo(calendar.zone), begin, end):
        wall_since, wall_until = since + offset, until + offset
        for number in range(wall_since // DAY_S, (wall_until - 1) // DAY_S + 1):
            day = date.fromordinal(_EPOCH + number)
            if first <= day <= last:
                midnight = number * DAY_S
                for opens, closes in calendar.intervals_on(day):
                    a = max(midnight + opens * 60, wall_since)
                    b = min(midnight + closes * 60, wall_until)
                    if a < b:
                        yield (a - offset) * MICRO, (b - offset) * MICRO


def joined(found: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches in order, those that touch as one: 24:00 and the midnight after it are the same moment."""
    stretches: list[tuple[int, int]] = []
    for start, stop in found:
        if stretches and stretches[-1][1] == start:
            stretches[-1] = (stretches[-1][0], stop)
        else:
            stretches.append((start, stop))
    return stretches


def _offsets(zone: ZoneInfo, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Stretches of one offset from UTC each, all in seconds.

    A zone does not say when its clocks change, so it is asked once a day: no zone ever changed them and changed them
    back within one.
    """
    since, offset = begin, _offset(zone, begin)
    asked = begin
    while asked < end:
        probe = min(asked + DAY_S, end)
        while _offset(zone, probe) != offset:
            low, high = max(asked, since), probe
            while high - low > 1:
                middle = (low + high) // 2
                if _offset(zone, middle) == offset:
                    low = middle
                else:
                    high = middle
            if high == end:  # the change belongs to what comes after
                break
            yield since, high, offset
            since, offset = high, _offset(zone, high)
        asked = probe
    yield since, end, offset


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None
    return offset.days * DAY_S + offset.seconds
