"""Makes the pictures of the screens: `python docs/picture.py` builds a desk, opens the real console on it and keeps it as SVG."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from console.app import DeskApp  # noqa: E402
from console.drafts import DraftStore  # noqa: E402
from console.keys import CASES, SUPERVISE, WORK, Keys  # noqa: E402
from console.theme import PALETTES  # noqa: E402
from core import messages  # noqa: E402
from core.actions import cases  # noqa: E402
from core.actions.cases import customer_answered  # noqa: E402
from data.actor import LOCAL_ADMIN  # noqa: E402
from data.transaction import Tx  # noqa: E402
from tests.builders import ManualClock, Story, document  # noqa: E402

TARGET = Path(__file__).with_name("pictures")
_DRAFT = "Hello Lena,\n\nthank you for trying. With firmware 2.1 this is most likely the relay board. A technician can bring one on"
_OTHERS = (
    ("Invoice for March came twice", "Tom Baker", "tom@baker.example"),
    ("Which cable for the wall box?", "Aïcha Benali", "aicha@benali.example"),
    ("Delivery of two panels", "Jon Pike", "jon@pike.example"),
    ("Yield report for the tax office", "Ewa Nowak", "ewa@nowak.example"),
)
_WAITING = (
    ("Wrong meter number", "K. Lund", "lund@lund.example"),
    ("Roof leaks since the mounting", "Rosa Diaz", "rosa@diaz.example"),
    ("Cannot log in to the portal", "Mia Roth", "mia@roth.example"),
    ("Inverter hums at night", "K. Yilmaz", "kaan@yilmaz.example"),
    ("Question about the feed-in tariff", "P. Weiss", "paula@weiss.example"),
)


def built(folder: Path) -> Path:
    """Build a desk in the middle of a day and return where it is."""
    path = folder / "desk.db"
    clock = ManualClock(time.time_ns() // 1000 - 3 * 3_600_000_000)
    wanted = document(
        agents=("maya", "sam", "tom"),
        queues={"tier-1": ("maya", "sam"), "billing": ("tom",), "sales": ("tom", "sam")},
        supervisors=("ida",),
    )
    names = {"maya": "Maya Lindqvist", "sam": "Sam Reyes", "tom": "Tom Abara", "ida": "Ida Novak"}
    agents = {name: agent.model_copy(update={"name": names[name]}) for name, agent in wanted.agents.items()}
    story = Story(path, wanted.model_copy(update={"agents": agents}), clock)

    def writes(subject: str, name: str, address: str, queue: str | None = None) -> int:
        number = story.desk.run(
            LOCAL_ADMIN, cases.open_new, subject, "Since the storm on Sunday it is dark. What should I do?",
            address=address, name=name, queue=queue,
        )  # fmt: skip
        story.settle()
        return number

    story.present("maya")
    first = writes("Inverter shows E-31 after the storm", "Lena Ortiz", "lena@ortiz-farm.example")
    story.accept("maya", first)
    story.wait(600)
    story.act(
        "maya",
        cases.reply,
        first,
        "Hello Lena, thank you for the photo. Please switch the DC side off for five minutes and on again. Which firmware does "
        "the display show under Info?",
    )
    story.wait(1500)
    story.act(
        "sam", cases.note, first, "Firmware 2.1 and E-31 after a surge: mostly the relay board. Two are in stock."
    )
    story.wait(1200)

    def answered(tx: Tx) -> None:
        own = (
            "Off and on did not help. It is firmware 2.1. We have no power from the roof since Sunday, so please hurry."
        )
        quoted = own + "\n\n" + "\n".join(f"> line {n}" for n in range(14))
        new = messages.NewMessage(text=quoted, reply_text=own, reply_to="lena@ortiz-farm.example")
        messages.receive(tx, first, 1, 1, new)
        customer_answered(tx, first)

    story.desk.run(LOCAL_ADMIN, answered)
    story.settle()
    for place, (subject, name, address) in enumerate(_OTHERS):
        story.wait(700)
        number = writes(subject, name, address)
        story.accept("maya", number)
        if place == 2:
            story.act("maya", cases.reply, number, "They are on their way.")
        if place == 3:
            story.act("maya", cases.hold, number, seconds=8 * 86_400, reason="the tax office answers in December")
    for subject, name, address in _WAITING:
        story.wait(400)
        writes(subject, name, address, queue="billing")
    story.present("sam")
    clock.now = time.time_ns() // 1000 - 26_000_000
    writes("Battery no longer charges after the update", "Omar Haddad", "omar@haddad.example")
    story.desk.close()
    return path


async def pictured(
    desk: Path, agent: str, screen: str, name: str, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    """Open the console on a screen, press keys, and write what it shows."""
    app = DeskApp(
        str(desk),
        agent,
        first=screen,
        palette=PALETTES["dark"],
        keys=Keys(),
        drafts=DraftStore(desk.parent / f"drafts-{name}"),
    )
    app.title = "deskline"
    async with app.run_test(size=size) as pilot:
        while app.link.state != "ready" or app.workspace is None:
            await pilot.pause(0.05)
        await pilot.pause(1)
        for key in keys:
            if len(key) > 20:
                for line in key.split("\n"):
                    screen_now = app.desk_screen
                    assert screen_now is not None
                    screen_now.query_one("WritingArea").insert(line + "\n" if line != key.split("\n")[-1] else line)  # type: ignore[attr-defined]
            else:
                await pilot.press(key)
            await pilot.pause(0.4)
        await pilot.pause(1)
        (TARGET / f"{name}.svg").write_text(app.export_screenshot(title="deskline"), encoding="utf-8")
        await app.leave(0)


def main() -> None:
    """Write all pictures."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        desk = built(Path(folder))
        for agent, screen, name, keys in (
            ("maya", WORK, "work", ("r", _DRAFT)),
            ("ida", SUPERVISE, "supervise", ()),
            ("maya", CASES, "cases", ("slash", "i", "n", "v")),
        ):
            asyncio.run(pictured(desk, agent, screen, name, keys, (120, 36)))


if __name__ == "__main__":
    main()
