"""The engine that a console starts where no other acts for the desk: the same command as a service, as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from console.i18n import _
from console.link import Away
from data import queries
from data.hints import folder_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.app import DeskApp

_LOOK_S = 5.0
_PATIENCE_S = 5


class EngineChild:
    """Looks whether an engine acts for the desk, and starts one where none does."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether an engine that this console started is running."""
        return self._process is not None and self._process.poll() is None

    async def keep(self, app: DeskApp) -> None:
        """Look now and then, for as long as the desk can be reached."""
        missed = 0
        while app.link.state == "ready":
            try:
                lease = (await app.link.read(lambda fetch: fetch(queries.LEASE, {})))[0]
            except Away:
                await asyncio.sleep(_LOOK_S)
                continue
            acting = lease["expires_at"] is not None and lease["expires_at"] > time.time_ns() // 1000
            missed = 0 if acting else missed + 1
            if missed and not self.is_ours:
                died = self._process is not None
                trouble = await asyncio.to_thread(self._start)
                if trouble:
                    app.flash(_("No engine runs, and none could be started: {why}").format(why=trouble), kind="alert")
                else:
                    words = _("The engine had stopped; this console started it again.")
                    app.flash(words if died else _("No engine was running; this console started one."))
            await asyncio.sleep(_LOOK_S)

    def _start(self) -> str:
        command = [sys.executable, "-m", "console.main", "engine", "run"]
        environ = dict(os.environ)
        if "://" in self._where:
            environ["DESKLINE_DESK"] = self._where  # a URL may hold a password, and everybody can read a command line
        else:
            command += ["--desk", self._where]
        log: int | None = None
        try:
            path = log_of(self._where, environ)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                command, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        except OSError as error:
            return error.strerror or str(error)
        finally:
            if log is not None:
                os.close(log)
        return ""

    def stop(self) -> None:
        """End the engine that this console started; another console starts one where it is needed."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE_S)
            return
        process.kill()


def log_of(where: str, environ: Mapping[str, str]) -> Path:
    """Return where an engine that a console starts writes its log: beside a file's sockets, where only its owner can enter, else in the
    user's folder for state."""
    if "://" not in where:
        return folder_of(Path(where).absolute()) / "engine.log"
    base = environ.get("XDG_STATE_HOME", "").strip() or os.path.expanduser("~/.local/state")
    name = hashlib.sha256(where.encode()).hexdigest()[:24]
    return Path(base) / "deskline" / "engines" / f"{name}.log"
