"""A real engine is killed at random moments, again and again, while mails arrive and agents work: nothing is lost or doubled.

The moments come from a seed, which a failure prints; FAULTS_SEED repeats it as far as a machine can.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.actions import cases, presence, work
from core.errors import DeskError
from data.actor import Actor
from data.desk import Desk
from tests.acceptance.world import World, box, parsed
from tests.faults.engines import EngineProgram, engines_of
from tests.faults.mails import mail, report
from tests.services import Mailbox, SmtpSink

AGENTS = ("maya", "tom", "ida")
LEASE_S = 0.6


class AgentAtWork(threading.Thread):
    """Accepts what is offered, answers it, and resolves some; comes and goes. Presses again when the desk was busy."""

    def __init__(self, path: Path, actor: Actor, seed: str) -> None:
        super().__init__(name=actor.name, daemon=True)
        self._path, self._actor, self._random = path, actor, random.Random(seed)
        self.leave = threading.Event()
        self.failure: BaseException | None = None
        self.did: Counter[str] = Counter()

    def run(self) -> None:
        try:
            with Desk.open(self._path, name=self._actor.name, patience=30) as desk:
                self._desk = desk
                self._try(presence.set_status, self._actor.name, "available")
                while not self.leave.wait(self._random.uniform(0.005, 0.05)):
                    self._work()
        except BaseException as error:
            self.failure = error

    def _work(self) -> None:
        for (item,) in self._rows(
            "select work_id from assignments where state = 'offered' and agent_id = ?", self._actor.id
        ):
            if self._random.random() < 0.1:
                self._try(work.decline, item, reason="not mine")
            else:
                self._try(work.accept, item)
        for (case,) in self._rows(_UNANSWERED, self._actor.id):
            then = self._random.choice(("waiting_customer", "open", "resolved"))
            self._try(cases.reply, case, f"This answers question {case} of round {self.did['reply']}.", then=then)
        for (case,) in self._rows(_ANSWERED, self._actor.id)[3:]:  # makes room
            self._try(cases.resolve, case)
        if self._random.random() < 0.02:
            self._try(presence.set_status, self._actor.name, "away")
            time.sleep(self._random.uniform(0, 0.1))
            self._try(presence.set_status, self._actor.name, "available")

    def _try(self, action: Any, *args: Any, **kwargs: Any) -> None:
        try:
            self._desk.run(self._actor, action, *args, **kwargs)
            self.did[action.__name__] += 1
        except DeskError as error:
            self.did[type(error).__name__] += 1

    def _rows(self, sql: str, *params: object) -> list[Any]:
        with self._desk.reading() as connection:
            return list(connection.exec_driver_sql(sql, params))


_UNANSWERED = """select c.id from cases c where c.owner_id = ? and c.status = 'open' and exists (select 1 from assignments s
    join work_items w on w.id = s.work_id where w.case_id = c.id and s.state = 'accepted' and s.agent_id = c.owner_id)
    and (select m.direction from messages m where m.case_id = c.id order by m.id desc limit 1) = 'inbound'"""

_ANSWERED = """select c.id from cases c where c.owner_id = ? and c.status in ('open', 'waiting_customer')
    and (select m.direction from messages m where m.case_id = c.id order by m.id desc limit 1) = 'outbound' order by c.id desc"""


@contextmanager
def agents_at_work(world: World, path: Path, seed: int) -> Iterator[list[AgentAtWork]]:
    agents = [AgentAtWork(path, world.actor(name), f"{seed} {name}") for name in AGENTS]
    for each in agents:
        each.start()
    try:
        yield agents
    finally:
        for each in agents:
            each.leave.set()
        for each in agents:
            each.join(60)
            print(f"{each.name}: {dict(each.did)}")


class Customers:
    """Write new mails, and answer the answers that the sink got; each mail has a Message-ID of its own."""

    def __init__(self, world: World, seed: int) -> None:
        self._world, self._random = world, random.Random(f"{seed} customers")
        self.mails: dict[str, int | None] = {}
        """Each Message-ID with the case that it must be on, where the customer could know."""
        self._answered: set[str] = set()

    def write(self) -> None:
        for _ in range(self._random.randrange(1, 4)):
            number = len(self.mails) + 1
            mail_id = f"<{number}@customer.example>"
            self.mails[mail_id] = None
            sender = f"Customer {number % 7} <c{number % 7}@customer.example>"
            self._world.deliver(
                mail(f"question {number}", f"What about question {number}?", sender=sender, mail_id=mail_id)
            )
        for answer in self._fresh_answers():
            chance = self._random.random()
            number = len(self.mails) + 1
            mail_id = f"<{number}@customer.example>"
            token = parsed(answer.raw)["Message-ID"]
            if chance < 0.4:
                raw = mail(
                    "Re: your answer", "And now?", sender=f"<{answer.recipients[0]}>", mail_id=mail_id, answers=token
                )
            elif chance < 0.5:
                raw = report(answer.raw, mail_id, recipient=answer.recipients[0])
            else:
                continue
            self.mails[mail_id] = int(token[1:].partition(".")[0])
            self._world.deliver(raw)

    def _fresh_answers(self) -> list[Any]:
        fresh = {}
        for each in list(self._world.sink.received):
            key = parsed(each.raw)["Message-ID"]
            if key not in self._answered:
                fresh[key] = each
        self._answered |= set(fresh)
        return list(fresh.values())


def kill_again_and_again(world: World, customers: Customers, count: int, seed: int) -> EngineProgram:
    """Kill the engine so many times at random moments of its life; return the last one, which stays.

    An answer that was on its way at one kill is let arrive before the next one: two kills may hit the same answer, and it
    would then arrive three times, as it should.
    """
    moments = random.Random(f"{seed} moments")
    on_the_way: set[int] = set()
    for _ in range(count):
        engine = world.engines.start(lease_s=LEASE_S)
        customers.write()
        if moments.random() < 0.85:  # the others die while they start or wait for the lease
            engine.wait_acting()
        lives = moments.uniform(0, 0.6)
        ends = time.monotonic() + lives
        while (rest := ends - time.monotonic()) > 0:
            time.sleep(min(rest, moments.uniform(0.02, 0.2)))
            if moments.random() < 0.3:
                customers.write()
        if on_the_way:
            arrived(world, on_the_way)
        engine.kill()
        on_the_way = set(unsettled(world))
    return world.engines.start(lease_s=LEASE_S)


def arrived(world: World, rows: set[int]) -> None:
    world.wait(lambda: not rows & set(unsettled(world)), "what was on its way has arrived")


def unsettled(world: World) -> list[int]:
    """Return the answers that a sender has taken and not settled."""
    return [row for (row,) in world.all("select id from outbox where tries > 0 and ended_at is null")]


def check(world: World, customers: Customers) -> None:
    """Nothing is lost, nothing is doubled."""
    world.is_clean()
    rows = world.all("select mail_id, case_id, count(*) from messages where direction = 'inbound' group by mail_id")
    found = {mail_id: case for mail_id, case, _ in rows}
    assert set(found) == set(customers.mails)
    assert [row for row in rows if row[2] != 1] == []
    wrong = {
        each: (found[each], case) for each, case in customers.mails.items() if case is not None and found[each] != case
    }
    assert wrong == {}, "answers that are on other cases than the one they answer"
    firsts = sum(case is None for case in customers.mails.values())
    assert world.one("select count(*) from cases") == firsts
    assert world.one("select count(*) from mail_receipts where state = 'taken'") == len(customers.mails)
    assert world.one("select count(*) from mail_receipts where state = 'quarantined'") == 0
    doubled = "select work_id, agent_id, round, count(*) from assignments where state = 'declined' group by 1, 2, 3 having count(*) > 1"
    assert world.all(doubled) == [], "offered again in a round in which it was declined"
    offers = world.one("select count(*) from journal where kind = 'work.offered'")
    assert world.one("select count(*) from assignments") == offers
    sent = Counter(parsed(each.raw)["Message-ID"] for each in world.sink.received)
    answers = {key for (key,) in world.all("select mail_id from messages where direction = 'outbound'")}
    assert set(sent) == answers
    tries = dict(world.all("select delivery_key, tries from outbox"))
    assert max(sent.values()) <= 2, sent
    assert [key for key, times in sent.items() if times > tries[key]] == [], "sent without being taken"
    assert world.one("select count(*) from outbox where state <> 'sent'") == 0
    texts = {(parsed(each.raw)["Message-ID"], parsed(each.raw).get_content()) for each in world.sink.received}
    assert len(texts) == len(sent), "the same Message-ID with different texts"
    twice = sum(n - 1 for n in sent.values())
    print(f"{len(customers.mails)} mails in, {len(answers)} answers out ({twice} of them twice), {offers} offers")


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(20, marks=pytest.mark.timeout(600)),
        pytest.param(200, marks=(pytest.mark.soak, pytest.mark.timeout(3600))),
    ],
)
def test_an_engine_is_killed_again_and_again(kills: int, tmp_path: Path, dovecot: Mailbox, smtp_sink: SmtpSink) -> None:
    seed = int(os.environ.get("FAULTS_SEED", "0")) or random.randrange(1, 1_000_000)
    print(f"FAULTS_SEED={seed}")
    path = tmp_path / "desk.db"
    with engines_of(path, tmp_path) as engines:
        world = World(path, tmp_path, {"support": box(dovecot, tmp_path)}, smtp_sink, engines, agents=AGENTS)
        with closing(world.desk):
            customers = Customers(world, seed)
            with agents_at_work(world, path, seed) as agents:
                engine = kill_again_and_again(world, customers, kills, seed)
                engine.wait_acting()
                world.wait(
                    lambda: (
                        world.one("select count(*) from mail_receipts where state = 'taken'") == len(customers.mails)
                    ),
                    f"{len(customers.mails)} mails are taken",
                )
                world.wait(lambda: not world.all(_LEFT), "every case is answered")
            for each in agents:
                if each.failure is not None:
                    raise AssertionError(f"{each.name} could not work") from each.failure
            world.wait(
                lambda: world.one("select count(*) from outbox where ended_at is null") == 0, "everything is sent"
            )
            check(world, customers)
            assert engine.terminate() == 0


_LEFT = """select c.id from cases c where c.status in ('new', 'open') and
    (select m.direction from messages m where m.case_id = c.id and m.bounce = 0 order by m.id desc limit 1) = 'inbound'"""
