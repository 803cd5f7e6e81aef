"""`deskline console` and `deskline supervise`: the screens, for one agent."""

from __future__ import annotations

from typing import Annotated

import typer

from console.commands.options import AsOption, DeskOption, command, noun
from console.i18n import _

app = noun("")

ThemeOption = Annotated[
    str | None,
    typer.Option("--theme", metavar="NAME", help=_("dark, light, contrast, sixteen, sixteen-light or none.")),
]
SignsOption = Annotated[
    str | None, typer.Option("--signs", metavar="ascii|full", help=_("Which signs the terminal can show."))
]
MouseOption = Annotated[bool, typer.Option("--no-mouse", help=_("Leave the mouse to the terminal."))]
UndoOption = Annotated[
    int | None, typer.Option("--undo", min=0, max=60, help=_("Seconds in which an answer can be taken back."))
]


@command(app, "console", "deskline console --as maya")
def console(
    desk: DeskOption = None,
    as_: AsOption = None,
    work: Annotated[int | None, typer.Option("--work", metavar="N", help=_("Open with this work item."))] = None,
    theme: ThemeOption = None,
    signs: SignsOption = None,
    no_mouse: MouseOption = False,
    undo: UndoOption = None,
) -> int:
    """Open an agent's console: work arrives, is accepted with a key, answered and closed."""
    from console import launch
    from console.keys import WORK

    options = {
        "desk": desk,
        "as": as_,
        "work": work,
        "theme": theme,
        "signs": signs,
        "no-mouse": no_mouse,
        "undo": undo,
    }
    return launch.run(WORK, options)


@command(app, "supervise", "deskline supervise --as ida")
def supervise(
    desk: DeskOption = None,
    as_: AsOption = None,
    theme: ThemeOption = None,
    signs: SignsOption = None,
    no_mouse: MouseOption = False,
) -> int:
    """Open the console on the queues and agents, live."""
    from console import launch
    from console.keys import SUPERVISE

    return launch.run(SUPERVISE, {"desk": desk, "as": as_, "theme": theme, "signs": signs, "no-mouse": no_mouse})
