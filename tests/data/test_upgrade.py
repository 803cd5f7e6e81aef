"""Migrations: the newest one is what a new desk is stamped with, and upgrading never half happens."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, inspect, select
from sqlalchemy.exc import DBAPIError

from core.actions.cases import reply
from core.actions.desk import apply
from core.cases import open_case
from core.config.document import Calendar, Document
from core.drafts import keep
from data import queries, schema
from data.actor import ENGINE, LOCAL_ADMIN
from data.desk import Desk, DeskIsNewer, DeskIsOlder
from data.sqlite import APPLICATION_ID
from data.text import OutsideText
from data.upgrade import newest, upgrade
from tests.builders import Story
from tests.core.verified import findings

FIRST_RELEASE = Path(__file__).with_name("desk_0001.sql")
"""A desk in the middle of its work, as the code of schema 0001 had made it: the output of SQLite's `.dump`, never to be made anew."""


_SINCE_0004 = (
    "case_tags",
    "case_values",
    "case_links",
    "case_redirects",
    "custom_fields",
    "templates",
    "classifications",
    "views",
    "delayed_actions",
)


def without_one_language(tx: Any) -> None:
    """Take away what schema 0004 brought, so that the desk has that of 0003."""
    run = tx.connection.exec_driver_sql
    for each in _SINCE_0004:
        run(f"drop table {each}")
    run("alter table cases drop column level")
    run("alter table cases drop column flag")
    run("alter table cases drop column flagged_at")
    run("alter table messages drop column html")
    run("drop index ix_outbox_due")
    if tx.connection.dialect.name == "postgresql":
        run("alter table outbox drop constraint ck_outbox_what_is_sent, drop column webhook_id")
        run("alter table outbox drop constraint ck_outbox_kind")
        run("alter table outbox add constraint ck_outbox_kind check (kind in ('mail'))")
    else:  # the migration makes the table anew whatever checks it has
        run("create table kept as select * from outbox")
        run("drop table outbox")
        run("alter table kept drop column webhook_id")
        run("alter table kept rename to outbox")
    run("create index ix_outbox_due on outbox (due_at) where state in ('queued', 'sending')")
    run("drop table webhook_calls")


@pytest.fixture
def old(where: str | Path) -> str | Path:
    """A desk of schema 0001: on SQLite from that time, on PostgreSQL one of today less what came later."""
    if isinstance(where, Path):
        with contextlib.closing(sqlite3.connect(where)) as connection:
            connection.executescript(FIRST_RELEASE.read_text())
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    else:
        story = Story(where)
        story.present("maya")
        story.accept("maya", story.customer_writes())

        def go_back(tx: Any) -> None:
            without_one_language(tx)
            tx.connection.exec_driver_sql("drop table calendars")
            tx.connection.exec_driver_sql("drop table drafts")
            tx.connection.exec_driver_sql("drop index ix_cases_owner_id_status_updated_at")
            tx.connection.exec_driver_sql("create index ix_cases_owner_id_status on cases (owner_id, status)")
            tx.connection.exec_driver_sql("update alembic_version set version_num = '0001'")

        story.desk.run(LOCAL_ADMIN, go_back)
        story.desk.close()
    return where


@contextlib.contextmanager
def unchecked(where: str | Path) -> Any:
    """A connection to a desk of whatever version."""
    desk = Desk(where, clock=lambda: 0, name="a test", patience=5)
    with desk.reading() as connection:
        yield connection
    desk.close()


def everything(connection: Connection) -> dict[str, list[dict[str, object]]]:
    """Every row of every table."""
    tables = sorted(inspect(connection).get_table_names())
    return {
        each: sorted((dict(row) for row in connection.exec_driver_sql(f"select * from {each}").mappings()), key=repr)
        for each in tables
    }


def without_what_is_new(
    after: dict[str, list[dict[str, object]]], before: dict[str, list[dict[str, object]]]
) -> dict[str, list[dict[str, object]]]:
    """Return the rows after an upgrade, less the columns that there were not before."""
    return {
        each: sorted(
            ({column: value for column, value in row.items() if column in rows[0]} for row in after[each]), key=repr
        )
        if rows
        else after[each]
        for each, rows in before.items()
    }


def shape(connection: Connection) -> object:
    """What the database says of its tables: on SQLite in the words that made them, on PostgreSQL column by column."""
    if connection.dialect.name == "sqlite":
        made = connection.exec_driver_sql(
            "select type, name, tbl_name, sql from sqlite_master where name <> 'alembic_version'"
        )
        return sorted((*row[:3], re.sub(r"\s+", " ", row.sql or "")) for row in made)
    return [
        sorted(map(tuple, connection.exec_driver_sql(query)), key=repr)
        for query in (
            "select table_name, column_name, data_type, is_nullable, column_default, is_identity from information_schema.columns "
            "where table_schema = 'public'",
            "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint "
            "where connamespace = 'public'::regnamespace",
            "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
        )
    ]


def test_a_new_desk_is_stamped_with_the_newest_migration() -> None:
    assert newest() == schema.HEAD


def test_a_desk_of_this_version_is_left_as_it_is(tmp_path: Path) -> None:
    Story(tmp_path / "desk.db").desk.close()
    assert upgrade(tmp_path / "desk.db") == (schema.HEAD, schema.HEAD)


def test_a_desk_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    story = Story(tmp_path / "desk.db")
    story.desk.run(
        story.actor("maya"), lambda tx: tx.connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    )
    story.desk.close()
    with pytest.raises(DeskIsNewer, match="newer deskline"):
        upgrade(tmp_path / "desk.db")


def test_an_older_desk_is_not_opened_but_told_to_upgrade(tmp_path: Path) -> None:
    story = Story(tmp_path / "desk.db")
    story.desk.run(
        story.actor("maya"), lambda tx: tx.connection.exec_driver_sql("update alembic_version set version_num = '0000'")
    )
    story.desk.close()
    with pytest.raises(DeskIsOlder, match="deskline upgrade"):
        Desk.open(tmp_path / "desk.db")


def test_making_and_opening_a_desk_imports_no_migration_tool(tmp_path: Path) -> None:
    script = (
        "import sys; from data.desk import Desk; "
        f"Desk.create({str(tmp_path / 'desk.db')!r}).close(); Desk.open({str(tmp_path / 'desk.db')!r}).close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2]).returncode == 0


def test_a_desk_of_the_first_release_is_brought_up_with_nothing_lost_and_works(old: str | Path) -> None:
    with pytest.raises(
        DeskIsOlder, match=rf"schema 0001, now {schema.HEAD}\)\. Back it up, then run: deskline upgrade"
    ):
        Desk.open(old)
    with unchecked(old) as connection:
        before = everything(connection)
    assert upgrade(old) == ("0001", schema.HEAD)
    with Desk.open(old) as desk:
        assert findings(desk) == []
        with desk.reading() as connection:
            after = everything(connection)
            assert after.pop("alembic_version") == [{"version_num": schema.HEAD}]
            del before["alembic_version"]
            assert without_what_is_new(after, before) == before
            assert all(after[each] == [] for each in after if each not in before)
            assert len(before["journal"]) > 5
        agent_id = after["agents"][0]["id"]
        assert desk.run(LOCAL_ADMIN, keep, 1, agent_id, "reply", "Press reset.", "laptop") is True
    assert upgrade(old) == (schema.HEAD, schema.HEAD)


def test_a_desk_of_schema_0002_gets_calendars(where: str | Path) -> None:
    story = Story(where)
    story.customer_writes()

    def go_back(tx: Any) -> None:
        without_one_language(tx)
        tx.connection.exec_driver_sql("drop table calendars")
        tx.connection.exec_driver_sql("update alembic_version set version_num = '0002'")

    story.desk.run(LOCAL_ADMIN, go_back)
    story.desk.close()
    assert upgrade(where) == ("0002", schema.HEAD)
    with Desk.open(where) as desk:
        wanted = Document(calendars={"office": Calendar(week={"mon-fri": ("08:00-17:00",)})})
        desk.run(LOCAL_ADMIN, apply, wanted)
        assert findings(desk) == []


def test_a_desk_of_schema_0003_keeps_its_outbox_and_the_links_that_its_journal_knows(where: str | Path) -> None:
    story = Story(where)
    story.present("maya")
    first = story.customer_writes()
    story.accept("maya", first)
    story.desk.run(story.actor("maya"), reply, first, "Press reset.")

    def linked(tx: Any) -> None:
        channel = tx.scalar(select(schema.channels.c.id))
        open_case(tx, subject=OutsideText("again"), channel_id=channel, continues=first)
        tx.execute(delete(schema.case_links))

    story.desk.run(ENGINE, linked)
    with story.desk.reading() as connection:
        before = everything(connection)["outbox"]
    assert len(before) == 1

    def go_back(tx: Any) -> None:
        without_one_language(tx)
        tx.connection.exec_driver_sql("update alembic_version set version_num = '0003'")

    story.desk.run(LOCAL_ADMIN, go_back)
    story.desk.close()
    assert upgrade(where) == ("0003", schema.HEAD)
    with Desk.open(where) as desk, desk.reading() as connection:
        assert everything(connection)["outbox"] == before
        [link] = everything(connection)["case_links"]
        assert (link["other_id"], link["why"]) == (first, "continues")


def test_a_desk_that_was_brought_up_is_made_as_a_new_one_is(
    old: str | Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    upgrade(old)
    with unchecked(old) as connection:
        upgraded = shape(connection)
    with contextlib.ExitStack() as stack:
        new: str | Path = tmp_path / "new.db"
        if isinstance(old, str):
            new = stack.enter_context(request.getfixturevalue("postgres_server").database())
        # In a process of its own: SQLAlchemy writes a constraint that it once added to a table on PostgreSQL into none afterwards.
        code = f"from data.desk import Desk; Desk.create({str(new)!r}).close()"
        subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
        assert upgraded == shape(stack.enter_context(unchecked(new)))


def test_an_upgrade_that_fails_halfway_leaves_the_desk_as_it_was(old: str | Path) -> None:
    desk = Desk(old, clock=lambda: 1, name="a test", patience=5)
    desk.run(
        LOCAL_ADMIN, lambda tx: tx.connection.exec_driver_sql("create index ix_drafts_agent_id on cases (subject)")
    )
    with desk.reading() as connection:
        before = everything(connection)
    with pytest.raises(DBAPIError, match="ix_drafts_agent_id"):  # after the table was made
        upgrade(old)
    with desk.reading() as connection:
        assert everything(connection) == before
    desk.run(LOCAL_ADMIN, lambda tx: tx.connection.exec_driver_sql("drop index ix_drafts_agent_id"))
    desk.close()
    assert upgrade(old) == ("0001", schema.HEAD)


def test_the_command_says_what_it_did(old: str | Path) -> None:
    def run() -> tuple[int, str]:
        command = [sys.executable, "-m", "console.main", "upgrade", "--desk", str(old)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
        return done.returncode, done.stdout + done.stderr

    assert run() == (0, "The desk was brought from schema 0001 to 0004.\n")
    assert run() == (0, "The desk has the schema of this version already (0004).\n")
    assert queries.SCHEMA == "0004"
