"""Panes of plain lines beside the conversation: the work guide's place, and the facts of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console import telling
from console.conversation_lines import BLANK, LineOf
from console.i18n import _
from console.moment import clock
from console.widgets.line import PAGE_KEYS, Painted
from console.widgets.paint import cut, safe, strip, wrapped
from console.words import case_status, priority

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.reads_screens import CaseSight
    from console.widgets.paint import Part

UNTOLD = frozenset({"work.reweighed", "message.queued", "case.assigned"})
"""What of the journal says nothing that another line of the history does not."""


class LinesPane(Painted, ScrollView, can_focus=True, inherit_bindings=False):
    """Lines that scroll."""

    BINDINGS = [*PAGE_KEYS]  # noqa: RUF012 - as in textual
    DEFAULT_CSS = """
    LinesPane { scrollbar-size: 0 0; overflow: hidden scroll; height: 1fr; width: 1fr; background: $desk-bg; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: Sequence[LineOf] = ()

    def put(self, lines: Sequence[LineOf]) -> None:
        """Show these lines; nothing is painted where they are the same as before."""
        if lines != self._lines:
            self._lines = lines
            self.virtual_size = Size(self.size.width, len(lines))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return a line of what is seen."""
        place = y + self.scroll_offset.y
        if not 0 <= place < len(self._lines):
            return Strip.blank(self.size.width, self.look.style())
        line = self._lines[place]
        return strip(self.look, self.size.width, line.left, line.right, ground=line.ground)

    def move(self, steps: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_offset.y + steps, animate=False)

    def move_page(self, part: float) -> None:
        """Scroll by a part of what is seen."""
        self.move(int(self.size.height * part))

    def action_page(self, part: float) -> None:
        """Scroll by a page."""
        self.move_page(part)

    def first(self) -> None:
        """Scroll to the first line."""
        self.scroll_to(y=0, animate=False)

    def last(self) -> None:
        """Scroll to the last line."""
        self.scroll_to(y=len(self._lines), animate=False)

    def open(self) -> None:
        """Do nothing: there is nothing to open here."""


def _head(name: str, word: str = "") -> LineOf:
    return LineOf(((name, "strong"),), ((word, "muted"),) if word else ())


def _fact(name: str, value: str, width: int) -> LineOf:
    """Return a fact behind its name; one with a long name keeps at least half of the line."""
    label = cut(safe(name), max(9, width // 2))
    return LineOf(((f"{label:<9} ", "muted"), (safe(value), "text")))


def guide_lines(sight: CaseSight | None, width: int, suggested: Sequence[tuple[str, str]]) -> list[LineOf]:
    """Return the work guide: what can be done with the case now, until a flow leads through it.

    Args:
        suggested: pairs of a key and what it does, the likeliest first.
    """
    if sight is None:
        return [LineOf(((_("Opens with a case"), "muted"),))]
    lines = [LineOf(((each, "muted"),)) for each in wrapped(_("No flow runs on this case."), max(8, width))]
    lines += [BLANK, _head(_("Suggested"))]
    lines += [LineOf(((f"{key:<3}", "strong"), (" " + what, "text"))) for key, what in suggested]
    return lines


def fact_lines(sight: CaseSight | None, width: int, *, me: str, contact: bool = True) -> list[LineOf]:
    """Return the facts of a case: the contact, the case itself, other cases of the contact, and what happened.

    Args:
        contact: whether the contact's name is said here, or stands in the pane's head.
    """
    if sight is None:
        return [LineOf(((_("Opens with a case"), "muted"),))]
    lines: list[LineOf] = []
    if contact:
        lines.append(_head(safe(sight.who) or _("unknown customer"), _("contact")))
    if sight.account:
        lines.append(LineOf(((safe(sight.account), "muted"),)))
    lines += [LineOf(((safe(point["value"]), "text"),)) for point in sight.points]
    lines += [BLANK, _head(_("Case"), f"#{sight.number}")]
    facts: list[tuple[str, str]] = [
        (_("status"), case_status(sight.status)),
        (_("priority"), priority(sight.priority)),
        (_("queue"), sight.queue or _("none")),
        (_("owner"), _("you") if sight.owner == me else sight.owner or _("nobody")),
    ]
    if sight.type:
        facts.append((_("type"), safe(sight.type)))
    facts.append((_("opened"), clock(sight.opened_at)))
    if sight.continues:
        facts.append((_("continues"), f"#{sight.continues}"))
    marks = sight.marks
    if marks.level > 1:
        facts.append((_("level"), str(marks.level)))
    if marks.merged_into is not None:
        facts.append((_("merged into"), f"#{marks.merged_into}"))
    if marks.followers:
        facts.append((_("followed by"), marks.followed_by()))
    lines += [_fact(name, value, width) for name, value in (*facts, *marks.facts())]
    if marks.tags:
        lines += [
            LineOf(((each, "accent"),))
            for each in wrapped(" ".join(f"[{safe(tag)}]" for tag in marks.tags), max(8, width))
        ]
    if marks.flag is not None:
        lines += [LineOf(((each, "warn"),)) for each in wrapped(f"! {safe(marks.flag)}", max(8, width))[:3]]
    if sight.status == "on_hold" and sight.hold_reason:
        lines += [LineOf(((each, "muted"),)) for each in wrapped(safe(sight.hold_reason), max(8, width))[:3]]
    if sight.others:
        lines += [BLANK, _head(_("Other cases"), str(len(sight.others)))]
        for each in sight.others:
            left: tuple[Part, ...] = ((f"#{each['number']} ", "muted"), (safe(each["subject"]), "text"))
            lines.append(LineOf(left, ((case_status(each["status"]), "muted"),)))
    lines += [BLANK, _head(_("History"))]
    for entry in sight.history:
        if entry["kind"] in UNTOLD:
            continue
        when = clock(entry["at"])
        room = max(8, width - len(when) - 2)
        parts = wrapped(telling.act(entry, me), room)
        lines.append(LineOf(((f"{when}  ", "muted"), (parts[0], "text"))))
        lines += [LineOf(((" " * (len(when) + 2), "text"), (each, "text"))) for each in parts[1:3]]
    return lines
