"""All keys of a screen under their heads, in as many columns as the width allows; typing finds a key."""

from __future__ import annotations

import os
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widgets import Input

from console.i18n import _
from console.keys import COMMANDS, SCREENS, grouped, keys_file, on_screen, shown
from console.screens.overlay import MARGIN, MOVING, Field, Overlay, OverlayRule, key_parts
from console.widgets.line import Line, Painted
from console.widgets.paint import Part, cells, column, safe, strip, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from textual.strip import Strip
    from textual.widget import Widget

    from console.keys import Command, Keys
    from console.screens.base import DeskScreen

_KEY_WIDTH, _GAP = 10, 2
_LEAST_COLUMN = 28
_FIND_WIDTH = 22

Row = tuple[str, str] | None
"""Keys and what they do; a head has no keys; None is an empty line."""


def keys_shown(keys: Keys, name: str) -> str:
    """Return as many of a command's keys as its column takes, the first one always."""
    text = ""
    for key in keys.of(name):
        longer = f"{text} {shown(key)}".strip()
        if text and cells(longer) >= _KEY_WIDTH:
            break
        text = longer
    return text


def sections(keys: Keys, names: Iterable[str], typed: str) -> list[list[Row]]:
    """Return the commands with keys that fit what is typed, each group with its head."""
    wanted = typed.strip().casefold()
    found: list[list[Row]] = []
    for group, commands in grouped(names).items():
        lines: list[Row] = [
            (keys_shown(keys, command.name), _(command.label))
            for command in commands
            if keys.of(command.name) and _fits(keys, command, wanted)
        ]
        if lines:
            found.append([("", _(group)), *lines])
    return found


def _fits(keys: Keys, command: Command, wanted: str) -> bool:
    return wanted in _(command.label).casefold() or any(
        wanted == shown(key).casefold() for key in keys.of(command.name)
    )


def columns(groups: Sequence[Sequence[Row]], number: int) -> list[list[Row]]:
    """Return the groups in their order in at most so many columns, as low as that can be, no group torn apart."""
    number = max(1, min(number, len(groups)))
    ways = []
    for breaks in combinations(range(1, len(groups)), number - 1):
        edges = (0, *breaks, len(groups))
        ways.append([_joined(groups[edges[each] : edges[each + 1]]) for each in range(number)])
    return min(ways, key=lambda way: max(map(len, way), default=0), default=[])


def _joined(groups: Sequence[Sequence[Row]]) -> list[Row]:
    lines: list[Row] = []
    for group in groups:
        lines += [*([None] if lines else []), *group]
    return lines


def home_shortened(path: str, environ: Mapping[str, str]) -> str:
    """Return a path with `~` for one's own folder."""
    home = environ.get("HOME", "").rstrip("/")
    return "~" + path[len(home) :] if home and path.startswith(home + "/") else path


class KeySheet(Painted, ScrollView):
    """The columns of keys."""

    can_focus = False
    DEFAULT_CSS = (
        "KeySheet { scrollbar-size: 0 0; overflow: hidden scroll; height: 1fr; width: 1fr; background: $desk-raised; }"
    )

    def __init__(self) -> None:
        super().__init__()
        self._sections: list[list[Row]] = []
        self._columns: list[list[Row]] = []

    def show(self, groups: list[list[Row]]) -> None:
        """Show these groups."""
        self._sections = groups
        self._lay_out()
        self.scroll_to(y=0, animate=False)

    def on_resize(self) -> None:
        """Follow the width."""
        self._lay_out()

    def _lay_out(self) -> None:
        self._columns = columns(self._sections, column_number(self.size.width))
        self.virtual_size = Size(self.size.width, max((len(each) for each in self._columns), default=1))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return one line of all columns."""
        width = self.size.width
        y += self.scroll_offset.y
        if not self._columns:
            text = _("No key fits.") if y == 0 else ""
            return strip(self.look, width, [(text, "muted")], ground="raised", margin=MARGIN)
        number = column_number(width)
        wide = (width - 2 * MARGIN - (number - 1) * _GAP) // number
        parts: list[Part] = []
        for place, each in enumerate(self._columns):
            parts.append((" " * (place * (wide + _GAP) - total(parts)), "text"))
            row = each[y] if y < len(each) else None
            if row is not None and row[0]:
                parts += [(column(row[0], _KEY_WIDTH), "strong"), (column(row[1], wide - _KEY_WIDTH), "text")]
            elif row is not None:
                parts.append((column(row[1], wide), "muted"))
        return strip(self.look, width, parts, ground="raised", margin=MARGIN)


def column_number(width: int) -> int:
    """Return how many columns of keys a width takes."""
    return max(1, min(3, (width - 2 * MARGIN + _GAP) // (_LEAST_COLUMN + _GAP)))


class Help(Overlay[None]):
    """Shows all keys of a screen."""

    WIDTH = 92
    TOP = 5
    BINDINGS: ClassVar[list[Any]] = [
        *MOVING,
        Binding(",".join(COMMANDS["desk.help"].keys), "close", show=False, id="desk.help"),
    ]

    def __init__(self, screen: DeskScreen) -> None:
        super().__init__()
        self._of = screen

    def parts(self) -> Iterable[Widget]:
        """Return title and field, the keys, and where they can be changed."""
        with Horizontal(id="ask"):
            yield Line(id="title", margin=MARGIN, ground="raised")
            field = Field(placeholder=_("type to find a key"))
            field.styles.width = _FIND_WIDTH
            yield field
        yield OverlayRule()
        yield Line(id="above", ground="raised")
        yield KeySheet()
        yield Line(id="below", ground="raised")
        yield OverlayRule(id="end")
        yield Line(id="where", margin=MARGIN, ground="raised")

    def _names(self) -> list[str]:
        workspace = self.desk_app.workspace
        supervises = workspace is not None and workspace.me.supervises
        return [
            each.name
            for each in on_screen(self._of.NAME)
            if self._of.offers(each.name) and (each.role == "agent" or supervises)
        ]

    def wanted_height(self) -> int:
        """Return the lines for all keys in the columns there will be."""
        groups = sections(self.desk_app.keys, self._names(), "")
        number = column_number(min(self.WIDTH, self.app.size.width))
        return 6 + max((len(each) for each in columns(groups, number)), default=1)

    def on_mount(self) -> None:
        """Show all keys."""
        name = _(SCREENS[self._of.NAME][1]) if self._of.NAME in SCREENS else self._of.NAME
        self.query_one("#title", Line).put([(_("Keys in {screen}").format(screen=name), "accent+b")])
        self.show("")
        self.follow_below(self.query_one(KeySheet))
        self.call_after_refresh(self._tell_where)

    def on_resize(self) -> None:
        """Say as much as the new width takes."""
        self.call_after_refresh(self._tell_where)

    def show(self, typed: str) -> None:
        """Show the keys that fit what is typed."""
        self.query_one(KeySheet).show(sections(self.desk_app.keys, self._names(), typed))

    def _tell_where(self) -> None:
        path = safe(home_shortened(str(keys_file(os.environ)), os.environ))
        right = key_parts((("esc", _("back")),))
        room = self.query_one("#where").size.width - 2 * MARGIN - total(right) - 1
        text = _("Keys can be changed in {path}; a clash is refused with both names.").format(path=path)
        if cells(text) > room:
            text = _("Keys can be changed in {path}").format(path=path)
        self.query_one("#where", Line).put([(text, "muted")], right)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find as it is typed."""
        self.show(event.value)

    def action_move(self, lines: int) -> None:
        """Move by a line."""
        self.query_one(KeySheet).scroll_relative(y=lines, animate=False)

    def action_page(self, part: int) -> None:
        """Move by a page."""
        sheet = self.query_one(KeySheet)
        sheet.scroll_relative(y=part * max(1, sheet.size.height - 1), animate=False)
