"""Sending over a real SMTP connection, to a server that takes, refuses, and breaks off."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Any

import pytest

from intake.email.smtp import SendFailed, SmtpSession, SmtpSettings, send
from tests.services import Dovecot, SmtpSink, free_port, running_smtp_sink

MESSAGE = b"From: support@ursamajor.example\nTo: anna@customer.example\nSubject: hello\n\n.dot\nlast\n"
SENDER = "support@ursamajor.example"
ANNA, BERT, CARL = "anna@customer.example", "bert@customer.example", "carl@customer.example"


def test_a_message_arrives_with_its_envelope_and_smtp_line_ends(smtp_sink: SmtpSink) -> None:
    send(smtp_sink.settings(), SENDER, [ANNA, BERT, ANNA], MESSAGE)
    (received,) = smtp_sink.received
    assert (received.sender, received.recipients) == (SENDER, (ANNA, BERT))
    assert received.raw == MESSAGE.replace(b"\n", b"\r\n")


def test_a_null_sender_and_international_addresses_are_taken(smtp_sink: SmtpSink) -> None:
    send(smtp_sink.settings(), "", ["jürgen@kunde.example"], MESSAGE)
    assert (smtp_sink.received[0].sender, smtp_sink.received[0].recipients) == ("", ("jürgen@kunde.example",))


def test_eight_bit_bytes_arrive_unchanged(smtp_sink: SmtpSink) -> None:
    raw = "Subject: hello\r\n\r\ngrüße\r\n".encode()
    send(smtp_sink.settings(), SENDER, [ANNA], raw)
    assert smtp_sink.received[0].raw == raw


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        ("451 4.3.0 try again", False),
        ("550 5.7.1 spam", True),
        ("554 5.6.0 bad message", True),
        ("550 5.7.1 Greylisted, come back", False),
        ("530 5.7.0 Authentication required", False),
        ("421 4.3.2 closing", False),
    ],
)
def test_a_refused_message_is_temporary_or_permanent(smtp_sink: SmtpSink, answer: str, permanent: bool) -> None:
    smtp_sink.answer = answer
    with pytest.raises(SendFailed) as caught:
        send(smtp_sink.settings(), SENDER, [ANNA], MESSAGE)
    assert caught.value.permanent is permanent
    assert not caught.value.uncertain
    assert f"127.0.0.1:{smtp_sink.port}" in str(caught.value)
    assert answer in str(caught.value)


def test_a_refusal_of_all_recipients_is_permanent_only_if_each_is(smtp_sink: SmtpSink) -> None:
    smtp_sink.refused = {ANNA: "550 5.1.1 unknown", BERT: "451 4.2.1 busy"}
    with pytest.raises(SendFailed) as caught:
        send(smtp_sink.settings(), SENDER, [ANNA], MESSAGE)
    assert caught.value.permanent
    with pytest.raises(SendFailed) as caught:
        send(smtp_sink.settings(), SENDER, [ANNA, BERT], MESSAGE)
    assert not caught.value.permanent
    assert {who: answer.code for who, answer in caught.value.refused.items()} == {ANNA: 550, BERT: 451}
    assert smtp_sink.received == []


def test_a_refusal_of_some_recipients_names_them_and_the_others_have_the_message(smtp_sink: SmtpSink) -> None:
    smtp_sink.refused = {BERT: "550 5.1.1 unknown"}
    with pytest.raises(SendFailed, match=f"refused 1 of the recipients: {BERT}: 550 5.1.1 unknown") as caught:
        send(smtp_sink.settings(), SENDER, [ANNA, BERT, CARL], MESSAGE)
    assert caught.value.permanent
    assert list(caught.value.accepted) == [ANNA, CARL]
    assert [received.recipients for received in smtp_sink.received] == [(ANNA, CARL)]


def test_a_connection_dropped_after_the_message_is_temporary_and_uncertain(smtp_sink: SmtpSink) -> None:
    smtp_sink.drop_after_data = 1
    with pytest.raises(SendFailed) as caught:
        send(smtp_sink.settings(), SENDER, [ANNA], MESSAGE)
    assert not caught.value.permanent
    assert caught.value.uncertain
    assert len(smtp_sink.received) == 1  # it had arrived: only the same Message-ID lets anybody see that


def test_a_server_that_answers_too_late_is_uncertain(smtp_sink: SmtpSink) -> None:
    smtp_sink.delay = 5
    with pytest.raises(SendFailed) as caught:
        send(smtp_sink.settings(timeout=0.3), SENDER, [ANNA], MESSAGE)
    assert caught.value.uncertain


def test_a_server_that_is_not_there_is_temporary_and_named() -> None:
    port = free_port()
    with pytest.raises(SendFailed, match=f"127.0.0.1:{port} did not take the message: .*refused") as caught:
        send(SmtpSettings("127.0.0.1", port, tls="none"), SENDER, [ANNA], MESSAGE)
    assert not caught.value.permanent


def test_a_server_without_starttls_gets_no_mail(smtp_sink: SmtpSink) -> None:
    with pytest.raises(SendFailed, match="STARTTLS") as caught:
        send(smtp_sink.settings(tls="starttls"), SENDER, [ANNA], MESSAGE)
    assert not caught.value.permanent
    assert smtp_sink.received == []


def test_a_server_without_login_is_temporary(smtp_sink: SmtpSink) -> None:
    with pytest.raises(SendFailed) as caught:
        send(smtp_sink.settings(user="desk", password=lambda: "secret"), SENDER, [ANNA], MESSAGE)
    assert not caught.value.permanent
    assert smtp_sink.received == []


@pytest.fixture
def strict_sink(dovecot_server: Dovecot) -> Iterator[SmtpSink]:
    """Asks for TLS, with Dovecot's certificate, and for the login of desk with the password secret."""
    from aiosmtpd.smtp import AuthResult, LoginPassword

    def check(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"desk", b"secret")
        return AuthResult(success=right, handled=False)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(dovecot_server.certificate, dovecot_server.root / "key.pem")
    with running_smtp_sink(tls_context=context, require_starttls=True, auth_required=True, authenticator=check) as sink:
        yield sink


def test_starttls_and_login(strict_sink: SmtpSink, dovecot_server: Dovecot) -> None:
    trusting = ssl.create_default_context(cafile=str(dovecot_server.certificate))
    settings = strict_sink.settings(host="localhost", tls="starttls", user="desk", password=lambda: "secret")
    send(settings, SENDER, [ANNA], MESSAGE, context=trusting)
    assert len(strict_sink.received) == 1
    for password in ("wrong", "grüße"):
        settings = strict_sink.settings(host="localhost", tls="starttls", user="desk", password=lambda: password)  # noqa: B023
        with pytest.raises(SendFailed) as caught:
            send(settings, SENDER, [ANNA], MESSAGE, context=trusting)
        assert not caught.value.permanent
    assert len(strict_sink.received) == 1


def test_a_wrong_password_is_said_to_be_one(strict_sink: SmtpSink, dovecot_server: Dovecot) -> None:
    trusting = ssl.create_default_context(cafile=str(dovecot_server.certificate))
    settings = strict_sink.settings(host="localhost", tls="starttls", user="desk", password=lambda: "wrong")
    with pytest.raises(SendFailed, match=r"535 .*correct the user desk or the password"):
        send(settings, SENDER, [ANNA], MESSAGE, context=trusting)


def test_a_certificate_that_is_not_trusted_gets_no_mail(strict_sink: SmtpSink) -> None:
    with pytest.raises(SendFailed, match="certificate is not trusted") as caught:
        send(strict_sink.settings(host="localhost", tls="starttls"), SENDER, [ANNA], MESSAGE)
    assert not caught.value.permanent


@pytest.mark.parametrize("address", ["a@b.example>\r\nRCPT TO:<c@d.example", "a\nb@c.example", "a b@c.example", ""])
def test_no_address_can_carry_a_command(smtp_sink: SmtpSink, address: str) -> None:
    with pytest.raises(SendFailed) as caught:
        send(smtp_sink.settings(), SENDER, [address], MESSAGE)
    assert caught.value.permanent
    if address:
        with pytest.raises(SendFailed):
            send(smtp_sink.settings(), address, [ANNA], MESSAGE)
    assert smtp_sink.connections == 0


@pytest.mark.parametrize("ends", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r\n"])
def test_no_message_can_hide_a_second_one(smtp_sink: SmtpSink, ends: bytes) -> None:
    send(smtp_sink.settings(), SENDER, [ANNA], b"Subject: a\r\n\r\ntext" + ends + b"MAIL FROM:<x@y.example>\r\n")
    (received,) = smtp_sink.received
    assert received.raw == b"Subject: a\r\n\r\ntext\r\n.\r\nMAIL FROM:<x@y.example>\r\n"


def test_a_session_sends_several_messages_over_one_connection(smtp_sink: SmtpSink) -> None:
    smtp_sink.refused = {BERT: "550 5.1.1 unknown"}
    with SmtpSession(smtp_sink.settings()) as session:
        session.send(SENDER, [ANNA], MESSAGE)
        with pytest.raises(SendFailed):
            session.send(SENDER, [BERT], MESSAGE)
        session.send(SENDER, [CARL], MESSAGE)
    assert [received.recipients for received in smtp_sink.received] == [(ANNA,), (CARL,)]
    assert smtp_sink.connections == 1


def test_a_session_connects_again_when_the_server_dropped_it(smtp_sink: SmtpSink) -> None:
    with SmtpSession(smtp_sink.settings()) as session:
        session.send(SENDER, [ANNA], MESSAGE)
        smtp_sink.drop_at_mail = 1
        session.send(SENDER, [BERT], MESSAGE)
        smtp_sink.drop_after_data = 1
        with pytest.raises(SendFailed):
            session.send(SENDER, [CARL], MESSAGE)
        session.send(SENDER, [ANNA], MESSAGE)
    assert [received.recipients for received in smtp_sink.received] == [(ANNA,), (BERT,), (CARL,), (ANNA,)]
    assert smtp_sink.connections == 3


def test_a_server_that_drops_every_connection_is_given_up(smtp_sink: SmtpSink) -> None:
    smtp_sink.drop_at_mail = 100
    with pytest.raises(SendFailed) as caught:
        send(smtp_sink.settings(), SENDER, [ANNA], MESSAGE)
    assert not caught.value.permanent
    assert not caught.value.uncertain
    assert smtp_sink.connections == 1
