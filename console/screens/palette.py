"""The palette: every command by name, those nearest to what is open first; what is impossible now says why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input

from console.i18n import _
from console.keys import ABOUT, CASE, COMMANDS, EVERYWHERE, LISTS, OFFER, TEAM, WRITING, on_screen
from console.matching import EXPLAINED, match
from console.screens.choosing import marked
from console.screens.overlay import MARGIN, MOVING, Field, Overlay, OverlayList, OverlayRule, key_parts
from console.theme import PALETTES
from console.widgets.line import Line
from console.widgets.paint import Part, cells, cut, strip

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from textual.strip import Strip
    from textual.widget import Widget

    from console.keys import Keys
    from console.screens.base import DeskScreen
    from console.widgets.cursor_list import CursorList

BY_NEARNESS = (CASE, WRITING, OFFER, LISTS, TEAM, ABOUT, EVERYWHERE)
OPEN, THEME = "open:", "theme:"
"""What answers begin with that are no names of commands: the number of a case, the name of a theme."""
_NOT_HERE = ("desk.palette", "offer.accept_anywhere")
_LONGEST_NUMBER = 15
_COUNT_WIDTH = 22
_ROWS_LEFT = 14


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette.

    Args:
        value: what the palette answers.
        reason: why it is impossible now; empty where it is possible.
        places: which letters of the label match what is typed.
    """

    value: str
    label: str
    group: str
    key: str = ""
    explained: str = ""
    reason: str = ""
    rank: int = 0
    places: tuple[int, ...] = ()


def gathered(screen: DeskScreen, keys: Keys) -> list[Entry]:
    """Return all commands of a screen that are worth showing now; those that only move are left to their keys."""
    found = []
    for command in on_screen(screen.NAME):
        skipped = command.name in (*_NOT_HERE, f"go.{screen.NAME}") or not command.explained
        reason = None if skipped else screen.why_not(command.name)
        if skipped or reason == "":
            continue
        label = _(command.label)
        found.append(
            Entry(
                command.name,
                _begun(label),
                command.group,
                keys.shown(command.name),
                _(command.explained),
                _begun((reason or "").removeprefix(f"{label}: ").rstrip(".")),
            )
        )
    return found


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def jumps(typed: str, theme: str) -> list[Entry]:
    """Return what only typing offers: a case by its number, the themes by their names."""
    found = []
    number = typed.strip().removeprefix("#")
    if number.isascii() and number.isdigit() and int(number) and len(number) <= _LONGEST_NUMBER:
        label = _("Open case #{case}").format(case=int(number))
        told = _("Shows case #{case} on the work screen.").format(case=int(number))
        found.append(Entry(f"{OPEN}{int(number)}", label, ABOUT, explained=told, rank=-1))
    for name in PALETTES:
        if typed.strip() and name != theme:
            label = _("Theme: {name}").format(name=name)
            found.append(Entry(f"{THEME}{name}", label, EVERYWHERE, explained=_("Changes the colours.")))
    return found


def matching(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """Return the entries that fit, by the nearness of their groups; in a group the best first, the impossible last.

    What only an explanation fits is shown where no label does.
    """
    found = []
    for entry in entries:
        if entry.value.startswith(OPEN):
            found.append(entry)
        elif (fit := match(entry.label, typed, entry.explained)) is not None:
            found.append(replace(entry, rank=fit.rank, places=fit.places))
    if any(each.rank < EXPLAINED for each in found):
        found = [each for each in found if each.rank < EXPLAINED]
    return sorted(found, key=lambda each: (BY_NEARNESS.index(each.group), bool(each.reason), each.rank))


def rows(entries: Sequence[Entry], case: int | None) -> list[Entry | str]:
    """Return the entries with the heads of their groups, and an empty line before each but the first."""
    found: list[Entry | str] = []
    group = ""
    for entry in entries:
        if entry.group != group:
            group = entry.group
            head = _(group)
            if group == CASE and case is not None:
                head = _("{head}, #{case}").format(head=head, case=case)
            found += ["", head] if found else [head]
        found.append(entry)
    return found


class Lines(OverlayList):
    """The list of the palette."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Entry | str] = ()

    def show(self, shown: Sequence[Entry | str]) -> None:
        """Show these lines, with the cursor on the best that is possible."""
        self._rows = shown
        self.items_changed()
        possible = [
            (each.rank, place) for place, each in enumerate(shown) if isinstance(each, Entry) and not each.reason
        ]
        if possible:
            self.go_to(min(possible)[1])
        else:
            self.scroll_to(y=0, animate=False)

    def count(self) -> int:
        """Return how many lines there are."""
        return max(1, len(self._rows))

    def key_at(self, place: int) -> Hashable:
        """Return what an entry answers; None for heads, blanks and what is impossible."""
        found = self._rows[place] if place < len(self._rows) else ""
        return found.value if isinstance(found, Entry) and not found.reason else None

    def entry(self, key: Hashable) -> Entry | None:
        """Return the entry with an answer."""
        return next((each for each in self._rows if isinstance(each, Entry) and each.value == key), None)

    def paint(self, place: int, line: int, width: int, ground: str, bar: str) -> Strip:
        """Return one line."""
        found = self._rows[place] if place < len(self._rows) else _("Nothing is called that.")
        if isinstance(found, str):
            return strip(self.look, width, [(found, "muted")], ground=ground, margin=MARGIN)
        here = ground == "sel"
        role = "faint+s" if found.reason else "strong" if here else "text"
        left: list[Part] = [(bar, self.bar_role(ground)), ("   ", "text"), *marked(found.label, found.places, role)]
        room = width - 4 - cells(found.label) - 3 - MARGIN
        right = (cut(found.reason, room), "muted") if found.reason else (found.key, "strong" if here else "muted")
        return strip(self.look, width, left, [right, (" " * MARGIN, "text")], ground=ground)


class CommandPalette(Overlay[str | None]):
    """Asks for a command by name; answers its name, `open:412` or `theme:light`, or None."""

    WIDTH = 80
    BINDINGS: ClassVar[list[Any]] = [
        *MOVING,
        Binding(",".join(COMMANDS["desk.palette"].keys), "close", show=False, id="desk.palette"),
    ]

    def __init__(self, screen: DeskScreen) -> None:
        super().__init__()
        self._of = screen
        self._entries: list[Entry] = []

    def parts(self) -> Iterable[Widget]:
        """Return the field, the list, and the line that says what enter will do."""
        self._entries = gathered(self._of, self.desk_app.keys)
        with Horizontal(id="ask"):
            prompt = Line(id="prompt", ground="raised")
            prompt.styles.width = MARGIN + 2
            yield prompt
            yield Field(placeholder=_("type a command, or #412"))
            count = Line(id="count", ground="raised")
            count.styles.width = _COUNT_WIDTH
            yield count
        yield OverlayRule()
        yield Lines()
        yield OverlayRule(id="end")
        yield Line(id="told", margin=MARGIN, ground="raised")

    def wanted_height(self) -> int:
        """Return the lines for all commands, as far as the terminal is high: nothing moves while they become fewer."""
        return min(4 + len(rows(matching(self._entries, ""), None)), max(20, self.app.size.height - _ROWS_LEFT))

    def on_mount(self) -> None:
        """Show all there is."""
        self.query_one("#prompt", Line).put([("  : ", "accent+b")])
        self.show("")
        self.follow_below(self.query_one(Lines))

    def show(self, typed: str) -> None:
        """Show what fits what is typed."""
        found = matching([*self._entries, *jumps(typed, self.desk_app.look.palette.name)], typed)
        lines = self.query_one(Lines)
        lines.show(rows(found, self._of.open_case))
        number = sum(1 for each in found if each.value in COMMANDS)
        text = _("{n} of {total} actions") if typed.strip() else _("{total} actions")
        self.query_one("#count", Line).put([], [(text.format(n=number, total=len(self._entries)), "muted")])
        self._tell()

    def _tell(self) -> None:
        lines = self.query_one(Lines)
        entry = lines.entry(lines.cursor)
        if entry is None:
            self.query_one("#told", Line).put([], key_parts((("esc", _("back")),)))
            return
        right = key_parts((("enter", _("run")),))
        room = self.query_one("#raised").size.width - 2 * MARGIN
        if cells(entry.explained) + 1 + sum(cells(part[0]) for part in right) > room:
            right = right[:1]
        self.query_one("#told", Line).put([(entry.explained, "text")], right)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find as it is typed."""
        self.show(event.value)

    def on_input_submitted(self) -> None:
        """Answer with what the cursor is on."""
        self.query_one(Lines).open()

    def on_cursor_list_moved(self) -> None:
        """Say what enter would do now."""
        self._tell()

    def on_cursor_list_opened(self, event: CursorList.Opened) -> None:
        """Answer."""
        self.dismiss(str(event.key))

    def action_move(self, steps: int) -> None:
        """Move the cursor."""
        self.query_one(Lines).move(steps)

    def action_page(self, part: int) -> None:
        """Move the cursor by a page."""
        self.query_one(Lines).move_page(part)
