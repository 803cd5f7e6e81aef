"""The engine as a process: turns, mail pollers, the outbox's sender and the hub, until it is told to stop.

Turns run in the writer thread, so the event loop only waits, passes hints on, and never holds the desk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from core.engine.engine import Engine, Step
from core.errors import Unavailable
from data.desk import Desk
from data.feed import Feed
from data.hub import Hub
from data.sqlite import SqliteStorage
from data.topics import EVERYTHING, topic
from intake.due_sender import DueSender
from intake.email.pollers import MailPollers
from intake.email.sender import OutboxSender
from intake.webhooks.sender import WebhookSender

log = logging.getLogger("deskline.engine")

POLL_S = 1.0
"""After how many seconds without a hint the journal is looked at nevertheless, on PostgreSQL: a transaction that ended late brings none."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 10.0
"""Between two looks for a database that is gone; each is twice as long as the one before."""
_OUTGOING = topic("kind", "message") | topic("kind", "webhook")
_CONFIGURATION = topic("kind", "desk")


def holder_name() -> str:
    """Return a name for this process that no other has: machine, process and a random word."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


class EngineProcess:
    """One engine with everything it needs around it.

    Args:
        lease_s: after how many seconds of silence it counts as gone.
        mail: whether it polls mailboxes and sends answers; webhooks are called in any case.
    """

    def __init__(self, desk: Desk, *, lease_s: float, mail: bool = True) -> None:
        self._desk = desk
        self._engine = Engine(desk, holder_name(), lease_s=lease_s)
        self._mail = mail
        self._pollers = MailPollers(desk, lambda: self._engine.fence)
        self._senders: tuple[DueSender, ...] = tuple(
            sender(desk, lambda: self._engine.fence)
            for sender in ((OutboxSender, WebhookSender) if mail else (WebhookSender,))
        )
        self._stop_sender = threading.Event()
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._reconfigured = True
        self._turning: int | None = None
        self._hub: Hub | None = None

    async def run(self, acting: Callable[[Step], None] = lambda _: None) -> None:
        """Act for the desk until SIGTERM, SIGINT or SIGHUP.

        Args:
            acting: told of each step in which it changed whether this engine acts.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._told_to_stop)
        listening = self._listen(loop)
        sending = [
            threading.Thread(target=each.run, args=(self._stop_sender,), name=f"outbox {each.kind}", daemon=True)
            for each in self._senders
        ]
        for thread in sending:
            thread.start()
        turns = ThreadPoolExecutor(1, thread_name_prefix="turns")
        try:
            async with listening:
                await self._turn_after_turn(loop, turns, acting)
        finally:
            await loop.run_in_executor(turns, self._put_away, sending)
            turns.shutdown()
            if self._hub is not None:
                self._hub.close()

    def _told_to_stop(self) -> None:
        self._stopping.set()
        self._wake.set()

    async def _turn_after_turn(
        self, loop: asyncio.AbstractEventLoop, turns: ThreadPoolExecutor, told: Callable[[Step], None]
    ) -> None:
        acted: bool | None = None
        while not self._stopping.is_set():
            self._wake.clear()
            step = await loop.run_in_executor(turns, self._step)
            if step.acting != acted:
                acted = step.acting
                self._keep_hub(acted)
                # What waits is this engine's business now, and nobody's hints reached it before its hub stood.
                self._wake_senders()
                self._wake.set()
                told(step)
            if self._mail:
                await loop.run_in_executor(turns, self._keep_pollers, step.acting)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), step.rest_s)

    def _step(self) -> Step:
        self._turning = threading.get_ident()
        try:
            return self._engine.step()
        finally:
            self._turning = None

    def _keep_pollers(self, acting: bool) -> None:
        if not acting:
            self._pollers.stop()
            self._reconfigured = True
        elif self._reconfigured:
            self._reconfigured = False
            try:
                self._pollers.bring_up_to_date()
            except Unavailable as error:
                log.warning("%s", error)
                self._reconfigured = True

    def _wake_senders(self) -> None:
        for each in self._senders:
            each.wake.set()

    def _put_away(self, sending: Sequence[threading.Thread]) -> None:
        self._pollers.stop()
        self._stop_sender.set()
        self._wake_senders()
        for thread in sending:
            if thread.is_alive():
                thread.join(5)
        try:
            self._engine.stop()
        except Unavailable as error:
            log.warning("the lease was not given back: %s", error)

    # -- being told of changes

    @contextlib.asynccontextmanager
    async def _listen(self, loop: asyncio.AbstractEventLoop) -> AsyncIterator[None]:
        if isinstance(self._desk.storage, SqliteStorage):

            def committed(topics: int) -> None:
                loop.call_soon_threadsafe(self._committed, topics, threading.get_ident() == self._turning)

            self._desk.on_commit = committed
            try:
                yield
            finally:
                self._desk.on_commit = None
            return
        feed = await Feed.open(self._desk)
        task = loop.create_task(self._follow(feed))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await feed.close()

    def _keep_hub(self, acting: bool) -> None:
        """Be the hub while this engine acts: one that stands by must not take the address from the one that acts."""
        if self._hub is not None:
            self._hub.close()
            self._hub = None
        if acting and isinstance(self._desk.storage, SqliteStorage):
            try:
                self._hub = Hub(self._desk.storage.path, self._changed)
            except OSError as error:
                log.warning("changes are found by polling only: %s", error)

    def _committed(self, topics: int, by_turn: bool) -> None:
        if self._hub is None:
            self._changed(topics)
        elif by_turn:
            self._hub.pass_on(topics)
            self._note(topics)
        else:
            self._hub.hint(topics)

    def _changed(self, topics: int) -> None:
        self._note(topics)
        self._wake.set()

    def _note(self, topics: int) -> None:
        if topics & _OUTGOING:
            self._wake_senders()
        if topics & _CONFIGURATION:
            self._reconfigured = True

    async def _follow(self, feed: Feed) -> None:
        """Pass on that something changed; when the database is gone, look for it until it is back. It is told once each way."""
        pause = 0.0
        while True:
            try:
                if pause:
                    await asyncio.sleep(pause)
                await feed.wait(POLL_S)
                found = await asyncio.to_thread(feed.read)
            except Unavailable as error:
                if not pause:
                    log.warning("changes are found by polling only, until the database tells of them again: %s", error)
                pause = min(max(FIRST_PAUSE_S, 2 * pause), LONGEST_PAUSE_S)
                continue
            if pause:
                pause = 0.0
                log.warning("the database tells of changes again")
            elif not found:
                continue
            self._changed(EVERYTHING)


def run_engine(
    desk: Desk, *, lease_s: float, mail: bool = True, acting: Callable[[Step], None] = lambda _: None
) -> None:
    """Run an engine in this process until it is told to stop."""

    async def main() -> None:
        await EngineProcess(desk, lease_s=lease_s, mail=mail).run(acting)

    asyncio.run(main())
