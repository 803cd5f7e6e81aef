"""The sample company behind the newcomer's console: mail server, engine, customers and colleagues, in a process of its own.

`python -m console.demo.backstage FOLDER` waits for a line on its standard input, which says that the desk in the folder is there, and plays
until standard input ends: so it ends with the console, however that ended, and takes everything with it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select

from console.demo import colleagues, crowd
from console.demo.cast import agents_text, away_note, back_text, first_letter, the_cast
from console.demo.company import NEWCOMER
from console.demo.customers import MailProgram
from console.demo.leash import watch
from console.demo.stage import LOG, PASSWORD, boxes_of, connect_mailboxes, removed, running_engine, running_mail_server
from console.reads_screens import WorkRow, Workspace, messages_before, workspace
from core.actions import cases, presence, work
from core.errors import DeskError
from data.actor import Actor
from data.desk import Desk
from data.queries import fetch_over
from data.schema import agents

if TYPE_CHECKING:
    from data.queries import Fetch

_TICK_S = 0.25
_LOOK_S = 0.8
_NEWEST = 9_000_000_000_000_000
_COME_AFTER_S = {"ida": 0.0, "sam": 8.0, "tom": 20.0}
"""How long after the newcomer's first offer each colleague comes."""
_ON_TOUR = 0.25
"""On a tour they come sooner: what comes second must not disturb the newcomer's first case."""
_COME_ANYWAY_S = 40.0
_IDLE_S = 6.0
_ENOUGH_IN_HAND = 3
_LUNCH_AFTER = {"ida": 9, "sam": 4, "tom": 6}


class Company:
    """Customers and colleagues at one desk.

    Args:
        ports: of the mail server, IMAP's and SMTP's.
    """

    def __init__(self, desk: Desk, ports: tuple[int, int], *, seed: int, pace_s: float, lively: bool) -> None:
        self._desk = desk
        self._cast = the_cast()
        self._rng = Random(seed)  # noqa: S311 - a play, no secret
        self._began = time.monotonic()
        self._crowd = crowd.begin(self._cast, self._began, pace_s=pace_s, lively=lively)
        self._programs = {
            each.address: MailProgram(each.name, each.address, each.box, *ports, PASSWORD)
            for each in self._cast.people.values()
        }
        self._last_mail = dict.fromkeys(self._programs)
        self._topics: dict[str, str] = {}
        """What each customer wrote about last, by address."""
        self._minds = {
            name: colleagues.Mind(self._began + (0.0 if not after else _COME_ANYWAY_S + after), _LUNCH_AFTER[name])
            for name, after in _COME_AFTER_S.items()
        }
        self._come_after = {name: after * (_ON_TOUR if lively else 1.0) for name, after in _COME_AFTER_S.items()}
        self._met = False
        """Whether the newcomer was ever offered something."""
        self._idle_since: float | None = None
        with desk.reading() as connection:
            rows = connection.execute(select(agents.c.id, agents.c.name, agents.c.role)).all()
        self._actors = {row.name: Actor("agent", row.role, row.id, row.name) for row in rows}

    async def play(self, stop: asyncio.Event) -> None:
        """Play until told to stop; what goes wrong is told, and the play goes on."""
        looked = 0.0
        while not stop.is_set():
            try:
                if time.monotonic() - looked >= _LOOK_S:
                    looked = time.monotonic()
                    await asyncio.to_thread(self._look_into_mailboxes)
                await asyncio.to_thread(self._customers_act)
                await asyncio.to_thread(self._colleagues_act)
            except Exception:  # noqa: BLE001 - the company must not end because one mail did not get through
                traceback.print_exc()
                sys.stderr.flush()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _TICK_S)
        for program in self._programs.values():
            program.close()

    # -- customers

    def _look_into_mailboxes(self) -> None:
        for address in list(self._crowd.threads):
            for mail in self._programs[address].new_answers():
                self._last_mail[address] = mail
                crowd.answered(self._rng, self._crowd, address, time.monotonic())

    def _customers_act(self) -> None:
        while not isinstance(act := crowd.next_act(self._rng, self._crowd, time.monotonic()), crowd.Rest):
            program, person = self._programs[act.person.address], act.person
            mail = self._last_mail[person.address]
            if isinstance(act, crowd.Write):
                self._topics[person.address] = act.topic.name
                program.write(first_letter(self._cast, person, act.topic, act.values))
            elif mail is not None and isinstance(act, crowd.Back):
                text = back_text(self._cast, person, act.topic, act.said, act.values)
                program.answer(mail, text, self._cast.letters[person.language]["quote"])
            elif mail is not None:
                program.answer_by_itself(mail, *away_note(self._cast, person, str(mail["Subject"])))
            crowd.did(self._rng, self._crowd, act, time.monotonic())

    # -- colleagues

    def _colleagues_act(self) -> None:
        now = time.monotonic()
        steps: list[tuple[str, colleagues.Step, WorkRow | None]] = []
        with self._desk.reading() as connection:
            fetch = fetch_over(connection)
            newcomer = workspace(fetch, NEWCOMER, 0)
            if newcomer is not None:
                self._mind_newcomer(newcomer, now)
            for name, mind in self._minds.items():
                found = workspace(fetch, name, 0)
                if found is None:
                    continue
                step = colleagues.next_step(self._rng, mind, _sight(fetch, found), now)
                if step is not None:
                    rows = {row.case: row for row in (*found.mine, *found.paused)}
                    steps.append((name, step, rows.get(step.number)))
        for name, step, row in steps:
            try:
                self._carry_out(name, step, row)
            except DeskError as error:
                print(f"{name} was told: {error}", file=sys.stderr, flush=True)  # noqa: T201 - into the demo's log

    def _mind_newcomer(self, newcomer: Workspace, now: float) -> None:
        """Have something for the newcomer who is there with nothing to do, and let the colleagues come after the first offer."""
        if not self._met and (newcomer.offers or newcomer.mine):
            self._met = True
            for name, mind in self._minds.items():
                mind.comes_at = min(mind.comes_at, now + self._come_after[name])
        idle = newcomer.me.kind == "available" and not newcomer.offers and not newcomer.mine
        if not idle or newcomer.me.waiting or len(newcomer.paused) >= _ENOUGH_IN_HAND:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
        if self._idle_since is not None and (not self._met or now - self._idle_since >= _IDLE_S):
            crowd.hurry(self._crowd, now)

    def _carry_out(self, name: str, step: colleagues.Step, row: WorkRow | None) -> None:
        actor, desk = self._actors[name], self._desk
        if step.what == "status":
            desk.run(actor, presence.set_status, name, step.word)
        elif step.what == "accept":
            desk.run(actor, work.accept, step.number)
        elif step.what == "decline":
            desk.run(actor, work.decline, step.number, reason=step.word)
        elif step.what == "resolve":
            desk.run(actor, cases.resolve, step.number)
        elif row is not None:
            address = row.address.raw if row.address is not None else ""
            customer = row.customer.raw if row.customer is not None else ""
            topic = self._cast.topics.get(self._topics.get(address, ""))
            again = step.word == "question"
            text = agents_text(self._cast, customer, topic, again=again, agent=name.title())
            desk.run(actor, cases.reply, step.number, text)


def _sight(fetch: Fetch, found: Workspace) -> colleagues.Sight:
    tasks = [colleagues.Task(row.work, row.case, _said(fetch, row.case)) for row in found.mine]
    tasks += [
        colleagues.Task(row.work, row.case, "silence") for row in found.paused if row.status == "waiting_customer"
    ]
    return colleagues.Sight(found.me.status, tuple(row.work for row in found.offers), tuple(tasks))


def _said(fetch: Fetch, case: int) -> colleagues.Said:
    messages = messages_before(fetch, case, _NEWEST, 12)
    if not any(each.direction == "outbound" for each in messages):
        return "first"
    last = next((each for each in reversed(messages) if each.direction == "inbound"), None)
    return "question" if last is not None and "?" in last.reply_text.raw else "thanks"


# -- the process


def main(argv: Sequence[str]) -> int:
    """Wait for the desk, then play until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m console.demo.backstage")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pace", type=float, default=30.0, help="seconds between two new mails")
    parser.add_argument("--lively", action="store_true", help="everybody answers soon and is content")
    parser.add_argument("--temporary", action="store_true", help="remove the folder at the end")
    given = parser.parse_args(argv)
    there, gone = threading.Event(), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def ended() -> None:
        gone.set()
        there.set()
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended())
    watch(ended, there.set)
    try:
        with (given.folder / LOG).open("ab") as log, ExitStack() as stack:
            boxes = boxes_of((each.address, each.box) for each in the_cast().people.values())
            ports = stack.enter_context(running_mail_server(given.folder, boxes, log))
            there.wait()
            if gone.is_set():
                return 0
            path = given.folder / "desk.db"
            desk = stack.enter_context(Desk.open(path, name="the demo"))
            connect_mailboxes(desk, *ports)
            stack.enter_context(running_engine(path, log))
            company = Company(desk, ports, seed=given.seed, pace_s=given.pace, lively=given.lively)
            loop.run_until_complete(company.play(stop))
    finally:
        if given.temporary and gone.is_set():  # else it has failed, and its log tells why
            removed(given.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
