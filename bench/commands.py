"""What a command costs from start to end, beside Python's own start and beside a bare typer command."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bench.table import Row, compare
from tests.builders import Story

_BARE_TYPER = """
import typer, sqlalchemy
app = typer.Typer()
@app.command()
def main(): print("hello")
app()
"""


def _timed(words: list[str], times: int = 5) -> float:
    began = time.perf_counter()
    for _ in range(times):
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - began) / times * 1e3


def commands(folder: Path, rounds: int) -> list[Row]:
    """A hot read beside `python -c pass`, another read beside a bare typer command that imports SQLAlchemy."""
    story = Story(folder / "commands.db")
    story.present("maya", "tom")
    for i in range(200):
        story.customer_writes(f"Case {i}", f"customer{i}@example.test")
    story.desk.close()
    deskline = str(Path(sys.executable).with_name("deskline"))
    bare = folder / "bare.py"
    bare.write_text(_BARE_TYPER)
    where = ["--desk", str(folder / "commands.db")]
    return [
        compare(
            "deskline case list",
            lambda: _timed([deskline, "case", "list", *where]),
            lambda: _timed([sys.executable, "-c", "pass"]),
            rounds=rounds,
            unit="ms",
            at_most=2.5,
            peer_name="python -c pass",
        ),
        compare(
            "deskline presence show --agent maya",
            lambda: _timed([deskline, "presence", "show", "--agent", "maya", *where]),
            lambda: _timed([sys.executable, str(bare)]),
            rounds=rounds,
            unit="ms",
            at_most=1.3,
            peer_name="a bare typer command with SQLAlchemy",
        ),
    ]
