"""The types of values that a condition can hold, and how they are stored and shown.

An instant and a duration are whole numbers of microseconds, as everywhere in the desk; a number is an `int` or a `Decimal`, never a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Kind = Literal["text", "number", "flag", "time", "duration", "list", "missing"]
Value = str | int | Decimal | bool | tuple[str, ...] | None
"""None is a value that is missing."""
Facts = Mapping[str, Value]
"""What is known of the records that a condition speaks of, by the path of the field."""

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND

_WORDS: Mapping[Kind, str] = {
    "text": "text",
    "number": "a number",
    "flag": "yes or no",
    "time": "a point in time",
    "duration": "a duration",
    "list": "a list",
    "missing": "nothing",
}


@dataclass(frozen=True, slots=True)
class Type:
    """A kind of value; text and lists may be bound to `choices`, those of a closed type also where there is none."""

    kind: Kind
    choices: tuple[str, ...] = ()
    closed: bool = False

    def __str__(self) -> str:
        return _WORDS[self.kind]


TEXT, NUMBER, FLAG = Type("text"), Type("number"), Type("flag")
TIME, DURATION, LIST, MISSING = Type("time"), Type("duration"), Type("list"), Type("missing")
