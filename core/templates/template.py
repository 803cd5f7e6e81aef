"""A template: read and checked once, made a Python function, and rendered many times."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from core.conditions import tree
from core.conditions.faults import ConditionFailed, Fault, Place
from core.conditions.fields import Vocabulary
from core.conditions.types import Facts
from core.conditions.world import World
from core.templates.compiling import Compiler, Escape, Renders, TooMuch
from core.templates.parsing import LOOP_FIELDS, For, If, Part, Put, Text, parse
from data.errors import DeskError


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
        loops = {each.name for each in _every(parts) if isinstance(each, For)} | LOOP_FIELDS.keys()
        self.paths: frozenset[str] = frozenset().union(*map(tree.paths, _expressions(parts))) - loops
        """The fields that it needs."""

    @classmethod
    def read(
        cls,
        text: str,
        vocabulary: Vocabulary,
        calendars: Collection[str] | None = None,
        clean: Callable[[str], str] | None = None,
    ) -> Template:
        """Return the template in a text.

        Args:
            calendars: the names of the desk's calendars; None where they are not known.
            clean: what is done to each text between the tags.

        Raises:
            TemplateRefused: with everything that is wrong with it.
        """
        parts = parse(text, vocabulary, calendars)
        if isinstance(parts, tuple):
            raise TemplateRefused(parts)
        if clean is not None:
            for each in _every(parts):
                if isinstance(each, Text):
                    each.text = clean(each.text)
        return cls(text, parts)

    def render(self, facts: Facts, world: World, escape: Escape | None = None) -> Rendered:
        """Write the template out.

        Args:
            facts: hold every path in `paths`, None for what is missing.
            escape: what is done to each value that is put in.

        Raises:
            TemplateFailed: it grows or takes work beyond all use, or a number is divided by zero.
        """
        missing: dict[str, None] = {}
        renders, places = self._plain if escape is None else self._escaped
        try:
            text = renders(dict(facts), world, missing, escape)
        except (ConditionFailed, TooMuch) as error:
            line = places.get(_line_of(error))
            where = f"line {line.line}, column {line.column}: " if line else ""
            why = error.params["why"] if isinstance(error, ConditionFailed) else str(error)
            raise TemplateFailed(why=f"{where}{why}") from None
        return Rendered(text, tuple(missing))

    @cached_property
    def _plain(self) -> tuple[Renders, dict[int, Place]]:
        return Compiler(escaped=False).compile(self._parts)

    @cached_property
    def _escaped(self) -> tuple[Renders, dict[int, Place]]:
        return Compiler(escaped=True).compile(self._parts)


def _line_of(error: BaseException) -> int:
    """Return the line of the compiled template in which an error arose."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<render>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


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
            waiting += each.body + (each.otherwise or [])
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
