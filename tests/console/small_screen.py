"""A console with one small screen, for tests of what lies over the screens and of keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from textual.pilot import Pilot
from textual.widget import Widget

from console.app import DeskApp
from console.drafts import DraftStore
from console.keys import CASES, SUPERVISE, WORK, Keys
from console.screens.base import DeskScreen, bindings
from console.theme import PALETTES
from console.widgets.line import Line
from core.config.document import Document
from tests.builders import ManualClock, Story

REASON = "It needs an outcome."


class SmallScreen(DeskScreen):
    """The case 412 is open on it; it notes which commands were run."""

    NAME = WORK
    BINDINGS = bindings(WORK)
    CAN_FOCUS = False

    def panes(self) -> Iterable[Widget]:
        yield Line(id="pane")

    def on_mount(self) -> None:
        self.ran: list[str] = []
        self.opened: list[int] = []
        self.query_one("#pane", Line).put([("Inverter", "strong"), (" late ", "danger"), (" at hand ", "text", "sel")])

    @property
    def open_case(self) -> int:
        return 412

    def do_case_reply(self) -> None:
        self.ran.append("reply")

    def do_case_resolve(self) -> None:
        self.ran.append("resolve")

    def why_not_case_resolve(self) -> str:
        return REASON

    def do_case_undo(self) -> None:
        self.ran.append("undo")

    def why_not_case_undo(self) -> str:
        return ""

    def do_case_close(self) -> None:
        self.ran.append("close")

    def open_number(self, case: int) -> None:
        self.opened.append(case)


class SmallApp(DeskApp):
    MODES: ClassVar[dict[str, Any]] = {WORK: SmallScreen, CASES: SmallScreen, SUPERVISE: SmallScreen}

    @property
    def small(self) -> SmallScreen:
        screen = self.desk_screen
        assert isinstance(screen, SmallScreen)
        return screen


def desk_of_today(folder: Path, wanted: Document | None = None) -> Story:
    """Return a desk whose clock begins now: consoles have no other."""
    return Story(folder / "desk.db", wanted, clock=ManualClock(time.time_ns() // 1000))


def small_app(folder: Path, agent: str = "maya", *, keys: Keys | None = None, theme: str = "dark") -> SmallApp:
    """Return a console of an agent on the desk in a folder."""
    drafts = DraftStore(folder / "drafts")
    return SmallApp(str(folder / "desk.db"), agent, palette=PALETTES[theme], keys=keys or Keys(), drafts=drafts)


async def until(pilot: Pilot[Any], condition: Callable[[], object], seconds: float = 8.0) -> None:
    """Wait until something holds; a test that waits in vain fails here."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await pilot.pause(0.02)


async def ready(pilot: Pilot[Any], app: SmallApp) -> None:
    """Wait until the console knows its agent's work and can act."""
    await until(pilot, lambda: app.workspace is not None and app.link.state == "ready")


def lines(app: DeskApp) -> list[str]:
    """Return what the terminal shows, a row each."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def shown(app: DeskApp) -> str:
    """Return what the terminal shows as one text."""
    return "\n".join(lines(app))
