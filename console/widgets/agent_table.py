"""The agents: status and for how long, load, what is in hand, and the last act; a lost line with the grace that is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.i18n import _
from console.moment import age, duration, now
from console.reads_supervise import AgentRow
from console.widgets.desk_table import DeskTable, cells
from console.widgets.header import load
from console.widgets.paint import Part, column, safe, strip, total
from console.widgets.paint import cells as width_of
from console.words import PRESENCE, units

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.strip import Strip

_NAME_MAX, _STATUS_MAX, _WORKS_MIN = 18, 12, 12
_TIME = 8
_JUST_NOW_US = 20_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """How wide each column is; 0 leaves it out."""

    name: int = 0
    status: int = 0
    since: int = 0
    load: int = 0
    works_on: int = 0
    last_act: int = 0
    slots: bool = True


def shared(width: int, name: int, status: int, slots: int, number: int) -> Columns:
    """Return the columns for a width: what matters least goes first.

    Args:
        name, status: the widths that the longest of them want.
        slots: how wide a load with its slots is.
        number: how wide a load is without them.
    """
    tries = (
        Columns(name, status, _TIME, slots, _WORKS_MIN, _TIME),
        Columns(name, status, _TIME, slots, _WORKS_MIN, 0),
        Columns(name, status, _TIME, slots),
        Columns(min(name, 14), status, 0, slots),
        Columns(min(name, 12), min(status, 9), 0, number, slots=False),
    )
    for each in tries:
        fixed = (each.name, each.status, each.since, each.load, each.last_act)
        taken = 1 + sum(2 + part for part in fixed if part) + 1
        works = width - taken - 2 if each.works_on else 0
        if (taken <= width and works >= each.works_on) or each is tries[-1]:
            return Columns(each.name, each.status, each.since, each.load, max(0, works), each.last_act, each.slots)
    raise AssertionError


class AgentTable(DeskTable[AgentRow]):
    """The table of agents; its keys are their ids."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = Columns()

    def key_of(self, row: AgentRow) -> Hashable:
        """Return the agent's id."""
        return row.id

    def empty(self) -> str:
        """Return what is said where there are none."""
        return _("No agents.")

    def widths(self) -> object:
        """Return the columns."""
        return self.columns

    def measure(self) -> None:
        """Share the width among the columns."""
        names = max((width_of(safe(each.label)) for each in self.rows), default=0)
        statuses = max((width_of(_status(each)) for each in self.rows), default=0)
        slots = max((total(load(each.used, each.capacity)) for each in self.rows), default=0)
        numbers = max((len(_number(each)) for each in self.rows), default=0)
        name = min(max(names, 6), _NAME_MAX)
        status = min(max(statuses, width_of(_("status"))), _STATUS_MAX)
        self.columns = shared(self.size.width, name, status, max(slots, 4), max(numbers, 4))

    def time_of(self, row: AgentRow) -> str:
        """Return since when, the grace that is left, and the age of the last act."""
        return "|".join((_since(row), _grace(row), _acted(row)))

    def head(self, role: str) -> tuple[list[Part], list[Part]]:
        """Return the name of the table over its columns."""
        c = self.columns
        title = _("Agents")
        parts: list[Part] = [(" ", "text"), (title, role), (" " * max(0, c.name + 2 - width_of(title)), "text")]
        parts += cells(
            [
                (_("status"), "muted", c.status, False),
                (_("since"), "muted", c.since, True),
                (_("load"), "muted", c.load, False),
                (_("works on"), "muted", c.works_on, False),
                (_("last act"), "muted", c.last_act, True),
            ]
        )
        return parts, []

    def paint(self, place: int, line: int, width: int, ground: str, bar: str) -> Strip:
        """Return the line of an agent."""
        if place >= len(self.rows):
            return self.paint_empty(width)
        row, c = self.rows[place], self.columns
        lost, offline = row.lost_at is not None, row.kind == "offline"
        plain = "warn" if lost else "faint" if offline else "text"
        sign = "◌" if lost else PRESENCE.get(row.kind, "◌")
        here = ground == "sel"
        parts: list[Part] = [self.lead(ground, bar), (f"{sign} ", "warn" if lost else plain)]
        parts += cells(
            [
                (safe(row.label), "strong" if here else "muted" if offline else "text", c.name, False),
                (_status(row), plain, c.status, False),
                (_since(row), plain, c.since, True),
            ]
        )[1:]
        parts += self._load(row, offline)
        if lost:
            works = (_grace_words(row, c.works_on), "warn")
        elif row.case is not None:
            works = (f"#{row.case} {safe(row.subject) or _('(no subject)')}", "text" if here else "muted")
        else:
            works = ("", "muted")
        parts += cells([(*works, c.works_on, False), (_acted(row), "faint" if offline else "muted", c.last_act, True)])
        return strip(self.look, width, parts, ground=ground)

    def _load(self, row: AgentRow, offline: bool) -> list[Part]:
        c = self.columns
        if not c.load:
            return []
        if not c.slots:
            return cells([(_number(row), "faint" if offline else "text", c.load, False)])
        number, *slots = load(row.used, row.capacity)
        found: list[Part] = [("  ", "text"), (number[0], "faint" if offline else "text"), *slots]
        return [*found, (column("", c.load - total([number, *slots])), "text")]


def _status(row: AgentRow) -> str:
    if row.lost_at is not None:
        return _("line lost")
    return safe(row.status).lower() if row.status_id is not None else _("offline")


def _since(row: AgentRow) -> str:
    at = row.since if row.lost_at is None else row.lost_at
    return age(at) if at is not None else ""


def _grace(row: AgentRow) -> str:
    return "" if row.grace_until is None or row.grace_until <= now() else duration(row.grace_until - now())


def _grace_words(row: AgentRow, room: int) -> str:
    left = _grace(row)
    if not left:
        return _("grace is over")
    words = _("{left} of grace left").format(left=left)
    return words if width_of(words) <= room else _("{left} left").format(left=left)


def _acted(row: AgentRow) -> str:
    if row.acted_at is None:
        return ""
    return _("now") if now() - row.acted_at < _JUST_NOW_US else age(row.acted_at)


def _number(row: AgentRow) -> str:
    return f"{units(row.used)}/{units(row.capacity)}"
