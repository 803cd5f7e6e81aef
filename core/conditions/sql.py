"""The SQL twin of a condition: a WHERE clause that finds every case for which it is true, and perhaps some more.

SQL's third truth value is the condition's own: a comparison with NULL is neither true nor false. What SQL cannot say exactly as the
condition does (parts of texts, patterns, sums over fields, calendars) is left open; then `exact` is False, and who searches decides each
row again. `not` is carried down to the comparisons first, so that a part left open never narrows what is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.conditions import compiling, tree
from core.conditions.faults import ConditionFailed
from core.conditions.fields import Field, Vocabulary
from core.conditions.types import Value
from core.conditions.world import World

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS = {"==": "=", "!=": "<>"}
_LONGEST_LIST = 200
_MOST = 2**63


@dataclass(frozen=True, slots=True)
class Where:
    """A clause over `cases c` joined with `records`, with its parameters; `exact` where it finds nothing that the condition would not."""

    clause: str
    records: tuple[str, ...]
    params: Mapping[str, int | str]
    exact: bool


def where_of(node: tree.Node, vocabulary: Vocabulary, world: World) -> Where:
    """Return the clause of a checked condition, at a moment."""
    writer = _Writer(vocabulary, world)
    clause = writer.clause(node, True)
    return Where(clause, tuple(dict.fromkeys(writer.records)), writer.params, writer.exact)


class _Writer:
    def __init__(self, vocabulary: Vocabulary, world: World) -> None:
        self._fields = vocabulary.fields
        self._world = world
        self.params: dict[str, int | str] = {}
        self.records: list[str] = []
        self.exact = True

    def clause(self, node: tree.Node, wanted: bool) -> str:
        match node:
            case tree.Not(part=part):
                return self.clause(part, not wanted)
            case tree.Every(terms=terms) | tree.Either(terms=terms):
                both = isinstance(node, tree.Every) == wanted
                return f"({(' and ' if both else ' or ').join(self.clause(each, wanted) for each in terms)})"
        try:
            found = self._leaf(node, wanted)
        except ConditionFailed:  # the cases that come to this part fail, and not the whole search
            found = None
        if found is None:
            self.exact = False
        return found or "1 = 1"

    def _leaf(self, node: tree.Node, wanted: bool) -> str | None:
        """Return the clause of a part that joins no others, None where SQL cannot say it.

        Raises:
            ConditionFailed: what stands in it cannot be decided.
        """
        match node:
            case tree.IsMissing(part=tree.FieldOf(path=path), negated=negated):
                field = self._fields[path]
                if field.type.kind != "list":
                    return f"{self._read(field)} is {'' if negated != wanted else 'not '}null"
            case tree.Compare():
                return self._comparison(node, wanted)
            case tree.Among():
                return self._among(node, wanted)
            case tree.FieldOf(path=path):
                return f"{self._read(self._fields[path])} = {int(wanted)}"
            case _ if not tree.paths(node):
                value = compiling.value_of(node)({}, self._world)
                return "1 = 1" if value is wanted else "1 = 0"
        return None

    def _comparison(self, node: tree.Compare, wanted: bool) -> str | None:
        sign, left, right = node.sign if wanted else _OPPOSITE[node.sign], node.left, node.right
        if not tree.paths(left) and tree.paths(right):
            sign, left, right = _TURNED[sign], right, left
        if isinstance(left, tree.Call) and left.name == "age" and not tree.paths(right):
            left, sign = left.arguments[0], _TURNED[sign]
            value = self._value(right)
            value = self._world.now - value if isinstance(value, int) else value
        elif isinstance(left, tree.FieldOf) and isinstance(right, tree.FieldOf):
            one, other = self._fields[left.path], self._fields[right.path]
            if one.scale != other.scale:
                return None
            return f"{self._read(one)} {_SIGNS.get(sign, sign)} {self._read(other)}"
        elif not tree.paths(right):
            value = self._value(right)
        else:
            return None
        if not isinstance(left, tree.FieldOf) or (given := self._given(value, self._fields[left.path].scale)) is None:
            return None
        return f"{self._read(self._fields[left.path])} {_SIGNS.get(sign, sign)} {given}"

    def _among(self, node: tree.Among, wanted: bool) -> str | None:
        present = node.negated != wanted
        item, group = node.item, node.group
        if isinstance(group, tree.FieldOf) and isinstance(item, tree.Constant):
            given = self._given(item.value)
            return f"{given} {'' if present else 'not '}in ({self._fields[group.path].sql})"
        if not isinstance(group, tree.ListOf) or not isinstance(item, tree.FieldOf) or len(group.items) > _LONGEST_LIST:
            return None
        scale = self._fields[item.path].scale
        values = [self._given(each.value, scale) for each in group.items if isinstance(each, tree.Constant)]
        if None in values:
            return None
        if not values:  # in an empty list is nothing, yet a missing value is neither in it nor not
            return "1 = 0" if present else f"{self._read(self._fields[item.path])} is not null"
        some = ", ".join(each for each in values if each is not None)
        return f"{self._read(self._fields[item.path])} {'' if present else 'not '}in ({some})"

    def _value(self, node: tree.Node) -> Value:
        return compiling.value_of(node)({}, self._world)

    def _read(self, field: Field) -> str:
        self.records.append(field.record)
        return field.sql

    def _given(self, value: Value, scale: int = 1) -> str | None:
        """Return the parameter of a value, or None where a column cannot be compared with it exactly."""
        if scale != 1 and isinstance(value, int | Decimal):
            value *= scale
        if isinstance(value, Decimal) and value == int(value):
            value = int(value)
        if isinstance(value, bool):
            value = int(value)
        if not isinstance(value, int | str) or (isinstance(value, int) and abs(value) >= _MOST):
            return None
        name = f"k{len(self.params)}"
        self.params[name] = value
        return f"cast(:{name} as {'text' if isinstance(value, str) else 'bigint'})"
