"""Rows 1 and 2: the next thing to do, in one place, and the rule below it, which is the countdown.

What it says is decided by `console.next_thing`; this only paints it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.widgets.line import Line, Rule
from console.widgets.paint import Part, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.next_thing import NextThing


class NextLine(Line):
    """The second row of every screen."""

    def __init__(self) -> None:
        super().__init__(id="next", margin=0, ground="surface")

    def show(self, thing: NextThing, *, writing: bool = False) -> None:
        """Paint the next thing to do.

        Args:
            writing: whether a text field has the focus: a key that it takes as text is not shown.
        """
        keys = [pair for pair in thing.keys if not writing or not _is_text(pair[0])]
        ground = {"offer": "offer", "warn": "offer", "alert": "alert"}.get(thing.kind, "surface")
        left: list[Part] = []
        if thing.badge:
            fill = {"warn": "badge-warn", "alert": "badge-danger"}.get(thing.kind, "badge")
            left += [(f" {thing.badge} ", "strong", fill)]
            if thing.more:
                left.append((f" +{thing.more}", "muted"))
            left.append((" ", "text"))
        else:
            left.append((" ", "text"))
            if thing.lead:
                left += [(thing.lead, "accent+b" if thing.kind != "muted" else "muted"), ("  ", "text")]
        left += [(thing.strong, "strong" if thing.kind != "muted" else "muted")] if thing.strong else []
        left += [("  " if thing.strong else "", "text"), (thing.text, "text" if thing.kind != "muted" else "muted")]
        right: list[Part] = []
        if thing.time:
            right.append((thing.time, "warn+b" if thing.kind == "warn" else "strong"))
        for key, word in self._fitting(keys, right):
            right += [*([("   ", "text")] if right else []), (key, "strong"), (f" {word}", "text")]
        right.append((" ", "text"))
        self.put(left, right, ground=ground)

    def _fitting(self, keys: Sequence[tuple[str, str]], right: list[Part]) -> list[tuple[str, str]]:
        """Return the keys that leave at least half of the line to what it is about; the first one always stays."""
        used = total(right)
        found: list[tuple[str, str]] = []
        for key, word in keys:
            used += len(key) + len(word) + 4
            if found and used > self.size.width * 0.45:
                break
            found.append((key, word))
        return found


def _is_text(key: str) -> bool:
    return len(key) == 1 or key == "enter"


class NextRule(Rule):
    """The third row: a rule, or what is left of the time."""

    def __init__(self) -> None:
        super().__init__(id="next-rule")

    def show(self, thing: NextThing) -> None:
        """Paint what is left of the time of the next thing."""
        self.put(thing.fraction, "warn" if thing.kind == "warn" else "accent", thing.rule)
