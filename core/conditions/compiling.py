"""From a checked tree to a Python function, so that a condition costs little more than the same expression in Python.

Where a value is missing, what depends on it is neither true nor false. Python's `and`, `or` and `not` do not know that third case, so two
functions are made: one that says whether the condition is true, one whether it is false; `not` turns each into the other, down to the
comparisons, which are neither where a field is missing. Where such a part is a value itself, as in `(… or …) == true`, it is written once
with all three cases, or each level of it would double what is written and run.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.conditions import tree
from core.conditions.faults import ConditionFailed
from core.conditions.functions import FUNCTIONS
from core.conditions.types import Facts, Value
from core.conditions.world import World

Decides = Callable[[Facts, World], bool]
Gives = Callable[[Facts, World], Value]
_SHORT = 100
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def true_of(node: tree.Node) -> Decides:
    """Return the function that says whether a condition is true."""
    writer = Writer()
    return _deciding(writer.function(writer.holds(node, True)))


def false_of(node: tree.Node) -> Decides:
    """Return the function that says whether a condition is false, which is not the same as not true."""
    writer = Writer()
    return _deciding(writer.function(writer.holds(node, False)))


def value_of(node: tree.Node) -> Gives:
    """Return the function that gives a value, None where it is missing."""
    writer = Writer()
    guards, given = writer.value(node)
    return writer.function(f"{given} if {' and '.join(guards)} else None" if guards else given)


def _deciding(function: Gives) -> Decides:
    return function  # type: ignore[return-value]  # what `holds` writes is true or false


def _divided(one: int | Decimal, other: int | Decimal) -> int | Decimal:
    if other == 0:
        raise ConditionFailed(why="a number is divided by zero")
    found = Decimal(one) / Decimal(other)
    return int(found) if found == int(found) else found


def _values(items: tuple[tree.Node, ...]) -> tuple[Value, ...]:
    return tuple(each.value for each in items if isinstance(each, tree.Constant))


class Writer:
    """Writes the source of one function. Only names that it makes itself stand in it: values are handed in beside it."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {"divided": _divided}
        self._locals = 0

    def function(self, expression: str) -> Gives:
        """Return the function of an expression."""
        function: Gives = self.made("decide", f"def decide(f, w):\n return {expression}")
        return function

    def hand_in(self, **names: Any) -> None:
        """Let sources know more names."""
        self._names.update(names)

    def made(self, name: str, source: str) -> Any:
        """Return the function of that name that a source defines; it knows the names of this writer and nothing else."""
        names: dict[str, Any] = {"__builtins__": {}, **self._names}
        exec(compile(source, f"<{name}>", "exec"), names)  # noqa: S102 - of names that were made here
        return names[name]

    def holds(self, node: tree.Node, wanted: bool) -> str:
        """Write whether a part is true, or false where that is wanted."""
        match node:
            case tree.Not(part=part):
                return self.holds(part, not wanted)
            case tree.Every(terms=terms):
                return f"({(' and ' if wanted else ' or ').join(self.holds(each, wanted) for each in terms)})"
            case tree.Either(terms=terms):
                return f"({(' or ' if wanted else ' and ').join(self.holds(each, wanted) for each in terms)})"
            case tree.IsMissing(part=part, negated=negated):
                guards, _given = self.value(part)
                there = f"({' and '.join(guards)})" if guards else "True"
                return there if negated == wanted else f"(not {there})"
            case tree.Compare(sign=sign, left=left, right=right):
                before, one = self.value(left)
                more, other = self.value(right)
                return self._all([*before, *more, f"{one} {sign if wanted else _OPPOSITE[sign]} {other}"])
            case tree.Among(item=item, group=group, negated=negated):
                before, one = self.value(item)
                more, some = self._group(group)
                joined = "in" if negated != wanted else "not in"
                return self._all([*before, *more, f"{one} {joined} {some}"])
        guards, given = self.value(node)
        return self._all([*guards, given if wanted else f"not {given}"])

    def value(self, node: tree.Node) -> tuple[list[str], str]:
        """Write what must be there for a value to be there, and the value itself."""
        match node:
            case tree.Constant(value=value):
                return [], self.constant(value)
            case tree.ListOf(items=items):
                return [], self.constant(_values(items))
            case tree.FieldOf(path=path):
                name = self._local()
                return [f"({name} := f[{self.constant(path)}]) is not None"], name
            case tree.Sum(sign=sign, left=left, right=right):
                before, one = self.value(left)
                more, other = self.value(right)
                given = f"divided({one}, {other})" if sign == "/" else f"({one} {sign} {other})"
                if node.type.kind == "duration" and sign == "*":
                    given = f"{self.constant(int)}{given}"
                return [*before, *more], given
            case tree.Call(name=name, arguments=arguments):
                if name == "default":
                    return self._default(*arguments)
                function = FUNCTIONS[name]
                guards: list[str] = []
                given_ones = ["w"] if function.in_world else []
                for at, each in enumerate(arguments):
                    if function.prepared and at in function.constant and isinstance(each, tree.Constant):
                        given_ones.append(self.constant(function.prepared(each.value)))
                        continue
                    more, given = self.value(each)
                    guards += more
                    given_ones.append(given)
                return guards, self.called(node, given_ones)
        name = self._local()
        return [f"({name} := {self._verdict(node)}) is not None"], name

    def called(self, node: tree.Call, given: list[str]) -> str:
        """Write the call of a function with what it is given."""
        return f"{self.constant(FUNCTIONS[node.name].call)}({', '.join(given)})"

    def _group(self, node: tree.Node) -> tuple[list[str], str]:
        """Write a list in which something is looked for: one that stands in the text as a set, whatever its length."""
        if isinstance(node, tree.ListOf):
            return [], self.constant(frozenset(_values(node.items)))
        return self.value(node)

    def _default(self, wanted: tree.Node, other: tree.Node) -> tuple[list[str], str]:
        """Write a value, and another one where it is missing."""
        before, one = self.value(wanted)
        more, instead = self.value(other)
        if not before:
            return [], one
        if not more:
            return [], f"({one} if {' and '.join(before)} else {instead})"
        name = self._local()
        otherwise = f"{instead} if {' and '.join(more)} else None"
        return [f"({name} := ({one} if {' and '.join(before)} else {otherwise})) is not None"], name

    def _verdict(self, node: tree.Node) -> str:
        """Write what a part that is true or false comes to: True, False, or None."""
        match node:
            case tree.Not(part=part):
                name = self._local()
                return f"(None if ({name} := {self._verdict(part)}) is None else not {name})"
            case tree.Every(terms=terms) | tree.Either(terms=terms):
                decides = "False" if isinstance(node, tree.Every) else "True"
                names = [self._local() for _ in terms]
                decided = " or ".join(
                    f"({name} := {self._verdict(each)}) is {decides}" for name, each in zip(names, terms, strict=True)
                )
                unknown = " or ".join(f"{name} is None" for name in names)
                return f"({decides} if {decided} else None if {unknown} else not {decides})"
            case tree.IsMissing():
                return self.holds(node, True)
            case tree.Compare(sign=sign, left=left, right=right):
                before, one = self.value(left)
                more, other = self.value(right)
                return self._given([*before, *more], f"{one} {sign} {other}")
            case tree.Among(item=item, group=group, negated=negated):
                before, one = self.value(item)
                more, some = self._group(group)
                return self._given([*before, *more], f"{one} {'not in' if negated else 'in'} {some}")
        return self._given(*self.value(node))

    def _given(self, guards: list[str], given: str) -> str:
        return f"(({given}) if {' and '.join(guards)} else None)" if guards else f"({given})"

    def _local(self) -> str:
        self._locals += 1
        return f"x{self._locals}"

    def constant(self, value: Any) -> str:
        """Write a value: as it is where it is short and plain, else by a name under which it is handed in."""
        if isinstance(value, int):
            return f"({value})"
        if type(value) is str and len(value) < _SHORT:
            return repr(value)
        name = f"k{len(self._names)}"
        self._names[name] = value
        return name

    def _all(self, parts: list[str]) -> str:
        return f"({' and '.join(parts)})" if len(parts) > 1 else parts[0]
