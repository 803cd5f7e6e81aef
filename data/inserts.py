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


@cache
def _statement(table: Table, dialect: str) -> Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        # Without the option psycopg has forgotten the count when it is asked.
        return postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table).on_conflict_do_nothing()
