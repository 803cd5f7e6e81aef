"""Work in somebody's hands, as one row: the assignment with its work item. What the transitions of `core.routing` start from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy import text as sql

from data.schema import assignments, work_items
from data.schema.work import ACTIVE_ASSIGNMENT
from data.transaction import Tx


class Held(NamedTuple):
    """An active assignment: `state` is offered, accepted or wrapping. Times in microseconds, weight in thousandths."""

    assignment_id: int
    work_id: int
    agent_id: int
    state: str
    weight: int
    round: int
    case_id: int
    queue_id: int
    channel_id: int
    priority: int
    secondary: int
    accept_by: int
    requested_at: int
    full_weight: int
    offered_at: int
    accepted_at: int | None
    opened_at: int | None
    deadline_at: int | None


_HELD: Select[Any] = (
    select(
        assignments.c.id,
        assignments.c.work_id,
        assignments.c.agent_id,
        assignments.c.state,
        assignments.c.weight,
        assignments.c.round,
        work_items.c.case_id,
        work_items.c.queue_id,
        work_items.c.channel_id,
        work_items.c.priority,
        work_items.c.secondary,
        work_items.c.accept_by,
        work_items.c.requested_at,
        work_items.c.weight.label("full_weight"),
        assignments.c.offered_at,
        assignments.c.accepted_at,
        assignments.c.opened_at,
        assignments.c.deadline_at,
    )
    .join(work_items, work_items.c.id == assignments.c.work_id)
    .where(sql("assignments." + ACTIVE_ASSIGNMENT))
    .order_by(assignments.c.id)
    .with_for_update(of=assignments)
)
_BY_WORK = _HELD.where(assignments.c.work_id.in_(bindparam("b_ids", expanding=True)))
_BY_ASSIGNMENT = _HELD.where(assignments.c.id.in_(bindparam("b_ids", expanding=True)))
_BY_AGENT = _HELD.where(assignments.c.agent_id == bindparam("b_agent"))
_BY_CASE = _HELD.where(work_items.c.case_id == bindparam("b_case"))


def held_work(tx: Tx, work_ids: Iterable[int]) -> Sequence[Held]:
    """Return the active assignments of work items."""
    return [Held._make(row) for row in tx.all(_BY_WORK, {"b_ids": list(work_ids)})]


def held_assignments(tx: Tx, assignment_ids: Iterable[int]) -> Sequence[Held]:
    """Return those of the assignments that are active."""
    return [Held._make(row) for row in tx.all(_BY_ASSIGNMENT, {"b_ids": list(assignment_ids)})]


def held_by(tx: Tx, agent_id: int) -> Sequence[Held]:
    """Return everything that an agent is offered, works on or wraps up."""
    return [Held._make(row) for row in tx.all(_BY_AGENT, {"b_agent": agent_id})]


def held_for_case(tx: Tx, case_id: int) -> Held | None:
    """Return who has a case's work in hands, if anybody."""
    row = tx.first(_BY_CASE, {"b_case": case_id})
    return None if row is None else Held._make(row)
