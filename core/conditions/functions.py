"""The functions of the language: what each takes, gives and does. A missing argument makes the result missing, but for `default`.

Conditions call them, templates call them or write them as filters: `upper(case.subject)` is `case.subject | upper`.
"""

from __future__ import annotations

import functools
import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Protocol

from core.calendars.calendar import FIRST_YEAR, LAST_YEAR, Calendar
from core.calendars.hours import business_between, is_open
from core.conditions.faults import ConditionFailed
from core.conditions.types import DAY, DURATION, FLAG, HOUR, MINUTE, NUMBER, SECOND, TEXT, TIME, Kind, Type
from core.conditions.world import World
from core.errors import BeyondCalendar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT = Context(prec=6_000)
"""More digits than any number within the bounds of an expression has, so that rounding never fails."""
LONGEST_TEXT = 1_000_000
"""In characters: more no function makes of texts, however often they are joined and replaced."""
MOST_DECIMALS = 6
"""How many decimals a number is rounded to at most."""
LARGEST_PATTERN = 1_500
"""In instructions of RE2, about one for each character that is written and each time that one is repeated: 200 words are 1,030."""
_MOST_SEARCHED = 300_000_000
"""In bytes of a text times instructions of a pattern. Most patterns take 2 ns a byte whatever their size; one such as
`[ab]*a[ab]{900}x` can keep nothing of what it finds out, and takes up to 5 ns for each instruction at each byte."""
DIRECTIVES = ("%Y", "%y", "%m", "%d", "%H", "%I", "%M", "%S", "%j", "%%")
"""What a shape of `clock` may hold: numbers, which read alike in every language."""
_BEYOND_CALENDARS = f"a moment lies outside the years {FIRST_YEAR} to {LAST_YEAR}, which calendars know"
_FIRST_LINE = re.compile(r"\S[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*")
"""From the first character that is seen to where a line ends, as `str.splitlines` knows ends, without cutting a long text up."""
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Search(Protocol):
    def search(self, text: bytes) -> object: ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that takes time in proportion to what it searches, whatever it says; `size` in instructions."""

    size: int
    _found: _Search

    def is_in(self, text: str) -> bool:
        """Say whether it is found in a text.

        Raises:
            ConditionFailed: the text is too long for a pattern of this size.
        """
        searched = text.encode(errors="replace")  # RE2 knows no half of a surrogate pair, which mail may hold
        if self.size * len(searched) > _MOST_SEARCHED:
            raise ConditionFailed(why=f"a text of {len(text):,} characters is too long for so large a pattern")
        return self._found.search(searched) is not None


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Args:
        takes: the kinds that each argument may be.
        gives: the type of the result; None where it is that of the first argument.
        call: what it does; where `in_world`, its first argument is the world.
        summary: what it says, in a sentence.
        needs: how many arguments must be given; the others may be left out.
        constant: the positions of arguments that must stand in the text.
        prepared: what is made of these arguments, once for a condition, before `call` gets them.
        in_world: whether the result depends on the time, the zone or a calendar.
    """

    takes: tuple[tuple[Kind, ...], ...]
    gives: Type | None
    call: Callable[..., Any]
    summary: str
    needs: int | None = None
    constant: tuple[int, ...] = ()
    prepared: Callable[[Any], Any] | None = None
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


@functools.lru_cache(64)
def pattern(text: str) -> Pattern:
    """Return a regular expression of RE2; kept, since what is checked is compiled next.

    Raises:
        ValueError: it is no regular expression of RE2, with why.
    """
    import re2

    options = re2.Options()
    options.max_mem = 1 << 20
    options.log_errors = False
    options.never_capture = True  # only whether it is found is asked, and groups take another, slower search
    try:
        found = re2.compile(text.encode(), options)
    except re2.error as error:
        why = error.args[0] if error.args else ""
        raise ValueError(why.decode(errors="replace") if isinstance(why, bytes) else str(why)) from None
    return Pattern(found.programsize, found)


def _matches(text: str, wanted: Pattern) -> bool:
    return wanted.is_in(text)


def _local(world: World, at: int) -> datetime:
    try:
        return (_EPOCH + timedelta(microseconds=at)).astimezone(world.zone)
    except (OverflowError, ValueError):
        raise ConditionFailed(why="a moment lies outside the years 1 to 9999") from None


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
    try:
        return end - start if calendar is None else business_between(calendar, start, end)
    except BeyondCalendar:
        raise ConditionFailed(why=_BEYOND_CALENDARS) from None


def _business_age(world: World, at: int, name: str = "") -> int:
    return _business_between(world, at, world.now, name)


def _is_open(world: World, at: int, name: str = "") -> bool:
    calendar: Calendar | None = world.calendar(name)
    try:
        return True if calendar is None else is_open(calendar, at)
    except BeyondCalendar:
        raise ConditionFailed(why=_BEYOND_CALENDARS) from None


def _whole_text(text: str) -> str:
    """Return a text that a function made, or refuse one that grew beyond all use."""
    _check_length(len(text))
    return text


def _check_length(characters: int) -> None:
    if characters > LONGEST_TEXT:
        raise ConditionFailed(why=f"a text grows beyond {LONGEST_TEXT:,} characters")


def _truncate(text: str, most: int | Decimal) -> str:
    return text if len(text) <= most else text[: max(int(most) - 1, 0)].rstrip() + "…"


def _quote(text: str) -> str:
    return _whole_text("\n".join(f"> {line}" for line in _whole_text(text).splitlines()))


def _first_line(text: str) -> str:
    found = _FIRST_LINE.search(text)
    return found[0].strip() if found else ""


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]


def _replace(text: str, part: str, other: str) -> str:
    if not part:
        return text
    _check_length(len(text) + text.count(part) * (len(other) - len(part)))
    return text.replace(part, other)


def _url_part(text: str) -> str:
    return _whole_text(urllib.parse.quote(_whole_text(text), safe="", errors="replace"))


def _join(items: tuple[str, ...], between: str) -> str:
    # Reckoned first: what is joined could fill the memory before it is measured.
    _check_length(sum(map(len, items)) + len(between) * (len(items) - 1))
    return between.join(items)


def can_be_decimals(digits: object) -> bool:
    """Say whether a number can be rounded to so many decimals."""
    return isinstance(digits, int | Decimal) and digits in range(MOST_DECIMALS + 1)


def _rounded(number: int | Decimal, digits: int | Decimal) -> Decimal:
    """Return a number with exactly so many decimals, a half rounded away from zero."""
    if not can_be_decimals(digits):
        raise ConditionFailed(why=f"a number is rounded to 0 to {MOST_DECIMALS} decimals, and not to {digits}")
    return Decimal(number).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP, _EXACT)


def _round(number: int | Decimal, digits: int | Decimal = 0) -> int | Decimal:
    found = _rounded(number, digits)
    return int(found) if found == int(found) else found


def _decimals(number: int | Decimal, digits: int | Decimal) -> str:
    found = _rounded(number, digits)
    return format(found or found.copy_abs(), "f")  # no "-0.00"


def clock(world: World, at: int, shape: str = "%Y-%m-%d %H:%M") -> str:
    """Return a moment as the desk's clock shows it, by the directives of `DIRECTIVES`."""
    return _local(world, at).strftime(shape)


def unknown_directive(shape: str) -> str:
    """Return the first part of a clock's shape that it does not know, or nothing."""
    return next(
        (each for each in re.findall(r"%.?|[\x00\ud800-\udfff]", shape, re.DOTALL) if each not in DIRECTIVES), ""
    )


def duration_in_words(duration: int | Decimal) -> str:
    """Return a duration by its two largest units: `2 h 5 min`."""
    left = abs(int(duration)) // SECOND
    sign = "-" if duration < 0 and left else ""
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        parts.append((count, unit))
    first = next((place for place, (count, _unit) in enumerate(parts) if count), len(parts) - 1)
    return sign + " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count or first == 3)


def _first_of(value: object, other: object) -> object:
    """Return the first of two values; `compiling` writes it out, since it is the one function that looks at what is missing."""
    return other if value is None else value


def _units(size: int) -> Callable[[Any], int]:
    return lambda count: int(count * size)


_T: tuple[Kind, ...] = ("text",)
_N: tuple[Kind, ...] = ("number",)
_I: tuple[Kind, ...] = ("time",)
_TL: tuple[Kind, ...] = ("text", "list")
_ANY: tuple[Kind, ...] = ("text", "number", "flag", "time", "duration")
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
        prepared=pattern,
    ),
    "lower": Function((_T,), TEXT, str.lower, "The text in small letters."),
    "upper": Function((_T,), TEXT, str.upper, "The text in capitals."),
    "trim": Function((_T,), TEXT, str.strip, "The text without blanks around it."),
    "capitalize": Function((_T,), TEXT, _capitalize, "The text with its first letter as a capital."),
    "truncate": Function(
        (_T, _N), TEXT, _truncate, "The text, cut to so many characters with … at the end where it is longer."
    ),
    "first_line": Function((_T,), TEXT, _first_line, "The first line of a text that says something."),
    "quote": Function((_T,), TEXT, _quote, 'The text as an answer quotes it, each line behind "> ".'),
    "replace": Function((_T, _T, _T), TEXT, _replace, "The text with each place of a part replaced by another text."),
    "url_part": Function((_T,), TEXT, _url_part, "The text as it can stand in the path or query of a web address."),
    "join": Function((("list",), _T), TEXT, _join, "The items of a list with a text between them."),
    "default": Function((_ANY, _ANY), None, _first_of, "The value, or another one of its kind where it is missing."),
    "round": Function(
        (_N, _N), NUMBER, _round, "The number with up to so many decimals, none where none are said.", needs=1
    ),
    "decimals": Function(
        (_N, _N),
        TEXT,
        _decimals,
        "The number as text with exactly so many decimals, 0 to 6: decimals(149.5, 2) is 149.50.",
    ),
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
    "clock": Function(
        (_I, _T),
        TEXT,
        clock,
        'A moment as the clock of the desk shows it: 2026-11-24 09:00, or by a shape such as "%d.%m.%Y".',
        needs=1,
        constant=(1,),
        in_world=True,
    ),
    "duration": Function(
        (("duration",),), TEXT, duration_in_words, "A duration in words, by its two largest units: 2 h 5 min."
    ),
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
DECIMALS_ARGUMENT = {"round": 1, "decimals": 1}
"""The position of the argument that says how many decimals."""
CALENDAR_ARGUMENT = {"business_between": 2, "business_age": 1, "is_open": 1}
"""The position of the argument that names a calendar."""
