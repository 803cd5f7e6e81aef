"""A program in a terminal of its own, as its user has it: every byte that it writes is drained by a thread and kept with its moment."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

COLUMNS, ROWS = 120, 36
_PATIENCE_S = 60.0
_GRACE_S = 8.0


class Memory(NamedTuple):
    """What a process holds, in MB: with what it shares, with its part of that, and what is its own alone."""

    rss: float
    pss: float
    own: float


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return what a user's shell gives a program: compiled code is kept, and what a user has set up is the same for all."""
    base = {name: value for name, value in os.environ.items() if not name.startswith(("DESKLINE", "PYTHON", "XDG"))}
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return base | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TEXTUAL_ANIMATIONS": "none",
        "HOME": str(home),
        "PYTHONPATH": str(Path(__file__).parent.parent),
        **more,
    }


class Terminal:
    """A running program and what it has painted.

    Args:
        words: the command.
        environ: its environment.
    """

    def __init__(self, words: Sequence[str], environ: Mapping[str, str]) -> None:
        self._end, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.began = time.monotonic_ns()
        self._process = subprocess.Popen(
            words, stdin=inner, stdout=inner, stderr=inner, start_new_session=True, env=dict(environ)
        )
        os.close(inner)
        self._painted = bytearray()
        self._ends: list[int] = []
        self._times: list[int] = []
        self._more = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        while True:
            try:
                some = os.read(self._end, 1 << 16)
            except OSError:
                some = b""
            at = time.monotonic_ns()
            with self._more:
                if some:
                    self._painted += some
                    self._ends.append(len(self._painted))
                    self._times.append(at)
                else:
                    self._ended = True
                self._more.notify_all()
            if not some:
                return

    # -- what it painted

    @property
    def length(self) -> int:
        """How many bytes were painted until now."""
        return len(self._painted)

    @property
    def text(self) -> str:
        """What was painted, without the control sequences."""
        return re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", self._painted.decode(errors="replace"))

    def first_byte(self, after: int, patience_s: float = _PATIENCE_S) -> int:
        """Return when the first byte behind a length was painted, in monotonic nanoseconds."""
        return self._moment(lambda: after if self.length > after else -1, patience_s)

    def seen(self, words: str, after: int = 0, patience_s: float = _PATIENCE_S) -> int:
        """Return when words were first on the screen, in monotonic nanoseconds; they must stand in one colour.

        Raises:
            TimeoutError: they did not come.
        """
        wanted = words.encode()

        def place() -> int:
            found = self._painted.find(wanted, after)
            return found + len(wanted) - 1 if found >= 0 else -1

        return self._moment(place, patience_s)

    def was_seen(self, words: str) -> int | None:
        """Return when words were first on the screen, or None where they never were."""
        with contextlib.suppress(TimeoutError):
            return self.seen(words, patience_s=0)
        return None

    def _moment(self, place, patience_s: float) -> int:  # type: ignore[no-untyped-def]
        until = time.monotonic() + patience_s
        with self._more:
            while (found := place()) < 0:
                left = until - time.monotonic()
                if left <= 0 or self._ended:
                    raise TimeoutError(f"not seen; the end of what was: {self.text[-2000:]!r}")
                self._more.wait(left)
            return self._times[bisect_left(self._ends, found + 1)]

    def rest(self, quiet_s: float, patience_s: float = _PATIENCE_S) -> None:
        """Return when nothing was painted for some time."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            before = self.length
            time.sleep(quiet_s)
            if self.length == before:
                return

    # -- doing

    def press(self, keys: str) -> int:
        """Type keys; return when, in monotonic nanoseconds."""
        at = time.monotonic_ns()
        os.write(self._end, keys.encode())
        return at

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    # -- what it costs

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def cpu_ms(self) -> float:
        """Return the CPU time of the program until now, all threads that are still there, in milliseconds."""
        spent = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(OSError):
                spent += int((task / "schedstat").read_text().split()[0])
        return spent / 1e6

    def ticks_ms(self) -> float:
        """Return user and system time of the program until now, in milliseconds: threads that have ended are in it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def memory(self) -> Memory:
        """Return what it holds now."""
        held = {
            name: int(kb) / 1024
            for name, kb in re.findall(r"(\w+):\s+(\d+) kB", Path(f"/proc/{self.pid}/smaps_rollup").read_text())
        }
        return Memory(held["Rss"], held["Pss"], held["Private_Clean"] + held["Private_Dirty"])

    def close(self) -> None:
        """End the program, by asking first."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._thread.join(2)
        with contextlib.suppress(OSError):
            os.close(self._end)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def deskline(*words: str) -> list[str]:
    """Return the command line of our own program."""
    return [str(Path(sys.executable).with_name("deskline")), *words]
