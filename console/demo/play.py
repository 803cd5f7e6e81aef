"""The story of the demo, told as it happens, and judged at the end by what is really there: mailboxes, cases, the desk's invariants."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select, text

from console.demo.company import AGENTS, CUSTOMERS, SUPERVISOR, Customer
from console.demo.customers import Letter, MailProgram
from console.demo.stage import PASSWORD, Stage
from core.actions import cases, presence, work
from core.errors import DeskError
from core.events import MessageReceived, WorkOffered, decode
from core.verify import verify
from data.actor import Actor
from data.feed import Feed
from data.journal import Position
from data.schema import agents, contact_points

_DEADLINE_S = 90.0
_LOOK_S = 0.3

Say = Callable[[str], None]


@dataclass
class _Progress:
    """What is known about one customer's case so far."""

    customer: Customer
    program: MailProgram
    case: int | None = None
    declined_by: str = ""
    accepted_by: str = ""
    answered: bool = False
    in_mailbox: bool = False
    threaded: bool = False
    thanked: bool = False
    joined: bool = False
    closed: bool = False
    extra_cases: int = 0

    @property
    def done(self) -> bool:
        return self.closed and self.in_mailbox and (self.joined or not self.customer.thanks)


@dataclass
class Play:
    """One performance."""

    stage: Stage
    say: Say
    pace_s: float = 0.4
    _by_contact: dict[int, _Progress] = field(default_factory=dict)
    _actors: dict[int, Actor] = field(default_factory=dict)

    async def run(self) -> list[tuple[str, bool]]:
        """Play the story and return what was checked, each with whether it held."""
        with self.stage.desk.reading() as connection:
            rows = connection.execute(select(agents.c.id, agents.c.name, agents.c.role)).all()
        self._actors = {row.id: Actor("agent", row.role, row.id, row.name) for row in rows}
        self._progress = [
            _Progress(
                each,
                MailProgram(each.name, each.address, each.box, self.stage.imap_port, self.stage.smtp_port, PASSWORD),
            )
            for each in CUSTOMERS
        ]
        feed = await Feed.open(self.stage.desk, after=Position(0, 0))
        began = time.monotonic()
        acting = [
            asyncio.create_task(part) for part in (self._open_the_desk(), self._follow(feed), self._watch_mailboxes())
        ]
        try:
            async with asyncio.timeout(_DEADLINE_S):
                while not all(each.done for each in self._progress):
                    await asyncio.sleep(0.05)
                    for task in acting:
                        if task.done():
                            task.result()  # what went wrong in it, went wrong here
        except TimeoutError:
            self.say(f"The story did not come to its end within {_DEADLINE_S:.0f} s.")
        finally:
            for task in acting:
                task.cancel()
            await asyncio.gather(*acting, return_exceptions=True)
            await feed.close()
        self.say(f"That took {time.monotonic() - began:.1f} s.")
        return self._judge()

    async def _open_the_desk(self) -> None:
        for name in AGENTS:
            await self._act(name, presence.set_status, name, "available")
        self.say(f"{', '.join(name.title() for name in AGENTS)} are available.")
        for each in self._progress:
            await asyncio.sleep(self.pace_s)
            told = each.customer
            await asyncio.to_thread(each.program.write, Letter(told.subject, told.text, attachment=told.attachment))
            self.say(f"{each.customer.name} writes a mail: {each.customer.subject}")

    def _actor(self, name: str) -> Actor:
        return next(actor for actor in self._actors.values() if actor.name == name)

    async def _act(self, name: str, action: Callable[..., object], *args: object, **kwargs: object) -> bool:
        """Do something as an agent; what the desk refuses is told, as a screen would."""
        try:
            await self.stage.desk.act(self._actor(name), action, *args, **kwargs)
        except DeskError as error:
            self.say(f"{name.title()} was told: {error}")
            return False
        return True

    # -- what the agents do when something happens

    async def _follow(self, feed: Feed) -> None:
        async for entries in feed:
            for entry in entries:
                match decode(entry):
                    case MessageReceived() as event:
                        await self._mail_came(event)
                    case WorkOffered() as event:
                        await self._offered(event)
                    case _:
                        pass

    async def _mail_came(self, event: MessageReceived) -> None:
        progress = self._of_contact(event.contact_id)
        if progress is None:
            return
        if progress.case is None:
            progress.case = event.case_id
            self.say(f"  It becomes case #{event.case_id}.")
        elif progress.case == event.case_id:
            progress.joined = True
            self.say(f"  {progress.customer.name}'s word back joins case #{event.case_id}.")
            await self._close(progress)
        else:
            progress.extra_cases += 1

    async def _offered(self, event: WorkOffered) -> None:
        progress = next((each for each in self._progress if each.case == event.case_id), None)
        if progress is None:
            return
        agent = self._actors[event.agent_id].name
        self.say(f"  #{event.case_id} is offered to {agent.title()}.")
        await asyncio.sleep(self.pace_s)
        if progress.customer.declined_once and not progress.declined_by:
            progress.declined_by = agent
            self.say(f"  {agent.title()} declines: {progress.customer.declined_once}.")
            await self._act(agent, work.decline, event.work_id, reason=progress.customer.declined_once)
            return
        if not await self._act(agent, work.accept, event.work_id):
            return
        progress.accepted_by = agent
        self.say(f"  {agent.title()} accepts #{event.case_id}.")
        await asyncio.sleep(self.pace_s)
        progress.answered = await self._act(agent, cases.reply, event.case_id, progress.customer.answer)
        if progress.answered:
            self.say(f"  {agent.title()} answers {progress.customer.name}.")

    async def _close(self, progress: _Progress) -> None:
        assert progress.case is not None
        await asyncio.sleep(self.pace_s)
        await self._act(progress.accepted_by, cases.resolve, progress.case)
        progress.closed = await self._act(SUPERVISOR, cases.close, progress.case)
        if progress.closed:
            self.say(f"  #{progress.case} is resolved by {progress.accepted_by.title()} and closed by Ida.")

    def _of_contact(self, contact_id: int | None) -> _Progress | None:
        if contact_id is None:
            return None
        if contact_id not in self._by_contact:
            with self.stage.desk.reading() as connection:
                address = connection.execute(
                    select(contact_points.c.folded).where(contact_points.c.contact_id == contact_id)
                ).scalar()
            found = next((each for each in self._progress if each.customer.address == address), None)
            if found is None:
                return None
            self._by_contact[contact_id] = found
        return self._by_contact[contact_id]

    # -- what the customers find in their mailboxes

    async def _watch_mailboxes(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            for progress in self._progress:
                if progress.answered and not progress.in_mailbox:
                    await self._look(progress)

    async def _look(self, progress: _Progress) -> None:
        answers = await asyncio.to_thread(progress.program.answers)
        if not answers:
            return
        answer = answers[0]
        progress.in_mailbox = True
        progress.threaded = str(answer["In-Reply-To"]).strip() == progress.program.first_id
        self.say(f"{progress.customer.name} finds the answer in the mailbox: {answer['Subject']}")
        if progress.customer.thanks:
            await asyncio.to_thread(progress.program.answer, answer, progress.customer.thanks)
            progress.thanked = True
            self.say(f"{progress.customer.name} answers back.")
        else:
            await self._close(progress)

    # -- what is true in the end

    def _judge(self) -> list[tuple[str, bool]]:
        progress = self._progress
        with self.stage.desk.reading() as connection:
            count = connection.execute(text("select count(*) from cases")).scalar_one()
            open_count = connection.execute(text("select count(*) from cases where status <> 'closed'")).scalar_one()
            findings = verify(connection)
        for finding in findings:
            self.say(f"  {finding.rule}: {finding.detail}")
        declined = [each for each in progress if each.customer.declined_once]
        return [
            ("each mail became one case", count == len(progress) and all(each.case for each in progress)),
            ("each case was pushed to an agent and accepted", all(each.accepted_by for each in progress)),
            (
                "a declined case went to somebody else",
                all(each.declined_by and each.accepted_by not in ("", each.declined_by) for each in declined),
            ),
            ("each answer arrived in the customer's mailbox", all(each.in_mailbox for each in progress)),
            ("each answer is in the thread of the customer's mail", all(each.threaded for each in progress)),
            ("a word back joined its case", all(each.joined for each in progress if each.customer.thanks)),
            ("every case is closed", open_count == 0),
            ("deskline verify finds nothing", not findings),
        ]
