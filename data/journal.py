"""The journal: one row for everything that happened, read in commit order from a position.

A position is a pair (xid, event id). SQLite has one writer, so its ids are commit order and xid is 0; PostgreSQL's readers
order by transaction and stop below the oldest one still running, or a late commit would be skipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sqlalchemy import Connection


class Position(NamedTuple):
    """Where a reader of the journal stands: everything up to and including it was seen."""

    xid: int
    event_id: int


START = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the journal, as stored. `data` is JSON; `settled` says that a turn has handled it already."""

    id: int
    at: int
    kind: str
    actor_kind: str
    actor_id: int | None
    actor_name: str
    subject_kind: str
    subject_id: int
    case_id: int | None
    work_id: int | None
    agent_id: int | None
    queue_id: int | None
    cause_id: int | None
    chain_id: int
    depth: int
    settled: int
    data: str
    xid: int = 0

    @property
    def position(self) -> Position:
        """The position of a reader that has seen this entry last."""
        return Position(self.xid, self.id)


COLUMNS = (
    "id, at, kind, actor_kind, actor_id, actor_name, subject_kind, subject_id, case_id, work_id, agent_id, queue_id, "
    "cause_id, chain_id, depth, settled, data"
)


class Event(Protocol):
    """What a transaction can record: a fact with its kind, its subject and the records that it concerns."""

    def row(self) -> dict[str, object]:
        """Return the journal columns that the event itself decides: kind, subject, references and data."""
        ...


class Reader(Protocol):
    """How a database hands out the journal in commit order."""

    def after(self, connection: Connection, position: Position, limit: int, *, unsettled: bool = False) -> list[Entry]:
        """Return up to `limit` entries after the position, in order; only those no turn has handled where asked."""
        ...

    def end(self, connection: Connection) -> Position:
        """Return the position of a reader that starts now."""
        ...
