"""What a hint is, where the sockets of a desk are, and the sending side. Imports no event loop: every command sends hints.

A hint is one datagram: a sign and a 64-bit mask of topics.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import struct
import tempfile
import time
from pathlib import Path

_LONGEST_SOCKET_PATH = 100
_TRIES = 5
_PAUSE_S = 0.001
HINT = struct.Struct("<cQ")


def folder_of(database: Path) -> Path:
    """Return the folder of a desk's sockets: beside the database, or in the user's runtime folder where that path is too long.

    Without a runtime folder it is in the temporary one, where another account may take the name first.
    """
    beside = database.with_name(f"{database.name}-wake")
    if len(os.fsencode(beside)) + 24 <= _LONGEST_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(database)).hexdigest()[:16]
    name = f"deskline-{os.getuid()}-{digest}"
    runtime = _runtime_folder()
    if runtime is not None and len(os.fsencode(runtime / name)) + 24 <= _LONGEST_SOCKET_PATH:
        return runtime / name
    return Path(tempfile.gettempdir()) / name


def _runtime_folder() -> Path | None:
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if not os.path.isabs(folder):
        return None
    try:
        info = os.lstat(folder)
    except (OSError, ValueError):
        return None
    private = stat.S_ISDIR(info.st_mode) and info.st_uid == os.getuid() and stat.S_IMODE(info.st_mode) == 0o700
    return Path(folder) if private else None


class Poker:
    """The sending side: tells the hub after a commit which topics changed. Waits five milliseconds at most, and never fails."""

    def __init__(self, database: Path) -> None:
        self._address = str(folder_of(database) / "hub.sock")
        self._socket: socket.socket | None = None

    def poke(self, topics: int) -> None:
        """Send a hint to the hub, if there is one."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
        for _ in range(_TRIES):
            try:
                self._socket.sendto(HINT.pack(b"!", topics), self._address)
            except BlockingIOError:
                time.sleep(_PAUSE_S)  # ten hints fill a hub's queue, and it empties it at once
            except OSError:
                return
            else:
                return

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
