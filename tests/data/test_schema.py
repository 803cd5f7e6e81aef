"""The rules that the tables hold themselves, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Table, insert, text
from sqlalchemy.exc import DBAPIError

from core.actions import cases, work
from core.actions import desk as desk_actions
from data import schema
from data.actor import ENGINE, LOCAL_ADMIN
from data.desk import Desk
from data.transaction import Tx
from tests.builders import Story, document


@pytest.fixture
def story(where: Any) -> Any:
    """A desk with one case, accepted by maya."""
    made = Story(where)
    made.present("maya")
    case = made.customer_writes()
    made.accept("maya", case)
    yield made
    made.desk.close()


def refused(desk: Desk, table: Table, **values: object) -> bool:
    def write(tx: Tx) -> None:
        if "id" in table.c and "id" not in values and table.c.id.type.python_type is int:
            values["id"] = tx.new_id(table)
        tx.execute(insert(table), values)

    try:
        desk.run(ENGINE, write)
    except DBAPIError:
        return True
    return False


CASE = {"subject": "x", "channel_id": 1, "opened_at": 1, "updated_at": 1}
WORK = {
    "kind": "case",
    "subject_id": 1,
    "case_id": 1,
    "channel_id": 1,
    "queue_id": 1,
    "priority": 5,
    "accept_by": 1,
    "requested_at": 1,
    "weight": 1000,
    "created_at": 1,
}
ASSIGNMENT = {"work_id": 1, "agent_id": 2, "weight": 1, "round": 1, "offered_at": 1}
MESSAGE = {"case_id": 1, "direction": "note", "channel_id": 1, "at": 1, "text": "x", "reply_text": "x"}
DRAFT = {"case_id": 1, "agent_id": 2, "kind": "note", "text": "x", "session": "s", "updated_at": 1}
JOURNAL = {"at": 1, "kind": "x", "actor_kind": "engine", "subject_kind": "case", "subject_id": 1, "chain_id": 1}


@pytest.mark.parametrize(
    ("table", "right", "wrong"),
    [
        (schema.cases, CASE, {"status": "lost"}),
        (schema.cases, CASE, {"priority": 0}),
        (schema.cases, CASE, {"priority": 6}),
        (schema.cases, CASE, {"subject": None}),
        (schema.cases, CASE, {"channel_id": 99}),
        (schema.cases, CASE, {"contact_id": 99}),
        (schema.cases, CASE, {"status": "on_hold"}),
        (schema.cases, CASE, {"status": "resolved"}),
        (schema.cases, CASE, {"status": "closed", "resolved_at": 1}),
        (schema.messages, MESSAGE, {"direction": "sideways"}),
        (schema.messages, MESSAGE, {"delivery": "sent"}),
        (schema.messages, MESSAGE, {"direction": "outbound", "delivery": "lost"}),
        (schema.messages, MESSAGE, {"auto": 2}),
        (schema.messages, MESSAGE, {"raw_digest": "none"}),
        (schema.drafts, DRAFT, {"kind": "poem"}),
        (schema.drafts, DRAFT, {"case_id": 99}),
        (schema.drafts, DRAFT, {"agent_id": 99}),
        (schema.work_items, WORK | {"subject_id": 9, "state": "closed"}, {"state": "lost"}),
        (schema.work_items, WORK | {"subject_id": 9, "state": "closed"}, {"weight": 0}),
        (schema.work_items, WORK | {"subject_id": 9, "state": "closed"}, {"kind": "unicorn"}),
        (schema.work_items, WORK | {"state": "closed"}, {"state": "waiting"}),
        (schema.work_items, WORK | {"state": "cancelled"}, {"state": "offered"}),
        (schema.assignments, ASSIGNMENT | {"state": "declined"}, {"state": "offered"}),
        (schema.assignments, ASSIGNMENT | {"state": "revoked"}, {"state": "wrapping"}),
        (schema.assignments, ASSIGNMENT | {"state": "revoked"}, {"state": "lost"}),
        (schema.assignments, ASSIGNMENT | {"state": "revoked"}, {"weight": -1}),
        (schema.assignments, ASSIGNMENT | {"state": "revoked"}, {"forced": 2}),
        (
            schema.presence_intervals,
            {"agent_id": 2, "status_id": 1, "began_at": 1, "ended_at": 2, "capacity": 1},
            {"ended_at": None},
        ),
        (
            schema.agents,
            {"name": "kim", "full_name": "K", "role": "agent", "presence_configuration_id": 1},
            {"name": "maya"},
        ),
        (
            schema.agents,
            {"name": "kim", "full_name": "K", "role": "agent", "presence_configuration_id": 1},
            {"role": "king"},
        ),
        (schema.journal, JOURNAL, {"settled": 2}),
        (schema.journal, JOURNAL, {"kind": None}),
        (
            schema.timers,
            {"kind": "case.hold", "subject_kind": "case", "subject_id": 1, "due_at": 1},
            {"due_at": None},
        ),
        (schema.mail_receipts, {"at": 1, "digest": "d", "state": "repeated"}, {"state": "eaten"}),
        (schema.outbox, {"kind": "mail", "delivery_key": "<k>", "due_at": 1, "created_at": 1}, {"state": "lost"}),
        (schema.contact_points, {"contact_id": 1, "kind": "email", "value": "A", "folded": "a"}, {"kind": "pigeon"}),
        (
            schema.contact_points,
            {"contact_id": 1, "kind": "email", "value": "A", "folded": "a"},
            {"folded": "lena@ortiz-farm.example"},
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Table) else "-".join(map(str, value)) if len(value) < 3 else "",
)
def test_a_table_refuses_what_must_not_be(
    story: Story, table: Table, right: dict[str, object], wrong: dict[str, object]
) -> None:
    assert refused(story.desk, table, **{**right, **wrong})
    assert not refused(story.desk, table, **right)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("cases", "opened_at", "'noon'"), ("cases", "priority", "'high'"), ("agent_loads", "used", "'much'")],
)
def test_a_column_refuses_a_value_of_another_type(story: Story, table: str, column: str, value: str) -> None:
    with pytest.raises(DBAPIError):
        story.desk.run(ENGINE, lambda tx: tx.execute(text(f"update {table} set {column} = {value}")))


@pytest.mark.parametrize("column", ["used", "open_items"])
def test_no_counter_goes_below_zero(story: Story, column: str) -> None:
    with pytest.raises(DBAPIError):
        story.desk.run(ENGINE, lambda tx: tx.execute(text(f"update agent_loads set {column} = -1")))


def test_the_same_mail_is_taken_once_but_may_be_repeated(story: Story) -> None:
    mail = {"at": 1, "digest": "d", "mail_id": "<a@b>", "state": "taken"}
    assert not refused(story.desk, schema.mail_receipts, **mail)
    assert refused(story.desk, schema.mail_receipts, **mail)
    assert not refused(story.desk, schema.mail_receipts, **{**mail, "state": "repeated"})
    place = {"at": 1, "digest": "e", "state": "repeated", "mailbox_id": 1, "uidvalidity": 1, "uid": 5}
    assert not refused(story.desk, schema.mail_receipts, **place)
    assert refused(story.desk, schema.mail_receipts, **place)


def test_there_is_one_lease(story: Story) -> None:
    for number in (1, 2):
        with pytest.raises(DBAPIError):
            story.desk.run(ENGINE, lambda tx, n=number: tx.execute(insert(schema.engine_lease), {"id": n}))


def test_what_history_refers_to_cannot_be_deleted(story: Story) -> None:
    for table in ("cases", "agents", "queues", "channels", "contacts", "work_items", "presence_statuses"):
        with pytest.raises(DBAPIError):
            story.desk.run(ENGINE, lambda tx, t=table: tx.execute(text(f"delete from {t}")))


def test_every_table_of_a_file_is_strict(file_desk: Desk) -> None:
    with file_desk.reading() as connection:
        lax = connection.execute(
            text("select name from pragma_table_list where schema = 'main' and strict = 0 and name not like 'sqlite%'")
        ).scalars()
        assert set(lax) == {"alembic_version"}


def test_the_line_of_a_queue_is_read_by_an_index(file_desk: Desk) -> None:
    with file_desk.reading() as connection:
        plan = connection.exec_driver_sql(
            "explain query plan select id from work_items where state = 'waiting' "
            "order by priority, secondary, accept_by, requested_at, id limit 256"
        )
        steps = [row[3] for row in plan]
    assert any("ix_work_items_line" in step for step in steps)
    assert not any("TEMP B-TREE" in step for step in steps)


def test_a_document_cannot_be_applied_halfway(where: Any) -> None:
    with Desk.create(where) as desk:

        def half(tx: Tx) -> None:
            desk_actions.apply(tx, document())
            cases.open_new(tx, "Dark")
            work.accept(tx, 1, agent="maya")

        with pytest.raises(Exception, match="no work item 1"):
            desk.run(LOCAL_ADMIN, half)
        with desk.reading() as connection:
            for table in ("agents", "queues", "cases", "journal"):
                assert connection.execute(text(f"select count(*) from {table}")).scalar() == 0
