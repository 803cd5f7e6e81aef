"""A desk whose consoles run in real terminals, each with the engine that it starts itself."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from console.drafts import Draft, DraftStore
from data.actor import Actor
from data.desk import Desk
from tests.acceptance.terminal import PATIENCE, Recorder, Size, Tmux
from tests.builders import Story
from tests.console.screen_driving import hand_over
from tests.services import until

ROOT = Path(__file__).resolve().parents[2]


class ConsoleDesk:
    """A desk, the terminals at it, and what the desk knows."""

    def __init__(self, folder: Path, story: Story) -> None:
        self.path = Path(str(story.desk.where))
        hand_over(story)
        self.env = {key: value for key, value in os.environ.items() if not key.startswith(("DESKLINE_", "LC_", "LANG"))}
        for unwanted in ("NO_COLOR", "SSH_ORIGINAL_COMMAND", "XDG_DOWNLOAD_DIR"):
            self.env.pop(unwanted, None)
        self.env |= {
            "LANG": "C.UTF-8",
            "COLORTERM": "truecolor",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        self._desk = Desk.open(story.desk.where, name="a test", patience=30)
        self._terminals: list[Tmux | Recorder] = []

    # -- terminals

    def console(self, size: Size, agent: str = "maya", *options: str, screen: str = "console") -> Tmux:
        """Open a console in tmux, and wait until it shows the agent's work."""
        found = Tmux(self.env)
        self._terminals.append(found)
        found.start(size, self._command(screen, agent, options))
        found.until("1 Work" if size[0] >= 100 else "Work ▾")
        return found

    def bare(self, size: Size, agent: str = "maya", *options: str) -> Recorder:
        """Open a console in a bare terminal."""
        found = Recorder(self.env)
        self._terminals.append(found)
        return found.start(size, self._command("console", agent, options))

    def _command(self, screen: str, agent: str, options: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "console.main", screen, "--desk", str(self.path), "--as", agent, *options]

    def drafts(self, agent: str = "maya") -> DraftStore:
        return DraftStore.of(str(self.path), agent, self.env)

    def draft(self, case: int, agent: str = "maya") -> Draft | None:
        return self.drafts(agent).load(case)

    # -- the desk

    def act(self, name: str, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        row = self.row("select id, role from agents where name = ?", name)
        return self._desk.run(Actor("agent", row[1], row[0], name), action, *args, **kwargs)

    def row(self, sql: str, *params: object) -> Any:
        with self._desk.reading() as connection:
            return connection.exec_driver_sql(sql, params).first()

    def one(self, sql: str, *params: object) -> Any:
        row = self.row(sql, *params)
        return row[0] if row is not None else None

    def wait(self, sql: str, wanted: Any, *params: object) -> None:
        """Wait until a query's first value is what is wanted."""
        until(lambda: self.one(sql, *params) == wanted, f"{sql} {params} is {wanted!r}", PATIENCE)

    def texts(self, case: int, direction: str) -> list[str]:
        with self._desk.reading() as connection:
            sql = "select text from messages where case_id = ? and direction = ? order by id"
            return [row[0] for row in connection.exec_driver_sql(sql, (case, direction))]

    def sessions(self) -> int:
        return int(self.one("select count(*) from console_sessions"))

    def write(self, sql: str, *params: object) -> None:
        """Change the desk past its rules: what the world may have left there."""
        with self._desk._writing() as connection:
            connection.exec_driver_sql(sql, params)

    def engines(self) -> list[int]:
        """The engine processes of this desk."""
        return [pid for pid in _processes(str(self.path)) if "engine" in _words(pid)]

    def close(self) -> None:
        for each in self._terminals:
            each.close()
        self._desk.close()
        for pid in _processes(str(self.path)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _words(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    return []


def _processes(desk: str) -> list[int]:
    """The processes that were started with a desk of this test, and nobody else's: its path is the test's own."""
    numbers = [int(each) for each in os.listdir("/proc") if each.isdigit() and int(each) != os.getpid()]
    return [pid for pid in numbers if desk in _words(pid)]


@contextmanager
def consoles_of(folder: Path, story: Story) -> Iterator[ConsoleDesk]:
    """Consoles and engines that are all gone in the end."""
    desk = ConsoleDesk(folder, story)
    try:
        yield desk
    finally:
        desk.close()
        log = folder / ".deskline" / "engine.log"
        if log.exists():
            print(log.read_text(errors="replace"))


def described(draft: Draft | None) -> str:
    return json.dumps(None if draft is None else draft.text)
