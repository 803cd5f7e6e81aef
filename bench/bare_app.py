"""The peer of the console's rows: a bare Textual application with the same number and kind of plain widgets, and nothing behind them.

Run as `python -c "from bench.bare_app import main; main()" work|cases`: the word says how wide its list is.
"""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static, TextArea

FIRST_WORDS = "A bare application"
LIST_ROWS = 200
_ON, _OFF = Style(color="white", bgcolor="blue"), Style(color="white", bgcolor="black")


class PlainList(ScrollView, can_focus=True):
    """A list as plain as can be: a line of text an item, a cursor, and only the two lines that change are painted."""

    BINDINGS: ClassVar[list[Any]] = [Binding("j", "step(1)"), Binding("k", "step(-1)")]

    def on_mount(self) -> None:
        """Begin at the first item."""
        self.cursor = 0
        self.virtual_size = Size(20, LIST_ROWS)

    def action_step(self, by: int) -> None:
        """Move the cursor."""
        before, self.cursor = self.cursor, max(0, min(LIST_ROWS - 1, self.cursor + by))
        for place in (before, self.cursor):
            self.refresh(Region(0, place - self.scroll_offset.y, self.size.width, 1))
        if self.cursor >= self.scroll_offset.y + self.size.height:
            self.scroll_to(y=self.cursor - self.size.height + 1, animate=False)
        elif self.cursor < self.scroll_offset.y:
            self.scroll_to(y=self.cursor, animate=False)

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        place, width = y + self.scroll_offset.y, self.size.width
        text = f"Item {place}".ljust(width)[:width]
        return Strip([Segment(text, _ON if place == self.cursor else _OFF)], width)


class PlainLines(ScrollView, can_focus=True):
    """A pane of lines."""

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        return Strip([Segment("Some words in a line".ljust(self.size.width)[: self.size.width], _OFF)], self.size.width)


class BareApp(App[None]):
    """As many rows, panes and lists as the console has."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Static { height: 1; width: 1fr; }
    ScrollView { scrollbar-size: 0 0; height: 1fr; width: 1fr; }
    #body { height: 1fr; padding: 0 1 1 1; }
    .pane { padding: 1 1 0 0; width: 1fr; height: 1fr; }
    #list { width: 30; }
    .wide #list { width: 78; }
    #guide { width: 31; }
    #case, #guide, #facts { border-left: solid blue; padding: 1 1 0 1; }
    #composer { height: 1; margin: 1 0 0 0; }
    #tabs, #facts, #info, TextArea { display: none; }
    """

    def compose(self) -> ComposeResult:
        """Lay the widgets out."""
        yield Static(FIRST_WORDS, id="header")
        yield Static("The next thing")
        yield Static("─" * 120)
        yield Static("Tabs", id="tabs")
        with Horizontal(id="body"):
            with Vertical(id="list", classes="pane"):
                yield Static("A list")
                yield PlainList(id="items")
            with Vertical(id="case", classes="pane"):
                yield Static("A case")
                yield Static("About it")
                yield PlainLines()
                with Vertical(id="composer"):
                    yield Static("─" * 50)
                    yield TextArea()
                    yield Static("Goes to", id="info")
            with Vertical(id="guide", classes="pane"):
                yield Static("Guide")
                yield PlainLines()
            with Vertical(id="facts", classes="pane"):
                yield PlainLines()
        yield Static("q quit")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.screen.set_class(sys.argv[-1] == "cases", "wide")
        self.query_one(PlainList).focus()


def main() -> None:
    """Run it."""
    BareApp().run()
