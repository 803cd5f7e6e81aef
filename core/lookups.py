"""Names to ids: what a person types, found among what the desk has, or refused."""

from __future__ import annotations

from email.utils import parseaddr

from sqlalchemy import Table, bindparam, func, select

from core.errors import NotAllowed, WrongUsage
from core.unknown_names import unknown_name
from data.schema import agents, channels, mailboxes, queues, routing_addresses
from data.transaction import Tx

_STATEMENTS = {
    table.name: select(table.c.id).where(table.c.name == bindparam("b_name"), table.c.active == 1)
    for table in (agents, channels, queues)
}
_NAMES = {
    table.name: select(table.c.name).where(table.c.active == 1).order_by(table.c.name)
    for table in (agents, channels, queues)
}
_ROUTED = select(routing_addresses.c.id).where(func.lower(routing_addresses.c.address) == bindparam("b_address"))
_SENDERS = select(mailboxes.c.from_header)


def _id_of(tx: Tx, table: Table, what: str, name: str) -> int:
    found: int | None = tx.scalar(_STATEMENTS[table.name], {"b_name": name})
    if found is None:
        raise unknown_name(what, name, [row.name for row in tx.all(_NAMES[table.name])])
    return found


def agent_id_of(tx: Tx, name: str) -> int:
    """Return the id of an active agent.

    Raises:
        NotFound: there is none of that name.
    """
    return _id_of(tx, agents, "agent", name)


def queue_id_of(tx: Tx, name: str) -> int:
    """Return the id of a queue.

    Raises:
        NotFound: there is none of that name.
    """
    return _id_of(tx, queues, "queue", name)


def channel_id_of(tx: Tx, name: str) -> int:
    """Return the id of a channel.

    Raises:
        NotFound: there is none of that name.
    """
    return _id_of(tx, channels, "channel", name)


def is_own_address(tx: Tx, address: str) -> bool:
    """Say whether mail to an address comes back to the desk: one that it routes, or the sender of a mailbox."""
    wanted = address.lower()
    if tx.first(_ROUTED, {"b_address": wanted}) is not None:
        return True
    return any(parseaddr(row.from_header)[1].lower() == wanted for row in tx.all(_SENDERS))


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


def acting_agent(tx: Tx) -> int:
    """Return the id of the agent who acts.

    Raises:
        WrongUsage: it is not an agent who acts.
    """
    if tx.actor.kind != "agent" or tx.actor.id is None:
        raise WrongUsage(reason="Say for which agent: --as NAME")
    return tx.actor.id
