"""The IMAP poller: brings each message of a mailbox to the desk, in order, once.

The cursor is UIDVALIDITY and UID, kept by the desk together with the messages, never a flag: people read mailboxes on
their phones. The server is told (`\\Seen`) only after the desk has committed. One bad message never stops the mailbox:
it is refused by name.
"""

from __future__ import annotations

import logging
import random
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.errors import LeaseLost, Unavailable
from intake.email.imap_connection import (
    AnswerUnusable,
    Body,
    CannotConnect,
    CertificateNotTrusted,
    ConnectionLost,
    FolderMissing,
    ImapConnection,
    ImapSettings,
    LoginRefused,
    connect,
)

__all__ = [
    "CannotConnect",
    "CertificateNotTrusted",
    "ConnectionLost",
    "FetchedMail",
    "FolderMissing",
    "ImapPoller",
    "ImapSettings",
    "LoginRefused",
    "MailStore",
    "Position",
    "next_pause",
]

log = logging.getLogger(__name__)

FETCH_BYTES = 8 << 20  # of messages in one FETCH; a larger message comes alone
TRIES = 5  # of one message whose fetch or take fails for no stated reason, before it is refused
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two connections
FIRST_LOGIN_PAUSE, LONGEST_LOGIN_PAUSE = 30.0, 900.0  # after a refused login: servers lock accounts that hammer
STEADY = 60.0  # seconds; a connection that lived so long makes the next pause a short one again
HANG_UP_SECONDS = 0.8  # after `stop`, until a read from a mute server is broken off


@dataclass(frozen=True, slots=True)
class Position:
    """Where reading goes on: the first UID that the desk does not have yet."""

    uidvalidity: int
    next_uid: int


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One message as the server holds it."""

    uidvalidity: int
    uid: int
    raw: bytes
    internal_date: datetime | None


class MailStore(Protocol):
    """What the poller needs of the desk; each method is one committed transaction."""

    def position(self) -> Position | None:
        """Where reading goes on; None when the mailbox was never polled."""

    def take(self, mails: Sequence[FetchedMail], position: Position) -> None:
        """Keep the mails and the position: durable on return, idempotent by (uidvalidity, uid)."""

    def refuse(self, uidvalidity: int, uid: int, reason: str, raw: bytes, position: Position) -> None:
        """Quarantine a message that could not be fetched or taken, with what there is of it."""

    def polled(self) -> None:
        """A poll ended well."""

    def failed(self, reason: str) -> None:
        """Polling does not work, for a reason the administrator is shown; called once a change of reason."""


def next_pause(before: float, *, refused: bool) -> float:
    """Seconds until the next connection, given the pause before the last one (0: it lived long, or is the first)."""
    first, longest = (FIRST_LOGIN_PAUSE, LONGEST_LOGIN_PAUSE) if refused else (FIRST_PAUSE, LONGEST_PAUSE)
    return min(max(first, before * 2), longest)


class ImapPoller:
    """Polls one mailbox for one store. `run` belongs in a thread of its own; nothing here is shared between threads."""

    def __init__(self, settings: ImapSettings, store: MailStore, *, context: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._store = store
        self._context = context
        self._reason = ""
        self._limit = max(1, settings.batch)  # messages a batch: halved by a failure, doubled by a success
        self._tried: tuple[int, int, int] = (0, 0, 0)  # uidvalidity, uid and failures of one message

    def poll_once(self) -> int:
        """Bring all that is new, and return how many messages that were; raises `Unavailable`."""
        with connect(self._settings, self._context) as connection:
            count = self._bring(connection, threading.Event())
        self._polled()
        return count

    def run(self, stop: threading.Event) -> None:
        """Poll until `stop` is set: as mail comes where the server has IDLE, and whatever happens to the connection."""
        pause = 0.0
        while not stop.is_set():
            began = time.monotonic()
            refused = False
            try:
                self._serve(stop)
            except Exception as error:  # noqa: BLE001 (a poller that dies is a desk without mail)
                refused = isinstance(error, LoginRefused)
                if not stop.is_set():  # else the connection was broken off by us
                    self._failed(error)
            if stop.is_set():
                return
            pause = next_pause(0.0 if time.monotonic() - began > STEADY else pause, refused=refused)
            # Jitter, so that the mailboxes of a desk do not all come back in the same second.
            stop.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 (nothing secret)

    def _serve(self, stop: threading.Event) -> None:
        with connect(self._settings, self._context) as connection:
            done = threading.Event()
            threading.Thread(target=_break_off, args=(connection, stop, done), daemon=True).start()
            try:
                while not stop.is_set():
                    self._bring(connection, stop)
                    self._polled()
                    connection.wait(stop)
            finally:
                done.set()

    def _bring(self, connection: ImapConnection, stop: threading.Event) -> int:
        known = self._store.position()
        position = self._start(connection, known)
        validity = position.uidvalidity
        count = 0
        while not stop.is_set() and (uids := connection.uids_from(position.next_uid)):
            while uids and not stop.is_set():
                last, mails = self._batch(connection, validity, uids[: self._limit])
                if last:
                    uids = uids[uids.index(last) + 1 :]
                    position = Position(validity, last + 1)
                if mails:
                    known = position
                    count += mails
        if known != position:
            self._store.take((), position)
        return count

    def _start(self, connection: ImapConnection, known: Position | None) -> Position:
        folder = connection.folder
        if known is not None and known.uidvalidity == folder.uidvalidity:
            return known
        if known is None and self._settings.start == "now":
            last = max(connection.uids_from(folder.uid_next or 1), default=(folder.uid_next or 1) - 1)
            return Position(folder.uidvalidity, last + 1)
        # A new UIDVALIDITY: no UID means what it meant. All is read again, and the store knows its messages by content.
        return Position(folder.uidvalidity, 1)

    def _batch(self, connection: ImapConnection, validity: int, uids: list[int]) -> tuple[int, int]:
        """Bring messages from the front of `uids`: the last UID done with (0: try fewer), and how many messages."""
        try:
            group, mails, refused = self._fetch(connection, validity, uids)
        except ConnectionLost as error:
            self._blame(validity, uids, error, b"")
            raise
        except AnswerUnusable as error:
            if len(uids) > 1:
                self._limit = len(uids) // 2
                return 0, 0
            self._refuse(connection, validity, uids[0], str(error))
            return uids[0], 1
        if refused:
            self._refuse(connection, validity, group[0], refused)
            return group[0], 1
        if mails:
            try:
                self._store.take(mails, Position(validity, group[-1] + 1))
            except (Unavailable, LeaseLost):
                raise  # the desk is away, or another engine's, which says nothing about the mail
            except Exception as error:
                if self._blame(validity, uids, error, mails[0].raw):
                    return uids[0], 1
                if len(uids) > 1:
                    return 0, 0
                raise
            self._mark_seen(connection, [mail.uid for mail in mails])
        self._limit = min(self._limit * 2, max(1, self._settings.batch))
        return group[-1], len(mails)

    def _fetch(
        self, connection: ImapConnection, validity: int, uids: list[int]
    ) -> tuple[list[int], list[FetchedMail], str]:
        """The front of `uids` that fits one FETCH, its messages, and the reason when it is one message too large."""
        sizes = connection.sizes(uids)
        largest = self._settings.max_size
        if sizes.get(uids[0], 0) > largest:
            return uids[:1], [], f"The message has {sizes[uids[0]]:,} bytes; this mailbox takes {largest:,}."
        group: list[int] = []
        total = 0
        for uid in uids:
            size = sizes.get(uid, 0)
            if group and (size > largest or total + size > FETCH_BYTES):
                break
            group.append(uid)
            total += size
        present = [uid for uid in group if uid in sizes]  # the others were deleted meanwhile
        bodies: dict[int, Body] = {}
        try:
            bodies = connection.bodies(present) if present else {}
        except AnswerUnusable:
            if len(present) > 1:
                raise
        mails = []
        for uid in present:
            body = bodies.get(uid) or self._fetch_again(connection, uid)
            if body is not None:
                mails.append(FetchedMail(validity, uid, body.raw, body.internal_date))
        return group, mails, ""

    def _fetch_again(self, connection: ImapConnection, uid: int) -> Body | None:
        # A change of flags may come as the FETCH answer, and a broken date may spoil it: ask again, for less.
        body = connection.bodies([uid], dates=False).get(uid)
        if body is None and uid in connection.sizes([uid]):
            raise AnswerUnusable(server=self._settings.server, answer="it sends this message without its text")
        return body

    def _refuse(self, connection: ImapConnection, validity: int, uid: int, reason: str) -> None:
        try:
            raw = connection.header(uid)
        except AnswerUnusable:
            raw = b""
        self._store.refuse(validity, uid, reason, raw, Position(validity, uid + 1))

    def _blame(self, validity: int, uids: list[int], error: Exception, raw: bytes) -> bool:
        """After a failure of unknown cause: try fewer next time; refuse the one message that failed `TRIES` times."""
        if len(uids) > 1:
            self._limit = len(uids) // 2
            return False
        uid = uids[0]
        tries = self._tried[2] + 1 if self._tried[:2] == (validity, uid) else 1
        self._tried = (validity, uid, tries)
        if tries < TRIES:
            return False
        self._store.refuse(validity, uid, f"Tried {tries} times: {error}", raw, Position(validity, uid + 1))
        return True

    def _mark_seen(self, connection: ImapConnection, uids: list[int]) -> None:
        if not connection.folder.writable:
            return
        try:
            connection.mark_seen(uids)
        except AnswerUnusable as error:
            log.info("\\Seen was not set: %s", error)

    def _polled(self) -> None:
        self._reason = ""
        self._store.polled()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, LeaseLost):
            log.info("mailbox %s at %s: %s", self._settings.user, self._settings.server, error)
            return  # another engine reads this mailbox now, and says how it is doing
        reason = str(error) if isinstance(error, Unavailable) else f"{type(error).__name__}: {error}"
        if reason == self._reason:
            return
        log.warning("mailbox %s at %s: %s", self._settings.user, self._settings.server, reason)
        try:
            self._store.failed(reason)
        except LeaseLost:
            return
        except Exception:
            log.exception("the failure could not be reported")  # then the store is what failed
        else:
            self._reason = reason


def _break_off(connection: ImapConnection, stop: threading.Event, done: threading.Event) -> None:
    """Let `run` end soon after `stop` even while it reads from a mute server."""
    while not done.is_set():
        if stop.wait(5.0):
            if not done.wait(HANG_UP_SECONDS):
                connection.hang_up()
            return
