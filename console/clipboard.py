"""Copying to the clipboard of the terminal: it is asked, and never says whether it did.

Inside tmux the bare request (OSC 52) is dropped as tmux is set up by default; `tmux load-buffer -w` hands it on to the terminal outside.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from typing import TYPE_CHECKING

from console.i18n import _

if TYPE_CHECKING:
    from console.app import DeskApp

MOST_ENCODED = 74_994
"""How many bytes of a request terminals take; xterm drops a longer one whole."""
_MOST_PLAIN = MOST_ENCODED // 4 * 3
_PATIENCE_S = 2.0


def copy(app: DeskApp, text: str) -> str:
    """Send a text to the clipboard of the terminal, and return the word for row 1: what became of it nobody can know."""
    fitting = fit(text)
    if os.environ.get("TMUX"):
        app.run_worker(_over_tmux(app, fitting), group="clipboard", exit_on_error=False)
    else:
        _write(app, osc52(fitting))
    return _("sent to the terminal") if fitting == text else _("the first part sent to the terminal")


def fit(text: str) -> str:
    """Return as much of a text as one request takes, cut between characters."""
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= _MOST_PLAIN else raw[:_MOST_PLAIN].decode("utf-8", "ignore")


def osc52(text: str) -> str:
    """Return the control sequence that asks the terminal to put a text into its clipboard."""
    return f"\x1b]52;c;{base64.b64encode(text.encode('utf-8', 'replace')).decode('ascii')}\x07"


async def _over_tmux(app: DeskApp, text: str) -> None:
    """Give the text to tmux, which passes it on; a tmux that does not know how gets the request of other terminals."""
    if not await handed_to_tmux(text):
        _write(app, osc52(text))


async def handed_to_tmux(text: str) -> bool:
    """Put a text into tmux's buffer and through it into the clipboard outside; say whether tmux took it."""
    process = None
    try:
        process = await asyncio.create_subprocess_exec(
            *("tmux", "load-buffer", "-w", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await asyncio.wait_for(process.communicate(text.encode("utf-8", "replace")), _PATIENCE_S)
    except (OSError, TimeoutError):
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        return False
    return process.returncode == 0


def _write(app: DeskApp, sequence: str) -> None:
    driver = app._driver  # Textual's own way to the clipboard has no limit
    if driver is not None and not app.is_headless:
        driver.write(sequence)
        driver.flush()
