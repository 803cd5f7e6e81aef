"""The sample company's mail server: real SMTP in, real IMAP out, for the company's mailbox and for each customer's.

`python -m intake.email.local_server FOLDER --box ADDRESS=BOX ...` listens on 127.0.0.1 only, prints one line of JSON with
its ports, and ends at SIGTERM or when its standard input ends (so it never outlives the process that started it).

Messages are kept by us, one file each, and served from pymap's mailbox in memory. pymap's Maildir gives other bytes back
than it was given (line ends, broken MIME) and tells an IDLE only after a second or two; the mailbox in memory tells it at
once, and changes only a message that has no empty line after its header (the last line end goes). The price: flags, and
messages that an IMAP client puts in or deletes, live as long as the process, and each start has a new UIDVALIDITY.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import re
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymap.imap
from aiosmtpd.smtp import SMTP, Envelope
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.backend.dict import Identity as BoxIdentity
from pymap.backend.dict.mailbox import MailboxData
from pymap.parsing.message import AppendMessage
from pymap.user import Passwords, UserMetadata
from pysasl.hashing import Cleartext

HOST = "127.0.0.1"
PASSWORD = "demo"  # noqa: S105 (of a server that only this machine can reach)
LARGEST = 64 << 20  # bytes of one message


class Mailboxes:
    """The mailboxes: files in a folder a box, and the same messages in pymap's memory."""

    def __init__(self, folder: Path, boxes: Mapping[str, str], backend: DictBackend) -> None:
        self._folder = folder
        self._box_of = {address.lower(): box for address, box in boxes.items()}
        self._backend = backend
        self._numbers: dict[str, itertools.count[int]] = {}

    async def load(self, password: str) -> None:
        """Make each box a user, and put the messages of earlier runs into it."""
        login = self._backend.login
        hashed = await Passwords(login.config).hash_password(password)
        for box in sorted(set(self._box_of.values())):
            identity = self._identity(box)
            await identity.set(UserMetadata(login.config, box, password=hashed))
            files = sorted((self._folder / box).glob("*.eml"))
            for file in files:
                await self._show(box, file.read_bytes(), datetime.fromtimestamp(file.stat().st_mtime, UTC))
            self._numbers[box] = itertools.count(int(files[-1].stem) + 1 if files else 1)

    def knows(self, address: str) -> bool:
        """Whether the address has a mailbox here."""
        return address.lower() in self._box_of

    async def deliver(self, addresses: Sequence[str], raw: bytes) -> None:
        """Keep a message in the box of each address; once in a box that several of them share."""
        for box in dict.fromkeys(self._box_of[address.lower()] for address in addresses):
            self._keep(box, raw)
            await self._show(box, raw, datetime.now(UTC))

    def _keep(self, box: str, raw: bytes) -> None:
        folder = self._folder / box
        folder.mkdir(parents=True, exist_ok=True)
        final = folder / f"{next(self._numbers[box]):08}.eml"
        partial = final.with_suffix(".tmp")
        with partial.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(final)

    def _identity(self, box: str) -> Any:
        return BoxIdentity(box, self._backend.login, None, frozenset())

    async def _show(self, box: str, raw: bytes, when: datetime) -> None:
        async with self._identity(box).new_session() as session:
            await session.append_messages("INBOX", [AppendMessage(raw, when, frozenset())])


class Receiver:
    """What aiosmtpd asks at each step of a delivery."""

    def __init__(self, boxes: Mailboxes) -> None:
        self._boxes = boxes

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take known recipients only."""
        if not self._boxes.knows(address):
            return f"550 5.1.1 There is no mailbox {address} here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        """Keep the message, then say so."""
        content = envelope.content
        assert isinstance(content, bytes)
        await self._boxes.deliver(envelope.rcpt_tos, content)
        return "250 2.0.0 Kept"


class _Answer:
    """Takes the pieces of an answer, to send them as one."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: bytes) -> None:
        self.pieces.append(bytes(piece))

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self.pieces += [bytes(piece) for piece in pieces]


async def _write_whole(connection: Any, response: Any) -> None:
    """Replaces pymap's own, which writes a line in pieces: a client that reads without blocking finds half a line."""
    answer = _Answer()
    await response.async_write(answer)
    try:
        connection.writer.write(b"".join(answer.pieces))
        await connection.writer.drain()
    except ConnectionError:
        pass


_update_selected = MailboxData.update_selected


async def _look_before_waiting(mailbox: Any, selected: Any, *, wait_on: Any = None) -> Any:
    """Replaces pymap's own, which waits for the next change even when IDLE begins with one that it has not told yet."""
    behind = selected.mod_sequence != mailbox._mod_sequences.highest
    return await _update_selected(mailbox, selected, wait_on=None if behind else wait_on)


def _hold_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Keep every task until it is done: asyncio holds them weakly, and pymap's connections were collected in use."""
    held: set[asyncio.Task[Any]] = set()

    def make(loop: asyncio.AbstractEventLoop, coroutine: Any, **named: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, **named)
        held.add(task)
        task.add_done_callback(held.discard)
        return task

    loop.set_task_factory(make)


async def serve(folder: Path, boxes: Mapping[str, str], imap_port: int, smtp_port: int, password: str) -> None:
    """Serve until SIGTERM or the end of standard input."""
    loop = asyncio.get_running_loop()
    _hold_tasks(loop)
    pymap.imap.IMAPConnection.write_response = _write_whole
    MailboxData.update_selected = _look_before_waiting
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=_watch_parent, args=(loop, stop), daemon=True).start()

    # pymap reads its settings from the arguments of its own command.
    given = Namespace(
        host=HOST, port=imap_port, debug=False, cert=None, key=None, tls=False, proxy_protocol=None, passlib_cfg=None,
        inherited_sockets=None, demo_data=False, demo_user="nobody", demo_password=os.urandom(16).hex(),
    )  # fmt: skip
    backend, config = await DictBackend.init(given, hash_context=Cleartext())
    config.apply_context()
    mailboxes = Mailboxes(folder, boxes, backend)
    await mailboxes.load(password)

    connected = ProxyProtocolReader(config.proxy_protocol).get_callback(pymap.imap.IMAPServer(backend.login, config))
    imap = await asyncio.start_server(connected, HOST, imap_port)
    smtp = await loop.create_server(
        lambda: SMTP(Receiver(mailboxes), enable_SMTPUTF8=True, data_size_limit=LARGEST, loop=loop), HOST, smtp_port
    )
    ports = {"imap_port": imap.sockets[0].getsockname()[1], "smtp_port": smtp.sockets[0].getsockname()[1]}
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await stop.wait()
    imap.close()
    smtp.close()


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # os.read, since a thread inside sys.stdin would hold its lock when the interpreter ends.
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    loop.call_soon_threadsafe(stop.set)


def _box(text: str) -> tuple[str, str]:
    address, _, box = text.partition("=")
    if "@" not in address or not re.fullmatch(r"[A-Za-z0-9._-]*[A-Za-z0-9_-]", box):
        raise argparse.ArgumentTypeError(f"{text!r} is not ADDRESS=BOX")
    return address, box


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m intake.email.local_server", description="A local mail server.")
    parser.add_argument("folder", type=Path, help="where the messages are kept")
    parser.add_argument("--imap-port", type=int, default=0, help="0: a free one")
    parser.add_argument("--smtp-port", type=int, default=0, help="0: a free one")
    parser.add_argument("--password", default=PASSWORD, help="of every mailbox")
    parser.add_argument("--box", type=_box, action="append", required=True, metavar="ADDRESS=BOX")
    given = parser.parse_args(arguments)
    asyncio.run(serve(given.folder, dict(given.box), given.imap_port, given.smtp_port, given.password))


if __name__ == "__main__":
    main()
