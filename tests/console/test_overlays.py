"""What lies over the screens: choosing, asking, presence, the palette, the help, and the clipboard of the terminal."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from textual.app import App

from console import clipboard
from console.keys import COMMANDS, Keys
from console.matching import EXPLAINED, IN_ORDER, TOGETHER, match
from console.reads_status import Leaving, leaving
from console.screens.asking import Ask, Confirm
from console.screens.choosing import Choice, Chooser, entries
from console.screens.help import columns
from console.screens.overlay import Place, place
from console.screens.palette import CommandPalette, Entry, Lines, jumps, matching
from console.screens.status import choose_status, told
from core.actions import presence, work
from core.config.document import Channel
from tests.builders import Story, document
from tests.console.small_screen import REASON, desk_of_today, ready, shown, small_app, until

FETCHED = [
    Choice("tier-1", "Tier 1", "12 waiting"),
    Choice("tier-2", "Tier 2"),
    Choice("billing", "[/b] Billing [red]", "[@click=app.quit]late[/]"),
]


@pytest.mark.parametrize(
    ("size", "wanted", "expected"),
    [
        ((120, 36), (72, 12), Place(24, 4, 72, 12)),
        ((200, 50), (80, 60), Place(60, 4, 80, 45)),
        ((80, 24), (80, 12), Place(0, 4, 80, 12)),
        ((80, 24), (72, 30), Place(4, 3, 72, 21)),
        ((40, 10), (72, 12), Place(0, 0, 40, 10)),
    ],
)
def test_an_overlay_leaves_the_next_line_in_sight_unless_the_terminal_is_very_low(size, wanted, expected):
    assert place(size, wanted, 4) == expected


def test_a_free_chooser_offers_what_is_typed_first_but_not_twice():
    assert [each.value for each in entries(FETCHED, "TIER", free=False)] == ["tier-1", "tier-2"]
    assert [each.value for each in entries(FETCHED, " 2 d ", free=True)] == ["2 d"]
    assert [each.value for each in entries(FETCHED, "tier 2", free=True)] == ["tier-2"]
    assert [each.value for each in entries(FETCHED, "tier", free=True)] == ["tier", "tier-1", "tier-2"]


def test_letters_in_a_row_fit_best_then_letters_in_order_then_a_word_of_what_it_does():
    assert match("Close the console", "clo") == (TOGETHER, 0, (0, 1, 2))
    assert match("Write to a file", "file") == (TOGETHER, 11, (11, 12, 13, 14))
    ordered = match("Close the console", "cth")
    assert ordered is not None
    assert ordered.rank == IN_ORDER
    assert ordered.places == (0, 6, 7)
    explained = match("Reply", "answer", "Opens the composer for an answer.")
    assert explained is not None
    assert explained.rank == EXPLAINED
    assert match("Reply", "xyz", "Opens the composer.") is None
    assert match("Straße İ", "stra") is not None


def test_the_palette_shows_the_nearest_first_and_the_impossible_last():
    listed = [
        Entry("desk.quit", "Close the console", "Everywhere"),
        Entry("case.close", "Close for good", "This case", reason="That takes a supervisor"),
        Entry("case.copy", "Clone it", "This case"),
    ]
    assert [each.value for each in matching(listed, "clo")] == ["case.copy", "case.close", "desk.quit"]
    assert [each.value for each in jumps("#0412", "dark") if each.value[:5] == "open:"] == ["open:412"]
    assert [each.value for each in jumps("9" * 40, "dark") if each.value[:5] == "open:"] == []


def test_the_keys_stand_in_columns_as_low_as_can_be_without_tearing_a_group_apart():
    groups = [[("", name), *[("k", "does")] * number] for name, number in (("A", 8), ("B", 1), ("C", 5), ("D", 2))]
    found = columns(groups, 3)
    assert [sum(1 for row in each if row and not row[0]) for each in found] == [1, 2, 1]
    assert len(columns([], 3)) == 1


def test_signing_out_is_told_per_channel_with_the_right_forms():
    leaves = [Leaving("Mail", stays=2, goes_back=1), Leaving("Chat", goes_back=2, wraps=1, offers=1)]
    assert told(leaves, own=True) == [
        "Mail: 2 cases stay with you, 1 goes back to its queue.",
        "Chat: 2 cases go back to their queues, 1 wrap-up ends.",
        "1 offer is taken back.",
    ]
    assert told([Leaving("Mail", offers=1)], own=True) == []
    assert told([Leaving("Mail", stays=1)], own=False) == ["1 case stays with its agent."]


@pytest.mark.parametrize("policy", ["keep", "requeue-unopened", "requeue-all"])
def test_what_is_said_before_signing_out_is_what_the_desk_then_does(tmp_path: Path, policy: str):
    story = desk_of_today(tmp_path, document(agents=("maya",), channel=Channel(label="Mail", sign_out=policy)))
    story.present("maya")
    for _ in range(2):
        story.accept("maya", story.customer_writes())
    story.act("maya", work.look_into, 1)
    said = leaving(fetching(story), "maya")[0]
    story.act("maya", presence.set_status, "maya", "offline")
    assert said.stays == sum(story.held_by(case) == "maya" for case in (1, 2))
    assert (said.stays, said.goes_back) == {"keep": (2, 0), "requeue-unopened": (1, 1), "requeue-all": (0, 2)}[policy]
    story.desk.close()


def fetching(story: Story):
    from sqlalchemy import text

    def fetch(query, params):
        with story.desk.reading() as connection:
            found = connection.execute(text(query.sql), params)
            return query.rows(list(found.keys()), found)

    return fetch


async def test_choosing_and_asking_by_keys_and_by_mouse(tmp_path: Path):
    desk_of_today(tmp_path).desk.close()
    app = small_app(tmp_path)
    got: list[object] = []

    async def answer(screen, *keys: str) -> object:
        app.push_screen(screen, got.append)
        await pilot.pause()
        await pilot.press(*keys)
        await until(pilot, lambda: app.screen is app.small)
        return got.pop()

    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot, app)
        assert await answer(Chooser("Where to", FETCHED), "down", "enter") == "tier-2"
        assert await answer(Chooser("Where to", FETCHED), *"bill", "enter") == "billing"
        assert await answer(Chooser("Where to", FETCHED), "3") == "billing"
        assert await answer(Chooser("Where to", FETCHED), *"nothing", "enter", "escape") is None
        assert await answer(Chooser("Until", FETCHED, free=True), *"2d", "enter") == "2d"
        assert await answer(Chooser("Where to", FETCHED, current="tier-2"), "enter") == "tier-2"
        assert await answer(Confirm("Close?", ["It is closed."], "Close", "Leave"), "enter") is True
        assert await answer(Confirm("Close?", ["It is closed."], "Close", "Leave"), "escape") is False
        assert await answer(Confirm("Close?", ["It is closed."], "Close", "Leave"), "2") is False

        app.push_screen(Chooser("Where to", FETCHED), got.append)
        await pilot.pause()
        assert "[/b] Billing [red]" in shown(app)
        assert "[@click=app.quit]late[/]" in shown(app)
        await pilot.click("Choices", offset=(10, 1))
        await until(pilot, lambda: got)
        assert got.pop() == "tier-2"
        app.push_screen(Chooser("Where to", FETCHED), got.append)
        await pilot.pause()
        await pilot.click(offset=(3, 30))
        await until(pilot, lambda: got)
        assert got.pop() is None, "a click beside it closes"

        app.push_screen(Ask("Name", check=lambda text: None if text else "It needs a name."), got.append)
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert "! It needs a name." in shown(app)
        assert not got
        await pilot.press(*"late", "enter")
        await until(pilot, lambda: got)
        assert got.pop() == "late"
        await app.leave(0)


async def test_what_lies_behind_is_faint_but_an_offer_stays_and_can_be_taken(tmp_path: Path):
    story = desk_of_today(tmp_path)
    story.present("maya")
    case = story.customer_writes()
    app = small_app(tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot, app)
        await until(pilot, lambda: app.workspace.offers)
        app.push_screen(Chooser("Where to", FETCHED))
        await pilot.pause(0.1)
        rows = app.screen._compositor.render_strips()
        badge, accent = app.look.style("strong", "badge"), app.look.palette.colours["accent"]
        assert any(segment.style.bgcolor == badge.bgcolor for segment in rows[1])
        assert "F2 accept" in rows[1].text
        pane = [segment.style for segment in rows[3] if segment.text.strip()]
        assert pane
        assert {style.color for style in pane} == {app.look.style("faint").color}
        await pilot.press("f2")
        await until(pilot, lambda: app.workspace.mine)
        assert story.held_by(case) == "maya"
        assert isinstance(app.screen, Chooser), "what was being chosen stays"
        assert accent not in {segment.style.color and segment.style.color.name for segment in rows[3]}
        await app.leave(0)
    story.desk.close()


async def test_going_offline_says_what_becomes_of_the_work_before_it_is_done(tmp_path: Path):
    story = desk_of_today(tmp_path, document(agents=("maya",), channel=Channel(label="Mail", sign_out="requeue-all")))
    story.present("maya")
    case = story.customer_writes()
    story.accept("maya", case)
    app = small_app(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, app)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, Chooser))
        await pilot.pause()
        assert "● Available" in shown(app)
        assert "Mail   ✓ current" in shown(app)
        await pilot.press(*"offline", "enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.pause()
        assert "1 case goes back to its queue." in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.small)
        assert story.held_by(case) == "maya"
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, Chooser))
        await pilot.press(*"off", "enter")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await until(pilot, lambda: app.workspace.me.status == "offline")
        assert story.held_by(case) is None
        await app.leave(0)
    story.desk.close()


async def test_a_supervisor_sets_the_status_of_an_agent_and_an_agent_does_not(tmp_path: Path):
    story = desk_of_today(tmp_path, document(agents=("maya", "tom"), supervisors=("sam",)))
    story.present("tom")
    for name, allowed in (("maya", False), ("sam", True)):
        app = small_app(tmp_path, name)
        async with app.run_test(size=(120, 36)) as pilot:
            await ready(pilot, app)
            app.run_worker(app.guarded(choose_status(app, "tom")))
            await until(pilot, lambda app=app: isinstance(app.screen, Chooser))
            await pilot.pause()
            assert "Status of Tom" in shown(app)
            await pilot.press(*"away", "enter")
            await until(pilot, lambda app=app: app.screen is app.small)
            await until(pilot, lambda app=app, ok=allowed: status_of(story, "tom") == "away" if ok else app._flash)
            assert status_of(story, "tom") == ("away" if allowed else "available")
            await app.leave(0)
    story.desk.close()


def status_of(story: Story, name: str) -> str:
    return story.one(
        "select s.name from agents a join agent_loads l on l.agent_id = a.id "
        "join presence_intervals i on i.id = l.interval_id join presence_statuses s on s.id = i.status_id where a.name = ?",
        name,
    )


async def test_the_palette_runs_what_is_possible_and_says_why_the_rest_is_not(tmp_path: Path):
    desk_of_today(tmp_path).desk.close()
    app = small_app(tmp_path)

    async def opened(*keys: str) -> str:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*keys)
        await pilot.pause()
        return shown(app)

    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot, app)
        text = await opened()
        assert "This case, #412" in text
        assert REASON.rstrip(".") in text
        assert "That takes a supervisor" in text, "of closing for good"
        assert "Undo the sending" not in text, "what needs no word is not shown"
        assert "Opens the composer for an answer to the customer." in text, "what enter would do"
        await pilot.press(*"reso", "enter")
        await pilot.pause()
        assert isinstance(app.screen, CommandPalette)
        assert not app.small.ran, "the impossible is not run"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.small)

        await opened(*"rply", "enter")
        await until(pilot, lambda: app.small.ran == ["reply"])
        text = await opened(*"#412")
        assert "Open case #412" in text
        await pilot.press("enter")
        await until(pilot, lambda: app.small.opened == [412])
        await opened(*"theme: l")
        assert app.screen.query_one(Lines).cursor == "theme:light"
        await pilot.press("enter")
        await until(pilot, lambda: app.look.palette.name == "light")
        await app.leave(0)


async def test_the_palette_says_how_much_more_there_is_below(tmp_path: Path):
    desk_of_today(tmp_path).desk.close()
    app = small_app(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, app)
        await pilot.press("colon")
        await until(pilot, lambda: "more lines" in shown(app))
        before = shown(app)
        await pilot.press("pagedown")
        await until(pilot, lambda: shown(app) != before)
        await pilot.press("pagedown", "pagedown", "pagedown")
        await until(pilot, lambda: "more lines" not in shown(app))
        assert "Close the console" in shown(app)
        await app.leave(0)


async def test_the_help_shows_the_users_own_keys_and_finds_them(tmp_path: Path):
    desk_of_today(tmp_path).desk.close()
    app = small_app(tmp_path, keys=Keys({"case.reply": ("f7",)}))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, app)
        await pilot.press("question_mark")
        await until(pilot, lambda: "keys.yaml" in shown(app))
        text = shown(app)
        assert "Keys in Work" in text
        assert "F7        reply" in text
        assert "more lines" in text
        assert "close for good" not in text, "that takes a supervisor"
        await pilot.press("pagedown")
        await until(pilot, lambda: "close the console" in shown(app))
        await pilot.press(*"f7")
        await until(pilot, lambda: "decline" not in shown(app))
        assert "F7        reply" in shown(app)
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.small)
        await app.leave(0)


@pytest.mark.parametrize("theme", ["none", "sixteen", "contrast"])
async def test_overlays_hold_without_surfaces_and_in_a_tiny_terminal(tmp_path: Path, theme: str):
    desk_of_today(tmp_path).desk.close()
    app = small_app(tmp_path, theme=theme)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.pause()
        assert "┌" in shown(app), "a rule around it"
        assert "__" in shown(app), "the field drawn by signs"
        await pilot.resize_terminal(200, 50)
        await pilot.pause()
        assert "Reply" in shown(app)
        await app.leave(0)


def test_what_is_copied_fits_what_terminals_take():
    long = "é" * 60_000
    assert len(base64.b64encode(clipboard.fit(long).encode())) <= clipboard.MOST_ENCODED
    assert long.startswith(clipboard.fit(long))
    assert clipboard.osc52("#412") == "\x1b]52;c;IzQxMg==\x07"


@pytest.mark.parametrize("works", [True, False])
async def test_in_tmux_the_text_goes_through_tmux_else_to_the_terminal(tmp_path: Path, monkeypatch, works: bool):
    tool = tmp_path / "tmux"
    tool.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/asked"\ncat > "{tmp_path}/given"\nexit {0 if works else 1}\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("TMUX", "/tmp/tmux-1/default,1,0")
    written: list[str] = []
    monkeypatch.setattr(clipboard, "_write", lambda app, sequence: written.append(sequence))
    app: App[None] = App()
    async with app.run_test() as pilot:
        assert clipboard.copy(app, "#412") == "sent to the terminal"
        await asyncio.wait_for(app.workers.wait_for_complete(), 5)
        await pilot.pause()
    assert (tmp_path / "asked").read_text().split() == ["load-buffer", "-w", "-"]
    assert (tmp_path / "given").read_text() == "#412"
    assert written == ([] if works else [clipboard.osc52("#412")])


def test_every_group_of_commands_has_its_place_in_the_palette():
    from console.screens.palette import BY_NEARNESS

    assert {command.group for command in COMMANDS.values()} == set(BY_NEARNESS)
