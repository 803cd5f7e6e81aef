"""The customers' side of the demo: ordinary mail programs that send over SMTP and read their mailboxes over IMAP."""

from __future__ import annotations

import email
import email.policy
import smtplib
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid

from imapclient import IMAPClient

from console.demo.company import DESK_ADDRESS, Customer

_TIMEOUT_S = 20


class MailProgram:
    """One customer's mail program."""

    def __init__(self, customer: Customer, imap_port: int, smtp_port: int, password: str) -> None:
        self.customer = customer
        self.first_id = ""
        self._imap_port = imap_port
        self._smtp_port = smtp_port
        self._password = password

    def write(self) -> None:
        """Send the customer's first mail."""
        mail = self._mail(self.customer.subject, self.customer.text)
        if self.customer.attachment is not None:
            name, kind, content = self.customer.attachment
            main, _, sub = kind.partition("/")
            mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
        self.first_id = str(mail["Message-ID"])
        self._send(mail)

    def answer(self, answered: EmailMessage, text: str) -> None:
        """Answer a mail of the desk, as any mail program would: with its headers and the text quoted."""
        quoted = "".join(f"> {line}\n" for line in _body(answered).splitlines())
        mail = self._mail(str(answered["Subject"]), f"{text}\nOn {answered['Date']}, the desk wrote:\n{quoted}")
        mail["In-Reply-To"] = str(answered["Message-ID"])
        mail["References"] = f"{answered['References'] or ''} {answered['Message-ID']}".strip()
        self._send(mail)

    def answers(self) -> list[EmailMessage]:
        """Return what has arrived in the customer's mailbox."""
        with IMAPClient("127.0.0.1", port=self._imap_port, ssl=False, timeout=_TIMEOUT_S) as client:
            client.login(self.customer.box, self._password)
            client.select_folder("INBOX", readonly=True)
            client.noop()
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
        return [
            email.message_from_bytes(parts[b"BODY[]"], policy=email.policy.default)
            for _, parts in sorted(found.items())
        ]

    def _mail(self, subject: str, text: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = formataddr((self.customer.name, self.customer.address))
        mail["To"] = DESK_ADDRESS
        mail["Subject"] = subject
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = make_msgid(domain=self.customer.address.partition("@")[2])
        mail.set_content(text)
        return mail

    def _send(self, mail: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self._smtp_port, timeout=_TIMEOUT_S) as server:
            server.send_message(mail)


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return "" if part is None else str(part.get_content())
