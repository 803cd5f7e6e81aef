"""The customers' side of the demo: ordinary mail programs that send over SMTP and read their mailboxes over IMAP."""

from __future__ import annotations

import contextlib
import email
import email.policy
import html
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from string import Template

from imapclient import IMAPClient

from console.demo.company import DESK_ADDRESS

_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be written.

    Args:
        to: the address of the desk that it goes to.
        html: whether it carries an HTML part beside the plain one.
        attachment: name, media type and content of a file.
    """

    subject: str
    text: str
    to: str = DESK_ADDRESS
    html: bool = False
    attachment: tuple[str, str, bytes] | None = None


class MailProgram:
    """One customer's mail program.

    Args:
        name: the customer's, for the From field.
        address: the customer's.
        box: the name of the mailbox on the server.
    """

    def __init__(self, name: str, address: str, box: str, imap_port: int, smtp_port: int, password: str) -> None:
        self.name = name
        self.address = address
        self.first_id = ""
        self._box = box
        self._imap_port = imap_port
        self._smtp_port = smtp_port
        self._password = password
        self._client: IMAPClient | None = None
        self._last_uid = 0

    def write(self, letter: Letter) -> None:
        """Send a new mail."""
        mail = self._mail(letter.subject, letter.text, letter.to)
        if letter.html:
            mail.add_alternative(_as_html(letter.text), subtype="html")
        if letter.attachment is not None:
            name, kind, content = letter.attachment
            main, _, sub = kind.partition("/")
            mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
        self.first_id = str(mail["Message-ID"])
        self._send(mail)

    def answer(self, answered: EmailMessage, text: str, quote: str = "On $date, $who wrote:") -> None:
        """Answer a mail of the desk, as any mail program would: with its headers and the text quoted.

        Args:
            quote: the line above what is quoted, in the customer's language.
        """
        quoted = "".join(f"> {line}\n" for line in _body(answered).splitlines())
        head = Template(quote).substitute(date=answered["Date"], who="the desk")
        mail = self._mail(str(answered["Subject"]), f"{text}\n{head}\n{quoted}", _sender(answered))
        self._into_thread(mail, answered)
        self._send(mail)

    def answer_by_itself(self, answered: EmailMessage, subject: str, text: str) -> None:
        """Answer as a mail program does whose owner is away."""
        mail = self._mail(subject, text, _sender(answered))
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
        self._into_thread(mail, answered)
        self._send(mail)

    def answers(self) -> list[EmailMessage]:
        """Return all that has arrived in the customer's mailbox."""
        with IMAPClient("127.0.0.1", port=self._imap_port, ssl=False, timeout=_TIMEOUT_S) as client:
            client.login(self._box, self._password)
            client.select_folder("INBOX", readonly=True)
            client.noop()
            return [mail for _uid, mail in _fetched(client, "1:*")]

    def new_answers(self) -> list[EmailMessage]:
        """Return what has arrived since the last look, over one connection that stays open."""
        if self._client is None:
            self._client = IMAPClient("127.0.0.1", port=self._imap_port, ssl=False, timeout=_TIMEOUT_S)
            self._client.login(self._box, self._password)
            self._client.select_folder("INBOX", readonly=True)
        try:
            self._client.noop()
            found = [
                (uid, mail) for uid, mail in _fetched(self._client, f"{self._last_uid + 1}:*") if uid > self._last_uid
            ]
        except BaseException:
            self.close()
            raise
        if found:
            self._last_uid = found[-1][0]
        return [mail for _uid, mail in found]

    def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                client.shutdown()

    def _mail(self, subject: str, text: str, to: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = formataddr((self.name, self.address))
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = make_msgid(domain=self.address.partition("@")[2])
        mail.set_content(text)
        return mail

    def _into_thread(self, mail: EmailMessage, answered: EmailMessage) -> None:
        mail["In-Reply-To"] = str(answered["Message-ID"])
        mail["References"] = f"{answered['References'] or ''} {answered['Message-ID']}".strip()

    def _send(self, mail: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self._smtp_port, timeout=_TIMEOUT_S) as server:
            server.send_message(mail)


def _fetched(client: IMAPClient, which: str) -> list[tuple[int, EmailMessage]]:
    found = client.fetch(client.search(["UID", which]), ["BODY.PEEK[]"])
    return [
        (uid, email.message_from_bytes(parts[b"BODY[]"], policy=email.policy.default))
        for uid, parts in sorted(found.items())
    ]


def _sender(mail: EmailMessage) -> str:
    """Return the address that an answer to a mail goes to."""
    addresses = mail["Reply-To"] or mail["From"]
    return str(addresses.addresses[0].addr_spec) if addresses is not None and addresses.addresses else DESK_ADDRESS


def _body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return "" if part is None else str(part.get_content())


def _as_html(text: str) -> str:
    paragraphs = (html.escape(each).replace("\n", "<br>\n") for each in text.strip().split("\n\n"))
    return "<html><body>\n" + "\n".join(f"<p>{each}</p>" for each in paragraphs) + "\n</body></html>\n"
