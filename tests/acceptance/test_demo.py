"""`deskline demo` as a newcomer meets it: in a real terminal, with a company that writes real mail, and gone without a trace afterwards."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.terminal import Size, Tmux, needs_tmux
from tests.services import until

pytest.importorskip("aiosmtpd", reason="needs the extra demo")
pytest.importorskip("pymap", reason="needs the extra demo")

ROOT = Path(__file__).resolve().parents[2]


def of_folder(folder: Path) -> list[str]:
    """Return the commands of the processes that have to do with a folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            words = (each / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(str(folder) in word for word in words) and int(each.name) != os.getpid() and "tmux" not in words[0]:
            found.append(" ".join(words))
    return found


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Callable[..., Tmux]]:
    """Start the demo in a terminal; temporary folders are made in the test's own."""
    needs_tmux()
    temporary = tmp_path / "t"
    temporary.mkdir()
    env = {key: value for key, value in os.environ.items() if not key.startswith(("DESKLINE_", "LC_", "LANG", "TMUX"))}
    env |= {"LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "TMPDIR": str(temporary)}
    terminals: list[Tmux] = []

    def start(size: Size, *options: str, tells_exit: bool = False) -> Tmux:
        command = [sys.executable, "-m", "console.main", "demo", *options]
        if tells_exit:  # tmux does not always know it
            command = ["sh", "-c", f"{shlex.join(command)}; echo exit $?; exec sleep 600"]
        terminals.append(Tmux(env))
        return terminals[-1].start(size, command)

    yield start
    for each in terminals:
        each.close()
    until(lambda: not of_folder(temporary), "no process is left")


@pytest.mark.timeout(240)
def test_the_tour_leads_from_the_first_key_to_an_answered_mail(demo: Callable[..., Tmux], tmp_path: Path) -> None:
    maya = demo((120, 36), "--tour", "--seed", "1", tells_exit=True)
    shown = maya.until("Press p and choose")
    assert "1/8" in shown
    assert "● Become available" in shown
    assert "supervise --as ida" in shown
    maya.type("p")
    maya.until("Your status")
    maya.type("1")
    maya.until("New mail")
    maya.until("● Accept the offer")
    maya.type("a")
    maya.until("● Read it, then reply")
    maya.type("r")
    maya.until("● Type an answer")
    maya.type("Please switch it off and on again.")
    maya.until("● Send it")
    maya.press("C-s")
    maya.until("● Wait for the customer")
    maya.until("· sent")
    shown = maya.until("● Resolve the case")
    assert "> Please switch" not in shown  # what the customer quotes is folded
    maya.type("c")
    maya.until("● Look at all cases")
    maya.type("2")
    maya.until("number, subject, name or address")
    maya.type("1")
    maya.until("That was the tour")
    desk = next((tmp_path / "t").glob("*/desk.db"))
    with sqlite3.connect(f"file:{desk}?mode=ro", uri=True) as connection:
        sent = "select count(*) from outbox where state = 'sent'"
        assert connection.execute(sent).fetchone()[0] >= 1
    maya.press("C-q")
    assert "deskline demo --keep FOLDER" in maya.until("exit 0")
    assert not list((tmp_path / "t").iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_whatever_ends_the_demo_leaves_nothing_behind(demo: Callable[..., Tmux], tmp_path: Path, number: int) -> None:
    maya = demo((80, 24), "--pace", "1")
    maya.until(lambda shown: re.search(r"[1-9] waiting", shown))  # mail comes in: every process of the company is there
    assert len(of_folder(tmp_path / "t")) >= 3
    os.kill(maya.pid, number)
    until(lambda: not of_folder(tmp_path / "t"), "no process is left")
    until(lambda: not list((tmp_path / "t").iterdir()), "no folder is left")


def test_a_kept_company_can_be_opened_again(demo: Callable[..., Tmux], tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    maya = demo((120, 36), "--keep", str(kept), tells_exit=True)
    maya.until(lambda shown: re.search(r"[1-9] waiting", shown))
    maya.press("C-q")
    assert "deskline console --as maya" in maya.until("exit 0")
    assert (kept / "desk.db").exists()
    again = demo((200, 24), "--keep", str(kept), tells_exit=True)
    assert "a folder of its own" in again.until("exit 1")
