"""The tour: its steps from what the console knows, and a newcomer who follows it on a real desk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from console.demo.coach import Coach, supervisor_command
from console.demo.tour import STEPS, Known, Tour, place
from tests.console.screen_driving import as_now, console, lines, opened, shown, typed, until, writes_back
from tests.console.small_screen import desk_of_today

COMMAND = "deskline supervise --as ida --desk /tmp/demo-x/desk.db"


def told(known: Known) -> str:
    tour = Tour(COMMAND)
    tour.known = known
    return tour.sentence()


def test_each_step_is_done_by_what_is_known() -> None:
    known = Known()
    story = [
        (0, {}),
        (1, {"available": True}),
        (1, {"offered": True}),
        (2, {"offered": False, "case": 4, "who": "Lena Ortiz"}),
        (2, {"opened": True}),
        (3, {"writing": True, "field": True}),
        (3, {"typed": 3}),
        (4, {"typed": 30}),
        (5, {"writing": False, "typed": 0, "queued": True, "field": False}),
        (2, {"queued": False}),  # it was taken back, and the text left
        (3, {"writing": True}),
        (5, {"queued": True}),
        (5, {"answered": True, "queued": False, "writing": False}),
        (6, {"back": True}),
        (7, {"resolved": True}),
        (8, {"seen_cases": True}),
    ]
    for wanted, change in story:
        known = replace(known, **change)
        assert place(known) == wanted, (change, known)
        assert told(known).strip()
        assert "{" not in told(known)


def test_what_is_done_without_being_told_counts() -> None:
    assert place(Known(case=4)) == 2  # accepted, then gone to lunch
    assert place(Known(available=True, case=4, resolved=True)) == 7


def test_the_sentence_fits_what_is_seen() -> None:
    assert "Press p" in told(Known(ready=True))
    assert "being opened" in told(Known())
    assert "Press a" in told(Known(available=True, offered=True))
    assert "A customer is writing" in told(Known(available=True))
    assert "#4" in told(Known(available=True, case=4))
    assert "press r" in told(Known(available=True, case=4, opened=True))
    assert "5 seconds" in told(Known(available=True, case=4, queued=True))
    assert "esc" in told(Known(available=True, case=4, answered=True, back=True, field=True))


def test_the_guide_lists_every_step_with_its_sign_and_the_way_to_the_supervisors_view() -> None:
    tour = Tour(COMMAND)
    tour.known = Known(available=True, case=4, who="Lena Ortiz", opened=True)
    rows = ["".join(part[0] for part in line.left) for line in tour.lines(28)]
    assert [row[0] for row in rows if row[1:2] == " " and row[0] in "✓●○"] == ["✓", "✓", "●", *"○○○○○"]
    assert all(len(row) <= 28 for row in rows)
    assert tour.lines(28)[0].right == (("3/8", "muted"),)
    first = "\n".join("".join(part[0] for part in line.left) for line in Coach(COMMAND).lines(28))
    assert "deskline supervise" in first
    assert "/tmp/demo-x/desk.db" in first


def test_the_command_is_one_that_can_be_typed(monkeypatch) -> None:
    monkeypatch.setattr("sys.argv", [".venv/bin/deskline", "demo"])
    assert supervisor_command("d.db", "ida") == ".venv/bin/deskline supervise --as ida --desk d.db"
    monkeypatch.setattr("sys.argv", ["/somewhere/main.py", "demo"])
    assert supervisor_command("d.db", "ida") == "deskline supervise --as ida --desk d.db"


async def test_a_newcomer_is_led_from_the_first_key_to_the_end(tmp_path: Path) -> None:
    story = desk_of_today(tmp_path)
    app = console(story, tmp_path, undo_s=0)
    tour = app.coach = Tour(COMMAND)
    async with opened(app) as pilot:

        async def on(step: int) -> None:
            await until(pilot, lambda: place(tour.known) == step)
            title = STEPS[step].title if step < len(STEPS) else "That was the tour"
            await until(pilot, lambda: title in shown(app))

        await on(0)
        assert any("1/8" in row for row in lines(app))
        await pilot.press("p")
        await until(pilot, lambda: "Your status" in shown(app))
        await pilot.press("1")
        await on(1)
        story.customer_writes()
        as_now(story)
        await until(pilot, lambda: app.workspace and app.workspace.offers)
        await until(pilot, lambda: "Press a" in shown(app))
        await pilot.press("a")
        await on(2)
        await pilot.press("r")
        await on(3)
        await typed(pilot, "Press the reset key")
        await on(4)
        await pilot.press("ctrl+s")
        await on(5)
        await until(pilot, lambda: story.one("select count(*) from messages where direction = 'outbound'"))
        await until(pilot, lambda: tour.known.answered)
        writes_back(story, 1, "Works, thanks.")
        await on(6)
        await pilot.press("c")
        await on(7)
        await pilot.press("2")
        await until(pilot, lambda: place(tour.known) == len(STEPS))
        await until(pilot, lambda: "That was the tour" in shown(app))  # in row 1: there is no guide here
        await pilot.press("1")
        await until(pilot, lambda: "second terminal" in shown(app))
    assert story.status(1) == "resolved"
    story.desk.close()


async def test_in_a_narrow_terminal_row_1_leads_unless_something_is_more_urgent(tmp_path: Path) -> None:
    story = desk_of_today(tmp_path)
    app = console(story, tmp_path)
    app.coach = Tour(COMMAND)
    async with opened(app, (80, 24)) as pilot:
        await until(pilot, lambda: "Tour 1/8  Become available" in lines(app)[1])
        assert "p status" in lines(app)[1]
        story.present("maya")
        await until(pilot, lambda: "Tour 2/8  Accept the offer" in lines(app)[1])
        story.customer_writes()
        as_now(story)
        await until(pilot, lambda: "New mail" in lines(app)[1])
    story.desk.close()
