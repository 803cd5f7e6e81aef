"""What is wrong with a condition or a template: where, what, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from data.errors import DeskError


class Place(NamedTuple):
    """A place in a text, counted from one; column 0 where only the line is known."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    place: Place
    message: str
    hint: str = ""

    def __str__(self) -> str:
        line, column = self.place
        where = (
            f"line {line}, column {column}" if line > 1 and column else f"column {column}" if column else f"line {line}"
        )
        return f"{where}: {self.message}. {self.hint}".rstrip() if self.hint else f"{where}: {self.message}"


class Faulty(Exception):
    """A text was given up at its first fault."""

    def __init__(self, place: Place, message: str, hint: str = "") -> None:
        self.fault = Fault(place, message, hint)
        super().__init__(str(self.fault))


class ConditionRefused(DeskError):
    """{faults}"""

    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(faults="\n".join(map(str, faults)))


class ConditionFailed(DeskError):
    """The condition cannot be decided: {why}."""
