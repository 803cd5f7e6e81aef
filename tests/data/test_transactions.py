"""What a transaction keeps and undoes on both databases: rows, ids and events, savepoints, threads that take turns."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from core.errors import DeskError
from data.actor import ENGINE, LOCAL_ADMIN
from data.desk import Desk
from data.schema import accounts, contacts
from data.topics import EVERYTHING, topic
from data.transaction import Cause, Tx
from tests.data.entering import enters, told, who

# -- all or nothing


def test_an_action_commits_when_it_returns(desk: Desk) -> None:
    [event] = desk.run(LOCAL_ADMIN, enters, "Lena")
    assert who(desk) == ["Lena"]
    [entry] = told(desk)
    assert (entry.id, entry.kind, entry.subject_id, entry.actor_name) == (event, "contact.created", 1, "admin")


def test_an_action_that_raises_leaves_nothing_and_the_next_one_works(desk: Desk) -> None:
    def fails(tx: Tx) -> None:
        enters(tx, "Lena", "Omar")
        raise DeskError(reason="changed my mind")

    for _ in range(3):
        with pytest.raises(DeskError, match="changed my mind"):
            desk.run(LOCAL_ADMIN, fails)
    assert (who(desk), told(desk)) == ([], [])
    desk.run(LOCAL_ADMIN, enters, "Ida")
    assert who(desk) == ["Ida"]


def test_a_reader_cannot_write(desk: Desk) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only"), desk.reading() as connection:
        connection.execute(insert(accounts), {"id": 1, "name": "x", "created_at": 1})
    assert desk.run(ENGINE, lambda tx: tx.all(select(accounts))) == []


def test_what_a_reader_sees_stays_while_it_reads(where: str | Path) -> None:
    with Desk.create(where) as desk, desk.reading() as connection:
        before = connection.execute(select(contacts)).all()
        desk.run(LOCAL_ADMIN, enters, "Lena")
        assert connection.execute(select(contacts)).all() == before


def test_a_savepoint_undoes_rows_and_events_and_nothing_else(desk: Desk) -> None:
    def act(tx: Tx) -> None:
        enters(tx, "Before")
        before = tx.topics
        with pytest.raises(DeskError), tx.savepoint():  # noqa: PT012
            enters(tx, "Lena", "Omar")
            tx.wake_everybody()
            raise DeskError(reason="not these")
        assert tx.topics == before
        with tx.savepoint():
            enters(tx, "Inside")
        enters(tx, "After")

    desk.run(LOCAL_ADMIN, act)
    assert who(desk) == ["Before", "Inside", "After"]
    entries = told(desk)
    assert [e.subject_id for e in entries] == sorted(e.subject_id for e in entries)
    assert len(entries) == 3
    assert {e.chain_id for e in entries} == {entries[0].id}


def test_a_statement_that_fails_in_a_savepoint_does_not_spoil_the_transaction(desk: Desk) -> None:
    def act(tx: Tx) -> None:
        enters(tx, "Lena")
        with pytest.raises(Exception, match=r"(?i)unique"), tx.savepoint():
            tx.execute(insert(contacts), {"id": 1, "name": "again", "created_at": 1})
        enters(tx, "Omar")

    desk.run(LOCAL_ADMIN, act)
    assert who(desk) == ["Lena", "Omar"]


# -- ids and events


def test_ids_are_allocated_beforehand_and_never_twice(desk: Desk) -> None:
    def allocate(tx: Tx) -> list[int]:
        ids = [*tx.new_ids(contacts, 3), tx.new_id(contacts), *tx.new_ids(contacts, 2)]
        tx.execute(insert(contacts), [{"id": i, "name": str(i), "created_at": 1} for i in ids])
        return ids

    first, second = desk.run(LOCAL_ADMIN, allocate), desk.run(LOCAL_ADMIN, allocate)
    assert [*first, *second] == sorted({*first, *second})


def test_a_failed_transaction_may_leave_a_gap_in_the_ids_and_no_clash(desk: Desk) -> None:
    def fails(tx: Tx) -> None:
        enters(tx, "Lena")
        raise DeskError(reason="no")

    with pytest.raises(DeskError):
        desk.run(LOCAL_ADMIN, fails)
    desk.run(LOCAL_ADMIN, enters, *map(str, range(40)))
    desk.run(LOCAL_ADMIN, enters, *map(str, range(40)))
    ids = [e.id for e in told(desk)]
    assert len(ids) == len(set(ids)) == 80
    assert ids == sorted(ids)


def test_events_of_one_action_are_one_chain_unless_something_caused_them(desk: Desk) -> None:
    def act(tx: Tx) -> None:
        [one] = enters(tx, "One")
        with tx.caused_by(Cause(one, tx.latest.chain_id, tx.latest.depth)):
            [two] = enters(tx, "Two")
            with tx.caused_by(tx.latest):
                enters(tx, "Three")
        enters(tx, "Four")
        assert two > one

    desk.run(LOCAL_ADMIN, act)
    one, two, three, four = told(desk)
    assert [e.chain_id for e in (one, two, three, four)] == [one.id] * 4
    assert [e.cause_id for e in (one, two, three, four)] == [None, one.id, two.id, None]
    assert [e.depth for e in (one, two, three, four)] == [0, 1, 2, 0]


def test_topics_tell_what_a_transaction_concerned(desk: Desk) -> None:
    heard: list[int] = []
    desk.on_commit = heard.append
    desk.run(LOCAL_ADMIN, enters, "Lena")
    desk.run(LOCAL_ADMIN, lambda tx: None)
    desk.run(LOCAL_ADMIN, lambda tx: tx.wake_everybody())
    assert heard == [topic("kind", "contact"), EVERYTHING]
    assert topic("agent", 3) == topic("agent", 3) != 0


async def test_actions_of_an_event_loop_run_one_after_the_other(desk: Desk) -> None:
    await asyncio.gather(*(desk.act(LOCAL_ADMIN, enters, f"Contact {n}", f"Other {n}") for n in range(20)))
    entries = told(desk)
    assert len(entries) == 40
    for one, other in zip(entries[::2], entries[1::2], strict=True):
        assert one.chain_id == other.chain_id == one.id


def test_threads_of_one_process_take_turns(desk: Desk) -> None:
    threads = [threading.Thread(target=desk.run, args=(LOCAL_ADMIN, enters, f"Contact {n}")) for n in range(10)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(set(who(desk))) == 10
