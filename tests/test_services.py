"""The servers the other tests stand on."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("time", ["first", "second"])
def test_postgres_gives_each_test_a_database_of_its_own(postgres: str, time: str) -> None:
    import psycopg

    with psycopg.connect(postgres.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE only_here (id int)")
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert row == (1,)
