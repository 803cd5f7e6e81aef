"""A defect in the console: the terminal is given back, the draft is kept, and no customer's word is shown or written down."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.consoles import ConsoleDesk, consoles_of
from tests.acceptance.terminal import PATIENCE, Recorder, plain, sequences
from tests.acceptance.test_console_tmux import wanted
from tests.acceptance.test_console_violence import GIVEN_BACK
from tests.console.screen_driving import a_day
from tests.services import until

SECRET = "what a customer wrote"
BROKEN = f"""
import sys
from console import everywhere, main
from console.screens import base
from console.widgets import conversation

def broken(*_):
    local = {SECRET!r}
    return len(local) / 0

async def broken_later(*_):
    broken()

def never_kept(*_):
    raise OSError("no room")

{{how}}
sys.exit(main.main(sys.argv[1:]))
"""
IN_A_KEY = "everywhere.Everywhere.do_desk_new_case = broken"
IN_A_WORKER = "everywhere.Everywhere.do_desk_new_case = broken_later"
IN_PAINTING = """def break_painting(*_):
    conversation.Conversation.render_line = broken
everywhere.Everywhere.do_desk_new_case = break_painting"""
IN_THE_DRAFTS_TOO = """def all_broken(screen):
    from console.screens.writing import Writing
    Writing.keep_draft = broken
    broken()
everywhere.Everywhere.do_desk_new_case = all_broken"""
CTRL_N = "\x0e"


@pytest.fixture
def broken_console(tmp_path: Path) -> Iterator[Callable[[str], tuple[ConsoleDesk, Recorder]]]:
    with ExitStack() as stack:

        def begin(how: str) -> tuple[ConsoleDesk, Recorder]:
            desk = stack.enter_context(consoles_of(tmp_path, a_day(tmp_path, wanted=wanted())))
            maya = Recorder(desk.env)
            stack.callback(maya.close)
            command = desk._command("console", "maya", ())
            maya.start((120, 36), [sys.executable, "-c", BROKEN.replace("{how}", how), *command[3:]])
            maya.until("#1  Inverter")
            until(desk.sessions, "the console is connected", PATIENCE)
            maya.type("rHalf a sentence")
            maya.until("Half a sentence")
            return desk, maya

        yield begin


@pytest.mark.parametrize("how", [IN_A_KEY, IN_A_WORKER, IN_PAINTING], ids=["a key", "a worker", "painting"])
def test_a_defect_keeps_the_draft_and_says_one_sentence(broken_console, tmp_path: Path, how: str) -> None:
    desk, maya = broken_console(how)
    before = maya.mark()
    maya.type(CTRL_N)
    if how == IN_PAINTING:
        maya.resize((110, 30))
        maya.signal(signal.SIGWINCH)
    assert maya.code() == 1
    until(lambda: "Report it with" in plain(maya.written(before)), "it is told", PATIENCE)
    after = maya.written(before)
    assert set(sequences(after)) >= GIVEN_BACK
    assert maya.settings()[:4] == maya.before[:4]
    told = after[after.rindex(b"\x1b[?1004l") :]
    assert plain(told).strip().count("\n") == 0
    assert "ZeroDivisionError" in plain(told)
    assert "kept as a draft" in plain(told)
    draft = desk.draft(1)
    assert draft is not None
    assert draft.text == "Half a sentence"

    report = Path(plain(told).split()[-1])
    assert report.is_relative_to(tmp_path / "state")
    assert report.stat().st_mode & 0o777 == 0o600
    written = report.read_text()
    assert "in broken" in written
    assert SECRET not in written + plain(maya.written())
    assert "Traceback" not in plain(after)


def test_where_the_draft_is_not_kept_either_it_is_not_claimed(broken_console) -> None:
    _desk, maya = broken_console(IN_THE_DRAFTS_TOO)
    before = maya.mark()
    maya.type(CTRL_N)
    assert maya.code() == 1
    until(lambda: "may not be kept" in plain(maya.written(before)), "it is told", PATIENCE)
    assert maya.settings()[:4] == maya.before[:4]
