"""What people and rules leave for later."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import OperationalError

from core import later
from core.access import require
from core.actions.arguments import action_named, bind
from core.actions.registry import Action, action
from core.calendars.hours import business_add
from core.conditions.at_desk import at_desk
from core.conditions.faults import ConditionFailed
from core.errors import LeaseLost, LostRace, Merged, NotAllowed, NotWaiting, Refused, WrongUsage
from core.templates.template import TemplateFailed
from core.timers import LONGEST_S
from core.unknown_names import unknown_name
from data.clock import MICROSECONDS
from data.errors import DeskError
from data.queries import fetch_over
from data.transaction import Tx

log = logging.getLogger("deskline.engine")
_TOO_FAR = "The seconds say a time that lies ahead, by ten years at most."


class _Tried(Exception):
    """An action went well that was only tried: what it did is undone."""


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
        action: the name of an action. It is tried now, and nothing of that is kept: what it names that is not there, what a field
            cannot hold and what may not be done is refused. Whether it is possible then, shows when it is due.
        arguments: its arguments by name.
        seconds: after how much time.
        calendar: the calendar in whose open time this is counted; `desk` is the desk's own. Without one all time counts.
    """
    if not 0 < seconds <= LONGEST_S:
        raise WrongUsage(reason=_TOO_FAR)
    found = action_named(action)
    if found.name.startswith("action."):
        raise WrongUsage(reason=f"{found.name} cannot be delayed itself.")
    require(tx.actor, found.role, found.name, intake=found.intake)
    due_at = _due_at(tx, seconds * MICROSECONDS, calendar)
    if due_at > tx.now + LONGEST_S * MICROSECONDS:
        raise WrongUsage(reason=_TOO_FAR)
    bound = bind(found, arguments)
    _try(tx, found, bound)
    return later.delay(tx, found.name, bound, due_at)


def _try(tx: Tx, wanted: Action, bound: Mapping[str, Any]) -> None:
    """Do an action and undo it, so that what can never be done is refused; what is not possible only now may be later."""
    try:
        with tx.savepoint():
            wanted.call(tx, **bound)
            raise _Tried
    except Merged:
        raise  # it stays merged
    except (_Tried, Refused, ConditionFailed, TemplateFailed):
        pass


def _due_at(tx: Tx, duration: int, name: str | None) -> int:
    if name is None:
        return tx.now + duration
    world = at_desk(fetch_over(tx.connection), tx.now).world
    known = "" if name == "desk" else name
    if known not in world.calendars:
        raise unknown_name("calendar", name, ["desk", *filter(None, world.calendars)])
    calendar = world.calendar(known)
    return tx.now + duration if calendar is None else business_add(calendar, tx.now, duration)


@action("action.withdraw", touches=("case",))
def withdraw(tx: Tx, delayed: int) -> None:
    """Call off a delayed action that still waits.

    Args:
        delayed: its id. Another one's takes a supervisor.
    """
    row = later.of(tx, delayed)
    if tx.actor.role == "agent" and (row.actor_kind, row.actor_id) != (tx.actor.kind, tx.actor.id):
        raise NotAllowed(
            action="calling off what another one asked for", needed="supervisor", who=str(tx.actor), role=tx.actor.role
        )
    if not later.withdraw(tx, delayed):
        raise NotWaiting(which=str(delayed))


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
