"""The stage of the demo: a folder, the local mail server, a desk with the sample company, and the engine as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from console.demo.company import CUSTOMERS, DESK_ADDRESS, desk_file
from core.actions import desk as desk_actions
from core.config.reading import read
from core.config.starter import starter
from core.errors import Unavailable
from data.actor import LOCAL_ADMIN
from data.desk import Desk

PASSWORD = "demo"  # noqa: S105 - of a mail server that only this machine can reach, for as long as the demo runs
_PATIENCE_S = 20


class DemoCannotStart(Unavailable):
    """The demo's {what} did not start: {why}. Install deskline with its demo extra: pip install 'deskline[demo]'"""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays on."""

    desk: Desk
    path: Path
    imap_port: int
    smtp_port: int
    engine: subprocess.Popen[bytes]


@contextmanager
def built_stage(folder: Path) -> Iterator[Stage]:
    """Set everything up in a folder, and take it down at the end, whatever happened."""
    log = (folder / "demo.log").open("ab")
    boxes = [f"{DESK_ADDRESS}=support", "office@ursamajor.example=support"]
    boxes += [f"{each.address}={each.box}" for each in CUSTOMERS]
    mail = subprocess.Popen(  # noqa: S603 - our own module
        [
            *(sys.executable, "-m", "intake.email.local_server", str(folder / "mail"), "--password", PASSWORD),
            *(word for box in boxes for word in ("--box", box)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
    )
    engine: subprocess.Popen[bytes] | None = None
    desk: Desk | None = None
    try:
        assert mail.stdout is not None
        line = mail.stdout.readline()
        if not line:
            raise DemoCannotStart(what="mail server", why=_last_line(folder / "demo.log"))
        ports = json.loads(line)
        path = folder / "desk.db"
        desk = Desk.create(path, name="the demo")
        desk.run(LOCAL_ADMIN, desk_actions.apply, starter())
        document, lines = read(desk_file(ports["imap_port"], ports["smtp_port"]), "the sample company", starter())
        desk.run(LOCAL_ADMIN, desk_actions.apply, document, lines=lines)
        engine = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "console.main", "engine", "run", "--desk", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "DESKLINE_DEMO_PASSWORD": PASSWORD},
        )
        yield Stage(desk, path, ports["imap_port"], ports["smtp_port"], engine)
    finally:
        for process in (engine, mail):
            if process is not None:
                process.terminate()
        for process in (engine, mail):
            if process is not None:
                _wait(process)
        if desk is not None:
            desk.close()
        log.close()


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
