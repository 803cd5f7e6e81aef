"""The row of tabs of a narrow terminal: what is hidden, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from console.widgets.line import Line
from console.widgets.paint import Part, cells, cut, total

if TYPE_CHECKING:
    from collections.abc import Sequence


class Tabs(Line):
    """Tabs by name; the current one is underlined."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__(id="tabs", margin=1)
        self._names: list[tuple[int, int, str]] = []

    def show(self, tabs: Sequence[tuple[str, str]], current: str, right: Sequence[Part] = ()) -> None:
        """Show pairs of a name and its words, the current one marked, with something at the right."""
        room = self.size.width - 2 - total(right) - 1
        left: list[Part] = []
        self._names = []
        place = 1
        for name, words in tabs:
            gap = "   " if left else ""
            words = cut(words, max(6, room // 2))
            if total(left) + cells(gap + words) > room:
                break
            left += [(gap, "text"), (words, "accent+b+u" if name == current else "text")]
            self._names.append((place + len(gap), place + len(gap) + cells(words), name))
            place += cells(gap + words)
        self.put(left, right)

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        for start, end, name in self._names:
            if start <= event.x < end:
                self.post_message(self.Chosen(name))
