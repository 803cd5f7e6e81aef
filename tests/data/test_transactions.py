"""What both databases must do alike: transactions, ids, the journal and its order, savepoints, hostile text."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text

from core.actions import cases, work
from core.engine.turn import take_turn
from core.errors import DeskError
from core.events import ContactCreated, decode
from data.actor import ENGINE, INTAKE, LOCAL_ADMIN
from data.desk import Desk
from data.journal import START, Entry, Position
from data.postgres import DatabaseBusy
from data.schema import accounts, contacts, cursors, journal
from data.text import OutsideText
from data.topics import EVERYTHING, topic
from data.transaction import Cause, Tx
from tests.builders import Story
from tests.core.verified import findings


def enters(tx: Tx, *names: str) -> list[int]:
    """Enter contacts, and record each."""
    made = []
    for name in names:
        number = tx.new_id(contacts)
        tx.execute(insert(contacts), {"id": number, "name": name, "created_at": tx.now})
        made.append(tx.record(ContactCreated(contact_id=number)))
    return made


def told(desk: Desk, after: Position = START) -> list[Entry]:
    return desk.entries_after(after)


def who(desk: Desk) -> list[str]:
    with desk.reading() as connection:
        return [name.raw for name in connection.execute(select(contacts.c.name).order_by(contacts.c.id)).scalars()]


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


# -- the journal from a position


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


# -- hostile text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("NUL \0 inside", "NUL \N{REPLACEMENT CHARACTER} inside"),
        (
            "a lone \ud83d half",
            "a lone \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} half",
        ),
        ("'; drop table cases; --", "'; drop table cases; --"),
        ("%s %(x)s :name ? {0} $1", "%s %(x)s :name ? {0} $1"),
        ("\x1b[2J\u202e\u2066\x9b", "\x1b[2J\u202e\u2066\x9b"),
        ("😀 ⁡ \U0010ffff", "😀 ⁡ \U0010ffff"),
    ],
)
def test_hostile_text_is_kept_as_it_came_less_what_no_column_can_hold(desk: Desk, said: str, kept: str) -> None:
    desk.run(LOCAL_ADMIN, enters, said)
    with desk.reading() as connection:
        found = connection.execute(select(contacts.c.name)).scalar()
    assert found == OutsideText(kept)


def test_hostile_text_in_an_event_is_read_back(where: str | Path) -> None:
    story = Story(where)
    story.present("maya")
    case = story.customer_writes("NUL \0 and \ud83d")
    reason = 'no \0 {"a":1} \x1b[31m \ud83d "quoted" \\ %s'
    story.decline("maya", case, reason)
    [event] = [decode(e) for e in told(story.desk) if e.kind == "work.declined"]
    kept = event.reason.raw  # type: ignore[attr-defined]
    assert "\0" not in kept
    assert kept.startswith("no \N{REPLACEMENT CHARACTER} {")
    assert kept.endswith('"quoted" \\ %s')
    assert findings(story.desk) == []
    story.desk.close()


# -- the main story on both


def test_the_main_story_is_the_same_on_both_databases(where: str | Path) -> None:
    story = Story(where)
    story.present("maya", "tom")
    case = story.customer_writes()
    assert story.offered_to(case) == "maya"
    story.decline("maya", case, "not mine")
    assert story.offered_to(case) == "tom"
    story.wait(61)
    assert story.offered_to(case) is None
    story.present("ida")
    assert story.offered_to(case) == "ida"
    story.accept("ida", case)
    story.act("ida", cases.reply, case, "Which model?")
    assert (story.status(case), story.used("ida")) == ("waiting_customer", 200)
    story.act("admin", cases.customer_answered, case)
    story.act("ida", cases.hold, case, seconds=60, reason="Part ordered")
    story.wait(61)
    assert (story.status(case), story.used("ida")) == ("open", 1000)
    assert findings(story.desk) == []
    story.present("ida", status="offline")
    story.present("maya")
    story.act("maya", cases.assign, case, agent="maya")
    story.act("maya", cases.resolve, case)
    story.act("admin", cases.customer_answered, case)
    story.accept("maya", case)
    with pytest.raises(DeskError, match="accepted already"):
        story.accept("maya", case)
    story.act("maya", cases.resolve, case)
    assert (story.status(case), story.used("maya"), story.used("ida"), story.used("tom")) == ("resolved", 0, 0, 0)
    assert findings(story.desk) == []
    kinds = [e.kind for e in told(story.desk)]
    assert kinds.count("work.accepted") == 3
    assert kinds.count("work.timed_out") == 1
    story.desk.close()


def test_many_cases_at_once_are_routed_in_order_on_both(where: str | Path) -> None:
    story = Story(where)
    story.present("maya", "tom", "ida")
    story.desk.run(LOCAL_ADMIN, lambda tx: [cases.open_new(tx, f"Case {n}") for n in range(40)])
    story.settle()
    offered = story.all("select w.id from work_items w where state = 'offered' order by id")
    assert [number for (number,) in offered] == sorted(n for (n,) in story.all("select id from work_items"))[:18]
    assert findings(story.desk) == []
    story.desk.close()


def test_two_agents_who_grab_the_same_work_in_two_processes_have_one_winner(where: str | Path) -> None:
    story = Story(where)
    story.present("maya")
    case = story.customer_writes()
    maya, item = story.actor("maya"), story.work_of(case)
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def grab() -> None:
        with Desk.open(where, clock=story.clock) as own:
            start.wait(30)
            try:
                own.run(maya, work.accept, item)
                outcomes.append("won")
            except DeskError as refused:
                outcomes.append(str(refused))

    threads = [threading.Thread(target=grab) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert outcomes.count("won") == 1
    assert all(o == "won" or "accepted already" in o or "same work at the same moment" in o for o in outcomes)
    story.settle()
    assert findings(story.desk) == []
    story.desk.close()


def test_an_engine_and_people_who_write_at_the_same_time_lose_nothing(where: str | Path) -> None:
    story = Story(where)
    story.present("maya", "tom", "ida")
    story.settle()
    failed: list[BaseException] = []

    def customers(number: int) -> None:
        try:
            with Desk.open(where, clock=story.clock) as own:
                for n in range(10):
                    own.run(INTAKE, cases.open_new, f"Case {number}.{n}", address=f"c{number}@customer.example")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=customers, args=(n,)) for n in range(3)]
    for each in threads:
        each.start()
    while any(each.is_alive() for each in threads):
        try:
            story.desk.run(ENGINE, take_turn, story.desk.storage, story.fence)
        except DeskError as busy:
            assert "the turn is done again" in str(busy) or "try again" in str(busy)  # noqa: PT017
    for each in threads:
        each.join()
    assert failed == []
    story.settle()
    assert story.one("select count(*) from work_items") == 30
    assert findings(story.desk) == []
    story.desk.close()


_FAIL = "do $$ begin raise exception 'gave way' using errcode = '{state}'; end $$"


@pytest.mark.parametrize("state", ["40P01", "40001"])
def test_what_the_server_broke_off_for_another_runs_again(postgres: str, state: str) -> None:
    tries: list[int] = []

    def act(tx: Tx) -> int:
        tries.append(1)
        enters(tx, "Lena")
        if len(tries) <= 3:
            tx.execute(text(_FAIL.format(state=state)))
        return len(tries)

    with Desk.create(postgres) as desk:
        assert desk.run(LOCAL_ADMIN, act) == 4
        assert who(desk) == ["Lena"]
        assert len(told(desk)) == 1


def test_after_three_more_tries_the_database_is_busy(postgres: str) -> None:
    tries: list[int] = []

    def act(tx: Tx) -> None:
        tries.append(1)
        enters(tx, "Lena")
        tx.execute(text(_FAIL.format(state="40P01")))

    with Desk.create(postgres) as desk:
        with pytest.raises(DatabaseBusy):
            desk.run(LOCAL_ADMIN, act)
        assert (len(tries), who(desk)) == (4, [])


def test_a_lock_that_is_not_given_is_not_asked_for_again(postgres: str) -> None:
    tries: list[int] = []

    def act(tx: Tx) -> None:
        tries.append(1)
        tx.execute(text(_FAIL.format(state="55P03")))

    with Desk.create(postgres) as desk, pytest.raises(DatabaseBusy):
        desk.run(LOCAL_ADMIN, act)
    assert len(tries) == 1


def test_two_agents_who_lock_case_and_work_the_other_way_round_both_get_an_answer(postgres: str) -> None:
    story = Story(postgres)
    story.present("maya")
    case = story.customer_writes()
    maya, item = story.actor("maya"), story.work_of(case)
    both_hold = threading.Barrier(2)
    outcomes: list[str] = []

    def accepts(tx: Tx) -> None:
        tx.execute(text("select 1 from assignments where work_id = :item for update"), {"item": item})
        meet()
        work.accept(tx, item)

    def resolves(tx: Tx) -> None:
        tx.execute(text("select 1 from cases where id = :case for update"), {"case": case})
        meet()
        cases.resolve(tx, case)

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):  # the second time round nobody is there to meet
            both_hold.wait(10)

    def acts(action: Callable[[Tx], None]) -> None:
        with Desk.open(postgres, clock=story.clock) as own:
            try:
                own.run(maya, action)
                outcomes.append("done")
            except DeskError as refused:
                outcomes.append(type(refused).__name__)
            both_hold.abort()

    threads = [threading.Thread(target=acts, args=(each,)) for each in (accepts, resolves)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(outcomes) == 2
    assert "done" in outcomes
    assert "DatabaseBusy" not in outcomes
    assert story.status(case) == "resolved"
    story.settle()
    assert findings(story.desk) == []
    story.desk.close()
