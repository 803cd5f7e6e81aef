"""SQLite: WAL, FULL, BEGIN IMMEDIATE, foreign keys, and who holds the one write lock.

A write transaction always begins IMMEDIATE: a deferred one that reads first meets lock errors that no waiting cures.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from data.errors import DeskError, Unavailable
from data.journal import COLUMNS, Entry, Position

APPLICATION_ID = 0x64736B6C
"""`dskl`: marks the file as a desk, for `file` and for the check at opening."""

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000", "trusted_schema=OFF")
_RECORD = 160


class NotADesk(Unavailable):
    """{path} is not a deskline database ({why}). Check --desk, or make a new desk with: deskline init"""


class NoDesk(Unavailable):
    """There is no desk at {path}. Make one with: deskline init --desk {path}"""


class DeskBusy(Unavailable):
    """The desk {path} could not be changed for {seconds:.0f} s: {holder} holds it. Nothing was changed; try again when it has ended."""


class DeskReadOnly(Unavailable):
    """{path} cannot be written ({why}). The file and its folder must belong to the account that runs the desk."""


class DiskFull(Unavailable):
    """The disk that holds {path} is full. Nothing was changed; free some space and try again."""


class DeskDamaged(Unavailable):
    """{path} is damaged ({why}). Keep a copy of the file and restore the last backup."""


class DeskGone(Unavailable):
    """The file {path} is not the one that was opened."""


class DeskRemoved(DeskGone):
    """{path} is no longer there: the desk file was removed or renamed. Put it back or restore the last backup, then start again."""


class DeskReplaced(DeskGone):
    """{path} is another file now: the desk file was replaced; start the engine again, and whatever else has it open."""


class SqliteStorage:
    """A desk in a SQLite file."""

    dialect = "sqlite"

    def __init__(self, path: Path, patience: float, name: str) -> None:
        self.path = path
        self.url = URL.create("sqlite", database=str(path))
        self.shown = str(path)
        self.patience = patience
        self._name = name
        self._writer_file = path.with_name(f"{path.name}-writer")
        self._writer_fd: int | None = None
        self._file: tuple[int, int] | None = None
        """Device and inode of the file that was opened."""

    # -- engines

    def writer(self) -> Engine:
        """Return the engine of write transactions: one connection, used by one thread at a time."""
        engine = create_engine(
            self.url,
            connect_args={"timeout": self.patience, "isolation_level": None, "check_same_thread": False},
            pool_size=1,
            max_overflow=0,
        )
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        return engine

    def reader(self) -> Engine:
        """Return the engine of read transactions, which cannot write."""
        engine = create_engine(
            self.url, connect_args={"timeout": self.patience, "isolation_level": None, "check_same_thread": False}
        )
        event.listen(engine, "connect", _configure_reader)
        event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN"))
        return engine

    def check_file(self, *, create: bool) -> None:
        """Refuse what is not a desk's file before any driver touches it; make an empty one that only its owner can read.

        Raises:
            NoDesk, NotADesk, DeskReadOnly: with the path and what to do.
        """
        try:
            if create:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(self.path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
            elif not self.path.exists():
                raise NoDesk(path=self.path)
            if self.path.is_dir():
                raise NotADesk(path=self.path, why="it is a folder")
            head = self._head()
            if create and not head:
                self.path.chmod(0o600)
            written_ahead = self.path.with_name(f"{self.path.name}-wal").exists()
            self._file = _identity(self.path)
        except IsADirectoryError as error:
            raise NotADesk(path=self.path, why="it is a folder") from error
        except OSError as error:
            raise DeskReadOnly(path=self.path, why=error.strerror or error) from error
        if not head and not create and not written_ahead:
            raise NotADesk(path=self.path, why="it is empty")
        if head and not head.startswith(b"SQLite format 3\0"):
            raise NotADesk(path=self.path, why="it is no SQLite file")
        known = (APPLICATION_ID, 0) if written_ahead else (APPLICATION_ID,)  # a new desk's mark may still be in the log
        if head and int.from_bytes(head[68:72], "big") not in known and not (create and self._is_blank()):
            raise NotADesk(path=self.path, why="it belongs to another program")

    def _head(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(72)

    def _is_blank(self) -> bool:
        """Say whether the file has no tables, as a creation that was broken off leaves it. Looks without changing anything."""
        try:
            with contextlib.closing(sqlite3.connect(f"file:{quote(str(self.path))}?mode=ro", uri=True)) as connection:
                return connection.execute("select 1 from sqlite_master limit 1").fetchone() is None
        except sqlite3.Error:
            return False

    def check_empty(self, connection: Connection) -> None:
        """Refuse to build a desk among the tables of another program.

        Raises:
            NotADesk: there are some.
        """
        if connection.exec_driver_sql("select 1 from sqlite_master limit 1").first() is not None:
            raise NotADesk(path=self.path, why="it belongs to another program")

    # -- who holds the lock

    def locked(self, now: int) -> None:
        """Leave word of who holds the write lock, for those who wait; called just after BEGIN IMMEDIATE.

        Raises:
            DeskRemoved, DeskReplaced: the file that is open here is no longer the one at its path, where all others look for it.
        """
        self._check_same()
        if self._writer_fd is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            try:
                if not _may_be_ours(self._writer_file):
                    return
                self._writer_fd = os.open(self._writer_file, flags, 0o600)
            except OSError:
                return
        os.pwrite(self._writer_fd, f"{os.getpid()} {now} {self._name}\n".encode()[:_RECORD].ljust(_RECORD), 0)

    def _check_same(self) -> None:
        try:
            same = self._file in (None, _identity(self.path))
        except FileNotFoundError:
            raise DeskRemoved(path=self.path) from None
        except OSError:
            return  # a folder that cannot be looked into now says nothing about the file
        if not same:
            raise DeskReplaced(path=self.path)

    def holder(self) -> str:
        """Say in words who began the last write transaction: while the desk is locked, that is who holds it."""
        try:
            if not _may_be_ours(self._writer_file):
                return "another process"
            pid_text, since, name = self._writer_file.read_text(errors="replace").rstrip().split(" ", 2)
            pid = int(pid_text)
            seconds = max(0, (time.time_ns() // 1000 - int(since)) // 1_000_000)
        except (OSError, ValueError):
            return "another process"
        state = _process_state(pid)
        if state is None:
            return f"another process (the last one to write was {name}, process {pid}, which has ended)"
        stopped = ", which is stopped" if state in "Tt" else ""
        return f"{name} (process {pid}{stopped}, since {seconds} s)"

    def explain(self, error: DBAPIError) -> DeskError | None:
        """Return the desk's own error for a driver's, or None where it is a defect and not a circumstance."""
        original = error.orig
        code = getattr(original, "sqlite_errorcode", 0) & 0xFF
        why = str(original)
        match code:
            # PROTOCOL: a process was stopped in the very moment in which it begins to read or write.
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
                return DeskBusy(path=self.path, seconds=self.patience, holder=self.holder())
            case sqlite3.SQLITE_FULL:
                return DiskFull(path=self.path)
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_AUTH:
                return DeskReadOnly(path=self.path, why=why)
            case sqlite3.SQLITE_NOTADB:
                return NotADesk(path=self.path, why=why)
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_IOERR:
                return DeskDamaged(path=self.path, why=why)
        return None

    # -- ids and the journal

    def allocator(self) -> SqliteIds:
        """Return the allocator of one write transaction."""
        return SqliteIds()

    def after(self, connection: Connection, position: Position, limit: int, *, unsettled: bool = False) -> list[Entry]:
        """Return up to `limit` journal entries after the position, in commit order."""
        only = "and settled = 0 " if unsettled else ""
        rows = connection.exec_driver_sql(
            f"select {COLUMNS} from journal where id > ? {only}order by id limit ?",  # noqa: S608 - constants
            (position.event_id, limit),
        )
        return [Entry(*row) for row in rows]

    def end(self, connection: Connection) -> Position:
        """Return the position of a reader that starts now."""
        return Position(0, connection.exec_driver_sql("select coalesce(max(id), 0) from journal").scalar_one())

    def notify(self, connection: Connection, topics: int) -> None:
        """Do nothing: hints go over sockets, after the commit."""

    def finish_creation(self, connection: Connection) -> None:
        """Mark the new file as a desk."""
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")

    def close(self) -> None:
        """Let go of the writer file."""
        if self._writer_fd is not None:
            os.close(self._writer_fd)
            self._writer_fd = None


class SqliteIds:
    """Ids for one write transaction: nobody else can insert meanwhile, so they follow the highest one there is."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def allocate(self, connection: Connection, table: Table, count: int) -> Sequence[int]:
        """Return `count` ids of the table that nobody else gets."""
        first = self._next.get(table.name)
        if first is None:
            query = f"select coalesce(max(id), 0) + 1 from {table.name}"  # noqa: S608 - a table of the schema
            first = int(connection.exec_driver_sql(query).scalar_one())
        self._next[table.name] = first + count
        return range(first, first + count)


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _configure_reader(connection: Any, record: Any) -> None:
    _configure(connection, record)
    connection.execute("PRAGMA query_only = ON")


def _identity(path: Path) -> tuple[int, int]:
    info = os.stat(path)
    return info.st_dev, info.st_ino


def _may_be_ours(writer_file: Path) -> bool:
    """Say whether it is a regular file or none yet: whoever may write to the folder could put a link or a pipe there."""
    try:
        return stat.S_ISREG(writer_file.lstat().st_mode)
    except FileNotFoundError:
        return True


def _process_state(pid: int) -> str | None:
    """Return the letter of a process's state where the system tells, `?` where it does not, None when it has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return "?"
