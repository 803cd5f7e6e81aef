"""Classification: ordered rules that say what a case is, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from core.config.stored import read_decimal
from core.unknown_names import unknown_name
from data.schema import classifications
from data.transaction import Tx

_NAMES = select(classifications.c.name).where(classifications.c.active == 1).order_by(classifications.c.name)
_RULES = select(classifications.c.rules).where(
    classifications.c.name == bindparam("b_name"), classifications.c.active == 1
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a case gets where a condition holds, and why."""

    when: str
    sets: Mapping[str, object]
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The values that a case gets, and the reasons of the rules that gave one, in order."""

    values: Mapping[str, object]
    reasons: tuple[str, ...]


def rules_of(tx: Tx, name: str) -> tuple[Rule, ...]:
    """Return the rules of a classification, in order.

    Raises:
        NotFound: there is none of that name.
    """
    found = tx.scalar(_RULES, {"b_name": name})
    if found is None:
        raise unknown_name("classification", name, [row.name for row in tx.all(_NAMES)])
    rules = json.loads(found, object_hook=read_decimal)
    return tuple(Rule(each["when"], each["set"], each["reason"]) for each in rules)


def classify(rules: tuple[Rule, ...], holds: Callable[[str], bool]) -> Outcome:
    """Decide what a case gets: each field by the first rule that holds and names it.

    Args:
        holds: whether a condition is true of the case.
    """
    values: dict[str, object] = {}
    reasons: list[str] = []
    for rule in rules:
        new = {name: value for name, value in rule.sets.items() if name not in values}
        if new and holds(rule.when):
            values |= new
            reasons.append(rule.reason)
    return Outcome(values, tuple(reasons))
