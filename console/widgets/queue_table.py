"""The queues with their figures, the worst first: what waits, how long, who is there, and how it went in the last two hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.i18n import N_, _
from console.moment import age, duration
from console.supervising import QueueState, sparkline
from console.widgets.desk_table import DeskTable, cells
from console.widgets.paint import Part, safe, strip
from console.widgets.paint import cells as width_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.strip import Strip

SIGNS = {"nobody": ("!", "danger+b"), "hand": (" ", "muted"), "grows": ("▲", "warn"), "falls": ("▼", "muted")}
WORDS = {"nobody": N_("nobody present"), "hand": N_("taken by hand"), "grows": N_("grows"), "falls": N_("falls")}
SHORT = {**WORDS, "nobody": N_("nobody"), "hand": N_("by hand")}
_SPARK, _SPARK_WIDE = 12, 24
_NAME_MIN, _NAME_MAX = 8, 28


@dataclass(frozen=True, slots=True)
class Columns:
    """How wide each column is; 0 leaves it out."""

    name: int = 0
    waiting: int = 7
    oldest: int = 7
    expected: int = 8
    agents: int = 6
    spark: int = _SPARK
    word: int = 7
    long_words: bool = False


def shared(width: int, longest: int, words: tuple[int, int]) -> Columns:
    """Return the columns for a width: what matters least goes first.

    Args:
        longest: the width of the longest name.
        words: the width of the longest word at the end, in full and short.
    """
    name = max(_NAME_MIN, min(longest, _NAME_MAX))
    full, short = words
    tries = (
        Columns(spark=_SPARK_WIDE, word=full, long_words=True),
        Columns(word=full, long_words=True),
        Columns(word=short),
        Columns(expected=0, word=short),
        Columns(expected=0, spark=0, word=short),
        Columns(expected=0, spark=0, agents=0, word=short),
        Columns(expected=0, spark=0, agents=0, oldest=0, word=short),
    )
    for each in tries:
        taken = 3 + sum(2 + part for part in (each.waiting, each.oldest, each.expected, each.agents) if part)
        taken += (3 + each.spark if each.spark else 0) + (2 + each.word if each.word else 0) + 1
        if taken + name <= width or each is tries[-1]:
            room = max(1, min(width - taken, name + 6))
            return Columns(
                room, each.waiting, each.oldest, each.expected, each.agents, each.spark, each.word, each.long_words
            )
    raise AssertionError


class QueueTable(DeskTable[QueueState]):
    """The table of queues; its keys are their ids."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = Columns()
        self.spaced = False
        """Whether a blank line stands after each queue, as on the wall."""

    def key_of(self, row: QueueState) -> Hashable:
        """Return the queue's id."""
        return row.row.id

    def time_of(self, row: QueueState) -> str:
        """Return how long the oldest waits."""
        return age(row.row.oldest_at) if row.row.oldest_at is not None else ""

    def height_at(self, place: int) -> int:
        """Return how many lines a queue takes."""
        return 2 if self.spaced and place < len(self.rows) else 1

    def empty(self) -> str:
        """Return what is said where there are none."""
        return _("No queues yet. Add one with: deskline queue add NAME")

    def widths(self) -> object:
        """Return the columns, and the scale of the sparklines."""
        return self.columns, self._highest()

    def measure(self) -> None:
        """Share the width among the columns."""
        names = [width_of(safe(each.row.label)) for each in self.rows]
        words = [each.word for each in self.rows if each.word]
        longest = tuple(max((width_of(_(table[word])) for word in words), default=0) for table in (WORDS, SHORT))
        self.columns = shared(self.size.width, max(names, default=0), (longest[0], longest[1]))

    def _highest(self) -> int:
        return max((max(each.waited, default=0) for each in self.rows), default=0)

    def head(self, role: str) -> tuple[list[Part], list[Part]]:
        """Return the name of the table over its columns."""
        c = self.columns
        title = _("Queues")
        parts: list[Part] = [(" ", "text"), (title, role), (" " * max(0, c.name + 2 - width_of(title)), "text")]
        parts += cells(
            [
                (_("waiting"), "muted", c.waiting, True),
                (_("oldest"), "muted", c.oldest, True),
                (_("expected"), "muted", c.expected, True),
                (_("agents"), "muted", c.agents, True),
            ]
        )
        if c.spark:
            parts += [("   ", "text"), (_("last 2 hours"), "muted")]
        return parts, []

    def paint(self, place: int, line: int, width: int, ground: str, bar: str) -> Strip:
        """Return the line of a queue."""
        if place >= len(self.rows):
            return self.paint_empty(width)
        if line:
            return strip(self.look, width, [])
        state = self.rows[place]
        row, c = state.row, self.columns
        sign, role = SIGNS.get(state.word, (" ", "muted"))
        quiet = not row.waiting and not row.offered
        plain = "muted" if quiet else "text"
        bad = role if state.word in ("nobody", "grows") else ""
        parts: list[Part] = [self.lead(ground, bar), (f"{sign} ", role)]
        parts += cells(
            [
                (safe(row.label), "strong" if ground == "sel" else plain, c.name, False),
                (str(row.waiting), f"{bad.removesuffix('+b')}+b" if bad else plain, c.waiting, True),
                (self.time_of(state), plain, c.oldest, True),
                ("" if state.expected_us is None else duration(state.expected_us), plain, c.expected, True),
                (f"{row.present}/{row.members}", plain, c.agents, True),
            ]
        )[1:]
        if c.spark:
            bars = sparkline(state.waited, c.spark, self._highest())
            parts += cells([(bars, "accent" if ground == "sel" else "muted", c.spark, False)], 3)
        if c.word and state.word:
            parts += [("  ", "text"), (_((WORDS if c.long_words else SHORT)[state.word]), role.removesuffix("+b"))]
        return strip(self.look, width, parts, ground=ground)
