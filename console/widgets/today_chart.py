"""The day hour by hour, as pairs of bars: cases opened and cases resolved; hours to come are drawn empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import _
from console.supervising import BARS
from console.widgets.line import Painted
from console.widgets.paint import cells, strip

if TYPE_CHECKING:
    from textual.strip import Strip

    from console.reads_trend import Today
    from console.widgets.paint import Part

_SLOT = 5
_SCALE = 5
_FIRST, _LAST = 8, 20
"""The hours that are always drawn; a day that is longer is drawn as long as it is."""


def span(today: Today, slots: int) -> range:
    """Return the hours to draw: from the first in which anything happened, and always the one that runs."""
    running = len(today.hours) - 1
    busy = [place for place, hour in enumerate(today.hours) if hour.opened or hour.resolved]
    first = min(_FIRST, running, *busy[:1])
    last = max(_LAST, running)
    if last - first + 1 > slots:
        first = max(first, running - slots + 1)
        last = first + max(1, slots) - 1
    return range(first, last + 1)


def bar(value: int, highest: int, rows: int, row: int) -> str:
    """Return the cell of a bar in a row, counted from the bottom; what is not nothing is always seen."""
    eighths = max(1, round(value * rows * 8 / max(1, highest))) if value else 0
    return BARS[max(0, min(8, eighths - row * 8))]


class TodayChart(Painted):
    """What came and what went, hour by hour."""

    DEFAULT_CSS = "TodayChart { height: 0; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._today: Today | None = None

    def show(self, today: Today) -> None:
        """Show a day."""
        if today != self._today:
            self._today = today
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line: the head, bars, or the hours."""
        width, today, rows = self.size.width, self._today, self.size.height - 2
        if today is None or rows < 1:
            return strip(self.look, width, [])
        if y == 0:
            counts = _("{opened} opened, {resolved} resolved").format(opened=today.opened, resolved=today.resolved)
            return strip(self.look, width, [(" ", "text"), (_("Today"), "strong")], [(counts + " ", "muted")])
        legend = (_("opened"), _("resolved"))
        room = 4 + max(map(cells, legend))
        hours = span(today, max(1, (width - _SCALE - room) // _SLOT))
        highest = max((max(each.opened, each.resolved) for each in today.hours), default=0)
        if y == rows + 1:
            return strip(self.look, width, [(" " * _SCALE, "text"), *self._labels(today, hours)])
        row = rows - y
        scale = str(highest) if y == 1 and highest else "0" if row == 0 else ""
        parts: list[Part] = [(f"{scale:>{_SCALE - 1}} ", "muted")]
        for hour in hours:
            if hour >= len(today.hours):
                parts.append(("▁▁▁▁ " if row == 0 else " " * _SLOT, "rule"))
                continue
            found = today.hours[hour]
            parts += [
                (bar(found.opened, highest, rows, row) * 2, "faint"),
                (bar(found.resolved, highest, rows, row) * 2, "accent"),
                (" ", "text"),
            ]
        right: list[Part] = []
        if row < 2:
            word, role = (legend[1], "accent") if row == 0 else (legend[0], "faint")
            right = [("██ ", role), (word + " " * (room - 4 - cells(word)), "muted"), (" ", "text")]
        return strip(self.look, width, parts, right)

    def _labels(self, today: Today, hours: range) -> list[Part]:
        return [(f"{hour % 24:02d}".ljust(_SLOT), "muted" if hour < len(today.hours) else "faint") for hour in hours]
