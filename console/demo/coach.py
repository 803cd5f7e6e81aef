"""Who stands beside the newcomer in the demo's console: says in row 1 and at the top of the work guide what is worth knowing now.

A coach only looks at what the console knows and speaks; it never acts and never stands in the way.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from console.conversation_lines import BLANK, LineOf
from console.i18n import _
from console.next_thing import NextThing
from console.widgets.paint import wrapped

if TYPE_CHECKING:
    from console.app import DeskApp

_LOOK_S = 0.25
_WELCOME_S = 20.0


def program() -> str:
    """Return how deskline is called, as it can be typed in this folder."""
    name = sys.argv[0]
    if not os.path.basename(name).startswith("deskline") or shutil.which("deskline") == os.path.abspath(name):
        return "deskline"
    return os.path.relpath(name) if os.path.isabs(name) else name


def supervisor_command(desk: str, supervisor: str) -> str:
    """Return the command that opens the supervisor's view of a desk."""
    return f"{program()} supervise --as {supervisor} --desk {desk}"


class Coach:
    """The coach of a console, without a tour: tells how to open the supervisor's view.

    Args:
        command: what opens the supervisor's view.
        trouble: returns what has become of the company where it is gone, else nothing.
    """

    def __init__(self, command: str, trouble: Callable[[], str] = lambda: "") -> None:
        self.command = command
        self._trouble = trouble
        self._told = False
        self._until = 0.0

    def begin(self, app: DeskApp) -> None:
        """Stand beside the console from now on."""
        self._until = time.monotonic() + _WELCOME_S
        app.set_interval(_LOOK_S, lambda: self.look(app))
        app.set_timer(_WELCOME_S, lambda: self._show(app))

    def look(self, app: DeskApp) -> None:
        """Look at the console, and show what that changes."""
        if not self._told and (what := self._trouble()):
            self._told = True
            app.flash(what, kind="alert")

    def say(self, app: DeskApp) -> NextThing | None:
        """Return what row 1 is to say where nothing more urgent has it; None for what it says by itself."""
        if time.monotonic() >= self._until or guide_is_seen(app):
            return None
        key = (app.keys.shown("desk.status"), _("status"))
        room = app.size.width - len(self.command) - len(_("Supervisor")) - 8
        if room < 0:
            return None  # half a command helps nobody; the work guide has the whole one
        return NextThing(
            "calm", lead=_("Supervisor"), text=self.command, keys=(key,) if room > len(key[0] + key[1]) + 4 else ()
        )

    def lines(self, width: int) -> list[LineOf]:
        """Return what stands at the top of the work guide."""
        return [
            LineOf(((_("Ursa Major Solar"), "strong"),), ((_("demo"), "muted"),)),
            *paragraph(_("Customers write real mails. Sam, Tom and Ida work beside you."), width, "muted"),
            BLANK,
            *self.second_terminal(width),
        ]

    def second_terminal(self, width: int) -> list[LineOf]:
        """Return how the supervisor's view is opened, as lines."""
        program, option, desk = self.command.partition(" --desk ")
        lines = [LineOf(((_("In a second terminal"), "muted"),)), *paragraph(program, width, "text")]
        whole = f"{option.strip()} {desk}"
        return lines + paragraph(whole if len(whole) <= width else f"{option.strip()}\n{desk}", width, "text")

    def _show(self, app: DeskApp) -> None:
        if (screen := app.desk_screen) is not None:
            screen.show_rows()


def guide_is_seen(app: DeskApp) -> bool:
    """Say whether the work guide, with what the coach says in it, is on the screen."""
    screen = app.desk_screen
    return screen is not None and any(each.display for each in screen.query("#guide"))


def paragraph(text: str, width: int, role: str) -> list[LineOf]:
    """Return a text as lines of the work guide."""
    return [LineOf(((each, role),)) for each in wrapped(text, max(8, width))]
