"""What agents do with their presence."""

from __future__ import annotations

from core import presence
from core.actions.registry import action
from core.lookups import acting_for
from data.transaction import Tx


@action("presence.set", touches=("presence",))
def set_status(tx: Tx, agent: str, status: str) -> bool:
    """Put an agent into a presence status; return False where the agent has it already.

    Args:
        agent: the agent's name; for somebody else it takes a supervisor.
        status: the name of one of the desk's statuses.
    """
    agent_id = acting_for(tx, agent, "presence.set")
    return presence.set_status(tx, agent_id, presence.status_named(tx, status))


@action("presence.connect", touches=("presence",))
def connect(tx: Tx, agent: str, session: str) -> None:
    """Note that a console of an agent was opened, under a name for this session."""
    presence.connect(tx, acting_for(tx, agent, "presence.connect"), session)


@action("presence.beat", touches=("presence",))
def beat(tx: Tx, agent: str, session: str) -> None:
    """Note that a console is alive."""
    presence.beat(tx, acting_for(tx, agent, "presence.beat"), session)


@action("presence.disconnect", touches=("presence",))
def disconnect(tx: Tx, agent: str, session: str) -> None:
    """Note that a console was closed."""
    presence.disconnect(tx, acting_for(tx, agent, "presence.disconnect"), session)
