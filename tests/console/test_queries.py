"""The named reads run on both databases, and their columns from outside are all of those that the schema says are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, text

from console import reads_cases, reads_find, reads_people, reads_work
from console.place import default_desk
from core import messages
from core.actions import cases, drafts
from data import find_queries, queries, schema, screen_queries, supervise_queries
from data.actor import INTAKE, LOCAL_ADMIN
from data.queries import Query, fetch_over
from data.schema.base import Outside
from data.sqlite import APPLICATION_ID
from data.text import OutsideText
from data.transaction import Tx
from intake.email.receive import Place, quarantine
from tests.builders import Story
from tests.console.driving import busy_desk
from tests.services import Postgres

MODULES = (queries, screen_queries, supervise_queries, find_queries)
ALL = {query.name: query for module in MODULES for query in vars(module).values() if isinstance(query, Query)}
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
    "calendar": None,
    "agent_id": 2,
    "me": 2,
    "before": 1_000_000,
    "last": 100,
    "position": 0,
    "since": 0,
    "id": 1,
    "step": 300_000_000,
    "contact": 1,
    "beyond": "z",
}
OTHERWISE: dict[str, dict[str, Any]] = {
    "screen.files_between": {"first": 1},
    "find.contacts_by_address": {"first": "c"},
    "supervise.steps": {"first": 1},
    "supervise.hours": {"first": 1},
    "supervise.waiting": {"queue": None},
    "supervise.offered": {"queue": None},
    "supervise.excluded": {"queue": None},
    "work.waiting": {"queue": None},
    "queue.known": {"name": "tier-1"},
    "channel.known": {"name": "email"},
    "screen.channel": {"channel": "email"},
    "screen.file": {"message": 12, "position": 1},
}
"""What a read calls by a name that others use for something else."""


def test_the_marks_of_a_desk_are_those_of_the_schema() -> None:
    assert queries.SCHEMA == schema.HEAD
    assert queries.APPLICATION_ID == APPLICATION_ID


def test_names_are_unique() -> None:
    every = [each for module in MODULES for each in vars(module).values() if isinstance(each, Query)]
    assert len(ALL) == len(every)


def params_of(query: Query, **more: Any) -> dict[str, Any]:
    return PARAMS | more | OTHERWISE.get(query.name, {})


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
        rows = fetch_over(connection)(query, params_of(query))
        for row in rows:
            for column, value in row.items():
                assert not (isinstance(value, str) and mark in value), f"{name}.{column} is not marked as from outside"
                assert isinstance(value, OutsideText) == (column in query.outside and value is not None)


# -- on both databases


def full_desk(where: Path | str) -> Story:
    """A busy desk on which every read finds something."""
    story = busy_desk(where)  # type: ignore[arg-type]
    story.desk.run(INTAKE, quarantine, b"Subject: Dark\n\nHello", Place(), "unreadable")
    story.customer_writes("Second case of the same customer")

    def answers(tx: Tx) -> None:
        file = messages.NewAttachment(name="sch\u00f6n.png", type="image/png", content=b"\x89PNG")
        new = messages.NewMessage(text="See the picture.", reply_text="See the picture.", attachments=(file,))
        messages.receive(tx, 1, 1, 1, new)
        for table, row in (
            (schema.desk_settings, {"name": "case_types", "value": '["question"]'}),
            (schema.offer_exclusions, {"work_id": waiting, "agent_id": 1, "round": 1, "why": "declined"}),
        ):
            tx.connection.execute(delete(table).where(*(table.c[name] == row[name] for name in list(row)[:1])))
            tx.connection.execute(insert(table), row)

    waiting = story.one("select min(id) from work_items where state = 'waiting'")
    story.desk.run(LOCAL_ADMIN, answers)
    story.act("maya", drafts.keep, 1, "reply", "Half an ans", "a console")
    return story


@pytest.fixture(scope="module")
def both(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Story, Story]]:
    with postgres_server.database() as url:
        lite, post = full_desk(tmp_path_factory.mktemp("full") / "desk.db"), full_desk(url)
        yield lite, post
        lite.desk.close()
        post.desk.close()


def found_by(story: Story, query: Query, params: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows, in their order where the read has one."""
    with story.desk.reading() as connection:
        rows = fetch_over(connection)(query, params)
    if "journal" in query.sql and not query.name.endswith("first_entry"):
        rows = [
            {**row, "id": 0} if "at" in row else row for row in rows
        ]  # PostgreSQL allocates the journal's ids in blocks
    return rows if "order by" in query.sql.rpartition("\n")[2] else sorted(rows, key=repr)


@pytest.mark.parametrize("name", ALL)
def test_every_read_finds_the_same_on_both_databases(name: str, both: tuple[Story, Story]) -> None:
    query = ALL[name]
    for more in ({"owner": "maya", "agent": "maya"}, {"agent": "tom"}, {"queue": None}):
        params = params_of(query, **{"agent": "maya"} | more)
        lite, post = (found_by(story, query, params) for story in both)
        assert lite == post, params
        if more.get("owner"):
            assert lite or name.startswith("calendar."), "nothing was found, so nothing was compared"


def test_the_reads_that_are_built_find_the_same_on_both_databases(both: tuple[Story, Story]) -> None:
    every = {"from_priority": 3, "to_priority": 3} | dict.fromkeys(("from_updated_at", "from_id"), 9 * 10**15)
    params = {"me": 1, "limit": 3, "to_updated_at": 0, "to_id": 0, "from": 0, "below": 100, **every}
    params |= reads_find.patterns(("e", "r"))
    least = {"from_updated_at": 0, "from_id": 0, "to_updated_at": 9 * 10**15, "to_id": 9 * 10**15}
    found = 0
    for view, order, backwards in itertools.product(find_queries.VIEWS, find_queries.ORDERS, (False, True)):
        ends = params if find_queries.ORDERS[order][1] != backwards else params | least
        for query in (
            find_queries.page(view, order, backwards),
            find_queries.edge(view, order, backwards),
            find_queries.count(view),
            *(
                find_queries.hits(view, order, backwards, (plain, plain), contacts=contacts)
                for plain in (True, False)
                for contacts in (True, False)
            ),
        ):
            lite, post = (found_by(story, query, ends) for story in both)
            assert lite == post, (query.name, backwards)
            found += len(lite)
    assert found > 400
    for plain in (True, False):
        lite, post = (found_by(story, find_queries.contacts_named(plain), params | {"limit": 99}) for story in both)
        assert lite == post != []


def test_what_the_commands_list_is_there_on_postgresql(both: tuple[Story, Story]) -> None:
    with both[1].desk.reading() as connection:
        fetch = fetch_over(connection)
        assert reads_cases.case_list(fetch, customer="Lena", all=True).items
        assert reads_cases.case_show(fetch, number=1).lines
        assert reads_work.work_list(fetch).items
        assert reads_people.agent_show(fetch, name="maya").lines


SUBJECTS = (
    "100% sun_ny!",
    "100 sunxny",
    """It's a "quoted" \\ word""",
    "\u00c9T\u00c9 AM SEE",
    "\u00e9t\u00e9 am see",
    "\u00c9t\u00e9 am See",
    "\u0416\u0430\u043b\u043e\u0431\u0430",
    "long " + "\u00e4" * 5_000,
)
SEARCHES = {
    "100%": [1],
    "%": [1],
    "_": [1],
    "n_n": [1],
    "!": [1],
    "it's": [3],
    '"QUOTED"': [3],
    "\\": [3],
    "\u00e9t\u00e9": [4, 5, 6],
    "\u00c9T\u00c9 see": [4, 5, 6],
    "\u0416\u0410\u041b\u041e\u0411\u0410": [7],
    "'; drop table cases; --": [],
    "\u00c4" * 5_000: [8],
    "%" * 5_000: [],
    "x" * 70_000: [],
    "sun\0ny": [],
    "sun\udc80ny": [],
}


@pytest.mark.parametrize("kind", ["sqlite", "postgres", "postgres without a language"])
def test_a_search_for_hostile_letters_finds_the_same_on_each_database(
    kind: str, tmp_path: Path, postgres_server: Postgres
) -> None:
    with ExitStack() as stack:
        where: Path | str = tmp_path / "desk.db"
        if kind != "sqlite":
            where = stack.enter_context(postgres_server.database(locale="C" if "without" in kind else None))
        story = Story(where)
        stack.callback(story.desk.close)
        for place, subject in enumerate(SUBJECTS):
            story.desk.run(
                LOCAL_ADMIN, cases.open_new, subject, "Dark.", address=f"n{place}@example.org", name="\u00d6zg\u00fcr"
            )
        with story.desk.reading() as connection:
            fetch = fetch_over(connection)
            for typed, numbers in SEARCHES.items():
                for joined in (False, True):
                    search = reads_find.Search(reads_find.Sight("all", "number", typed), 1, joined=joined)
                    assert search.look_up(fetch, 1_000)
                    found = [row.number for row in search.step(fetch, None, 1_000).rows]
                    assert found[::-1] == numbers, (typed[:20], joined)
            search = reads_find.Search(reads_find.Sight("all", "number", "\u00d6ZG\u00dcR"), 1)
            assert search.look_up(fetch, 1_000)
            assert len(search.step(fetch, None, 1_000).rows) == len(SUBJECTS)


# -- by an index


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
