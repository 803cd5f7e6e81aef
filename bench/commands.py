"""What a command costs from start to end, beside Python's own start and beside a bare typer command: CPU time of the process, which a
busy machine stretches less than the clock on the wall."""

from __future__ import annotations

import resource
import subprocess
import sys
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


def _spent(words: list[str], times: int = 5, code: int = 0) -> float:
    """Return the CPU time of a process, in milliseconds: the least of several, since whatever disturbs one adds to it."""
    spent = []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == code, words
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent) * 1e3


def commands(folder: Path, rounds: int) -> list[Row]:
    """A hot read beside `python -c pass`, found or not; what takes the full path beside a bare typer command that imports SQLAlchemy."""
    story = Story(folder / "commands.db")
    story.present("maya", "tom")
    for i in range(200):
        story.customer_writes(f"Case {i}", f"customer{i}@example.test")
    story.desk.close()
    deskline = str(Path(sys.executable).with_name("deskline"))
    bare = folder / "bare.py"
    bare.write_text(_BARE_TYPER)

    def row(line: str, peer: list[str], peer_name: str, at_most: float, code: int = 0) -> Row:
        return compare(
            f"deskline {line}",
            lambda: _spent([deskline, *line.split(), "--desk", str(folder / "commands.db")], code=code),
            lambda: _spent(peer),
            rounds=rounds,
            unit="ms",
            at_most=at_most,
            peer_name=peer_name,
        )

    python = ([sys.executable, "-c", "pass"], "python -c pass")
    typer = ([sys.executable, str(bare)], "a bare typer command with SQLAlchemy")
    return [
        row("case list", *python, at_most=2.5),
        row("case list --owner nobody", *python, at_most=2.5, code=3),
        row("presence show --agent maya", *typer, at_most=1.3),
        row("export", *typer, at_most=1.3),
    ]
