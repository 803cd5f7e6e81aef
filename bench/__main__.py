"""`python -m bench [--rounds N] [NAME ...]`: measures everything, or what is named, and prints one table."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.calendars import sums
from bench.commands import commands
from bench.conditions import decisions
from bench.console import console
from bench.mail import mails
from bench.spine import batches, one_action
from bench.table import Row, printed
from bench.templates import letters
from bench.wake import wakes

BENCHES: dict[str, Callable[[Path, int], Row | Sequence[Row]]] = {
    "batches": batches,
    "action": one_action,
    "calendars": sums,
    "mail": mails,
    "wake": wakes,
    "conditions": decisions,
    "templates": letters,
    "commands": commands,
    "console": console,
}


def main() -> int:
    """Run the benchmarks; 1 when a promise was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir="."))
    rows: list[Row] = []
    try:
        for name in given.names or BENCHES:
            found = BENCHES[name](folder, given.rounds)
            rows += [found] if isinstance(found, Row) else found
    finally:
        shutil.rmtree(folder)
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {given.rounds} rounds"
    )
    print(printed(rows))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
