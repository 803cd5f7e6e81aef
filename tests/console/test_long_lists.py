"""A list that is longer than the screen: what the cursor is on is always seen."""

from __future__ import annotations

from pathlib import Path

from core.actions import cases
from core.config.document import PresenceConfiguration
from data.actor import LOCAL_ADMIN
from tests.builders import Story
from tests.console.screen_driving import as_now, console, desk_document, opened, shown

MANY = 20


async def test_the_list_follows_the_cursor_beyond_the_screen(tmp_path: Path) -> None:
    wanted = desk_document(presence_configuration=PresenceConfiguration(capacity=MANY, auto_accept=True))
    story = Story(tmp_path / "desk.db", wanted)
    story.present("maya")
    for number in range(MANY):
        story.customer_writes(f"Case number {number}", f"a{number}@example.test")
    as_now(story)
    async with opened(console(story, tmp_path)) as pilot:
        last = f"Case number {MANY - 1}"
        work_list = pilot.app.screen.query_one("#work-list")
        await pilot.press("end")
        await pilot.pause(0.2)
        assert last in shown(pilot.app)
        assert work_list.scroll_offset.y > 0
        await pilot.press("home")
        await pilot.pause(0.2)
        assert work_list.scroll_offset.y == 0


async def test_j_scrolls_a_long_conversation(tmp_path: Path) -> None:
    story = Story(tmp_path / "desk.db", desk_document())
    story.present("maya")
    number = story.customer_writes("A long case")
    story.accept("maya", number)
    for each in range(30):
        story.desk.run(LOCAL_ADMIN, cases.note, number, f"Remark {each}.")
    as_now(story)
    async with opened(console(story, tmp_path)) as pilot:
        await pilot.press("enter")
        await pilot.pause(0.2)
        conversation = pilot.app.screen.query_one("#conversation")
        end = conversation.scroll_offset.y
        await pilot.press("k", "k", "k")
        await pilot.pause(0.1)
        assert conversation.scroll_offset.y == end - 3
