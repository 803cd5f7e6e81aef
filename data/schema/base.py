"""The metadata that all tables share, and the column types that SQLite's STRICT tables accept.

Times are integers: microseconds since 1970, UTC. Capacity and weights are integers: thousandths of a unit. Flags are 0 or 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from data.text import OutsideText, storable

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Whole: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")
"""INTEGER on SQLite (the only spelling that STRICT takes and that makes a rowid), BIGINT on PostgreSQL."""

Bytes: TypeEngine[bytes] = LargeBinary()
Words: TypeEngine[str] = Text()
"""TEXT that the desk itself or its admin wrote."""


class Outside(TypeDecorator[OutsideText]):
    """TEXT that came from outside: read as `OutsideText`, written from it or from a `str`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Store the text as it came, less what no column can hold."""
        if value is None:
            return None
        return storable(value.raw if isinstance(value, OutsideText) else value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> OutsideText | None:
        """Hand the text out in the type that cannot be painted by mistake."""
        return None if value is None else OutsideText(value)


def table(name: str, *parts: Any) -> Table:
    """Declare a STRICT table."""
    return Table(name, metadata, *parts, sqlite_strict=True)


def key() -> Column[int]:
    """Return the primary key of a table whose ids the transaction allocates beforehand."""
    return Column("id", Whole, Identity(), primary_key=True)


def whole(name: str, *parts: Any, null: bool = False, default: int | None = None) -> Column[int]:
    """Return an integer column: a time in microseconds, a count, a flag, or thousandths of capacity."""
    return Column(name, Whole, *parts, nullable=null, server_default=None if default is None else text(str(default)))


def words(name: str, *parts: Any, null: bool = False, default: str | None = None) -> Column[str]:
    """Return a text column for what the desk or its admin wrote."""
    quoted = None if default is None else text("'" + default.replace("'", "''") + "'")
    return Column(name, Words, *parts, nullable=null, server_default=quoted)


def outside(name: str, null: bool = False, default: str | None = None) -> Column[OutsideText]:
    """Return a text column for what came from outside."""
    quoted = None if default is None else text("'" + default.replace("'", "''") + "'")
    return Column(name, Outside, nullable=null, server_default=quoted)


def refers(name: str, target: str, null: bool = False, **kw: Any) -> Column[int]:
    """Return a foreign key column to `target`'s id."""
    return Column(name, Whole, ForeignKey(f"{target}.id", **kw), nullable=null)


def flag(name: str, default: int = 0) -> list[Any]:
    """Return a column that is 0 or 1, and the check that says so."""
    return [whole(name, default=default), CheckConstraint(f"{name} in (0, 1)", name=name)]


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the check that a column holds one of the words."""
    return CheckConstraint(f"{column} in ({', '.join(repr(v) for v in values)})", name=column)


# The condition of a partial index is stated once, for SQLite; `data.postgres` takes it over, since naming an option of
# PostgreSQL here would import its dialect into every command.


def unique_where(name: str, columns: tuple[str, ...], condition: str) -> Index:
    """Return a partial unique index: at most one row with these columns for which the condition holds."""
    return Index(name, *columns, unique=True, sqlite_where=text(condition))


def index_where(name: str, columns: tuple[str, ...], condition: str) -> Index:
    """Return a partial index over the rows for which the condition holds."""
    return Index(name, *columns, sqlite_where=text(condition))
