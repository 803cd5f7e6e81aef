"""The pollers of all mailboxes, a thread each: started, stopped and replaced as the configuration and the lease want it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from data.desk import Desk
from intake.email.desk_store import DeskMailStore
from intake.email.imap import ImapPoller
from intake.email.mailboxes import Mailbox, load_mailboxes

log = logging.getLogger("deskline.mail")

_PATIENCE_S = 2.0


class _Running(NamedTuple):
    wanted: tuple[object, ...]
    stop: threading.Event
    replaced: threading.Event
    thread: threading.Thread


class MailPollers:
    """Runs a poller for each mailbox that has IMAP, as long as the desk's engine is here."""

    def __init__(self, desk: Desk, fence: Callable[[], int | None]) -> None:
        self._desk = desk
        self._fence = fence
        self._running: dict[int, _Running] = {}

    def bring_up_to_date(self) -> None:
        """Start what the configuration names, stop what it no longer names, replace what it changed."""
        with self._desk.reading() as connection:
            wanted = {each.id: each for each in load_mailboxes(connection) if each.imap is not None}
        for mailbox_id in list(self._running):
            mailbox = wanted.get(mailbox_id)
            running = self._running[mailbox_id]
            if mailbox is None or _fingerprint(mailbox) != running.wanted or not running.thread.is_alive():
                self._let_go(mailbox_id)
        for mailbox in wanted.values():
            if mailbox.id not in self._running:
                self._start(mailbox)

    def _start(self, mailbox: Mailbox) -> None:
        assert mailbox.imap is not None
        stop = threading.Event()
        store = DeskMailStore(self._desk, mailbox.id, self._fence)
        poller = ImapPoller(mailbox.imap, store)
        thread = threading.Thread(target=poller.run, args=(stop,), name=f"mailbox {mailbox.name}", daemon=True)
        self._running[mailbox.id] = _Running(_fingerprint(mailbox), stop, store.replaced, thread)
        log.info("mailbox %s is polled at %s", mailbox.name, mailbox.imap.server)
        thread.start()

    def _let_go(self, mailbox_id: int) -> threading.Thread:
        """Tell a poller to end without waiting for it: its server may be mute, and its store takes nothing more."""
        running = self._running.pop(mailbox_id)
        running.replaced.set()
        running.stop.set()
        return running.thread

    def stop(self) -> None:
        """Stop all pollers, and wait a little for them to say goodbye to their servers."""
        leaving = [self._let_go(mailbox_id) for mailbox_id in list(self._running)]
        deadline = time.monotonic() + _PATIENCE_S
        for thread in leaving:
            thread.join(max(0.0, deadline - time.monotonic()))


def _fingerprint(mailbox: Mailbox) -> tuple[object, ...]:
    """Return what makes two settings the same; the password is asked anew at each login and does not count."""
    imap = mailbox.imap
    assert imap is not None
    return (imap.host, imap.port, imap.user, imap.tls, imap.folder, imap.start)
