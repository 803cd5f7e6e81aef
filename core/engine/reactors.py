"""Reactors: each gets the turn's entries, in a fixed order, and acts on those that concern it; what it records comes back to all.

Timers that mature are handled here too, one handler a kind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import bindparam, exists, select

from core import later, presence
from core.cases import HOLD, UNFINISHED, change_status, load
from core.events import WorkRoutingFailed
from core.routing import work
from core.routing.held import held_assignments
from core.routing.matching import TRIGGERS, cause_of, match
from core.routing.offers import DEADLINE, time_out
from core.timers import Timer, set_timers
from data.journal import Entry
from data.schema import cases, queues, work_items
from data.transaction import Tx

log = logging.getLogger("deskline.engine")

ROUTE_REST = "desk.route_rest"
_SOME = 50

Reactor = Callable[[Tx, Sequence[Entry]], None]

_UNROUTED = select(cases.c.id, cases.c.channel_id, cases.c.queue_id).where(
    cases.c.status.in_(UNFINISHED),
    cases.c.status != "on_hold",
    ~exists().where(work_items.c.case_id == cases.c.id, work_items.c.ended_at.is_(None)),
)
_ARRIVED = _UNROUTED.where(cases.c.id == bindparam("b_id"))
_STRANDED = (
    select(work_items.c.case_id, work_items.c.channel_id, work_items.c.queue_id)
    .join(queues, queues.c.id == work_items.c.queue_id)
    .where(work_items.c.state.in_(("waiting", "offered")), queues.c.active == 0)
)
_ACTIVE_QUEUE = select(queues.c.id).where(queues.c.id == bindparam("b_id"), queues.c.active == 1)


def route_arrivals(tx: Tx, entries: Sequence[Entry]) -> None:
    """Put each case that was opened into a queue: its address's or opener's, else its channel's fallback, else the desk's.

    Cases that came before the desk had any queue wait without one, and are routed when the configuration brings it. Whoever
    was faster than the engine, by assigning or answering a case that had just arrived, changes nothing about that.
    """
    for entry in entries:
        if entry.kind == "case.opened":
            with tx.caused_by(cause_of(entry)):
                case = tx.first(_ARRIVED, {"b_id": entry.case_id})
                if case is not None:
                    _route(tx, case.id, case.channel_id, case.queue_id)
        elif entry.kind == "desk.configured":
            with tx.caused_by(cause_of(entry)):
                route_left_behind(tx)


def route_left_behind(tx: Tx) -> None:
    """Route cases that no queue could take when they came, and work whose queue was taken away: some a turn, as long as it helps."""
    unrouted = tx.all(_UNROUTED.limit(_SOME))
    stranded = tx.all(_STRANDED.limit(_SOME))
    helped = sum(_route(tx, case.id, case.channel_id, case.queue_id) for case in unrouted)
    for row in stranded:
        fallback = work.fallback_queue(tx, row.channel_id)
        if fallback is not None and fallback != row.queue_id:
            work.move(tx, row.case_id, fallback, "queue removed")
            helped += 1
    if helped and _SOME in (len(unrouted), len(stranded)):
        set_timers(tx, ROUTE_REST, "desk", [(0, tx.now)])


def _route(tx: Tx, case_id: int, channel_id: int, wanted: int | None) -> bool:
    if wanted is not None and tx.first(_ACTIVE_QUEUE, {"b_id": wanted}) is not None:
        work.enqueue(tx, case_id, channel_id, wanted, why="arrived")
        return True
    fallback = work.fallback_queue(tx, channel_id)
    if fallback is None:
        log.warning("case #%d waits: the desk has no queue with a routing configuration", case_id)
        return False
    work_id = work.enqueue(tx, case_id, channel_id, fallback, why="fallback")
    if wanted is not None:
        error = "the queue was taken away"
        tx.record(WorkRoutingFailed(work_id=work_id, case_id=case_id, queue_id=fallback, error=error))
    return True


def withdraw_offers(tx: Tx, entries: Sequence[Entry]) -> None:
    """Take back what was offered under another configuration and may not be offered under this one."""
    for entry in entries:
        if entry.kind == "desk.configured":
            with tx.caused_by(cause_of(entry)):
                presence.withdraw_forbidden(tx)


def match_work(tx: Tx, entries: Sequence[Entry]) -> None:
    """Look at the line once if anything happened that lets work and agents meet."""
    relevant = [entry for entry in entries if entry.kind in TRIGGERS]
    if relevant:
        match(tx, relevant)


REACTORS: tuple[Reactor, ...] = (route_arrivals, withdraw_offers, match_work)
"""In order. Service levels, automations and orchestrations come before routing, notifications after it."""


def offer_timed_out(tx: Tx, timer: Timer) -> None:
    """Take back an offer whose deadline has passed; its agent's status changes as configured."""
    for held in held_assignments(tx, [timer.subject_id]):
        if held.state == "offered":
            time_out(tx, held)
            agent = presence.load_agent(tx, held.agent_id)
            presence.force_status(tx, held.agent_id, agent.status_after_timeout_id, "offer timed out")


def wrap_up_ended(tx: Tx, timer: Timer) -> None:
    """Close work whose wrap-up time is over."""
    for held in held_assignments(tx, [timer.subject_id]):
        if held.state == "wrapping":
            work.close(tx, held)


def hold_ended(tx: Tx, timer: Timer) -> None:
    """Bring a case back whose date has come."""
    case = load(tx, timer.subject_id)
    if case.status == "on_hold" and case.hold_until <= tx.now:
        change_status(tx, case, "open")
        work.resume(tx, case.id, case.channel_id, case.queue_id)


def delayed_action_due(tx: Tx, timer: Timer) -> None:
    """Carry out an action that was left for later."""
    # Whatever is registered can be due; an engine without such work need not load it all.
    import core.actions.all  # noqa: F401
    from core.actions.later import carry_out

    carry_out(tx, timer.subject_id)


TIMERS: dict[str, Callable[[Tx, Timer], None]] = {
    DEADLINE: offer_timed_out,
    work.ROUND: lambda tx, timer: work.start_round(tx, timer.subject_id),
    work.WRAP_UP: wrap_up_ended,
    presence.HEARTBEAT: lambda tx, timer: presence.check_connection(tx, timer.subject_id),
    presence.GRACE: lambda tx, timer: presence.end_grace(tx, timer.subject_id),
    HOLD: hold_ended,
    later.TIMER: delayed_action_due,
    ROUTE_REST: lambda tx, _timer: route_left_behind(tx),
}
