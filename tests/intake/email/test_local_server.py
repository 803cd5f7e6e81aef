"""The demo's mail server, run as the demo runs it: mail sent by SMTP is read by the poller, byte for byte."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake.email.imap import ImapPoller, ImapSettings
from intake.email.smtp import SendFailed, SmtpSettings, send
from tests.intake.email.test_imap import Store, mail, polling
from tests.services import DEADLINE, until

pytest.importorskip("aiosmtpd", reason="needs the extra demo")
pytest.importorskip("pymap", reason="needs the extra demo")

SUPPORT, ANNA = "support@ursamajor.example", "anna@customer.example"

HOSTILE = [
    b"Subject: bare\r\n\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nnever closed\r\n",
    b"Subject: raw \xfc\xe4 bytes\r\n\r\n\xff\xfe\x00 body\r\n.\r\n..\r\n",
    b"Subject: no line end\r\n\r\n" + b"x" * 900 + b"\r\n\r\n\r\n",
]


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    imap_port: int
    smtp_port: int

    def imap(self, box: str) -> ImapSettings:
        return ImapSettings("127.0.0.1", self.imap_port, box, lambda: "demo", tls="none", timeout=10)

    def smtp(self) -> SmtpSettings:
        return SmtpSettings("127.0.0.1", self.smtp_port, tls="none", timeout=10, helo="here.example")


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "intake.email.local_server", str(folder)]
    command += ["--box", f"{SUPPORT}=support", "--box", "help@ursamajor.example=support", "--box", f"{ANNA}=anna"]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    try:
        assert process.stdout is not None
        giving_up = threading.Timer(DEADLINE, process.kill)
        giving_up.start()
        line = process.stdout.readline()
        giving_up.cancel()
        assert line, (folder / "log").read_text()
        yield Server(process, **json.loads(line))
        assert "Traceback" not in (folder / "log").read_text()
    finally:
        process.kill()
        process.communicate(timeout=DEADLINE)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        yield server


def test_mail_goes_to_the_boxes_of_its_recipients(server: Server) -> None:
    send(server.smtp(), ANNA, [SUPPORT, "HELP@ursamajor.example"], mail(1))
    send(server.smtp(), SUPPORT, [ANNA], mail(2))
    support, anna = Store(), Store()
    assert ImapPoller(server.imap("support"), support).poll_once() == 1
    assert ImapPoller(server.imap("anna"), anna).poll_once() == 1
    assert (support.subjects(), anna.subjects()) == ([1], [2])


def test_an_unknown_recipient_is_refused(server: Server) -> None:
    with pytest.raises(SendFailed, match=r"550 5\.1\.1") as caught:
        send(server.smtp(), ANNA, ["nobody@ursamajor.example"], mail(1))
    assert caught.value.permanent


@pytest.mark.parametrize("raw", HOSTILE)
def test_the_bytes_come_back_as_they_were_sent(server: Server, raw: bytes) -> None:
    store = Store()
    send(server.smtp(), ANNA, [SUPPORT], raw)
    ImapPoller(server.imap("support"), store).poll_once()
    assert [one.raw for one in store.taken] == [raw]


def test_new_mail_arrives_by_idle_in_order(server: Server) -> None:
    store = Store()
    with polling(server.imap("support"), store):
        until(lambda: store.polls, "the first poll")
        for number in range(60):
            send(server.smtp(), ANNA, [SUPPORT], mail(number))
        until(lambda: len(store.taken) == 60, "the mails")
    assert store.subjects() == list(range(60))
    assert store.failures == []


def test_a_large_message_passes(server: Server) -> None:
    store = Store()
    raw = b"Subject: large\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * 150_000
    send(server.smtp(), ANNA, [SUPPORT], raw)
    assert ImapPoller(server.imap("support"), store).poll_once() == 1
    assert store.taken[0].raw == raw


def test_mail_is_still_there_after_a_restart(tmp_path: Path) -> None:
    store = Store()
    with running(tmp_path) as server:
        send(server.smtp(), ANNA, [SUPPORT], mail(1))
        send(server.smtp(), ANNA, [SUPPORT], mail(2))
        server.process.kill()
        server.process.wait(DEADLINE)
    with running(tmp_path) as server:
        send(server.smtp(), ANNA, [SUPPORT], mail(3))
        ImapPoller(server.imap("support"), store).poll_once()
    assert store.subjects() == [1, 2, 3]


def _end_input(server: Server) -> None:
    assert server.process.stdin is not None
    server.process.stdin.close()
    server.process.stdin = None


@pytest.mark.parametrize("end", [lambda server: server.process.send_signal(signal.SIGTERM), _end_input])
def test_it_ends_when_told_and_when_its_parent_is_gone(server: Server, end: Callable[[Server], None]) -> None:
    store = Store()
    with polling(server.imap("support"), store):
        until(lambda: store.polls, "the first poll")
        end(server)
        assert server.process.wait(DEADLINE) == 0
