"""The row of views of the list of cases, each with its count; where they do not all fit, those around the current one are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from console.widgets.line import Line
from console.widgets.paint import Part, cells, cut, total

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 18
_GAP = 3


@dataclass(frozen=True, slots=True)
class Tab:
    """A view as a tab: its label, fit for a line, and its count in words, empty where it is not known."""

    label: str
    count: str = ""

    @property
    def width(self) -> int:
        """The cells that it takes."""
        return cells(cut(self.label, _LONGEST)) + (1 + cells(self.count) if self.count else 0)


def fitting(widths: Sequence[int], current: int, room: int) -> range:
    """Return which tabs are shown: all that fit, the current one always among them, from as near to the first as possible."""
    for first in range(current + 1):
        used, last = 0, first
        while last < len(widths) and used + widths[last] + (_GAP if last > first else 0) <= room:
            used += widths[last] + (_GAP if last > first else 0)
            last += 1
        if last > current:
            return range(first, last)
    return range(current, current + 1)


class ViewTabs(Line):
    """Views by their place."""

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self) -> None:
        super().__init__(id="views", margin=1)
        self._places: list[tuple[int, int, int]] = []

    def show(self, tabs: Sequence[Tab], current: int) -> None:
        """Show the views, the current one marked."""
        room = self.size.width - 2
        shown = fitting([tab.width for tab in tabs], current, room - 4 if len(tabs) > 1 else room)
        left: list[Part] = [("… ", "muted")] if shown.start else []
        self._places = []
        for place in shown:
            tab = tabs[place]
            if place > shown.start:
                left.append((" " * _GAP, "text"))
            start = 1 + total(left)
            left.append((cut(tab.label, _LONGEST), "accent+b+u" if place == current else "text"))
            if tab.count:
                left.append((f" {tab.count}", "muted"))
            self._places.append((start, 1 + total(left), place))
        if shown.stop < len(tabs):
            left.append((" …", "muted"))
        self.put(left)

    def on_click(self, event: events.Click) -> None:
        """Choose the view under the mouse."""
        for start, end, place in self._places:
            if start <= event.x < end:
                self.post_message(self.Chosen(place))
