"""The sender of mail: what is due is handed to its mailbox's server, always under the Message-ID that was fixed when it was written."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import groupby

from sqlalchemy.exc import DBAPIError

from core.access import ENGINE
from core.engine import outbox
from core.errors import DeskError, Unavailable
from intake.due_sender import DueSender
from intake.email.compose import Composed, compose
from intake.email.mailboxes import Mailbox, load_mailboxes
from intake.email.smtp import SendFailed, SmtpSession, SomeRefused

log = logging.getLogger("deskline.mail")


class OutboxSender(DueSender):
    """Sends the desk's mail."""

    kind = "mail"

    def deliver(self, rows: Sequence[outbox.Taken]) -> None:
        """Send what was taken, one session a mailbox."""
        with self._desk.reading() as connection:
            known = {mailbox.id: mailbox for mailbox in load_mailboxes(connection)}
        for mailbox_id, group in groupby(
            sorted(rows, key=lambda r: (r.mailbox_id or 0, r.id)), key=lambda r: r.mailbox_id
        ):
            self._send_all(known.get(mailbox_id or 0), list(group))

    def _send_all(self, mailbox: Mailbox | None, rows: Sequence[outbox.Taken]) -> None:
        if mailbox is None or mailbox.smtp is None:
            for row in rows:
                self._desk.run(ENGINE, outbox.not_sent, row, "its mailbox is gone or has no smtp", permanent=True)
            return
        with SmtpSession(mailbox.smtp) as session:
            for row in rows:
                self._send(session, mailbox, row)

    def _send(self, session: SmtpSession, mailbox: Mailbox, row: outbox.Taken) -> None:
        mail = self._composed(mailbox, row)
        if mail is None:
            return
        refused: str | None = None
        try:
            session.send(mailbox.sender_address, mail.recipients, mail.content)
        except SomeRefused as error:
            # The others have the mail, and the outbox knows only the whole of it: a second try would bring it to them
            # again. So it counts as sent, and the message shows who has not got it.
            refused = str(error)
        except SendFailed as error:
            self._desk.run(ENGINE, outbox.not_sent, row, str(error), permanent=error.permanent)
            return
        except Unavailable as error:
            self._desk.run(ENGINE, outbox.not_sent, row, str(error), permanent=False)
            return
        except Exception as error:
            log.exception("message %d could not be handed over", row.message_id)
            permanent = isinstance(error, DeskError)
            self._desk.run(ENGINE, outbox.not_sent, row, _said(error), permanent=permanent)
            return
        self._desk.run(ENGINE, outbox.sent, row, refused)

    def _composed(self, mailbox: Mailbox, row: outbox.Taken) -> Composed | None:
        """Return the mail of a row, or None where there is nothing to send: another has it, or it was settled as failed."""
        try:
            with self._desk.reading() as connection:
                if not outbox.still_taken(connection, row):
                    return None
                assert row.message_id is not None
                return compose(connection, row.message_id, mailbox.sender)
        except (Unavailable, DBAPIError) as error:
            self._desk.run(ENGINE, outbox.not_sent, row, _said(error), permanent=False)
        except Exception as error:
            # The same text gives the same mail: what could not be composed once never will be.
            log.exception("message %d could not be composed", row.message_id)
            self._desk.run(ENGINE, outbox.not_sent, row, _said(error), permanent=True)
        return None


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, DeskError) else f"{type(error).__name__}: {error}"
