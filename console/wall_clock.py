"""Moments as a clock on the wall of a zone shows them: read from ISO 8601, and written for people.

A time that the clocks skip is read as if they had not been put forward yet, one that they repeat is its first, as in
calendars of mail programs (RFC 5545); whoever gives one is told.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from console.i18n import N_, _
from console.reads import wrong

_DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def instant(text: str, zone: str) -> tuple[int, str]:
    """Return the moment that a text names, and what is to be told of it, if anything.

    Args:
        text: ISO 8601, with an offset from UTC or in the zone.
        zone: where a time without an offset is.

    Raises:
        WrongUsage: it names no moment.
    """
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        hint = _("such as 2026-11-24T09:00, or 2026-11-24T09:00+01:00")
        raise wrong(_("Expected a moment {hint}, got {text}.").format(hint=hint, text=repr(text))) from None
    if given.tzinfo is not None:
        return (given - _EPOCH) // _MICRO, ""
    here = given.replace(tzinfo=ZoneInfo(zone), fold=0)
    at, told = (here - _EPOCH) // _MICRO, ""
    other = here.replace(fold=1)
    if here.utcoffset() != other.utcoffset():
        shown = datetime.fromtimestamp(at // 1_000_000, here.tzinfo)
        if shown.replace(tzinfo=None, fold=0) != given.replace(microsecond=0):
            words = _("{time} is skipped by the clocks of {zone}; {taken} is taken.")
            told = words.format(time=text, zone=zone, taken=shown.isoformat(timespec="minutes"))
        else:
            words = _("{time} is there twice in {zone}; the first, {taken}, is taken, not {other}.")
            taken, second = (each.isoformat(timespec="minutes") for each in (here, other))
            told = words.format(time=text, zone=zone, taken=taken, other=second)
    return at, told


def day_given(text: str) -> date:
    """Return the date that a text names.

    Raises:
        WrongUsage: it names none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise wrong(_("Expected a date such as 2026-11-24, got {text}.").format(text=repr(text))) from None


def local(at: int, zone: str) -> datetime:
    """Return a moment in a zone."""
    return datetime.fromtimestamp(at // 1_000_000, ZoneInfo(zone))


def day_shown(day: date) -> str:
    """Return a date with its day of the week: `Tue 2026-11-24`."""
    return f"{_(_DAYS[day.weekday()])} {day:%Y-%m-%d}"


def time_shown(at: datetime) -> str:
    """Return a time of day, with seconds only where there are some: `08:00`."""
    return at.strftime("%H:%M:%S" if at.second else "%H:%M")


def shown(at: datetime) -> str:
    """Return a moment with its offset from UTC, so that it is only one: `Tue 2026-11-24 08:00 +01:00`."""
    return f"{day_shown(at)} {time_shown(at)} {at.isoformat()[19:]}"


def near(at: datetime, today: date) -> str:
    """Return a moment, without its date where that is today."""
    return time_shown(at) if at.date() == today else f"{day_shown(at)} {time_shown(at)}"


def hours(micro: int) -> str:
    """Return a sum of time in hours, minutes and seconds, exactly: `37 h 30 min`; days would say nothing here."""
    seconds, rest = divmod(abs(micro), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    parts = [
        _("{n} h").format(n=minutes // 60) if minutes >= 60 else "",
        _("{n} min").format(n=minutes % 60) if minutes % 60 or not (minutes or seconds or rest) else "",
        _("{n} s").format(n=f"{seconds}.{rest:06d}".rstrip("0") if rest else seconds) if seconds or rest else "",
    ]
    return ("-" if micro < 0 else "") + " ".join(filter(None, parts))
