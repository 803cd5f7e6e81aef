"""The kinds of values a configuration holds: names, text, durations, amounts, addresses, each with its own refusal.

A value is checked exactly as it was written: `yes` is never taken for text, nor `"5"` for a number, and a tenth stays
a tenth. So amounts are Decimal, and nothing here accepts a float.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from email.utils import parseaddr
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, StrictStr
from pydantic_core import PydanticCustomError

from core.addresses import SHAPE as ADDRESS_SHAPE
from core.config.problems import did_you_mean, got
from data.text import composed

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_JOINERS = "\u200c\u200d"
_SPELLINGS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "œ": "oe", "ł": "l", "đ": "d"}
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 3650 * 86400
_LONGEST_PASSAGE = 100_000
MOST_COLUMNS = 8
"""Of a view: more do not fit beside a subject on a wide screen."""


def refusal(message: str, hint: str = "", within: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """The error to raise for a value; `reading` takes its message and hint over as they are.

    Args:
        message: what is wrong.
        hint: what to do about it.
        within: the way to the part of the value that is at fault, where it is not the whole.
    """
    return PydanticCustomError("refused", "{message}", {"message": message, "hint": hint, "within": within})


def check_name(value: str) -> str:
    """A name of an entry: what is typed after a command, so it needs no quoting in a shell."""
    if NAME.fullmatch(value):
        return value
    raise refusal(
        f"{got(value)} is no name: 1 to 40 of a to z, digits, dash, underscore and dot, a letter or digit first",
        f'Perhaps "{near}".' if (near := nearest_name(value)) else "",
    )


def nearest_name(value: str) -> str:
    """The name that is nearest to a text, or nothing: `Jörg` is `joerg`, `Tier 1` is `tier-1`."""
    simpler = re.sub(r"[^a-z0-9._]+", "-", _unaccented(value)).strip("-._")
    return simpler if NAME.fullmatch(simpler) else ""


def nearest_field(value: str) -> str:
    """The name of a case's field that is nearest to a text, or nothing: conditions know neither dashes nor dots in it."""
    simpler = re.sub(r"[^a-z0-9]+", "_", _unaccented(value)).strip("_").lstrip("0123456789_")
    return simpler if NAME.fullmatch(simpler) else ""


def _unaccented(value: str) -> str:
    """The start of a text in small letters of the English alphabet, as far as they have a usual spelling in it."""
    spelled = composed(value[:40]).lower().translate(_SPELLINGS)
    return "".join(each for each in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(each))


def _check_text(longest: int, blank: bool) -> Callable[[str], str]:
    def check(value: str) -> str:
        value = composed(value)
        for character in value:
            # A line separator or half a surrogate pair would break a terminal row or the export just as a control does,
            # and a format control turns round or hides what a row shows. Joiners only shape letters and emoji.
            if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in _JOINERS:
                raise refusal(f"the text holds the control character U+{ord(character):04X}")
        if len(value) > longest:
            raise refusal(f"the text has {len(value)} characters; at most {longest} are kept")
        if not blank and not value.strip():
            raise refusal("the text is empty")
        return value

    return check


def _check_passage(value: str) -> str:
    """Text of several lines: each is text as everywhere else, and a tab is a blank."""
    value = composed(value.replace("\r\n", "\n").expandtabs(4))
    if len(value) > _LONGEST_PASSAGE:
        raise refusal(f"the text has {len(value):,} characters; at most {_LONGEST_PASSAGE:,} are kept")
    if not value.strip():
        raise refusal("the text is empty")
    for line in value.split("\n"):
        _check_text(_LONGEST_PASSAGE, blank=True)(line)
    return value


def _exactly(longest: int) -> Callable[[str], str]:
    """Checks what another program reads, exactly as it was written: two files may differ in how an accent is composed."""

    def check(value: str) -> str:
        _check_text(longest, blank=False)(value)
        return value

    return check


def _check_scalar(value: object) -> object:
    if isinstance(value, list | tuple):
        return tuple(_check_scalar(each) for each in value)
    if not isinstance(value, str | int | Decimal | bool):
        raise refusal(f"expected a value, got {got(value)}")
    return _check_text(2000, blank=True)(value) if isinstance(value, str) else value


def _matching(pattern: re.Pattern[str], expected: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise refusal(f"expected {expected}, got {got(value)}")
        return value

    return check


def _check_variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):  # not quoted: it may be the password itself, put here by mistake
        raise refusal("expected the name of an environment variable, such as DESK_PASSWORD")
    return value


def _check_sender(value: str) -> str:
    if not ADDRESS_SHAPE.fullmatch(parseaddr(value)[1]):
        raise refusal(f"expected an address such as Name <desk@example.org>, got {got(value)}")
    return value


def _check_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (
        KeyError,
        ValueError,
        OSError,
    ):  # a directory of zones such as "Europe" is an OSError, a path out of it a ValueError
        hint = did_you_mean(value, sorted(available_timezones())) or "Such as Europe/Berlin."
        raise refusal(f"there is no time zone {got(value)}", hint) from None
    return value


def _read_duration(value: object) -> object:
    seconds: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        seconds = value
    elif isinstance(value, str) and (found := _DURATION.fullmatch(value)):
        seconds = int(found[1]) * _UNITS[found[2]]
    if seconds is None:
        raise refusal(f"expected a duration such as 90s, 5m, 2h or 1d, or a number of seconds, got {got(value)}")
    return seconds


def written_duration(seconds: int) -> str:
    """The shortest form that is exact: 90 is `90s`, 3600 is `1h`."""
    forms = (f"{seconds // size}{unit}" for unit, size in reversed(_UNITS.items()) if seconds and seconds % size == 0)
    return min(forms, key=len, default="0s")  # of two equally short ones the first, which has the larger unit


def _bounded_duration(least: int) -> Callable[[int], int]:
    def check(seconds: int) -> int:
        if not least <= seconds <= _LONGEST:
            low, high = written_duration(least), written_duration(_LONGEST)
            raise refusal(
                f"expected a duration from {low} to {high}, got {written_duration(seconds) if seconds > 0 else seconds}"
            )
        return seconds

    return check


def _read_amount(least: Decimal, most: int) -> Callable[[object], object]:
    def check(value: object) -> object:
        number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        amount = Decimal(value) if number else Decimal("NaN")  # type: ignore[arg-type]
        if not amount.is_finite() or not least <= amount <= most or amount * 1000 != int(amount * 1000):
            raise refusal(f"expected a number from {least} to {most} with at most three decimals, got {got(value)}")
        return amount

    return check


def _read_whole(least: int, most: int) -> Callable[[object], object]:
    def check(value: object) -> object:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise refusal(f"expected a whole number from {least} to {most}, got {got(value)}")
        return value

    return check


def written_amount(amount: Decimal) -> Decimal:
    """Without the zeros that a column or a sum may have left behind: 6.000 is 6."""
    return Decimal(int(amount)) if amount == int(amount) else amount.normalize()


def whole(least: int, most: int) -> Any:
    """Metadata of a whole number within bounds."""
    return BeforeValidator(_read_whole(least, most))


def each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list in which something stands twice."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise refusal(f"{got(value)} stands in the list twice")
        seen.add(value)
    return values


def _few_columns(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(values) > MOST_COLUMNS:
        raise refusal(f"names {len(values)} columns; at most {MOST_COLUMNS} stand side by side")
    return each_once(values)


def in_order(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a set, in an order that says nothing."""
    return tuple(sorted(each_once(values)))


Name = Annotated[StrictStr, AfterValidator(check_name)]
Scalar = Annotated[str | int | Decimal | bool | tuple[str, ...], BeforeValidator(_check_scalar)]
Line = Annotated[StrictStr, AfterValidator(_check_text(2000, blank=False))]
Passage = Annotated[StrictStr, AfterValidator(_check_passage)]
Label = Annotated[StrictStr, AfterValidator(_check_text(80, blank=True))]
Text = Annotated[StrictStr, AfterValidator(_check_text(200, blank=False))]
Exact = Annotated[StrictStr, AfterValidator(_exactly(200))]
Command = Annotated[StrictStr, AfterValidator(_exactly(1000))]
Variable = Annotated[StrictStr, AfterValidator(_check_variable)]
Language = Annotated[StrictStr, AfterValidator(_matching(LANGUAGE, "a language such as en or pt-BR"))]
MailAddress = Annotated[
    StrictStr,
    AfterValidator(_matching(ADDRESS_SHAPE, "an address such as desk@example.org")),
    AfterValidator(_check_text(254, blank=False)),
]
Sender = Annotated[StrictStr, AfterValidator(_check_text(320, blank=False)), AfterValidator(_check_sender)]
TimeZone = Annotated[StrictStr, AfterValidator(_check_zone)]
Priority = Annotated[int, whole(1, 5)]
Duration = Annotated[
    int, AfterValidator(_bounded_duration(0)), BeforeValidator(_read_duration), PlainSerializer(written_duration)
]
Pause = Annotated[
    int, AfterValidator(_bounded_duration(1)), BeforeValidator(_read_duration), PlainSerializer(written_duration)
]
Weight = Annotated[Decimal, BeforeValidator(_read_amount(Decimal(0), 1000)), PlainSerializer(written_amount)]
Capacity = Annotated[Decimal, BeforeValidator(_read_amount(Decimal("0.001"), 1000)), PlainSerializer(written_amount)]
# Members and channels are sets: their order says nothing, so it must not show as a change either.
Names = Annotated[tuple[Name, ...], AfterValidator(in_order)]
Choices = Annotated[tuple[Text, ...], AfterValidator(each_once)]
Columns = Annotated[tuple[Text, ...], AfterValidator(_few_columns)]
