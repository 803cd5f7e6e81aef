"""The functions of the language: what each takes, gives and does. A missing argument makes the result missing.

Conditions call them, templates call them or write them as filters: `upper(case.subject)` is `case.subject | upper`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from core.calendars.calendar import Calendar
from core.calendars.hours import business_between, is_open
from core.conditions.types import DAY, DURATION, FLAG, HOUR, MINUTE, NUMBER, TEXT, TIME, Kind, Type
from core.conditions.world import World

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Search(Protocol):
    def search(self, text: str) -> object: ...


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Args:
        takes: the kinds that each argument may be.
        gives: the type of the result.
        call: what it does; where `in_world`, its first argument is the world.
        summary: what it says, in a sentence.
        needs: how many arguments must be given; the others may be left out.
        constant: the positions of arguments that must stand in the text.
        in_world: whether the result depends on the time, the zone or a calendar.
    """

    takes: tuple[tuple[Kind, ...], ...]
    gives: Type
    call: Callable[..., Any]
    summary: str
    needs: int | None = None
    constant: tuple[int, ...] = ()
    in_world: bool = False

    @property
    def least(self) -> int:
        """The least number of arguments."""
        return len(self.takes) if self.needs is None else self.needs


def _contains(where: str | tuple[str, ...], part: str) -> bool:
    wanted = part.casefold()
    return wanted in where.casefold() if isinstance(where, str) else any(each.casefold() == wanted for each in where)


def _starts_with(text: str, part: str) -> bool:
    return text.casefold().startswith(part.casefold())


def _ends_with(text: str, part: str) -> bool:
    return text.casefold().endswith(part.casefold())


@functools.lru_cache(256)
def pattern(text: str) -> _Search:
    """Return a regular expression that takes time in proportion to what it searches, whatever it says.

    Raises:
        ValueError: it is no regular expression of RE2, with why.
    """
    import re2

    options = re2.Options()
    options.max_mem = 1 << 20
    options.log_errors = False
    try:
        found: _Search = re2.compile(text, options)
    except re2.error as error:
        why = error.args[0] if error.args else ""
        raise ValueError(why.decode(errors="replace") if isinstance(why, bytes) else str(why)) from None
    return found


def _matches(text: str, wanted: str) -> bool:
    return pattern(wanted).search(text) is not None


def _local(world: World, at: int) -> datetime:
    try:
        return (_EPOCH + timedelta(microseconds=at)).astimezone(world.zone)
    except OverflowError:
        return _EPOCH.astimezone(world.zone)


def _weekday(world: World, at: int) -> str:
    return _WEEKDAYS[_local(world, at).weekday()]


def _hour(world: World, at: int) -> int:
    return _local(world, at).hour


def _date(world: World, at: int) -> str:
    return _local(world, at).date().isoformat()


def _instant(world: World, text: str) -> int:
    """Read a moment, in the desk's zone unless it names its own offset; `checking` has seen that it is one."""
    found = datetime.fromisoformat(text)
    local = found if found.tzinfo else found.replace(tzinfo=world.zone)
    return (local.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def _business_between(world: World, start: int, end: int, name: str = "") -> int:
    calendar = world.calendar(name)
    return end - start if calendar is None else business_between(calendar, start, end)


def _business_age(world: World, at: int, name: str = "") -> int:
    return _business_between(world, at, world.now, name)


def _is_open(world: World, at: int, name: str = "") -> bool:
    calendar: Calendar | None = world.calendar(name)
    return True if calendar is None else is_open(calendar, at)


def _units(size: int) -> Callable[[Any], int]:
    return lambda count: int(count * size)


_T: tuple[Kind, ...] = ("text",)
_N: tuple[Kind, ...] = ("number",)
_I: tuple[Kind, ...] = ("time",)
_TL: tuple[Kind, ...] = ("text", "list")
FUNCTIONS: Mapping[str, Function] = {
    "contains": Function(
        (_TL, _T), FLAG, _contains, "Whether a text has a part, or a list an item; great and small letters are alike."
    ),
    "starts_with": Function(
        (_T, _T), FLAG, _starts_with, "Whether a text begins so; great and small letters are alike."
    ),
    "ends_with": Function((_T, _T), FLAG, _ends_with, "Whether a text ends so; great and small letters are alike."),
    "matches": Function(
        (_T, _T),
        FLAG,
        _matches,
        "Whether a regular expression (RE2) is found in a text; (?i) makes great and small letters alike.",
        constant=(1,),
    ),
    "lower": Function((_T,), TEXT, str.lower, "The text in small letters."),
    "upper": Function((_T,), TEXT, str.upper, "The text in capitals."),
    "length": Function((_TL,), NUMBER, len, "How many characters or items there are."),
    "minutes": Function((_N,), DURATION, _units(MINUTE), "A duration of so many minutes."),
    "hours": Function((_N,), DURATION, _units(HOUR), "A duration of so many hours."),
    "days": Function((_N,), DURATION, _units(DAY), "A duration of so many times 24 hours."),
    "now": Function((), TIME, lambda world: world.now, "The present moment.", in_world=True),
    "instant": Function(
        (_T,),
        TIME,
        _instant,
        'A moment as it is written: "2026-11-24 09:00", in the time zone of the desk.',
        constant=(0,),
        in_world=True,
    ),
    "age": Function((_I,), DURATION, lambda world, at: world.now - at, "How long ago a moment was.", in_world=True),
    "weekday": Function(
        (_I,),
        Type("text", _WEEKDAYS),
        _weekday,
        "The day of the week of a moment at the desk: mon to sun.",
        in_world=True,
    ),
    "hour": Function((_I,), NUMBER, _hour, "The hour of a moment at the desk, 0 to 23.", in_world=True),
    "date": Function((_I,), TEXT, _date, "The date of a moment at the desk: 2026-11-24.", in_world=True),
    "business_between": Function(
        (_I, _I, _T),
        DURATION,
        _business_between,
        "The open time between two moments, by the desk's calendar or the one named.",
        needs=2,
        constant=(2,),
        in_world=True,
    ),
    "business_age": Function(
        (_I, _T),
        DURATION,
        _business_age,
        "The open time since a moment, by the desk's calendar or the one named.",
        needs=1,
        constant=(1,),
        in_world=True,
    ),
    "is_open": Function(
        (_I, _T),
        FLAG,
        _is_open,
        "Whether a moment is within the hours of the desk's calendar or the one named.",
        needs=1,
        constant=(1,),
        in_world=True,
    ),
}
"""By name. Where neither the desk nor the condition names a calendar, every minute is open."""
CALENDAR_ARGUMENT = {"business_between": 2, "business_age": 1, "is_open": 1}
"""The position of the argument that names a calendar."""
