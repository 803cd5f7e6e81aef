"""Asking for one line of text, or for a yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input

from console.i18n import _
from console.screens.choosing import Choice, Choices
from console.screens.overlay import MARGIN, Field, Overlay, OverlayRule, Words, key_parts
from console.widgets.line import Line
from console.widgets.paint import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.widget import Widget

    from console.widgets.cursor_list import CursorList


class Ask(Overlay[str | None]):
    """Asks for one line; None where it was left.

    Args:
        title: what is asked.
        text: what stands in the field at first.
        placeholder: what stands there while it is empty.
        check: returns what is wrong with a text, or None where it will do.
    """

    def __init__(
        self, title: str, text: str = "", placeholder: str = "", check: Callable[[str], str | None] | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._text = safe(text)
        self._placeholder = placeholder
        self._check = check

    def parts(self) -> Iterable[Widget]:
        """Return title, field, what is wrong with it, and the keys."""
        yield Line(id="title", margin=MARGIN, ground="raised")
        yield OverlayRule()
        with Horizontal(id="ask"):
            prompt = Line(id="prompt", ground="raised")
            prompt.styles.width = MARGIN + 2
            yield prompt
            yield Field(self._text, placeholder=self._placeholder)
        yield Line(id="wrong", margin=MARGIN + 2, ground="raised")
        yield OverlayRule()
        yield Line(id="keys", margin=MARGIN, ground="raised")

    def wanted_height(self) -> int:
        """Return the lines of the parts."""
        return 6

    def on_mount(self) -> None:
        """Show what is asked."""
        self.query_one("#title", Line).put([(self._title, "accent+b")])
        self.query_one("#prompt", Line).put([("  : ", "accent+b")])
        self.query_one("#wrong", Line).put([])
        self.query_one("#keys", Line).put([], key_parts((("enter", _("take it")), ("esc", _("back")))))

    def on_input_changed(self) -> None:
        """Take back what was wrong while it is written anew."""
        self.query_one("#wrong", Line).put([])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer, or say what is wrong."""
        text = event.value.strip()
        wrong = self._check(text) if self._check is not None else None
        if wrong is None:
            self.dismiss(text)
        else:
            self.query_one("#wrong", Line).put([("! ", "danger+b"), (safe(wrong), "danger")])


class Confirm(Overlay[bool]):
    """Asks for a yes to something; the cursor begins on it, and escape is a no.

    Args:
        title: what is about to be done.
        lines: what it does, a sentence each, fit for a line.
        yes: the word for doing it, as a verb.
        no: the word for leaving it.
    """

    BINDINGS: ClassVar[list[Any]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, title: str, lines: list[str], yes: str, no: str) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._answers = [Choice("yes", yes), Choice("", no)]

    def parts(self) -> Iterable[Widget]:
        """Return title, what it does, both answers and the keys."""
        yield Line(id="title", margin=MARGIN, ground="raised")
        yield OverlayRule()
        for line in self._lines:
            yield Words(line)
        yield OverlayRule()
        yield Choices(free=False)
        yield OverlayRule()
        yield Line(id="keys", margin=MARGIN, ground="raised")

    def wanted_height(self) -> int:
        """Return the lines of the parts."""
        return 5 + sum(map(self.lines_of, self._lines)) + len(self._answers)

    def on_mount(self) -> None:
        """Show what is about to be done."""
        self.query_one("#title", Line).put([(self._title, "accent+b")])
        self.query_one("#keys", Line).put([], key_parts((("enter", _("choose")), ("esc", _("back")))))
        self.query_one(Choices).show(self._answers, "")

    def nothing(self) -> bool:
        """Return what escape answers."""
        return False

    def on_key(self, event: events.Key) -> None:
        """Take a digit as the answer."""
        if event.character in ("1", "2"):
            event.stop()
            self.dismiss(event.character == "1")

    def on_cursor_list_opened(self, event: CursorList.Opened) -> None:
        """Answer with what was chosen."""
        self.dismiss(event.key == 0)

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self.query_one(Choices).move(steps)

    def action_choose(self) -> None:
        """Choose what the cursor is on."""
        self.query_one(Choices).open()
