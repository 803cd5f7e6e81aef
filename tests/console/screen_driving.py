"""The console under test: an agent's day on a real desk, and what the screen shows of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from console.app import DeskApp
from console.drafts import DraftStore
from console.keys import WORK, Keys
from console.theme import PALETTES
from core import messages
from core.actions import cases
from core.config.document import Document
from core.engine import lease
from data.actor import ENGINE, LOCAL_ADMIN
from tests.builders import ManualClock, Story, document
from tests.console.small_screen import lines, ready, shown, until

__all__ = [
    "a_day",
    "as_now",
    "console",
    "hand_over",
    "lines",
    "opened",
    "ready",
    "shown",
    "typed",
    "until",
    "writes_back",
]

LENA = "Inverter shows E-31 after the storm"
BAKER = "Invoice for March came twice"
BENALI = "Which cable for the wall box?"


def desk_document(**parts: Any) -> Document:
    """A desk of two queues, with a supervisor."""
    queues = {"tier-1": ("maya", "tom"), "billing": ("ida",)}
    return document(**({"queues": queues, "supervisors": ("sam",)} | parts))


def as_now(story: Story) -> Story:
    """Let the story's clock be the console's, and let the engine act until nothing is left to do now."""
    story.clock.now = max(story.clock.now, time.time_ns() // 1000)
    story.settle()
    return story


def hand_over(story: Story) -> None:
    """Give the lease back and close the desk: a real engine acts from here on."""
    story.desk.run(ENGINE, lease.give_up, story.fence)
    story.desk.close()


def writes_back(story: Story, case: int, text: str) -> None:
    """Let the customer answer on a case."""

    def receive(tx: Any) -> None:
        message = messages.NewMessage(
            text=text, reply_text=text.split("\n\n>")[0], subject="Re: x", reply_to="lena@ortiz-farm.example"
        )
        messages.receive(tx, case, 1, 1, message)
        cases.customer_answered(tx, case)

    story.desk.run(LOCAL_ADMIN, receive)
    story.settle()


def a_day(
    folder: Path, now: int | None = None, *, offer: bool = False, wanted: Document | None = None, asked: int = 0
) -> Story:
    """Maya's day: #1 has an answer, a note and a word of the customer; #2 and #3 are new; #4 waits, #5 is on hold.

    Args:
        now: when the day has come to, in microseconds; the present unless a test stands still.
        offer: whether something is offered to Maya, twenty seconds ago.
        asked: how many more messages case #1 has, at its beginning.
    """
    now = time.time_ns() // 1000 if now is None else now
    story = Story(folder / "desk.db", wanted or desk_document(), ManualClock(now - 3 * 3_600_000_000))
    story.present("maya")
    first = story.customer_writes(LENA)
    story.accept("maya", first)
    for number in range(asked):
        writes_back(story, first, f"Remark number {number}.")
    story.wait(600)
    story.act(
        "maya",
        cases.reply,
        first,
        "Hello Lena,\n\nthank you for the photo. Please switch the DC side off for five minutes and on again. "
        "Which firmware does the display show under Info?",
    )
    story.wait(600)
    story.act(
        "admin",
        cases.note,
        first,
        "Firmware 2.1 and E-31 after a surge: mostly the relay board. See KB-19. Tier 2 has two boards in stock.",
    )
    quoted = "> Hello Lena,\n>\n> thank you for\n> the photo"
    writes_back(
        story, first, f"Off and on did not help. No power from the roof since Sunday, so please hurry.\n\n{quoted}"
    )
    for subject, address in ((BAKER, "tom@baker.example"), (BENALI, "aicha@benali.example")):
        story.wait(900)
        story.accept("maya", story.customer_writes(subject, address))
    number = story.customer_writes("Delivery of two panels", "jon@pike.example")
    story.accept("maya", number)
    story.act("maya", cases.reply, number, "On its way.")
    number = story.customer_writes("Yield report for the tax office", "ewa@nowak.example")
    story.accept("maya", number)
    story.act("maya", cases.hold, number, seconds=8 * 86400, reason="tax office")
    story.clock.now = now - 20_000_000
    if offer:
        story.customer_writes("Battery no longer charges after the update", "omar@haddad.example")
    return story


def console(
    story: Story, folder: Path, agent: str = "maya", *, theme: str = "dark", ascii_signs: bool = False, **parts: Any
) -> DeskApp:
    """A console of an agent on the desk; its drafts stand in the folder."""
    return DeskApp(
        str(story.desk.where),
        agent,
        palette=PALETTES[theme],
        keys=Keys(),
        drafts=DraftStore(folder / f"drafts of {agent}"),
        ascii_signs=ascii_signs,
        **({"first": WORK} | parts),
    )


@contextlib.asynccontextmanager
async def opened(app: DeskApp, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Pilot[Any]]:
    """Run a console until its screen shows the agent's work; it says goodbye in the end."""
    async with app.run_test(size=size) as pilot:
        await ready(pilot, app)  # type: ignore[arg-type]
        await pilot.pause()
        yield pilot
        await app.leave(0)


_NAMES = {" ": "space", "\n": "enter", ",": "comma", ".": "full_stop"}


async def typed(pilot: Pilot[Any], text: str) -> None:
    """Type a text."""
    keys: Sequence[str] = [_NAMES.get(character, character) for character in text]
    await pilot.press(*keys)
