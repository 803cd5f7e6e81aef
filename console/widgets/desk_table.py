"""What the tables of the supervisor share: rows by key, repainted one by one when they change or when only time has passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from console.widgets.cursor_list import CursorList
from console.widgets.line import Line
from console.widgets.paint import column, strip

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from textual.strip import Strip

    from console.widgets.paint import Part

R = TypeVar("R")


class DeskTable(CursorList, Generic[R]):
    """A table of frozen rows, with a head above it that names it and its columns."""

    DEFAULT_CSS = "DeskTable { height: auto; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: tuple[R, ...] = ()
        self.known = False
        """Whether anything was shown yet: only then is an empty table said to be empty."""
        self._times: list[str] = []

    # -- what a subclass gives

    def key_of(self, row: R) -> Hashable:
        """Return what a row is known by."""
        raise NotImplementedError

    def time_of(self, row: R) -> str:
        """Return all that only time changes in a row, as it is painted."""
        raise NotImplementedError

    def head(self, role: str) -> tuple[list[Part], list[Part]]:
        """Return the parts of the head, left and right; its name in the role that is given."""
        raise NotImplementedError

    def measure(self) -> None:
        """Share the width among the columns."""

    def empty(self) -> str:
        """Return what is said where there are no rows."""
        raise NotImplementedError

    # -- showing

    def show(self, rows: Sequence[R]) -> bool:
        """Show these rows; return whether any is another than before. Only what changed is painted."""
        new, old = tuple(rows), self.rows
        if new == old and self.known:
            return False
        first, self.known = not self.known, True
        widths = self.widths()
        self.rows = new
        self._times = [self.time_of(row) for row in new]
        self.measure()
        same_keys = [self.key_of(row) for row in new] == [self.key_of(row) for row in old]
        if same_keys and not first and widths == self.widths():
            for before, after in zip(old, new, strict=True):
                if before != after:
                    self.repaint(self.key_of(after))
        else:
            self.items_changed()
        return True

    def widths(self) -> Any:
        """Return what `measure` found; where it changes, everything is painted anew."""
        return None

    def tick(self) -> None:
        """Paint the rows anew that are seen and in which time has changed something."""
        top = self.scroll_offset.y
        first, last = self.item_at(top)[0], self.item_at(top + self.size.height - 1)[0]
        for place in range(max(0, first), len(self.rows) if last < 0 else min(last + 1, len(self.rows))):
            found = self.time_of(self.rows[place])
            if found != self._times[place]:
                self._times[place] = found
                self.repaint(self.key_of(self.rows[place]))

    def items_changed(self) -> None:
        """Take over that rows or the width are others now."""
        self.measure()
        super().items_changed()

    @property
    def current(self) -> R | None:
        """The row under the cursor."""
        return next((row for row in self.rows if self.key_of(row) == self.cursor), None)

    def count(self) -> int:
        """Return how many items there are: the rows, or one line that says that there are none."""
        return len(self.rows) or (1 if self.known else 0)

    def key_at(self, place: int) -> Hashable:
        """Return what the row at a place is known by; None for a line of words."""
        return self.key_of(self.rows[place]) if place < len(self.rows) else None

    def paint_empty(self, width: int) -> Strip:
        """Return the line that says that there is nothing."""
        return strip(self.look, width, [(" ", "text"), (self.empty(), "muted")])

    def lead(self, ground: str, bar: str) -> Part:
        """Return the first column, which belongs to the cursor."""
        return (bar, self.bar_role(ground), "bg" if bar == " " else ground)


class TableHead(Line):
    """The line above a table: its name and its columns."""

    def show(self, table: DeskTable[Any], role: str) -> None:
        """Paint the head of a table.

        Args:
            role: of its name: `accent+b` where it has the focus.
        """
        self.put(*table.head(role))


def cells(parts: Sequence[tuple[str, str, int, bool]], gap: int = 2) -> list[Part]:
    """Return columns of exact width with blanks before each.

    Args:
        parts: text, role, width, and whether it stands at the right.
    """
    found: list[Part] = []
    for text, role, width, right in parts:
        if width > 0:
            found += [(" " * gap, "text"), (column(text, width, right=right), role)]
    return found
