"""Presence: an agent's status, as intervals; consoles that come and go; and what becomes of work when an agent leaves.

Presence belongs to the agent, not to a console. An agent whom a command made present has no console to lose and stays until
told otherwise.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, func, insert, select, update

from core.errors import NotFound, UnknownStatus, WrongUsage
from core.events import ConnectionLost, ConnectionRestored, PresenceChanged
from core.routing.held import Held, held_assignments, held_by
from core.routing.offers import revoke
from core.routing.work import close, transfer
from core.timers import cancel_timers, set_timers
from data.clock import MICROSECONDS
from data.schema import (
    agent_loads,
    agents,
    assignments,
    channels,
    console_sessions,
    presence_configurations,
    presence_intervals,
    presence_status_channels,
    presence_statuses,
    work_items,
)
from data.transaction import Tx

HEARTBEAT_LOST_S = 30
"""How many seconds without a heartbeat make a console gone (SEMANTICS 1.1)."""
HEARTBEAT = "presence.heartbeat"
GRACE = "presence.grace"

_AGENT = (
    select(
        agents.c.id,
        agents.c.name,
        presence_configurations.c.capacity,
        presence_configurations.c.grace_s,
        presence_configurations.c.status_after_decline_id,
        presence_configurations.c.status_after_timeout_id,
        agent_loads.c.interval_id,
        agent_loads.c.lost_at,
        agent_loads.c.used,
        agent_loads.c.capacity.label("interval_capacity"),
        agent_loads.c.load_since,
        agent_loads.c.idle_us,
        agent_loads.c.at_capacity_us,
        presence_statuses.c.id.label("status_id"),
        presence_statuses.c.name.label("status"),
        presence_statuses.c.kind,
    )
    .join(presence_configurations, presence_configurations.c.id == agents.c.presence_configuration_id)
    .join(agent_loads, agent_loads.c.agent_id == agents.c.id)
    .outerjoin(presence_intervals, presence_intervals.c.id == agent_loads.c.interval_id)
    .outerjoin(presence_statuses, presence_statuses.c.id == presence_intervals.c.status_id)
    .where(agents.c.id == bindparam("b_agent"))
    .with_for_update(of=agent_loads)
)
_STATUS = select(presence_statuses).where(
    presence_statuses.c.name == bindparam("b_name"), presence_statuses.c.active == 1
)
_STATUS_NAMES = select(presence_statuses.c.name).where(presence_statuses.c.active == 1).order_by(presence_statuses.c.id)
_STATUS_BY_ID = select(presence_statuses).where(presence_statuses.c.id == bindparam("b_id"))
_STATUS_CHANNELS = select(presence_status_channels.c.channel_id).where(
    presence_status_channels.c.status_id == bindparam("b_status")
)
_FORBIDDEN = (
    select(assignments.c.id)
    .join(work_items, work_items.c.id == assignments.c.work_id)
    .join(agent_loads, agent_loads.c.agent_id == assignments.c.agent_id)
    .join(presence_intervals, presence_intervals.c.id == agent_loads.c.interval_id)
    .join(presence_statuses, presence_statuses.c.id == presence_intervals.c.status_id)
    .where(
        assignments.c.state == "offered",
        (presence_statuses.c.kind != "available")
        | ~exists().where(
            presence_status_channels.c.status_id == presence_statuses.c.id,
            presence_status_channels.c.channel_id == work_items.c.channel_id,
        ),
    )
)
_SIGN_OUT = select(channels.c.id, channels.c.sign_out)
_END_INTERVAL = (
    update(presence_intervals)
    .where(presence_intervals.c.id == bindparam("b_id"))
    .values(ended_at=bindparam("b_now"), idle_us=bindparam("b_idle"), at_capacity_us=bindparam("b_full"))
)
_START_LOAD = (
    update(agent_loads)
    .where(agent_loads.c.agent_id == bindparam("b_agent"))
    .values(
        interval_id=bindparam("b_interval"),
        capacity=bindparam("b_capacity"),
        load_since=bindparam("b_now"),
        idle_us=0,
        at_capacity_us=0,
        lost_at=None,
    )
)
_LOST = update(agent_loads).where(agent_loads.c.agent_id == bindparam("b_agent")).values(lost_at=bindparam("b_lost"))
_LAST_SEEN = select(func.max(console_sessions.c.seen_at)).where(console_sessions.c.agent_id == bindparam("b_agent"))
_SESSION = select(console_sessions.c.agent_id).where(console_sessions.c.id == bindparam("b_session"))
_OWN_SESSION = (console_sessions.c.id == bindparam("b_session"), console_sessions.c.agent_id == bindparam("b_agent"))
_SEEN = update(console_sessions).where(*_OWN_SESSION).values(seen_at=bindparam("b_now"))
_FORGET = delete(console_sessions).where(*_OWN_SESSION)
_DROP_SESSIONS = delete(console_sessions).where(
    console_sessions.c.agent_id == bindparam("b_agent"), console_sessions.c.seen_at <= bindparam("b_before")
)


def load_agent(tx: Tx, agent_id: int) -> Row[Any]:
    """Return an agent with the current interval, locked for this transaction.

    Raises:
        NotFound: there is no such agent.
    """
    row = tx.first(_AGENT, {"b_agent": agent_id})
    if row is None:
        raise NotFound(what="agent", which=str(agent_id))
    return row


def status_named(tx: Tx, name: str) -> Row[Any]:
    """Return a presence status.

    Raises:
        UnknownStatus: there is none of that name.
    """
    row = tx.first(_STATUS, {"b_name": name})
    if row is None:
        known = [each.name for each in tx.all(_STATUS_NAMES)]
        raise UnknownStatus(which=f'"{name}"', known=", ".join(known))
    return row


def set_status(tx: Tx, agent_id: int, status: Row[Any], why: str = "") -> bool:
    """Put an agent into a status; return False where the agent has it already.

    Offers that the new status does not allow are revoked at once. Going offline follows each channel's sign-out policy.
    """
    agent = load_agent(tx, agent_id)
    if agent.status_id == status.id or (agent.interval_id is None and status.kind == "offline"):
        return False
    if agent.interval_id is not None:
        _end_interval(tx, agent)
    interval_id = None
    if status.kind != "offline":
        interval_id = tx.new_id(presence_intervals)
        tx.execute(
            insert(presence_intervals),
            {
                "id": interval_id,
                "agent_id": agent_id,
                "status_id": status.id,
                "began_at": tx.now,
                "capacity": agent.capacity,
            },
        )
    cancel_timers(tx, GRACE, "agent", [agent_id])
    tx.execute(
        _START_LOAD,
        {
            "b_agent": agent_id,
            "b_interval": interval_id,
            "b_capacity": agent.capacity if interval_id else 0,
            "b_now": tx.now,
        },
    )
    tx.record(PresenceChanged(agent_id=agent_id, old=agent.status or "offline", new=status.name, why=why))
    _withdraw(tx, agent_id, status)
    return True


def _end_interval(tx: Tx, agent: Row[Any]) -> None:
    elapsed = tx.now - agent.load_since
    tx.execute(
        _END_INTERVAL,
        {
            "b_id": agent.interval_id,
            "b_now": tx.now,
            "b_idle": agent.idle_us + (elapsed if agent.used == 0 else 0),
            "b_full": agent.at_capacity_us + (elapsed if agent.used >= agent.interval_capacity else 0),
        },
    )


def _withdraw(tx: Tx, agent_id: int, status: Row[Any]) -> None:
    """Take back what the agent may not hold in the new status."""
    held = held_by(tx, agent_id)
    allowed: set[int] = set()
    if status.kind == "available":
        allowed = set(tx.connection.execute(_STATUS_CHANNELS, {"b_status": status.id}).scalars())
    revoke(tx, [h for h in held if h.state == "offered" and h.channel_id not in allowed], status.name)
    if status.kind == "offline":
        sign_out(tx, [h for h in held if h.state != "offered"])


def withdraw_forbidden(tx: Tx) -> None:
    """Take back offers whose agents may no longer have them because the configuration changed what their status means."""
    revoke(tx, held_assignments(tx, tx.connection.execute(_FORBIDDEN).scalars()), "configuration changed")


def sign_out(tx: Tx, held: list[Held]) -> None:
    """Apply each channel's sign-out policy to work that an agent who left had accepted."""
    policies = {row.id: row.sign_out for row in tx.all(_SIGN_OUT)}
    for h in held:
        if h.state == "wrapping":
            close(tx, h)
            continue
        policy = policies[h.channel_id]
        if policy == "requeue-all" or (policy == "requeue-unopened" and h.opened_at is None):
            transfer(tx, h, h.queue_id, "signed out")


def force_status(tx: Tx, agent_id: int, status_id: int | None, why: str) -> None:
    """Put an agent into the status that the presence configuration names for a decline or a timeout, if it names one."""
    if status_id is not None:
        status = tx.first(_STATUS_BY_ID, {"b_id": status_id})
        if status is not None:
            set_status(tx, agent_id, status, why)


# -- consoles


def connect(tx: Tx, agent_id: int, session: str) -> None:
    """Note that a console of an agent was opened; saying it twice is no error. Coming back inside the grace time restores all.

    Raises:
        WrongUsage: the session's name is another agent's.
    """
    if not _seen(tx, agent_id, session):
        if tx.first(_SESSION, {"b_session": session}) is not None:
            raise WrongUsage(reason="The name of this session is another agent's. Give each console a name of its own.")
        tx.execute(
            insert(console_sessions), {"id": session, "agent_id": agent_id, "began_at": tx.now, "seen_at": tx.now}
        )
    set_timers(tx, HEARTBEAT, "agent", [(agent_id, tx.now + HEARTBEAT_LOST_S * MICROSECONDS)])
    _restore(tx, agent_id)


def beat(tx: Tx, agent_id: int, session: str) -> None:
    """Note that a console is alive; one that was given up as lost is known again."""
    if _seen(tx, agent_id, session):
        _restore(tx, agent_id)
    else:
        connect(tx, agent_id, session)


def disconnect(tx: Tx, agent_id: int, session: str) -> None:
    """Note that a console was closed. Presence stays for the grace time, for the agent may come back."""
    tx.execute(_FORGET, {"b_session": session, "b_agent": agent_id})
    check_connection(tx, agent_id)


def _seen(tx: Tx, agent_id: int, session: str) -> bool:
    return tx.execute(_SEEN, {"b_session": session, "b_agent": agent_id, "b_now": tx.now}).rowcount > 0


def _restore(tx: Tx, agent_id: int) -> None:
    agent = load_agent(tx, agent_id)
    if agent.lost_at is not None:
        tx.execute(_LOST, {"b_agent": agent_id, "b_lost": None})
        cancel_timers(tx, GRACE, "agent", [agent_id])
        tx.record(ConnectionRestored(agent_id=agent_id))


def check_connection(tx: Tx, agent_id: int) -> None:
    """Look whether an agent still has a console that gives signs of life; without one the connection is lost."""
    patience = HEARTBEAT_LOST_S * MICROSECONDS
    seen = tx.scalar(_LAST_SEEN, {"b_agent": agent_id})
    if seen is not None and seen + patience > tx.now:
        set_timers(tx, HEARTBEAT, "agent", [(agent_id, seen + patience)])
        return
    tx.execute(_DROP_SESSIONS, {"b_agent": agent_id, "b_before": tx.now})
    cancel_timers(tx, HEARTBEAT, "agent", [agent_id])
    agent = load_agent(tx, agent_id)
    if agent.interval_id is None or agent.lost_at is not None:
        return
    until = tx.now + agent.grace_s * MICROSECONDS
    tx.execute(_LOST, {"b_agent": agent_id, "b_lost": tx.now})
    tx.record(ConnectionLost(agent_id=agent_id, until=until))
    set_timers(tx, GRACE, "agent", [(agent_id, until)], causes=tx.latest)
    revoke(tx, [h for h in held_by(tx, agent_id) if h.state == "offered"], "connection lost")


def end_grace(tx: Tx, agent_id: int) -> None:
    """Sign out an agent who did not come back in time."""
    agent = load_agent(tx, agent_id)
    if agent.lost_at is None:
        return
    offline = tx.first(
        select(presence_statuses).where(presence_statuses.c.kind == "offline").order_by(presence_statuses.c.id)
    )
    if offline is not None:
        set_status(tx, agent_id, offline, "connection lost")
