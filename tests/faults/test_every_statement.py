"""A death at every statement of each piece of work that the desk does: what comes after it is as if nobody had died."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from core.actions import cases, presence, work
from core.actions import desk as desk_actions
from core.config.document import Agent, Channel, Document, PresenceConfiguration, Queue, RoutingConfiguration
from core.engine import lease
from core.engine.engine import Engine
from core.errors import OfferGone
from core.timers import set_timers
from data.actor import ENGINE, LOCAL_ADMIN, Actor
from data.desk import Desk
from intake.email import mime
from intake.email import sender as outbox_sender
from intake.email.desk_store import DeskMailStore
from intake.email.imap import FetchedMail, Position
from intake.email.sender import OutboxSender
from intake.email.smtp import Answer, SendFailed, SmtpSettings
from tests.builders import Story, document
from tests.faults.harness import Piece, Tick, die_everywhere, everything, rows
from tests.faults.mails import mail, with_many_parts

pytestmark = pytest.mark.timeout(600)  # a forked child for each statement; the machine may be busy


def told(name: str, steps: int, before: int) -> None:
    print(f"{name}: {steps} deaths, {before} of them before the work was committed")


# -- intake


def test_intake_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mime, "MAX_PARTS", 20)
    mails = [
        mail(mail_id="<1@ortiz-farm.example>", attachment=b"\x00\x01 log of the inverter"),
        with_many_parts(30),
        mail(
            "Re: Inverter shows E-31",
            "It is E-32 now.",
            mail_id="<2@ortiz-farm.example>",
            answers="<1@ortiz-farm.example>",
        ),
    ]
    fetched = [FetchedMail(7, 10 + n, raw, None) for n, raw in enumerate(mails)]
    end = Position(7, 10 + len(mails))

    def store(desk: Desk) -> DeskMailStore:
        return DeskMailStore(desk, rows(desk, "select id from mailboxes")[0][0])

    def take(desk: Desk, _: Tick) -> None:
        store(desk).take(fetched, end)

    def poll_again(desk: Desk) -> None:
        """The server still has all three; what lies before the position is not fetched."""
        stands = store(desk).position()
        first = stands.next_uid if stands is not None else 1
        if fresh := [each for each in fetched if each.uid >= first]:
            store(desk).take(fresh, end)

    deaths = die_everywhere(Piece(lambda _: None, take, poll_again, everything))
    told("intake", deaths.steps, deaths.before_commit)
    assert deaths.outcome["messages"].total() == 2
    assert deaths.outcome["cases"].total() == 1
    assert [key[3] for key in deaths.outcome["receipts"]].count("quarantined") == 1


# -- the engine


def engine_works(desk: Desk) -> None:
    """Be the next engine: take the lease as soon as it is free, and act until nothing is left to do now."""
    engine = Engine(desk, f"engine {os.getpid()}")
    while True:
        step = engine.step()
        assert step.acting, step
        if step.turn is not None and not (step.turn.more or step.turn.handled or step.turn.matured):
            return


def test_turns_of_the_engine() -> None:
    def prepare(story: Story) -> None:
        """Arrivals, an offer that timed out, a wrap-up and a hold that end, and room for agents: all are due at once."""
        story.present("maya", "tom")
        first, second = story.customer_writes("first"), story.customer_writes("second")
        for case in (first, second):
            story.accept(story.offered_to(case) or "", case)
        story.act(story.held_by(first) or "", cases.resolve, first)
        story.act(story.held_by(second) or "", cases.hold, second, seconds=60, reason="a part is on its way")
        story.customer_writes("third")
        story.clock.advance(61)
        for subject in ("fourth", "fifth", "sixth"):
            story.desk.run(LOCAL_ADMIN, cases.open_new, subject, "It is dark.", address="lena@ortiz-farm.example")
        story.desk.run(story.actor("ida"), presence.set_status, "ida", "available")
        give_up_lease(story)

    wanted = document(
        presence_configuration=PresenceConfiguration(wrap_up=60, status_after_timeout=None),
        routing=RoutingConfiguration(push_timeout=60),
    )
    deaths = die_everywhere(Piece(prepare, lambda desk, _: engine_works(desk), engine_works, everything, wanted))
    told("engine turns", deaths.steps, deaths.before_commit)
    kinds = [key[0] for key in deaths.outcome["journal"].elements()]
    assert kinds.count("work.timed_out") == 1
    assert kinds.count("work.closed") == 1
    assert kinds.count("case.opened") == kinds.count("work.queued") == 6


def give_up_lease(story: Story) -> None:
    story.desk.run(ENGINE, lease.give_up, story.fence)


# -- what agents do


def pressing(desk: Desk, name: str) -> Actor:
    return Actor("agent", "agent", rows(desk, f"select id from agents where name = '{name}'")[0][0], name)


def one_offer(story: Story) -> None:
    story.present("maya")
    case = story.customer_writes()
    assert story.offered_to(case) == "maya"


def test_accept() -> None:
    def accept(desk: Desk, _: Tick) -> None:
        [(item,)] = rows(desk, "select id from work_items")
        desk.run(pressing(desk, "maya"), work.accept, item)

    def press_again(desk: Desk) -> None:
        with contextlib.suppress(OfferGone):
            accept(desk, lambda: None)

    deaths = die_everywhere(Piece(one_offer, accept, press_again, everything, document(agents=("maya",))))
    told("accept", deaths.steps, deaths.before_commit)
    assert deaths.outcome["assignments"].total() == 1


def test_answer() -> None:
    def prepare(story: Story) -> None:
        one_offer(story)
        story.accept("maya", 1)

    def reply(desk: Desk, _: Tick) -> None:
        desk.run(pressing(desk, "maya"), cases.reply, 1, "Switch it off and on.")

    def send_again_unless_it_stands_there(desk: Desk) -> None:
        if not rows(desk, "select id from messages where direction = 'outbound'"):
            reply(desk, lambda: None)

    deaths = die_everywhere(
        Piece(prepare, reply, send_again_unless_it_stands_there, everything, document(agents=("maya",)))
    )
    told("answer", deaths.steps, deaths.before_commit)
    assert deaths.outcome["outbox"].total() == 1


def test_going_offline_with_work() -> None:
    """One case is accepted, one was accepted and opened, one is offered; the channel takes unopened work back."""

    def prepare(story: Story) -> None:
        story.present("maya")
        for subject in ("first", "second", "third"):
            story.customer_writes(subject)
        story.accept("maya", 1)
        story.accept("maya", 2)
        story.act("maya", cases.reply, 2, "We look at it.", then="open")
        assert story.offered_to(3) == "maya"
        story.present("tom")
        give_up_lease(story)

    def leave(desk: Desk, _: Tick) -> None:
        desk.run(pressing(desk, "maya"), presence.set_status, "maya", "offline")
        engine_works(desk)

    def leave_again(desk: Desk) -> None:
        leave(desk, lambda: None)

    wanted = document(agents=("maya", "tom"), channel=Channel(label="Mail", sign_out="requeue-unopened"))
    deaths = die_everywhere(Piece(prepare, leave, leave_again, everything, wanted))
    told("going offline", deaths.steps, deaths.before_commit)
    kinds = [key[0] for key in deaths.outcome["journal"].elements()]
    assert (kinds.count("work.revoked"), kinds.count("work.transferred")) == (1, 1)


# -- the outbox


def test_the_outbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three answers, one of which the server refuses for good; the server is a file, and its moments are steps too."""

    class Server:
        def __init__(self, settings: SmtpSettings) -> None:
            pass

        def __enter__(self) -> Server:
            return self

        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
        ) -> None:
            pass

        def send(self, sender: str, recipients: tuple[str, ...], message: bytes) -> None:
            Server.tick()
            if b"refuse me" in message:
                raise SendFailed(server="a file", answer=Answer(550, "never"))
            [key] = [line for line in message.splitlines() if line.startswith(b"Message-ID: ")]
            with Server.file.open("ab") as file:
                file.write(key + b"\n")
            Server.tick()

        tick: Any = staticmethod(lambda: None)
        file = Path()

    monkeypatch.setattr(outbox_sender, "SmtpSession", Server)

    def prepare(story: Story) -> None:
        story.present("maya")
        for text in ("first", "refuse me", "third"):
            case = story.customer_writes(text)
            story.accept("maya", case)
            story.act("maya", cases.reply, case, text)
        give_up_lease(story)

    def send(desk: Desk, tick: Tick) -> None:
        Server.tick, Server.file = staticmethod(tick), of(desk)
        got = desk.run(ENGINE, lease.acquire, f"sender {os.getpid()}")
        assert isinstance(got, lease.Lease)
        OutboxSender(desk, lambda: got.fence).send_due()

    def look(desk: Desk) -> dict[str, Any]:
        """What the desk knows, and that the server got each answer, under its one Message-ID, once or twice."""
        got = of(desk).read_text().split() if of(desk).exists() else []
        times = Counter(got[1::2])
        state = dict(rows(desk, "select delivery_key, state from outbox"))
        assert set(times) <= set(state)
        assert {key for key, each in state.items() if each == "sent"} <= set(times)
        twice.append(sum(n - 1 for n in times.values()))
        assert twice[-1] <= 1, times
        return everything(desk)

    def of(desk: Desk) -> Path:
        return Path(f"{desk.where}.server")

    twice: list[int] = []
    deaths = die_everywhere(
        Piece(prepare, send, lambda desk: send(desk, lambda: None), look, document(agents=("maya",)))
    )
    told("outbox", deaths.steps, deaths.before_commit)
    print(f"  sent a second time after {sum(twice)} of them")
    assert max(twice) == 1
    assert sorted(key[2] for key in deaths.outcome["outbox"]) == ["failed", "sent", "sent"]


# -- the configuration


def changed() -> Document:
    base = document(
        agents=("maya", "tom", "pia"),
        queues={"tier-1": ("maya", "tom", "pia"), "tier-2": ("pia",)},
        presence_configuration=PresenceConfiguration(capacity=Decimal(9), wrap_up=30),
    )
    return base.model_copy(
        update={
            "agents": {**base.agents, "tom": Agent(name="Tom", role="supervisor")},
            "queues": {**base.queues, "tier-3": Queue(members=("maya",))},
        }
    )


def test_applying_a_configuration() -> None:
    """It brings a queue and an agent, takes away an agent who holds work, and changes others."""

    def prepare(story: Story) -> None:
        story.present("maya", "ida")
        for subject in ("first", "second", "third"):
            story.customer_writes(subject)
        story.accept(story.offered_to(1) or "", 1)

    def apply(desk: Desk, _: Tick) -> None:
        desk.run(LOCAL_ADMIN, desk_actions.apply, changed(), prune=True)

    deaths = die_everywhere(Piece(prepare, apply, lambda desk: apply(desk, lambda: None), everything))
    told("configuration", deaths.steps, deaths.before_commit)
    kinds = [key[0] for key in deaths.outcome["journal"].elements()]
    assert kinds.count("desk.configured") == 2


def test_the_harness_itself_notices_what_is_done_twice() -> None:
    """Work in two transactions, repeated blindly: the deaths after its commit must be told."""

    def note(desk: Desk, _: Tick) -> None:
        desk.run(LOCAL_ADMIN, cases.note, 1, "seen")

    piece = Piece(
        one_offer, lambda desk, tick: note(desk, tick), lambda desk: None, everything, document(agents=("maya",))
    )
    with pytest.raises(AssertionError, match="missing"):
        die_everywhere(piece)


def test_the_harness_itself_sees_a_broken_desk() -> None:
    def forget_the_timer(desk: Desk, _: Tick) -> None:
        desk.run(ENGINE, lambda tx: set_timers(tx, "offer.deadline", "assignment", [(99, tx.now)]))

    piece = Piece(one_offer, forget_the_timer, lambda desk: None, everything, document(agents=("maya",)))
    with pytest.raises(AssertionError, match="nothing left to wait for"):
        die_everywhere(piece)
