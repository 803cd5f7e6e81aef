"""Adding rows that may be there already.

A look before the insert is not enough on PostgreSQL, where another transaction can add the same row in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table

from data.transaction import Tx


def add_missing(tx: Tx, table: Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> int:
    """Insert rows, leaving out those whose key is taken; return how many were added, which is certain for a single row only."""
    return tx.execute(_statement(table, tx.connection.dialect.name), rows).rowcount


def put(tx: Tx, table: Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]], key: tuple[str, ...]) -> None:
    """Insert rows; one whose key is taken replaces the row that has it.

    Args:
        key: the columns of a unique index. All rows give the same columns.
    """
    columns = tuple(rows if isinstance(rows, Mapping) else rows[0])
    tx.execute(_replacing(table, tx.connection.dialect.name, columns, key), rows)


@cache
def _replacing(table: Table, dialect: str, columns: tuple[str, ...], key: tuple[str, ...]) -> Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        in_postgres = postgresql.insert(table)
        taken_over = {name: in_postgres.excluded[name] for name in columns if name not in key}
        return in_postgres.on_conflict_do_update(index_elements=key, set_=taken_over)
    from sqlalchemy.dialects import sqlite

    in_sqlite = sqlite.insert(table)
    taken_over = {name: in_sqlite.excluded[name] for name in columns if name not in key}
    return in_sqlite.on_conflict_do_update(index_elements=key, set_=taken_over)


@cache
def _statement(table: Table, dialect: str) -> Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        # Without the option psycopg has forgotten the count when it is asked.
        return postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table).on_conflict_do_nothing()
