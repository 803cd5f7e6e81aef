"""The list of cases on a real desk: views, search, selection, preview, what others change, and what happens to saved views."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from console.app import DeskApp
from console.keys import CASES
from console.screens.cases import CasesScreen
from console.screens.choosing import Chooser
from console.screens.work import WorkScreen
from core.actions import cases
from data.actor import LOCAL_ADMIN
from tests.builders import Story
from tests.console.screen_driving import a_day, console, lines, opened, shown, typed, until


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "deskline"


def cases_screen(app: DeskApp) -> CasesScreen:
    screen = app.desk_screen
    assert isinstance(screen, CasesScreen)
    return screen


def listed(app: DeskApp) -> list[int]:
    return [row.number for row in cases_screen(app).table.window.rows]


async def settled(pilot: Pilot[Any], app: DeskApp) -> CasesScreen:
    screen = cases_screen(app)
    await until(pilot, lambda: screen.finding.began is None and not screen.finding.stale and screen.counts)
    return screen


async def look_for(pilot: Pilot[Any], app: DeskApp, text: str) -> None:
    """Type something into the search field; what stood there is written over."""
    if cases_screen(app).writing:
        await pilot.press("escape")
    await pilot.press("slash")
    await typed(pilot, text)


def many(story: Story, count: int) -> None:
    """Let customers write often, in one transaction."""

    def write(tx: Any) -> None:
        for place in range(count):
            cases.open_new(
                tx, f"Meter reading {place}", address=f"c{place % 50}@many.example", name=f"Customer {place % 50}"
            )

    story.desk.run(LOCAL_ADMIN, write)


async def test_one_searches_as_one_types_moves_on_by_the_arrows_and_opens_what_is_found(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        assert sorted(listed(app)) == [1, 2, 3, 4, 5]
        tabs = lines(app)[3]
        assert "Mine 5" in tabs
        assert "Waiting" in tabs
        assert "Open 5" in tabs
        assert "All 5" in tabs
        assert any("‖ paused" in line and "#4" in line for line in lines(app))
        await look_for(pilot, app, "invoice")
        await until(pilot, lambda: listed(app) == [2] and "1 found" in shown(app))
        await until(pilot, lambda: "tom@baker.example" in shown(app) or "Invoice for March" in shown(app))
        await look_for(pilot, app, "#3")
        await until(pilot, lambda: listed(app) == [3])
        await look_for(pilot, app, "baker.example")
        await until(pilot, lambda: listed(app) == [2])
        await look_for(pilot, app, "no such thing")
        await until(pilot, lambda: "Nothing found in Open." in shown(app))
        await look_for(pilot, app, "e")
        await until(pilot, lambda: len(listed(app)) > 2)
        second = listed(app)[1]
        await pilot.press("down", "enter", "enter")
        await until(pilot, lambda: isinstance(app.desk_screen, WorkScreen) and app.desk_screen.open_case == second)
    assert screen.finding.window.whole


async def test_selected_cases_are_resolved_one_by_one_and_what_is_refused_is_said(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        story.act("maya", cases.resolve, 3)
        story.act("admin", cases.close, 2)
        await until(pilot, lambda: sorted(listed(app)) == [1, 4, 5])
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: screen.finding.window.sight.view == "all" and len(listed(app)) == 5)
        await pilot.press("home", *["space"] * 5)
        assert screen.table.selected == {1, 2, 3, 4, 5}
        assert "5 selected" in lines(app)[1]
        assert "of 5" in lines(app)[1]
        assert "c resolve" in lines(app)[1]
        await pilot.press("c")
        await until(pilot, lambda: "Refused: #2" in shown(app))
        assert "4 cases done" in lines(app)[1]
        assert screen.table.selected == {2}
        assert [story.status(number) for number in (1, 4, 5)] == ["resolved"] * 3
        await pilot.press("escape")
        assert not screen.table.selected


async def test_a_selection_is_sent_to_a_queue_that_is_chosen_once(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        await settled(pilot, app)
        await pilot.press("space", "space", "t")
        await until(pilot, lambda: isinstance(app.screen, Chooser))
        await typed(pilot, "billing")
        await pilot.press("enter")
        await until(pilot, lambda: "2 cases done." in shown(app))
    assert story.one("select count(*) from cases c join queues q on q.id = c.queue_id where q.name = 'billing'") == 2


async def test_what_others_do_appears_by_itself_and_the_cursor_stays_on_its_case(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        await pilot.press("end")
        under = screen.number
        new = story.customer_writes("Smoke from the roof", "fire@roof.example")
        await until(pilot, lambda: new in listed(app))
        assert listed(app)[0] == new
        assert screen.number == under
        story.act("maya", cases.resolve, 2)
        await until(pilot, lambda: 2 not in listed(app))
        await look_for(pilot, app, "smoke")
        await until(pilot, lambda: listed(app) == [new])
        other = story.customer_writes("More smoke", "fire@roof.example")
        story.customer_writes("No fire at all", "other@roof.example")
        await until(pilot, lambda: set(listed(app)) == {new, other})


async def test_a_long_list_is_read_by_pages_from_both_ends(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    many(story, 1_500)
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: screen.finding.window.sight.view == "all" and not screen.finding.began)
        assert len(listed(app)) < 800
        newest = screen.number
        await pilot.press("end")
        oldest = story.one("select id from cases order by updated_at, id limit 1")
        await until(pilot, lambda: screen.number == oldest)
        for _page in range(14):
            await pilot.press("ctrl+u")
        assert len(listed(app)) <= 801
        assert screen.table._seen(screen.table._place)
        await pilot.press("home")
        await until(pilot, lambda: screen.number == newest)
        seen = []
        for _page in range(30):
            await pilot.press("ctrl+d")
            seen.append(screen.number)
        assert len(set(seen)) == 30
        assert screen.finding.window.place_of(screen.number) is not None


async def test_a_view_is_kept_with_its_search_and_comes_back_with_the_next_console(
    tmp_path: Path, own_folder: Path
) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        await settled(pilot, app)
        await look_for(pilot, app, "invoice")
        await until(pilot, lambda: listed(app) == [2])
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.screen is not app.desk_screen)
        await typed(pilot, "Bills")
        await pilot.press("enter")
        await until(pilot, lambda: (own_folder / "views.json").exists() and "Bills" in lines(app)[3])
    kept = json.loads((own_folder / "views.json").read_text())
    assert kept == {"views": [{"name": "Bills", "view": "open", "order": "newest", "search": "invoice"}]}
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        await until(pilot, lambda: "Bills" in lines(app)[3])
        await pilot.press("left_square_bracket", "left_square_bracket", "left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: listed(app) == [2])
        assert screen.field.value == "invoice"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.screen is not app.desk_screen)
        await pilot.press(*["backspace"] * 5, "enter")
        await until(pilot, lambda: "Bills" not in lines(app)[3])
    assert json.loads((own_folder / "views.json").read_text()) == {"views": []}


async def test_a_broken_file_of_views_is_said_and_the_list_works(tmp_path: Path, own_folder: Path) -> None:
    own_folder.mkdir(parents=True)
    (own_folder / "views.json").write_text("{ no")
    app = console(a_day(tmp_path), tmp_path, first=CASES)
    async with opened(app) as pilot:
        await until(pilot, lambda: "cannot be read" in shown(app))
        await settled(pilot, app)
        assert len(listed(app)) == 5
    assert (own_folder / "views.json").read_text() == "{ no"


async def test_a_hostile_subject_is_painted_harmless_and_the_preview_follows_the_cursor(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    number = story.customer_writes("[red]x[/] \x1b[2J [@click=app.quit]go[/]", "bad@evil.example")
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        assert screen.number == number
        await until(pilot, lambda: "It is dark." in shown(app))
        assert "\x1b" not in shown(app)
        assert "[red]x" in shown(app)
        await pilot.press("end")
        await until(pilot, lambda: screen.sight is not None and f"#{screen.number}" in lines(app)[4])
        await pilot.press("v")
        assert not screen.query_one("#side").display


async def test_an_order_by_priority_is_served_and_an_answer_is_written_on_the_work_screen(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    urgent = story.desk.run(LOCAL_ADMIN, cases.open_new, "Fire", address="f@fire.example", name="F", priority=5)
    story.clock.advance(60)
    story.customer_writes("Later and normal")
    app = console(story, tmp_path, first=CASES)
    async with opened(app) as pilot:
        screen = await settled(pilot, app)
        assert listed(app)[0] != urgent
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, Chooser))
        await pilot.press("4")
        await until(pilot, lambda: listed(app)[0] == urgent)
        await pilot.press("home", "r")
        await until(pilot, lambda: isinstance(app.desk_screen, WorkScreen) and app.desk_screen.writing)
        assert app.desk_screen is not screen
        assert getattr(app.desk_screen, "open_case", None) == urgent


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (200, 50)])
async def test_every_size_shows_the_list_and_a_narrow_one_gives_the_preview_the_whole_body(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, first=CASES)
    async with opened(app, size) as pilot:
        screen = await settled(pilot, app)
        assert sum("#" in line for line in lines(app)) >= 3
        if size[0] < 120:
            assert not screen.query_one("#side").display
            await pilot.press("v")
            await until(pilot, lambda: screen.sight is not None and not screen.query_one("#list").display)
            await pilot.press("escape")
            await until(pilot, lambda: screen.query_one("#list").display and screen.table.has_focus)
        else:
            assert screen.query_one("#list").size.width <= 97
        for width, height in ((120, 36), (60, 12), size):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        assert screen.table.row is not None


async def test_where_nothing_is_found_no_case_stands_beside_the_list(tmp_path: Path) -> None:
    app = console(a_day(tmp_path), tmp_path, first=CASES)
    async with opened(app, (140, 30)) as pilot:
        await settled(pilot, app)
        await until(pilot, lambda: "It is dark." in shown(app) or "Last change" in shown(app))
        await look_for(pilot, app, "zzz")
        await until(pilot, lambda: "Nothing found" in shown(app))
        await until(pilot, lambda: "It is dark." not in shown(app) and "Last change" not in shown(app))
