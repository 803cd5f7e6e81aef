"""Offers and what becomes of them: offered, accepted, declined, timed out, revoked. Everything here works on batches.

Each transition is a compare-and-set on the assignment's state. Where a row was changed by somebody else meanwhile the whole
step fails with `LostRace`, and nothing of it remains.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, update

from core import cases
from core.errors import LostRace
from core.events import WorkAccepted, WorkDeclined, WorkOffered, WorkRevoked, WorkTimedOut
from core.routing.choice import Choice
from core.routing.held import Held
from core.routing.loads import count_queues, free_room, offer_room
from core.timers import cancel_timers, set_timers
from data.clock import MICROSECONDS
from data.schema import assignments, offer_exclusions, work_items
from data.text import OutsideText
from data.transaction import Cause, Tx

_INSERT = insert(assignments)
_EXCLUDE = insert(offer_exclusions)
_MOVE_WORK = (
    update(work_items)
    .where(work_items.c.id == bindparam("b_work"), work_items.c.state == bindparam("b_from"))
    .values(state=bindparam("b_to"), ended_at=bindparam("b_ended"))
)
_OFFER_WORK = (
    update(work_items)
    .where(work_items.c.id == bindparam("b_work"), work_items.c.state == "waiting")
    .values(state="offered", next_round_at=None)
)
_ACCEPT = (
    update(assignments)
    .where(assignments.c.id == bindparam("b_id"), assignments.c.state == "offered")
    .values(state="accepted", accepted_at=bindparam("b_now"))
)
_END = (
    update(assignments)
    .where(assignments.c.id == bindparam("b_id"), assignments.c.state == bindparam("b_from"))
    .values(state=bindparam("b_to"), ended_at=bindparam("b_now"), reason=bindparam("b_reason"))
)
DEADLINE = "offer.deadline"


def run_guarded(tx: Tx, statement: Any, rows: list[dict[str, Any]]) -> None:
    """Run a compare-and-set once a row.

    Raises:
        LostRace: a row was no longer as it had been read.
    """
    if rows and tx.execute(statement, rows).rowcount != len(rows):
        raise LostRace


def move_work(tx: Tx, work_ids: Sequence[int], left: str, entered: str, *, ended: bool = False) -> None:
    """Change the state of work items that are all in the state `left`."""
    run_guarded(
        tx,
        _MOVE_WORK,
        [{"b_work": w, "b_from": left, "b_to": entered, "b_ended": tx.now if ended else None} for w in work_ids],
    )


def end_assignments(tx: Tx, held: Sequence[Held], state: str, reason: OutsideText | None = None) -> None:
    """End active assignments in `state`: their capacity is free, their deadlines are off."""
    run_guarded(
        tx,
        _END,
        [
            {"b_id": h.assignment_id, "b_from": h.state, "b_to": state, "b_now": tx.now, "b_reason": reason}
            for h in held
        ],
    )
    free_room(tx, [(h.agent_id, h.weight) for h in held])
    offered = [h.assignment_id for h in held if h.state == "offered" and h.deadline_at is not None]
    cancel_timers(tx, DEADLINE, "assignment", offered)


def offer(tx: Tx, choices: Sequence[Choice], causes: dict[int, Cause]) -> None:
    """Offer work as the router chose; the room is taken at once. Agents who accept automatically have it right away.

    Args:
        choices: what the router decided.
        causes: for each work item, what led to its offer.
    """
    if not choices:
        return
    offer_room(tx, [(c.agent_id, c.work.weight) for c in choices])
    run_guarded(tx, _OFFER_WORK, [{"b_work": c.work.work_id} for c in choices])
    ids = tx.new_ids(assignments, len(choices))
    rows: list[dict[str, Any]] = []
    for assignment_id, choice in zip(ids, choices, strict=True):
        timeout = choice.work.push_timeout_s
        rows.append(
            {
                "id": assignment_id,
                "work_id": choice.work.work_id,
                "agent_id": choice.agent_id,
                "queue_id": choice.work.queue_id,
                "state": "offered",
                "weight": choice.work.weight,
                "round": choice.work.round,
                "offered_at": tx.now,
                "deadline_at": tx.now + timeout * MICROSECONDS if timeout and not choice.auto_accept else None,
                "choice": json.dumps({"eligible": choice.eligible, "best": choice.best}, separators=(",", ":")),
            }
        )
    tx.execute(_INSERT, rows)
    count_queues(tx, [(c.work.queue_id, "waiting", "offered") for c in choices])
    offered: dict[int, Cause] = {}
    for row, choice in zip(rows, choices, strict=True):
        with tx.caused_by(causes.get(choice.work.work_id, tx.cause)):
            tx.record(
                WorkOffered(
                    work_id=choice.work.work_id,
                    case_id=choice.work.case_id,
                    queue_id=choice.work.queue_id,
                    agent_id=choice.agent_id,
                    assignment_id=row["id"],
                )
            )
        offered[row["id"]] = tx.latest
    due = [(r["id"], r["deadline_at"]) for r in rows if r["deadline_at"]]
    set_timers(tx, DEADLINE, "assignment", due, fresh=True, causes=offered)
    automatic = [(row, c) for row, c in zip(rows, choices, strict=True) if c.auto_accept]
    if automatic:
        accept(tx, [_as_held(row, choice) for row, choice in automatic], how="automatic")


def _as_held(row: dict[str, Any], choice: Choice) -> Held:
    key = choice.work.key
    return Held(
        assignment_id=row["id"],
        work_id=choice.work.work_id,
        agent_id=choice.agent_id,
        state="offered",
        weight=choice.work.weight,
        round=choice.work.round,
        case_id=choice.work.case_id,
        queue_id=choice.work.queue_id,
        channel_id=choice.work.channel_id,
        priority=key.priority,
        secondary=key.secondary,
        accept_by=key.accept_by,
        requested_at=key.requested_at,
        full_weight=choice.work.weight,
        offered_at=row["offered_at"],
        accepted_at=None,
        opened_at=None,
        deadline_at=row["deadline_at"],
    )


def accept(tx: Tx, held: Sequence[Held], how: str = "accepted") -> None:
    """Turn offers into accepted work: the agent owns the case.

    Args:
        held: assignments in state `offered`.
        how: `accepted` by the agent, or `automatic`.

    Raises:
        LostRace: an offer was no longer open.
    """
    if not held:
        return
    run_guarded(tx, _ACCEPT, [{"b_id": h.assignment_id, "b_now": tx.now} for h in held])
    move_work(tx, [h.work_id for h in held], "offered", "accepted")
    count_queues(tx, [(h.queue_id, "offered", "accepted") for h in held])
    cancel_timers(tx, DEADLINE, "assignment", [h.assignment_id for h in held if h.deadline_at is not None])
    for h in held:
        tx.record(
            WorkAccepted(
                work_id=h.work_id,
                case_id=h.case_id,
                queue_id=h.queue_id,
                agent_id=h.agent_id,
                assignment_id=h.assignment_id,
                how=how,
            )
        )
    cases.take_over(tx, [(h.case_id, h.agent_id) for h in held])


def _back_in_line(tx: Tx, held: Sequence[Held], state: str, reason: OutsideText | None = None) -> None:
    end_assignments(tx, held, state, reason)
    move_work(tx, [h.work_id for h in held], "offered", "waiting")
    count_queues(tx, [(h.queue_id, "offered", "waiting") for h in held])


def _exclude(tx: Tx, held: Sequence[Held], why: str) -> None:
    tx.execute(_EXCLUDE, [{"work_id": h.work_id, "agent_id": h.agent_id, "round": h.round, "why": why} for h in held])


def decline(tx: Tx, held: Held, reason: OutsideText | None) -> None:
    """Take back an offer that its agent does not want; the item keeps its age, and the agent is not asked again in this round."""
    _back_in_line(tx, [held], "declined", reason)
    _exclude(tx, [held], "declined")
    tx.record(
        WorkDeclined(
            work_id=held.work_id, case_id=held.case_id, queue_id=held.queue_id, agent_id=held.agent_id, reason=reason
        )
    )


def time_out(tx: Tx, held: Held) -> None:
    """Take back an offer that was not answered in time; the agent is not asked again in this round."""
    _back_in_line(tx, [held], "timed_out")
    _exclude(tx, [held], "timed_out")
    tx.record(WorkTimedOut(work_id=held.work_id, case_id=held.case_id, queue_id=held.queue_id, agent_id=held.agent_id))


def revoke(tx: Tx, held: Sequence[Held], why: str) -> None:
    """Take back offers without a mark against the agent: the items go back in line with their age.

    Args:
        held: assignments in state `offered`.
        why: in a word or two, for the history: `offline`, `busy`, `connection lost`, `assigned by hand`.
    """
    if not held:
        return
    _back_in_line(tx, held, "revoked")
    for h in held:
        tx.record(WorkRevoked(work_id=h.work_id, case_id=h.case_id, queue_id=h.queue_id, agent_id=h.agent_id, why=why))
