"""A turn: one transaction in which the engine handles what happened since its last one, and what that leads to.

A reactor's effect and the cursor move together, so each event is acted on exactly once, whatever is killed when. Entries that
the turn itself records are handled in it too, until nothing new arises or its time is used up; the rest is the next turn's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import OperationalError

from core import timers
from core.engine import lease
from core.engine.reactors import REACTORS, TIMERS
from core.errors import LeaseLost, LostRace
from core.events import EngineStumbled
from data.clock import MICROSECONDS
from data.journal import Entry, Position, Reader
from data.schema import cursors, engine_lease
from data.text import OutsideText
from data.transaction import Tx

log = logging.getLogger("deskline.engine")

BUDGET_S = 0.025
"""How long a turn may hold the lock before it leaves the rest to the next one."""
MOST_ENTRIES = 128
MOST_TIMERS = 200
_ROUNDS_BOUND = 1000

_CURSOR = select(cursors.c.xid, cursors.c.event_id).where(cursors.c.name == "engine")
_MOVE_CURSOR = (
    update(cursors).where(cursors.c.name == "engine").values(xid=bindparam("b_xid"), event_id=bindparam("b_event"))
)
_TURNED = update(engine_lease).values(turned_at=bindparam("b_now"), expires_at=bindparam("b_expires"))


class Turn(NamedTuple):
    """What a turn did. `more`: work is left for another turn right away. `next_timer_at` in microseconds."""

    handled: int
    matured: int
    more: bool
    next_timer_at: int | None


def take_turn(
    tx: Tx,
    journal: Reader,
    fence: int,
    *,
    lease_s: float = lease.LEASE_S,
    budget_s: float = BUDGET_S,
    careful: bool = False,
) -> Turn:
    """Handle what is due and what happened, within the budget.

    Args:
        journal: how the desk's storage reads the journal.
        fence: the fencing number of the engine's lease.
        lease_s: for how long the turn prolongs the lease, in seconds.
        budget_s: how long the turn may go on before it leaves the rest to the next one, in seconds.
        careful: handle one thing at a time; what fails is undone, recorded as `engine.stumbled`, and left behind. The turn
            after one that failed is careful, so that one bad record never stops the desk.

    Raises:
        LeaseLost: another engine acts now; nothing was changed.
    """
    deadline = time.monotonic() + budget_s
    lease.check(tx, fence)
    matured = timers.take_due(tx, MOST_TIMERS)
    row = tx.connection.execute(_CURSOR).one()
    position = Position(row.xid, row.event_id)
    entries = journal.after(tx.connection, position, MOST_ENTRIES, unsettled=True)
    if entries:
        position = entries[-1].position
        tx.execute(_MOVE_CURSOR, {"b_xid": position.xid, "b_event": position.event_id})
    if careful:
        handled, left = _one_by_one(tx, matured, entries)
    else:
        for timer in matured:
            _mature(tx, timer)
        handled, left = _react(tx, entries, 0, deadline)
    tx.execute(_TURNED, {"b_now": tx.now, "b_expires": tx.now + int(lease_s * MICROSECONDS)})
    return Turn(
        handled=handled,
        matured=len(matured),
        more=left or len(entries) == MOST_ENTRIES or len(matured) == MOST_TIMERS,
        next_timer_at=timers.next_due(tx),
    )


def _mature(tx: Tx, timer: timers.Timer) -> None:
    handler = TIMERS.get(timer.kind)
    if handler is None:
        log.warning("a timer of the unknown kind %s was dropped", timer.kind)
        return
    with tx.caused_by(timer.cause):
        handler(tx, timer)


def _react(tx: Tx, entries: Sequence[Entry], start: int, deadline: float) -> tuple[int, bool]:
    """Give entries to the reactors, then what they recorded.

    Args:
        entries: what happened.
        start: from which of the turn's own rows on they are new.
        deadline: when to stop, by the monotonic clock.

    Returns:
        How many were handled, and whether rows of this turn are left for the next one.
    """
    recorded = tx.pending()
    seen = start
    handled = 0
    batch = list(entries)
    for _ in range(_ROUNDS_BOUND):
        fresh = recorded[seen:]
        batch += [_entry(row) for row in fresh]
        if not batch:
            break
        for row in fresh:
            row["settled"] = 1
        seen = len(recorded)
        for reactor in REACTORS:
            reactor(tx, batch)
        handled += len(batch)
        batch = []
        if time.monotonic() > deadline:
            break
    return handled, len(recorded) > seen


def _one_by_one(tx: Tx, matured: Sequence[timers.Timer], entries: Sequence[Entry]) -> tuple[int, bool]:
    left = False
    for timer in matured:
        with _stumbling(tx, what=f"timer {timer.kind}"):
            _mature(tx, timer)
    for entry in entries:
        start = len(tx.pending())
        with _stumbling(tx, what=entry.kind, entry=entry):
            left = _react(tx, [entry], start, float("inf"))[1] or left
    return len(entries), left or bool(matured)


@contextmanager
def _stumbling(tx: Tx, *, what: str, entry: Entry | None = None) -> Iterator[None]:
    """Undo and record what fails inside, and go on. Whatever it is: here the desk's going on matters more than the cause."""
    try:
        with tx.savepoint():
            yield
    except (LeaseLost, LostRace, OperationalError):
        raise
    except Exception as error:
        log.exception("the engine could not handle %s", what)
        tx.record(
            EngineStumbled(
                what=what,
                entry_id=entry.id if entry else None,
                case_id=entry.case_id if entry else None,
                work_id=entry.work_id if entry else None,
                agent_id=entry.agent_id if entry else None,
                error=OutsideText(f"{type(error).__name__}: {error}"),
            )
        )


def _entry(row: dict[str, object]) -> Entry:
    return Entry(**row)  # type: ignore[arg-type]
