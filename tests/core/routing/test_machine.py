"""A real desk under random people: whatever they do, in whatever order, every offer is the oracle's and verify has nothing to say."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from core.actions import cases, presence, work
from core.config.document import Channel, Document, PresenceConfiguration, PresenceStatus, Queue, RoutingConfiguration
from core.engine import lease
from core.engine.turn import take_turn
from core.errors import DeskError
from data.actor import ENGINE, LOCAL_ADMIN
from tests.builders import Story, document
from tests.core.routing.replay import Replay
from tests.core.verified import findings

PEOPLE = ("ida", "maya", "tom")
QUEUES = {"tier-1": ("maya", "tom"), "tier-2": ("ida", "tom"), "outage": ("ida", "maya", "tom")}

person = st.sampled_from(PEOPLE)
number = st.integers(0, 50)


def wanted(
    *,
    capacity: str = "2.5",
    auto_accept: bool = False,
    wrap_up: int = 0,
    sign_out: str = "requeue-unopened",
    people: tuple[str, ...] = PEOPLE,
    queues: dict[str, tuple[str, ...]] | None = None,
    training: str = "available",
) -> Document:
    base = document(agents=people, supervisors=["sam"])
    chosen = QUEUES if queues is None else queues
    return base.model_copy(
        update={
            "channels": {
                "email": Channel(label="Mail", sign_out=sign_out),  # type: ignore[arg-type]
                "chat": Channel(label="Chat", weight=Decimal("0.7"), paused_weight=Decimal(0), sign_out="requeue-all"),
            },
            "presence_statuses": {
                **base.presence_statuses,
                "available": PresenceStatus(label="Available", kind="available", channels=("chat", "email")),
                "training": PresenceStatus(
                    label="Training",
                    kind=training,  # type: ignore[arg-type]
                    channels=("chat",) if training == "available" else (),
                ),
            },
            "presence_configurations": {
                "standard": PresenceConfiguration(
                    capacity=Decimal(capacity), auto_accept=auto_accept, wrap_up=wrap_up, grace=40
                )
            },
            "routing_configurations": {
                "normal": RoutingConfiguration(),
                "urgent": RoutingConfiguration(priority=1, weight=Decimal("1.3"), push_timeout=20, round_pause=10),
            },
            "queues": {
                name: Queue(
                    members=tuple(m for m in members if m in people), routing="urgent" if name == "outage" else "normal"
                )
                for name, members in chosen.items()
            },
        }
    )


class Desk(RuleBasedStateMachine):
    """People, customers, a clock, engines that come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="desk-"))
        self.story: Story | None = None
        self.sessions = 0

    def teardown(self) -> None:
        if self.story is not None:
            self.settle()
            event(f"{min(self.replay.offers, 20) // 5 * 5} offers or more")
            self.story.desk.close()
        shutil.rmtree(self.folder)

    @initialize(
        capacity=st.sampled_from(["1", "2.5", "6"]),
        auto_accept=st.booleans(),
        wrap_up=st.sampled_from([0, 25]),
        sign_out=st.sampled_from(["keep", "requeue-unopened", "requeue-all"]),
        present=st.sets(person, min_size=1),
        backlog=st.integers(3, 10),
    )
    def opens(
        self, capacity: str, auto_accept: bool, wrap_up: int, sign_out: str, present: set[str], backlog: int
    ) -> None:
        self.settings = {"capacity": capacity, "auto_accept": auto_accept, "wrap_up": wrap_up, "sign_out": sign_out}
        self.story = Story(self.folder / "desk.db", wanted(**self.settings))  # type: ignore[arg-type]
        self.replay = Replay(self.story)
        for n in range(backlog):
            self.customer_writes((*QUEUES, None)[n % 4], "email" if n % 3 else "chat", 1)
        self.story.present(*sorted(present))

    # -- what the rules lean on

    @property
    def desk(self) -> Story:
        assert self.story is not None
        return self.story

    def does(self, name: str, action: Callable[..., object], *args: object, **kwargs: object) -> None:
        """Do something that may be refused, in the words of the desk and never otherwise."""
        try:
            actor = LOCAL_ADMIN if name == "admin" else self.desk.actor(name)
            self.desk.desk.run(actor, action, *args, **kwargs)
        except DeskError as refused:
            event(type(refused).__name__)

    def one_of(self, which: int, sql: str) -> tuple | None:
        found = self.desk.all(sql)
        return found[which % len(found)] if found else None

    def case(self, which: int) -> int | None:
        found = self.one_of(which, "select id from cases order by id")
        return found[0] if found else None

    @rule()
    def settle(self) -> None:
        self.desk.settle()
        assert findings(self.desk.desk) == []
        self.replay.follow()
        assert self.replay.expected() == []

    # -- customers

    @rule(queue=st.sampled_from([*QUEUES, None]), channel=st.sampled_from(["email", "chat"]), count=st.integers(1, 3))
    def customer_writes(self, queue: str | None, channel: str, count: int) -> None:
        for _ in range(count):
            self.does("admin", cases.open_new, "Dark", "E-31", address="a@b.example", channel=channel, queue=queue)

    @rule(which=number)
    def customer_answers(self, which: int) -> None:
        if (case := self.case(which)) is not None:
            self.does("admin", cases.customer_answered, case)

    # -- agents

    @rule(name=person, status=st.sampled_from(["available", "available", "training", "away", "offline"]))
    def changes_status(self, name: str, status: str) -> None:
        self.does(name, presence.set_status, name, status)

    @rule(which=number, refuses=st.booleans())
    def answers_an_offer(self, which: int, refuses: bool) -> None:
        offer = self.one_of(
            which,
            "select s.work_id, a.name from assignments s join agents a on a.id = s.agent_id where state = 'offered' order by s.id",
        )
        if offer is not None:
            self.does(offer[1], work.decline if refuses else work.accept, offer[0])

    @rule(names=st.sets(person, min_size=1), solve=st.booleans())
    def work_through_what_they_have(self, names: set[str], solve: bool) -> None:
        """Each of them is there, accepts what is offered and, on a good day, solves it."""
        for name in sorted(names):
            self.does(name, presence.set_status, name, "available")
        self.settle()
        for item, case, name in self.desk.all(
            "select w.id, w.case_id, a.name from assignments s join agents a on a.id = s.agent_id "
            "join work_items w on w.id = s.work_id where s.state = 'offered' order by s.id"
        ):
            if name in names:
                self.does(name, work.accept, item)
                if solve:
                    self.does(name, cases.resolve, case)
        self.settle()

    @rule(name=person, which=number)
    def tries_to_take_what_was_not_offered(self, name: str, which: int) -> None:
        self.does(name, work.accept, which)

    @rule(name=person, which=number)
    def resolves(self, name: str, which: int) -> None:
        if (case := self.case(which)) is not None:
            self.does(name, cases.resolve, case)

    @rule(name=st.sampled_from(["sam", "maya"]), which=number)
    def closes(self, name: str, which: int) -> None:
        if (case := self.case(which)) is not None:
            self.does(name, cases.close, case)

    @rule(name=person, which=number)
    def reopens(self, name: str, which: int) -> None:
        if (case := self.case(which)) is not None:
            self.does(name, cases.reopen, case)

    @rule(name=person, which=number, then=st.sampled_from([None, "open", "waiting_customer", "resolved"]))
    def replies(self, name: str, which: int, then: str | None) -> None:
        if (case := self.case(which)) is not None:
            self.does(name, cases.reply, case, "Off and on", then=then)

    @rule(name=person, which=number, seconds=st.sampled_from([5, 100]))
    def holds(self, name: str, which: int, seconds: int) -> None:
        if (case := self.case(which)) is not None:
            self.does(name, cases.hold, case, seconds=seconds, reason="Part ordered")

    @rule(name=person, to=person, which=number)
    def gives_by_hand(self, name: str, to: str, which: int) -> None:
        if (case := self.case(which)) is not None:
            self.does(name, cases.assign, case, agent=to)

    @rule(name=person, queue=st.sampled_from(list(QUEUES)), which=number)
    def sends_to_a_queue(self, name: str, queue: str, which: int) -> None:
        if (case := self.case(which)) is not None:
            self.does(name, cases.assign, case, queue=queue)

    # -- consoles

    @rule(name=person)
    def opens_a_console(self, name: str) -> None:
        self.sessions += 1
        self.does(name, presence.connect, name, f"console {self.sessions}")

    @rule(which=number, lives=st.booleans())
    def console_beats_or_closes(self, which: int, lives: bool) -> None:
        found = self.one_of(
            which, "select c.id, a.name from console_sessions c join agents a on a.id = c.agent_id order by c.began_at"
        )
        if found is not None:
            self.does(found[1], presence.beat if lives else presence.disconnect, found[1], found[0])

    # -- time and engines

    @rule(seconds=st.sampled_from([1, 11, 21, 31, 41, 61, 130, 1000]))
    def time_passes(self, seconds: int) -> None:
        self.desk.clock.advance(seconds)

    @rule(turns=st.integers(1, 3))
    def engine_takes_hasty_turns(self, turns: int) -> None:
        for _ in range(turns):
            self.does("admin", lambda tx: None)
            self.desk.desk.run(ENGINE, take_turn, self.desk.desk.storage, self.desk.fence, budget_s=0, lease_s=1e9)

    @rule()
    def another_engine_takes_over(self) -> None:
        before = self.desk.fence
        self.desk.desk.run(ENGINE, lease.give_up, before)
        got = self.desk.desk.run(ENGINE, lease.acquire, f"engine {before}", 1e9)
        assert isinstance(got, lease.Lease)
        self.does("admin", lambda tx: take_turn(tx, self.desk.desk.storage, before))  # refused: LeaseLost
        self.desk.fence = got.fence

    # -- an admin

    @rule(
        people=st.sampled_from([PEOPLE, PEOPLE, PEOPLE[1:], PEOPLE[:2]]),
        capacity=st.sampled_from(["1", "2.5", "4"]),
        queues=st.sampled_from([QUEUES, {"tier-1": PEOPLE}, {"tier-1": ("ida",), "outage": PEOPLE}]),
        training=st.sampled_from(["available", "busy"]),
    )
    def changes_the_configuration(
        self, people: tuple[str, ...], capacity: str, queues: dict[str, tuple[str, ...]], training: str
    ) -> None:
        self.settle()
        self.settings["capacity"] = capacity
        document = wanted(**self.settings, people=people, queues=queues, training=training)  # type: ignore[arg-type]
        self.desk.configure(document, prune=True)
        self.settle()


quick = settings(max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))


class TestDesk(Desk.TestCase):  # type: ignore[misc, valid-type]
    settings = quick


@pytest.mark.soak
@pytest.mark.timeout(3600)
class TestDeskForLong(Desk.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(quick, max_examples=500, stateful_step_count=80)
