"""The console's link to its desk: reads beside the event loop, actions by name, every change as it happens, and coming back.

A screen never waits for the desk: what it shows stays when the desk is away, and the link says since when and tries again. SQLAlchemy is
imported here, in a thread, after the first paint; on a SQLite file reads do not wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from data import queries
from data.errors import DeskError, NotFound, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from data.actor import Actor
    from data.desk import Desk
    from data.feed import Feed
    from data.journal import Entry
    from data.queries import Fetch, Query, Row

T = TypeVar("T")
State = Literal["opening", "ready", "away"]

TRY_AGAIN_S = (1.0, 3.0, 10.0)
"""How long the link waits before it looks for a desk again: a server that was only started anew is soon back. The last one stays."""
_PATIENCE_S = 5.0
_LOOK_S = 1.0
_BEAT_S = 12.0
_BEAT = "presence.beat"
"""A sign of life: it changes nothing that a screen shows."""
_GATHER_S = 0.02
"""How long a burst is gathered before it is told: one paint for all of it."""
EVERYTHING = (1 << 64) - 1


class Away(Unavailable):
    """The desk cannot be reached now: {why}. What you typed is kept."""


class DeskLink:
    """One console's way to a desk.

    Args:
        where: the path of a SQLite file, or a postgresql:// URL.
        agent: for whom the console is.
        changed: called in the event loop with what happened; with None when everything may have changed.
        told: called in the event loop when `state` changes.
    """

    def __init__(
        self,
        where: str,
        agent: str,
        *,
        changed: Callable[[Sequence[Entry] | None], None],
        told: Callable[[], None],
    ) -> None:
        self.where = where
        self.agent = agent
        self.state: State = "opening"
        self.since = 0
        """When the state began, in microseconds."""
        self.why = ""
        """What is wrong, in words, while the desk is away."""
        self.next_try = 0.0
        """When the desk is looked for again, as `time.monotonic`."""
        self.actor: Actor | None = None
        self.desk: Desk | None = None
        self.session = f"{os.uname().nodename}:{os.getpid()}:{time.time_ns() & 0xFFFFFF:x}"
        self._changed = changed
        self._told = told
        self._reads = ThreadPoolExecutor(1, thread_name_prefix="desk-reader")
        self._connection: sqlite3.Connection | None = None
        self._feed: Feed | None = None
        self._watched = EVERYTHING
        self._again = asyncio.Event()
        self._closing = False
        self._known = asyncio.Event()
        """Whether it was found out if the desk is there."""
        self._ended = asyncio.Event()
        self._ended.set()
        self._lost: DeskError | None = None
        self._inode: tuple[int, int] | None = None

    # -- what the screens ask

    async def read(self, question: Callable[[Fetch], T]) -> T:
        """Answer a question from one snapshot of the desk, off the event loop.

        Raises:
            Away: the desk cannot be reached; the link looks for it again by itself.
        """
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._reads, self._answered, question)
        except Unavailable as error:
            if self.state == "ready" and not self._is_busy(error):
                self._lose(error)
            raise Away(why=str(error)) from error

    async def act(self, action: str, /, **parameters: Any) -> Any:
        """Carry out a registered action as this agent and return what it returns.

        Raises:
            Away: the desk cannot be reached; nothing was done.
            DeskError: what the action refuses.
        """
        if self.state == "opening":
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._known.wait(), _PATIENCE_S)
        if self.desk is None or self.actor is None or self.state != "ready":
            raise Away(why=self.why or "it is being opened")
        from core.actions.registry import REGISTRY

        try:
            result = await self.desk.act(self.actor, REGISTRY[action].call, **parameters)
            if action != _BEAT:
                self._again.set()  # one's own change is seen at once, with or without a hub
            return result
        except Unavailable as error:
            if not self._is_busy(error):
                self._lose(error)
            raise

    def watch(self, topics: int) -> None:
        """Say which topics this console shows; it is woken for those, and for its own agent's always."""
        self._watched = topics
        if self._feed is not None:
            self._feed.watch(topics)

    def try_now(self) -> None:
        """Look for the desk at once."""
        self._again.set()

    # -- opening, following, coming back

    async def run(self) -> None:
        """Keep the link until `close`: open the desk, tell what happens, and open it again when it was away."""
        self._ended.clear()
        tries = 0
        try:
            while not self._closing:
                self._again.clear()
                try:
                    began = time.monotonic()
                    await self._open()
                    self._set("ready")
                    self._changed(None)
                    await self._follow()
                except DeskError as error:
                    await self._put_away()
                    self.why = str(error)
                    if self.state == "ready" and time.monotonic() - began > TRY_AGAIN_S[-1]:
                        tries = 0
                    pause = TRY_AGAIN_S[min(tries, len(TRY_AGAIN_S) - 1)]
                    tries += 1
                    self.next_try = time.monotonic() + pause
                    if not self._closing:
                        self._set("away")
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(self._again.wait(), pause)
        finally:
            self._ended.set()

    async def close(self) -> None:
        """Say goodbye to the desk and let go of it."""
        self._closing = True
        if self.desk is not None and self.actor is not None and self.state == "ready":
            with contextlib.suppress(DeskError):
                await self.act("presence.disconnect", agent=self.agent, session=self.session)
        self._again.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), 2)
        await self._put_away()
        self._reads.shutdown(wait=False)

    def _set(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.since = time.time_ns() // 1000
        self._known.set()
        if state == "ready":
            self.why = ""
        self._told()

    def _is_busy(self, error: DeskError) -> bool:
        """Say whether the desk is there and only held by somebody: no reason to open it anew."""
        from data.sqlite import DeskBusy

        if "://" not in self.where:
            return isinstance(error, DeskBusy)
        from data.postgres import DatabaseBusy

        return isinstance(error, (DeskBusy, DatabaseBusy))

    def _lose(self, error: DeskError) -> None:
        self._lost = error
        if self._feed is not None:
            self._again.set()

    async def _open(self) -> None:
        self._lost = None
        loop = asyncio.get_running_loop()
        desk = await loop.run_in_executor(None, self._opened)
        self.desk = desk
        from data.feed import Feed

        self._feed = await Feed.open(desk, topics=self._watched)
        await desk.act(self.actor, _action("presence.connect"), agent=self.agent, session=self.session)  # type: ignore[arg-type]

    def _opened(self) -> Desk:
        # Registers every action that a console has; those on the configuration would bring pydantic, and 10 MB.
        from core.actions import cases, drafts, mail, presence, work  # noqa: F401
        from data.actor import Actor
        from data.desk import Desk

        desk = Desk.open(self.where, name=f"the console of {self.agent}", patience=_PATIENCE_S)
        try:
            with desk.reading() as connection:
                rows = _over(connection)(queries.ACTOR, {"agent": self.agent})
        except BaseException:
            desk.close()
            raise
        if not rows:
            desk.close()
            raise NotFound(what="agent", which=f'"{self.agent}"')
        self.actor = Actor("agent", rows[0]["role"], rows[0]["id"], rows[0]["name"])
        self._inode = self._file()
        return desk

    async def _follow(self) -> None:
        assert self._feed is not None
        beating = asyncio.ensure_future(self._beat())
        looking = asyncio.ensure_future(self._again.wait())
        try:
            while not self._closing:
                began = time.monotonic()
                waiting = asyncio.ensure_future(self._feed.wait(_LOOK_S))
                await asyncio.wait((waiting, looking), return_when=asyncio.FIRST_COMPLETED)
                if looking.done():
                    waiting.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await waiting
                    self._again.clear()
                    looking = asyncio.ensure_future(self._again.wait())
                    if self._lost is not None:
                        raise self._lost
                else:
                    waiting.result()  # raises where the server hung up
                hinted = time.monotonic() - began < 0.9 * _LOOK_S
                if hinted:
                    await asyncio.sleep(_GATHER_S)
                if self._closing:
                    break
                self._check_file()
                if hinted or self._inode is None:
                    entries = await asyncio.get_running_loop().run_in_executor(self._reads, self._news)
                else:  # the look each second at a file takes microseconds; another thread's time is what an idle console would cost
                    entries = self._news()
                if entries or hinted:  # a hint without entries is a draft's
                    self._changed(entries)
        finally:
            looking.cancel()
            beating.cancel()

    async def _beat(self) -> None:
        """Give signs of life; where the desk is held for long, the next one will do."""
        while True:
            await asyncio.sleep(_BEAT_S)
            with contextlib.suppress(DeskError):
                await self.act(_BEAT, agent=self.agent, session=self.session)

    def _news(self) -> list[Entry]:
        assert self._feed is not None
        try:
            return self._feed.read()
        except sqlite3.Error as error:
            raise Unavailable(reason=f"The desk cannot be read ({error}).") from error

    def _file(self) -> tuple[int, int] | None:
        if "://" in self.where:
            return None
        try:
            found = os.stat(self.where)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _check_file(self) -> None:
        """Notice a desk whose file was moved away or replaced: its old file would still take what is written."""
        if self._inode is not None and self._file() != self._inode:
            raise Unavailable(reason=f"The file {self.where} was moved or replaced.")

    async def _put_away(self) -> None:
        feed, desk, self._feed, self.desk = self._feed, self.desk, None, None
        loop = asyncio.get_running_loop()
        if feed is not None:
            await feed.close()
        if desk is not None:
            await loop.run_in_executor(None, desk.close)
        with contextlib.suppress(RuntimeError):
            await loop.run_in_executor(self._reads, self._drop_connection)

    # -- reading, in the reader's thread

    def _answered(self, question: Callable[[Fetch], T]) -> T:
        if "://" in self.where:
            desk = self.desk
            if desk is None:
                raise Unavailable(reason=self.why or "The desk is being opened.")
            with desk.reading() as connection:
                return question(_over(connection))
        try:
            reader = self._reader()
            reader.execute("begin")
            try:
                return question(self._fetch)
            finally:
                reader.execute("rollback")
        except sqlite3.Error as error:
            self._drop_connection()
            raise Unavailable(reason=f"The desk cannot be read ({error}).") from error

    def _reader(self) -> sqlite3.Connection:
        if self._connection is None:
            quoted = self.where.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
            connection = sqlite3.connect(
                f"file:{quoted}?mode=ro", uri=True, isolation_level=None, timeout=2.0, check_same_thread=False
            )
            version = connection.execute("select version_num from alembic_version").fetchone()
            if version is None or version[0] != queries.SCHEMA:
                connection.close()
                raise Unavailable(reason="The desk has another version.")
            self._connection = connection
        return self._connection

    def _fetch(self, query: Query, params: Mapping[str, object]) -> list[Row]:
        assert self._connection is not None
        cursor = self._connection.execute(query.sql, params)
        return query.rows([column[0] for column in cursor.description], cursor)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _over(connection: Any) -> Fetch:
    from sqlalchemy import text

    def fetch(query: Query, params: Mapping[str, object]) -> list[Row]:
        found = connection.execute(text(query.sql), params)
        return query.rows(list(found.keys()), found)

    return fetch


def _action(name: str) -> Callable[..., Any]:
    from core.actions.registry import REGISTRY

    return REGISTRY[name].call
