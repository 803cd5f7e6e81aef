"""The main story, and people who act at the same time, on both databases."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.actions import cases, work
from core.engine.turn import take_turn
from core.errors import DeskError
from data.actor import ENGINE, INTAKE, LOCAL_ADMIN
from data.desk import Desk
from tests.builders import Story
from tests.core.verified import findings
from tests.data.entering import told


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
