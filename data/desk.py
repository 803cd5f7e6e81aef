"""A desk, opened: one hop a write transaction, reads beside it, and a wake-up for whoever watches.

Write transactions of one process run one after the other, on whichever thread asked; `act` moves them off an event loop.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, insert, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from data import schema
from data.actor import Actor
from data.clock import Clock, system_clock
from data.errors import DeskError, Unavailable, WrongUsage
from data.hints import Poker
from data.journal import Entry, Position
from data.sqlite import NotADesk, SqliteStorage
from data.transaction import Tx

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from data.postgres import PostgresStorage

P = ParamSpec("P")
T = TypeVar("T")
log = logging.getLogger("deskline.data")

_LONG_HOLD_US = 250_000
_AGAIN = 3
_DEADLOCK, _NOT_SERIALIZABLE = "40P01", "40001"
_VERSION = text("select version_num from alembic_version")
DEFAULT_PATIENCE = 10.0


class DeskIsNewer(Unavailable):
    """The desk {where} was made by a newer deskline (schema {found}, this program knows {known}). Install that version to open it."""


class DeskIsOlder(Unavailable):
    """The desk {where} was made by an older deskline (schema {found}, now {known}). Back it up, then run: deskline upgrade"""


class DeskExists(WrongUsage):
    """There is a desk at {where} already. It was left as it is."""


class Desk:
    """A desk in a SQLite file or a PostgreSQL database."""

    def __init__(self, where: str | Path, *, clock: Clock, name: str, patience: float) -> None:
        self.where = where
        self.clock = clock
        self.name = name
        self.storage = _storage(where, patience, name)
        self.shown = self.storage.shown
        """Where the desk is, fit for a message: without a password."""
        self._writer = self.storage.writer()
        self._reader = self.storage.reader()
        self._connection: Connection | None = None
        self._lock = threading.RLock()
        self._inside = False
        self._threads: ThreadPoolExecutor | None = None
        self._poker = Poker(self.storage.path) if isinstance(self.storage, SqliteStorage) else None
        self.on_commit: Callable[[int], None] | None = None
        """Called with the topics after each commit of this process; the engine's hub sets it."""

    # -- opening

    @classmethod
    def open(
        cls,
        where: str | Path,
        *,
        clock: Clock = system_clock,
        name: str = "a command",
        patience: float = DEFAULT_PATIENCE,
    ) -> Desk:
        """Open a desk that exists.

        Args:
            where: the path of a SQLite file, or a postgresql:// URL.
            clock: the time to act by.
            name: who this process is, for those who wait for it.
            patience: how many seconds to wait for the write lock before saying who holds it.

        Raises:
            Unavailable: it is missing, no desk, newer, older, or cannot be reached.
        """
        desk = cls(where, clock=clock, name=name, patience=patience)
        desk.storage.check_file(create=False)
        try:
            with desk.reading() as connection:
                found = connection.execute(_VERSION).scalar() if _has_version(connection) else None
        except BaseException:
            desk.close()
            raise
        if found == schema.HEAD:
            return desk
        desk.close()
        if found is None:
            raise NotADesk(path=desk.shown, why="it holds no desk")
        older = str(found) < schema.HEAD
        raise (DeskIsOlder if older else DeskIsNewer)(where=desk.shown, found=found, known=schema.HEAD)

    @classmethod
    def create(
        cls,
        where: str | Path,
        *,
        clock: Clock = system_clock,
        name: str = "a command",
        patience: float = DEFAULT_PATIENCE,
    ) -> Desk:
        """Make an empty desk and open it.

        Raises:
            DeskExists: there is one already.
            Unavailable: the place cannot be written or holds something else.
        """
        desk = cls(where, clock=clock, name=name, patience=patience)
        try:
            desk.storage.check_file(create=True)
            with desk._writing() as connection:
                if _has_version(connection):
                    raise DeskExists(where=desk.shown)
                desk.storage.check_empty(connection)
                desk._build(connection)
        except BaseException:
            desk.close()
            raise
        return desk

    def _build(self, connection: Connection) -> None:
        schema.metadata.create_all(connection)
        connection.execute(text("create table alembic_version (version_num varchar(32) not null primary key)"))
        connection.execute(text("insert into alembic_version values (:v)"), {"v": schema.HEAD})
        connection.execute(insert(schema.engine_lease).values(id=1))
        connection.execute(insert(schema.cursors).values(name="engine"))
        connection.execute(
            insert(schema.desk_settings),
            [{"name": "reply_key", "value": secrets.token_hex(32)}, {"name": "revision", "value": "0"}],
        )
        self.storage.finish_creation(connection)

    # -- writing

    def run(self, actor: Actor, action: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `action(tx, ...)` in one write transaction, on this thread: it commits when the action returns.

        On PostgreSQL the whole action runs again when the server gave way to another transaction, so it acts on `tx` only.

        Raises:
            DeskError: what the action refuses, or why the desk cannot be changed; nothing was changed then.
        """
        with self._lock:
            if self._inside:
                raise RuntimeError("an action cannot open a second transaction; pass it the one it has")
            self._inside = True
            try:
                for more in range(_AGAIN, -1, -1):
                    try:
                        tx, result = self._try(actor, lambda tx: action(tx, *args, **kwargs))
                        break
                    except DeskError as error:
                        if not more or not _lost_to_another(error):
                            raise
                held = self.clock() - tx.now
            finally:
                self._inside = False
        if held > _LONG_HOLD_US:
            log.warning("%s held the desk for %d ms (%s)", self.name, held // 1000, getattr(action, "__name__", action))
        if tx.topics:
            self._tell(tx.topics)
        return result

    def _try(self, actor: Actor, action: Callable[[Tx], T]) -> tuple[Tx, T]:
        with self._writing() as connection:
            now = self.clock()
            self.storage.locked(now)
            tx = Tx(connection, self.storage.allocator(), actor, now)
            result = action(tx)
            tx.flush()
            if tx.topics:
                self.storage.notify(connection, tx.topics)
        return tx, result

    async def act(
        self, actor: Actor, action: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `action(tx, ...)` in one write transaction, in the process's writer thread."""
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        if self._threads is None:
            self._threads = ThreadPoolExecutor(1, thread_name_prefix="desk-writer")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: self.run(actor, action, *args, **kwargs))

    def _tell(self, topics: int) -> None:
        if self.on_commit is not None:
            self.on_commit(topics)
        elif self._poker is not None:
            self._poker.poke(topics)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            if self._connection is None or self._connection.invalidated or self._connection.closed:
                self._connection = self._writer.connect()
            with self._connection.begin():
                yield self._connection
        except DBAPIError as error:
            if self._connection is not None and self._connection.invalidated:
                self._connection.close()
                self._connection = None
            raise self._explained(error) from error

    def _explained(self, error: DBAPIError) -> DeskError | DBAPIError:
        """Return the desk's error for a driver's, or for the one that it came of: a full disk ends the savepoints too, and what
        is told in the end is that one is missing."""
        each: BaseException | None = error
        seen: set[int] = set()  # an exception that is raised again while it is handled may come of itself
        while each is not None and id(each) not in seen:
            seen.add(id(each))
            if isinstance(each, DBAPIError) and (found := self.storage.explain(each)) is not None:
                return found
            each = each.__cause__ or each.__context__
        return error

    # -- reading

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a read transaction: what it sees does not change while it lasts."""
        try:
            with self._reader.connect() as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise self._explained(error) from error

    def entries_after(self, position: Position, limit: int = 1000) -> list[Entry]:
        """Return up to `limit` journal entries after the position."""
        with self.reading() as connection:
            return self.storage.after(connection, position, limit)

    def end(self) -> Position:
        """Return the position of a reader that starts now."""
        with self.reading() as connection:
            return self.storage.end(connection)

    # -- closing

    def close(self) -> None:
        """Let go of every connection."""
        if self._threads is not None:
            self._threads.shutdown(wait=True)
            self._threads = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._writer.dispose()
        self._reader.dispose()
        if self._poker is not None:
            self._poker.close()
        self.storage.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _storage(where: str | Path, patience: float, name: str) -> SqliteStorage | PostgresStorage:
    if isinstance(where, str) and "://" in where:
        try:
            url = make_url(where)
        except (ArgumentError, ValueError):  # its words may hold the password
            raise WrongUsage(
                reason="The URL of the desk cannot be read. Write it as postgresql://user:password@host:port/database, "
                "with signs such as / and @ in the password as %2F and %40."
            ) from None
        if url.get_backend_name() == "postgresql":
            from data.postgres import PostgresStorage  # its dialect costs 20 ms, and most desks are files

            return PostgresStorage(url, patience, name)
        if url.get_backend_name() == "sqlite" and url.database:
            return SqliteStorage(Path(url.database).absolute(), patience, name)
        raise WrongUsage(reason=f"A desk is a file or a postgresql:// URL, not {url.get_backend_name()}://")
    return SqliteStorage(Path(where).absolute(), patience, name)


def _lost_to_another(error: BaseException) -> bool:
    """Say whether the server ended the transaction so that another could go on. SQLite has one writer, and no such states."""
    each: BaseException | None = error
    while each is not None:
        if isinstance(each, DBAPIError) and getattr(each.orig, "sqlstate", None) in (_DEADLOCK, _NOT_SERIALIZABLE):
            return True
        each = each.__cause__ or each.__context__
    return False


def _has_version(connection: Connection) -> bool:
    return inspect(connection).has_table("alembic_version")
