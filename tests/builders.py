"""Builders for stories: a desk with people and queues, a clock that the test moves, an engine that runs to rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.actions import cases, presence, work
from core.actions import desk as desk_actions
from core.config.document import (
    Address,
    Agent,
    Channel,
    Document,
    Mailbox,
    PresenceConfiguration,
    Queue,
    RoutingConfiguration,
    Smtp,
)
from core.config.starter import starter
from core.engine import lease
from core.engine.turn import take_turn
from data.actor import ENGINE, LOCAL_ADMIN, Actor
from data.desk import Desk

NOON = 1_800_000_000_000_000


class ManualClock:
    """A clock that stands until the test moves it; each look moves it by one microsecond, so that moments differ."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += int(seconds * 1_000_000)


def document(
    *,
    agents: Sequence[str] = ("maya", "tom", "ida"),
    queues: Mapping[str, Sequence[str]] | None = None,
    presence_configuration: PresenceConfiguration | None = None,
    routing: RoutingConfiguration | None = None,
    channel: Channel | None = None,
    supervisors: Sequence[str] = (),
) -> Document:
    queues = {"tier-1": agents} if queues is None else queues
    base = starter()
    return base.model_copy(
        update={
            "desk": base.desk.model_copy(update={"name": "Ursa Major Solar", "fallback_queue": next(iter(queues))}),
            "channels": {"email": channel or Channel(label="Mail")},
            "presence_configurations": {"standard": presence_configuration or PresenceConfiguration()},
            "routing_configurations": {"normal": routing or RoutingConfiguration()},
            "agents": {
                **{name: Agent(name=name.title(), email=f"{name}@ursamajor.example") for name in agents},
                **{name: Agent(name=name.title(), role="supervisor") for name in supervisors},
            },
            "queues": {name: Queue(members=tuple(sorted(members))) for name, members in queues.items()},
            "mailboxes": {
                "support": Mailbox(
                    smtp=Smtp(host="127.0.0.1", port=1, tls="none"),
                    sender="Ursa Major Solar <support@ursamajor.example>",
                    addresses={"support@ursamajor.example": Address(queue=next(iter(queues)))},
                )
            },
        }
    )


class Story:
    """A desk under test, driven by words."""

    def __init__(self, where: Path | str, wanted: Document | None = None, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.desk = Desk.create(where, clock=self.clock, name="a test")
        self.desk.run(LOCAL_ADMIN, desk_actions.apply, wanted or document())
        self.fence = 0

    def actor(self, name: str) -> Actor:
        with self.desk.reading() as c:
            row = c.exec_driver_sql(f"select id, role from agents where name = '{name}'").one()
        return Actor("agent", row.role, row.id, name)

    def configure(self, wanted: Document, *, prune: bool = False) -> None:
        self.desk.run(LOCAL_ADMIN, desk_actions.apply, wanted, prune=prune)
        self.settle()

    def settle(self) -> None:
        """Let the engine take turns until nothing is left to do now."""
        if not self.fence:
            got = self.desk.run(ENGINE, lease.acquire, "test engine", 1e9)
            assert isinstance(got, lease.Lease)
            self.fence = got.fence
        while True:
            turn = self.desk.run(ENGINE, take_turn, self.desk.storage, self.fence, budget_s=60)
            if not turn.more and not turn.handled and not turn.matured:
                return

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.settle()

    def present(self, *names: str, status: str = "available") -> None:
        for name in names:
            self.desk.run(self.actor(name), presence.set_status, name, status)
        self.settle()

    def customer_writes(self, subject: str = "Inverter shows E-31", sender: str = "lena@ortiz-farm.example") -> int:
        number = self.desk.run(LOCAL_ADMIN, cases.open_new, subject, "It is dark.", address=sender, name="Lena Ortiz")
        self.settle()
        return number

    def work_of(self, case: int) -> int:
        return self.one("select max(id) from work_items where case_id = ?", case)

    def accept(self, name: str, case: int) -> None:
        self.desk.run(self.actor(name), work.accept, self.work_of(case))
        self.settle()

    def decline(self, name: str, case: int, reason: str = "") -> None:
        self.desk.run(self.actor(name), work.decline, self.work_of(case), reason=reason)
        self.settle()

    def act(self, name: str, action, *args, **kwargs):
        actor = LOCAL_ADMIN if name == "admin" else self.actor(name)
        result = self.desk.run(actor, action, *args, **kwargs)
        self.settle()
        return result

    # -- looking

    def one(self, sql: str, *params: object):
        with self.desk.reading() as c:
            return c.exec_driver_sql(
                sql.replace("?", "%s") if self.desk.storage.dialect != "sqlite" else sql, params or ()
            ).scalar()

    def all(self, sql: str, *params: object) -> list[tuple]:
        with self.desk.reading() as c:
            marked = sql.replace("?", "%s") if self.desk.storage.dialect != "sqlite" else sql
            return [tuple(row) for row in c.exec_driver_sql(marked, params or ())]

    def offered_to(self, case: int) -> str | None:
        return self.one(
            "select a.name from assignments s join agents a on a.id = s.agent_id join work_items w on w.id = s.work_id "
            "where w.case_id = ? and s.state = 'offered'",
            case,
        )

    def held_by(self, case: int) -> str | None:
        return self.one(
            "select a.name from assignments s join agents a on a.id = s.agent_id join work_items w on w.id = s.work_id "
            "where w.case_id = ? and s.state in ('accepted', 'wrapping')",
            case,
        )

    def status(self, case: int) -> str:
        return self.one("select status from cases where id = ?", case)

    def used(self, name: str) -> int:
        return self.one("select used from agent_loads l join agents a on a.id = l.agent_id where a.name = ?", name)

    def kinds(self) -> list[str]:
        return [kind for (kind,) in self.all("select kind from journal order by id")]
