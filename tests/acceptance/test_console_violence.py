"""What must not be lost when a console is killed, hung up on, stopped, or when its desk goes away under it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.consoles import ConsoleDesk, consoles_of
from tests.acceptance.terminal import PATIENCE, Recorder, Tmux, needs_tmux, sequences
from tests.acceptance.test_console_tmux import wanted
from tests.builders import Story
from tests.console.screen_driving import a_day
from tests.services import until

GIVEN_BACK = {b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?1006l", b"\x1b[?2004l"}
"""The main screen, the cursor, the mouse and the paste mode as they were."""


@pytest.fixture
def desk_of(tmp_path: Path) -> Iterator[Callable[[Story], ConsoleDesk]]:
    with ExitStack() as stack:
        yield lambda story: stack.enter_context(consoles_of(tmp_path, story))


def is_kept(desk: ConsoleDesk, case: int, text: str) -> None:
    """Wait until the draft on a case is a text."""
    until(lambda: (draft := desk.draft(case)) is not None and draft.text == text, f"{text!r} is kept", PATIENCE)


def writing(maya: Recorder | Tmux, text: str) -> None:
    """Open the composer on case 1 and type a text."""
    maya.until("#1  Inverter")
    maya.type("r")
    maya.until("Reply to Lena Ortiz")
    maya.type(text)


def test_a_console_killed_while_one_types_has_the_draft_when_it_is_back(tmp_path: Path, desk_of) -> None:
    needs_tmux()
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.console((120, 36))
    writing(maya, "The first sentence.")
    is_kept(desk, 1, "The first sentence.")
    maya.type(" And a half")
    os.kill(maya.pid, signal.SIGKILL)
    kept = desk.draft(1)
    assert kept is not None
    assert kept.text.startswith("The first sentence.")
    again = desk.console((120, 36))
    again.until("The first sentence.")
    again.type("r It goes on.")  # what follows the key at once is text
    again.until("It goes on.")
    is_kept(desk, 1, kept.text + " It goes on.")
    assert "in another console" not in again.screen()


def test_an_answer_on_its_way_in_a_console_that_is_killed_is_a_draft_again(tmp_path: Path, desk_of) -> None:
    needs_tmux()
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.console((120, 36), "maya", "--undo", "60")
    writing(maya, "Nearly out.")
    maya.until("Nearly out.")
    maya.press("C-s")
    maya.until("goes out")
    os.kill(maya.pid, signal.SIGKILL)
    again = desk.console((120, 36))
    again.until("Nearly out.")
    assert "Nearly out." not in desk.texts(1, "outbound")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_console_told_to_stop_keeps_the_draft_and_gives_the_terminal_back(
    tmp_path: Path, desk_of, number: signal.Signals
) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.bare((120, 36))
    writing(maya, "Half a")
    maya.until("Half a")
    until(desk.sessions, "the console is connected", PATIENCE)
    before = maya.mark()
    maya.signal(number)
    assert maya.code() == 128 + number
    after = maya.written(before)
    assert set(sequences(after)) >= GIVEN_BACK
    assert not set(sequences(after)) & {b"\x1b[?1049h", b"\x1b[?1000h"}
    assert b"Traceback" not in after
    assert maya.settings()[:4] == maya.before[:4]
    kept = desk.draft(1)
    assert kept is not None
    assert kept.text == "Half a"
    assert desk.sessions() == 0


def test_a_cut_line_keeps_the_draft_and_ends_the_session(tmp_path: Path, desk_of) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.bare((120, 36))
    writing(maya, "Half a")
    maya.until("Half a")
    until(desk.sessions, "the console is connected", PATIENCE)
    maya.hang_up()
    assert maya.code() == 128 + signal.SIGHUP
    kept = desk.draft(1)
    assert kept is not None
    assert kept.text == "Half a"
    assert desk.sessions() == 0


def test_nothing_stops_a_console_and_closing_it_sends_what_waits(tmp_path: Path, desk_of) -> None:
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.bare((120, 36), "maya", "--undo", "60")
    maya.until("#1  Inverter")
    maya.type("\x1a")
    maya.signal(signal.SIGTSTP)
    writing(maya, "Sent by closing.")
    maya.until("Sent by closing.")
    assert Path(f"/proc/{maya.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T"
    is_kept(desk, 1, "Sent by closing.")
    maya.type("\x13")
    maya.until("goes out")
    until(lambda: desk.one("select expires_at > 0 from engine_lease"), "an engine runs", PATIENCE)
    maya.type("\x11")
    assert maya.code() == 0
    assert desk.texts(1, "outbound").count("Sent by closing.") == 1
    assert desk.draft(1) is None
    assert desk.drafts().left_behind(1) == []
    until(lambda: not desk.engines(), "the engine ended with its console", PATIENCE)


def test_a_desk_that_is_moved_away_and_back(tmp_path: Path, desk_of) -> None:
    needs_tmux()
    desk = desk_of(a_day(tmp_path, wanted=wanted()))
    maya = desk.console((120, 36), "maya", "--undo", "0")
    writing(maya, "Written")
    is_kept(desk, 1, "Written")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    move(desk.path, elsewhere)
    maya.until("Desk away")
    maya.type(" meanwhile.")
    maya.until("Written meanwhile.")
    is_kept(desk, 1, "Written meanwhile.")
    maya.until("kept here")
    move(elsewhere / desk.path.name, desk.path.parent)
    maya.press("C-r")
    maya.until(lambda shown: "Desk away" not in shown)
    maya.until("Written meanwhile.")

    move(desk.path, elsewhere)
    maya.until("Desk away")
    maya.press("C-s")
    maya.until(lambda shown: "Written meanwhile." not in shown)
    move(elsewhere / desk.path.name, desk.path.parent)
    maya.until("You  to Lena Ortiz by mail")  # by itself
    maya.until("Written meanwhile.")
    assert desk.texts(1, "outbound").count("Written meanwhile.") == 1
    assert desk.draft(1) is None


def move(desk: Path, folder: Path) -> None:
    """Move a desk with the files beside it, itself first when it goes and last when it comes."""
    for each in sorted(desk.parent.glob(desk.name + "*"), reverse=folder.name != "elsewhere"):
        if each.is_file():
            each.rename(folder / each.name)
