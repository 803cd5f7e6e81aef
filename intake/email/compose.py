"""An answer as a mail: the same bytes at each try, under the Message-ID that was fixed when it was written.

No header takes a line end, a control character or a bidi mark from anybody: subjects and addresses are sanitised on the way out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import Connection, bindparam, select

from core.errors import NotFound
from data.clock import MICROSECONDS
from data.schema import messages
from data.text import sanitise

LONGEST_REFERENCES = 1500
"""In characters: some relays refuse longer headers. The first and the newest ones are kept."""

_MESSAGE = select(messages).where(messages.c.id == bindparam("b_id"))
_EARLIER = (
    select(messages.c.mail_id, messages.c.direction)
    .where(
        messages.c.case_id == bindparam("b_case"), messages.c.id < bindparam("b_id"), messages.c.mail_id.is_not(None)
    )
    .order_by(messages.c.id)
)
_POLICY = SMTP.clone(max_line_length=998, refold_source="long")


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail ready for the server: who it is for, and its bytes."""

    recipients: tuple[str, ...]
    content: bytes


def compose(connection: Connection, message_id: int, sender: str) -> Composed:
    """Return the mail of a stored answer.

    Args:
        connection: where the answer is read.
        message_id: the answer.
        sender: the From header of the mailbox that sends it.

    Raises:
        NotFound: there is no such message.
    """
    row = connection.execute(_MESSAGE, {"b_id": message_id}).first()
    if row is None:
        raise NotFound(what="message", which=str(message_id))
    earlier = connection.execute(_EARLIER, {"b_case": row.case_id, "b_id": message_id}).all()
    recipients = tuple(json.loads(row.recipients.raw))
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = ", ".join(sanitise(each, line=True) for each in recipients)
    mail["Subject"] = sanitise(row.subject, line=True)
    mail["Date"] = format_datetime(datetime.fromtimestamp(row.at / MICROSECONDS, UTC))
    mail["Message-ID"] = row.mail_id
    inbound = [_header_safe(each.mail_id) for each in earlier if each.direction == "inbound"]
    if inbound and inbound[-1]:
        mail["In-Reply-To"] = inbound[-1]
    references = shorten([safe for each in earlier if (safe := _header_safe(each.mail_id))])
    if references:
        mail["References"] = " ".join(references)
    mail.set_content(row.text.raw.replace("\r\n", "\n").replace("\r", "\n"))
    return Composed(recipients, mail.as_bytes())


def _header_safe(mail_id: str) -> str:
    """Return a Message-ID that can stand in a header, or nothing for one that cannot."""
    usable = mail_id.isascii() and mail_id.isprintable() and " " not in mail_id and len(mail_id) < 500
    return mail_id if usable else ""


def shorten(references: list[str]) -> list[str]:
    """Return at most 1,500 characters of references: the first, and as many of the newest as have room."""
    if sum(len(each) + 1 for each in references) <= LONGEST_REFERENCES:
        return references
    kept: list[str] = []
    room = LONGEST_REFERENCES - len(references[0]) - 1
    for each in reversed(references[1:]):
        room -= len(each) + 1
        if room < 0:
            break
        kept.append(each)
    return [references[0], *reversed(kept)]
