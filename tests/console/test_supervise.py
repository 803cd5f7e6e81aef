"""The supervisor's screen as it is used: what is wrong is seen first, what happens is seen at once, and a key sets it right."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from console import board_reader
from console.app import DeskApp
from console.keys import SUPERVISE
from console.reads_supervise import Board, board
from console.screens.supervise import SuperviseScreen
from console.widgets.agent_table import AgentTable
from console.widgets.desk_table import DeskTable
from console.widgets.queue_table import QueueTable
from console.widgets.waiting_work import WaitingWork
from core.actions import cases, presence
from tests.builders import ManualClock, Story, document
from tests.console.driving import HOSTILE
from tests.console.screen_driving import console, opened, shown, until

if TYPE_CHECKING:
    from data.queries import Fetch

HOUR_S = 3600


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """Three wait in billing, where nobody is; Maya has one case, Tom's line is lost, Ida has not come."""
    clock = ManualClock(time.time_ns() // 1000 - 3 * HOUR_S * 1_000_000)
    queues = {"tier-1": ("maya", "tom"), "billing": ("ida",)}
    story = Story(tmp_path / "desk.db", document(queues=queues, supervisors=("sam",)), clock)
    story.present("maya")
    story.accept("maya", story.customer_writes("Inverter shows E-31"))
    story.wait(HOUR_S)
    for number in range(3):
        case = story.customer_writes(f"Panel {number} [/b]" if number else HOSTILE, f"c{number}@example.org")
        story.act("admin", cases.assign, case, queue="billing")
        story.wait(600)
    story.clock.now = time.time_ns() // 1000
    story.present("tom")
    story.act("tom", presence.connect, "tom", "here:1")
    story.act("tom", presence.disconnect, "tom", "here:1")
    yield story
    story.desk.close()


def supervisor(story: Story, folder: Path, agent: str = "sam", **parts: Any) -> DeskApp:
    return console(story, folder, agent, first=SUPERVISE, **parts)


def screen_of(app: DeskApp) -> SuperviseScreen:
    screen = app.desk_screen
    assert isinstance(screen, SuperviseScreen)
    return screen


async def looked(pilot: Any, app: DeskApp) -> SuperviseScreen:
    """Wait until the screen shows the desk."""
    await until(pilot, lambda: screen_of(app).board is not None)
    await pilot.pause()
    return screen_of(app)


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 36), (200, 50)])
async def test_what_is_wrong_is_in_the_first_row_at_every_size(
    story: Story, tmp_path: Path, size: tuple[int, int]
) -> None:
    app = supervisor(story, tmp_path)
    async with opened(app, size) as pilot:
        await looked(pilot, app)
        seen = shown(app).splitlines()
        assert " Nobody present  billing" in seen[1] or size[0] == 40
        head = next(line for line in seen if "Queues" in line and "oldest" in line)
        first = seen[seen.index(head) + 1]
        assert "! billing" in first
        assert " 3 " in first
        assert "nobody" in first
        for _ in range(4):
            await pilot.press("tab")
            await pilot.pause()
        text = shown(app)
        assert "\x1b" not in text
        assert "\u202e" not in text
        if size[0] >= 120:
            assert "◌ Tom" in text
            assert "line lost" in text
            assert "of grace left" in text
            assert "#1 Inverter shows" in text
            assert "4 opened, 0 resolved" in text or time.localtime().tm_hour < 3
            assert "Panel 1 [/b]" in text
            assert "nobody present" in text
        if size[0] >= 180:
            assert "◌ connection of Tom lost" in text
            assert "#1 accepted by Maya" in text


async def test_one_pane_at_a_time_where_it_is_narrow(story: Story, tmp_path: Path) -> None:
    app = supervisor(story, tmp_path)
    async with opened(app, (80, 24)) as pilot:
        screen = await looked(pilot, app)
        assert "Queues 2   Agents 4   Work 3" in shown(app).splitlines()[3]
        await pilot.press("tab")
        await until(pilot, lambda: "works on" in shown(app))
        assert "! billing" not in shown(app)
        assert isinstance(screen.focused, AgentTable)
        await pilot.press("tab")
        await until(pilot, lambda: "in the order they are offered" in shown(app))
        await pilot.click("#tabs", offset=(2, 0))
        await until(pilot, lambda: "! billing" in shown(app))
        await pilot.resize_terminal(120, 36)
        await until(
            pilot, lambda: "works on" in shown(app) and "Waiting work" in shown(app) and "! billing" in shown(app)
        )


async def test_a_queue_that_is_opened_in_a_narrow_terminal_shows_its_work(story: Story, tmp_path: Path) -> None:
    app = supervisor(story, tmp_path)
    async with opened(app, (80, 24)) as pilot:
        screen = await looked(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: "Waiting work in billing" in shown(app) and "#3" in shown(app))
        assert isinstance(screen.focused, WaitingWork)
        await pilot.press("escape")
        await until(pilot, lambda: "in the order they are offered" in shown(app))


async def test_a_reason_to_wait_is_in_colour_once(story: Story, tmp_path: Path) -> None:
    app = supervisor(story, tmp_path)
    async with opened(app) as pilot:
        screen = await looked(pilot, app)
        work = screen.query_one(WaitingWork)
        segments = [each for y in range(work.size.height) for each in work.render_line(y)]
        reasons = [each.style for each in segments if "nobody present" in each.text]
        danger = app.look.style("danger", "selq")
        assert [style.color == danger.color for style in reasons if style] == [True, False, False]


async def test_work_is_moved_to_a_queue_with_somebody_in_it(story: Story, tmp_path: Path) -> None:
    app = supervisor(story, tmp_path)
    async with opened(app) as pilot:
        screen = await looked(pilot, app)
        await pilot.press("m")
        await until(pilot, lambda: "Put the cursor on work" in shown(app))
        await pilot.press("tab", "tab", "m")
        await until(pilot, lambda: "Move #2 to" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "#2 went to tier-1." in shown(app))
        await until(pilot, lambda: screen.query_one(WaitingWork).rows[0].queue == "tier-1")
        assert story.one("select q.name from cases c join queues q on q.id = c.queue_id where c.id = 2") == "tier-1"


async def test_a_status_is_set_for_somebody_else(story: Story, tmp_path: Path) -> None:
    app = supervisor(story, tmp_path)
    async with opened(app) as pilot:
        screen = await looked(pilot, app)
        await pilot.press("tab")
        table = screen.query_one(AgentTable)
        table.select(next(row.id for row in table.rows if row.name == "ida"))
        await pilot.press("s")
        await until(pilot, lambda: "Status of Ida" in shown(app))
        await pilot.press("1")
        await until(pilot, lambda: any(row.name == "ida" and row.kind == "available" for row in table.rows))
        await until(pilot, lambda: "Nobody present" not in shown(app))


async def test_an_agent_looks_and_does_not_touch(story: Story, tmp_path: Path) -> None:
    app = supervisor(story, tmp_path, "maya")
    async with opened(app) as pilot:
        await looked(pilot, app)
        await pilot.press("tab", "tab", "m")
        await until(pilot, lambda: "that takes a supervisor" in shown(app))
        assert "move work" not in shown(app).splitlines()[-1]


async def test_a_queue_narrows_people_and_work_and_again_lets_go(story: Story, tmp_path: Path) -> None:
    app = supervisor(story, tmp_path)
    async with opened(app) as pilot:
        screen = await looked(pilot, app)
        agents, work = screen.query_one(AgentTable), screen.query_one(WaitingWork)
        await pilot.press("j", "enter")
        await until(pilot, lambda: [row.name for row in agents.rows] == ["tom", "maya"] and not work.rows)
        assert "Waiting work in tier-1" in shown(app)
        assert "Nothing waits" in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: len(agents.rows) == 4 and len(work.rows) == 3)
        await pilot.press("enter")
        await until(pilot, lambda: len(agents.rows) == 2)
        await pilot.press("escape")
        await until(pilot, lambda: len(agents.rows) == 4)


async def test_the_wall_shows_the_queues_alone(story: Story, tmp_path: Path) -> None:
    app = supervisor(story, tmp_path)
    async with opened(app) as pilot:
        await looked(pilot, app)
        await pilot.press("tab", "W")
        await until(pilot, lambda: "Agents" not in shown(app))
        seen = shown(app).splitlines()
        assert "billing" in seen[5]
        assert not seen[6].strip()
        assert "tier-1" in seen[7]
        assert "commands" not in seen[-1]
        assert "W all panes" in seen[1]
        await pilot.press("W")
        await until(pilot, lambda: "Agents" in shown(app) and "commands" in shown(app))


def _noted(table: DeskTable[Any], painted: list[tuple[str | None, int]]) -> Any:
    real = table.paint

    def paint(place: int, *rest: Any) -> Any:
        painted.append((table.id, place))
        return real(place, *rest)

    return paint


async def test_a_burst_is_one_read_and_only_what_changed_is_painted(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = supervisor(story, tmp_path)
    async with opened(app) as pilot:
        screen = await looked(pilot, app)
        queues, agents = screen.query_one(QueueTable), screen.query_one(AgentTable)
        await pilot.pause(0.6)
        reads: list[int | None] = []
        painted: list[tuple[str | None, int]] = []

        def counted(fetch: Fetch, queue: int | None = None) -> Board:
            reads.append(queue)
            return board(fetch, queue)

        monkeypatch.setattr(board_reader, "board", counted)
        for table in (queues, agents):
            monkeypatch.setattr(table, "paint", _noted(table, painted))
        began = time.monotonic()
        for number in range(20):
            story.act("admin", cases.assign, story.customer_writes("More", f"m{number}@example.org"), queue="billing")
        await until(pilot, lambda: queues.rows[0].row.waiting == 23)
        assert len(reads) <= 2 + (time.monotonic() - began) / 0.5
        await until(pilot, lambda: ("queues", 0) in painted)  # a frame after it is known
        assert ("agents", 3) not in painted, "nothing happened to who is offline"


async def test_work_in_hand_is_opened_and_the_rest_says_why_not(story: Story, tmp_path: Path) -> None:
    app = supervisor(story, tmp_path)
    opened_cases: list[int] = []

    async def note(case: int) -> None:
        opened_cases.append(case)

    app.open_in_work = note  # type: ignore[method-assign]
    async with opened(app) as pilot:
        screen = await looked(pilot, app)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "Tom has nothing in hand." in shown(app))
        await pilot.press("j", "enter")
        await until(pilot, lambda: opened_cases == [1])
        await pilot.press("tab", "enter")
        await until(pilot, lambda: opened_cases == [1, 2])
        await pilot.press("z")
        await until(pilot, lambda: "Queues" not in shown(app))
        assert isinstance(screen.focused, WaitingWork)
