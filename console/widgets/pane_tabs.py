"""The panes of a screen that shows one at a time, as a row of names with counts; a click goes to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from console.widgets.line import Line
from console.widgets.paint import Part, cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

_BETWEEN = 3


class PaneTabs(Line):
    """Tabs of one row."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ends: list[tuple[int, str]] = []

    def show(self, tabs: Sequence[tuple[str, str, int]], current: str, right: Sequence[Part] = ()) -> None:
        """Show tabs.

        Args:
            tabs: the name, the label and the count of each.
            current: the name of the tab that is shown.
        """
        parts: list[Part] = []
        self._ends = []
        end = 0
        for name, label, count in tabs:
            parts += [(" " * _BETWEEN, "text")] if parts else []
            parts += [(label, "accent+b+u" if name == current else "text"), (f" {count}", "muted")]
            end += cells(label) + 1 + len(str(count)) + _BETWEEN
            self._ends.append((end, name))
        self.put(parts, right)

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        name = next((name for end, name in self._ends if event.x < end), None)
        if name is not None and event.y == 0:
            self.post_message(self.Chosen(name))
