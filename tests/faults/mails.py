"""Mails as bytes, for those who deliver them."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP

SUPPORT = "support@ursamajor.example"
LENA = "Lena Ortiz <lena@ortiz-farm.example>"


def mail(
    subject: str = "Inverter shows E-31",
    text: str = "It is dark here.",
    *,
    sender: str = LENA,
    to: str = SUPPORT,
    mail_id: str = "<1@ortiz-farm.example>",
    answers: str = "",
    references: str = "",
    headers: Mapping[str, str] | None = None,
    attachment: bytes = b"",
) -> bytes:
    """Return a mail; `answers` is its In-Reply-To, and its References unless those are given."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Tue, 14 Nov 2023 22:13:20 +0000"
    if mail_id:
        message["Message-ID"] = mail_id
    if answers:
        message["In-Reply-To"] = answers
        message["References"] = references or answers
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    if attachment:
        message.add_attachment(attachment, maintype="application", subtype="octet-stream", filename="log.bin")
    return message.as_bytes()


def report(answer: bytes, mail_id: str, *, to: str = SUPPORT, recipient: str = "lena@ortiz-farm.example") -> bytes:
    """Return the delivery report (RFC 3464) that a mail server sends about a message it could not deliver."""
    parts = (
        f"Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.ortiz-farm.example>\r\nTo: {to}\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nDate: Tue, 14 Nov 2023 22:14:00 +0000\r\nMessage-ID: {mail_id}\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"This is the mail system at host mx.ortiz-farm.example.\r\n\r\n<{recipient}>: unknown user\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.ortiz-farm.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 unknown user\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    return parts.encode() + answer.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n--b--\r\n"


def with_many_parts(count: int) -> bytes:
    """Return a mail of so many parts, for a reader that is told to refuse it."""
    head = f"From: {LENA}\r\nTo: {SUPPORT}\r\nSubject: too much\r\nMessage-ID: <parts@ortiz-farm.example>\r\nMIME-Version: 1.0\r\n"
    part = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return (head + 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + part * count + "--b--\r\n").encode()
