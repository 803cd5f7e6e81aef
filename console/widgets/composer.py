"""The composer: a rule that says what is being written, a text area, and who will read it.

Closed it is one rule. As a note it looks different in three ways, so nobody has to remember which it is. The text is kept by the screen;
this only says that it changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.containers import Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from console.i18n import _
from console.terminal_input import LONGEST_PASTE
from console.widgets.line import Line, Painted
from console.widgets.paint import Part, shortened, strip, total
from data.text import sanitise

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from console.drafts import Kind

_FIRST_ROWS = 7
_HIGHEST = 0.4
_LEAST_NAME = 12
_LOW = 8
"""Below this many rows there is no room for the conversation while one writes."""


class ComposerRule(Painted):
    """The rule above what is written: its name, how it goes out, and whether it is kept."""

    DEFAULT_CSS = "ComposerRule { height: 1; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[Part] = []
        self._right: list[Part] = []
        self._dash = "─"
        self._role = "rule"

    def put(self, parts: list[Part], right: list[Part], *, dash: str, role: str) -> None:
        """Show parts on the rule."""
        if (parts, right, dash, role) != (self._parts, self._right, self._dash, self._role):
            self._parts, self._right, self._dash, self._role = parts, right, dash, role
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the rule."""
        width, dash, role = self.size.width, self._dash, self._role
        left: list[Part] = [(f"{dash} ", role), *self._parts, (" ", "text")]
        right: list[Part] = [(" ", "text"), *self._right, (f" {dash}", role)] if self._right else [(dash, role)]
        if total(left) + total(right) > width and len(self._parts) > 1:
            left = [(f"{dash} ", role), self._parts[0], (" ", "text")]  # what is new is worth more than how it goes out
        if total(left) + total(right) > width:
            room = width - total(right) - 3
            if room >= _LEAST_NAME and self._right:
                left = [(f"{dash} ", role), *shortened(self._parts[:1], room), (" ", "text")]
            else:
                right = [(dash, role)]
        fill = max(0, width - total(left) - total(right))
        return strip(self.look, width, [*left, (dash * fill, role), *right])


class WritingArea(TextArea):
    """A text area for plain words: what is pasted is cleaned, and bounded."""

    class PasteCut(Message):
        """More was pasted than is taken."""

        def __init__(self, length: int) -> None:
            super().__init__()
            self.length = length

    async def _on_paste(self, event: events.Paste) -> None:
        if self.read_only:
            return
        event.prevent_default()
        event.stop()
        text = sanitise(event.text[:LONGEST_PASTE])
        length = max(len(event.text), getattr(event, "length", 0))
        if length > LONGEST_PASTE:
            self.post_message(self.PasteCut(length))
        if result := self._replace_via_keyboard(text, *self.selection):
            self.move_cursor(result.end_location)


class Composer(Vertical):
    """Where an answer or a note is written."""

    DEFAULT_CSS = """
    Composer { height: 1; width: 1fr; margin: 1 0 0 0; background: $desk-bg; }
    Composer WritingArea {
        height: 1fr; width: 1fr; border: none; padding: 0 1 0 2; background: $desk-surface; color: $desk-text;
        scrollbar-size-vertical: 1;
    }
    Composer WritingArea:focus { border: none; }
    Composer WritingArea .text-area--cursor-line { background: $desk-surface; }
    Composer.-note WritingArea, Composer.-note WritingArea .text-area--cursor-line { background: $desk-notebg; }
    Composer.-open.-low { margin: 0; }
    Composer WritingArea, Composer ComposerInfo { display: none; }
    Composer.-open WritingArea, Composer.-open ComposerInfo { display: block; }
    """

    class Edited(Message):
        """What is written has changed."""

    def __init__(self) -> None:
        super().__init__(id="composer")
        self.kind: Kind = "reply"
        self.case: int | None = None
        """The case that is written on; None while the composer is closed."""
        self.kept = ""
        """Where and when the draft was kept, in words."""
        self.warning = ""
        """Who else writes on the case, or what has become of it, in words."""
        self.closed_words: list[Part] = []
        self._to = ""
        self._how = ""
        self._address = ""
        self._quiet = False

    def compose(self) -> ComposeResult:
        """Lay out the rule, the text and the line below."""
        yield ComposerRule()
        area = WritingArea(
            "", soft_wrap=True, show_line_numbers=False, tab_behavior="focus", theme="css", highlight_cursor_line=False
        )
        area.cursor_blink = False
        yield area
        yield ComposerInfo()

    def on_mount(self) -> None:
        """Begin closed."""
        self.show()

    @property
    def area(self) -> WritingArea:
        """The text area."""
        return self.query_one(WritingArea)

    @property
    def text(self) -> str:
        """What is written."""
        return self.area.text

    @property
    def is_open(self) -> bool:
        """Whether something is being written."""
        return self.case is not None

    def begin(
        self, case: int, kind: Kind, *, to: str, address: str, how: str, text: str, cursor: tuple[int, int]
    ) -> None:
        """Open for writing on a case.

        Args:
            to: the customer's name; address and how: where and over what an answer goes.
            text: what was written before.
        """
        self.case, self.kind, self._to, self._address, self._how = case, kind, to, address, how
        self.kept = self.warning = ""
        self._quiet = True
        self.area.load_text(sanitise(text))
        self._quiet = False
        lines = self.area.document.line_count
        row = min(cursor[0], lines - 1)
        self.area.move_cursor((row, min(cursor[1], len(self.area.document.get_line(row)))))
        self.add_class("-open")
        self.set_class(kind == "note", "-note")
        self._fit()
        self.show()

    def end(self) -> None:
        """Close; what was written is the screen's business."""
        self.case = None
        self._quiet = True
        self.area.load_text("")
        self._quiet = False
        self.remove_class("-open")
        self.remove_class("-note")
        self.styles.height = 1
        self.show()

    def switch_kind(self) -> None:
        """Change between answer and note; the text stays."""
        self.kind = "note" if self.kind == "reply" else "reply"
        self.set_class(self.kind == "note", "-note")
        self.show()
        self.post_message(self.Edited())

    def show(self) -> None:
        """Show the rule and the line below as things are."""
        if not self.is_mounted:
            return
        rule, info = self.query_one(ComposerRule), self.query_one(ComposerInfo)
        self.display = self.is_open or bool(self.closed_words)
        if not self.is_open:
            rule.put(self.closed_words, [], dash="─", role="rule")
            return
        focused = self.area.has_focus
        right: list[Part] = [(self.warning, "warn")] if self.warning else [(self.kept, "muted")] if self.kept else []
        if self.kind == "note":
            rule.put([(_("Note, only colleagues see this"), "note+b")], right, dash="╌", role="note")
            info.put([("  ", "text"), (_("not for the customer"), "note")], ground="notebg")
        else:
            role = "accent" if focused else "rule"
            name = _("Reply to {name}").format(name=self._to)
            rule.put(
                [(name, "accent+b" if focused else "strong"), (f"  {self._how}", "muted")], right, dash="─", role=role
            )
            info.put([("  ", "text"), (_("to {address}").format(address=self._address), "muted")], ground="surface")

    def _fit(self) -> None:
        """Be as high as the text, at first a few rows, never more than a part of the pane."""
        pane = self.parent
        if not self.is_open or not isinstance(pane, Widget):
            return
        above = sum(each.outer_size.height for each in pane.children if each.display and isinstance(each, Line))
        left = pane.size.height - above
        self.set_class(0 < left < _LOW, "-low")
        if 0 < left < _LOW:
            self.styles.height = left  # too low for both: what is written is worth more than what was
            return
        room = max(4, int(pane.size.height * _HIGHEST)) if pane.size.height else _FIRST_ROWS + 2
        wanted = max(_FIRST_ROWS, self.area.wrapped_document.height + 2)
        height = min(wanted + 1, max(room, min(_FIRST_ROWS + 1, room)))
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Say that the text changed, and grow with it."""
        event.stop()
        self._fit()
        if not self._quiet and self.is_open:
            self.post_message(self.Edited())

    def on_resize(self) -> None:
        """Keep to the part of the pane."""
        self._fit()

    def on_descendant_focus(self) -> None:
        """Show the focus on the rule."""
        self.show()

    def on_descendant_blur(self) -> None:
        """Show that the focus is elsewhere."""
        self.call_after_refresh(self.show)


class ComposerInfo(Painted):
    """The line under what is written."""

    DEFAULT_CSS = "ComposerInfo { height: 1; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[Part] = []
        self._ground = "surface"

    def put(self, parts: list[Part], *, ground: str) -> None:
        """Show parts."""
        if (parts, ground) != (self._parts, self._ground):
            self._parts, self._ground = parts, ground
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        return strip(self.look, self.size.width, self._parts, ground=self._ground)
