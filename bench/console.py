"""The console in a terminal of its own, beside a bare Textual application with the same widgets in the same run.

CPU time where the clock on the wall would measure the machine's other work; every figure is of a real process in a real terminal.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench.bare_app import FIRST_WORDS
from bench.console_live import live
from bench.desks import AGENT, LONG, SHORT, desk_of, engine, two_cases
from bench.table import Row, compare, judged
from bench.terminal import Memory, Terminal, deskline, environment

FIRST_PAINT, KEY, CASE = 1.3, 3.0, 1.5
MEMORY, MEMORY_MORE_MB = 1.3, 20.0
IDLE_MORE = 0.001
"""Of a core, more than the bare application."""
SETTLE_S, IDLE_S = 10.0, 30.0
KEYS = 40
SLOW_ROUNDS = 3
"""Rows that take a minute a round have at most so many."""


def console(folder: Path, rounds: int) -> list[Row]:
    """Every promise of the console."""
    return [*still(folder, rounds), *moving(folder, rounds), *live(folder, rounds)]


def still(folder: Path, rounds: int) -> list[Row]:
    """Until the first paint, and when nothing happens."""
    environ = environment(folder)
    path = folder / "still.db"
    desk_of(path, 1000)
    with engine(path, environ):
        return [*_first_paint(path, environ, rounds), *_idle(path, environ, min(rounds, SLOW_ROUNDS))]


def moving(folder: Path, rounds: int) -> list[Row]:
    """Keys in the lists, on a small desk and on a big one, and opening a case."""
    environ = environment(folder)
    rows: list[Row] = []
    for count in (100, 100_000):
        path = folder / f"keys{count}.db"
        desk_of(path, count)
        with engine(path, environ):
            rows += _keys(path, environ, count, min(rounds, SLOW_ROUNDS))
    return [*rows, _opening(folder, environ, rounds)]


def _ours(path: Path, environ: Mapping[str, str]) -> Terminal:
    return Terminal(deskline("console", "--desk", str(path), "--as", AGENT), environ)


def _bare(environ: Mapping[str, str], what: str = "work") -> Terminal:
    return Terminal([sys.executable, "-c", "from bench.bare_app import main; main()", what], environ)


# -- until the first paint


class _Start(NamedTuple):
    wall_ms: float
    cpu_ms: float


def _started(terminal: Terminal, words: str) -> _Start:
    with terminal:
        painted = terminal.seen(words)
        return _Start((painted - terminal.began) / 1e6, terminal.cpu_ms())


def _first_paint(path: Path, environ: Mapping[str, str], rounds: int) -> list[Row]:
    """Each round is the least of three starts, in turn: whatever disturbs one adds to it."""
    mine: list[_Start] = []
    theirs: list[_Start] = []
    for turn in range(rounds + 1):
        starts = [
            (_started(_ours(path, environ), "Opening the desk"), _started(_bare(environ), FIRST_WORDS))
            for _ in range(3 if turn else 1)
        ]
        if turn:  # the first is for the compiled code
            mine.append(_Start(*(min(each[0][i] for each in starts) for i in range(2))))
            theirs.append(_Start(*(min(each[1][i] for each in starts) for i in range(2))))
    return [
        judged(
            f"console, exec to first paint, {what}",
            [each[i] for each in mine],
            [each[i] for each in theirs],
            unit="ms",
            at_most=FIRST_PAINT,
            peer_name="a bare Textual app with the same widgets",
        )
        for i, what in enumerate(("wall", "CPU"))
    ]


# -- at rest


class _Rest(NamedTuple):
    memory: Memory
    cpu_ms: float


def _rested(path: Path, environ: Mapping[str, str]) -> tuple[_Rest, _Rest]:
    with _ours(path, environ) as ours, _bare(environ) as bare:
        ours.seen("Own case")
        bare.seen(FIRST_WORDS)
        time.sleep(SETTLE_S)
        held = (ours.memory(), bare.memory())
        before = (ours.cpu_ms(), bare.cpu_ms())
        time.sleep(IDLE_S)
        return (
            _Rest(held[0], ours.cpu_ms() - before[0]),
            _Rest(held[1], bare.cpu_ms() - before[1]),
        )


def _idle(path: Path, environ: Mapping[str, str], rounds: int) -> list[Row]:
    pairs = [_rested(path, environ) for _ in range(rounds)]
    rows = [
        judged(
            f"console, {what} after {SETTLE_S:.0f} s, 1,000 cases",
            [ours.memory[i] for ours, _ in pairs],
            [MEMORY * bare.memory[i] + MEMORY_MORE_MB for _, bare in pairs],
            unit="MB",
            at_most=1.0,
            peer_name=f"{MEMORY:g} times a bare app's, and {MEMORY_MORE_MB:.0f} MB",
        )
        for i, what in enumerate(("RSS", "PSS", "private memory"))
    ]
    return [
        *rows,
        judged(
            f"console, CPU idle for {IDLE_S:.0f} s",
            [ours.cpu_ms for ours, _ in pairs],
            [bare.cpu_ms + IDLE_S * 1000 * IDLE_MORE for _, bare in pairs],
            unit="ms",
            at_most=1.0,
            peer_name=f"a bare app's, and {IDLE_MORE:.1%} of a core",
        ),
    ]


# -- keys


def _p95(terminal: Terminal) -> float:
    """Press j again and again, each time when all is quiet; return the time to the first byte, the 95th percentile, in ms."""
    taken = []
    for _ in range(KEYS):
        terminal.rest(0.15)
        before = terminal.length
        pressed = terminal.press("j")
        taken.append((terminal.first_byte(before) - pressed) / 1e6)
    return statistics.quantiles(taken, n=20, method="inclusive")[-1]


def _keys(path: Path, environ: Mapping[str, str], count: int, rounds: int) -> list[Row]:
    rows = []
    for screen in ("work", "cases"):
        mine: list[float] = []
        theirs: list[float] = []
        for _ in range(rounds):
            with _ours(path, environ) as ours, _bare(environ, screen) as bare:
                bare.seen(FIRST_WORDS)
                ours.seen("Own case")
                ours.rest(1)
                if screen == "cases":
                    ours.press("2")
                    ours.seen("subject")
                    ours.rest(1)
                theirs.append(_p95(bare))
                mine.append(_p95(ours))
        rows.append(
            judged(
                f"console, key to paint p95, {screen} list, {count:,} cases",
                mine,
                theirs,
                unit="ms",
                at_most=KEY,
                peer_name="a plain list in a bare app",
            )
        )
    return rows


# -- opening a case


def _opening(folder: Path, environ: Mapping[str, str], rounds: int) -> Row:
    path = folder / "two.db"
    short, long = two_cases(path)
    with engine(path, environ), _ours(path, environ) as terminal:
        terminal.seen(short)
        terminal.rest(1)

        def opened(key: str, last_words: str) -> float:
            """Move to the other case, and open it before the cursor has rested there."""
            moved = terminal.length
            terminal.press(key)
            terminal.first_byte(moved)
            before = terminal.length
            pressed = terminal.press("\r")
            painted = terminal.seen(last_words, before)
            terminal.rest(0.3)
            terminal.press("\x1b")  # back to the list
            terminal.rest(0.3)
            return (painted - pressed) / 1e6

        def of_long() -> float:
            """Return the least of three, here and below: whatever disturbs one adds to it."""
            taken = []
            for _ in range(3):
                opened("k", short)
                taken.append(opened("j", long))
            return min(taken)

        def of_short() -> float:
            taken = []
            for _ in range(3):
                taken.append(opened("k", short))
                opened("j", long)
            return min(taken)

        opened("j", long)
        return compare(
            f"console, opening a case of {LONG} messages",
            of_long,
            of_short,
            rounds=rounds,
            unit="ms",
            at_most=CASE,
            peer_name=f"a case of {SHORT}",
        )
