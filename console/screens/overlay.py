"""What all overlays have in common: a raised area over the screen, everything behind it faint, and escape that closes it.

An offer that comes meanwhile stays in colour in row 1, and the key that accepts from anywhere still takes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar, cast

from rich.segment import Segment
from rich.style import Style
from textual._context import visible_screen_stack
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Input

from console.i18n import _
from console.keys import COMMANDS
from console.widgets.cursor_list import CursorList
from console.widgets.line import Painted
from console.widgets.paint import LONGEST_LINE, Part, cells, strip, wrapped
from data.text import sanitise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console, ConsoleOptions, RenderableType
    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Size
    from textual.screen import Screen
    from textual.scroll_view import ScrollView
    from textual.widget import Widget

    from console.app import DeskApp
    from console.theme import Look

T = TypeVar("T")
MARGIN = 2
"""Blank cells at both ends of a line of an overlay; the first one is the place of the cursor's bar."""
_ROWS_ABOVE = 3
_LOW, _VERY_LOW, _NARROW = 30, 16, 60


class Place(NamedTuple):
    """Where an overlay stands, in cells of the terminal."""

    x: int
    y: int
    width: int
    height: int


def place(size: tuple[int, int], wanted: tuple[int, int], top: int) -> Place:
    """Return where an overlay of a wanted width and height stands in a terminal of a size.

    Args:
        top: its row where there is room; a low terminal gives it all rows below the next line, a very low one all there are.
    """
    (width, height), (wide, high) = size, wanted
    if height < _VERY_LOW:
        top, high = 0, height
    elif height < _LOW and high > height - top - 1:
        top, high = _ROWS_ABOVE, height - _ROWS_ABOVE
    wide = wide if width >= wide + 4 else width
    return Place((width - wide) // 2, top, wide, min(high, height - top - (1 if height >= _LOW else 0)))


class Behind:
    """A screen painted faint: no fills, no colours; rules stay rules, and the first rows may stay as they are.

    Args:
        kept: how many rows keep their colours.
    """

    def __init__(self, screen: Screen[Any], look: Look, kept: int) -> None:
        self._screen = screen
        self._look = look
        self._kept = kept

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Yield the lines of the screen."""
        strips = self._screen._compositor.render_strips()
        for row, line in enumerate(strips):
            for text, style, control in line:
                if control is None:
                    yield Segment(text, self._plain(style) if row < self._kept else self._faint(style))
            if row < len(strips) - 1:
                yield Segment.line()

    def _plain(self, style: Style | None) -> Style:
        return style.clear_meta_and_links() if style is not None else self._look.style()

    def _faint(self, style: Style | None) -> Style:
        rule = self._look.style("rule")
        if style is None:
            return self._look.style("faint")
        if style.color == rule.color and rule.color is not None:
            return rule
        return self._look.style("faint") + Style(underline=style.underline, strike=style.strike)


class Overlay(ModalScreen[T], inherit_bindings=False):
    """A raised area over the screen. Subclasses give its parts and how high it wants to be."""

    _scrolled: ScrollView | None = None
    WIDTH: ClassVar[int] = 72
    TOP: ClassVar[int] = 4
    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape", "close", show=False),
        Binding(
            ",".join(COMMANDS["offer.accept_anywhere"].keys), "accept_offer", show=False, id="offer.accept_anywhere"
        ),
    ]
    DEFAULT_CSS = """
    Overlay { background: transparent; layout: vertical; overflow: hidden hidden; }
    Overlay #raised { background: $desk-raised; color: $desk-text; padding: 1 0; }
    Overlay #ask { height: 1; padding: 0 2 0 0; }
    Overlay.-narrow #count { display: none; }
    Overlay.-very-low #raised { padding: 0; }
    Overlay.-bare #raised { border: solid $desk-rule; padding: 0; }
    Overlay.-bare.-ascii #raised { border: ascii $desk-rule; }
    """

    @property
    def desk_app(self) -> DeskApp:
        """The application."""
        return cast("DeskApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the raised area with the parts of the subclass."""
        with Vertical(id="raised"):
            yield from self.parts()

    def parts(self) -> Iterable[Widget]:
        """Return what stands in the overlay, from top to bottom."""
        raise NotImplementedError

    def wanted_height(self) -> int:
        """Return how many lines the parts take where there is room."""
        raise NotImplementedError

    def lines_of(self, text: str) -> int:
        """Return how many lines a text of `Words` takes in this overlay."""
        return len(
            wrapped(text, min(self.WIDTH, self.app.size.width) - 2 * MARGIN - (2 if self.desk_app.look.bare else 0))
        )

    def follow_below(self, scrolled: ScrollView) -> None:
        """Say on the rule at the end how many lines of something that scrolls are below what is seen."""
        self._scrolled = scrolled
        for name in ("scroll_y", "virtual_size"):
            self.watch(scrolled, name, self._tell_below, init=False)
        self.call_after_refresh(self._tell_below)

    def _tell_below(self) -> None:
        if (scrolled := self._scrolled) is not None:
            more = scrolled.virtual_size.height - scrolled.scroll_offset.y - scrolled.size.height
            text = _("↓ {n} more lines").format(n=more) if more > 0 and scrolled.size.height else ""
            self.query_one("#end", OverlayRule).put(text)

    def nothing(self) -> T | None:
        """Return what escape answers."""
        return None

    def on_mount(self) -> None:
        """Take the place."""
        self.set_class(self.desk_app.look.bare, "-bare")
        self.set_class(self.desk_app.look.ascii_signs, "-ascii")
        self.take_place()
        if (screen := self.desk_app.desk_screen) is not None:
            screen.show_rows()  # other keys work now

    def on_resize(self) -> None:
        """Follow the size of the terminal."""
        self.take_place()
        self.call_after_refresh(self._tell_below)

    def take_place(self) -> None:
        """Put the raised area where it belongs for the size of the terminal and the height of what is in it."""
        size = self.app.size
        self.set_class(size.height < _VERY_LOW, "-very-low")
        self.set_class(size.width < _NARROW, "-narrow")
        where = place((size.width, size.height), (self.WIDTH, self.wanted_height() + 2), self.TOP)
        raised = self.query_one("#raised")
        raised.styles.offset = (where.x, where.y)
        raised.styles.width, raised.styles.height = where.width, where.height

    def render(self) -> RenderableType:
        """Return what lies behind, faint; an offer, or that the desk is away, keeps its colours in row 1."""
        try:
            behind = visible_screen_stack.get().pop()
        except (LookupError, IndexError):
            return super().render()
        app = self.desk_app
        urgent = app.link.state == "away" or (app.workspace is not None and app.workspace.offers)
        kept = _ROWS_ABOVE if urgent else 0
        return cast("RenderableType", Behind(behind, self.desk_app.look, kept))

    def on_click(self, event: events.Click) -> None:
        """Close where the mouse is beside the raised area."""
        if event.widget is self:
            self.action_close()

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close with an answer; a second one comes too late, and must not close what lies below."""
        return super().dismiss(result) if self.is_current else AwaitComplete()

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(self.nothing())

    def action_accept_offer(self) -> None:
        """Accept the offered work without leaving the overlay."""
        if (screen := self.desk_app.desk_screen) is not None:
            screen.action_command("offer.accept_anywhere")


class OverlayRule(Painted):
    """A rule over the whole width of an overlay, perhaps with a word at its right."""

    DEFAULT_CSS = "OverlayRule { height: 1; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._word = ""

    def put(self, word: str) -> None:
        """Show a word, or none."""
        if word != self._word:
            self._word = word
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        word = f" {self._word} " if self._word else ""
        end = 1 if word else 0
        blank = max(0, self.size.width - cells(word) - end)
        parts: list[Part] = [("─" * blank, "rule"), (word, "muted"), ("─" * end, "rule")]
        return strip(self.look, self.size.width, parts, ground="raised")


class Words(Painted):
    """Sentences, broken at words to the width there is."""

    DEFAULT_CSS = "Words { height: auto; width: 1fr; }"

    def __init__(self, text: str, *, role: str = "text") -> None:
        super().__init__()
        self._text = text
        self._role = role

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines the text takes in a width."""
        return len(wrapped(self._text, width - 2 * MARGIN))

    def render_line(self, y: int) -> Strip:
        """Return one line of the text."""
        lines = wrapped(self._text, self.size.width - 2 * MARGIN)
        text = lines[y] if y < len(lines) else ""
        return strip(self.look, self.size.width, [(text, self._role)], ground="raised", margin=MARGIN)


class OverlayList(CursorList):
    """A list on the raised ground; the keys come from the field above it, so its cursor is always drawn as the one in use."""

    can_focus = False
    DEFAULT_CSS = "OverlayList { background: $desk-raised; }"

    def render_line(self, y: int) -> Strip:
        """Return one line of what is seen."""
        width = self.size.width
        where, line = self.item_at(y + self.scroll_offset.y)
        if where < 0 or where >= self.count():
            return strip(self.look, width, [], ground="raised")
        here = self.cursor is not None and self.key_at(where) == self.cursor
        return self.paint(where, line, width, "sel" if here else "raised", "▌" if here else " ")

    def open(self) -> None:
        """Open what the cursor is on; the next key waits for what comes of it."""
        super().open()
        cast("DeskApp", self.app).held_keys.follow(self)

    def on_click(self, event: events.Click) -> None:
        """Open what the mouse points at."""
        where, _line = self.item_at(event.y + self.scroll_offset.y)
        if where >= 0 and self.key_at(where) is not None:
            self.go_to(where)
            self.open()


class Field(Input):
    """A text field of one line without a box; what is pasted is made fit for a line first."""

    DEFAULT_CSS = """
    Field, Field:focus, Field:ansi, Field:ansi:focus {
        border: none; height: 1; width: 1fr; padding: 0; background: $desk-raised; background-tint: transparent; color: $desk-strong;
    }
    Field > .input--placeholder, Field:ansi > .input--placeholder { color: $desk-muted; text-style: none; }
    """

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=False, id=id)
        self.cursor_blink = False

    def insert_text_at_cursor(self, text: str) -> None:
        """Insert a text, with its control characters made visible."""
        super().insert_text_at_cursor(sanitise(text[:LONGEST_LINE], line=True))

    def replace(self, text: str, start: int, end: int) -> None:
        """Put a text in the place of what is selected, with its control characters made visible."""
        super().replace(sanitise(text[:LONGEST_LINE], line=True), start, end)

    def render_line(self, y: int) -> Strip:
        """Return the field, drawn with `_` to its end where its ground cannot be told from the others."""
        line = super().render_line(y)
        look = cast("DeskApp", self.app).look
        if y or not look.bare:
            return line
        used = len("".join(segment.text for segment in line).rstrip())
        used = max(used, self.cursor_position + 1) if self.value else used
        end = line.cell_length
        return Strip.join(
            [line.crop(0, used), Strip([Segment("_" * max(0, end - used), look.style("rule", "raised"))])]
        )


MOVING = (
    Binding("up", "move(-1)", show=False),
    Binding("down", "move(1)", show=False),
    Binding("pageup", "page(-1)", show=False),
    Binding("pagedown", "page(1)", show=False),
)
"""Keys that move what a field stands above, while the field keeps the focus."""


def key_parts(pairs: Iterable[tuple[str, str]]) -> list[Part]:
    """Return keys and what they do as parts for the last line of an overlay."""
    parts: list[Part] = []
    for key, word in pairs:
        parts += [*([("   ", "text")] if parts else []), (key, "strong"), (f" {word}", "muted")]
    return parts
