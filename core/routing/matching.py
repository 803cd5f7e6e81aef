"""One look at the line: load the board, decide, and carry the decisions out. The engine calls it once a turn."""

from __future__ import annotations

from collections.abc import Sequence

from core.routing.choice import Decisions, decide
from core.routing.loading import load_board, read_line
from core.routing.offers import offer
from core.routing.work import pause_round, weigh_accepted
from core.timers import cancel_timers
from data.journal import Entry
from data.transaction import Cause, Tx

TRIGGERS = frozenset(
    {
        "work.queued",
        "work.declined",
        "work.timed_out",
        "work.revoked",
        "work.cancelled",
        "work.transferred",
        "work.closed",
        "work.reweighed",
        "work.round_started",
        "agent.presence_changed",
        "agent.connection_restored",
        "agent.connection_lost",
        "desk.configured",
    }
)
"""The two triggers of SEMANTICS 1.3: work arrives, or an agent gets room."""
NEWCOMERS = frozenset({"agent.presence_changed", "agent.connection_restored", "desk.configured"})
"""What can bring somebody who was not asked yet in the round of an item."""


def match(tx: Tx, entries: Sequence[Entry]) -> Decisions:
    """Offer whatever can be offered now, and start the pause of every round in which everybody was asked.

    Args:
        entries: the journal entries that made this look necessary; each offer follows from the one that concerns it.
    """
    board = load_board(tx)
    paused = any(entry.kind in NEWCOMERS for entry in entries)
    decisions = decide(board, read_line(tx, board, paused=paused), tx.now)
    if not decisions.offers and not decisions.exhausted:
        return decisions
    by_work = {e.work_id: e for e in entries if e.work_id is not None}
    by_agent = {e.agent_id: e for e in entries if e.agent_id is not None}
    causes: dict[int, Cause] = {}
    for choice in decisions.offers:
        entry = by_work.get(choice.work.work_id) or by_agent.get(choice.agent_id) or entries[-1]
        causes[choice.work.work_id] = cause_of(entry)
    offer(tx, decisions.offers, causes)
    automatic = {c.work.case_id: causes[c.work.work_id] for c in decisions.offers if c.auto_accept}
    weigh_accepted(tx, automatic)
    cancel_timers(
        tx, "work.round", "work", [c.work.work_id for c in decisions.offers if c.work.next_round_at is not None]
    )
    for work in decisions.exhausted:
        entry = by_work.get(work.work_id) or entries[-1]
        with tx.caused_by(cause_of(entry)):
            pause_round(tx, work)
    return decisions


def cause_of(entry: Entry) -> Cause:
    """Return an entry as the cause of what follows from it."""
    return Cause(entry.id, entry.chain_id, entry.depth)
