"""The entry point of `deskline`: hands plain reads to the thin path, the console to its launch, all else to the command tree.

Imports nothing but `sys` at first: what a read costs is mostly what it imports.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

HOT = ("case", "work", "queue", "agent", "action", "badge")
SCREENS = ("console", "supervise")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in HOT:
        from console import fast

        code = fast.answer(words)
        if code is not None:
            return code
    if not words and sys.stdin.isatty() and sys.stdout.isatty():
        import os

        if "_DESKLINE_COMPLETE" not in os.environ:  # a shell asks for its script of completions
            words = ["console"]
    if words and words[0] in SCREENS:
        from console import launch

        code = launch.plainly(words)
        if code is not None:
            return code
    from console.commands.tree import run

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
