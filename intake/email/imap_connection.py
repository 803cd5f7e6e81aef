"""One connection to one folder of an IMAP server: what the server says, in our words.

Every method raises only `Unavailable` errors: `ConnectionLost` when the connection is of no more use, `AnswerUnusable`
when the server refused or garbled one answer and the connection goes on. Not thread-safe: two threads on one client
corrupt the stream.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import imapclient
from imapclient.exceptions import (
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
)

from data.errors import Unavailable

UID_WINDOW = 50_000  # imaplib refuses a line above 1,000,000 bytes, so one answer may name this many UIDs of 10 digits
HEADER_BYTES = 65_536  # of a message that is refused; its header may be as long as the message
STOP_SECONDS = 0.5  # how late a wait sees that it should stop
LOGOUT_SECONDS = 1.0  # a mute server does not hold up the end


class LoginRefused(Unavailable):
    """{server} refused the login of {user}: {answer}. Correct the user or the password of this mailbox."""


class CannotConnect(Unavailable):
    """Cannot connect to {server}: {answer}. Check the host, the port and the TLS mode of this mailbox."""


class CertificateNotTrusted(Unavailable):
    """The certificate of {server} is not trusted: {answer}. Name its authority in SSL_CERT_FILE."""


class FolderMissing(Unavailable):
    """{server} has no folder {folder} for {user}: {answer}. Correct the folder of this mailbox."""


class ConnectionLost(Unavailable):
    """The connection to {server} was lost: {answer}. It is tried again."""


class AnswerUnusable(Unavailable):
    """{server} could not answer: {answer}."""


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Where a mailbox is and how it is read."""

    host: str
    port: int
    user: str
    password: Callable[[], str]  # asked at each login, so that a changed secret needs no restart
    tls: Literal["tls", "starttls", "none"] = "tls"
    folder: str = "INBOX"
    timeout: float = 30.0  # seconds to connect, and for each answer
    idle_renew: float = 600.0  # seconds; servers and routers drop an IDLE of half an hour
    poll: float = 60.0  # seconds between two looks where the server has no IDLE
    batch: int = 50
    max_size: int = 36_700_160  # bytes; 35 MiB
    start: Literal["all", "now"] = "all"  # with all that is in the mailbox, or with what comes from now on

    @property
    def server(self) -> str:
        """The server as an error names it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Folder:
    """What SELECT said."""

    uidvalidity: int
    uid_next: int | None
    exists: int
    writable: bool


@dataclass(frozen=True, slots=True)
class Body:
    """One message as it was fetched."""

    raw: bytes
    internal_date: datetime | None


class _Client(imapclient.IMAPClient):  # type: ignore[misc]
    """A client whose first look after IDLE reads without polling the socket.

    A server that sends `+ idling` and `* 5 EXISTS` in one packet leaves the second line in imaplib's buffer, where no
    poll sees it: the mail would wait for the renewal of the IDLE.
    """

    look_at_buffer = False

    def _poll_socket(self, sock: Any, timeout: float | None = None) -> Any:
        if self.look_at_buffer:
            self.look_at_buffer = False
            return [True]
        return super()._poll_socket(sock, timeout)

    def told_of_messages(self) -> bool:
        """Whether the server has told a number of messages since the last call."""
        return bool(self._imap.response("EXISTS")[1] != [None])


def _one_line(error: object) -> str:
    text = " ".join(str(error).split())
    if text.startswith("b'") and text.endswith("'"):  # imaplib puts the server's bytes into some of its errors
        text = text[2:-1]
    return text[:300].rstrip(".") or type(error).__name__


class ImapConnection:
    """A logged-in connection with its folder selected; made by `connect`."""

    def __init__(self, client: _Client, settings: ImapSettings) -> None:
        self._client = client
        self._settings = settings
        with self._errors():
            self.folder = self._select()
            self.has_idle = bool(client.has_capability("IDLE"))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        server = self._settings.server
        try:
            yield
        except Unavailable:
            raise
        except (IMAPClientAbortError, OSError, EOFError) as error:
            raise ConnectionLost(server=server, answer=_one_line(error)) from error
        except Exception as error:
            if "got more than" in str(error):  # imaplib stopped within a line
                raise ConnectionLost(server=server, answer=_one_line(error)) from error
            raise AnswerUnusable(server=server, answer=_one_line(error)) from error

    def _select(self) -> Folder:
        client, settings = self._client, self._settings
        writable = True
        try:
            try:
                answer = client.select_folder(settings.folder)
            except IMAPClientReadOnlyError:
                writable = False
                answer = client.select_folder(settings.folder, readonly=True)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            raise FolderMissing(
                server=settings.server, folder=settings.folder, user=settings.user, answer=_one_line(error)
            ) from error
        return Folder(int(answer.get(b"UIDVALIDITY", 0)), answer.get(b"UIDNEXT"), int(answer[b"EXISTS"]), writable)

    def uids_from(self, uid: int) -> list[int]:
        """The lowest UIDs from `uid` on, ascending; at most one window of them."""
        with self._errors():
            # Some servers answer SEARCH from the state of the last command; NOOP lets them see what has come since.
            self._client.noop()
            if self.folder.exists > UID_WINDOW and self.folder.uid_next is not None:
                while uid < self.folder.uid_next:
                    found = self._search(uid, f"{uid}:{uid + UID_WINDOW - 1}")
                    if found:
                        return found
                    uid += UID_WINDOW
            while True:
                self._client.told_of_messages()
                found = self._search(uid, f"{uid}:*")
                # A message that came during the search may be told with its answer, and then IDLE does not tell it again.
                if found or not self._client.told_of_messages():
                    return found

    def _search(self, uid: int, wanted: str) -> list[int]:
        # `n:*` names the last message even where n lies beyond it.
        return sorted(found for found in self._client.search(["UID", wanted]) if found >= uid)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """The size of each message that is still there."""
        with self._errors():
            answers = self._client.fetch(uids, ["RFC822.SIZE"])
            return {uid: int(answer.get(b"RFC822.SIZE", 0)) for uid, answer in answers.items()}

    def bodies(self, uids: Sequence[int], *, dates: bool = True) -> dict[int, Body]:
        """The messages the server gave; one is absent when it is gone, or when its answer held something else."""
        with self._errors():
            answers = self._client.fetch(uids, ["BODY.PEEK[]", "INTERNALDATE"] if dates else ["BODY.PEEK[]"])
            return {
                uid: Body(answer[b"BODY[]"], answer.get(b"INTERNALDATE"))
                for uid, answer in answers.items()
                if isinstance(answer.get(b"BODY[]"), bytes)
            }

    def header(self, uid: int) -> bytes:
        """The first `HEADER_BYTES` of a message's header."""
        with self._errors():
            answer = self._client.fetch([uid], [f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"]).get(uid, {})
            found = [value for key, value in answer.items() if key.startswith(b"BODY[HEADER]")]
            return found[0] if found and isinstance(found[0], bytes) else b""

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Set `\\Seen`, for people who look into the mailbox."""
        with self._errors():
            self._client.add_flags(uids, [imapclient.SEEN], silent=True)

    def wait(self, stop: threading.Event) -> None:
        """Return when something may have come, when it is time to look again, or when `stop` is set."""
        if not self.has_idle:
            stop.wait(self._settings.poll)
            return
        with self._errors():
            self._client.idle()
            self._client.look_at_buffer = True
            arrived = self._client.idle_check(timeout=0)
            ends = time.monotonic() + self._settings.idle_renew
            while not arrived and not stop.is_set() and time.monotonic() < ends:
                began = time.monotonic()
                arrived = self._client.idle_check(timeout=STOP_SECONDS)
                if not arrived and time.monotonic() - began < STOP_SECONDS / 2:
                    raise IMAPClientAbortError("the server closed the connection")  # readable, and nothing to read
            if any(answer[0] == b"BYE" for answer in arrived if isinstance(answer, tuple)):
                raise IMAPClientAbortError("the server said BYE")
            self._client.idle_done()

    def hang_up(self) -> None:
        """Break the connection; the one method that another thread may call, to end a read from a mute server."""
        with suppress(OSError):
            # Not SSLSocket's own shutdown: it takes the TLS state away from the thread that is reading.
            socket.socket.shutdown(self._client.socket(), socket.SHUT_RDWR)

    def close(self) -> None:
        """Log out, or just close when that is not possible."""
        _close(self._client)


def _close(client: _Client) -> None:
    try:
        client.socket().settimeout(LOGOUT_SECONDS)
        client.logout()
    except Exception:  # noqa: BLE001 (whatever went wrong, the connection is given up)
        with suppress(Exception):
            client.shutdown()


@contextmanager
def connect(settings: ImapSettings, context: ssl.SSLContext | None = None) -> Iterator[ImapConnection]:
    """Connect, log in and select the folder; log out at the end."""
    client = _open(settings, context or ssl.create_default_context())
    try:
        _log_in(client, settings)
        yield ImapConnection(client, settings)
    finally:
        _close(client)


def _open(settings: ImapSettings, context: ssl.SSLContext) -> _Client:
    client: _Client | None = None
    try:
        client = _Client(
            settings.host,
            settings.port,
            ssl=settings.tls == "tls",
            ssl_context=context,
            timeout=imapclient.SocketTimeout(settings.timeout, settings.timeout),
        )
        client.normalise_times = False  # times with their zone, not in ours
        if settings.tls == "starttls":
            client.starttls(context)
    except ssl.SSLCertVerificationError as error:
        _give_up(client)
        raise CertificateNotTrusted(server=settings.server, answer=_one_line(error.verify_message or error)) from error
    except CapabilityError as error:
        _give_up(client)
        raise CannotConnect(server=settings.server, answer="the server does not offer STARTTLS") from error
    except (IMAPClientError, OSError, EOFError, ValueError) as error:
        _give_up(client)
        raise CannotConnect(server=settings.server, answer=_one_line(error)) from error
    return client


def _give_up(client: _Client | None) -> None:
    if client is not None:
        with suppress(Exception):
            client.shutdown()


def _log_in(client: _Client, settings: ImapSettings) -> None:
    password = settings.password()
    try:
        if settings.user.isascii() and password.isascii():
            client.login(settings.user, password)
        else:
            client.plain_login(settings.user, password)  # LOGIN takes ASCII only
    except LoginError as error:
        answer = _one_line(error)
        # imapclient makes a LoginError of a dropped connection too; [UNAVAILABLE] (RFC 5530) is not about the password.
        if isinstance(error.__context__, IMAPClientAbortError) or "[UNAVAILABLE]" in answer.upper():
            raise ConnectionLost(server=settings.server, answer=answer) from error
        raise LoginRefused(server=settings.server, user=settings.user, answer=answer) from error
    except (IMAPClientError, OSError, EOFError, ValueError) as error:
        raise ConnectionLost(server=settings.server, answer=_one_line(error)) from error
