"""The named reads run on both databases, and their columns from outside are all of those that the schema says are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from console import reads_cases, reads_people, reads_work
from console.commands.options import fetch_over
from console.place import default_desk
from data import queries, schema
from data.actor import INTAKE
from data.queries import Query
from data.schema.base import Outside
from data.sqlite import APPLICATION_ID
from data.text import OutsideText
from intake.email.receive import Place, quarantine
from tests.builders import Story
from tests.console.driving import busy_desk

ALL = {query.name: query for query in vars(queries).values() if isinstance(query, Query)}
PARAMS: dict[str, Any] = {
    **dict.fromkeys(queries._STATUSES, 1),
    **dict.fromkeys(("owner", "channel", "customer", "agent", "state"), None),
    "before_at": 9_000_000_000_000_000,
    "before_id": 0,
    "queue": "tier-1",
    "limit": 100,
    "case": 1,
    "work": 1,
    "mail": 1,
    "message": 1,
    "first": "accepted",
    "second": "wrapping",
    "present": 0,
    "name": "maya",
}


def test_the_marks_of_a_desk_are_those_of_the_schema() -> None:
    assert queries.SCHEMA == schema.HEAD
    assert queries.APPLICATION_ID == APPLICATION_ID


def test_names_are_unique() -> None:
    assert len(ALL) == len([each for each in vars(queries).values() if isinstance(each, Query)])


@pytest.mark.parametrize("name", ALL)
def test_text_from_outside_is_handed_out_as_such(name: str, story: Story) -> None:
    """Each column whose value anybody outside wrote is marked: found by writing a mark into all of them."""
    query = ALL[name]
    mark = "mark-of-outside"
    story.desk.run(INTAKE, quarantine, b"Subject: Dark\n\nHello", Place(), "unreadable")
    with story.desk._writing() as connection:
        for table in schema.metadata.tables.values():
            for column in table.columns:
                if isinstance(column.type, Outside):
                    value = f'["{mark}"]' if column.name == "recipients" else mark
                    connection.exec_driver_sql(f"update {table.name} set {column.name} = '{value}'")
    with story.desk.reading() as connection:
        rows = fetch_over(connection)(query, PARAMS | {"owner": None})
        for row in rows:
            for column, value in row.items():
                assert not (isinstance(value, str) and mark in value), f"{name}.{column} is not marked as from outside"
                assert isinstance(value, OutsideText) == (column in query.outside and value is not None)


def test_every_read_runs_on_postgresql_and_finds_the_same(postgres: str, tmp_path: Path) -> None:
    lite, post = busy_desk(tmp_path / "desk.db"), busy_desk(postgres)  # type: ignore[arg-type]
    for story in (lite, post):
        story.desk.run(INTAKE, quarantine, b"Subject: Dark\n\nHello", Place(), "unreadable")
    try:
        for query in ALL.values():
            found = []
            for story in (lite, post):
                with story.desk.reading() as connection:
                    others = {
                        "owner": "maya",
                        "agent": "maya",
                        "queue": None if query.name == "work.waiting" else "tier-1",
                    }
                    found.append(fetch_over(connection)(query, PARAMS | others))
            assert found[0] or query.name in ("case.attachments", "queue.known", "channel.known", "message.known"), (
                query.name
            )
            hide = {"id", "data", "recipients", "fence"}  # PostgreSQL allocates ids ahead; moments inside JSON differ
            for left, right in zip(*found, strict=True):
                for column in set(left) - hide:
                    if not column.endswith("_at") and column not in (
                        "since",
                        "wrap_up_until",
                        "hold_until",
                        "choice",
                        "imap",
                        "smtp",
                    ):
                        assert left[column] == right[column], (query.name, column)
        for story in (lite, post):
            with story.desk.reading() as connection:
                fetch = fetch_over(connection)
                assert reads_cases.case_list(fetch, customer="Lena", all=True).items
                assert reads_cases.case_show(fetch, number=1).lines
                assert reads_work.work_list(fetch).items
                assert reads_people.agent_show(fetch, name="maya").lines
    finally:
        lite.desk.close()
        post.desk.close()


def test_the_list_of_open_cases_does_not_scan_the_finished_ones(story: Story) -> None:
    with story.desk.reading() as connection:
        plan = [row[3] for row in connection.execute(text("explain query plan " + queries.CASE_LIST.sql), PARAMS)]
    scans = [line for line in plan if line.startswith("SCAN") and "page" not in line and "_cases" not in line]
    assert not [line for line in scans if line.split()[1] == "c"], plan
    assert len([line for line in plan if "ix_cases_status_updated_at" in line]) == 6, plan


def test_the_line_comes_out_of_its_index(story: Story) -> None:
    with story.desk.reading() as connection:
        plan = [row[3] for row in connection.execute(text("explain query plan " + queries.WORK_WAITING.sql), PARAMS)]
    assert any("ix_work_items_line" in line for line in plan), plan
    assert not any("TEMP B-TREE" in line for line in plan), plan


def test_the_default_place_is_platformdirs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import platformdirs

    for value in ("", "  ", str(tmp_path)):
        monkeypatch.setenv("XDG_DATA_HOME", value)
        assert Path(default_desk()) == platformdirs.user_data_path("deskline", appauthor=False) / "desk.db"
