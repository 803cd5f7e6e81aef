"""The stage of the demo: a folder, the local mail server, a desk with the sample company, and the engine as a process of its own.

Every process here ends with the one that started it, also where that one is killed: its standard input is a pipe from there.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from console.demo.company import ADDRESSES, CUSTOMERS, desk_file
from core.actions import desk as desk_actions
from core.config.document import Document
from core.config.problems import Lines
from core.config.reading import read
from core.config.starter import starter
from core.errors import Unavailable
from data.actor import LOCAL_ADMIN
from data.desk import Desk
from data.hints import folder_of

PASSWORD = "demo"  # noqa: S105 - of a mail server that only this machine can reach, for as long as the demo runs
LOG = "demo.log"
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


def check_installed() -> None:
    """Look for what the mail server is made of.

    Raises:
        DemoCannotStart: it is not installed.
    """
    for module in ("aiosmtpd", "pymap"):
        if importlib.util.find_spec(module) is None:
            raise DemoCannotStart(what="mail server", why=f"there is no module {module}")


def new_desk(path: Path) -> Desk:
    """Make the desk of the sample company and open it: its people and queues, without mailboxes, which need a server's ports."""
    desk = Desk.create(path, name="the demo")
    desk.run(LOCAL_ADMIN, desk_actions.apply, starter())
    document, lines = _document(1, 1)
    desk.run(LOCAL_ADMIN, desk_actions.apply, document.model_copy(update={"mailboxes": {}}), lines=lines)
    return desk


def connect_mailboxes(desk: Desk, imap_port: int, smtp_port: int) -> None:
    """Tell the desk of its mailboxes on a mail server that has started."""
    document, lines = _document(imap_port, smtp_port)
    desk.run(LOCAL_ADMIN, desk_actions.apply, document, lines=lines)


def _document(imap_port: int, smtp_port: int) -> tuple[Document, Lines]:
    return read(desk_file(imap_port, smtp_port), "the sample company", starter())


def boxes_of(customers: Iterable[tuple[str, str]]) -> list[str]:
    """Return what the mail server is told of its mailboxes, the desk's and those of customers, given by address and box."""
    return [*(f"{each}=support" for each in ADDRESSES), *(f"{address}={box}" for address, box in customers)]


@contextmanager
def running_mail_server(folder: Path, boxes: Iterable[str], log: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Run the mail server and give its ports, IMAP's and SMTP's.

    Raises:
        DemoCannotStart: it ended at once.
    """
    mail = subprocess.Popen(  # noqa: S603 - our own module
        [
            *(sys.executable, "-m", "intake.email.local_server", str(folder / "mail"), "--password", PASSWORD),
            *(word for box in boxes for word in ("--box", box)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
    )
    try:
        assert mail.stdout is not None
        line = mail.stdout.readline()
        if not line:
            raise DemoCannotStart(what="mail server", why=_last_line(folder / LOG))
        ports = json.loads(line)
        yield ports["imap_port"], ports["smtp_port"]
    finally:
        ended(mail)


@contextmanager
def running_engine(path: Path, log: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Run an engine for the desk."""
    engine = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "console.demo.leash", "engine", "run", "--desk", str(path)],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        env={**os.environ, "DESKLINE_DEMO_PASSWORD": PASSWORD},
    )
    try:
        yield engine
    finally:
        ended(engine)


@contextmanager
def built_stage(folder: Path) -> Iterator[Stage]:
    """Set everything up in a folder, and take it down at the end, whatever happened."""
    boxes = boxes_of((each.address, each.box) for each in CUSTOMERS)
    with (folder / LOG).open("ab") as log, running_mail_server(folder, boxes, log) as (imap_port, smtp_port):
        path = folder / "desk.db"
        with new_desk(path) as desk:
            connect_mailboxes(desk, imap_port, smtp_port)
            with running_engine(path, log) as engine:
                yield Stage(desk, path, imap_port, smtp_port, engine)


def removed(folder: Path) -> None:
    """Remove the folder of a demo that is over, and the one of its desk's sockets."""
    shutil.rmtree(folder_of(folder / "desk.db"), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def ended(process: subprocess.Popen[bytes]) -> None:
    """End a process, and wait until it has ended."""
    process.terminate()
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
