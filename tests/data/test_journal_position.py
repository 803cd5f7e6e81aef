"""The journal from a position: in commit order, nothing skipped, whoever commits late."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, select, text

from core.actions import cases
from core.errors import DeskError
from data.actor import ENGINE, INTAKE, LOCAL_ADMIN
from data.desk import Desk
from data.journal import START, Entry
from data.schema import cursors, journal
from data.transaction import Tx
from tests.builders import Story
from tests.core.verified import findings
from tests.data.entering import enters, told


def test_the_journal_is_read_in_order_from_where_one_stopped(desk: Desk) -> None:
    for n in range(7):
        desk.run(LOCAL_ADMIN, enters, f"{n} one", f"{n} two")
    everything = told(desk)
    seen: list[Entry] = []
    position = START
    while page := desk.entries_after(position, 3):
        seen += page
        position = page[-1].position
    assert seen == everything
    assert position == desk.end()
    assert desk.entries_after(desk.end()) == []


def test_the_end_of_an_empty_journal_is_its_beginning(desk: Desk) -> None:
    assert desk.end() == START
    desk.run(LOCAL_ADMIN, enters, "Lena")
    assert desk.end() > START


def test_a_reader_that_acts_is_given_only_what_no_turn_has_settled(desk: Desk) -> None:
    def both(tx: Tx) -> None:
        enters(tx, "Settled", "Not settled")
        tx.pending()[0]["settled"] = 1

    desk.run(LOCAL_ADMIN, both)
    with desk.reading() as connection:
        unsettled = desk.storage.after(connection, START, 10, unsettled=True)
        everything = desk.storage.after(connection, START, 10)
    assert [e.subject_id for e in unsettled] == [2]
    assert [e.subject_id for e in everything] == [1, 2]


def test_a_transaction_that_commits_late_is_not_skipped(postgres: str) -> None:
    """Ids alone would lose it: it took the lower id and became visible after the higher one had been read."""
    early, late = threading.Event(), threading.Event()
    with Desk.create(postgres) as slow, Desk.open(postgres) as fast:

        def dawdles(tx: Tx) -> None:
            enters(tx, "Late")
            tx.flush()
            early.set()
            assert late.wait(30)

        thread = threading.Thread(target=slow.run, args=(LOCAL_ADMIN, dawdles))
        thread.start()
        assert early.wait(30)
        fast.run(LOCAL_ADMIN, enters, "Fast")

        with fast.reading() as connection:
            by_id = seen_by_id(connection, 0)
        by_position = told(fast)
        last_id, position = by_id[-1], by_position[-1].position if by_position else START

        late.set()
        thread.join()

        with fast.reading() as connection:
            assert seen_by_id(connection, last_id) == []  # lost for good
            assert len(seen_by_id(connection, 0)) == 2
        seen = [*by_position, *fast.entries_after(position)]
        assert sorted(e.subject_id for e in seen) == [1, 2]
        assert [e.position for e in seen] == sorted(e.position for e in seen)
        assert fast.end() == seen[-1].position


def seen_by_id(connection: Connection, last: int) -> list[int]:
    return list(connection.execute(select(journal.c.id).where(journal.c.id > last).order_by(journal.c.id)).scalars())


def test_the_engine_does_not_skip_a_customer_whose_transaction_ends_late(postgres: str) -> None:
    story = Story(postgres)
    story.present("maya")
    early, late = threading.Event(), threading.Event()

    def dawdles(tx: Tx) -> None:
        cases.open_new(tx, "Late", address="late@customer.example")
        tx.flush()
        early.set()
        assert late.wait(30)

    with Desk.open(postgres, clock=story.clock) as other:
        thread = threading.Thread(target=other.run, args=(INTAKE, dawdles))
        thread.start()
        assert early.wait(30)
        story.desk.run(LOCAL_ADMIN, cases.open_new, "Fast", address="fast@customer.example")
        story.settle()
        late.set()
        thread.join()
    story.settle()
    assert story.one("select count(*) from assignments where state = 'offered'") == 2
    assert findings(story.desk) == []
    story.desk.close()


def test_a_cursor_moves_with_what_was_done_or_not_at_all(desk: Desk) -> None:
    def moves(tx: Tx) -> None:
        tx.execute(text("update cursors set event_id = 99 where name = 'engine'"))
        raise DeskError(reason="no")

    with pytest.raises(DeskError):
        desk.run(ENGINE, moves)
    assert desk.run(ENGINE, lambda tx: tx.scalar(select(cursors.c.event_id))) == 0
