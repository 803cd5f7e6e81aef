"""Real servers for tests: Dovecot, PostgreSQL, an SMTP sink, and a proxy that breaks connections.

Each starts on a free port of 127.0.0.1, runs unprivileged even when the tests run as root, and is killed in the end. A
server that does not answer within its deadline fails with its log; one whose program is not installed skips the test,
except in CI.
"""

from __future__ import annotations

import asyncio
import contextlib
import glob
import grp
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake.email.imap import ImapSettings
from intake.email.smtp import SmtpSettings

if TYPE_CHECKING:
    import psycopg
    from aiosmtpd.smtp import SMTP, Envelope

DEADLINE = 20.0  # seconds; only to give up
PASSWORD = "secret"


def unavailable(reason: str) -> None:
    """Skip the test; in CI fail it, since a test that never runs proves nothing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], what: str, seconds: float = DEADLINE) -> Any:
    """Wait until `true` returns something true, and return that."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what}: not within {seconds:g} seconds")


def _unprivileged(root: Path) -> tuple[dict[str, Any], pwd.struct_passwd]:
    """The arguments of Popen that drop root, and the user the server will run as; `root` is given to that user."""
    if os.getuid() != 0:
        return {}, pwd.getpwuid(os.getuid())
    user = pwd.getpwnam("nobody")
    os.chown(root, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}, user


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


# Dovecot

DOVECOT_CONF = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 0
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """A running Dovecot; any user name logs in with PASSWORD and has a mailbox of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port, self.tls_port = free_port(), free_port()
        self._drop, self._user = _unprivileged(root)
        self._conf = root / "dovecot.conf"
        self.certificate = root / "cert.pem"
        self._process: subprocess.Popen[bytes] | None = None
        group = os.stat(root).st_gid
        self._conf.write_text(
            DOVECOT_CONF.format(
                root=root, user=self._user.pw_name, group=_group_name(group), uid=self._user.pw_uid, gid=group,
                port=self.port, tls_port=self.tls_port, password=PASSWORD,
            )
        )  # fmt: skip
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"],
            cwd=root, check=True, stdin=subprocess.DEVNULL, capture_output=True, **self._drop,
        )  # fmt: skip

    def start(self) -> None:
        self._process = subprocess.Popen(
            ["/usr/sbin/dovecot", "-F", "-c", str(self._conf)],
            cwd=self.root, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, **self._drop,
        )  # fmt: skip
        ends = time.monotonic() + DEADLINE
        while not self._greets():
            if time.monotonic() > ends or self._process.poll() is not None:
                self.kill()
                pytest.fail("Dovecot does not start:\n" + _read(self.root / "log"))
            time.sleep(0.02)

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as client:
                return client.recv(4) == b"* OK"
        except OSError:
            return False

    def stop(self) -> None:
        """Shut the server down; `start` brings it back on the same ports."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(DEADLINE)
            finally:
                self.kill()

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(DEADLINE)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def mailbox(self) -> Mailbox:
        """A new and empty mailbox."""
        return Mailbox(self, f"{uuid.uuid4().hex[:12]}@ursamajor.example")

    def admin(self, *command: str) -> None:
        subprocess.run(
            ["/usr/bin/doveadm", "-c", str(self._conf), *command],
            cwd=self.root, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip

    def own(self, path: Path) -> None:
        os.chown(path, self._user.pw_uid, os.stat(self.root).st_gid)


def _group_name(gid: int) -> str:
    return grp.getgrgid(gid).gr_name


@dataclass
class Mailbox:
    """One user's INBOX on a Dovecot."""

    server: Dovecot
    user: str
    delivered: int = 0

    @property
    def folder(self) -> Path:
        return self.server.root / "mail" / self.user

    def settings(self, **changes: Any) -> ImapSettings:
        given: dict[str, Any] = {
            "host": "127.0.0.1", "port": self.server.port, "user": self.user, "password": lambda: PASSWORD,
            "tls": "none", "timeout": 10.0,
        }  # fmt: skip
        return ImapSettings(**(given | changes))

    def deliver(self, raw: bytes) -> None:
        """Put one message into the mailbox as a delivery agent does: written, then renamed."""
        for part in (self.folder.parent, self.folder, *(self.folder / name for name in ("tmp", "new", "cur"))):
            if not part.exists():
                part.mkdir()
                self.server.own(part)
        self.delivered += 1
        name = f"{1_700_000_000 + self.delivered}.M{self.delivered:06}.test"
        path = self.folder / "tmp" / name
        path.write_bytes(raw)
        self.server.own(path)
        path.rename(self.folder / "new" / name)

    def kick(self) -> None:
        """Have the server end this user's connections."""
        self.server.admin("kick", self.user)

    def change_uidvalidity(self) -> None:
        """Let the server forget its UIDs; its UIDVALIDITY is a time in seconds, so this takes more than one."""
        for pattern in ("dovecot-uidlist*", "dovecot.index*", "dovecot-uidvalidity*"):
            for path in self.folder.glob(pattern):
                path.unlink()
        time.sleep(1.1)


@contextlib.contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    for program in ("/usr/sbin/dovecot", "/usr/bin/doveadm", "/usr/bin/openssl"):
        if not os.path.exists(program):
            unavailable(f"{program} is not installed")
    root = Path(tempfile.mkdtemp(prefix="dc-"))
    root.chmod(0o755)
    server = None
    try:
        server = Dovecot(root)
        server.start()
        yield server
    finally:
        if server is not None:
            try:
                server.stop()
            finally:
                server.kill()
        shutil.rmtree(root, ignore_errors=True)


# PostgreSQL


class Postgres:
    """A running PostgreSQL without durability, whose databases are made one a test."""

    def __init__(self, root: Path, bins: str) -> None:
        self.root, self.port = root, free_port()
        drop, _ = _unprivileged(root)
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        made = subprocess.run(
            [f"{bins}/initdb", "-D", str(root / "data"), "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
             "--no-sync", "--no-instructions"],
            cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **drop,
        )  # fmt: skip
        if made.returncode:
            pytest.fail("initdb failed:\n" + made.stdout.decode(errors="replace"))
        options = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100"]
        with open(root / "log", "wb") as log:
            self._process = subprocess.Popen(
                [f"{bins}/postgres", "-D", str(root / "data"), "-p", str(self.port), "-k", str(root), "-h", "127.0.0.1",
                 *(word for option in options for word in ("-c", option))],
                cwd=root, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                start_new_session=True, **drop,
            )  # fmt: skip
        import psycopg

        ends = time.monotonic() + DEADLINE
        while True:
            try:
                self._connect().close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > ends or self._process.poll() is not None:
                    self.stop()
                    pytest.fail("PostgreSQL does not start:\n" + _read(root / "log"))
                time.sleep(0.02)

    def _connect(self) -> psycopg.Connection[Any]:
        import psycopg

        return psycopg.connect(host="127.0.0.1", port=self.port, user="desk", dbname="postgres", autocommit=True)

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new and empty database, dropped in the end whoever is still connected."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        try:
            yield f"postgresql+psycopg://desk@127.0.0.1:{self.port}/{name}"
        finally:
            with self._connect() as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        try:
            self._process.send_signal(signal.SIGINT)  # "fast": does not wait for clients
            self._process.wait(DEADLINE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(DEADLINE)


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    # All programs from one folder: a machine may have several versions, and some of one on PATH.
    found = [folder for folder in glob.glob("/usr/lib/postgresql/*/bin") if os.path.exists(f"{folder}/initdb")]
    if not found:
        unavailable("PostgreSQL is not installed")
    if importlib.util.find_spec("psycopg") is None:
        unavailable("psycopg is not installed (the extra postgres)")
    bins = max(found, key=lambda folder: int(re.findall(r"\d+", folder)[-1]))
    root = Path(tempfile.mkdtemp(prefix="pg-"))
    server = None
    try:
        server = Postgres(root, bins)
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(root, ignore_errors=True)


# SMTP


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


class TcpProxy:
    """Stands before a server and breaks its connections: `cut_after`, `delay`, `mute`, `close_all`, `refuse`."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._cut: tuple[bytes, int] | None = None
        self.cuts = 0  # so many more connections are cut
        self.delay = 0.0  # seconds before each piece of an answer
        self.mute = False  # answers are swallowed
        self.refuse = False  # new connections are closed at once
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, text: bytes, count: int, times: int = 1) -> None:
        """Cut a connection `count` bytes after its server has said `text`; on so many connections."""
        self._cut, self.cuts = (text, count), times

    def close_all(self) -> None:
        """Close every connection that is open."""
        with self._lock:
            sockets, self._open = self._open, []
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.close_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.accepted += 1
            if self.refuse:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._upstream), DEADLINE)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self._open += [client, server]
            threading.Thread(target=self._carry, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(server, client, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        said = b""
        try:
            while piece := source.recv(65536):
                if answers:
                    time.sleep(self.delay)
                    if self.mute:
                        continue
                    if self._cut is not None and self.cuts:
                        before, said = len(said), said + piece
                        at = said.find(self._cut[0])
                        end = at + len(self._cut[0]) + self._cut[1]
                        if at >= 0 and end <= len(said):
                            self.cuts -= 1
                            target.sendall(piece[: max(0, end - before)])
                            return
                target.sendall(piece)
        except OSError:
            pass
        finally:
            for each in (source, target):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()


@contextlib.contextmanager
def running_tcp_proxy(port: int) -> Iterator[TcpProxy]:
    proxy = TcpProxy(port)
    try:
        yield proxy
    finally:
        proxy.close()
