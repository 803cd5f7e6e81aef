"""What agents and queues carry: the guarded counters behind capacity and behind the supervisor's figures.

Every change goes through here, so that used capacity always equals the sum of the weights held (`deskline verify` checks it).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import ColumnElement, bindparam, case, insert, update

from core.errors import LostRace
from data.schema import agent_loads, queue_loads
from data.transaction import Tx

_elapsed: ColumnElement[int] = bindparam("b_now") - agent_loads.c.load_since
_clock = {
    "idle_us": agent_loads.c.idle_us + case((agent_loads.c.used == 0, _elapsed), else_=0),
    "at_capacity_us": agent_loads.c.at_capacity_us
    + case((agent_loads.c.used >= agent_loads.c.capacity, _elapsed), else_=0),
    "load_since": bindparam("b_now"),
}
_ADD = (
    update(agent_loads)
    .where(agent_loads.c.agent_id == bindparam("b_agent"))
    .values(
        used=agent_loads.c.used + bindparam("b_weight"),
        open_items=agent_loads.c.open_items + bindparam("b_items"),
        **_clock,
    )
)
_TAKE = _ADD.values(last_assigned_at=bindparam("b_now"))
_OFFER = _TAKE.where(
    agent_loads.c.used + bindparam("b_weight") <= agent_loads.c.capacity,
    agent_loads.c.interval_id.is_not(None),
    agent_loads.c.lost_at.is_(None),
)
_QUEUE = (
    update(queue_loads)
    .where(queue_loads.c.queue_id == bindparam("b_queue"))
    .values(
        waiting=queue_loads.c.waiting + bindparam("b_waiting"),
        offered=queue_loads.c.offered + bindparam("b_offered"),
        accepted=queue_loads.c.accepted + bindparam("b_accepted"),
    )
)
_NEW_QUEUE = insert(queue_loads)
_FIGURE = {"waiting": "b_waiting", "offered": "b_offered", "accepted": "b_accepted", "wrapping": "b_accepted"}


def _summed(tx: Tx, items: Iterable[tuple[int, int]], sign: int) -> list[dict[str, int]]:
    weights: dict[int, int] = defaultdict(int)
    counts: dict[int, int] = defaultdict(int)
    for agent_id, weight in items:
        weights[agent_id] += weight
        counts[agent_id] += 1
    return [
        {"b_agent": a, "b_weight": sign * weights[a], "b_items": sign * counts[a], "b_now": tx.now}
        for a in sorted(weights)
    ]


def offer_room(tx: Tx, items: Iterable[tuple[int, int]]) -> None:
    """Take room for offers, each an agent id and a weight; refused where an agent has none left or is gone.

    Raises:
        LostRace: somebody else changed an agent's load meanwhile.
    """
    rows = _summed(tx, items, 1)
    if rows and tx.execute(_OFFER, rows).rowcount != len(rows):
        raise LostRace


def take_room(tx: Tx, agent_id: int, weight: int) -> None:
    """Take room for work that is given by hand: it counts like any other and may exceed the capacity."""
    tx.execute(_TAKE, _summed(tx, [(agent_id, weight)], 1))


def free_room(tx: Tx, items: Iterable[tuple[int, int]]) -> None:
    """Give back the room of ended assignments, each an agent id and a weight."""
    rows = _summed(tx, items, -1)
    if rows:
        tx.execute(_ADD, rows)


def reweigh_room(tx: Tx, agent_id: int, difference: int) -> None:
    """Count an item that an agent holds more or less, by `difference` thousandths."""
    tx.execute(_ADD, [{"b_agent": agent_id, "b_weight": difference, "b_items": 0, "b_now": tx.now}])


def count_queues(tx: Tx, moves: Iterable[tuple[int, str | None, str | None]]) -> None:
    """Move work between a queue's figures: each a queue id, the state left and the state entered, None for neither."""
    sums: dict[int, dict[str, int]] = {}
    for queue_id, left, entered in moves:
        row = sums.setdefault(queue_id, {"b_queue": queue_id, "b_waiting": 0, "b_offered": 0, "b_accepted": 0})
        if left in _FIGURE:
            row[_FIGURE[left]] -= 1
        if entered in _FIGURE:
            row[_FIGURE[entered]] += 1
    rows = [sums[queue_id] for queue_id in sorted(sums)]
    if rows:
        tx.execute(_QUEUE, rows)


def start_queue(tx: Tx, queue_id: int) -> None:
    """Give a new queue its row of figures."""
    tx.execute(_NEW_QUEUE, {"queue_id": queue_id})
