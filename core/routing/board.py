"""What the router looks at: the agents who are present and the line of waiting work, as plain values.

Capacity and weights are thousandths of a unit. The line has one direction everywhere: lower keys first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

PresenceKind = Literal["available", "busy", "offline"]


class LineKey(NamedTuple):
    """Where a work item stands in the line (SEMANTICS 1.3): priority, secondary priority, deadline to accept, age, id."""

    priority: int
    secondary: int
    accept_by: int
    requested_at: int
    work_id: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A work item in the line, with the rules of its queue."""

    key: LineKey
    case_id: int
    queue_id: int
    channel_id: int
    weight: int
    round: int = 1
    excluded: Mapping[int, str] = field(default_factory=dict)
    """Agents who are not asked again in this round, and whether they declined or let it time out."""
    push_timeout_s: int = 0
    round_pause_s: int = 30
    next_round_at: int | None = None

    @property
    def work_id(self) -> int:
        """The id of the work item."""
        return self.key.work_id


@dataclass(slots=True)
class Seat:
    """An agent as the router sees one: what may be offered, and how much room there is."""

    agent_id: int
    name: str
    queues: frozenset[int]
    channels: frozenset[int] = frozenset()
    kind: PresenceKind = "available"
    status: str = ""
    connected: bool = True
    capacity: int = 0
    used: int = 0
    open_items: int = 0
    last_assigned_at: int = 0
    auto_accept: bool = False
    wrap_up_s: int = 0

    @property
    def room(self) -> int:
        """How many thousandths are free; negative when work was given by hand beyond the capacity."""
        return self.capacity - self.used


class Board:
    """The agents on whom work can land. `take` is the only thing that changes it."""

    def __init__(self, seats: Iterable[Seat]) -> None:
        self.seats: dict[int, Seat] = {seat.agent_id: seat for seat in seats}
        self._members: dict[int, list[Seat]] = {}
        for seat in self.seats.values():
            for queue_id in seat.queues:
                self._members.setdefault(queue_id, []).append(seat)

    def members(self, queue_id: int) -> list[Seat]:
        """Return the seats of a queue's members."""
        return self._members.get(queue_id, [])

    def room(self) -> dict[tuple[int, int], int]:
        """Return for each queue and channel in which somebody could be asked the most room that anybody has for it."""
        found: dict[tuple[int, int], int] = {}
        for queue_id, seats in self._members.items():
            for seat in seats:
                if seat.kind == "available" and seat.connected and seat.room > 0:
                    for channel_id in seat.channels:
                        place = (queue_id, channel_id)
                        found[place] = max(found.get(place, 0), seat.room)
        return found

    def take(self, agent_id: int, weight: int, now: int) -> None:
        """Count a new item against an agent."""
        seat = self.seats[agent_id]
        seat.used += weight
        seat.open_items += 1
        seat.last_assigned_at = now
