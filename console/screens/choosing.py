"""Choosing one of several: type to find, or a digit, the arrows, the mouse; where it is allowed, what was typed is the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from console.i18n import _
from console.screens.overlay import MARGIN, MOVING, Field, Overlay, OverlayList, OverlayRule, Words, key_parts
from console.widgets.line import Line
from console.widgets.paint import Part, cells, cut, safe, strip

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from textual import events
    from textual.strip import Strip
    from textual.widget import Widget

    from console.widgets.cursor_list import CursorList

_DIGITS = 9
_LEAST_DETAIL = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose.

    Args:
        value: what the chooser answers.
        label: what people read, fit for a line.
        detail: what is said about it at the right, fit for a line.
        key: a character that picks it while nothing is typed, in the place of its digit.
    """

    value: str
    label: str
    detail: str = ""
    key: str = ""


def matching(choices: Sequence[Choice], typed: str) -> list[Choice]:
    """Return the choices whose label holds what is typed, whatever the case of its letters."""
    wanted = typed.strip().casefold()
    return [choice for choice in choices if wanted in choice.label.casefold()]


def entries(choices: Sequence[Choice], typed: str, *, free: bool) -> list[Choice]:
    """Return what the list shows: what matches, and first of all what is typed where that is an answer itself."""
    found = matching(choices, typed)
    text = typed.strip()
    known = any(text.casefold() == choice.label.casefold() for choice in found)
    if not free or not text or known:
        return found
    return [Choice(text, _('Use "{text}"').format(text=safe(text))), *found]


def marked(text: str, places: Iterable[int], role: str) -> list[Part]:
    """Return a text as parts, with the letters at some places underlined."""
    wanted = set(places)
    parts: list[Part] = []
    for number, letter in enumerate(text):
        mark = f"{role}+u" if number in wanted else role
        if parts and parts[-1][1] == mark:
            parts[-1] = (parts[-1][0] + letter, mark)
        else:
            parts.append((letter, mark))
    return parts


class Finder(Field):
    """The field of a chooser: a key that picks while nothing is typed is not text."""

    class Picked(Message):
        """A key that picks was pressed."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    def __init__(self, picks: str = "", *, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder)
        self._picks = picks

    def on_key(self, event: events.Key) -> None:
        """Take a key that picks before it becomes text."""
        if not self.value and event.character and event.character in self._picks:
            event.stop()
            event.prevent_default()
            self.post_message(self.Picked(event.character))


class Choices(OverlayList):
    """The list of a chooser."""

    def __init__(self, free: bool) -> None:
        super().__init__()
        self._choices: Sequence[Choice] = ()
        self._typed = ""
        self._free = free

    def show(self, choices: Sequence[Choice], typed: str) -> None:
        """Show these choices, for what is typed."""
        self._choices, self._typed = choices, typed.strip()
        self.items_changed()

    def count(self) -> int:
        """Return how many lines there are; one says that nothing fits."""
        return max(1, len(self._choices))

    def key_at(self, place: int) -> Hashable:
        """Return where a choice stands; None where there is none."""
        return place if place < len(self._choices) else None

    def sign(self, place: int) -> str:
        """Return the key that picks a choice while nothing is typed."""
        choice = self._choices[place]
        if choice.key or self._free or self._typed or place >= _DIGITS:
            return choice.key if not self._typed else ""
        return str(place + 1)

    def paint(self, place: int, line: int, width: int, ground: str, bar: str) -> Strip:
        """Return the line of a choice."""
        if place >= len(self._choices):
            return strip(self.look, width, [("  ", "text"), (self._empty(), "muted")], ground=ground)
        choice = self._choices[place]
        role = "strong" if ground == "sel" else "text"
        start = choice.label.casefold().find(self._typed.casefold()) if self._typed else -1
        places = range(start, start + len(self._typed)) if start >= 0 else ()
        left: list[Part] = [
            (bar, self.bar_role(ground)),
            (" ", "text"),
            (f"{self.sign(place):1} ", "muted"),
            *marked(choice.label, places, role),
        ]
        room = width - 4 - cells(choice.label) - 3 - MARGIN
        right: list[Part] = []
        if choice.detail and room >= min(_LEAST_DETAIL, cells(choice.detail)):
            right = [(cut(choice.detail, room), "text" if ground == "sel" else "muted")]
        return strip(self.look, width, left, [*right, (" " * MARGIN, "text")], ground=ground)

    def _empty(self) -> str:
        return _("Type it.") if self._free else _("Nothing fits.")


class Chooser(Overlay[str | None]):
    """Asks to choose one of several; None where nothing was chosen.

    Args:
        title: what is chosen.
        choices: what there is.
        free: whether what is typed is an answer itself; digits are text then.
        note: what is to be known before, in one or two sentences.
        current: the value that the cursor begins on.
    """

    BINDINGS: ClassVar[list[Any]] = [
        *MOVING,
    ]

    def __init__(
        self, title: str, choices: list[Choice], free: bool = False, note: str = "", *, current: str | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._free = free
        self._note = note
        self._current = current
        self._shown: list[Choice] = []

    def parts(self) -> Iterable[Widget]:
        """Return title, note, field, list and the keys."""
        yield Line(id="title", margin=MARGIN, ground="raised")
        if self._note:
            yield Words(self._note)
        with Horizontal(id="ask"):
            prompt = Line(id="prompt", ground="raised")
            prompt.styles.width = MARGIN + 2
            yield prompt
            picks = "".join(choice.key for choice in self._choices if len(choice.key) == 1) + (
                "" if self._free else "123456789"
            )
            yield Finder(picks, placeholder=_("type it, or choose") if self._free else _("type to find"))
        yield OverlayRule()
        yield Choices(self._free)
        yield OverlayRule()
        yield Line(id="keys", margin=MARGIN, ground="raised")

    def wanted_height(self) -> int:
        """Return the lines for all choices, so that nothing moves while they become fewer."""
        return (
            5 + (self.lines_of(self._note) if self._note else 0) + max(1, len(self._choices) + (1 if self._free else 0))
        )

    def on_mount(self) -> None:
        """Show all there is to choose."""
        self.query_one("#prompt", Line).put([("  : ", "accent+b")])
        self.query_one("#keys", Line).put([], key_parts((("enter", _("choose")), ("esc", _("back")))))
        self.show("")
        values = [choice.value for choice in self._choices]
        if self._current in values:
            self.query_one(Choices).select(values.index(self._current))

    def show(self, typed: str) -> None:
        """Show what fits what is typed, with the cursor on the first."""
        self._shown = entries(self._choices, typed, free=self._free)
        found = self.query_one(Choices)
        found.show(self._shown, typed)
        found.first()
        number = len(matching(self._choices, typed))
        count = _("{n} of {total}").format(n=number, total=len(self._choices)) if typed.strip() else ""
        self.query_one("#title", Line).put([(self._title, "accent+b")], [(count, "muted")])

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find as it is typed."""
        self.show(event.value)

    def on_input_submitted(self) -> None:
        """Choose what the cursor is on."""
        self.query_one(Choices).open()

    def on_finder_picked(self, event: Finder.Picked) -> None:
        """Choose by a key."""
        for place, choice in enumerate(self._shown):
            if event.character == (choice.key or str(place + 1)):
                self.dismiss(choice.value)
                return

    def on_cursor_list_opened(self, event: CursorList.Opened) -> None:
        """Answer with what was chosen."""
        assert isinstance(event.key, int)
        self.dismiss(self._shown[event.key].value)

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self.query_one(Choices).move(steps)

    def action_page(self, part: int) -> None:
        """Move the cursor by a page."""
        self.query_one(Choices).move_page(part)
