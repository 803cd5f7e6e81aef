"""A write transaction as the rules see it: a connection, who acts, what time it is, and the events recorded so far.

Ids are allocated before rows are written, so that rows of one action can be written in bulk and refer to each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, CursorResult, Executable, Row, Table, insert

from data.actor import Actor
from data.journal import Event
from data.schema import journal
from data.topics import EVERYTHING, topic

_INSERT_JOURNAL = insert(journal)
_SUBJECTS = ("case", "work", "agent", "queue")


class Cause(NamedTuple):
    """What led to the events being recorded: an event's id, its chain and how long that chain is."""

    event_id: int | None
    chain_id: int | None
    depth: int


class Allocator(Protocol):
    """How a database hands out ids beforehand."""

    def allocate(self, connection: Connection, table: Table, count: int) -> Sequence[int]:
        """Return `count` ids of the table that nobody else gets."""
        ...


class Tx:
    """One write transaction. It commits when the function that was given it returns, and leaves nothing if it raises."""

    __slots__ = ("_allocator", "_cause", "_chain", "_ids", "_latest", "_rows", "actor", "connection", "now", "topics")

    def __init__(self, connection: Connection, allocator: Allocator, actor: Actor, now: int) -> None:
        self.connection = connection
        self.actor = actor
        self.now = now
        self.topics = 0
        self._allocator = allocator
        self._ids: dict[str, Iterator[int]] = {}
        self._rows: list[dict[str, object]] = []
        self._cause = Cause(None, None, -1)
        self._chain: int | None = None
        self._latest = Cause(None, None, -1)

    # -- reading and writing rows

    def execute(
        self, statement: Executable, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement; a list of parameters runs it once a row, in one call to the driver."""
        return self.connection.execute(statement, params)

    def all(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Return every row."""
        return self.connection.execute(statement, params).all()

    def first(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """Return the first row, or None."""
        return self.connection.execute(statement, params).first()

    def scalar(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Any:
        """Return the first column of the first row, or None."""
        return self.connection.execute(statement, params).scalar()

    def new_id(self, table: Table) -> int:
        """Return a fresh id of the table."""
        return self.new_ids(table, 1)[0]

    def new_ids(self, table: Table, count: int) -> Sequence[int]:
        """Return `count` fresh ids of the table, ascending."""
        return self._allocator.allocate(self.connection, table, count)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happens inside, events included, if it raises; the transaction itself goes on."""
        rows, topics, latest = len(self._rows), self.topics, self._latest
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            del self._rows[rows:]
            self.topics, self._latest = topics, latest
            if self._chain not in {row["id"] for row in self._rows}:
                self._chain = None
            raise

    # -- the journal

    def next_event_id(self) -> int:
        """Return an id of the journal: for an event, or for what must never share its id and is followed by an event of its own.

        Ids are taken in blocks, and in SQLite what the last event left of its block is given again: that event must come after it.
        """
        ids = self._ids.get("journal")
        event_id = next(ids, None) if ids is not None else None
        if event_id is None:
            self._ids["journal"] = ids = iter(self.new_ids(journal, 16))
            event_id = next(ids)
        return event_id

    def record(self, event: Event) -> int:
        """Append an event to the journal and return its id."""
        event_id = self.next_event_id()
        cause = self._cause
        if cause.chain_id is not None:
            chain_id = cause.chain_id
        else:
            if self._chain is None:
                self._chain = event_id
            chain_id = self._chain
        row = event.row()
        row.update(
            id=event_id,
            at=self.now,
            actor_kind=self.actor.kind,
            actor_id=self.actor.id,
            actor_name=self.actor.name,
            cause_id=cause.event_id,
            chain_id=chain_id,
            depth=cause.depth + 1,
            settled=0,
        )
        self._rows.append(row)
        self._latest = Cause(event_id, chain_id, cause.depth + 1)
        self.topics |= topic("kind", str(row["kind"]).partition(".")[0])
        for name in _SUBJECTS:
            value = row[f"{name}_id"]
            if value is not None:
                self.topics |= topic(name, value)
        return event_id

    @contextmanager
    def caused_by(self, cause: Cause) -> Iterator[None]:
        """Record what happens inside as following from `cause`."""
        before, self._cause = self._cause, cause
        try:
            yield
        finally:
            self._cause = before

    @contextmanager
    def acting_as(self, actor: Actor) -> Iterator[None]:
        """Do what happens inside for somebody else: with that one's rights, and in that one's name."""
        before, self.actor = self.actor, actor
        try:
            yield
        finally:
            self.actor = before

    @property
    def cause(self) -> Cause:
        """What the next event will be said to follow from."""
        return self._cause

    @property
    def latest(self) -> Cause:
        """The event recorded last, as the cause of what it sets going later."""
        return self._latest

    def pending(self) -> list[dict[str, object]]:
        """Return the journal rows recorded but not written yet; the turn marks the ones that it has handled."""
        return self._rows

    def flush(self) -> None:
        """Write the recorded events."""
        if self._rows:
            self.connection.execute(_INSERT_JOURNAL, self._rows)
            self._rows = []

    def wake_everybody(self) -> None:
        """Wake every reader after the commit, whatever it watches."""
        self.topics = EVERYTHING
