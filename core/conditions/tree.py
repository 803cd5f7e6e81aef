"""What a condition consists of, and nothing else: whatever is not named here does not exist in the language.

Conditions and templates are both read into this tree. `type` is filled by `checking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from core.conditions.faults import Place
from core.conditions.types import MISSING, Type, Value

Comparison = Literal["==", "!=", "<", "<=", ">", ">="]
Arithmetic = Literal["+", "-", "*", "/"]


@dataclass(slots=True)
class Node:
    """A part of a condition, with its place in the text."""

    place: Place
    type: Type = field(default=MISSING, init=False)

    def parts(self) -> tuple[Node, ...]:
        """Return the parts directly below."""
        return ()


@dataclass(slots=True)
class Constant(Node):
    """A value that stands in the text."""

    value: Value


@dataclass(slots=True)
class FieldOf(Node):
    """A field by its path, such as `case.priority`."""

    path: str


@dataclass(slots=True)
class ListOf(Node):
    """Values in brackets."""

    items: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        """Return the items."""
        return self.items


@dataclass(slots=True)
class Not(Node):
    """The opposite of a part."""

    part: Node

    def parts(self) -> tuple[Node, ...]:
        """Return the one part."""
        return (self.part,)


@dataclass(slots=True)
class Every(Node):
    """Parts joined by `and`."""

    terms: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        """Return the terms."""
        return self.terms


@dataclass(slots=True)
class Either(Node):
    """Parts joined by `or`."""

    terms: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        """Return the terms."""
        return self.terms


@dataclass(slots=True)
class Compare(Node):
    """Two values compared."""

    sign: Comparison
    left: Node
    right: Node

    def parts(self) -> tuple[Node, ...]:
        """Return both sides."""
        return (self.left, self.right)


@dataclass(slots=True)
class Among(Node):
    """Whether a value is in a list; `negated` for `not in`."""

    item: Node
    group: Node
    negated: bool

    def parts(self) -> tuple[Node, ...]:
        """Return the value and the list."""
        return (self.item, self.group)


@dataclass(slots=True)
class IsMissing(Node):
    """Whether a value is missing; `negated` for `is not missing`."""

    part: Node
    negated: bool

    def parts(self) -> tuple[Node, ...]:
        """Return the one part."""
        return (self.part,)


@dataclass(slots=True)
class Sum(Node):
    """Two values joined by a sign of arithmetic."""

    sign: Arithmetic
    left: Node
    right: Node

    def parts(self) -> tuple[Node, ...]:
        """Return both sides."""
        return (self.left, self.right)


@dataclass(slots=True)
class Call(Node):
    """A function with its arguments."""

    name: str
    arguments: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        """Return the arguments."""
        return self.arguments


def walk(node: Node) -> Iterator[Node]:
    """Yield a part and everything below it."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(each.parts()))


def paths(node: Node) -> frozenset[str]:
    """Return the fields that a condition speaks of."""
    return frozenset(each.path for each in walk(node) if isinstance(each, FieldOf))


_JOINED, _COMPARED, _ADDED, _MULTIPLIED = 1, 2, 3, 4
_BINDING = {"+": _ADDED, "-": _ADDED, "*": _MULTIPLIED, "/": _MULTIPLIED}


def written(node: Node, around: int = 0) -> str:
    """Return a part as it is written, in one form for each meaning.

    Args:
        around: how tightly what it stands in holds its parts: brackets go around what holds no tighter.
    """
    match node:
        case Constant(value=bool() as value):
            return "true" if value else "false"
        case Constant(value=str() as value):
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        case Constant(value=Decimal() as value):
            return format(value, "f")  # never with an exponent, which is not read
        case Constant(value=value):
            return str(value)
        case FieldOf(path=path):
            return path
        case ListOf(items=items):
            return f"[{', '.join(map(written, items))}]"
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(written, arguments))})"
        case Every(terms=terms) | Either(terms=terms):
            holds = _JOINED
            text = (" and " if isinstance(node, Every) else " or ").join(written(each, _JOINED) for each in terms)
        case Not(part=part):
            holds, text = _COMPARED, f"not {written(part, _JOINED)}"
        case Compare(sign=sign, left=left, right=right):
            holds, text = _COMPARED, f"{written(left, _COMPARED)} {sign} {written(right, _COMPARED)}"
        case Among(item=item, group=group, negated=negated):
            word = "not in" if negated else "in"
            holds, text = _COMPARED, f"{written(item, _COMPARED)} {word} {written(group, _COMPARED)}"
        case IsMissing(part=part, negated=negated):
            holds, text = _COMPARED, f"{written(part, _COMPARED)} is {'not ' if negated else ''}missing"
        case Sum(sign=sign, left=left, right=right):
            holds = _BINDING[sign]
            # Of two that hold alike the left one comes first anyway.
            text = f"{written(left, holds - 1)} {sign} {written(right, holds)}"
        case _:
            raise TypeError(f"no part of a condition: {node!r}")
    return f"({text})" if around >= holds else text
