"""What a bounce proves: who may mark an answer as failed, and which one."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from core.actions import cases
from data.actor import INTAKE
from intake.email.receive import Receipt, read, take
from tests.builders import Story

CUSTOMER = "lena@ortiz-farm.example"
DAEMON = "MAILER-DAEMON@mx.example"
FAILED = f"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; {CUSTOMER}\nAction: failed\nStatus: 5.1.1\n"


@pytest.fixture
def desk(tmp_path: Path) -> Story:
    return Story(tmp_path / "desk.db")


def arrives(desk: Story, text: str) -> Receipt:
    receipt = desk.desk.run(INTAKE, take, read(text.encode()))
    desk.settle()
    return receipt


def answered(desk: Story) -> tuple[int, str]:
    """Return a case with an answer of ours, and that answer's Message-ID."""
    case = arrives(desk, f"From: {CUSTOMER}\nSubject: Dark\nMessage-ID: <1@x.example>\n\nHello\n").case
    assert case is not None
    return case, answer(desk, case)


def answer(desk: Story, case: int) -> str:
    message = desk.act("admin", cases.reply, case, "Try this")
    return desk.one("select mail_id from messages where id = ?", message)


def delivery(desk: Story, mail_id: str) -> str:
    return desk.one("select delivery from messages where mail_id = ? and direction = 'outbound'", mail_id)


def words(sender: str, *headers: str, subject: str = "Undelivered Mail Returned to Sender", body: str) -> str:
    """Return a bounce in plain words."""
    lines = [*headers, f"From: {sender}", f"Subject: {subject}", "Message-ID: <b@mx.example>"]
    return "\n".join(lines) + f"\n\nYour message could not be delivered: unknown user.\n\n{body}\n"


def report(*parts: tuple[str, str], kind: str = "report; report-type=delivery-status", sender: str = DAEMON) -> str:
    """Return a multipart of parts: content type with whatever other headers, and body."""
    head = f"From: {sender}\nSubject: Undelivered Mail\nMessage-ID: <b@mx.example>\nMIME-Version: 1.0\n"
    body = "".join(f"--b\nContent-Type: {type_}\n\n{content}\n" for type_, content in parts)
    return f'{head}Content-Type: multipart/{kind}; boundary="b"\n\n{body}--b--\n'


def test_a_customer_who_names_our_message_in_a_bounce_of_their_own_fails_no_answer(desk: Story) -> None:
    case, ours = answered(desk)
    body = f"----- original message -----\nMessage-ID: {ours}\n"
    for sender in (CUSTOMER, f"Mailer-Daemon <{CUSTOMER}>"):
        assert arrives(desk, words(sender, f"In-Reply-To: {ours}", body=body)).case == case
        assert delivery(desk, ours) == "queued"


@pytest.mark.parametrize(
    ("sender", "headers"),
    [(DAEMON, ()), ("postmaster@mx.example", ()), ("bounces@mx.example", ("Return-Path: <>",))],
)
def test_a_bounce_in_words_counts_when_a_mail_system_sent_it_and_its_text_names_the_answer(
    desk: Story, sender: str, headers: tuple[str, ...]
) -> None:
    case, ours = answered(desk)
    assert arrives(desk, words(sender, *headers, body=f"Message-ID: {ours}")).case == case
    assert delivery(desk, ours) == "failed"
    assert desk.kinds().count("message.bounced") == 1
    assert desk.status(case) == "waiting_customer"


@pytest.mark.parametrize(
    "bounce",
    [
        lambda ours: words(DAEMON, f"In-Reply-To: {ours}", f"References: {ours}", body="Nothing more is known."),
        lambda ours: words(DAEMON, subject="Warning: message delayed 4 hours", body=f"Message-ID: {ours}"),
        lambda ours: words(
            "bounces@mx.example", "Return-Path: <evil@x.example>", "Return-Path: <>", body=f"Message-ID: {ours}"
        ),
    ],
    ids=["only its header names the answer", "only delayed", "a null sender that its author wrote"],
)
def test_a_bounce_in_words_that_proves_nothing_is_only_shown(desk: Story, bounce) -> None:
    case, ours = answered(desk)
    assert arrives(desk, bounce(ours)).case == case
    assert delivery(desk, ours) == "queued"


def encoded(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


BASE64 = "\nContent-Transfer-Encoding: base64"


@pytest.mark.parametrize(
    "parts",
    [
        lambda mail: (("message/delivery-status", FAILED), ("message/rfc822", mail)),
        lambda mail: (("message/delivery-status", FAILED), ("text/rfc822-headers", mail)),
        lambda mail: (
            (f"message/global-delivery-status{BASE64}", encoded(FAILED)),
            (f"message/global{BASE64}", encoded(mail)),
        ),
        lambda mail: (
            ("message/delivery-status", FAILED.replace("failed", "relayed") + "\n" + FAILED),
            ("message/rfc822", mail),
        ),
    ],
    ids=["whole mail", "headers", "global and base64", "one of two recipients"],
)
def test_a_report_of_failure_that_returns_our_mail_fails_it(desk: Story, parts) -> None:
    case, ours = answered(desk)
    sent = parts(f"From: support@ursamajor.example\nReferences: <1@x.example>\nMessage-ID: {ours}\n\nTry this\n")
    assert arrives(desk, report(("text/plain", "It failed."), *sent)).case == case
    assert delivery(desk, ours) == "failed"


def test_of_two_answers_the_one_whose_mail_was_returned_failed(desk: Story) -> None:
    case, first = answered(desk)
    second = answer(desk, case)
    returned = f"References: <1@x.example> {first}\nMessage-ID: {second}\n"
    arrives(desk, report(("message/delivery-status", FAILED), ("text/rfc822-headers", returned)))
    assert (delivery(desk, first), delivery(desk, second)) == ("queued", "failed")


def test_a_report_about_another_mail_that_only_refers_to_ours_fails_nothing(desk: Story) -> None:
    case, ours = answered(desk)
    returned = f"References: {ours}\nMessage-ID: <2@x.example>\n"
    bounce = report(("message/delivery-status", FAILED), ("text/rfc822-headers", returned))
    assert arrives(desk, f"In-Reply-To: {ours}\n{bounce}").case == case
    assert delivery(desk, ours) == "queued"


@pytest.mark.parametrize("sender", [CUSTOMER, DAEMON])
def test_a_report_inside_a_forwarded_mail_is_not_looked_at(desk: Story, sender: str) -> None:
    _, ours = answered(desk)
    inner = report(("message/delivery-status", FAILED), ("text/rfc822-headers", f"Message-ID: {ours}\n"))
    inner = inner.replace('"b"', '"c"').replace("--b", "--c")
    arrives(desk, report(("text/plain", "Look, undeliverable"), ("message/rfc822", inner), kind="mixed", sender=sender))
    assert delivery(desk, ours) == "queued"
