"""How a case gets the attention it needs: routed anew, escalated to a higher level, flagged for a supervisor."""

from __future__ import annotations

from typing import Literal

from core import cases
from core.actions import cases as case_actions
from core.actions.case_fields import BOUNDS
from core.actions.registry import action
from core.errors import EmptyPart, Refused, WrongStatus, WrongUsage
from core.events import CaseEscalated
from core.lookups import queue_id_of
from data.text import OutsideText
from data.transaction import Tx


@action("case.route", touches=("case", "work"))
def route(tx: Tx, case: int, *, queue: str | None = None) -> bool:
    """Let the router find somebody for a case; return False where it waits there already.

    Args:
        case: its number.
        queue: in whose line it waits; without one in that of the queue it belongs to, else of the fallback queue.
    """
    row = cases.load(tx, case)
    if row.status in ("resolved", "closed"):
        raise WrongStatus(case=case, status=row.status, action="routing", possible="not resolved; reopen it first")
    wanted = queue_id_of(tx, queue) if queue is not None else case_actions.queue_of(tx, row)
    return case_actions.send_to_queue(tx, row, wanted)


@action("case.escalate", touches=("case", "work"))
def escalate(
    tx: Tx, case: int, reason: str, *, queue: str | None = None, level: int | None = None
) -> int | Literal[False]:
    """Bring a case to a higher level of support and return the level; False where it is there already, and nothing is done.

    Who had it follows it from then on.

    Args:
        case: its number.
        reason: why, in words for whoever gets it.
        queue: in whose line it waits then; without one it stays where it is.
        level: the level, 1 to 9; without one the next.
    """
    if not reason.strip():
        raise EmptyPart(what="reason")
    row = cases.load(tx, case)
    if row.status in ("resolved", "closed"):
        raise WrongStatus(case=case, status=row.status, action="escalating", possible="not resolved; reopen it first")
    wanted = min(row.level + 1, BOUNDS["level"]) if level is None else level
    if not 1 <= wanted <= BOUNDS["level"]:
        raise WrongUsage(reason=f"A level is a whole number from 1 to {BOUNDS['level']}, not {wanted}.")
    if wanted < row.level:
        raise Refused(reason=f"Case #{case} is at level {row.level}; set its level to bring it down.")
    queue_id = queue_id_of(tx, queue) if queue is not None else None
    risen = cases.change_column(tx, row, "level", wanted)
    if not risen and (queue_id is None or case_actions.waits_in(tx, row, queue_id)):
        return False
    tx.record(CaseEscalated(case_id=case, level=wanted, queue_id=queue_id, reason=OutsideText(reason)))
    if queue_id is not None:
        case_actions.send_to_queue(tx, row, queue_id)
        if row.owner_id is not None:
            cases.follow(tx, case, row.owner_id)
    return wanted


@action("case.flag", touches=("case",), undone_by="case.unflag")
def flag(tx: Tx, case: int, reason: str) -> None:
    """Ask a supervisor to look at a case.

    Args:
        case: its number.
        reason: what is asked.
    """
    if not reason.strip():
        raise EmptyPart(what="reason")
    cases.raise_flag(tx, cases.load(tx, case), reason)


@action("case.unflag", touches=("case",), undone_by="case.flag")
def unflag(tx: Tx, case: int) -> bool:
    """Take the flag of a case down; return False where it has none."""
    return cases.lower_flag(tx, cases.load(tx, case))
