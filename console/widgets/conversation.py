"""The conversation of a case: the newest at the bottom, painted line by line, older messages read when one scrolls to them.

Only the messages that were read are laid out, so a case of five hundred opens as fast as one of twenty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.conversation_lines import BLANK, LineOf, event_line, message_lines, whom
from console.i18n import ngettext
from console.widgets.line import PAGE_KEYS, Painted
from console.widgets.paint import strip

if TYPE_CHECKING:
    from console.reads_screens import CaseSight, MessageRow


class Conversation(Painted, ScrollView, can_focus=True, inherit_bindings=False):
    """What was said on a case, and what happened between."""

    BINDINGS = [*PAGE_KEYS]  # noqa: RUF012 - as in textual
    DEFAULT_CSS = """
    Conversation { scrollbar-size: 0 0; overflow: hidden scroll; height: 1fr; width: 1fr; background: $desk-bg; }
    """

    class WantsEarlier(Message):
        """Somebody scrolled to where older messages would be."""

        def __init__(self, case: int, before: int) -> None:
            super().__init__()
            self.case = case
            self.before = before

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sight: CaseSight | None = None
        self._messages: tuple[MessageRow, ...] = ()
        self._earlier = 0
        self._seen = 0
        self._me = ""
        self._unfolded = False
        self._lines: list[LineOf] = []
        self._asked_before: int | None = None
        self._last_was_event = False
        self._pinned = True
        self._empty: list[LineOf] = []
        self._laid_out_for = Size(0, 0)

    @property
    def oldest(self) -> int:
        """The id of the oldest message that was read."""
        return self._messages[0].id if self._messages else 0

    def show(self, sight: CaseSight | None, *, me: str, seen: int) -> None:
        """Show a case; where it is the one shown before, the place that one reads stays.

        Args:
            me: the name of the agent who looks.
            seen: the newest message that the agent has looked at; later ones are marked as new.
        """
        same = sight is not None and self._sight is not None and sight.number == self._sight.number
        self._pinned = self._pinned or not same
        self._me, self._seen = me, seen
        if sight is None:
            self._messages, self._earlier = (), 0
        elif same and self._messages and sight.messages and self._messages[0].id < sight.messages[0].id:
            older = tuple(each for each in self._messages if each.id < sight.messages[0].id)
            self._messages = (*older, *sight.messages)
        else:
            self._messages, self._earlier = sight.messages, sight.earlier
        if not same:
            self._unfolded = False
            self._asked_before = None
        self._sight = sight
        self._lay_out()

    def show_empty(self, lines: list[LineOf]) -> None:
        """Say something in the middle while no case is shown."""
        if lines != self._empty:
            self._empty = lines
            if self._sight is None:
                self._lay_out()

    def prepend(self, older: tuple[MessageRow, ...]) -> None:
        """Add older messages above; what one reads stays where it is."""
        before = len(self._lines)
        self._messages = (*older, *self._messages)
        self._earlier = max(0, self._earlier - len(older))
        self._lay_out()
        self.scroll_to(y=self.scroll_offset.y + len(self._lines) - before, animate=False, force=True)

    def fold(self) -> None:
        """Unfold quoted text, or fold it."""
        self._unfolded = not self._unfolded
        self._lay_out()

    @property
    def is_at_end(self) -> bool:
        """Whether the newest line is seen."""
        return self.scroll_offset.y >= len(self._lines) - self.size.height

    def _lay_out(self) -> None:
        sight, width = self._sight, self.size.width
        lines: list[LineOf] = []
        if sight is not None and width:
            if self._earlier:
                text = ngettext("↑ {n} earlier message", "↑ {n} earlier messages", self._earlier)
                lines += [LineOf((("  ", "text"), (text.format(n=self._earlier), "muted")))]
            key = self.desk_app.keys.shown("case.send_again")
            newest = self._messages[-1].id if self._messages else 0
            told = self._told(sight)
            for message in self._messages:
                while told and told[0][0] < message.at:
                    self._add(lines, [told.pop(0)[1]], together=True)
                shown = message_lines(
                    message,
                    width,
                    me=self._me,
                    to=whom(sight, message),
                    unfolded=self._unfolded,
                    fresh=message.direction == "inbound" and message.id > self._seen,
                    newest=message.id == newest,
                    send_again=key,
                )
                self._add(lines, shown)
            for _at, line in told:
                self._add(lines, [line], together=True)
        if sight is None:
            above = max(0, (self.size.height - len(self._empty)) // 2)
            lines = [BLANK] * above + self._empty + [BLANK] * max(0, self.size.height - above - len(self._empty))
        self._lines = lines
        if self.virtual_size != (wanted := Size(width, len(lines))):
            self.virtual_size = wanted
        self._laid_out_for = self.size
        if self._pinned:
            self._to_end()
        self.refresh()

    def _told(self, sight: CaseSight) -> list[tuple[int, LineOf]]:
        """Return what happened between the messages that were read, the oldest first."""
        begin = self._messages[0].at if self._earlier and self._messages else 0
        found = (
            (entry["at"], event_line(entry, self._me)) for entry in reversed(sight.history) if entry["at"] >= begin
        )
        return [(at, line) for at, line in found if line is not None]

    def _add(self, lines: list[LineOf], more: list[LineOf], *, together: bool = False) -> None:
        """Add lines after a blank one; events that follow each other stand together."""
        follows = together and self._last_was_event
        if lines and not follows:
            lines.append(BLANK)
        lines += more
        self._last_was_event = together

    def age_changed(self) -> None:
        """Say ages anew."""
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        """Return a line of what is seen; few lines stand at the bottom, above the composer."""
        width = self.size.width
        place = y + self.scroll_offset.y - max(0, self.size.height - len(self._lines))
        if not 0 <= place < len(self._lines):
            return Strip.blank(width, self.look.style())
        line = self._lines[place]
        return strip(self.look, width, line.left, line.right, ground=line.ground)

    # -- moving

    def move(self, steps: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_offset.y + steps, animate=False)
        self._look_up()

    def move_page(self, part: float) -> None:
        """Scroll by a part of what is seen."""
        self.move(int(self.size.height * part))

    def action_page(self, part: float) -> None:
        """Scroll by a page."""
        self.move_page(part)

    def first(self) -> None:
        """Scroll to the oldest line."""
        self.scroll_to(y=0, animate=False)
        self._look_up()

    def last(self) -> None:
        """Scroll to the newest line."""
        self._to_end()

    def open(self) -> None:
        """Unfold or fold quoted text."""
        self.fold()

    def _to_end(self) -> None:
        self.scroll_to(y=max(0, len(self._lines) - self.size.height), animate=False, force=True)

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Ask for older messages at the top."""
        super().watch_scroll_y(old, new)
        if self.size == self._laid_out_for:  # a place that one chose, not one that a new size has made
            self._pinned = self.is_at_end
        if new < old and new <= 0:
            self._look_up()

    def _look_up(self) -> None:
        if self.scroll_offset.y <= 0 and self._earlier and self._sight and self._asked_before != self.oldest:
            self._asked_before = self.oldest
            self.post_message(self.WantsEarlier(self._sight.number, self.oldest))

    def on_resize(self, _event: events.Resize) -> None:
        """Follow the new size; who reads the newest goes on reading it."""
        self._lay_out()
        if self._pinned:
            self.call_after_refresh(self._to_end)
