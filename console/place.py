"""Where a desk is: what the command line says, else DESKLINE_DESK, else the user's data folder.

On Linux the folder is found without platformdirs, whose import would cost more than the read; a test compares the two.
"""

from __future__ import annotations

import os
import sys


def default_desk() -> str:
    """Return where a user's own desk lies."""
    if sys.platform == "linux":
        base = os.environ.get("XDG_DATA_HOME", "").strip() or os.path.expanduser("~/.local/share")
        return f"{base}/deskline/desk.db"
    import platformdirs

    return str(platformdirs.user_data_path("deskline", appauthor=False) / "desk.db")


def desk_place(given: str | None) -> str:
    """Return the path or URL of the desk that a command is about."""
    return given or os.environ.get("DESKLINE_DESK") or default_desk()
