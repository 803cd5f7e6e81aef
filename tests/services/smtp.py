"""An SMTP server that keeps what it is sent, and can be told to misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from intake.email.smtp import SmtpSettings

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope
from tests.services.common import DEADLINE, unavailable


@dataclass(frozen=True)
class Received:
    """One message a sink took, with its envelope."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass
class SmtpSink:
    """An SMTP server that keeps what it gets, and fails as it is told."""

    port: int
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    answer: str = "250 2.0.0 kept"  # to the message; a message that is refused is not in `received`
    refused: dict[str, str] = field(default_factory=dict)  # recipient: the answer to its RCPT
    drop_after_data: int = 0  # so many messages are kept, and the connection is dropped instead of the answer
    drop_at_mail: int = 0  # so many MAIL commands find the connection dropped
    delay: float = 0.0  # seconds before the answer to the message

    def settings(self, **changes: Any) -> SmtpSettings:
        given = {"host": "127.0.0.1", "port": self.port, "tls": "none", "helo": "desk.example", "timeout": 10.0}
        return SmtpSettings(**(given | changes))  # type: ignore[arg-type]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.drop_at_mail:
            self.drop_at_mail -= 1
            server.transport.abort()
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        await asyncio.sleep(self.delay)
        if not self.answer.startswith("250"):
            return self.answer
        content = envelope.content
        assert isinstance(content, bytes)
        sender = (envelope.mail_from or "").removeprefix("<>")  # aiosmtpd's null sender
        self.received.append(Received(sender, tuple(envelope.rcpt_tos), content))
        if self.drop_after_data:
            self.drop_after_data -= 1
            server.transport.abort()
        return self.answer


@contextlib.contextmanager
def running_smtp_sink(**options: Any) -> Iterator[SmtpSink]:
    """A sink; `options` are those of aiosmtpd's SMTP, for TLS and logins."""
    if importlib.util.find_spec("aiosmtpd") is None:
        unavailable("aiosmtpd is not installed (the extra demo)")
    from aiosmtpd.smtp import SMTP

    listening = socket.create_server(("127.0.0.1", 0))
    sink = SmtpSink(listening.getsockname()[1])
    loop = asyncio.new_event_loop()

    def protocol() -> SMTP:
        sink.connections += 1
        return SMTP(sink, enable_SMTPUTF8=True, loop=loop, **options)

    server = loop.run_until_complete(loop.create_server(protocol, sock=listening))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(_cancel_all, loop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(DEADLINE)
        loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()


# A proxy
