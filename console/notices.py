"""Telling somebody who looks elsewhere: the bell always, a notice of the desktop only while the terminal has not the focus.

tmux passes neither OSC 9 nor OSC 777 on unless they are wrapped, and then only with `allow-passthrough on`; the bell always gets through.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from console.i18n import _
from console.widgets.paint import cut, safe

if TYPE_CHECKING:
    from console.app import DeskApp
    from console.reads_screens import WorkRow

_LONGEST = 120
_UNSAFE = str.maketrans(dict.fromkeys(";\\\x07\x1b\x9c", " "))


def notice(text: str, *, tmux: bool) -> str:
    """Return the control sequence that shows a text as a notice of the desktop (OSC 9), wrapped for tmux where it runs."""
    plain = f"\x1b]9;{text.translate(_UNSAFE)}\x07"
    return "\x1bPtmux;" + plain.replace("\x1b", "\x1b\x1b") + "\x1b\\" if tmux else plain


class Notices:
    """The bell and the desktop's notices of one console."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app
        self.looked_at = True
        """Whether the terminal has the focus, as far as it says so."""

    def offered(self, row: WorkRow) -> None:
        """Tell of new work."""
        self._app.bell()
        if not self.looked_at:
            text = _("New {channel}: {name}, {subject}").format(
                channel=safe(row.channel.lower()), name=safe(row.who), subject=safe(row.subject)
            )
            self._write(notice(cut(text, _LONGEST), tmux=bool(os.environ.get("TMUX"))))

    def _write(self, sequence: str) -> None:
        driver = self._app._driver  # Textual has no public way to write a sequence of one's own
        if driver is not None and not self._app.is_headless:
            driver.write(sequence)
            driver.flush()
