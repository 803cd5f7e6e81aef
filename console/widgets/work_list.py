"""My work: what waits for me, what waits for the customer, and what is offered; two lines an item, one where there is width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.strip import Strip

from console import clocks
from console.i18n import _
from console.widgets.cursor_list import CursorList
from console.widgets.paint import Part, column, safe, strip

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    from console.reads_screens import WorkRow, Workspace

_ONE_LINE = 60
_WITH_NUMBER = 36


@dataclass(frozen=True, slots=True)
class _Entry:
    """A head, a blank, or a work item: `lines` says how high it is."""

    row: WorkRow | None = None
    head: str = ""
    count: int = 0
    lines: int = 1


class WorkList(CursorList):
    """The agent's own work, with the cursor on a work item; its keys are the numbers of work items."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._workspace: Workspace | None = None
        self._entries: list[_Entry] = []
        self._unread: Collection[int] = ()

    def show(self, workspace: Workspace, unread: Collection[int]) -> None:
        """Show an agent's work.

        Args:
            unread: the cases with something that the agent has not looked at.
        """
        self._workspace, self._unread = workspace, unread
        self.items_changed()

    def row(self, work: Hashable) -> WorkRow | None:
        """Return a work item of the list."""
        return next((each.row for each in self._entries if each.row is not None and each.row.work == work), None)

    def items_changed(self) -> None:
        """Lay the items out for the width there is."""
        self._entries = [] if self._workspace is None else self._laid_out(self._workspace)
        super().items_changed()

    def _laid_out(self, workspace: Workspace) -> list[_Entry]:
        wide = self.size.width >= _ONE_LINE
        entries: list[_Entry] = []
        if not workspace.mine:
            entries += [_Entry(head=_("No open work"))]
        for row in workspace.mine:
            entries.append(_Entry(row, lines=1 if wide else 2))
            if not wide:
                entries.append(_Entry())
        for head, rows, lines in (
            (_("Waiting for the customer"), workspace.paused, 1),
            (_("Offered"), workspace.offers, 1 if wide else 2),
        ):
            if rows:
                if entries and entries[-1] != _Entry():
                    entries.append(_Entry())
                entries.append(_Entry(head=head, count=len(rows)))
                entries += [_Entry(row, lines=lines) for row in rows]
        if wide and workspace.resolved_today:
            entries += [
                _Entry(),
                _Entry(head=_("Today")),
                _Entry(head=_("  {n} resolved").format(n=workspace.resolved_today)),
            ]
        while entries and entries[-1] == _Entry():
            entries.pop()
        return entries

    def count(self) -> int:
        """Return how many entries the list has."""
        return len(self._entries)

    def key_at(self, place: int) -> Hashable:
        """Return the number of the work item at a place."""
        row = self._entries[place].row
        return None if row is None else row.work

    def height_at(self, place: int) -> int:
        """Return how many lines an entry takes."""
        return self._entries[place].lines

    def paint(self, place: int, line: int, width: int, ground: str, bar: str) -> Strip:
        """Return a line of an entry."""
        entry = self._entries[place]
        if entry.row is None:
            right: list[Part] = [(str(entry.count), "muted")] if entry.count else []
            return strip(self.look, width, [(" ", "text"), (entry.head, "muted")], right)
        lead: list[Part] = [(bar, self.bar_role(ground), "bg" if bar == " " else ground)]
        if width >= _ONE_LINE:
            return self._one_line(entry.row, lead, width, ground)
        if entry.lines == 1:
            return self._paused(entry.row, lead, width, ground)
        return self._two_lines(entry.row, lead, line, width, ground)

    def _two_lines(self, row: WorkRow, lead: list[Part], line: int, width: int, ground: str) -> Strip:
        unread = row.case in self._unread
        if line == 0:
            subject = safe(row.subject) or _("(no subject)")
            here = ground != "bg" or unread
            parts = [*lead, ("•" if unread else " ", "accent"), (subject, "strong" if here else "text")]
            return strip(self.look, width, parts, [(" ", "text")], ground=ground)
        number = f"#{row.case}  " if width >= _WITH_NUMBER + 2 else ""
        who = safe(row.who) or _("unknown customer")
        right = [clocks.of_work(row), (" ", "text")]
        return strip(self.look, width, [*lead, (" ", "text"), (number + who, "muted")], right, ground=ground)

    def _paused(self, row: WorkRow, lead: list[Part], width: int, ground: str) -> Strip:
        unread = row.case in self._unread
        parts = [
            *lead,
            ("•" if unread else " ", "accent"),
            (safe(row.subject) or _("(no subject)"), "strong" if unread else "text"),
        ]
        return strip(self.look, width, parts, [clocks.of_work(row), (" ", "text")], ground=ground)

    def _one_line(self, row: WorkRow, lead: list[Part], width: int, ground: str) -> Strip:
        unread = row.case in self._unread
        quiet = row.status in ("waiting_customer", "on_hold")
        who = max(10, min(24, width // 6))
        time = 14
        subject = max(8, width - 11 - who - time - 4)
        parts: list[Part] = [
            *lead,
            (" • " if unread else "   ", "accent"),
            (column(f"#{row.case}", 6), "muted"),
            (" ", "text"),
            (
                column(safe(row.subject) or _("(no subject)"), subject),
                "strong" if unread or ground == "sel" else "text",
            ),
            ("  ", "text"),
            (column(safe(row.who), who), "muted" if quiet else "text"),
            ("  ", "text"),
        ]
        return strip(self.look, width, [*parts, clocks.of_work(row)], ground=ground)
