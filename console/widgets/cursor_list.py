"""A list that paints only what is on the screen, with a cursor that stays on its item whatever is added or removed around it.

The column left of the text belongs to the cursor's bar, so text never shifts. What an item looks like is the subclass's business.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.widgets.line import PAGE_KEYS, Painted

if TYPE_CHECKING:
    from collections.abc import Hashable


class OfItem(Message):
    """Something about an item of a list, by its key."""

    def __init__(self, sender: CursorList, key: Hashable) -> None:
        super().__init__()
        self.sender = sender
        self.key = key

    @property
    def control(self) -> CursorList:
        """The list, for `@on` with a selector."""
        return self.sender


class CursorList(Painted, ScrollView, can_focus=True, inherit_bindings=False):
    """A virtual list. Subclasses say how many items there are, how high each is, and paint them."""

    BINDINGS = [*PAGE_KEYS]  # noqa: RUF012 - as in textual
    DEFAULT_CSS = """
    CursorList { scrollbar-size: 0 0; overflow: hidden scroll; height: 1fr; width: 1fr; background: $desk-bg; }
    """

    class Opened(OfItem):
        """The item under the cursor is to be opened."""

    class Moved(OfItem):
        """The cursor is on another item."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor: Hashable = None
        """The key of the item that the cursor is on; None where the list is empty."""
        self._place = 0
        self._ends: list[int] = []

    # -- what a subclass gives

    def count(self) -> int:
        """Return how many items there are, heads and blanks included."""
        raise NotImplementedError

    def key_at(self, place: int) -> Hashable:
        """Return the key of an item; None for what the cursor passes over."""
        raise NotImplementedError

    def height_at(self, place: int) -> int:
        """Return how many lines an item takes."""
        return 1

    def paint(self, place: int, line: int, width: int, ground: str, bar: str) -> Strip:
        """Return a line of an item.

        Args:
            ground: `sel` where the cursor is and the list has the focus, `selq` where it has not, else `bg`.
            bar: the sign for the first column, with the cursor's bar in it where it belongs.
        """
        raise NotImplementedError

    def place_of(self, key: Hashable) -> int | None:
        """Return where an item stands."""
        return next((place for place in range(self.count()) if self.key_at(place) == key), None)

    # -- keeping the list

    def items_changed(self) -> None:
        """Take over that the items are others now; the cursor stays on its item, or where it was."""
        self._ends = list(accumulate(self.height_at(place) for place in range(self.count())))
        height = self._ends[-1] if self._ends else 0
        if self.virtual_size != (size := Size(self.size.width, height)):
            self.virtual_size = size
        place = self.place_of(self.cursor) if self.cursor is not None else None
        if place is None:
            place = self._nearest(min(self._place, self.count() - 1))
        before = self.cursor
        self._place = place or 0
        self.cursor = None if place is None else self.key_at(place)
        self.refresh()
        if self.cursor != before:
            self.post_message(self.Moved(self, self.cursor))

    def on_resize(self) -> None:
        """Follow the new width: what is painted depends on it, and so may heights."""
        self.items_changed()
        self._show_cursor()

    def _nearest(self, place: int) -> int | None:
        for distance in range(self.count()):
            for candidate in (place + distance, place - distance):
                if 0 <= candidate < self.count() and self.key_at(candidate) is not None:
                    return candidate
        return None

    # -- moving

    def move(self, steps: int) -> None:
        """Move the cursor by so many items."""
        place, step = self._place, 1 if steps > 0 else -1
        left = abs(steps)
        last = place
        while left and 0 <= place + step < self.count():
            place += step
            if self.key_at(place) is not None:
                last = place
                left -= 1
        self.go_to(last)

    def move_page(self, part: float) -> None:
        """Move the cursor by a part of what is seen."""
        lines = max(1, int(self.size.height * abs(part)))
        height = max(1, self.height_at(self._place) if self.count() else 1)
        self.move((1 if part > 0 else -1) * max(1, lines // height))

    def action_page(self, part: float) -> None:
        """Move the cursor by a page."""
        self.move_page(part)

    def first(self) -> None:
        """Put the cursor on the first item."""
        if (place := self._nearest(0)) is not None:
            self.go_to(place)

    def last(self) -> None:
        """Put the cursor on the last item."""
        if (place := self._nearest(self.count() - 1)) is not None:
            self.go_to(place)

    def select(self, key: Hashable) -> bool:
        """Put the cursor on an item; return whether it is there."""
        place = self.place_of(key)
        if place is not None:
            self.go_to(place)
        return place is not None

    def go_to(self, place: int) -> None:
        """Put the cursor on the item at a place."""
        if not 0 <= place < self.count() or self.key_at(place) is None:
            return
        if place == self._place and self.cursor == self.key_at(place):
            self._show_cursor()
            return
        before, self._place = self._place, place
        self.cursor = self.key_at(place)
        self._repaint(before)
        self._repaint(place)
        self._show_cursor()
        self.post_message(self.Moved(self, self.cursor))

    def open(self) -> None:
        """Open what the cursor is on."""
        if self.cursor is not None:
            self.post_message(self.Opened(self, self.cursor))

    def top_of(self, place: int) -> int:
        """Return the line at which an item begins."""
        return self._ends[place - 1] if place > 0 else 0

    def _show_cursor(self) -> None:
        if 0 <= self._place < len(self._ends) and self.size.height:
            top, bottom = self.top_of(self._place), self._ends[self._place]
            if top < self.scroll_offset.y:
                # what stands above the first item, its head, is shown with it
                self.scroll_to(y=0 if self._nearest(0) == self._place else top, animate=False)
            elif bottom > self.scroll_offset.y + self.size.height:
                self.scroll_to(y=bottom - self.size.height, animate=False)

    def _repaint(self, place: int) -> None:
        if 0 <= place < len(self._ends):
            top = self.top_of(place)
            self.refresh(Region(0, top - self.scroll_offset.y, self.size.width, self._ends[place] - top))

    def repaint(self, key: Hashable) -> None:
        """Paint an item anew."""
        if (place := self.place_of(key)) is not None:
            self._repaint(place)

    # -- painting

    def item_at(self, y: int) -> tuple[int, int]:
        """Return the place of the item at a line of the whole list, and which of its lines that is; place -1 is none."""
        place = bisect_right(self._ends, y)
        if place >= len(self._ends):
            return -1, 0
        return place, y - self.top_of(place)

    def render_line(self, y: int) -> Strip:
        """Return one line of what is seen."""
        width = self.size.width
        place, line = self.item_at(y + self.scroll_offset.y)
        if place < 0 or place >= self.count():
            return Strip.blank(width, self.look.style())
        here = place == self._place and self.key_at(place) is not None
        ground = ("sel" if self.has_focus else "selq") if here else "bg"
        return self.paint(place, line, width, ground, "▌" if here else " ")

    def bar_role(self, ground: str) -> str:
        """Return the role of the cursor's bar."""
        return "accent" if ground == "sel" else "muted"

    def on_focus(self) -> None:
        """Show that the keys are for this list."""
        self.refresh()

    def on_blur(self) -> None:
        """Show that they no longer are."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click there opens it."""
        place, _line = self.item_at(event.y + self.scroll_offset.y)
        if place < 0 or self.key_at(place) is None:
            return
        if event.chain > 1:
            self.open()
        self.go_to(place)
