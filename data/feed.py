"""The change feed: every journal entry after one's own position, as it happens, woken by a hint or by a slow poll.

Losing a hint costs at most one poll, never an entry: what was missed is read from the position, whatever the hint said.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from data.desk import Desk
from data.hub import Listener
from data.journal import COLUMNS, Entry, Position
from data.sqlite import SqliteStorage
from data.topics import EVERYTHING

if TYPE_CHECKING:
    import psycopg

POLL_S = 1.0
_TAIL = f"select {COLUMNS} from journal where id > ? order by id limit ?"  # noqa: S608 - constants


class _Source(Protocol):
    async def wait(self, timeout: float) -> None: ...

    def read(self, position: Position, limit: int) -> list[Entry]: ...

    def watch(self, topics: int) -> None: ...

    async def close(self) -> None: ...


class Feed:
    """A reader of the journal that is woken when something it watches changes. Use it as an asynchronous iterator of batches."""

    def __init__(self, desk: Desk, source: _Source, position: Position) -> None:
        self._desk = desk
        self._source = source
        self.position = position

    @classmethod
    async def open(cls, desk: Desk, *, topics: int = EVERYTHING, after: Position | None = None) -> Feed:
        """Start to read a desk's journal.

        Args:
            desk: the desk.
            topics: what to be woken for; entries of other topics come along when it is.
            after: where to start; None reads what happens from now on.
        """
        if isinstance(desk.storage, SqliteStorage):
            return cls(desk, _SqliteSource(desk.storage, topics), desk.end() if after is None else after)
        source = await _PostgresSource.open(desk)
        try:
            # over a network, in a thread: the event loop must not wait for it
            return cls(desk, source, await asyncio.to_thread(desk.end) if after is None else after)
        except BaseException:
            await source.close()
            raise

    def watch(self, topics: int) -> None:
        """Change what this reader is woken for."""
        self._source.watch(topics)

    def read(self, limit: int = 1000) -> list[Entry]:
        """Return what happened since the last read, up to `limit` entries, and move on behind it."""
        entries = self._source.read(self.position, limit)
        if entries:
            self.position = entries[-1].position
        return entries

    async def wait(self, timeout: float = POLL_S) -> None:
        """Return when a hint came, or after `timeout` seconds."""
        await self._source.wait(timeout)

    async def __aiter__(self) -> AsyncIterator[list[Entry]]:
        """Yield batches of entries for ever: a burst is one batch."""
        while True:
            entries = self.read()
            if entries:
                yield entries
            else:
                await self.wait()

    async def close(self) -> None:
        """Stop reading."""
        await self._source.close()


class _SqliteSource:
    """One connection of its own, kept open, with its statement prepared."""

    def __init__(self, storage: SqliteStorage, topics: int) -> None:
        self._connection = sqlite3.connect(
            f"{storage.path.as_uri()}?mode=ro",
            uri=True,
            isolation_level=None,
            timeout=storage.patience,
            check_same_thread=False,
        )
        self._listener: Listener | None = None
        try:
            self._listener = Listener(storage.path, topics)
        except OSError:
            self._listener = None  # no place for a socket: the poll alone has to do

    async def wait(self, timeout: float) -> None:
        if self._listener is None:
            await asyncio.sleep(min(timeout, 0.05))
            return
        try:
            async with asyncio.timeout(timeout):  # without a task of its own, as `wait_for` has
                await self._listener.changed.wait()
        except TimeoutError:
            self._listener.register()
        self._listener.changed.clear()

    def read(self, position: Position, limit: int) -> list[Entry]:
        return [Entry(*row) for row in self._connection.execute(_TAIL, (position.event_id, limit))]

    def watch(self, topics: int) -> None:
        if self._listener is not None:
            self._listener.watch(topics)

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self._connection.close()


class _PostgresSource:
    """LISTEN on a connection of its own; the journal itself is read through the desk's reader.

    When the connection is lost, the wait says so; the next one opens another, and returns at once, since nobody told of what happened
    meanwhile.
    """

    def __init__(self, desk: Desk, connection: psycopg.AsyncConnection[Any]) -> None:
        self._desk = desk
        self._connection = connection

    @classmethod
    async def open(cls, desk: Desk) -> _PostgresSource:
        return cls(desk, await _listening(desk))

    async def wait(self, timeout: float) -> None:
        if self._connection.closed:
            self._connection = await _listening(self._desk)
            return
        with _away(self._desk):
            async for _ in self._connection.notifies(timeout=timeout, stop_after=1):
                pass

    def read(self, position: Position, limit: int) -> list[Entry]:
        return self._desk.entries_after(position, limit)

    def watch(self, topics: int) -> None:
        """Do nothing: every reader is told of every change, and looks for itself."""

    async def close(self) -> None:
        await self._connection.close()


async def _listening(desk: Desk) -> psycopg.AsyncConnection[Any]:
    import psycopg

    url = desk.storage.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with _away(desk):
        connection = await psycopg.AsyncConnection.connect(
            url,
            autocommit=True,
            connect_timeout=max(2, int(desk.storage.patience)),
            application_name=f"deskline {desk.name} (listens)",
        )
        try:
            await connection.execute("listen deskline")
        except BaseException:
            await connection.close()
            raise
    return connection


@contextlib.contextmanager
def _away(desk: Desk) -> Iterator[None]:
    """Say in the desk's own words that its database cannot be reached."""
    import psycopg

    from data.postgres import DatabaseAway

    try:
        yield
    except psycopg.OperationalError as error:
        raise DatabaseAway(url=desk.shown, why=(str(error).strip().splitlines() or ["no answer"])[0]) from error
