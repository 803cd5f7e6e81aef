"""Work items outside an offer's life: entering the line, ending, moving to another queue or hand, counting less while paused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from core import cases, settings
from core.errors import NotFound
from core.events import (
    CaseChanged,
    WorkAccepted,
    WorkCancelled,
    WorkClosed,
    WorkQueued,
    WorkReweighed,
    WorkRoundExhausted,
    WorkRoundStarted,
    WorkTransferred,
    WorkWrapping,
)
from core.routing.board import Waiting
from core.routing.choice import round_pause_s
from core.routing.held import Held, held_for_case
from core.routing.loads import count_queues, reweigh_room, take_room
from core.routing.offers import end_assignments, move_work, revoke, run_guarded
from core.timers import cancel_timers, set_timers
from data.clock import FAR_FUTURE, MICROSECONDS
from data.schema import (
    agents,
    assignments,
    channels,
    presence_configurations,
    queues,
    routing_configurations,
    work_items,
)
from data.schema import cases as case_table
from data.transaction import Cause, Tx

ROUND = "work.round"
WRAP_UP = "work.wrap_up"

_RULES = (
    select(
        queues.c.id,
        queues.c.active,
        routing_configurations.c.priority,
        routing_configurations.c.weight,
    )
    .join(routing_configurations, routing_configurations.c.id == queues.c.routing_configuration_id, isouter=True)
    .where(queues.c.id == bindparam("b_queue"))
)
_CHANNEL = select(channels).where(channels.c.id == bindparam("b_channel"))
_INSERT = insert(work_items)
_INSERT_ASSIGNMENT = insert(assignments)
_LINE_OF_CASE = select(
    work_items.c.id, work_items.c.case_id, work_items.c.queue_id, work_items.c.weight, work_items.c.round
).where(work_items.c.case_id == bindparam("b_case"), work_items.c.state == "waiting")
_IN_LINE = select(work_items).where(
    work_items.c.case_id == bindparam("b_case"), work_items.c.state.in_(("waiting", "offered"))
)
_RESTS = (
    select(case_table.c.status, queues.c.name)
    .join(queues, queues.c.id == case_table.c.queue_id, isouter=True)
    .where(case_table.c.id == bindparam("b_case"), case_table.c.status == "on_hold")
)
_QUEUE_NAME = select(queues.c.name).where(queues.c.id == bindparam("b_queue"))
_WRAP = (
    update(assignments)
    .where(assignments.c.id == bindparam("b_id"), assignments.c.state == "accepted")
    .values(state="wrapping", wrap_up_until=bindparam("b_until"))
)
_REWEIGH = update(assignments).where(assignments.c.id == bindparam("b_id")).values(weight=bindparam("b_weight"))
_PAUSED = select(case_table.c.id).where(
    case_table.c.id.in_(bindparam("b_ids", expanding=True)), case_table.c.status.in_(cases.PAUSED)
)
_OPENED = (
    update(assignments)
    .where(assignments.c.id == bindparam("b_id"), assignments.c.opened_at.is_(None))
    .values(opened_at=bindparam("b_now"))
)
_PAUSE_ROUND = (
    update(work_items)
    .where(work_items.c.id == bindparam("b_work"), work_items.c.state == "waiting")
    .values(next_round_at=bindparam("b_until"))
)
_NEXT_ROUND = (
    update(work_items)
    .where(work_items.c.id == bindparam("b_work"), work_items.c.state == "waiting")
    .values(round=work_items.c.round + 1, next_round_at=None)
)
_QUEUE_BY_NAME = select(queues.c.id).where(queues.c.name == bindparam("b_name"), queues.c.active == 1)
_CHANNEL_FALLBACK = (
    select(channels.c.fallback_queue_id)
    .join(queues, queues.c.id == channels.c.fallback_queue_id)
    .where(channels.c.id == bindparam("b_id"), queues.c.active == 1)
)
_ANY_QUEUE = (
    select(queues.c.id)
    .where(queues.c.routing_configuration_id.is_not(None), queues.c.active == 1)
    .order_by(queues.c.id)
    .limit(1)
)
_WRAP_UP_S = (
    select(presence_configurations.c.wrap_up_s)
    .join(agents, agents.c.presence_configuration_id == presence_configurations.c.id)
    .where(agents.c.id == bindparam("b_agent"))
)


def fallback_queue(tx: Tx, channel_id: int) -> int | None:
    """Return where work of a channel goes when nothing else says so: the channel's, the desk's, or any queue that routes."""
    found: int | None = tx.scalar(_CHANNEL_FALLBACK, {"b_id": channel_id})
    if found is None:
        found = tx.scalar(_QUEUE_BY_NAME, {"b_name": settings.get(tx, "fallback_queue")})
    if found is None:
        found = tx.scalar(_ANY_QUEUE)
    return found


def enqueue(
    tx: Tx,
    case_id: int,
    channel_id: int,
    queue_id: int,
    *,
    why: str,
    successor_of: Held | Row[Any] | None = None,
) -> int:
    """Put a case's work into a queue's line and return the work item's id; where the queue was taken away, into the fallback queue's.

    A case on hold only notes the queue, and 0 is returned: its date brings it into that line.

    Args:
        why: in a word or two, for the history: `arrived`, `transferred`, `reopened`.
        successor_of: the work that this one replaces: it keeps its priority and age.

    Raises:
        NotFound: there is no such queue.
    """
    resting = tx.first(_RESTS, {"b_case": case_id})
    if resting is None:
        return _join_line(tx, case_id, channel_id, queue_id, why, successor_of)
    name = tx.scalar(_QUEUE_NAME, {"b_queue": queue_id})
    if resting.name != name:
        cases.set_queue(tx, case_id, queue_id)
        tx.record(CaseChanged(case_id=case_id, name="queue", old=resting.name, new=name))
    return 0


def _join_line(
    tx: Tx, case_id: int, channel_id: int, queue_id: int, why: str, successor_of: Held | Row[Any] | None = None
) -> int:
    rules = tx.first(_RULES, {"b_queue": queue_id})
    if rules is None:
        raise NotFound(what="queue", which=str(queue_id))
    if not rules.active:
        fallback = fallback_queue(tx, channel_id)
        if fallback is not None and fallback != queue_id:
            return _join_line(tx, case_id, channel_id, fallback, why, successor_of)
    channel = tx.first(_CHANNEL, {"b_channel": channel_id})
    if channel is None:
        raise NotFound(what="channel", which=str(channel_id))
    work_id = tx.new_id(work_items)
    tx.execute(
        _INSERT,
        {
            "id": work_id,
            "kind": "case",
            "subject_id": case_id,
            "case_id": case_id,
            "channel_id": channel_id,
            "queue_id": queue_id,
            "state": "waiting",
            "priority": successor_of.priority if successor_of else (rules.priority or 0),
            "secondary": successor_of.secondary if successor_of else 0,
            "accept_by": successor_of.accept_by if successor_of else FAR_FUTURE,
            "requested_at": successor_of.requested_at if successor_of else tx.now,
            "weight": rules.weight or channel.weight,
            "round": 1,
            "created_at": tx.now,
        },
    )
    count_queues(tx, [(queue_id, None, "waiting")])
    cases.set_queue(tx, case_id, queue_id)
    tx.record(WorkQueued(work_id=work_id, case_id=case_id, queue_id=queue_id, why=why))
    return work_id


def move(tx: Tx, case_id: int, queue_id: int, why: str) -> None:
    """Send a case's waiting or offered work to the line of another queue, with the priority and age that it has."""
    row = tx.first(_IN_LINE, {"b_case": case_id})
    if row is not None:
        cancel_waiting(tx, case_id, why)
        enqueue(tx, case_id, row.channel_id, queue_id, why=why, successor_of=row)


def cancel_waiting(tx: Tx, case_id: int, why: str) -> None:
    """Take a case's waiting or offered work out of the line: nobody needs to do it any more."""
    held = held_for_case(tx, case_id)
    if held is not None and held.state == "offered":
        end_assignments(tx, [held], "cancelled")
        move_work(tx, [held.work_id], "offered", "cancelled", ended=True)
        count_queues(tx, [(held.queue_id, "offered", None)])
        tx.record(
            WorkCancelled(
                work_id=held.work_id, case_id=case_id, queue_id=held.queue_id, agent_id=held.agent_id, why=why
            )
        )
    for row in tx.all(_LINE_OF_CASE, {"b_case": case_id}):
        move_work(tx, [row.id], "waiting", "cancelled", ended=True)
        cancel_timers(tx, ROUND, "work", [row.id])
        count_queues(tx, [(row.queue_id, "waiting", None)])
        tx.record(WorkCancelled(work_id=row.id, case_id=case_id, queue_id=row.queue_id, why=why))


def finish(tx: Tx, case_id: int) -> None:
    """End a case's work because the case is resolved or closed: accepted work wraps up, what waits is cancelled."""
    held = held_for_case(tx, case_id)
    if held is None or held.state == "offered":
        cancel_waiting(tx, case_id, "finished")
        return
    if held.state == "wrapping":
        return
    wrap_up_s = int(tx.scalar(_WRAP_UP_S, {"b_agent": held.agent_id}) or 0)
    if wrap_up_s == 0:
        close(tx, held)
        return
    until = tx.now + wrap_up_s * MICROSECONDS
    run_guarded(tx, _WRAP, [{"b_id": held.assignment_id, "b_until": until}])
    move_work(tx, [held.work_id], "accepted", "wrapping")
    tx.record(
        WorkWrapping(
            work_id=held.work_id, case_id=held.case_id, queue_id=held.queue_id, agent_id=held.agent_id, until=until
        )
    )
    set_timers(tx, WRAP_UP, "assignment", [(held.assignment_id, until)], causes=tx.latest)


def close(tx: Tx, held: Held) -> None:
    """Close accepted or wrapping work: its capacity is free."""
    end_assignments(tx, [held], "closed")
    move_work(tx, [held.work_id], held.state, "closed", ended=True)
    cancel_timers(tx, WRAP_UP, "assignment", [held.assignment_id])
    count_queues(tx, [(held.queue_id, held.state, None)])
    accepted_at = held.accepted_at or held.offered_at
    tx.record(
        WorkClosed(
            work_id=held.work_id,
            case_id=held.case_id,
            queue_id=held.queue_id,
            agent_id=held.agent_id,
            handle_s=round((tx.now - accepted_at) / MICROSECONDS, 3),
            speed_to_answer_s=round((accepted_at - held.requested_at) / MICROSECONDS, 3),
        )
    )


def transfer(tx: Tx, held: Held, queue_id: int, why: str) -> int:
    """Send work in somebody's hands to a queue as a new work item of the same priority and age; return its id, 0 on hold."""
    end_assignments(tx, [held], "transferred")
    move_work(tx, [held.work_id], held.state, "transferred", ended=True)
    cancel_timers(tx, WRAP_UP, "assignment", [held.assignment_id])
    count_queues(tx, [(held.queue_id, held.state, None)])
    successor = enqueue(tx, held.case_id, held.channel_id, queue_id, why=why, successor_of=held)
    tx.record(
        WorkTransferred(
            work_id=held.work_id,
            case_id=held.case_id,
            queue_id=held.queue_id,
            agent_id=held.agent_id,
            successor=successor or None,
            why=why,
        )
    )
    cases.disown(tx, held.case_id, held.agent_id)
    return successor


def give(tx: Tx, case_id: int, agent_id: int) -> None:
    """Give a case's waiting work to an agent by hand: accepted at once, counted like any other, also beyond the capacity."""
    row = tx.first(_LINE_OF_CASE, {"b_case": case_id})
    if row is None:
        raise NotFound(what="waiting work for case", which=f"#{case_id}")
    assignment_id = tx.new_id(assignments)
    move_work(tx, [row.id], "waiting", "accepted")
    cancel_timers(tx, ROUND, "work", [row.id])
    take_room(tx, agent_id, row.weight)
    tx.execute(
        _INSERT_ASSIGNMENT,
        {
            "id": assignment_id,
            "work_id": row.id,
            "agent_id": agent_id,
            "queue_id": row.queue_id,
            "state": "accepted",
            "weight": row.weight,
            "round": row.round,
            "forced": 1,
            "offered_at": tx.now,
            "accepted_at": tx.now,
        },
    )
    count_queues(tx, [(row.queue_id, "waiting", "accepted")])
    tx.record(
        WorkAccepted(
            work_id=row.id,
            case_id=case_id,
            queue_id=row.queue_id,
            agent_id=agent_id,
            assignment_id=assignment_id,
            how="given",
        )
    )
    cases.take_over(tx, [(case_id, agent_id)])
    weigh_accepted(tx, {case_id: tx.cause})


def assign(tx: Tx, case_id: int, channel_id: int, queue_id: int, agent_id: int) -> bool:
    """Give a case to an agent by hand wherever its work is now; return False where that agent has it already."""
    held = held_for_case(tx, case_id)
    if held is not None and held.agent_id == agent_id and held.state == "accepted":
        return False
    if held is not None and held.state == "offered":
        revoke(tx, [held], "assigned by hand")
    elif held is not None and held.state == "wrapping":
        close(tx, held)
        held = None
    elif held is not None:
        transfer(tx, held, held.queue_id, "assigned by hand")
    if not is_waiting(tx, case_id):
        _join_line(tx, case_id, channel_id, queue_id, "assigned by hand", held)
    give(tx, case_id, agent_id)
    return True


def queue_for(tx: Tx, queue_id: int | None, channel_id: int) -> int | None:
    """Return the queue that a case belongs in: its own, or the fallback queue; None where the desk has none that routes."""
    return queue_id if queue_id is not None else fallback_queue(tx, channel_id)


def set_aside(tx: Tx, case_id: int) -> None:
    """Let a case rest: in somebody's hands it weighs less, in the line or on offer it leaves the line."""
    held = held_for_case(tx, case_id)
    if held is None or held.state == "offered":
        cancel_waiting(tx, case_id, "on hold")
    else:
        reweigh(tx, case_id, paused=True)


def resume(
    tx: Tx, case_id: int, channel_id: int, queue_id: int | None, *, why: str = "resumed", paused: bool = False
) -> None:
    """Take a case's work up again: where somebody has it, it weighs what it should, and where nobody has, it joins the line.

    Without any queue it waits, as a new case would, for the configuration that brings one.
    """
    if held_for_case(tx, case_id) is not None:
        reweigh(tx, case_id, paused=paused)
    elif not is_waiting(tx, case_id):
        wanted = queue_for(tx, queue_id, channel_id)
        if wanted is not None:
            enqueue(tx, case_id, channel_id, wanted, why=why)


def is_waiting(tx: Tx, case_id: int) -> bool:
    """Say whether a case's work stands in a line."""
    return tx.first(_LINE_OF_CASE, {"b_case": case_id}) is not None


def reweigh(tx: Tx, case_id: int, *, paused: bool) -> None:
    """Count a case's accepted work in full, or with the paused weight of its channel while it waits for the customer."""
    held = held_for_case(tx, case_id)
    if held is None or held.state != "accepted":
        return
    weight = held.full_weight
    if paused:
        channel = tx.first(_CHANNEL, {"b_channel": held.channel_id})
        weight = min(weight, channel.paused_weight) if channel else weight
    if weight == held.weight:
        return
    tx.execute(_REWEIGH, {"b_id": held.assignment_id, "b_weight": weight})
    reweigh_room(tx, held.agent_id, weight - held.weight)
    tx.record(
        WorkReweighed(
            work_id=held.work_id, case_id=case_id, queue_id=held.queue_id, agent_id=held.agent_id, weight=weight
        )
    )


def weigh_accepted(tx: Tx, accepted: Mapping[int, Cause]) -> None:
    """Count work that was just accepted with its paused weight where its case waits already: answered or held while in line.

    Args:
        accepted: for each case, what its acceptance followed from.
    """
    for row in tx.all(_PAUSED, {"b_ids": list(accepted)}) if accepted else ():
        with tx.caused_by(accepted[row.id]):
            reweigh(tx, row.id, paused=True)


def opened(tx: Tx, case_id: int, agent_id: int) -> bool:
    """Note the first time that an agent looked into accepted work, and say whether this was it; the sign-out policy asks for it."""
    held = held_for_case(tx, case_id)
    if held is not None and held.agent_id == agent_id and held.opened_at is None and held.state == "accepted":
        return tx.execute(_OPENED, {"b_id": held.assignment_id, "b_now": tx.now}).rowcount == 1
    return False


def pause_round(tx: Tx, work: Waiting) -> None:
    """Note that everybody present was asked in this round; the next one starts after a pause that grows."""
    until = tx.now + round_pause_s(work.round_pause_s, work.round) * MICROSECONDS
    tx.execute(_PAUSE_ROUND, {"b_work": work.work_id, "b_until": until})
    tx.record(
        WorkRoundExhausted(
            work_id=work.work_id, case_id=work.case_id, queue_id=work.queue_id, round=work.round, until=until
        )
    )
    set_timers(tx, ROUND, "work", [(work.work_id, until)], causes=tx.latest)


def start_round(tx: Tx, work_id: int) -> None:
    """Begin the next round of a waiting item: everybody may be asked again."""
    row = tx.first(select(work_items).where(work_items.c.id == work_id))
    if row is None or row.state != "waiting":
        return
    tx.execute(_NEXT_ROUND, {"b_work": work_id})
    tx.record(WorkRoundStarted(work_id=work_id, case_id=row.case_id, queue_id=row.queue_id, round=row.round + 1))
