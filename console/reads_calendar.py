"""Reads about calendars: when the desk is open, and sums of that time; times are those of the calendar's zone."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

from console.i18n import _, message_of
from console.moment import Moment, now
from console.reads import wrong
from console.render import Column, Listing, Sheet, clean, pad, width
from console.wall_clock import day_given, day_shown, hours, instant, local, near, shown, time_shown
from core.calendars.calendar import FIRST_YEAR, LAST_YEAR, Calendar
from core.calendars.hours import business_add, business_between, is_open, next_closing, next_opening, openings
from core.calendars.loading import of_row, read, unknown_calendar
from core.errors import BeyondCalendar, NeverOpens
from data import queries
from data.errors import DeskError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.render import Item
    from data.queries import Fetch, Row

MINUS = "\u2212"
_DURATION = re.compile(rf"([-+{MINUS}]?)(?:([0-9]{{1,100}})h)?(?:([0-9]{{1,100}})m)?(?:([0-9]{{1,100}})s)?")
_WITH_DAYS = re.compile(rf"[-+{MINUS}]?[0-9]+\s*[dw].*")
_MOST_HOURS = (LAST_YEAR + 1 - FIRST_YEAR) * 366 * 24  # more lead beyond the calendars from any moment in them
_LONGEST_LOOK = 366
_AHEAD = 366  # days in which holidays and exceptions to come are looked for
_SHOWN = 20


def calendar_list(fetch: Fetch) -> Listing:
    """List the calendars, and whether each is open now."""
    items = [_item(row) for row in fetch(queries.CALENDARS, {"calendar": None})]
    columns = (
        Column(_("Calendar"), lambda i: i["calendar"], flexible=True),
        Column("", lambda i: _("the desk's") if i["desk"] else "", dispensable=1),
        Column(_("Zone"), lambda i: i["zone"], dispensable=2),
        Column(_("Week"), lambda i: _week_in_words(i["week"]), flexible=True, dispensable=3),
        Column(_("Holidays"), lambda i: ", ".join(i["holidays"]), flexible=True, dispensable=4),
        Column(_("Now"), _now_in_words),
    )
    empty = _("No calendars: the desk is always open. They are a section of the configuration: calendars")
    return Listing("calendars", items, columns, words="" if items else empty)


def calendar_show(fetch: Fetch, *, name: str, first: str | None = None, days: int = 7) -> Sheet:
    """Show a calendar: its week, when it opens next, and the holidays and exceptions to come."""
    if not 1 <= days <= _LONGEST_LOOK:
        raise wrong(_("--days is a number from 1 to {most}.").format(most=_LONGEST_LOOK))
    rows = fetch(queries.CALENDARS, {"calendar": name})
    if not rows:
        raise unknown_calendar(fetch, name)
    calendar, item = of_row(rows[0]), _item(rows[0])
    begin = day_given(first) if first is not None else local(now(), calendar.zone).date()
    if not FIRST_YEAR <= begin.year < LAST_YEAR:
        raise BeyondCalendar(first=FIRST_YEAR, last=LAST_YEAR)
    dates = [begin + timedelta(days=n) for n in range(days)]
    until = begin + timedelta(days=_AHEAD - 1)
    special = _special(calendar, begin, until)
    found = openings(calendar, dates[0], dates[-1])
    item |= {
        "openings": [{"opens_at": Moment(opens), "closes_at": Moment(closes)} for opens, closes in found],
        "to_come": special,
    }
    lines = [
        item["calendar"] + (_("  the desk's calendar") if item["desk"] else ""),
        f"  {calendar.zone} · {_now_in_words(item)}",
        "",
        _("Week"),
        *_table([(days_, "  ".join(intervals)) for days_, intervals in item["week"].items()]),
        "",
        _("Openings from {day}").format(day=begin.isoformat()),
        *_table([(day_shown(day), _openings_on(calendar, day)) for day in dates]),
        "",
    ]
    if special:
        where = ", ".join(item["holidays"])
        words = _("Holidays ({where}) and exceptions up to {day}") if where else _("Exceptions up to {day}")
        lines.append(words.format(where=where, day=until.isoformat()))
        rows_ = [_special_in_words(each) for each in special]
        lines += _table(rows_[:_SHOWN])
        if len(rows_) > _SHOWN:
            lines.append("  " + _("and {n} more: --json, or --from a later date").format(n=len(rows_) - _SHOWN))
    else:
        lines.append(_("No holidays or exceptions up to {day}.").format(day=until.isoformat()))
    return Sheet(item, lines)


def calendar_between(fetch: Fetch, *, name: str, first: str, last: str) -> Sheet:
    """Return the open time between two moments."""
    calendar = read(fetch, name)
    (start, told), (end, also_told) = instant(first, calendar.zone), instant(last, calendar.zone)
    micro = business_between(calendar, start, end)
    notes = [each for each in (told, also_told) if each]
    item = {
        "calendar": name,
        "from": Moment(start),
        "to": Moment(end),
        "business_seconds": _seconds(micro),
        "notes": notes,
    }
    return Sheet(item, [hours(micro)], words="\n".join(notes))


def calendar_add(fetch: Fetch, *, name: str, first: str, duration: str) -> Sheet:
    """Return the moment at which so much open time has passed."""
    calendar, micro = read(fetch, name), duration_of(duration)
    start, told = instant(first, calendar.zone)
    at = business_add(calendar, start, micro)
    item = {
        "calendar": name,
        "from": Moment(start),
        "business_seconds": _seconds(micro),
        "at": Moment(at),
        "notes": [told] if told else [],
    }
    return Sheet(item, [shown(local(at, calendar.zone))], words=told)


def duration_of(text: str) -> int:
    """Return a duration of open time in microseconds.

    Raises:
        WrongUsage: it is none, is longer than all calendars are known, or counts in days, which have no fixed length in open time.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()[1:]):
        if _WITH_DAYS.fullmatch(text.strip()):
            raise wrong(_("How long an open day is depends on the day; say it in hours and minutes, such as 16h."))
        raise wrong(_("Expected a duration such as 4h, 90m, 1h30m or -4h, got {text}.").format(text=repr(text)))
    sign, *parts = found.groups()
    seconds = sum(int(part or 0) * unit for part, unit in zip(parts, (3600, 60, 1), strict=True))
    if seconds > _MOST_HOURS * 3600:
        words = _("A duration is at most {most}h: calendars are known from the year {first} to {last}.")
        raise wrong(words.format(most=_MOST_HOURS, first=FIRST_YEAR, last=LAST_YEAR))
    return seconds * (1_000_000 if sign in ("", "+") else -1_000_000)


def _item(row: Row) -> Item:
    """Return a calendar as programs read it; `changes_at` is when it closes or opens next."""
    item = {
        "calendar": row["calendar"],
        "desk": row["calendar"] == row["desk_calendar"],
        "zone": row["zone"] or row["desk_zone"],
        "week": json.loads(row["week"]),
        "holidays": json.loads(row["holidays"]),
        "exceptions": json.loads(row["exceptions"]),
        "open": None,
        "changes_at": None,
        "trouble": None,
    }
    try:
        calendar, at = of_row(row), now()
        item["open"] = is_open(calendar, at)
        change = next_closing(calendar, at) if item["open"] else next_opening(calendar, at)
        item["changes_at"] = None if change is None else Moment(change)
    except NeverOpens:
        pass
    except DeskError as error:  # such as holidays that an older version knew: the others are still worth a look
        item["trouble"] = message_of(error)
    return item


def _now_in_words(item: Item) -> str:
    if item["trouble"]:
        return f"! {item['trouble']}"
    if item["changes_at"] is None:
        return _("open") if item["open"] else _("closed")
    when = near(local(item["changes_at"], item["zone"]), local(now(), item["zone"]).date())
    return (_("open until {when}") if item["open"] else _("closed until {when}")).format(when=when)


def _week_in_words(week: dict[str, list[str]]) -> str:
    return ", ".join(f"{days} {' '.join(intervals)}" for days, intervals in week.items())


def _openings_on(calendar: Calendar, day: date) -> str:
    parts = []
    for opens, closes in openings(calendar, day, day):
        end = local(closes, calendar.zone)
        midnight = end.date() > day and (end.hour, end.minute, end.second) == (0, 0, 0)
        parts.append(f"{time_shown(local(opens, calendar.zone))}-{'24:00' if midnight else time_shown(end)}")
    if parts:
        return "  ".join(parts)
    holiday = calendar.holiday_on(day) if day not in calendar.exceptions else None
    return _("closed: {holiday}").format(holiday=clean(holiday)) if holiday else _("closed")


def _special(calendar: Calendar, first: date, last: date) -> list[Item]:
    """Return the holidays and exceptions of some dates; an exception says all about its day, also about a holiday."""
    found = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        holiday, exception = calendar.holiday_on(day), calendar.exceptions.get(day)
        if holiday is not None or exception is not None:
            intervals = [f"{_minutes(opens)}-{_minutes(closes)}" for opens, closes in exception or ()]
            kind = "holiday" if exception is None else "exception"
            found.append({"date": day.isoformat(), "kind": kind, "holiday": holiday, "intervals": intervals})
    return found


def _minutes(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _special_in_words(item: Item) -> tuple[str, str, str]:
    exception = _("exception") if item["kind"] == "exception" else ""
    why = ", ".join(filter(None, (item["holiday"], exception)))
    return day_shown(date.fromisoformat(item["date"])), "  ".join(item["intervals"]) or _("closed"), why


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(pad(cell, cells) for cell, cells in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _seconds(micro: int) -> int | float:
    return micro // 1_000_000 if micro % 1_000_000 == 0 else micro / 1_000_000
