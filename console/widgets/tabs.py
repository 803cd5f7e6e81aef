"""A row of tabs: what is not shown, and how it stands; where they do not all fit, those around the current one are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from console.widgets.line import Line
from console.widgets.paint import Part, cells, cut, total

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 26
_SHORTEST = 8
_GAP = 3
_MORE = 2
"""The sign at an end where tabs are left out, with its blank."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its name for the screen, its label, fit for a line, and its count in words, empty where it is not known."""

    name: str
    label: str
    count: str = ""

    @property
    def after(self) -> str:
        """What stands behind the label."""
        return f" {self.count}" if self.count else ""


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


class Tabs(Line):
    """Tabs by name; the current one is underlined."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str = "tabs", margin: int = 1) -> None:
        super().__init__(id=id, margin=margin)
        self._places: list[tuple[int, int, str]] = []

    def show(self, tabs: Sequence[Tab], current: str, right: Sequence[Part] = ()) -> None:
        """Show tabs, the one of the current name marked, with something at the right."""
        room = self.size.width - 2 * self._margin - (total(right) + 1 if right else 0)
        longest = max(_SHORTEST, min(_LONGEST, room - 2 * _MORE))
        labels = [cut(tab.label, longest - cells(tab.after)) for tab in tabs]
        widths = [cells(label + tab.after) for label, tab in zip(labels, tabs, strict=True)]
        here = next((place for place, tab in enumerate(tabs) if tab.name == current), 0)
        shown = range(len(tabs))
        if sum(widths) + _GAP * (len(tabs) - 1) > room:
            shown = fitting(widths, here, room - 2 * _MORE)
        left: list[Part] = [("… ", "muted")] if shown.start else []
        self._places = []
        for place in shown:
            if place > shown.start:
                left.append((" " * _GAP, "text"))
            start = self._margin + total(left)
            left.append((labels[place], "accent+b+u" if place == here else "text"))
            if tabs[place].count:
                left.append((tabs[place].after, "muted"))
            self._places.append((start, self._margin + total(left), tabs[place].name))
        if shown.stop < len(tabs):
            left.append((" …", "muted"))
        self.put(left, right)

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        for start, end, name in self._places:
            if start <= event.x < end and event.y == 0:
                self.post_message(self.Chosen(name))
