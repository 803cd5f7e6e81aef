"""The lease: one engine acts at a time. Its fencing number is checked inside every transaction of the engine.

Losing it is normal, not a fault: an engine that slept finds another number there and stops acting.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, select, update

from core.engine import outbox
from core.errors import LeaseLost
from data.clock import MICROSECONDS
from data.schema import engine_lease
from data.transaction import Tx

LEASE_S = 10
"""How many seconds after its last turn or renewal an engine counts as gone."""

_LEASE = select(engine_lease).with_for_update()
_TAKE = update(engine_lease).values(
    holder=bindparam("b_holder"), fence=bindparam("b_fence"), expires_at=bindparam("b_expires")
)
_RENEW = (
    update(engine_lease).where(engine_lease.c.fence == bindparam("b_fence")).values(expires_at=bindparam("b_expires"))
)
_GIVE_UP = update(engine_lease).where(engine_lease.c.fence == bindparam("b_fence")).values(expires_at=0)


class Lease(NamedTuple):
    """The right to act, as long as nobody holds a higher fence. `expires_at` in microseconds."""

    holder: str
    fence: int
    expires_at: int


class Held(NamedTuple):
    """Another engine's lease."""

    holder: str
    expires_at: int


def acquire(tx: Tx, holder: str, lease_s: float = LEASE_S) -> Lease | Held:
    """Take the lease if it is free or has run out; otherwise say who has it. The mails a dead engine had taken are free again."""
    row = tx.connection.execute(_LEASE).one()
    if row.expires_at > tx.now and row.holder != holder:
        return Held(row.holder, row.expires_at)
    fence = row.fence + 1
    expires_at = tx.now + int(lease_s * MICROSECONDS)
    tx.execute(_TAKE, {"b_holder": holder, "b_fence": fence, "b_expires": expires_at})
    outbox.release_taken(tx)
    return Lease(holder, fence, expires_at)


def check(tx: Tx, fence: int) -> None:
    """Refuse to act once somebody else has taken the lease.

    Raises:
        LeaseLost: it names the new holder.
    """
    row = tx.connection.execute(_LEASE).one()
    if row.fence != fence:
        raise LeaseLost(holder=row.holder or "nobody")


def renew(tx: Tx, fence: int, lease_s: float = LEASE_S) -> int:
    """Prolong the lease from now and return when it runs out.

    Raises:
        LeaseLost: somebody else has it.
    """
    expires_at = tx.now + int(lease_s * MICROSECONDS)
    if tx.execute(_RENEW, {"b_fence": fence, "b_expires": expires_at}).rowcount != 1:
        check(tx, fence)
    return expires_at


def give_up(tx: Tx, fence: int) -> None:
    """Let the next engine act at once; giving up what one does not hold changes nothing."""
    tx.execute(_GIVE_UP, {"b_fence": fence})
