"""The user's own editor, for what is being written: the console steps aside while it runs and takes over what it leaves."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import tempfile
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from console.i18n import _

if TYPE_CHECKING:
    from console.app import DeskApp


def edited(app: DeskApp, text: str) -> tuple[str | None, str]:
    """Open a text in $VISUAL or $EDITOR and return what it became, with what went wrong in words.

    The text is None where the editor failed or could not start; what was written before is kept then.
    """
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    descriptor, path = tempfile.mkstemp(prefix="deskline-", suffix=".md")
    try:
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        try:
            with app.suspend():
                code = subprocess.call([*command, path])  # noqa: S603 - the user's own choice, on the user's own account
        except SuspendNotSupported:
            return None, _("An editor cannot be opened in this terminal.")
        except OSError as error:
            return None, _("{command} could not be started: {why}").format(command=command[0], why=error.strerror)
        if code:
            return None, _("{command} ended with an error; your text is as it was.").format(command=command[0])
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().rstrip("\n"), ""
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)
