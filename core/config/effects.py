"""What a change of the configuration means for what the desk holds: cases with what is taken away, work and people in what leaves.

Nothing of it stands in the way of a change; an admin wants to know it before. Only asked for: each question is answered by an index,
except what type cases are of.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy import text as sql

from core.config.filled import cases_with_values
from core.config.plan import Change
from data.schema import (
    agents,
    assignments,
    case_tags,
    case_values,
    cases,
    custom_fields,
    presence_intervals,
    presence_statuses,
    queue_loads,
    queues,
)
from data.schema.work import ACTIVE_ASSIGNMENT
from data.transaction import Tx

_COUNT = func.count().label("held")
What = Literal["tag", "type", "choice", "no choice", "field", "agent", "queue", "status"]
_LISTS: dict[str, tuple[What, Any]] = {"tags": ("tag", case_tags.c.tag), "case_types": ("type", cases.c.case_type)}


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that the desk holds and a change concerns.

    Args:
        what: what is taken away, or `no choice` where the texts in a field are none of the choices that it gets.
        name: the tag, type, choice, agent, queue or status; of `field` and `no choice` the field.
        count: how many cases, pieces of work or agents.
        field: the field that a choice is one of.
    """

    what: What
    name: str
    count: int
    field: str = ""


def effects(tx: Tx, changes: Iterable[Change]) -> list[Effect]:
    """Return what changes that are not made yet mean for what the desk holds, in their order."""
    return [each for change in changes for each in _of_change(tx, change) if each.count]


def _of_change(tx: Tx, change: Change) -> Iterator[Effect]:
    match change.section, change.kind:
        case "desk", _:
            yield from _of_desk(tx, change)
        case "fields", "remove":
            row = _row(tx, custom_fields, change.name)
            yield Effect("field", change.name, cases_with_values(tx, row.id))
        case "fields", _:
            yield from _of_choices(tx, change)
        case "agents", "remove":
            yield Effect("agent", change.name, _in_hands(tx, change.name))
        case "queues", "remove":
            yield Effect("queue", change.name, _in_line(tx, change.name))
        case "presence_statuses", "remove":
            yield Effect("status", change.name, _present(tx, change.name))


def _of_desk(tx: Tx, change: Change) -> Iterator[Effect]:
    for field in change.fields:
        gone = [each for each in field.old or () if each not in field.new] if field.field in _LISTS else []
        if gone:
            what, column = _LISTS[field.field]
            found = tx.all(select(column.label("name"), _COUNT).where(column.in_(gone)).group_by(column))
            counts = {row.name: row.held for row in found}
            yield from (Effect(what, each, counts.get(each, 0)) for each in gone)


def _of_choices(tx: Tx, change: Change) -> Iterator[Effect]:
    row = _row(tx, custom_fields, change.name)
    new = {field.field: field.new for field in change.fields}
    choices = new.get("choices")
    if row is None or not choices:
        return
    if not row.kind.startswith("choice"):
        yield Effect("no choice", change.name, _without_choice(tx, row.id, choices))
        return
    gone = [each for each in json.loads(row.choices) if each not in choices]
    counts = _with_choices(tx, row.id, gone)
    yield from (Effect("choice", each, counts.get(each, 0), change.name) for each in gone)


def _with_choices(tx: Tx, field_id: int, choices: Collection[str]) -> dict[str, int]:
    """How many cases have each of some choices in a field."""
    if not choices:
        return {}
    chosen = select(case_values.c.text, _COUNT).where(
        case_values.c.field_id == field_id, case_values.c.text.in_(choices)
    )
    return {row.text.raw: row.held for row in tx.all(chosen.group_by(case_values.c.text))}


def _without_choice(tx: Tx, field_id: int, choices: Collection[str]) -> int:
    """How many cases have a text in a field that is none of the choices."""
    others = select(func.count()).where(case_values.c.field_id == field_id, case_values.c.text.not_in(choices))
    return int(tx.scalar(others) or 0)


def _in_hands(tx: Tx, agent: str) -> int:
    """What an agent is offered or works on: what is wrapped up ends with the agent."""
    held = select(func.count()).join(agents, agents.c.id == assignments.c.agent_id).select_from(assignments)
    held = held.where(agents.c.name == agent, assignments.c.state != "wrapping")
    # In the words of the partial index, or it would not be used.
    return int(tx.scalar(held.where(sql("assignments." + ACTIVE_ASSIGNMENT))) or 0)


def _in_line(tx: Tx, queue: str) -> int:
    """What waits in a queue or is offered from it: what is accepted stays in its hands."""
    line = select(queue_loads.c.waiting + queue_loads.c.offered).join(queues, queues.c.id == queue_loads.c.queue_id)
    return int(tx.scalar(line.where(queues.c.name == queue)) or 0)


def _present(tx: Tx, status: str) -> int:
    current = select(func.count()).where(presence_intervals.c.ended_at.is_(None))
    current = current.join(presence_statuses, presence_statuses.c.id == presence_intervals.c.status_id)
    return int(tx.scalar(current.select_from(presence_intervals).where(presence_statuses.c.name == status)) or 0)


def _row(tx: Tx, table: Any, name: str) -> Any:
    return tx.first(select(table).where(table.c.name == name))
