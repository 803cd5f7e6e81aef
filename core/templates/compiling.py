"""From the parts of a template to one Python function, which collects the text and gives up where it asks for too much.

Three things bound it: how long the text grows, how often loops go round, and its work. Work is counted in characters that are read, not
in time, so that a template either works or does not, on every machine and however busy it is.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.conditions import tree
from core.conditions.compiling import Writer
from core.conditions.faults import Place
from core.conditions.functions import Pattern, clock, duration_in_words
from core.conditions.world import World
from core.templates.parsing import LOOP_FIELDS, Branch, For, If, Part, Put, Text

MAX_OUTPUT = 1_000_000
"""In characters."""
MAX_PASSES = 10_000
"""How often the bodies of all loops of a template are written, together."""
MAX_WORK = 40_000_000
"""In characters: of texts and lists that are read from fields or made by functions. It stands for one to two seconds at most."""
_STEPS_FOR_A_CHARACTER = 10
"""How many instructions of a pattern take at most as long as a character that is read."""
_PART_OF_A_LOOP = 50
"""In characters: what each part of an expression in a loop counts for, whatever it reads."""
_SHORT, _SHORT_COUNTS = 2_500, 4
"""Python looks for a part in a text shorter than that in a way whose time may grow with the lengths of both multiplied."""
_ITEM_COUNTS = 3
"""In characters: what an item of a list counts for beside its own."""

Escape = Callable[[str], str]
Renders = Callable[[dict[str, Any], World, dict[str, None], Escape | None], str]


class Quoted(str):
    """A value that is quoted for an address already: what `url_part` made."""

    __slots__ = ()


class TooMuch(Exception):
    """A template was given up because it grows too long or takes too much work."""


class _Work:
    """What is left to be read while one text is written."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_WORK

    def reads(self, value: str | tuple[str, ...]) -> bool:
        """Count a text or list; always true, so that it stands among what must hold for an expression to have a value."""
        self._spend(_length(value) if type(value) is str else len(value) * _ITEM_COUNTS + sum(map(len, value)))
        return True

    def made(self, value: Any) -> Any:
        """Count what a function made, and return it."""
        self.reads(value)
        return value

    def searched(self, text: str, wanted: Pattern) -> str:
        """Count a text in which a pattern is looked for by the size of the pattern, and return it."""
        self._spend(len(text) * wanted.size // _STEPS_FOR_A_CHARACTER)
        return text

    def goes_round(self, characters: int) -> None:
        """Count a pass of a loop whose body counts for so much, whatever it reads."""
        self._spend(characters)

    def _spend(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            raise TooMuch(f"it takes too much work: more than {MAX_WORK:,} characters are read, again and again")


def _length(text: str) -> int:
    """Return what a text that is read counts for."""
    length = len(text)
    return length if length >= _SHORT else length * _SHORT_COUNTS


class _CountingWriter(Writer):
    """Writes expressions that count the texts and lists they read and make, by the name `k`."""

    def value(self, node: tree.Node) -> tuple[list[str], str]:
        guards, given = super().value(node)
        if node.type.kind in ("text", "list"):
            if isinstance(node, tree.FieldOf):
                guards.append(f"k.reads({given})")
            elif isinstance(node, tree.Call):
                given = f"k.made({given})"
        return guards, given

    def called(self, node: tree.Call, given: list[str]) -> str:
        if node.name == "matches":  # a pattern takes up to so much time for each character that it searches
            text, wanted = given
            given = [f"k.searched({text}, {wanted})", wanted]
        return super().called(node, given)


def _full() -> None:
    raise TooMuch(f"it grows beyond {MAX_OUTPUT:,} characters")


def _endless() -> None:
    raise TooMuch(f"its loops go round more than {MAX_PASSES:,} times")


def _number(value: int | Decimal) -> str:
    return str(value) if type(value) is int else format(Decimal(value).normalize() + 0, "f")


def _flag(value: bool) -> str:
    return "yes" if value else "no"


class Compiler:
    """Writes the source of one function, which collects the parts of the text and counts their characters as it goes."""

    def __init__(self, *, escaped: bool) -> None:
        self._writer = _CountingWriter()
        self._escaped = escaped
        self._lines = ["def render(f, w, m, e):", " o = []", " a = o.append", " n = r = 0", " k = work()"]
        self._places: dict[int, Place] = {}
        self._counted: list[int] = []
        """How deep the open loops stand; 0 for one that does not ask which pass it is."""

    def compile(self, parts: list[Part]) -> tuple[Renders, dict[int, Place]]:
        """Return the function of some parts, and by the lines of its source the places in the template that they were made of."""
        self._body(parts, 1)
        self._line(1, f"if n > {MAX_OUTPUT}: full()", _place_of(parts[-1]) if parts else None)
        self._lines.append(" return join(o)")
        self._writer.hand_in(join="".join, full=_full, work=_Work, endless=_endless, str=str, len=len)
        self._writer.hand_in(number=_number, flag=_flag, clock=clock, duration=duration_in_words, comma=", ".join)
        self._writer.hand_in(quoted=Quoted)
        renders: Renders = self._writer.made("render", "\n".join(self._lines))
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
        return f"quoted({given})" if isinstance(node, tree.Call) and node.name == "url_part" else given

    def _loop(self, part: For, depth: int) -> None:
        guards, items = self._writer.value(part.items)
        name = self._writer.constant(part.name)
        if part.otherwise is not None:
            self._line(depth, f"b{depth} = r")
        given = f"({items} if {' and '.join(guards)} else ())" if guards else items
        if part.counted:
            self._line(depth, f"l{depth} = {given}; c{depth} = 0", part.place)
            given = f"l{depth}"
        self._line(depth, f"for i in {given}:", part.place)
        self._line(depth + 1, f"f[{name}] = i; r += 1")
        self._line(depth + 1, f"if r > {MAX_PASSES}: endless()", part.place)
        self._line(depth + 1, f"k.goes_round({_cost(part.body)})", part.place)
        if part.counted:
            self._line(depth + 1, f"c{depth} += 1")
        self._counted.append(depth if part.counted else 0)
        self._tell_pass(depth + 1)
        self._body(part.body, depth + 1)
        self._counted.pop()
        self._line(depth + 1, f"if n > {MAX_OUTPUT}: full()", part.place)
        # What the loop around this one tells of itself may have been written over, by this one or one within.
        self._tell_pass(depth)
        if part.otherwise is not None:
            self._line(depth, f"if r == b{depth}:")
            self._body(part.otherwise, depth + 1)
            self._tell_pass(depth)

    def _tell_pass(self, depth: int) -> None:
        """Let the fields of `loop` say which pass of the innermost loop this is, if it asks for that."""
        loop = self._counted[-1] if self._counted else 0
        if loop:
            values = (f"c{loop}", f"c{loop} == 1", f"c{loop} == len(l{loop})")
            told = (f"f[{path!r}] = {value}" for path, value in zip(LOOP_FIELDS, values, strict=True))
            self._line(depth, "; ".join(told))


def _cost(parts: list[Part]) -> int:
    """Return what a body counts for each time it is written, whatever it reads, without the bodies of loops inside it."""
    cost = _PART_OF_A_LOOP
    for part in parts:
        match part:
            case Put(value=value):
                cost += _cost_of(value)
            case For(items=items, otherwise=otherwise):
                cost += _cost_of(items) + _cost(otherwise or [])
            case If(branches=branches):
                for each in branches:
                    cost += _cost(each.body) + (_cost_of(each.condition) if each.condition is not None else 0)
    return cost


def _cost_of(expression: tree.Node) -> int:
    cost = 0
    for each in tree.walk(expression):
        cost += _PART_OF_A_LOOP
        if isinstance(each, tree.Constant) and isinstance(each.value, str):
            cost += _length(each.value)
    return cost


def _place_of(part: Part) -> Place:
    return part.branches[0].place if isinstance(part, If) else part.place
