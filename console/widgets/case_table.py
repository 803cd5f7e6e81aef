"""The table of cases: one line each, read page by page, with the cursor by the case's number.

The columns are decided by the width alone, so that a row is painted without looking at the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from console.i18n import _
from console.moment import age, day
from console.widgets.cursor_list import CursorList
from console.widgets.line import Line
from console.widgets.paint import Part, cells, column, safe, strip
from console.words import case_status

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from textual.strip import Strip

    from console.case_window import CaseWindow
    from console.reads_find import CaseRow
    from console.view_columns import ViewColumn

_CHANGED, _STATUS = 9, 8
_LEAST_SUBJECT = 20
_GAP = "  "
"""Before a column of a view, whose values may stand at its right."""
_NEAR = 120
"""How many rows from an end of what is known the next page is read."""
_QUIET = frozenset({"waiting_customer", "on_hold", "resolved", "closed"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells of each column; 0 is a column that is not shown."""

    number: int
    subject: int
    contact: int
    owner: int
    status: int
    changed: int
    more: tuple[int, ...] = ()
    """Those of a view that says itself what it shows: as many as there is room for."""


def columns_for(width: int, highest: int, of_view: Sequence[ViewColumn] = ()) -> Columns:
    """Return the columns for a width.

    Args:
        highest: the highest number of a case, whose digits decide the column of numbers.
        of_view: what the view shows beside the subject, where it says so itself.
    """
    number = max(5, len(str(highest)) + 1)
    if of_view:
        subject, more = width - 3 - number - 3 - 1, []
        for each in of_view:
            if subject - each.cells - len(_GAP) < _LEAST_SUBJECT:
                break
            subject -= each.cells + len(_GAP)
            more.append(each.cells)
        return Columns(number, max(4, subject), 0, 0, 0, 0, tuple(more))
    changed = _CHANGED if width >= 34 else 0
    status = _STATUS if width >= 50 else 0
    contact = 0 if width < 60 else 11 if width < 84 else 16
    owner = 0 if width < 90 else 12
    right = sum(each + 1 for each in (contact, owner, status, changed) if each)
    return Columns(number, max(4, width - 3 - number - 3 - right - 1), contact, owner, status, changed)


def matched(text: str, words: Iterable[str], role: str) -> list[Part]:
    """Return a text as parts, what the words match underlined."""
    low = text.lower()
    marks = [False] * len(text)
    if len(low) == len(text):  # a few letters change their length in small: then nothing is marked
        for word in words:
            start = low.find(word)
            while start >= 0 and word:
                marks[start : start + len(word)] = [True] * len(word)
                start = low.find(word, start + len(word))
    parts: list[Part] = []
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or marks[place] != marks[begin]:
            parts.append((text[begin:place], f"{role}+u" if marks[begin] else role))
            begin = place
    return parts


def is_new(row: CaseRow, me: int) -> bool:
    """Say whether a case asks to be looked at: nobody has taken it up, or its customer wrote last and it is mine."""
    return row.status == "new" or (row.owner_id == me and row.last_direction == "inbound" and row.status == "open")


def changed_cell(row: CaseRow) -> str:
    """Return when a case was changed, or until when it rests."""
    if row.status == "on_hold" and row.hold_until is not None:
        return f"‖ {day(row.hold_until)}"
    if row.status == "waiting_customer":
        return _("‖ paused")
    return age(row.updated_at)


def elsewhere(row: CaseRow, words: Iterable[str]) -> str:
    """Return where a word occurs if neither the subject nor the customer's name shows it."""
    seen = f"{row.subject.raw}\n{row.customer.raw if row.customer else ''}".lower()
    if all(word in seen for word in words):
        return ""
    return _("in the address")


class CaseTable(CursorList):
    """Cases in the order of a view."""

    class NearEnd(Message):
        """What is seen comes near an end of what is known."""

        def __init__(self, *, backwards: bool) -> None:
            super().__init__()
            self.backwards = backwards

    def __init__(self, window: CaseWindow) -> None:
        super().__init__(id="cases")
        self.window = window
        self.me = 0
        self.highest = 0
        self.stale = False
        """Whether the rows belong to an earlier question; they are muted then."""
        self.words: Sequence[str] = ()
        self.selected: set[int] = set()
        self._top: int | None = None
        self.empty: tuple[str, ...] = ()
        """What is said where there is no case: the first line strong."""

    @property
    def row(self) -> CaseRow | None:
        """The case under the cursor."""
        place = self.window.place_of(self.cursor)
        return self.window.rows[place] if place is not None else None

    def count(self) -> int:
        """Return how many cases are known."""
        return len(self.window.rows)

    def key_at(self, place: int) -> Hashable:
        """Return a case's number."""
        return self.window.rows[place].number

    def place_of(self, key: Hashable) -> int | None:
        """Return where a case stands."""
        return self.window.place_of(key)

    def show(self, window: CaseWindow, *, stale: bool, me: int, highest: int, goal: str = "") -> None:
        """Show what is known now; the cursor stays on its case, and that case on its line of the screen.

        Args:
            goal: `first` or `last`: where the cursor goes.
        """
        begins_anew = window.sight != self.window.sight
        top = int(self.scroll_offset.y)
        anchor, line = (self.cursor, self._place - top) if self._seen(self._place) else (self._top, 0)
        self.window, self.stale, self.me, self.highest = window, stale, me, highest
        self.words = window.sight.words
        if begins_anew:
            self.cursor, self._place = None, 0
        self.items_changed()
        place = window.place_of(anchor)
        if goal:
            self.first() if goal == "first" else self.last()
        elif begins_anew:
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
        elif place is not None and (top or window.before):
            self.scroll_to(y=max(0, place - line), animate=False, immediate=True, force=True)
        self._scrolled()

    def _seen(self, place: int) -> bool:
        return 0 <= place - int(self.scroll_offset.y) < self.size.height

    def _show_cursor(self) -> None:
        """Scroll at once: what is read on depends on what is seen."""
        top = int(self.scroll_offset.y)
        if self.size.height and not self._seen(self._place):
            wanted = self._place if self._place < top else self._place - self.size.height + 1
            self.scroll_to(y=wanted, animate=False, immediate=True, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read on where one scrolls."""
        super().watch_scroll_y(old_value, new_value)
        self._scrolled()

    def _scrolled(self) -> None:
        top = int(self.scroll_offset.y)
        self._top = self.window.rows[top].number if top < self.count() else None
        self._look_ahead()

    def _look_ahead(self) -> None:
        top = int(self.scroll_offset.y)
        if self.window.after is not None and top + self.size.height + _NEAR >= self.count():
            self.post_message(self.NearEnd(backwards=False))
        elif self.window.before is not None and top < _NEAR:
            self.post_message(self.NearEnd(backwards=True))

    def render_line(self, y: int) -> Strip:
        """Return a line of what is seen; where there is nothing, say so."""
        if not self.count() and 1 <= y <= len(self.empty):
            text = self.empty[y - 1]
            return strip(self.look, self.size.width, [("   ", "text"), (text, "strong" if y == 1 else "muted")])
        return super().render_line(y)

    def toggle(self) -> None:
        """Select the case under the cursor, or no longer, and go on to the next."""
        if isinstance(self.cursor, int):
            self.selected ^= {self.cursor}
            self.repaint(self.cursor)
            self.move(1)

    def paint(self, place: int, line: int, width: int, ground: str, bar: str) -> Strip:
        """Return the line of a case."""
        row = self.window.rows[place]
        columns = columns_for(width, self.highest, self.window.columns)
        new = is_new(row, self.me)
        quiet = self.stale or row.status in _QUIET
        words = self.words if ground != "bg" else ()
        role = "muted" if self.stale else "strong" if new else "text"
        left: list[Part] = [
            (bar, self.bar_role(ground)),
            ("✓ " if row.number in self.selected else "  ", "accent"),
            (column(f"#{row.number}", columns.number), "muted"),
            (" • " if new else "   ", "muted" if self.stale else "accent"),
            *self._subject(row, columns.subject, role, words),
        ]
        if columns.contact:
            name = column(safe(row.who), columns.contact)
            left += [(" ", "text"), *matched(name, words, "muted" if self.stale else "text")]
        if columns.owner:
            left += [(" ", "text"), (column(row.owner or row.queue or "", columns.owner), "muted")]
        if columns.status:
            word = case_status(row.status)
            left += [(" ", "text"), (column(word, columns.status), "muted" if quiet else "text")]
        if columns.changed:
            left += [(" ", "text"), (column(changed_cell(row), columns.changed), "muted")]
        for room, of_view in zip(columns.more, self.window.columns, strict=False):
            cell = column(safe(row.more.get(of_view.field.path)), room, right=of_view.right)
            left += [(_GAP, "text"), (cell, "muted" if quiet else "text")]
        return strip(self.look, width, left, ground=ground)

    def _subject(self, row: CaseRow, room: int, role: str, words: Iterable[str]) -> list[Part]:
        subject = safe(row.subject) or _("without a subject")
        where = elsewhere(row, self.words) if self.words and row is not self.window.pinned else ""
        rest = room - cells(subject) - 2
        if not where or rest < cells(where):
            return [*matched(column(subject, room), words, role), (" ", "text")]
        return [*matched(subject, words, role), ("  ", "text"), (column(where, rest), "muted"), (" ", "text")]


class CaseHeads(Line):
    """The heads of the columns, muted; the one that the list is sorted by has an arrow."""

    def __init__(self) -> None:
        super().__init__(id="heads")

    def show(self, window: CaseWindow, order: str, highest: int, *, focused: bool) -> None:
        """Show the heads for an order.

        Args:
            focused: whether the table has the focus.
        """
        columns = columns_for(self.size.width, highest, window.columns)
        role = "accent+f" if focused else "muted"
        number = _("number") + (" ↓" if order == "number" else "")
        by = {"priority": _("by priority")}
        if window.columns:
            by |= {"newest": _("newest first"), "oldest": _("oldest first")}
        subject = _("subject") + ("  " + by[order] if order in by else "")
        before = columns.number + 3
        left: list[Part] = [("   ", "text"), (column(number, before - 1), "muted"), (" ", "text")]
        left += [(column(subject, columns.subject + 1), role)]
        if columns.contact:
            left += [(" ", "text"), (column(_("contact"), columns.contact), "muted")]
        if columns.owner:
            left += [(" ", "text"), (column(_("owner"), columns.owner), "muted")]
        if columns.status:
            left += [(" ", "text"), (column(_("status"), columns.status), "muted")]
        if columns.changed:
            arrow = {"newest": " ↓", "oldest": " ↑"}.get(order, "")
            left += [(" ", "text"), (column(_("changed") + arrow, columns.changed), "muted")]
        for room, of_view in zip(columns.more, window.columns, strict=False):
            left += [(_GAP, "text"), (column(safe(of_view.head), room, right=of_view.right), "muted")]
        self.put(left)
