"""Runs a deskline command that ends when the process that started it does, however that one ended.

`python -m console.demo.leash engine run --desk PATH` has a pipe as its standard input: where the other end is
gone, so is its owner.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence

_PATIENCE_S = 10


def watch(ended: Callable[[], None], line: Callable[[], None] = lambda: None) -> None:
    """Call `ended` from a thread of its own when standard input ends, and `line` whenever something comes in on it."""

    def read() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                line()
        ended()

    threading.Thread(target=read, name="leash", daemon=True).start()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE_S)
    os._exit(1)


def main(argv: Sequence[str]) -> int:
    """Run a command line on the leash and return its exit code."""
    watch(_end)
    from console.main import main as run

    return run(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
