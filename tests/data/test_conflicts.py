"""What PostgreSQL broke off because of another transaction is done again, and not for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from core.actions import cases, work
from core.errors import DeskError
from data.actor import LOCAL_ADMIN
from data.desk import Desk
from data.postgres import DatabaseBusy
from data.transaction import Tx
from tests.builders import Story
from tests.core.verified import findings
from tests.data.entering import enters, told, who

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
    met = threading.Event()
    both_hold = threading.Barrier(2, action=met.set)
    outcomes: dict[str, str] = {}

    def accepts(tx: Tx) -> None:
        tx.execute(text("select 1 from assignments where work_id = :item for update"), {"item": item})
        meet()
        work.accept(tx, item)

    def resolves(tx: Tx) -> None:
        tx.execute(text("select 1 from cases where id = :case for update"), {"case": case})
        meet()
        cases.resolve(tx, case)

    def meet() -> None:
        if not met.is_set():  # one that runs again meets nobody: it would idle with its locks until the server ends it
            both_hold.wait(10)

    def acts(desk: Desk, action: Callable[[Tx], None]) -> None:
        try:
            desk.run(maya, action)
            outcomes[action.__name__] = "done"
        except DeskError as refused:
            outcomes[action.__name__] = type(refused).__name__

    with Desk.open(postgres, clock=story.clock) as one, Desk.open(postgres, clock=story.clock) as other:
        threads = [threading.Thread(target=acts, args=each) for each in ((one, accepts), (other, resolves))]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert outcomes in ({"accepts": "done", "resolves": "done"}, {"accepts": "OfferGone", "resolves": "done"})
    assert story.status(case) == "resolved"
    story.settle()
    assert findings(story.desk) == []
    story.desk.close()
