"""What people and rules leave for later."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import OperationalError

from core import cases, later
from core.access import require
from core.actions.arguments import action_named, bind
from core.actions.registry import action
from core.calendars.hours import business_add
from core.conditions.at_desk import at_desk
from core.errors import LeaseLost, LostRace, NotAllowed, NotFound, WrongUsage
from data.clock import MICROSECONDS
from data.errors import DeskError
from data.queries import fetch_over
from data.transaction import Tx

log = logging.getLogger("deskline.engine")

_LONGEST_S = 3650 * 86_400


@action("action.delay", touches=("case", "work", "message", "mail"), undone_by="action.withdraw")
def delay(
    tx: Tx,
    action: str,
    arguments: Mapping[str, Any],
    *,
    seconds: int,
    calendar: str | None = None,
) -> int:
    """Have an action carried out later, as whoever asks now, and return the id by which it is called off.

    Args:
        action: the name of an action; whether it may be done, and its arguments, are checked now, and again when it is due.
        arguments: its arguments by name.
        seconds: after how much time.
        calendar: the calendar in whose open time this is counted; `desk` is the desk's own. Without one all time counts.
    """
    if not 0 < seconds <= _LONGEST_S:
        raise WrongUsage(reason="The time lies ahead, by ten years at most.")
    found = action_named(action)
    if found.name.startswith("action."):
        raise WrongUsage(reason="What is left for later is something else than leaving for later.")
    require(tx.actor, found.role, found.name, intake=found.intake)
    due_at = _due_at(tx, seconds * MICROSECONDS, calendar)
    bound = bind(found, arguments)
    if bound.get("case") is not None:
        cases.load(tx, bound["case"])
    return later.delay(tx, found.name, bound, due_at)


def _due_at(tx: Tx, duration: int, name: str | None) -> int:
    if name is None:
        return tx.now + duration
    world = at_desk(fetch_over(tx.connection), tx.now).world
    known = "" if name == "desk" else name
    if known not in world.calendars:
        raise NotFound(what="calendar", which=f'"{name}"')
    calendar = world.calendar(known)
    return tx.now + duration if calendar is None else business_add(calendar, tx.now, duration)


@action("action.withdraw", touches=("case",))
def withdraw(tx: Tx, delayed: int) -> bool:
    """Call off a delayed action; return False where it was carried out or called off before.

    Args:
        delayed: its id. Another one's takes a supervisor.
    """
    try:
        row = later.of(tx, delayed)
    except NotFound:
        return False
    if tx.actor.role == "agent" and (row.actor_kind, row.actor_id) != (tx.actor.kind, tx.actor.id):
        raise NotAllowed(
            action="calling off what another one asked for", needed="supervisor", who=str(tx.actor), role=tx.actor.role
        )
    return later.withdraw(tx, delayed)


def carry_out(tx: Tx, delayed: int) -> None:
    """Carry a delayed action out as whoever asked for it, with that one's rights of now; a refusal is recorded, and nothing is done."""
    row = later.take(tx, delayed)
    if row is None:
        return
    try:
        with tx.savepoint(), tx.acting_as(later.who_asked(tx, row)):
            found = action_named(row.action)
            found.call(tx, **bind(found, later.arguments_of(row)))
    except (LeaseLost, LostRace, OperationalError):
        raise
    except DeskError as error:
        later.failed(tx, row, delayed, str(error))
    except Exception as error:
        log.exception("the delayed action %s failed", row.action)
        later.failed(tx, row, delayed, type(error).__name__)
