"""Actions for later: kept with who asked for them until a timer carries them out, or somebody calls them off."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import bindparam, delete, insert, select

from core.config.stored import read_decimal, written_decimal
from core.errors import NotFound, NotWaiting
from core.events import ActionDelayed, ActionFailed, ActionWithdrawn
from core.timers import cancel_timers, set_timers
from data.actor import Actor, ActorKind, Role
from data.schema import agents, delayed_actions
from data.text import OutsideText
from data.transaction import Tx

TIMER = "action.delayed"
_FIND = select(delayed_actions).where(delayed_actions.c.id == bindparam("b_id"))
_ROLE = select(agents.c.role).where(agents.c.id == bindparam("b_agent"), agents.c.active == 1)
_DROP = delete(delayed_actions).where(delayed_actions.c.id == bindparam("b_id"))


def delay(tx: Tx, action: str, arguments: Mapping[str, object], due_at: int) -> int:
    """Have an action carried out at a moment, in microseconds, for whoever asks now; return the id by which it is called off.

    Args:
        arguments: as `core.actions.arguments.bind` took them; a case among them is kept by itself, so that a merge leads on.
    """
    # An id of the journal, of which none is given twice: the table's own come again once it is empty.
    action_id = tx.next_event_id()
    rest = dict(arguments)
    case_id = rest.pop("case", None)
    tx.execute(
        insert(delayed_actions),
        {
            "id": action_id,
            "action": action,
            "arguments": OutsideText(json.dumps(rest, ensure_ascii=False, default=written_decimal)),
            "case_id": case_id,
            "actor_kind": tx.actor.kind,
            "actor_id": tx.actor.id,
            "actor_name": tx.actor.name,
            "actor_role": tx.actor.role,
            "created_at": tx.now,
        },
    )
    tx.record(ActionDelayed(case_id=cast("int | None", case_id), action_id=action_id, action=action, due_at=due_at))
    set_timers(tx, TIMER, "action", [(action_id, due_at)], fresh=True, causes=tx.latest)
    return action_id


def withdraw(tx: Tx, action_id: int) -> bool:
    """Call a delayed action off; return False where it was carried out or called off before."""
    row = tx.first(_FIND, {"b_id": action_id})
    if row is None:
        return False
    cancel_timers(tx, TIMER, "action", [action_id])
    if not tx.execute(_DROP, {"b_id": action_id}).rowcount:
        return False  # the engine was faster
    tx.record(ActionWithdrawn(case_id=row.case_id, action_id=action_id, action=row.action))
    return True


def take(tx: Tx, action_id: int) -> Any:
    """Return the row of a delayed action that is due now, and forget it; None where it was called off or taken before."""
    row = tx.first(_FIND, {"b_id": action_id})
    if row is None or not tx.execute(_DROP, {"b_id": action_id}).rowcount:
        return None
    return row


def arguments_of(row: Any) -> dict[str, Any]:
    """Return the arguments of a delayed action, as they were bound when it was asked for."""
    given: dict[str, Any] = json.loads(row.arguments.raw, object_hook=read_decimal)
    return given if row.case_id is None else {**given, "case": row.case_id}


def who_asked(tx: Tx, row: Any) -> Actor:
    """Return who asked for a delayed action, with the rights that are theirs now: somebody may have left, or have another role.

    Raises:
        NotFound: that agent is no longer there.
    """
    role = row.actor_role
    if row.actor_kind == "agent":
        role = tx.scalar(_ROLE, {"b_agent": row.actor_id})
        if role is None:
            raise NotFound(what="agent", which=f'"{row.actor_name}"')
    return Actor(cast("ActorKind", row.actor_kind), cast("Role", role), row.actor_id, row.actor_name)


def failed(tx: Tx, row: Any, action_id: int, error: str) -> None:
    """Record that a delayed action was not carried out, and why."""
    said = OutsideText(error)
    tx.record(ActionFailed(case_id=row.case_id, action_id=action_id, action=row.action, error=said))


def of(tx: Tx, action_id: int) -> Any:
    """Return the row of a delayed action.

    Raises:
        NotWaiting: none of that id waits.
    """
    row = tx.first(_FIND, {"b_id": action_id})
    if row is None:
        raise NotWaiting(which=str(action_id))
    return row
