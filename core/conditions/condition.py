"""A condition, read and checked once and decided many times."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.conditions import compiling, tree
from core.conditions.checking import check_condition
from core.conditions.faults import ConditionFailed, ConditionRefused, Fault, Faulty
from core.conditions.fields import Vocabulary
from core.conditions.reading import read
from core.conditions.types import FLAG, Facts, Value
from core.conditions.world import World


@dataclass(frozen=True)
class Term:
    """One comparison of a condition with what it came to.

    `verdict` is None where a value is missing, or where it cannot be decided; then `why` says why not.
    """

    text: str
    verdict: bool | None
    values: tuple[tuple[str, Value], ...]
    why: str = ""


class Condition:
    """One condition. It is true, false, or neither: unknown, where a value it needs is missing."""

    def __init__(self, text: str, root: tree.Node) -> None:
        self.text = text
        self.root = root
        self.paths = tree.paths(root)
        self.holds = compiling.true_of(root)
        """Whether it is true, from the facts and the world. Facts hold every path in `paths`, None for what is missing."""

    @classmethod
    def read(cls, text: str, vocabulary: Vocabulary, calendars: Collection[str] | None = None) -> Condition:
        """Return the condition in a text.

        Args:
            calendars: the names of the desk's calendars; None where they are not known.

        Raises:
            ConditionRefused: it is no condition, or speaks of what there is not.
        """
        fault = fault_of(text, vocabulary, calendars)
        if isinstance(fault, Fault):
            raise ConditionRefused((fault,))
        return cls(text, fault)

    @classmethod
    def all_of(cls, conditions: Sequence[Condition]) -> Condition:
        """Return the condition that is true where each of some is, at least one."""
        root = tree.Every(conditions[0].root.place, tuple(each.root for each in conditions))
        root.type = FLAG
        return cls(" and ".join(f"({each.text})" for each in conditions), root)

    @cached_property
    def _fails(self) -> compiling.Decides:
        return compiling.false_of(self.root)

    def verdict(self, facts: Facts, world: World) -> bool | None:
        """Say whether it is true or false; None where that depends on what is missing."""
        return True if self.holds(facts, world) else False if self._fails(facts, world) else None

    def terms(self, facts: Facts, world: World) -> tuple[Term, ...]:
        """Return each comparison with its values and what it came to, in the order of the text."""
        return tuple(_term(each, facts, world) for each in _leaves(self.root))


def fault_of(text: str, vocabulary: Vocabulary, calendars: Collection[str] | None = None) -> Fault | tree.Node:
    """Return what is wrong with a condition, or its checked tree."""
    try:
        root = read(text)
        check_condition(root, vocabulary, calendars)
    except Faulty as faulty:
        return faulty.fault
    return root


def _term(node: tree.Node, facts: Facts, world: World) -> Term:
    """Decide one comparison by itself, also one that the condition did not get to, and that cannot be decided."""
    text, values = tree.written(node), tuple((path, facts[path]) for path in sorted(tree.paths(node)))
    try:
        if compiling.true_of(node)(facts, world):
            return Term(text, True, values)
        return Term(text, False if compiling.false_of(node)(facts, world) else None, values)
    except ConditionFailed as error:
        return Term(text, None, values, str(error.params["why"]))


def _leaves(root: tree.Node) -> list[tree.Node]:
    """Return the comparisons of a condition, below all `and`, `or` and `not`."""
    found: list[tree.Node] = []
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, tree.Not | tree.Every | tree.Either):
            waiting.extend(reversed(each.parts()))
        else:
            found.append(each)
    return found
