"""What every screen of the console has: header, next line, body, footer, and commands that run by name.

A screen offers the commands of `console.keys` for which it has a method: `do_case_reply` runs `case.reply`, and `why_not_case_reply`
may say why that is impossible now.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Input, TextArea

from console.i18n import _
from console.keys import CASE, COMMANDS, on_screen
from console.widgets.cursor_list import CursorList
from console.widgets.footer import Footer
from console.widgets.header import Header
from console.widgets.next_line import NextLine, NextRule

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from console.app import DeskApp
    from data.journal import Entry

BREAKPOINTS = [(0, "-one"), (100, "-two"), (120, "-three"), (180, "-four")]


def bindings(screen: str) -> list[Any]:
    """Return the bindings of a screen, made from the registry; a user's keymap changes them by their ids.

    A command without a key is bound to one that no keyboard has, so that a user can give it one.
    """
    return [
        Binding(
            ",".join(command.keys) or f"no-key-{command.name}",
            f"command('{command.name}')",
            command.label,
            show=False,
            id=command.name,
        )
        for command in on_screen(screen)
    ]


class DeskScreen(Screen[None], inherit_bindings=False):
    """A screen of the console."""

    NAME: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    DEFAULT_CSS = """
    DeskScreen { background: $desk-bg; color: $desk-text; layout: vertical; }
    DeskScreen #body { height: 1fr; padding: 0 1 1 1; }
    """

    @property
    def desk_app(self) -> DeskApp:
        """The application."""
        return cast("DeskApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay the rows out; a subclass gives the panes."""
        yield Header()
        yield NextLine()
        yield NextRule()
        yield from self.above_panes()
        with Horizontal(id="body"):
            yield from self.panes()
        yield Footer()

    def above_panes(self) -> Iterable[Widget]:
        """Return what stands between the rule and the panes, such as a row of tabs."""
        return ()

    def panes(self) -> Iterable[Widget]:
        """Return what stands between the rule and the footer."""
        raise NotImplementedError

    # -- what the application tells

    def workspace_changed(self) -> None:
        """Show what is new in the agent's own work; the rows around are shown by `show_rows`."""

    def desk_changed(self, entries: Sequence[Entry] | None) -> None:
        """Take note of what happened on the desk; with None everything may have changed."""

    def topics(self) -> int:
        """Return what this screen wants to be woken for, besides the agent's own work."""
        return 0

    def tick(self) -> None:
        """Show what a minute has changed, such as ages."""

    def count_down(self) -> None:
        """Show what a second has changed, while something counts down."""

    def show_rows(self) -> None:
        """Show header, next line and footer as things are now."""
        if not self.is_mounted:
            return
        app = self.desk_app
        thing = app.next_thing(self)
        self.query_one(Header).show(
            self.NAME, app.workspace.me if app.workspace else None, away=app.link.state == "away"
        )
        self.query_one(NextLine).show(thing, writing=self.writing)
        self.query_one(NextRule).show(thing)
        self.query_one(Footer).show(self.footer(), writing=self.writing)

    def footer(self) -> Sequence[str | tuple[str, str]]:
        """Return the names of the commands for the footer, commonest first."""
        return ("desk.status", "desk.new_case")

    @property
    def open_case(self) -> int | None:
        """The case that is open here, if one is."""
        return None

    @property
    def writing(self) -> bool:
        """Whether a text field has the focus, where letters are text."""
        return isinstance(self.focused, (Input, TextArea))

    def on_mount(self) -> None:
        """Show the rows before anything is known."""
        self.show_rows()

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was shown."""
        self.desk_app.watch_topics()
        self.workspace_changed()
        self.desk_changed(None)
        self.show_rows()

    def on_resize(self) -> None:
        """Follow the new width."""
        self.call_after_refresh(self.show_rows)

    def on_descendant_focus(self) -> None:
        """Say which keys work where the focus is now."""
        self.call_after_refresh(self.show_rows)

    # -- commands

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave a key to the next command that has it, where this one is not for now."""
        return not (action == "command" and self.why_not(str(parameters[0])) == "")

    def action_command(self, name: str) -> None:
        """Run a command, or say why it is impossible now; one on a case is for the case that the cursor has just been put on."""
        if COMMANDS[name].group == CASE and self.catching_up:
            self._run_beside(self._caught_up(name))
            return
        reason = self.why_not(name)
        if reason is not None:
            if reason:
                self.desk_app.flash(reason)
            return
        self.run(name)

    def run(self, name: str) -> None:
        """Run a command."""
        result = self._method(f"do_{name.replace('.', '_')}")()
        if inspect.isawaitable(result):
            self._run_beside(result)

    def _run_beside(self, command: Awaitable[None]) -> None:
        self.desk_app.held_keys.begin(command)
        self.run_worker(self._carried_out(command), exit_on_error=True)

    async def _carried_out(self, command: Awaitable[None]) -> None:
        try:
            await self.desk_app.guarded(command)
        finally:
            self.desk_app.held_keys.end(command)

    @property
    def catching_up(self) -> bool:
        """Whether another case is being opened than the one that is shown."""
        return False

    async def catch_up(self) -> None:
        """Open now what is being opened."""

    async def _caught_up(self, name: str) -> None:
        await self.catch_up()
        if not self.catching_up:
            self.action_command(name)

    def offers(self, name: str) -> bool:
        """Say whether this screen has the command."""
        return hasattr(self, f"do_{name.replace('.', '_')}") or hasattr(
            self.desk_app.everywhere, f"do_{name.replace('.', '_')}"
        )

    def why_not(self, name: str) -> str | None:
        """Return why a command is impossible now; empty where nothing needs to be said; None where it is possible."""
        command = COMMANDS[name]
        if not self.offers(name):
            return ""
        me = self.desk_app.workspace.me if self.desk_app.workspace else None
        if command.role != "agent" and (me is None or not me.supervises):
            return _("{label}: that takes a supervisor.").format(label=_(command.label))
        ask = self._method(f"why_not_{name.replace('.', '_')}", missing=lambda: None)
        return cast("str | None", ask())

    def _method(self, name: str, missing: Any = None) -> Any:
        found = getattr(self, name, None) or getattr(self.desk_app.everywhere, name, None) or missing
        if found is None:
            raise AttributeError(name)
        return found

    # -- lists

    def current_list(self) -> CursorList | None:
        """Return the list that the keys of lists are for."""
        return self.focused if isinstance(self.focused, CursorList) else None

    def do_list_down(self) -> None:
        """Move down."""
        if (found := self.current_list()) is not None:
            found.move(1)

    def do_list_up(self) -> None:
        """Move up."""
        if (found := self.current_list()) is not None:
            found.move(-1)

    def do_list_first(self) -> None:
        """Go to the first item."""
        if (found := self.current_list()) is not None:
            found.first()

    def do_list_last(self) -> None:
        """Go to the last item."""
        if (found := self.current_list()) is not None:
            found.last()

    def do_list_half_down(self) -> None:
        """Go half a page down."""
        if (found := self.current_list()) is not None:
            found.move_page(0.5)

    def do_list_half_up(self) -> None:
        """Go half a page up."""
        if (found := self.current_list()) is not None:
            found.move_page(-0.5)

    def do_list_open(self) -> None:
        """Open what the cursor is on."""
        if (found := self.current_list()) is not None:
            found.open()

    # -- getting about

    def do_go_next_pane(self) -> None:
        """Give the focus to the next pane."""
        self.focus_next()

    def do_go_previous_pane(self) -> None:
        """Give the focus to the pane before."""
        self.focus_previous()
