"""Names to ids: what a person types, found in the tables, or refused with what there is."""

from __future__ import annotations

from sqlalchemy import select

from core.errors import NotAllowed, NotFound
from data.schema import agents, channels, queues
from data.transaction import Tx


def agent_id_of(tx: Tx, name: str) -> int:
    """Return the id of an active agent.

    Raises:
        NotFound: there is none of that name.
    """
    found: int | None = tx.scalar(select(agents.c.id).where(agents.c.name == name, agents.c.active == 1))
    if found is None:
        raise NotFound(what="agent", which=f'"{name}"')
    return found


def queue_id_of(tx: Tx, name: str) -> int:
    """Return the id of a queue.

    Raises:
        NotFound: there is none of that name.
    """
    found: int | None = tx.scalar(select(queues.c.id).where(queues.c.name == name, queues.c.active == 1))
    if found is None:
        raise NotFound(what="queue", which=f'"{name}"')
    return found


def channel_id_of(tx: Tx, name: str) -> int:
    """Return the id of a channel.

    Raises:
        NotFound: there is none of that name.
    """
    found: int | None = tx.scalar(select(channels.c.id).where(channels.c.name == name, channels.c.active == 1))
    if found is None:
        raise NotFound(what="channel", which=f'"{name}"')
    return found


def acting_for(tx: Tx, name: str, what: str) -> int:
    """Return the id of the agent for whom something is done: oneself, or anybody where a supervisor acts.

    Raises:
        NotFound: there is no such agent.
        NotAllowed: an agent acts for another one.
    """
    agent_id = agent_id_of(tx, name)
    if tx.actor.role == "agent" and tx.actor.id != agent_id:
        raise NotAllowed(action=f"{what} for {name}", needed="supervisor", who=str(tx.actor), role=tx.actor.role)
    return agent_id
