"""Real engine processes: started, told to stop, stopped, continued and killed. Whoever waits for one sees its log in the failure."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.engine import lease
from core.errors import LeaseLost, Unavailable
from data.actor import ENGINE
from data.desk import Desk
from tests.services import DEADLINE, until

ROOT = Path(__file__).resolve().parents[2]
GIVE_UP = 3 * DEADLINE  # seconds; a busy machine is no failure


class EngineProgram:
    """One run of `engine_program`."""

    def __init__(self, desk: Path | str, folder: Path, name: str, *options: str, lease_s: float = 1.0) -> None:
        self.name = name
        self._said, self._log = folder / f"{name}.said", folder / f"{name}.log"
        command = [
            sys.executable,
            "-m",
            "tests.faults.engine_program",
            str(desk),
            f"--name={name}",
            f"--lease={lease_s}",
        ]
        with self._said.open("ab") as said, self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *options],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def said(self) -> list[str]:
        return self._said.read_text().splitlines()

    def log(self) -> str:
        return f"-- {self.name} (process {self.pid})\n" + "".join(
            f"{path.suffix[1:]}: {line}\n"
            for path in (self._said, self._log)
            for line in path.read_text().splitlines()[-60:]
        )

    def wrote(self) -> list[int]:
        """The journal rows that it says it committed."""
        return [int(each) for line in self.said() if line.startswith("wrote ") for each in line.split()[1:]]

    def acts(self) -> bool:
        told = [line for line in self.said() if line == "acting" or line.startswith("standing by")]
        return bool(told) and told[-1] == "acting"

    def stands_by(self) -> bool:
        told = [line for line in self.said() if line == "acting" or line.startswith("standing by")]
        return bool(told) and told[-1] != "acting"

    def wait(self, true: Callable[[], Any], what: str) -> Any:
        """Wait for something that this engine is to bring about."""

        def true_or_dead() -> Any:
            found = true()
            if not found and self._process.poll() is not None:
                raise AssertionError(f"{what}: the engine ended with {self._process.returncode}\n{self.log()}")
            return found

        try:
            return until(true_or_dead, what, GIVE_UP)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def wait_acting(self) -> None:
        self.wait(self.acts, f"{self.name} acts")

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def stop(self, desk: Path | str) -> None:
        """Stop it where it holds no lock: that it may be stopped inside a transaction is another story."""
        with Desk.open(desk, name="a look", patience=0.3) as looking:
            for _ in range(100):
                self.send(signal.SIGSTOP)
                try:
                    looking.run(ENGINE, lease.check, -1)
                except LeaseLost:
                    return  # what nobody has is refused as soon as the row can be read
                except Unavailable:
                    self.send(signal.SIGCONT)
        raise AssertionError(f"it is always inside a transaction\n{self.log()}")

    def kill(self) -> None:
        """End it at once, wherever it is, also when it is stopped."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(GIVE_UP)

    def terminate(self) -> int:
        """Tell it to stop, and return its exit code."""
        self._process.terminate()
        return self.wait_ended()

    def wait_ended(self) -> int:
        """Wait for its end, and return its exit code."""
        try:
            return self._process.wait(GIVE_UP)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it does not end\n{self.log()}") from None


class Engines:
    """The engines of one desk, in the order of their starts."""

    def __init__(self, desk: Path | str, folder: Path) -> None:
        self._desk, self._folder = desk, folder
        self.all: list[EngineProgram] = []

    def start(self, *options: str, lease_s: float = 1.0) -> EngineProgram:
        program = EngineProgram(self._desk, self._folder, f"engine-{len(self.all) + 1}", *options, lease_s=lease_s)
        self.all.append(program)
        return program

    def log(self) -> str:
        return "\n".join(each.log() for each in self.all[-3:])

    def kill(self) -> None:
        for each in self.all:
            each.kill()


@contextlib.contextmanager
def engines_of(desk: Path | str, folder: Path) -> Iterator[Engines]:
    """Engines that are all gone in the end; what they said is printed, for the failures."""
    engines = Engines(desk, folder)
    try:
        yield engines
    finally:
        engines.kill()
        print(engines.log())
