"""The whole path with nothing but commands: a real mailbox, `deskline engine run`, three agents in a shell, a real mail server."""

from __future__ import annotations

import email
import email.policy
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.console.driving import Ran, program
from tests.services import PASSWORD, Mailbox, SmtpSink, until

DESK_FILE = """
desk: {{name: Ursa Major Solar, fallback_queue: office}}
queues:
  tier-1: {{members: [maya, tom]}}
  office: {{members: [ida]}}
agents:
  maya: {{name: Maya Lindqvist}}
  tom: {{name: Tom Abara}}
  ida: {{name: Ida Novak, role: supervisor}}
mailboxes:
  support:
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, user: {user}, password: {{env: SUPPORT_PASSWORD}}}}
    smtp: {{host: 127.0.0.1, port: {smtp}, tls: none}}
    from: Ursa Major Solar <support@ursamajor.example>
    addresses:
      support@ursamajor.example: {{queue: tier-1}}
"""


class Shell:
    """A shell in which people type commands at one desk."""

    def __init__(self, desk: Path) -> None:
        self.desk = desk

    def __call__(self, *argv: str, stdin: str = "") -> Ran:
        done = program(*argv, desk=self.desk, stdin=stdin, SUPPORT_PASSWORD=PASSWORD)
        assert done.code == 0, (argv, done.err)
        return done

    def json(self, *argv: str) -> Any:
        return json.loads(self(*argv, "--json").out)

    def offers_to(self, agent: str) -> list[dict[str, Any]]:
        found = self.json("work", "list", "--as", agent)
        return [each for each in found["work"] if each["state"] == "offered" and each["agent"] == agent]


@pytest.fixture
def shell(tmp_path: Path, dovecot: Mailbox, smtp_sink: SmtpSink) -> Iterator[Shell]:
    shell = Shell(tmp_path / "desk.db")
    shell("init")
    (tmp_path / "desk.yaml").write_text(
        DESK_FILE.format(imap=dovecot.settings().port, user=dovecot.user, smtp=smtp_sink.port)
    )
    shell("apply", str(tmp_path / "desk.yaml"), "--yes")
    with (tmp_path / "engine.log").open("wb") as log:
        engine = subprocess.Popen(
            [sys.executable, "-m", "console.main", "engine", "run", "--desk", str(shell.desk)],
            env={**os.environ, "SUPPORT_PASSWORD": PASSWORD},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            yield shell
        finally:
            engine.send_signal(signal.SIGTERM)
            assert engine.wait(20) == 0, (tmp_path / "engine.log").read_text()


def customer_mail(subject: str, text: str, number: int, *headers: str) -> bytes:
    lines = [
        "From: Lena Ortiz <lena@ortiz-farm.example>",
        "To: support@ursamajor.example",
        f"Subject: {subject}",
        f"Message-ID: <{number}@ortiz-farm.example>",
        *headers,
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{text}\r\n").encode()


def test_a_mail_is_taken_pushed_declined_accepted_answered_and_closed_by_commands(
    shell: Shell, dovecot: Mailbox, smtp_sink: SmtpSink
) -> None:
    for name in ("maya", "tom", "ida"):
        shell("presence", "set", "available", "--as", name)
    dovecot.deliver(customer_mail("Inverter shows E-31", "It is dark.", 1))

    offer = until(lambda: next(iter(shell.offers_to("maya") + shell.offers_to("tom")), None), "an offer")
    first = offer["agent"]
    case, work = str(offer["case"]), str(offer["work"])
    shell("work", "decline", work, "--as", first, "--reason", "at lunch")
    second = {"maya": "tom", "tom": "maya"}[first]
    until(lambda: shell.offers_to(second), "the offer to the other agent")
    why = shell("work", "show", work).out
    assert second in why

    shell("work", "accept", work, "--as", second)
    shell("case", "reply", case, "--as", second, stdin="Please switch it off and on.\n")
    until(lambda: smtp_sink.received, "the answer")
    answer = email.message_from_bytes(smtp_sink.received[0].raw, policy=email.policy.default)
    assert answer["In-Reply-To"] == "<1@ortiz-farm.example>"
    assert answer["Subject"] == f"Re: Inverter shows E-31 [#{case}]"
    assert smtp_sink.received[0].recipients == ("lena@ortiz-farm.example",)

    until(lambda: shell.json("case", "show", case)["status"] == "waiting_customer", "waiting for the customer")
    reply = customer_mail("Re: Inverter", "It works!", 2, f"In-Reply-To: {answer['Message-ID']}")
    dovecot.deliver(reply)
    until(lambda: shell.json("case", "show", case)["status"] == "open", "the customer's answer")
    assert [each["direction"] for each in shell.json("case", "show", case)["messages"]] == [
        "inbound",
        "outbound",
        "inbound",
    ]
    shell("case", "resolve", case, "--as", second)
    shell("case", "close", case, "--as", "ida")
    assert shell.json("case", "list", "--all")["cases"][0]["status"] == "closed"
    assert shell.json("mail", "outbox", "--state", "sent")["outbox"][0]["tries"] == 1
    assert shell.json("engine", "status")["acting"] is True
    shell("verify")


def test_the_sample_company_plays_its_story_to_the_end() -> None:
    done = program("demo", "--pace", "0.05")
    assert done.code == 0, done.out + done.err
    assert "✗" not in done.out
    assert done.out.endswith("All of it happened.\n")
