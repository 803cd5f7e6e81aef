"""Verify finds what is wrong: each rule is broken by hand on a desk that was right."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from core.actions import cases, presence, work
from core.config.document import PresenceConfiguration
from core.verify import verify
from data.actor import LOCAL_ADMIN
from tests.builders import Story, document
from tests.core.verified import findings


@pytest.fixture
def desk(tmp_path: Path) -> Story:
    """A desk with a case in each state: one accepted, one wrapped up, one held, one offered, one between rounds."""
    story = Story(
        tmp_path / "desk.db",
        document(agents=["maya", "tom"], presence_configuration=PresenceConfiguration(capacity=4, wrap_up=60)),
    )
    story.act("maya", presence.connect, "maya", "console")
    story.act("tom", presence.connect, "tom", "laptop")
    story.present("maya")
    accepted, wrapped, held = (story.customer_writes() for _ in range(3))
    for case in (accepted, wrapped, held):
        story.accept("maya", case)
    story.act("maya", cases.resolve, wrapped)
    story.act("maya", cases.reply, accepted, "Which one?")
    story.act("maya", cases.hold, held, seconds=3600, reason="Part ordered")
    story.customer_writes()  # offered to maya, who has room again
    story.present("tom")
    declined = story.customer_writes()
    story.decline("tom", declined)
    story.decline("maya", declined)
    return story


def breaks(desk: Story, *statements: str) -> list[str]:
    """Run statements past every guard and return the rules that verify then finds broken."""
    assert findings(desk.desk) == []
    connection = sqlite3.connect(desk.desk.storage.path, isolation_level=None)  # type: ignore[union-attr]
    connection.execute("PRAGMA ignore_check_constraints=ON")
    for statement in statements:
        assert connection.execute(statement).rowcount != 0
    connection.close()
    found = findings(desk.desk)
    assert all(each.detail for each in found)
    return sorted({each.rule for each in found})


def test_a_desk_in_the_middle_of_its_work_is_right(desk: Story) -> None:
    states = desk.all("select state, count(*) from work_items group by state order by state")
    assert dict(states) == {"accepted": 2, "offered": 1, "waiting": 1, "wrapping": 1}
    assert findings(desk.desk) == []


def test_a_desk_with_events_to_handle_is_right(desk: Story) -> None:
    desk.desk.run(LOCAL_ADMIN, cases.open_new, "Nobody has seen it yet", address="a@b.example")
    desk.desk.run(desk.actor("maya"), work.decline, desk.work_of(4))
    desk.desk.run(desk.actor("maya"), presence.set_status, "maya", "away")
    assert findings(desk.desk) == []


ACTIVE = "state in ('offered', 'accepted', 'wrapping')"


@pytest.mark.parametrize(
    ("rule", "statements"),
    [
        ("capacity", ["update agent_loads set used = used + 1 where open_items > 0"]),
        ("capacity", ["update agent_loads set open_items = open_items + 1"]),
        ("capacity", ["delete from agent_loads where agent_id = 2"]),
        ("queue figures", ["update queue_loads set waiting = waiting + 1"]),
        ("queue figures", ["delete from queue_loads"]),
        ("assignments", ["update work_items set state = 'accepted' where state = 'offered'"]),
        ("assignments", ["update assignments set state = 'revoked', ended_at = 1 where state = 'offered'"]),
        ("assignments", ["update assignments set accepted_at = null where state = 'accepted'"]),
        ("assignments", [
            "drop index uq_assignments_active",
            f"insert into assignments (work_id, agent_id, state, weight, round, offered_at) "
            f"select work_id, 1, state, 0, 1, 1 from assignments where {ACTIVE} limit 1",
        ]),
        ("work", ["update work_items set ended_at = 1 where state = 'waiting'"]),
        ("work", [
            "drop index uq_work_items_active",
            "update work_items set subject_id = 1 where subject_id = 2",
        ]),
        ("timers", ["delete from timers where kind = 'offer.deadline'"]),
        ("timers", ["delete from timers where kind = 'work.wrap_up'"]),
        ("timers", ["delete from timers where kind = 'work.round'"]),
        ("timers", ["delete from timers where kind = 'case.hold'"]),
        ("timers", ["delete from timers where kind = 'presence.heartbeat'"]),
        ("timers", ["update timers set due_at = due_at + 1 where kind = 'offer.deadline'"]),
        ("timers", ["update agent_loads set lost_at = 1 where agent_id = 1"]),
        ("timers", ["insert into timers (kind, subject_kind, subject_id, due_at) values ('case.hold', 'case', 1, 1)"]),
        ("timers", ["insert into timers (kind, subject_kind, subject_id, due_at) values ('work.round', 'work', 1, 1)"]),
        ("cases", ["update cases set resolved_at = 1 where status = 'new'"]),
        ("cases", ["update cases set owner_id = 2 where id = 1"]),
        ("cases", ["update cases set owner_id = null where id = 1"]),
        ("cases", ["update cases set status = 'resolved', resolved_at = 1 where id = 1"]),
        ("cases", ["update cases set owner_id = 2 where status = 'new'"]),
        ("cases", ["update cases set queue_id = null where id = 1"]),
        ("cases", ["update cases set status = 'open', resolved_at = null where status = 'resolved'"]),
        ("presence", [
            "drop index uq_presence_intervals_current",
            "insert into presence_intervals (agent_id, status_id, began_at, capacity) values (1, 1, 1, 3000)",
        ]),
        ("presence", ["update agent_loads set interval_id = null where agent_id = 1"]),
        ("presence", ["update agent_loads set capacity = 9000 where agent_id = 1"]),
        ("presence", ["update agents set active = 0 where id = 1"]),
        ("journal", ["update journal set cause_id = id + 1 where cause_id is not null"]),
        ("journal", ["update journal set depth = depth + 1 where cause_id is not null"]),
        ("journal", ["update journal set depth = 3 where cause_id is null"]),
        ("journal", ["update journal set chain_id = 999999"]),
        ("journal", ["update journal set case_id = 999 where kind = 'message.queued'"]),
        ("journal", ["update journal set agent_id = 999 where kind = 'agent.presence_changed'"]),
        ("journal", ["delete from journal where kind = 'case.opened'"]),
        ("journal", ["delete from journal where kind = 'work.queued'"]),
        ("journal", ["delete from journal where kind = 'work.offered'"]),
        ("journal", ["delete from journal where kind = 'work.declined'"]),
        ("journal", ["update journal set kind = 'work.accepted' where kind = 'work.wrapping'"]),
        ("journal", ["delete from journal where kind = 'case.status_changed'"]),
        ("outbox", ["update messages set delivery = 'sent' where delivery = 'queued'"]),
        ("outbox", ["update outbox set state = 'failed', ended_at = 1"]),
        ("outbox", ["update outbox set ended_at = 1"]),
        ("outbox", ["update outbox set delivery_key = 'another'"]),
        ("outbox", ["delete from outbox"]),
        ("mail", ["insert into mail_receipts (at, digest, state) values (1, 'd', 'quarantined')"]),
        ("mail", ["insert into mail_receipts (at, digest, state) values (1, 'd', 'taken')"]),
        ("blobs", ["insert into blobs (digest, size, content) values ('d', 2, x'00')"]),
        ("blobs", ["insert into blobs (digest, size, content) values ('d', 1, x'00')"]),
        ("foreign keys", ["update cases set contact_id = 999"]),
        *(
            ("foreign keys", [f"insert into drafts values ({ids}, 'reply', 'Press', 'laptop', 1)"])
            for ids in ("999, 1", "1, 999")
        ),
        ("offers", [
            "update presence_statuses set kind = 'busy' where name = 'available'",
        ]),
        ("nobody waits in vain", ["delete from offer_exclusions"]),
        ("nobody waits in vain", ["update work_items set round = round + 1 where state = 'waiting'"]),
        ("rounds", ["update work_items set next_round_at = null where state = 'waiting'"]),
        ("work", ["update queues set active = 0", "insert into queues (name, label, routing_configuration_id) values ('q', '', 1)"]),
    ],
)  # fmt: skip
def test_damage_is_found(desk: Story, rule: str, statements: list[str]) -> None:
    assert rule in breaks(desk, *statements)


def test_an_offer_out_of_turn_is_found(tmp_path: Path) -> None:
    desk = Story(
        tmp_path / "desk.db", document(agents=["maya"], presence_configuration=PresenceConfiguration(capacity=1))
    )
    first, second = desk.customer_writes(), desk.customer_writes()
    desk.wait(5)
    desk.present("maya")
    assert desk.offered_to(first) == "maya"
    swapped = [
        f"update work_items set state = 'waiting' where id = {first}",
        f"update work_items set state = 'offered' where id = {second}",
        f"update assignments set work_id = {second}",
        f"update journal set work_id = {second}, case_id = {second} where kind = 'work.offered'",
    ]
    assert "line order" in breaks(desk, *swapped)


def test_a_damaged_file_is_found(desk: Story) -> None:
    root = desk.one("select rootpage from sqlite_master where name = 'uq_contact_points_kind_folded'")
    desk.desk.close()
    path = desk.desk.storage.path  # type: ignore[union-attr]
    raw = bytearray(path.read_bytes())
    where = raw.index(b"lena@", (root - 1) * 4096, root * 4096)
    raw[where : where + 1] = b"x"  # the index now says something else than the table
    path.write_bytes(raw)
    with desk.desk.reading() as connection:
        assert {each.rule for each in verify(connection)} == {"file"}


def test_verify_changes_nothing(desk: Story) -> None:
    def everything(connection: Connection) -> list[tuple]:
        return [tuple(r) for r in connection.exec_driver_sql("select * from agent_loads, queue_loads, cursors")]

    with desk.desk.reading() as connection:
        before = everything(connection)
        verify(connection, deep=True)
        assert everything(connection) == before


def test_a_thousand_findings_are_told_as_a_few(desk: Story) -> None:
    def import_many(tx) -> None:  # type: ignore[no-untyped-def]
        for n in range(120):
            cases.open_new(tx, f"Case {n}")

    desk.desk.run(LOCAL_ADMIN, import_many)
    desk.settle()
    with desk.desk.storage.writer().begin() as connection:
        connection.execute(text("delete from journal where kind = 'case.opened'"))
    assert sum("was opened 0 times" in each.detail for each in findings(desk.desk)) == 50
