"""Row 0: the screens with their digits, and at the right who I am to the router: waiting work, status, load, time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from console.i18n import _, ngettext
from console.keys import SCREENS, SUPERVISE
from console.widgets.line import Line
from console.widgets.paint import Part, total
from console.words import PRESENCE, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from console.reads_screens import Me

_SLOTS = 8


def load(used: int, capacity: int) -> list[Part]:
    """Return used and total capacity, in thousandths of a unit: the number first, then slots."""
    parts: list[Part] = [(f"{units(used)}/{units(capacity)}", "text")]
    slots, taken = -(-capacity // 1000), round(used / 1000)
    if 0 < slots <= _SLOTS:
        taken = min(slots, taken)
        parts += [(" ", "text"), ("▮" * taken, "text"), ("▯" * (slots - taken), "faint")]
    return parts


def presence(me: Me, *, away: bool) -> list[Part]:
    """Return an agent's status, sign and word."""
    if away:
        return [("◌ ", "danger"), (_("Not connected"), "danger+b")]
    if not me.connected:
        return [("◌ ", "warn"), (_("{status}, line lost").format(status=me.label), "warn")]
    return [(f"{PRESENCE.get(me.kind, '◌')} ", "strong" if me.kind == "available" else "muted"), (me.label, "strong")]


class Header(Line):
    """The first row of every screen."""

    def __init__(self) -> None:
        super().__init__(id="header", margin=1)

    def show(self, screen: str, me: Me | None, *, away: bool) -> None:
        """Show where we are and who I am.

        Args:
            screen: the current screen's name.
            away: whether the desk cannot be reached.
        """
        width = self.size.width
        left: list[Part] = []
        if width >= 140 and me is not None and me.desk:
            left += [(me.desk, "muted"), ("   ", "text")]
        if width < 100:
            left += [(_(SCREENS[screen][1]), "accent+b"), (" ▾", "muted")]
        else:
            for name, (digit, label) in SCREENS.items():
                if name == SUPERVISE and (me is None or not me.supervises):
                    continue
                current = name == screen
                left += [(f"{digit} ", "muted"), (_(label), "accent+b+u" if current else "text"), ("  ", "text")]
        room = width - 2 - total(left) - 1
        self.put(left, next((right for right in _rights(me, away=away) if total(right) <= room), []))


def _rights(me: Me | None, *, away: bool) -> Iterator[list[Part]]:
    """Yield what may stand at the right, the fullest first: the line goes first, then slots, load and time."""
    clock: list[Part] = [(time.strftime("%H:%M"), "muted")]
    if me is None:
        yield clock
        return
    blank: Part = ("   ", "text")
    waiting: Part = (ngettext("{n} waiting", "{n} waiting", me.waiting).format(n=me.waiting), "muted")
    status, used = presence(me, away=away), load(me.used, me.capacity)
    if not away:
        yield [waiting, blank, *status, blank, *used, blank, *clock]
    yield [*status, blank, *used, blank, *clock]
    yield [*status, blank, used[0], blank, *clock]
    yield [*status, blank, *clock]
    yield status
