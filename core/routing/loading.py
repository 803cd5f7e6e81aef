"""The board and the line, read from the tables.

The line is read in pages and only for queues where somebody has room, so that a look costs what it leads to, not the backlog.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, bindparam, or_, select, tuple_

from core.routing.board import Board, LineKey, Seat, Waiting
from data.schema import (
    agent_loads,
    agents,
    offer_exclusions,
    presence_configurations,
    presence_intervals,
    presence_status_channels,
    presence_statuses,
    queue_members,
    queues,
    routing_configurations,
    work_items,
)
from data.transaction import Tx

_PAGE = 256

_SEATS: Select[Any] = (
    select(
        agents.c.id,
        agents.c.name,
        agents.c.active,
        agent_loads.c.capacity,
        agent_loads.c.used,
        agent_loads.c.open_items,
        agent_loads.c.last_assigned_at,
        agent_loads.c.lost_at,
        presence_statuses.c.id.label("status_id"),
        presence_statuses.c.name.label("status"),
        presence_statuses.c.kind,
        presence_configurations.c.auto_accept,
        presence_configurations.c.wrap_up_s,
    )
    .join(agent_loads, agent_loads.c.agent_id == agents.c.id)
    .join(presence_configurations, presence_configurations.c.id == agents.c.presence_configuration_id)
    .outerjoin(presence_intervals, presence_intervals.c.id == agent_loads.c.interval_id)
    .outerjoin(presence_statuses, presence_statuses.c.id == presence_intervals.c.status_id)
)
_PRESENT = _SEATS.where(
    agent_loads.c.interval_id.is_not(None),
    agent_loads.c.lost_at.is_(None),
    agent_loads.c.used < agent_loads.c.capacity,
    presence_statuses.c.kind == "available",
)
_PRESENT_OR_FULL = _SEATS.where(agent_loads.c.interval_id.is_not(None), agents.c.active == 1)
_OF_QUEUE = _SEATS.join(queue_members, queue_members.c.agent_id == agents.c.id).where(
    queue_members.c.queue_id == bindparam("b_queue")
)
_ANYBODY_FREE = _PRESENT.with_only_columns(agents.c.id).limit(1)
_CHANNELS = select(presence_status_channels)
_MEMBERS = select(queue_members)

_LINE_KEY = (
    work_items.c.priority,
    work_items.c.secondary,
    work_items.c.accept_by,
    work_items.c.requested_at,
    work_items.c.id,
)
_WAITING = (
    select(
        *_LINE_KEY,
        work_items.c.case_id,
        work_items.c.queue_id,
        work_items.c.channel_id,
        work_items.c.weight,
        work_items.c.round,
        work_items.c.next_round_at,
        routing_configurations.c.push_timeout_s,
        routing_configurations.c.round_pause_s,
    )
    .join(queues, queues.c.id == work_items.c.queue_id)
    .join(routing_configurations, routing_configurations.c.id == queues.c.routing_configuration_id)
)
_LINE_PAGE = (
    _WAITING.where(
        work_items.c.state == "waiting",
        work_items.c.weight <= bindparam("b_room"),
        tuple_(work_items.c.queue_id, work_items.c.channel_id).in_(bindparam("b_places", expanding=True)),
        or_(work_items.c.next_round_at.is_(None), bindparam("b_paused") == 1),
        tuple_(*_LINE_KEY)
        > tuple_(
            bindparam("b_priority"),
            bindparam("b_secondary"),
            bindparam("b_accept_by"),
            bindparam("b_requested_at"),
            bindparam("b_id"),
        ),
    )
    .order_by(*_LINE_KEY)
    .limit(_PAGE)
)
_ONE_WAITING = _WAITING.where(work_items.c.id == bindparam("b_work"))
_EXCLUSIONS = (
    select(offer_exclusions.c.work_id, offer_exclusions.c.agent_id, offer_exclusions.c.why)
    .join(work_items, work_items.c.id == offer_exclusions.c.work_id)
    .where(
        offer_exclusions.c.work_id.in_(bindparam("b_works", expanding=True)),
        offer_exclusions.c.round == work_items.c.round,
    )
)
_LOWEST = {
    "b_priority": -sys.maxsize,
    "b_secondary": -sys.maxsize,
    "b_accept_by": -sys.maxsize,
    "b_requested_at": -sys.maxsize,
    "b_id": -sys.maxsize,
}


def anybody_free(tx: Tx) -> bool:
    """Say whether some present agent has any room at all; without one there is no need to look at the line."""
    return tx.first(_ANYBODY_FREE) is not None


def load_board(tx: Tx) -> Board:
    """Return the board of everybody who is present, full or not."""
    return _board(tx, tx.all(_PRESENT_OR_FULL))


def load_members(tx: Tx, queue_id: int) -> Board:
    """Return the board of a queue's members, absent ones too, for an explanation."""
    return _board(tx, tx.all(_OF_QUEUE, {"b_queue": queue_id}))


def _board(tx: Tx, rows: Sequence[Row[Any]]) -> Board:
    channels: dict[int, set[int]] = defaultdict(set)
    for row in tx.all(_CHANNELS):
        channels[row.status_id].add(row.channel_id)
    frozen = {status_id: frozenset(found) for status_id, found in channels.items()}
    memberships: dict[int, set[int]] = defaultdict(set)
    for row in tx.all(_MEMBERS):
        memberships[row.agent_id].add(row.queue_id)
    return Board(
        Seat(
            agent_id=row.id,
            name=row.name,
            queues=frozenset(memberships.get(row.id, ())),
            channels=frozen.get(row.status_id, frozenset()),
            kind=(row.kind or "offline") if row.active else "offline",
            status=row.status or "offline",
            connected=row.lost_at is None,
            capacity=row.capacity,
            used=row.used,
            open_items=row.open_items,
            last_assigned_at=row.last_assigned_at,
            auto_accept=bool(row.auto_accept),
            wrap_up_s=row.wrap_up_s,
        )
        for row in rows
    )


def read_line(tx: Tx, board: Board, *, paused: bool = True) -> Iterator[Waiting]:
    """Yield waiting work in the order of the line, for as long as somebody on the board has room for it.

    Args:
        board: who is present; what the choices take from it makes the line shorter.
        paused: whether items between two rounds come along. Everybody present was asked for them, so only somebody who
            became present, or another configuration, makes a difference to them.
    """
    position = dict(_LOWEST)
    while True:
        rooms = board.room()
        if not rooms:
            return
        rows = tx.all(
            _LINE_PAGE,
            {**position, "b_room": max(rooms.values()), "b_places": list(rooms), "b_paused": int(paused)},
        )
        excluded = _exclusions(tx, [row.id for row in rows])
        for row in rows:
            yield _waiting(row, excluded)
        if len(rows) < _PAGE:
            return
        last = rows[-1]
        position = {
            "b_priority": last.priority,
            "b_secondary": last.secondary,
            "b_accept_by": last.accept_by,
            "b_requested_at": last.requested_at,
            "b_id": last.id,
        }


def load_waiting(tx: Tx, work_id: int) -> Waiting | None:
    """Return one work item as the router would see it in the line, or None where its queue routes nothing."""
    row = tx.first(_ONE_WAITING, {"b_work": work_id})
    return None if row is None else _waiting(row, _exclusions(tx, [work_id]))


def _exclusions(tx: Tx, work_ids: list[int]) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = defaultdict(dict)
    if work_ids:
        for row in tx.all(_EXCLUSIONS, {"b_works": work_ids}):
            found[row.work_id][row.agent_id] = row.why
    return found


def _waiting(row: Row[Any], excluded: dict[int, dict[int, str]]) -> Waiting:
    return Waiting(
        key=LineKey(row.priority, row.secondary, row.accept_by, row.requested_at, row.id),
        case_id=row.case_id,
        queue_id=row.queue_id,
        channel_id=row.channel_id,
        weight=row.weight,
        round=row.round,
        excluded=excluded.get(row.id, {}),
        push_timeout_s=row.push_timeout_s,
        round_pause_s=row.round_pause_s,
        next_round_at=row.next_round_at,
    )
