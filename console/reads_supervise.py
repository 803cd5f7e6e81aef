"""What a supervisor sees, read in one snapshot: queues, agents, and the line in the order in which the router offers it.

Plain values; why an item still waits is decided here as the router would decide it, from the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass

from data import screen_queries
from data import supervise_queries as reads
from data.text import OutsideText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from data.queries import Fetch, Row

SHOWN = 200
"""How many items of the line are read."""
_ACTS_READ, _ACTS_SHOWN = 200, 60
_ACTS = frozenset(
    (
        *("case.opened", "message.received", "message.queued", "message.failed", "message.bounced", "mail.quarantined"),
        *("work.offered", "work.accepted", "work.declined", "work.timed_out", "work.closed", "work.transferred"),
        *("work.routing_failed", "agent.presence_changed", "agent.connection_lost", "agent.connection_restored"),
        *("desk.configured", "engine.stumbled"),
    )
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue with its figures; `members` and `present` count agents."""

    id: int
    name: str
    label: str
    routed: bool
    waiting: int
    offered: int
    accepted: int
    oldest_at: int | None
    members: int
    present: int

    @property
    def abandoned(self) -> bool:
        """Whether somebody waits and nobody is there who could take it."""
        return bool(self.waiting and not self.present)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent with status, load (in thousandths of a unit), and what is in hand; moments in microseconds."""

    id: int
    name: str
    label: str
    kind: str
    status_id: int | None
    status: str
    since: int | None
    lost_at: int | None
    grace_until: int | None
    used: int
    capacity: int
    open_items: int
    case: int | None
    subject: OutsideText | None
    acted_at: int | None
    queues: frozenset[int]


@dataclass(frozen=True, slots=True)
class LineRow:
    """A work item that waits or is offered. `why` is `offered`, `hand`, `pause`, `nobody`, `asked`, `no_room` or `next`."""

    work: int
    case: int
    subject: OutsideText
    queue_id: int
    queue: str
    why: str
    agent: str
    requested_at: int
    until: int | None
    """When the offer ends, or when everybody is asked again."""


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that a supervisor looks at, at one moment."""

    queues: tuple[QueueRow, ...]
    agents: tuple[AgentRow, ...]
    line: tuple[LineRow, ...]
    total: int
    """How many wait or are offered, shown or not."""
    acts: tuple[Row, ...]


def board(fetch: Fetch, queue: int | None = None) -> Board:
    """Return queues, agents and the line.

    Args:
        queue: the id of a queue, for its part of the line only.
    """
    members: dict[int, set[int]] = {}
    for row in fetch(reads.MEMBERS, {}):
        members.setdefault(row["queue_id"], set()).add(row["agent_id"])
    agents = tuple(sorted((_agent(row, members) for row in fetch(reads.AGENTS, {})), key=_agents_first))
    by_id = {each.id: each for each in agents}
    found = [_queue(row, members.get(row["id"], ()), by_id) for row in fetch(reads.QUEUES, {})]
    queues = tuple(sorted(found, key=_worst_first))
    counted = [each for each in queues if queue is None or each.id == queue]
    return Board(
        queues=queues,
        agents=agents,
        line=_line(fetch, queue, members, by_id),
        total=sum(each.waiting + each.offered for each in counted),
        acts=_acts(fetch(screen_queries.JOURNAL, {"limit": _ACTS_READ})),
    )


def _worst_first(row: QueueRow) -> tuple[object, ...]:
    return (not row.abandoned, -row.waiting, row.oldest_at or 0, not row.offered, row.label.casefold())


def _agents_first(row: AgentRow) -> tuple[object, ...]:
    order = {"available": 1, "busy": 2}.get(row.kind, 3)
    return (0 if row.lost_at is not None else order, row.label.casefold())


def _queue(row: Row, members: Collection[int], agents: Mapping[int, AgentRow]) -> QueueRow:
    there = [agents[each] for each in members if each in agents]
    return QueueRow(
        id=row["id"],
        name=row["name"],
        label=row["label"],
        routed=row["routing"] is not None,
        waiting=row["waiting"],
        offered=row["offered"],
        accepted=row["accepted"],
        oldest_at=row["oldest_at"],
        members=len(there),
        present=sum(each.kind == "available" and each.lost_at is None for each in there),
    )


def _agent(row: Row, members: Mapping[int, Collection[int]]) -> AgentRow:
    lost = row["lost_at"]
    return AgentRow(
        id=row["id"],
        name=row["name"],
        label=row["label"],
        kind=row["kind"],
        status_id=row["status_id"],
        status=row["status"],
        since=row["since"],
        lost_at=lost,
        grace_until=None if lost is None else lost + row["grace_s"] * 1_000_000,
        used=row["used"],
        capacity=row["capacity"],
        open_items=row["open_items"],
        case=row["case"],
        subject=row["subject"],
        acted_at=row["acted_at"],
        queues=frozenset(queue for queue, agents in members.items() if row["id"] in agents),
    )


def _line(
    fetch: Fetch, queue: int | None, members: Mapping[int, Collection[int]], agents: Mapping[int, AgentRow]
) -> tuple[LineRow, ...]:
    asked = {"queue": queue, "limit": SHOWN}
    channels: dict[int, set[int]] = {}
    for row in fetch(reads.STATUS_CHANNELS, {}):
        channels.setdefault(row["status_id"], set()).add(row["channel_id"])
    excluded: dict[int, set[int]] = {}
    for row in fetch(reads.EXCLUDED, asked):
        excluded.setdefault(row["work_id"], set()).add(row["agent_id"])
    found: list[tuple[tuple[int, ...], LineRow]] = []
    for row in fetch(reads.OFFERED, asked):
        found.append((_key(row), _item(row, "offered", row["agent"], row["deadline_at"])))
    for row in fetch(reads.WAITING, asked):
        seats = [agents[each] for each in members.get(row["queue_id"], ()) if each in agents]
        why = why_waiting(row, seats, channels, excluded.get(row["work"], ()))
        found.append((_key(row), _item(row, why, "", row["next_round_at"])))
    found.sort(key=lambda each: each[0])
    return tuple(row for _order, row in found[:SHOWN])


def _key(row: Row) -> tuple[int, ...]:
    return (row["priority"], row["secondary"], row["accept_by"], row["requested_at"], row["work"])


def _item(row: Row, why: str, agent: str, until: int | None) -> LineRow:
    return LineRow(
        work=row["work"],
        case=row["case"],
        subject=row["subject"],
        queue_id=row["queue_id"],
        queue=row["queue"],
        why=why,
        agent=agent,
        requested_at=row["requested_at"],
        until=until,
    )


def why_waiting(
    item: Row, seats: Iterable[AgentRow], channels: Mapping[int, Collection[int]], excluded: Collection[int]
) -> str:
    """Return in one word why an item waits, from the same obstacles in the same order as the router looks at them.

    Args:
        item: with routing, channel_id, weight and next_round_at.
        seats: the members of its queue.
        channels: which channels each presence status takes.
        excluded: the agents who are not asked again in this round.
    """
    if item["routing"] is None:
        return "hand"
    if item["next_round_at"] is not None:
        return "pause"
    there = [
        each
        for each in seats
        if each.kind == "available"
        and each.status_id is not None
        and item["channel_id"] in channels.get(each.status_id, ())
        and each.lost_at is None
    ]
    if not there:
        return "nobody"
    left = [each for each in there if each.id not in excluded]
    if not left:
        return "asked"
    return "next" if any(each.capacity - each.used >= item["weight"] for each in left) else "no_room"


def _acts(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the newest entries that tell of somebody's act, less the first message of a case, which opened it."""
    opened = {(row["case_id"], row["at"]) for row in rows if row["kind"] == "case.opened"}
    told = [
        row
        for row in rows
        if row["kind"] in _ACTS and not (row["kind"] == "message.received" and (row["case_id"], row["at"]) in opened)
    ]
    return tuple(told[:_ACTS_SHOWN])
