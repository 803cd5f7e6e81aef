"""What the IMAP poller needs of the desk: its position in a mailbox, and mails taken in before the server is told anything.

Position and mails move in one transaction, so that a poller that is killed fetches again at worst what the desk recognises.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from sqlalchemy import Update, bindparam, select, update

from core.access import INTAKE
from core.engine import lease
from core.errors import LeaseLost
from data.desk import Desk
from data.schema import mailbox_states
from data.text import OutsideText
from data.transaction import Tx
from intake.email.imap import FetchedMail, Position
from intake.email.receive import Place, Read, quarantine, read, take_all

_POSITION = select(mailbox_states.c.uidvalidity, mailbox_states.c.next_uid).where(
    mailbox_states.c.mailbox_id == bindparam("b_mailbox")
)
_MOVE = (
    update(mailbox_states)
    .where(mailbox_states.c.mailbox_id == bindparam("b_mailbox"))
    .values(uidvalidity=bindparam("b_validity"), next_uid=bindparam("b_next"))
)
_POLLED = (
    update(mailbox_states)
    .where(mailbox_states.c.mailbox_id == bindparam("b_mailbox"))
    .values(polled_at=bindparam("b_now"), failure=None, failed_at=None)
)
_FAILED = (
    update(mailbox_states)
    .where(mailbox_states.c.mailbox_id == bindparam("b_mailbox"))
    .values(failed_at=bindparam("b_now"), failure=bindparam("b_why"))
)


class DeskMailStore:
    """A mailbox's side of the desk. `fence` gives the engine's fencing number; None where no engine is needed (a single poll)."""

    def __init__(self, desk: Desk, mailbox_id: int, fence: Callable[[], int | None] | None = None) -> None:
        self._desk = desk
        self._mailbox_id = mailbox_id
        self._fence = fence
        self.replaced = threading.Event()
        """Set when another poller reads this mailbox: from then on nothing of this one is taken."""

    def position(self) -> Position | None:
        """Return where polling stands, or None for a mailbox that was never polled."""
        with self._desk.reading() as connection:
            row = connection.execute(_POSITION, {"b_mailbox": self._mailbox_id}).first()
        if row is None or row.uidvalidity is None:
            return None
        return Position(row.uidvalidity, row.next_uid)

    def take(self, mails: Sequence[FetchedMail], position: Position) -> None:
        """Take mails in and move the position; durable when it returns."""
        mailbox = self._mailbox_id
        parsed = [read(mail.raw, Place(mailbox, mail.uidvalidity, mail.uid)) for mail in mails]
        self._desk.run(INTAKE, self._take, parsed, position)

    def _take(self, tx: Tx, mails: Sequence[Read], position: Position) -> None:
        self._check(tx)
        take_all(tx, mails)
        self._move(tx, position)

    def refuse(self, uidvalidity: int, uid: int, reason: str, raw: bytes, position: Position) -> None:
        """Keep what could not be fetched whole in quarantine, and move on."""
        place = Place(self._mailbox_id, uidvalidity, uid)
        self._desk.run(INTAKE, self._refuse, raw, place, reason, position)

    def _refuse(self, tx: Tx, raw: bytes, place: Place, reason: str, position: Position) -> None:
        self._check(tx)
        quarantine(tx, raw, place, reason)
        self._move(tx, position)

    def _check(self, tx: Tx) -> None:
        if self.replaced.is_set():
            raise LeaseLost(holder="the mailbox's next poller")
        if self._fence is not None:
            lease.check(tx, self._fence() or -1)

    def _move(self, tx: Tx, position: Position) -> None:
        tx.execute(
            _MOVE, {"b_mailbox": self._mailbox_id, "b_validity": position.uidvalidity, "b_next": position.next_uid}
        )

    def polled(self) -> None:
        """Note that the mailbox was reached and everything in it was taken."""
        self._desk.run(INTAKE, self._note, _POLLED, {})

    def failed(self, reason: str) -> None:
        """Note why the mailbox could not be read, for `doctor` and the screens."""
        self._desk.run(INTAKE, self._note, _FAILED, {"b_why": OutsideText(reason)})

    def _note(self, tx: Tx, statement: Update, values: dict[str, object]) -> None:
        self._check(tx)  # how a mailbox is doing is for the engine to say that polls it
        tx.execute(statement, {**values, "b_mailbox": self._mailbox_id, "b_now": tx.now})
