"""PostgreSQL by psycopg 3: the same schema and statements; only ids, the journal's order and errors differ."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, Table, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from data.errors import DeskError, Unavailable
from data.journal import COLUMNS, Entry, Position
from data.schema import metadata

_AFTER = (
    "select " + COLUMNS + ", xid::text::bigint from journal "  # noqa: S608 - constants
    "where (xid, id) > (cast(cast(:xid as text) as xid8), :event_id) "
    "and xid < pg_snapshot_xmin(pg_current_snapshot()) {only}order by xid, id limit :limit"
)
_AFTER_ALL = text(_AFTER.format(only=""))
_AFTER_UNSETTLED = text(_AFTER.format(only="and settled = 0 "))
_END = text(
    "select xid::text::bigint, id from journal where xid < pg_snapshot_xmin(pg_current_snapshot()) "
    "order by xid desc, id desc limit 1"
)
_ALLOCATE = text("select nextval(pg_get_serial_sequence(:name, 'id')) from generate_series(1, :count)")
_NOTIFY = text("select pg_notify('deskline', :topics)")


for _table in metadata.tables.values():
    for _index in _table.indexes:
        _index.dialect_options["postgresql"]["where"] = _index.dialect_options["sqlite"]["where"]

_LONGEST_IDLE_S = 5
"""An action waits for nothing, so one that idles inside its transaction is stopped, or its machine is gone: without an end to
that its locks would keep every other engine from taking over."""


class DatabaseAway(Unavailable):
    """The database {url} cannot be reached: {why}. Nothing was changed; check that the server runs and try again."""


class DatabaseBusy(Unavailable):
    """The database {url} refused the change ({why}). Nothing was changed; try again."""


class PostgresStorage:
    """A desk in a PostgreSQL database."""

    dialect = "postgresql"

    def __init__(self, url: URL, patience: float, name: str) -> None:
        self.url = url.set(drivername="postgresql+psycopg")
        self.shown = shown(self.url)
        self.patience = patience
        self._name = name

    def _engine(self, *options: str) -> Engine:
        milliseconds = int(self.patience * 1000)
        return create_engine(
            self.url,
            pool_pre_ping=True,
            connect_args={
                "application_name": f"deskline {self._name}",
                "connect_timeout": max(2, int(self.patience)),
                "options": " ".join([f"-c lock_timeout={milliseconds}", "-c timezone=UTC", *options]),
            },
        )

    def writer(self) -> Engine:
        """Return the engine of write transactions."""
        return self._engine(f"-c idle_in_transaction_session_timeout={_LONGEST_IDLE_S * 1000}")

    def reader(self) -> Engine:
        """Return the engine of read transactions, which cannot write and see one state throughout."""
        return self._engine("-c default_transaction_read_only=on").execution_options(isolation_level="REPEATABLE READ")

    def check_file(self, *, create: bool) -> None:
        """Do nothing: whether the database is there shows at the first connection."""

    def check_empty(self, connection: Connection) -> None:
        """Do nothing: a database may hold other tables beside a desk's."""

    def locked(self, now: int) -> None:
        """Do nothing: the server knows who holds what."""

    def explain(self, error: DBAPIError) -> DeskError | None:
        """Return the desk's own error for a driver's, or None where it is a defect and not a circumstance."""
        original = error.orig
        state = getattr(original, "sqlstate", None) or ""
        why = str(original).strip().splitlines()[0] if original else "no answer"
        if error.connection_invalidated or (not state and type(original).__name__ == "OperationalError"):
            return DatabaseAway(url=self.shown, why=why)
        if state[:2] in ("08", "57", "3D", "28", "53"):
            return DatabaseAway(url=self.shown, why=why)
        if state[:2] in ("40", "55"):
            return DatabaseBusy(url=self.shown, why=why)
        return None

    def allocator(self) -> PostgresIds:
        """Return the allocator of one write transaction."""
        return PostgresIds()

    def after(self, connection: Connection, position: Position, limit: int, *, unsettled: bool = False) -> list[Entry]:
        """Return up to `limit` journal entries after the position, below the oldest transaction still running."""
        rows = connection.execute(
            _AFTER_UNSETTLED if unsettled else _AFTER_ALL,
            {"xid": str(position.xid), "event_id": position.event_id, "limit": limit},
        )
        return [Entry(*row) for row in rows]

    def end(self, connection: Connection) -> Position:
        """Return the position of a reader that starts now."""
        row = connection.execute(_END).first()
        return Position(row[0], row[1]) if row else Position(0, 0)

    def notify(self, connection: Connection, topics: int) -> None:
        """Tell those who LISTEN, when the transaction commits, which topics changed."""
        connection.execute(_NOTIFY, {"topics": format(topics, "x")})

    def finish_creation(self, connection: Connection) -> None:
        """Do nothing: the schema itself marks the database as a desk."""

    def close(self) -> None:
        """Do nothing: engines close their own connections."""


def shown(url: URL) -> str:
    """Return a URL fit for a message: without a password, wherever in it that stands."""
    return url.difference_update_query(["password"]).render_as_string(hide_password=True)


class PostgresIds:
    """Ids from the tables' own sequences; a transaction that fails leaves gaps."""

    def allocate(self, connection: Connection, table: Table, count: int) -> Sequence[int]:
        """Return `count` ids of the table that nobody else gets."""
        return list(connection.execute(_ALLOCATE, {"name": table.name, "count": count}).scalars())
