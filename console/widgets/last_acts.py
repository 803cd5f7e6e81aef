"""The newest entries of the journal in words: who did what just now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import telling
from console.i18n import _
from console.moment import clock, day
from console.widgets.line import Painted
from console.widgets.paint import safe, strip

if TYPE_CHECKING:
    from textual.strip import Strip

    from data.queries import Row

_NAMED = ("message.queued", "desk.configured")
"""Kinds whose sentence leaves out who did it."""


def told(entry: Row) -> tuple[str, str]:
    """Return the time of an entry, and what happened, in words."""
    number = f"#{entry['case_id']} " if entry["case_id"] is not None else ""
    who = f"{safe(entry['actor'])}: " if entry["kind"] in _NAMED and entry["actor_kind"] == "agent" else ""
    when = clock(entry["at"])
    return when if len(when) == 5 else day(entry["at"]), safe(f"{number}{who}{telling.sentence(entry, spoken=True)}")


class LastActs(Painted):
    """A list of what happened, the newest first."""

    DEFAULT_CSS = "LastActs { height: 1fr; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: tuple[Row, ...] = ()
        self._lines: list[tuple[str, str]] = []

    def show(self, entries: tuple[Row, ...]) -> None:
        """Show these entries."""
        if entries != self._entries:
            self._entries = entries
            self._lines = [told(each) for each in entries]
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line."""
        width = self.size.width
        if y == 0:
            return strip(self.look, width, [(" ", "text"), (_("Last acts"), "strong")])
        place = y - 1
        if place >= len(self._lines):
            return strip(self.look, width, [])
        when, what = self._lines[place]
        return strip(self.look, width, [(" ", "text"), (when, "muted"), ("  ", "text"), (what, "text"), (" ", "text")])
