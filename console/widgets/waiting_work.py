"""What waits and what is offered, in the order in which the router offers it, with the reason why each item waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import N_, _
from console.moment import age, now
from console.next_thing import countdown
from console.reads_supervise import LineRow
from console.widgets.desk_table import DeskTable
from console.widgets.paint import Part, column, safe, strip
from console.widgets.paint import cells as width_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.strip import Strip

WHY = {
    "next": (N_("in line"), "muted"),
    "no_room": (N_("no room"), "warn"),
    "nobody": (N_("nobody present"), "danger"),
    "asked": (N_("everybody was asked"), "warn"),
    "pause": (N_("asked again in {left}"), "warn"),
    "hand": (N_("taken by hand"), "warn"),
    "offered": (N_("offered to {agent}"), "text"),
}
_ONE_LINE = 60
_NUMBERED = 50


class WaitingWork(DeskTable[LineRow]):
    """The line; its keys are the numbers of work items."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.total = 0
        """How many wait or are offered, shown or not."""
        self._first: dict[str, int] = {}
        self.queue = ""
        """The queue that it is narrowed to, in words; empty where all are shown."""

    def put(self, rows: tuple[LineRow, ...], total: int, queue: str) -> bool:
        """Show the line; return whether anything is new, its head included."""
        before = (self.total, self.queue)
        more = self._more()
        self.total, self.queue = total, queue
        changed = self.show(rows)
        if more != self._more():
            self.items_changed()
        return changed or before != (total, queue)

    def _more(self) -> int:
        return max(0, self.total - len(self.rows))

    def key_of(self, row: LineRow) -> Hashable:
        """Return the number of the work item."""
        return row.work

    def measure(self) -> None:
        """Note where each reason comes first: there it has its colour, a column of red says nothing more."""
        self._first = {}
        for row in self.rows:
            self._first.setdefault(row.why, row.work)

    def widths(self) -> object:
        """Return where the reasons come first."""
        return self._first

    def _reason(self, row: LineRow) -> Part:
        words, role = _why(row)[:2]
        return (words, role if self._first.get(row.why) == row.work else "muted" if role != "text" else role)

    def time_of(self, row: LineRow) -> str:
        """Return its clock, and when everybody is asked again."""
        return f"{_clock(row)[0]}|{_why(row)[0] if row.why == 'pause' else ''}"

    def empty(self) -> str:
        """Return what is said where nothing waits."""
        return _("Nothing waits, nothing is offered.")

    def count(self) -> int:
        """Return how many items there are, with the line that says how many are not shown."""
        return super().count() + (1 if self.rows and self._more() else 0)

    def height_at(self, place: int) -> int:
        """Return how many lines an item takes."""
        if place >= len(self.rows):
            return 2 if self.rows else 1
        return 1 if self.size.width >= _ONE_LINE else 2

    def head(self, role: str) -> tuple[list[Part], list[Part]]:
        """Return the name of the list, what it is narrowed to, and how many there are."""
        left: list[Part] = [(" ", "text"), (_("Waiting work"), role)]
        if self.queue:
            return [*left, (_(" in {queue}").format(queue=self.queue), "warn")], [(f"{self.total} ", "muted")]
        wide = _("{n}, in the order they are offered ").format(n=self.total)
        fits = width_of(wide) + 20 <= self.size.width
        return left, [(wide if fits else f"{self.total} ", "muted")] if self.total else []

    def paint(self, place: int, line: int, width: int, ground: str, bar: str) -> Strip:
        """Return a line of an item."""
        if not self.rows:
            return self.paint_empty(width)
        margin = 5 if width >= _NUMBERED else 1
        if place >= len(self.rows):
            words = _("{n} more").format(n=self._more()) if line else ""
            return strip(self.look, width, [(" " * margin, "text"), (words, "muted")])
        row = self.rows[place]
        number = column(str(place + 1), 3, right=True) + " " if margin == 5 and not line else " " * (margin - 1)
        parts: list[Part] = [self.lead(ground, bar), (number, "faint")]
        subject: Part = (safe(row.subject) or _("(no subject)"), "strong" if ground == "sel" else "text")
        clock = _clock(row)
        if width >= _ONE_LINE:
            return strip(
                self.look, width, [*parts, *self._one_line(row, subject, width)], [clock, (" ", "text")], ground=ground
            )
        if line == 0:
            return strip(
                self.look, width, [*parts, subject], [(safe(row.queue), "muted"), (" ", "text")], ground=ground
            )
        why = self._reason(row)
        return strip(
            self.look,
            width,
            [*parts, (f"#{row.case}", "muted"), ("  ", "text"), why],
            [clock, (" ", "text")],
            ground=ground,
        )

    def _one_line(self, row: LineRow, subject: Part, width: int) -> list[Part]:
        queue, why, number, clock = 12, 20, 7, 10
        room = max(8, width - 5 - number - queue - why - clock - 6)
        why_text, role = self._reason(row)[:2]
        return [
            (column(f"#{row.case}", number), "muted"),
            (column(subject[0], room), subject[1]),
            ("  ", "text"),
            (column(safe(row.queue), queue), "muted"),
            ("  ", "text"),
            (column(why_text, why), role),
        ]


def _why(row: LineRow) -> Part:
    words, role = WHY[row.why]
    left = "" if row.until is None else countdown(row.until - now())
    return (_(words).format(agent=safe(row.agent), left=left), role)


def _clock(row: LineRow) -> Part:
    if row.why == "offered":
        return (countdown(row.until - now()), "accent") if row.until is not None else ("", "muted")
    return (age(row.requested_at), "text")
