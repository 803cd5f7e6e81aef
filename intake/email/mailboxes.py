"""The desk's mailboxes as the mail client needs them: connection settings, and the password fetched when it is asked for.

A password is never kept: it comes from a command, a file or an environment variable each time, so a changed one needs no restart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from sqlalchemy import Connection, select

from core.config.document import Imap, Secret, Smtp
from core.errors import Unavailable
from data.schema import mailboxes
from intake.email.imap import ImapSettings
from intake.email.smtp import SmtpSettings
from intake.secret_sources import NoSecret, fetch_secret


class NoPassword(Unavailable):
    """The password of mailbox {mailbox} could not be had: {why}. Check the mailbox's password entry in the configuration."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox of the desk, ready to connect. `sender` is the From header of its answers."""

    id: int
    name: str
    sender: str
    imap: ImapSettings | None
    smtp: SmtpSettings | None

    @property
    def sender_address(self) -> str:
        """The bare address of the From header."""
        return parseaddr(self.sender)[1]


def load_mailboxes(connection: Connection) -> Sequence[Mailbox]:
    """Return the active mailboxes."""
    rows = connection.execute(select(mailboxes).where(mailboxes.c.active == 1).order_by(mailboxes.c.name))
    return [
        Mailbox(
            id=row.id,
            name=row.name,
            sender=row.from_header,
            imap=_imap(row.name, Imap.model_validate_json(row.imap)) if row.imap else None,
            smtp=_smtp(row.name, Smtp.model_validate_json(row.smtp)) if row.smtp else None,
        )
        for row in rows
    ]


def _imap(name: str, entry: Imap) -> ImapSettings:
    return ImapSettings(
        host=entry.host,
        port=entry.port_number(),
        user=entry.user,
        password=password_source(name, entry.password),
        tls=entry.tls,
        folder=entry.folder,
        start="now" if entry.start == "new" else "all",
    )


def _smtp(name: str, entry: Smtp) -> SmtpSettings:
    return SmtpSettings(
        host=entry.host,
        port=entry.port_number(),
        tls=entry.tls,
        user=entry.user,
        password=password_source(name, entry.password) if entry.password else None,
    )


def password_source(mailbox: str, secret: Secret) -> Callable[[], str]:
    """Return the function that fetches a mailbox's password.

    Raises:
        NoPassword: when called: the command failed, the file or the variable is not there.
    """

    def fetch() -> str:
        try:
            return fetch_secret(secret)
        except NoSecret as error:
            raise NoPassword(mailbox=mailbox, why=error.params["why"]) from error

    return fetch
