"""A template: read and checked once, made a Python function, and rendered many times."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from core.conditions import tree
from core.conditions.compiling import Writer
from core.conditions.faults import ConditionFailed, Fault, Place
from core.conditions.fields import Vocabulary
from core.conditions.functions import clock, duration_in_words
from core.conditions.types import Facts
from core.conditions.world import World
from core.templates.parsing import Branch, For, If, Part, Put, Text, parse
from data.errors import DeskError

MAX_OUTPUT = 1_000_000
"""In characters."""
MAX_PASSES = 10_000
"""How often the bodies of all loops of a template are written, together."""

Escape = Callable[[str], str]
_Renders = Callable[[dict[str, Any], World, dict[str, None], Escape | None], str]


class TemplateRefused(DeskError):
    """{faults}"""

    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__(faults="\n".join(map(str, faults)))


class TemplateFailed(DeskError):
    """The template cannot be written out: {why}."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a template became; `missing` names, once each, what had no value and was left out."""

    text: str
    missing: tuple[str, ...]


class Template:
    """One template."""

    def __init__(self, text: str, parts: list[Part]) -> None:
        self.text = text
        self._parts = parts
        loops = {each.name for each in _every(parts) if isinstance(each, For)}
        self.paths: frozenset[str] = frozenset().union(*map(tree.paths, _expressions(parts))) - loops
        """The fields that it needs."""

    @classmethod
    def read(cls, text: str, vocabulary: Vocabulary, calendars: Collection[str] | None = None) -> Template:
        """Return the template in a text.

        Args:
            calendars: the names of the desk's calendars; None where they are not known.

        Raises:
            TemplateRefused: with everything that is wrong with it.
        """
        parts = parse(text, vocabulary, calendars)
        if isinstance(parts, tuple):
            raise TemplateRefused(parts)
        return cls(text, parts)

    def render(self, facts: Facts, world: World, escape: Escape | None = None) -> Rendered:
        """Write the template out.

        Args:
            facts: hold every path in `paths`, None for what is missing.
            escape: what is done to each value that is put in.

        Raises:
            TemplateFailed: it grows beyond all use, or a number is divided by zero.
        """
        missing: dict[str, None] = {}
        renders, places = self._plain if escape is None else self._escaped
        try:
            text = renders(dict(facts), world, missing, escape)
        except (ConditionFailed, _TooMuch) as error:
            line = places.get(_line_of(error))
            where = f"line {line.line}, column {line.column}: " if line else ""
            why = error.params["why"] if isinstance(error, ConditionFailed) else str(error)
            raise TemplateFailed(why=f"{where}{why}") from None
        return Rendered(text, tuple(missing))

    @cached_property
    def _plain(self) -> tuple[_Renders, dict[int, Place]]:
        return _Compiler(escaped=False).compile(self._parts)

    @cached_property
    def _escaped(self) -> tuple[_Renders, dict[int, Place]]:
        return _Compiler(escaped=True).compile(self._parts)


class _TooMuch(Exception):
    """A template was given up because it grows too long."""


def _full() -> None:
    raise _TooMuch(f"it grows beyond {MAX_OUTPUT:,} characters")


def _endless() -> None:
    raise _TooMuch(f"its loops go round more than {MAX_PASSES:,} times")


def _line_of(error: BaseException) -> int:
    """Return the line of the compiled template in which an error arose."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<render>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _number(value: int | Decimal) -> str:
    return str(value) if type(value) is int else format(Decimal(value).normalize() + 0, "f")


def _flag(value: bool) -> str:
    return "yes" if value else "no"


class _Compiler:
    """Writes the source of one function, which collects the parts of the text and counts their characters as it goes."""

    def __init__(self, *, escaped: bool) -> None:
        self._writer = Writer()
        self._escaped = escaped
        self._lines = ["def render(f, w, m, e):", " o = []", " a = o.append", " n = r = 0"]
        self._places: dict[int, Place] = {}

    def compile(self, parts: list[Part]) -> tuple[_Renders, dict[int, Place]]:
        self._body(parts, 1)
        self._line(1, f"if n > {MAX_OUTPUT}: full()")
        self._lines.append(" return join(o)")
        self._writer.hand_in(join="".join, full=_full, endless=_endless, str=str, len=len)
        self._writer.hand_in(number=_number, flag=_flag, clock=clock, duration=duration_in_words, comma=", ".join)
        renders: _Renders = self._writer.made("render", "\n".join(self._lines))
        return renders, self._places

    def _line(self, depth: int, text: str, place: Place | None = None) -> None:
        self._lines.append(" " * depth + text)
        if place is not None:
            self._places[len(self._lines)] = place

    def _body(self, parts: list[Part], depth: int) -> None:
        if not parts:
            self._line(depth, "pass")
        for part in parts:
            match part:
                case Text(text=text):
                    self._line(depth, f"a({self._writer.constant(text)}); n += {len(text)}")
                case Put():
                    self._put(part, depth)
                case If(branches=branches):
                    self._branches(branches, depth)
                case For():
                    self._loop(part, depth)

    def _branches(self, branches: list[Branch], depth: int) -> None:
        """Write branches one after the other: Python's `elif` stands inside what is before it, too deep where there are many."""
        left = f"t{depth}"
        self._line(depth, f"{left} = True")
        for branch in branches:
            holds = "" if branch.condition is None else f" and {self._writer.holds(branch.condition, True)}"
            self._line(depth, f"if {left}{holds}:", branch.place)
            self._line(depth + 1, f"{left} = False")
            self._body(branch.body, depth + 1)

    def _put(self, part: Put, depth: int) -> None:
        guards, given = self._writer.value(part.value)
        shown = self._shown(part.value, given)
        if guards:
            written = self._writer.constant(tree.written(part.value))
            self._line(depth, f"if {' and '.join(guards)}:", part.place)
            self._add(depth + 1, shown, part.place)
            self._line(depth, f"else: m[{written}] = None")
        else:
            self._add(depth, shown, part.place)

    def _add(self, depth: int, shown: str, place: Place) -> None:
        # What counts is the value: what an escape makes of it may be no more than a mark in its place.
        self._line(depth, f"v = {shown}; n += len(v)", place)
        self._line(depth, f"if n > {MAX_OUTPUT}: full()", place)
        self._line(depth, "a(e(v))" if self._escaped else "a(v)")

    def _shown(self, node: tree.Node, given: str) -> str:
        match node.type.kind:
            case "number":
                return f"number({given})"
            case "flag":
                return f"flag({given})"
            case "time":
                return f"clock(w, {given})"
            case "duration":
                return f"duration({given})"
            case "list":
                return f"comma({given})"
        return given

    def _loop(self, part: For, depth: int) -> None:
        guards, items = self._writer.value(part.items)
        name = self._writer.constant(part.name)
        self._line(depth, f"for i in ({items} if {' and '.join(guards)} else ()):" if guards else f"for i in {items}:")
        self._line(depth + 1, f"f[{name}] = i; r += 1")
        self._line(depth + 1, f"if r > {MAX_PASSES}: endless()", part.place)
        self._body(part.body, depth + 1)
        self._line(depth + 1, f"if n > {MAX_OUTPUT}: full()", part.place)


def _every(parts: list[Part]) -> list[Part]:
    """Return the parts of a template and all that stands in them."""
    found: list[Part] = []
    waiting = list(parts)
    while waiting:
        each = waiting.pop()
        found.append(each)
        if isinstance(each, If):
            waiting += [part for branch in each.branches for part in branch.body]
        elif isinstance(each, For):
            waiting += each.body
    return found


def _expressions(parts: list[Part]) -> list[tree.Node]:
    found: list[tree.Node] = []
    for each in _every(parts):
        if isinstance(each, Put):
            found.append(each.value)
        elif isinstance(each, For):
            found.append(each.items)
        elif isinstance(each, If):
            found += [branch.condition for branch in each.branches if branch.condition is not None]
    return found
