"""What is wrong with a configuration, and where: problems, the error that holds them, the lines of a file.

A message may quote the file, and the file may hold anything: what is quoted is cut short and painted without control
characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, NamedTuple

from core.spelling import nearest
from data.errors import DeskError

Path = tuple[str | int, ...]


class Mark(NamedTuple):
    """A place in a file, counted from one as editors count."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `line` and `column` are 0 where the desk has the field and the file does not."""

    source: str
    line: int
    column: int
    field: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        text = f"{self.field}: {self.message}" if self.field else self.message
        return f"{place}: {text}. {self.hint}" if self.hint else f"{place}: {text}"


class ConfigRefused(DeskError):
    """{lines}"""

    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))
        super().__init__(lines="\n".join(map(str, self.problems)))


@dataclass(slots=True)
class Lines:
    """Where each field of a document stands in the file that it was read from."""

    source: str
    keys: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)
    items: dict[Path, dict[str, int]] = field(default_factory=dict)

    def key(self, path: Path) -> Mark:
        """Of the key, or of the nearest thing around it that stands in the file; else (0, 0)."""
        return self._nearest(path, self.keys)

    def value(self, path: Path) -> Mark:
        """Of the value, or of the nearest thing around it that stands in the file."""
        return self.values[path] if path in self.values else self.key(path)

    def item(self, path: Path, text: str) -> Path:
        """The path of a list's item, by its text: the document sorts names, the file may not."""
        items = self.items.get(path, {})
        return (*path, items[text]) if text in items else path

    def names(self, path: Path) -> bool:
        """Whether the file states this field."""
        return path in self.values

    def problem(self, path: Path, message: str, hint: str = "", *, at: Mark | None = None) -> Problem:
        """A problem with the value at `path`."""
        line, column = at or self.value(path)
        return Problem(self.source, line, column, dotted(path), message, hint)

    def _nearest(self, path: Path, marks: dict[Path, Mark]) -> Mark:
        while path:
            if path in marks:
                return marks[path]
            path = path[:-1]
        return Mark(0, 0)


def dotted(path: Path) -> str:
    """A path in words: `queues.tier-1.members[2]`, items counted from 0."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{printable(step)}"
    return text.removeprefix(".")


def printable(text: str, longest: int = 60) -> str:
    """Text from a file, fit for one line of a terminal."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(character if character.isprintable() else "�" for character in cut)


def got(value: object) -> str:
    """What stands there instead of what was expected."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return printable(str(value), 24)
        case str():
            return f'"{printable(value)}"'
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
    return "something else"


def did_you_mean(word: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """A hint that names the nearest known word, or nothing.

    Args:
        cutoff: how alike both must be, as for `nearest`.
    """
    near = nearest(word, known, cutoff)
    return f'Did you mean "{printable(near)}"?' if near else ""


def nearest_or_all(word: str, known: Sequence[str]) -> str:
    """A hint that names the nearest known word, or else what is known."""
    some = ", ".join(map(printable, known[:12])) + (" …" if len(known) > 12 else "")
    return did_you_mean(word, known) or (f"Known are {some}." if known else "There are none yet.")
