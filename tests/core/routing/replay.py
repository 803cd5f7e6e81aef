"""The desk's state as the journal tells it, so that each offer can be held to the oracle at the moment at which it was made."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from data.journal import START, Entry, Position
from tests.builders import Story
from tests.core.routing.oracle import Item, Person, choose

ENDS = ("work.declined", "work.timed_out", "work.revoked", "work.cancelled", "work.transferred", "work.closed")
BACK_IN_LINE = ("work.declined", "work.timed_out", "work.revoked")


@dataclass
class Agent:
    """What the journal has told of an agent."""

    status: str = "offline"
    capacity: int = 0
    connected: bool = True
    last_given_at: int = 0
    holds: dict[int, int] = field(default_factory=dict)  # work item: weight


class Replay:
    """Follows the journal from its beginning and compares each offer with the oracle's."""

    def __init__(self, desk: Story) -> None:
        self.desk = desk
        self.position: Position = START
        self.agents: dict[int, Agent] = {}
        self.waiting: dict[int, Item] = {}
        self.refused: dict[int, set[int]] = {}  # in the present round
        self.offers = 0
        self.configuration()

    def configuration(self) -> None:
        self.queues: dict[int, frozenset[int]] = {}
        self.channels: dict[str, frozenset[int]] = {}
        for (agent_id,) in self.desk.all("select id from agents"):
            self.agents.setdefault(agent_id, Agent())
            found = self.desk.all("select queue_id from queue_members where agent_id = ?", agent_id)
            self.queues[agent_id] = frozenset(q for (q,) in found)
        for status_id, name, kind in self.desk.all("select id, name, kind from presence_statuses"):
            found = self.desk.all("select channel_id from presence_status_channels where status_id = ?", status_id)
            self.channels[name] = frozenset(c for (c,) in found) if kind == "available" else frozenset()

    def people(self) -> list[Person]:
        return [
            Person(
                agent_id,
                self.queues[agent_id],
                self.channels[a.status],
                a.connected,
                a.capacity,
                sum(a.holds.values()),
                len(a.holds),
                a.last_given_at,
            )
            for agent_id, a in self.agents.items()
        ]

    def expected(self) -> list[tuple[int, int]]:
        routed = [
            replace(item, refused_by=frozenset(self.refused.get(item.id, ())))
            for item in self.waiting.values()
            if self._is_routed(item.queue)
        ]
        return choose(self.people(), routed, 0)

    def _is_routed(self, queue: int) -> bool:
        return self.desk.one("select routing_configuration_id from queues where id = ?", queue) is not None

    def follow(self) -> None:
        """Take in what was journaled since the last time."""
        while entries := self.desk.desk.entries_after(self.position):
            for entry in entries:
                self._take(entry)
            self.position = entries[-1].position

    def _take(self, entry: Entry) -> None:
        content = json.loads(entry.data)
        work, agent = entry.work_id or 0, self.agents.get(entry.agent_id or 0)
        kind = entry.kind
        if kind == "desk.configured":
            self.configuration()
        elif kind == "agent.presence_changed":
            assert agent is not None
            capacity = self.desk.one(
                "select capacity from presence_intervals where agent_id = ? and began_at = ?", entry.agent_id, entry.at
            )
            agent.status, agent.capacity, agent.connected = content["new"], capacity or 0, True
        elif kind in ("agent.connection_lost", "agent.connection_restored"):
            assert agent is not None
            agent.connected = kind.endswith("restored")
        elif kind == "work.queued":
            self.waiting[work] = self._item(work)
        elif kind == "work.round_started":
            self.refused[work] = set()
        elif kind == "work.reweighed":
            assert agent is not None
            agent.holds[work] = content["weight"]
        elif kind == "work.offered" or (kind == "work.accepted" and content["how"] == "given"):
            assert agent is not None
            if kind == "work.offered":
                expected = self.expected()
                assert expected[:1] == [(work, entry.agent_id)], f"event {entry.id}: the oracle says {expected[:3]}"
                self.offers += 1
            agent.holds[work] = self.waiting.pop(work).weight
            agent.last_given_at = entry.at
        elif kind in ENDS:
            self.waiting.pop(work, None)
            if agent is not None:
                agent.holds.pop(work, None)
            if kind in ("work.declined", "work.timed_out"):
                self.refused.setdefault(work, set()).add(entry.agent_id or 0)
            if kind in BACK_IN_LINE:
                self.waiting[work] = self._item(work)

    def _item(self, work: int) -> Item:
        row = self.desk.all(
            "select priority, secondary, accept_by, requested_at, id, queue_id, channel_id, weight from work_items where id = ?",
            work,
        )[0]
        return Item(*row)
