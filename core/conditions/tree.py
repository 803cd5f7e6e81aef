"""What a condition consists of, and nothing else: whatever is not named here does not exist in the language.

Conditions and templates are both read into this tree. `type` is filled by `checking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
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


_BINDING = {"*": 3, "/": 3, "+": 2, "-": 2}


def written(node: Node, around: int = 0) -> str:
    """Return a part as it is written, in one form for each meaning."""
    match node:
        case Constant(value=bool() as value):
            return "true" if value else "false"
        case Constant(value=str() as value):
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        case Constant(value=value):
            return str(value)
        case FieldOf(path=path):
            return path
        case ListOf(items=items):
            return f"[{', '.join(map(written, items))}]"
        case Not(part=part):
            return f"not {written(part, 1)}"
        case Every(terms=terms) | Either(terms=terms):
            joined = (" and " if isinstance(node, Every) else " or ").join(written(each, 1) for each in terms)
            return f"({joined})" if around else joined
        case Compare(sign=sign, left=left, right=right):
            return f"{written(left, 1)} {sign} {written(right, 1)}"
        case Among(item=item, group=group, negated=negated):
            return f"{written(item, 1)} {'not in' if negated else 'in'} {written(group, 1)}"
        case IsMissing(part=part, negated=negated):
            return f"{written(part, 1)} is {'not ' if negated else ''}missing"
        case Sum(sign=sign, left=left, right=right):
            binding = _BINDING[sign]
            joined = f"{written(left, binding)} {sign} {written(right, binding + 1)}"
            return f"({joined})" if around > binding else joined
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(written, arguments))})"
    return ""
