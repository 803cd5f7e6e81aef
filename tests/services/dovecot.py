"""A real Dovecot on loopback, with mailboxes for single tests."""

from __future__ import annotations

import contextlib
import grp
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from intake.email.imap import ImapSettings

if TYPE_CHECKING:
    pass
from tests.services.common import DEADLINE, PASSWORD, free_port, read_log, unavailable, unprivileged

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
        self._drop, self._user = unprivileged(root)
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
                pytest.fail("Dovecot does not start:\n" + read_log(self.root / "log"))
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
