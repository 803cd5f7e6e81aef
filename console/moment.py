"""Moments and durations in words: short, in local time, at most two units.

Built on `time` alone: datetime is one more import of the thin path.
"""

from __future__ import annotations

import time

from console.i18n import N_, _

_MONTHS = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)


class Moment(int):
    """Microseconds since 1970, UTC: written as ISO 8601 for programs, as a short local time for people."""

    __slots__ = ()


def now() -> int:
    """Return the present moment."""
    return time.time_ns() // 1000


def moment(value: int | None) -> Moment | None:
    """Return a column of microseconds as a moment."""
    return None if value is None else Moment(value)


def iso(at: int) -> str:
    """Return a moment as ISO 8601 in UTC, always with microseconds."""
    seconds, micro = divmod(at, 1_000_000)
    t = time.gmtime(seconds)
    return f"{t.tm_year:04d}-{t.tm_mon:02d}-{t.tm_mday:02d}T{t.tm_hour:02d}:{t.tm_min:02d}:{t.tm_sec:02d}.{micro:06d}Z"


def day(at: int) -> str:
    """Return a local date: `24 Nov`, the year only if it is another."""
    t, today = time.localtime(at // 1_000_000), time.localtime(now() // 1_000_000)
    text = f"{t.tm_mday} {_(_MONTHS[t.tm_mon - 1])}"
    return text if t.tm_year == today.tm_year else f"{text} {t.tm_year}"


def clock(at: int, *, seconds: bool = False) -> str:
    """Return a local time: `14:02` today, `24 Nov 14:02` on another day."""
    t, today = time.localtime(at // 1_000_000), time.localtime(now() // 1_000_000)
    text = f"{t.tm_hour:02d}:{t.tm_min:02d}" + (f":{t.tm_sec:02d}" if seconds else "")
    return text if t[:3] == today[:3] else f"{day(at)} {text}"


def desk_clock(at: int, zone: str) -> str:
    """Return a moment as it is typed into a field: by the clock of the desk, wherever the reader is; a date alone at midnight.

    Args:
        zone: the desk's time zone, by its name.
    """
    from datetime import UTC, datetime, timedelta
    from zoneinfo import ZoneInfo

    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d}" if (local.hour, local.minute) == (0, 0) else f"{local:%Y-%m-%d %H:%M}"


def duration(micro: int) -> str:
    """Return a duration: `0:24` under 2 minutes, `24 min`, `1 h 04`, `2 d 4 h`, `3 w`."""
    seconds = max(0, micro) // 1_000_000
    minutes = seconds // 60
    hours, days = minutes // 60, minutes // 1440
    if seconds < 120:
        return f"{minutes}:{seconds % 60:02d}"
    if hours == 0:
        return _("{n} min").format(n=minutes)
    if days == 0:
        return _("{h} h {m:02d}").format(h=hours, m=minutes % 60)
    if days < 14:
        return _("{d} d {h} h").format(d=days, h=hours % 24)
    return _("{w} w").format(w=days // 7)


def age(at: int) -> str:
    """Return how long ago a moment was."""
    return duration(now() - at)


def from_now(at: int) -> str:
    """Return how long ago a moment was, or in how long it will be."""
    micro = at - now()
    return _("in {time}").format(time=duration(micro)) if micro > 0 else _("{time} ago").format(time=duration(-micro))


def left(at: int) -> str:
    """Return how much time is left until a moment."""
    micro = at - now()
    return duration(micro) if micro > 0 else _("! over")
