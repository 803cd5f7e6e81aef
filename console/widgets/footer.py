"""The last row: the few keys for what one does here, commonest first; commands and help always at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import _
from console.keys import COMMANDS
from console.widgets.line import Line
from console.widgets.paint import Part, total

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 8


class Footer(Line):
    """The keys that work where the focus is."""

    def __init__(self) -> None:
        super().__init__(id="footer", margin=1)

    def show(self, names: Sequence[str | tuple[str, str]], *, writing: bool) -> None:
        """Show commands with their keys; those that do not fit are dropped from the end.

        Args:
            names: names of commands, or pairs of a name and the word to show for it here.
            writing: whether a text field has the focus, where letters are text.
        """
        keys = self.desk_app.keys
        right: list[Part] = []
        for name in ("desk.palette", "desk.help"):
            right += [
                *([("   ", "text")] if right else []),
                (keys.shown(name, writing=writing), "strong"),
                (f" {_(COMMANDS[name].label)}", "muted"),
            ]
        room = self.size.width - 2 - total(right) - 3
        left: list[Part] = []
        for each in names[:_MOST]:
            name, label = each if isinstance(each, tuple) else (each, _(COMMANDS[each].label))
            key = keys.shown(name, writing=writing)
            if not key:
                continue
            parts: list[Part] = [*([("   ", "text")] if left else []), (key, "strong"), (f" {label}", "muted")]
            if total(left) + total(parts) > room:
                break
            left += parts
        self.put(left, right)
