"""A widget of one line, painted from parts; it repaints only when they changed, and never lays the screen out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.binding import Binding
from textual.strip import Strip
from textual.widget import Widget

from console.widgets.paint import Part, cells, strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.app import DeskApp
    from console.theme import Look


class Painted(Widget):
    """A widget that paints its own lines in the roles of the theme."""

    @property
    def desk_app(self) -> DeskApp:
        """The application, with its look and what it knows of the desk."""
        return cast("DeskApp", self.app)

    @property
    def look(self) -> Look:
        """The colours and signs in use."""
        return self.desk_app.look


PAGE_KEYS = (
    Binding("pagedown", "page(1.0)", show=False),
    Binding("pageup", "page(-1.0)", show=False),
)
"""Keys that scroll whatever has the focus; all others are the screen's commands, so a scrolling widget has no more of its own."""


class Line(Painted):
    """One line: parts at the left, parts at the right."""

    DEFAULT_CSS = "Line { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None, margin: int = 0, ground: str = "bg") -> None:
        super().__init__(id=id)
        self._margin = margin
        self._ground = ground
        self._left: Sequence[Part] = ()
        self._right: Sequence[Part] = ()

    def put(self, left: Sequence[Part], right: Sequence[Part] = (), *, ground: str | None = None) -> None:
        """Show these parts; nothing is painted where they are the same as before."""
        ground = ground or self._ground
        if (self._left, self._right, self._ground) != (left, right, ground):
            self._left, self._right, self._ground = left, right, ground
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        if y:
            return Strip.blank(self.size.width, self.look.style())
        return strip(self.look, self.size.width, self._left, self._right, ground=self._ground, margin=self._margin)


class Rule(Painted):
    """A rule over the whole width; part of it may be heavy, and it may carry a word at its right."""

    DEFAULT_CSS = "Rule { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._heavy: tuple[int, str] = (0, "accent")
        self._word = ""

    def put(self, fraction: float = 0.0, role: str = "accent", word: str = "") -> None:
        """Show a fraction of the rule heavy, as what is left of a countdown."""
        heavy = (max(0, min(self.size.width, round(fraction * self.size.width))), role)
        if (heavy, word) != (self._heavy, self._word):
            self._heavy, self._word = heavy, word
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        width = self.size.width
        heavy, role = self._heavy
        if self._word:
            word = f" {self._word} "
            blank = max(0, width - cells(word) - 1)
            return strip(self.look, width, [("─" * blank, "rule"), (word, "muted"), ("─", "rule")])
        return strip(self.look, width, [("━" * heavy, role), ("─" * (width - heavy), "rule")])
