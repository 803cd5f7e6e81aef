"""The agent's screen in stories: nothing that one reads or writes is lost when the world goes on."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from console.app import DeskApp
from console.screens.work import WorkScreen
from console.widgets.conversation import Conversation
from console.widgets.work_list import WorkList
from core.actions import cases
from tests.builders import Story
from tests.console.screen_driving import a_day, as_now, console, opened, shown, typed, until, writes_back


def texts(story: Story, case: int) -> list[str]:
    return [row[0] for row in story.all("select text from messages where case_id = ? and direction = 'outbound'", case)]


async def test_the_cursor_and_the_unread_mark_keep_to_their_items(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        await pilot.press("j")
        await until(pilot, lambda: "#2  Invoice" in shown(app))
        work_list = app.screen.query_one(WorkList)
        here = work_list.cursor
        as_now(story)
        story.accept("maya", story.customer_writes("One more, quite urgent", "x@example.org"))
        writes_back(story, 3, "Are you there?")
        await until(pilot, lambda: "One more, quite urgent" in shown(app) and "•Which cable" in shown(app))
        assert work_list.cursor == here
        assert "•Invoice" not in shown(app)
        while work_list.row(work_list.cursor).case != 3:  # type: ignore[union-attr]
            await pilot.press("j")
        await until(pilot, lambda: "Are you there?" in shown(app))
        await until(pilot, lambda: "•Which cable" not in shown(app))


async def test_older_messages_come_as_one_scrolls_up_and_quoted_text_unfolds(tmp_path: Path) -> None:
    story = a_day(tmp_path, asked=100)
    app = console(story, tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "▸ 5 quoted lines" in shown(app))
        await pilot.press("x")
        await until(pilot, lambda: "> the photo" in shown(app))
        await pilot.press("x")
        await until(pilot, lambda: "> the photo" not in shown(app))
        await pilot.press("enter")
        conversation = app.screen.query_one(Conversation)
        await until(pilot, lambda: conversation.has_focus)
        for _ in range(8):
            oldest = conversation.oldest
            await pilot.press("home")
            await pilot.pause()
            if "It is dark." in shown(app):
                break
            await until(pilot, lambda before=oldest: conversation.oldest < before)
        await pilot.press("home")
        await until(pilot, lambda: "It is dark." in shown(app) and "Remark number 0." in shown(app))
        assert "earlier message" not in shown(app)
        await pilot.press("end")
        await until(pilot, lambda: "please hurry" in shown(app))


async def test_each_case_keeps_its_own_draft(tmp_path: Path) -> None:
    app = console(a_day(tmp_path), tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        await pilot.press("r")
        await typed(pilot, "For the first")
        await pilot.press("escape", "escape", "j")
        await until(pilot, lambda: "#2  Invoice" in shown(app))
        assert "For the first" not in shown(app)
        await pilot.press("n")
        await typed(pilot, "About the second")
        await pilot.press("escape", "escape", "k")
        await until(pilot, lambda: "For the first" in shown(app) and "Reply to" in shown(app))
        await pilot.press("j")
        await until(pilot, lambda: "About the second" in shown(app) and "only colleagues" in shown(app))
    assert [(draft.case, draft.kind, draft.text) for draft in app.drafts.all()] == [
        (1, "reply", "For the first"),
        (2, "note", "About the second"),
    ]


async def test_what_is_typed_at_once_behind_a_key_is_text(tmp_path: Path) -> None:
    app = console(a_day(tmp_path), tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        for key in ("r", "T", "c", "n", "h"):
            app.simulate_key(key)
        await until(pilot, lambda: "Tcnh" in shown(app))
    assert app.drafts.load(1).text == "Tcnh"  # type: ignore[union-attr]


async def test_an_answer_taken_back_is_a_draft_with_what_was_written_since(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, undo_s=60)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        await pilot.press("r")
        await typed(pilot, "Too early")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "goes out" in shown(app))
        await pilot.press("r")
        await typed(pilot, "And more")
        assert "Too early" not in shown(app)
        await pilot.press("escape", "escape", "j")
        await until(pilot, lambda: "#2  Invoice" in shown(app))
        await pilot.press("u")
        await until(pilot, lambda: "Too early" in shown(app) and "And more" in shown(app))
        assert app.sender.next is None
        kept = app.drafts.load(1)
        assert kept is not None
        assert kept.text == "Too early\n\nAnd more"
    assert texts(story, 1).count("Too early") == 0


async def test_a_refused_answer_comes_back_with_what_was_written_since(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, undo_s=1)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        await pilot.press("r")
        await typed(pilot, "Refused")
        await pilot.press("ctrl+s")
        as_now(story).act("sam", cases.close, 1)
        await pilot.press("n")
        await typed(pilot, "For us")
        await until(pilot, lambda: "is kept as a draft" in shown(app))
        await until(pilot, lambda: "Refused" in shown(app) and "For us" in shown(app))
        assert "only colleagues" in shown(app), "what was a note must not slip into an answer"
    assert app.drafts.load(1).text == "Refused\n\nFor us"  # type: ignore[union-attr]


async def test_a_clock_that_is_set_back_holds_no_answer(tmp_path: Path, monkeypatch) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, undo_s=1)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        await pilot.press("r")
        await typed(pilot, "Goes out")
        wall, wall_ns = time.time, time.time_ns
        await pilot.press("ctrl+s")
        monkeypatch.setattr(time, "time", lambda: wall() - 7200)
        monkeypatch.setattr(time, "time_ns", lambda: wall_ns() - 7200 * 10**9)
        await until(pilot, lambda: texts(story, 1).count("Goes out") == 1)
        await typed(pilot, "r")
        await typed(pilot, "still")
        await until(pilot, lambda: "still" in shown(app))
        monkeypatch.undo()


async def test_the_other_console_of_an_agent_writes_the_answer(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        from core.actions import drafts

        as_now(story).act("maya", drafts.keep, 1, "reply", "From the other desk", session="elsewhere:1:a")
        await pilot.press("r")
        await until(pilot, lambda: "in another console" in shown(app))
        screen = app.screen
        assert isinstance(screen, WorkScreen)
        assert not screen.composer.is_open


async def test_the_history_calls_people_and_statuses_as_the_screen_does(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    story.act("tom", cases.note, 1, "Mine has one too.")
    app = console(as_now(story), tmp_path)
    async with opened(app, (200, 50)) as pilot:
        await until(pilot, lambda: "added a note · Tom" in shown(app))
        text = shown(app)
        assert "waiting → open" in text
        assert "open → waiting · you" in text
        assert "accepted by you" in text
        assert "waiting_customer" not in text
        assert "maya" not in text
    story.desk.close()


async def test_row_one_names_only_keys_that_work(tmp_path: Path) -> None:
    story = as_now(a_day(tmp_path))
    app = console(story, tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "r reply   enter open" in shown(app).splitlines()[1])
        await until(pilot, lambda: " r reply   n note   t transfer" in shown(app).splitlines()[-1])
        await pilot.press("r")
        await until(pilot, lambda: "─ Reply to Lena Ortiz  mail, public " in shown(app))
        await until(pilot, lambda: "Next" in shown(app).splitlines()[1] and "reply" not in shown(app).splitlines()[1])
    story.desk.close()


async def test_a_tiny_terminal_says_where_one_is(tmp_path: Path) -> None:
    story = as_now(a_day(tmp_path))
    app = console(story, tmp_path)
    async with opened(app, (40, 10)) as pilot:
        assert shown(app).startswith(" Work ▾ ")
        assert "● Available" in shown(app).splitlines()[0]
        await until(pilot, lambda: "My work 3" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "… #1 Lena O" in shown(app).splitlines()[3])
    story.desk.close()


async def test_while_the_desk_is_away_no_clock_is_trusted_and_sending_waits(tmp_path: Path) -> None:
    story = as_now(a_day(tmp_path))
    app = console(story, tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "◔ waiting 2 h" in shown(app))
        await pilot.press("r")
        await until(pilot, lambda: "ctrl+s send   " in shown(app))
        Path(story.desk.where).rename(tmp_path / "gone.db")
        await until(pilot, lambda: "Desk away" in shown(app))
        await until(pilot, lambda: "ctrl+s send when back   " in shown(app).splitlines()[-1])
        assert "◌ as of " in shown(app)
        assert "◔ waiting" not in shown(app)
    story.desk.close()


def case_under_cursor(app: DeskApp) -> int:
    work_list = app.screen.query_one(WorkList)
    row = work_list.row(work_list.cursor)
    assert row is not None
    return row.case


async def test_the_cursor_is_on_the_case_that_keys_act_on(tmp_path: Path) -> None:
    """An offer that is accepted opens its case; back in the list, a key must not act on another one than the cursor shows."""
    story = a_day(tmp_path)
    app = console(story, tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        as_now(story)
        new = story.customer_writes("One more, quite urgent", "x@example.org")
        await until(pilot, lambda: "a accept" in shown(app))
        await pilot.press("a")
        await until(pilot, lambda: f"#{new}  One more" in shown(app) and case_under_cursor(app) == new)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen.query_one(WorkList).has_focus)
        assert case_under_cursor(app) == new
        await pilot.press("enter")
        await until(pilot, lambda: not app.screen.query_one(WorkList).has_focus)
        await pilot.press("c")
        await until(pilot, lambda: f"#{new} is resolved" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.query_one(WorkList).has_focus)
        await until(pilot, lambda: app.desk_screen is not None and app.desk_screen.open_case == case_under_cursor(app))


async def test_what_comes_from_the_desk_between_a_key_and_the_next_leaves_the_cursor_where_the_key_put_it(
    tmp_path: Path,
) -> None:
    app = console(a_day(tmp_path), tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        screen = app.screen
        assert isinstance(screen, WorkScreen)
        screen.query_one(WorkList).move(1)
        screen.workspace_changed()
        await pilot.pause()
        await pilot.press("r")
        await typed(pilot, "For the second")
        await until(pilot, lambda: "For the second" in shown(app))
        assert (case_under_cursor(app), screen.composer.case) == (2, 2)


async def test_a_key_that_comes_when_the_case_before_is_about_to_open_goes_to_the_next_one(tmp_path: Path) -> None:
    app = console(a_day(tmp_path), tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        screen = app.screen
        assert isinstance(screen, WorkScreen)
        work_list = screen.query_one(WorkList)
        work_list.move(1)
        while not screen.catching_up:
            await asyncio.sleep(0)
        time.sleep(
            0.15
        )  # the machine is busy: the time that the cursor had to rest is over before the next key is looked at
        work_list.move(1)
        third = case_under_cursor(app)
        await pilot.press("r")
        await typed(pilot, "For the third")
        await until(pilot, lambda: "For the third" in shown(app))
        assert (case_under_cursor(app), screen.composer.case) == (third, third)


async def test_an_answer_that_is_not_sent_is_asked_about_before_its_case_is_resolved(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        await pilot.press("r")
        await typed(pilot, "Not sent yet")
        await pilot.press("escape", "c")
        await until(pilot, lambda: "Your answer to #1 is not sent." in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "is not sent." not in shown(app))
        assert story.status(1) == "open"
        await pilot.press("c", "2")
        await until(pilot, lambda: story.status(1) == "resolved")
    assert app.drafts.load(1).text == "Not sent yet"  # type: ignore[union-attr]


async def test_who_ends_in_good_order_leaves_the_draft_in_the_desk(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        await pilot.press("r")
        await typed(pilot, "Half an answer")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: not app.is_running)
    assert story.all("select text from drafts") == [("Half an answer",)]


async def test_an_answer_on_its_way_is_seen_although_an_offer_has_row_one(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    app = console(story, tmp_path, undo_s=30)
    async with opened(app) as pilot:
        await until(pilot, lambda: "#1  Inverter" in shown(app))
        as_now(story)
        story.customer_writes("One more, quite urgent", "x@example.org")
        await until(pilot, lambda: "a accept" in shown(app))
        await pilot.press("r")
        await typed(pilot, "Too early")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Answer goes out" in shown(app) and "take it back" in shown(app))
        assert "a accept" in shown(app)
        await pilot.press("u")
        await until(pilot, lambda: "Too early" in shown(app) and "Answer goes out" not in shown(app))
