"""Real terminals for the console: tmux, where a person would look, and a bare pty that keeps every byte the program writes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.services import until
from tests.services.common import unavailable

PATIENCE = float(os.environ.get("PATIENCE", "60"))
"""In seconds, only to give up: a busy machine is no failure."""
Size = tuple[int, int]


def needs_tmux() -> None:
    """Skip where tmux is missing; in CI fail."""
    if shutil.which("tmux") is None:
        unavailable("tmux is not installed: sh tests/packages.sh")


def _of_this_terminal(env: Mapping[str, str], **more: str) -> dict[str, str]:
    """Return an environment without another terminal's size, which a program would believe before its own terminal."""
    return {key: value for key, value in env.items() if key not in ("COLUMNS", "LINES", "TMUX", "TMUX_PANE")} | more


class Tmux:
    """One program in a tmux of its own, looked at as text."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._folder = tempfile.mkdtemp(prefix="tmux-")
        self._env = _of_this_terminal(env, TERM="xterm-256color")

    def start(self, size: Size, command: Sequence[str]) -> Tmux:
        """Run a command in a terminal of a size; its exit code is kept for `code`."""
        config = Path(self._folder, "tmux.conf")
        config.write_text(
            "set -g status off\nset -g remain-on-exit on\nset -g default-terminal tmux-256color\n"
            "set -s escape-time 0\nset -g focus-events on\n"
        )
        # the program begins once what it writes is recorded
        go = shlex.quote(f"{self._folder}/go")
        folder = shlex.quote(self._folder)
        run = f"sh -c 'echo $$ > {folder}/pid; exec \"$@\"' sh " + " ".join(map(shlex.quote, command))
        words = f"while [ ! -e {go} ]; do sleep 0.02; done; {run}; echo $? > {folder}/code"
        width, height = map(str, size)
        self._tmux("-f", str(config), "new-session", "-d", "-s", "it", "-x", width, "-y", height, words)
        self._tmux("pipe-pane", "-O", "-t", "it", f"exec cat >> {shlex.quote(self._folder)}/written")
        until(Path(self._folder, "written").exists, "the recording begins", PATIENCE)
        Path(self._folder, "go").touch()
        return self

    def _tmux(self, *argv: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", f"{self._folder}/socket", *argv], env=self._env, capture_output=True, timeout=PATIENCE
        )
        assert done.returncode == 0, (argv, done.stderr.decode())
        return done.stdout.decode()

    def type(self, text: str) -> None:
        """Type a text as it is."""
        self._tmux("send-keys", "-t", "it", "-l", "--", text)

    def paste(self, text: str) -> None:
        """Paste a text, in brackets where the program asked for that."""
        path = Path(self._folder, "pasted")
        path.write_text(text)
        self._tmux("load-buffer", str(path))
        self._tmux("paste-buffer", "-p", "-r", "-t", "it")

    def written(self) -> bytes:
        """Every byte that the program wrote."""
        return Path(self._folder, "written").read_bytes()

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: `Escape`, `F2`, `C-s`, `Tab`."""
        self._tmux("send-keys", "-t", "it", *keys)

    def screen(self) -> str:
        """What the terminal shows, a row each."""
        return self._tmux("capture-pane", "-p", "-t", "it")

    def rows(self) -> list[str]:
        return self.screen().split("\n")

    def until(self, wanted: str | Callable[[str], Any], seconds: float = PATIENCE) -> str:
        """Wait until the screen holds a text, or something is true of it; return the screen."""
        true = (lambda shown: wanted in shown) if isinstance(wanted, str) else wanted
        seen = ""

        def look() -> bool:
            nonlocal seen
            seen = self.screen()
            return bool(true(seen))

        try:
            until(look, repr(wanted), seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{seen}") from None
        return seen

    def resize(self, size: Size) -> None:
        self._tmux("resize-window", "-t", "it", "-x", str(size[0]), "-y", str(size[1]))

    def modes(self) -> str:
        """Which modes the program left on in the terminal: alternate screen, mouse, cursor."""
        return self._tmux("display-message", "-p", "-t", "it", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}").strip()

    @property
    def pid(self) -> int:
        """The process that runs in the terminal."""
        return int(Path(self._folder, "pid").read_text())

    def code(self) -> int:
        """Wait for the end of the program and return its exit code."""

        path = Path(self._folder, "code")  # tmux forgets the code of a pane now and then
        try:
            return int(until(lambda: path.exists() and path.read_text().strip(), "the program ends", PATIENCE))
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.screen()}") from None

    def close(self) -> None:
        with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
            self._tmux("kill-server")
        shutil.rmtree(self._folder, ignore_errors=True)


class Recorder:
    """One program in a bare terminal that answers nothing and keeps every byte."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = _of_this_terminal(env, TERM="xterm-256color", COLORTERM="truecolor")
        self._lock = threading.Lock()
        self._bytes = bytearray()
        self._hung_up = threading.Event()

    def start(self, size: Size, command: Sequence[str]) -> Recorder:
        """Run a command in a terminal of a size, which is its controlling terminal."""
        self._master, slave = pty.openpty()
        self.resize(size)
        self.before = termios.tcgetattr(slave)
        self._slave = slave  # held open, so that what the program wrote last is read, and its settings are seen
        self._process = subprocess.Popen(
            ["setsid", "--ctty", *command], stdin=slave, stdout=slave, stderr=slave, env=self._env
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while not self._hung_up.is_set():
                if select.select([self._master], [], [], 0.05)[0]:
                    found = os.read(self._master, 65536)
                    with self._lock:
                        self._bytes += found

    def written(self, since: int = 0) -> bytes:
        """Every byte that was written, or what came after so many."""
        with self._lock:
            return bytes(self._bytes[since:])

    def mark(self) -> int:
        with self._lock:
            return len(self._bytes)

    def until(self, wanted: str, since: int = 0, seconds: float = PATIENCE) -> bytes:
        """Wait until a text was written, whatever sequences stand between its letters."""
        try:
            until(lambda: wanted in plain(self.written(since)), repr(wanted), seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{plain(self.written(since))[-6000:]}") from None
        return self.written(since)

    def type(self, text: str) -> None:
        self.send(text.encode())

    def send(self, raw: bytes) -> None:
        """Send bytes as a keyboard would, however long the program takes to read them."""
        view = memoryview(raw)
        while view:
            view = view[os.write(self._master, view[:4096]) :]

    def paste(self, raw: bytes) -> None:
        """Paste as a terminal with bracketed paste does."""
        self.send(b"\x1b[200~" + raw + b"\x1b[201~")

    def resize(self, size: Size) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def settings(self) -> list[Any]:
        """The terminal's settings as the program has left them."""
        return termios.tcgetattr(self._slave)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        os.kill(self._process.pid, number)

    def code(self) -> int:
        """Wait for the end of the program and return its exit code; minus the signal that ended it."""
        return self._process.wait(PATIENCE)

    def hang_up(self) -> None:
        """Cut the line, as a lost connection does."""
        self._hung_up.set()
        self._reader.join()
        for each in (self._slave, self._master):
            if each >= 0:
                os.close(each)
        self._slave = self._master = -1

    def close(self) -> None:
        if self.is_alive:
            self._process.kill()
            self._process.wait(PATIENCE)
        self.hang_up()


_SEQUENCES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC and other strings
    rb"|\x1b[ -/]*[0-~]"
)


def sequences(raw: bytes) -> list[bytes]:
    """Return every control sequence of an output."""
    return _SEQUENCES.findall(raw)


def plain(raw: bytes) -> str:
    """Return an output without its control sequences."""
    return _SEQUENCES.sub(b"", raw).decode("utf-8", "replace")
