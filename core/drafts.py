"""Drafts: what an agent is writing on a case, kept in the desk so that colleagues see it and the agent's other consoles leave it alone.

A draft is state, not history: nothing of it is journaled, and whoever watches the case is woken all the same.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import bindparam, delete, insert, or_, select, update

from core import cases
from data.clock import MICROSECONDS
from data.schema import drafts
from data.topics import topic
from data.transaction import Tx

Kind = Literal["reply", "note"]

LOCKED_FOR_S = 15
"""How long a draft is left to the console that kept it last: one that still writes keeps it again sooner."""

_OWN = (drafts.c.case_id == bindparam("b_case"), drafts.c.agent_id == bindparam("b_agent"))
_FIND = select(drafts.c.session, drafts.c.updated_at).where(*_OWN)
_KEEP = (
    update(drafts)
    .where(*_OWN)
    .values(
        kind=bindparam("b_kind"),
        text=bindparam("b_text"),
        session=bindparam("b_session"),
        updated_at=bindparam("b_now"),
    )
)
_DROP = delete(drafts).where(*_OWN)
_DROP_UNLOCKED = _DROP.where(
    or_(drafts.c.session == bindparam("b_session"), drafts.c.updated_at <= bindparam("b_free"))
)


def keep(tx: Tx, case_id: int, agent_id: int, kind: Kind, text: str, session: str) -> bool:
    """Keep an agent's draft on a case; return False, and change nothing, where another console of the agent writes it.

    Raises:
        NotFound: there is no case of that number.
    """
    cases.load(tx, case_id)  # its lock makes two consoles take turns on PostgreSQL
    found = tx.first(_FIND, {"b_case": case_id, "b_agent": agent_id})
    if found is None:
        row = {"case_id": case_id, "agent_id": agent_id, "kind": kind, "text": text}
        tx.execute(insert(drafts), row | {"session": session, "updated_at": tx.now})
    elif found.session != session and found.updated_at > _free(tx):
        return False
    else:
        own = {"b_case": case_id, "b_agent": agent_id, "b_kind": kind, "b_text": text}
        tx.execute(_KEEP, own | {"b_session": session, "b_now": tx.now})
    _wake(tx, case_id)
    return True


def drop(tx: Tx, case_id: int, agent_id: int, session: str | None = None) -> bool:
    """Forget an agent's draft on a case; return False where there is none, or another console of the agent writes it.

    Args:
        tx: where it is forgotten.
        case_id: the case.
        agent_id: the agent.
        session: the console that forgets it; without one it is forgotten whoever writes it.
    """
    values = {"b_case": case_id, "b_agent": agent_id, "b_session": session, "b_free": _free(tx)}
    if not tx.execute(_DROP if session is None else _DROP_UNLOCKED, values).rowcount:
        return False
    _wake(tx, case_id)
    return True


def _free(tx: Tx) -> int:
    """Return the moment up to which a draft must have been kept last to be anybody's."""
    return tx.now - LOCKED_FOR_S * MICROSECONDS


def _wake(tx: Tx, case_id: int) -> None:
    tx.topics |= topic("case", case_id)
