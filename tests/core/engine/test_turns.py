"""Turns: what one handles, what it leaves, what it leaves behind when it fails, and the chain of what follows from what."""

from __future__ import annotations

import contextlib
import json

import pytest
from sqlalchemy import delete, insert, select, text

from core.actions import cases, presence, work
from core.engine import lease
from core.engine.turn import Turn, take_turn
from core.errors import DeskError, LeaseLost
from core.events import UnknownEvent, decode
from core.timers import set_timers
from data import schema
from data.actor import ENGINE, LOCAL_ADMIN
from data.journal import START
from data.transaction import Tx
from tests.builders import Story
from tests.core.conftest import Begin


def turn(desk: Story, fence: int | None = None, **options: float) -> Turn:
    options.setdefault("budget_s", 60)  # a busy machine must not cut a turn short where the test is not about that
    return desk.desk.run(ENGINE, take_turn, desk.desk.storage, desk.fence if fence is None else fence, **options)


def rows(desk: Story, *tables: str) -> list[list[tuple]]:
    return [desk.all(f"select * from {table}") for table in tables or [t.name for t in schema.metadata.sorted_tables]]


# -- what a turn handles


def test_a_turn_without_time_hands_the_rest_to_the_next_one(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    numbers = [desk.desk.run(LOCAL_ADMIN, cases.open_new, f"Case {n}", address="a@b.example") for n in range(5)]
    first = turn(desk, budget_s=0)
    assert first.more
    assert desk.one("select count(*) from assignments") == 0
    turns = 1
    while turn(desk, budget_s=0).more:
        turns += 1
    assert turns > 1
    assert [desk.offered_to(n) for n in numbers] == ["maya"] * 5


def test_short_turns_and_long_turns_come_to_the_same(begin: Begin) -> None:
    told = []
    for budget in (0, 60):
        desk = begin(agents=["maya", "tom"])
        desk.present("maya", "tom")
        for n in range(4):
            desk.desk.run(LOCAL_ADMIN, cases.open_new, f"Case {n}", address="a@b.example")
        while turn(desk, budget_s=budget).more:
            pass
        told.append(desk.all("select work_id, agent_id, state from assignments order by id"))
    assert told[0] == told[1]


def test_each_event_is_acted_on_once_however_often_the_engine_looks(begin: Begin) -> None:
    desk = begin()
    desk.customer_writes()
    before = rows(desk, "journal", "work_items", "cursors")
    for _ in range(3):
        assert turn(desk)[:3] == (0, 0, False)
    assert rows(desk, "journal", "work_items", "cursors") == before


def test_what_a_turn_records_itself_is_not_handled_by_the_next_one(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    desk.customer_writes()
    settled = dict(desk.all("select kind, settled from journal"))
    assert (settled["case.opened"], settled["work.queued"], settled["work.offered"]) == (0, 1, 1)


def test_a_turn_says_when_the_next_timer_is_due(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    desk.customer_writes()
    deadline = desk.one("select deadline_at from assignments")
    assert turn(desk).next_timer_at == deadline


def test_hundreds_of_cases_in_one_turn_are_all_routed(begin: Begin) -> None:
    desk = begin()
    desk.present("maya", "tom", "ida")

    def import_many(tx: Tx) -> None:
        for n in range(700):
            cases.open_new(tx, f"Case {n}")

    desk.desk.run(LOCAL_ADMIN, import_many)
    desk.settle()
    assert desk.one("select count(*) from work_items where state = 'waiting'") == 700 - 18
    assert desk.one("select max(w.id) - min(w.id) from work_items w where state = 'offered'") == 17


def test_a_timer_of_an_unknown_kind_is_dropped_and_the_others_go_on(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.desk.run(ENGINE, set_timers, "moon.full", "moon", [(1, desk.clock.now)])
    desk.wait(61)
    assert desk.offered_to(case) is None
    assert desk.one("select count(*) from timers where kind = 'moon.full'") == 0


# -- a turn that fails


def test_a_turn_that_raises_leaves_nothing(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    desk.desk.run(LOCAL_ADMIN, cases.open_new, "Dark", address="a@b.example")
    before = rows(desk)
    with desk.desk.storage.writer().begin() as connection:
        connection.execute(
            text("create trigger no_offers before insert on assignments begin select raise(abort, 'no'); end")
        )
    with pytest.raises(Exception, match="no"):
        turn(desk)
    assert rows(desk) == before
    with desk.desk.storage.writer().begin() as connection:
        connection.execute(text("drop trigger no_offers"))
    desk.settle()
    assert desk.one("select count(*) from assignments where state = 'offered'") == 1


def test_an_action_that_raises_leaves_nothing(begin: Begin) -> None:
    desk = begin()
    before = rows(desk)

    def half(tx: Tx) -> None:
        cases.open_new(tx, "Dark", address="a@b.example")
        raise DeskError(reason="changed my mind")

    with pytest.raises(DeskError, match="changed my mind"):
        desk.desk.run(LOCAL_ADMIN, half)
    assert rows(desk) == before


def test_an_action_cannot_open_a_second_transaction(begin: Begin) -> None:
    desk = begin()
    with pytest.raises(RuntimeError, match="second transaction"):
        desk.desk.run(LOCAL_ADMIN, lambda tx: desk.desk.run(LOCAL_ADMIN, cases.open_new, "Dark"))


# -- the lease


def test_a_second_engine_holds_off_and_takes_over_when_the_lease_has_run_out(begin: Begin) -> None:
    desk = begin()
    first = desk.desk.run(ENGINE, lease.acquire, "first")
    assert isinstance(first, lease.Lease)
    held = desk.desk.run(ENGINE, lease.acquire, "second")
    assert isinstance(held, lease.Held)
    assert (held.holder, held.expires_at) == ("first", first.expires_at)
    desk.clock.advance(lease.LEASE_S + 1)
    second = desk.desk.run(ENGINE, lease.acquire, "second")
    assert isinstance(second, lease.Lease)
    assert second.fence > first.fence


def test_an_engine_that_slept_through_its_lease_is_refused_and_changes_nothing(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    sleeper = desk.desk.run(ENGINE, lease.acquire, "test engine")
    assert isinstance(sleeper, lease.Lease)
    desk.clock.advance(lease.LEASE_S + 1)
    taker = desk.desk.run(ENGINE, lease.acquire, "second")
    assert isinstance(taker, lease.Lease)
    desk.desk.run(LOCAL_ADMIN, cases.open_new, "Dark", address="a@b.example")
    before = rows(desk)
    for act in (lambda: turn(desk, sleeper.fence), lambda: desk.desk.run(ENGINE, lease.renew, sleeper.fence)):
        with pytest.raises(LeaseLost, match=r"Another engine \(second\) holds the lease"):
            act()
    desk.desk.run(ENGINE, lease.give_up, sleeper.fence)
    assert rows(desk) == before
    desk.fence = taker.fence
    desk.settle()
    assert desk.one("select count(*) from assignments where state = 'offered'") == 1


def test_an_engine_whose_lease_ran_out_unnoticed_may_go_on(begin: Begin) -> None:
    desk = begin()
    desk.settle()
    desk.clock.advance(1e6)
    turn(desk)
    assert desk.one("select expires_at from engine_lease") > desk.clock.now


def test_a_turn_and_a_renewal_prolong_the_lease_and_giving_it_up_ends_it(begin: Begin) -> None:
    desk = begin()
    got = desk.desk.run(ENGINE, lease.acquire, "first", 10)
    assert isinstance(got, lease.Lease)
    desk.clock.advance(8)
    turn(desk, got.fence, lease_s=10)
    desk.clock.advance(8)
    assert isinstance(desk.desk.run(ENGINE, lease.acquire, "second"), lease.Held)
    desk.desk.run(ENGINE, lease.renew, got.fence, 10)
    desk.clock.advance(8)
    assert isinstance(desk.desk.run(ENGINE, lease.acquire, "second"), lease.Held)
    desk.desk.run(ENGINE, lease.give_up, got.fence)
    assert isinstance(desk.desk.run(ENGINE, lease.acquire, "second"), lease.Lease)


def test_the_next_engine_continues_where_the_dead_one_stopped(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    numbers = [desk.desk.run(LOCAL_ADMIN, cases.open_new, f"Case {n}", address="a@b.example") for n in range(3)]
    turn(desk, budget_s=0)
    desk.clock.advance(1e10)
    got = desk.desk.run(ENGINE, lease.acquire, "second")
    assert isinstance(got, lease.Lease)
    desk.fence = got.fence
    desk.settle()
    assert desk.one("select count(*) from work_items") == 3
    assert all(desk.offered_to(n) or desk.held_by(n) is None for n in numbers)


# -- what follows from what


def chain(desk: Story, kind: str) -> tuple[int, int, int | None, int]:
    return desk.all("select id, chain_id, cause_id, depth from journal where kind = ? order by id desc limit 1", kind)[
        0
    ]


def test_a_persons_act_starts_a_chain_and_what_follows_continues_it(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    presence_chain = chain(desk, "agent.presence_changed")
    assert presence_chain == (presence_chain[0], presence_chain[0], None, 0)
    desk.customer_writes()
    opened, queued, offered = (chain(desk, kind) for kind in ("case.opened", "work.queued", "work.offered"))
    assert (queued[1], queued[2], queued[3]) == (opened[1], opened[0], 1)
    assert (offered[1], offered[2], offered[3]) == (opened[1], queued[0], 2)
    accepted = desk.desk.run(desk.actor("maya"), work.accept, 1)
    assert chain(desk, "work.accepted")[1] != opened[1]
    assert accepted == 1
    desk.settle()


def test_a_timer_continues_the_chain_of_what_set_it(begin: Begin) -> None:
    desk = begin(agents=["maya"])
    desk.present("maya")
    case = desk.customer_writes()
    offered = chain(desk, "work.offered")
    desk.wait(61)
    timed_out = chain(desk, "work.timed_out")
    assert (timed_out[1], timed_out[2], timed_out[3]) == (offered[1], offered[0], offered[3] + 1)
    desk.present("maya")
    exhausted = chain(desk, "work.round_exhausted")
    desk.wait(31)
    started = chain(desk, "work.round_started")
    assert (started[1], started[2], started[3]) == (exhausted[1], exhausted[0], exhausted[3] + 1)
    desk.accept("maya", case)
    desk.act("maya", cases.hold, case, seconds=60, reason="Part ordered")
    held = chain(desk, "case.status_changed")
    desk.wait(61)
    back = chain(desk, "case.status_changed")
    assert back[0] != held[0]
    assert (back[1], back[2], back[3]) == (held[1], held[0], held[3] + 1)


def test_a_lost_heartbeat_starts_a_chain_and_the_end_of_the_grace_time_continues_it(begin: Begin) -> None:
    desk = begin(agents=["maya"])
    desk.act("maya", presence.connect, "maya", "console")
    desk.present("maya")
    desk.wait(31)
    lost = chain(desk, "agent.connection_lost")
    assert lost == (lost[0], lost[0], None, 0)
    desk.wait(121)
    gone = chain(desk, "agent.presence_changed")
    assert (gone[1], gone[2], gone[3]) == (lost[0], lost[0], 1)


def test_events_of_kinds_that_this_program_does_not_know_are_kept(begin: Begin) -> None:
    desk = begin()

    def newer(tx: Tx) -> None:
        row = {
            "id": tx.new_id(schema.journal),
            "at": tx.now,
            "kind": "moon.rose",
            "actor_kind": "engine",
            "subject_kind": "moon",
            "subject_id": 7,
            "data": '{"phase":"full"}',
        }
        tx.execute(insert(schema.journal), row | {"chain_id": row["id"]})

    desk.desk.run(ENGINE, newer)
    desk.settle()
    entry = next(e for e in desk.desk.entries_after(START) if e.kind == "moon.rose")
    assert decode(entry) == UnknownEvent(name="moon.rose", content={"phase": "full"})


def test_every_event_of_a_story_is_read_back_as_it_was_told(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.decline("maya", case, "\x1b[31mnot mine")
    for entry in desk.desk.entries_after(START):
        event = decode(entry)
        assert type(event).kind == entry.kind
        assert json.loads(str(event.row()["data"])) == json.loads(entry.data)


def test_a_savepoint_takes_back_the_chain_that_it_began(begin: Begin) -> None:
    desk = begin()

    def act(tx: Tx) -> None:
        with contextlib.suppress(DeskError), tx.savepoint():
            cases.open_new(tx, "Not this one")
            raise DeskError(reason="no")
        cases.open_new(tx, "This one")

    desk.desk.run(LOCAL_ADMIN, act)
    desk.settle()
    assert desk.all("select subject from cases") == [("This one",)]


def test_a_removed_timer_never_fires(begin: Begin) -> None:
    desk = begin(agents=["maya"])
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    assert desk.desk.run(ENGINE, lambda tx: tx.all(select(schema.timers))) == []
    desk.desk.run(ENGINE, lambda tx: tx.execute(delete(schema.timers)))
    desk.wait(1000)
    assert desk.held_by(case) == "maya"
