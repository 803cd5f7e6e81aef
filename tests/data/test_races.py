"""Two transactions on PostgreSQL that want the same at the same moment. SQLite has one writer, and no such moments."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import text

from core import cases as case_records
from core import contacts, drafts, messages, timers
from core.actions import cases
from core.engine import outbox
from data.actor import ENGINE, INTAKE
from data.desk import Desk
from data.transaction import Tx
from tests.builders import Story
from tests.core.verified import findings

ADDRESS = "omar@reef.example"
Adds = Callable[[Tx], object]


@pytest.fixture
def story(postgres: str) -> Iterator[Story]:
    made = Story(postgres)
    yield made
    assert findings(made.desk) == []
    made.desk.close()


def contact(tx: Tx) -> object:
    return contacts.identify(tx, ADDRESS, "Omar").contact_id


def blob(tx: Tx) -> object:
    return messages.keep(tx, b"the same bytes")


def participant(tx: Tx) -> object:
    case_records.join(tx, 1, 2)
    return case_records.takes_part(tx, 1, 2)


def thread(tx: Tx) -> object:
    messages.thread(tx, 1, ["<one@reef.example>", "<two@reef.example>"])
    return messages.cases_of(tx, ["<one@reef.example>", "<two@reef.example>"])


def timer(tx: Tx) -> object:
    return timers.set_timers(tx, "presence.heartbeat", "agent", [(1, 9_000_000_000_000_000)])


ADDED: dict[Adds, tuple[str, int]] = {
    contact: (f"select count(*) from contact_points where folded = '{ADDRESS}'", 1),
    blob: ("select count(*) from blobs where size = 14", 1),
    participant: ("select count(*) from case_participants where case_id = 1 and contact_id = 2", 1),
    thread: ("select count(*) from mail_threads where mail_id in ('<one@reef.example>', '<two@reef.example>')", 2),
}


def both_at_once(story: Story, first: Callable[[Tx], object], second: Callable[[Tx], object], *, undo: bool) -> tuple:
    """What two transactions return of which the second wants what the first has and has not committed; `undo` ends the first
    without a commit."""
    has, go = threading.Event(), threading.Event()

    def holds(tx: Tx) -> object:
        found = first(tx)
        tx.flush()
        has.set()
        assert go.wait(30)
        if undo:
            raise ZeroDivisionError
        return found

    with Desk.open(story.desk.where, clock=story.clock, name="other") as other, ThreadPoolExecutor(2) as threads:
        one = threads.submit(story.desk.run, INTAKE, holds)
        try:
            assert has.wait(30)
            two = threads.submit(other.run, INTAKE, second)
            until_it_waits(story, lambda: two.done())
        finally:
            go.set()
        with suppress(ZeroDivisionError):
            one.result(30)
        return (None if undo else one.result(30)), two.result(30)


def until_it_waits(story: Story, done: Callable[[], bool]) -> None:
    """Return when the server says that the other transaction waits for a lock, or when it is through without waiting."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends and not done():
        if story.one(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        ):
            return
        time.sleep(0.01)
    assert done()


@pytest.mark.parametrize("adds", ADDED, ids=lambda each: each.__name__)
@pytest.mark.parametrize("undo", [False, True], ids=["committed", "undone"])
def test_what_two_transactions_add_at_once_is_there_once_and_both_find_it(story: Story, adds: Adds, undo: bool) -> None:
    story.customer_writes()
    story.desk.run(INTAKE, contacts.identify, "ida@reef.example", "Ida")
    first, second = both_at_once(story, adds, adds, undo=undo)
    query, count = ADDED[adds]
    assert story.one(query) == count
    assert second
    assert undo or first == second
    if adds is contact:
        assert story.one("select count(*) from contacts where name = 'Omar'") == 1
        assert story.one(f"select contact_id from contact_points where folded = '{ADDRESS}'") == second


def answers(story: Story, count: int) -> None:
    case = story.customer_writes()
    for number in range(count):
        story.act("admin", cases.reply, case, f"Answer {number}")


def take(tx: Tx) -> object:
    return outbox.take_due(tx, "mail")


def test_two_senders_take_different_answers_and_none_waits_for_the_other(story: Story) -> None:
    answers(story, 4)

    def takes_the_rest(tx: Tx) -> object:
        tx.execute(text("set local lock_timeout = '5s'"))
        return outbox.take_due(tx, "mail", 4)

    first, second = both_at_once(story, lambda tx: outbox.take_due(tx, "mail", 2), takes_the_rest, undo=False)
    assert [len(first), len(second)] == [2, 2]
    assert {each.id for each in first}.isdisjoint(each.id for each in second)
    assert story.desk.run(ENGINE, outbox.take_due, "mail") == []


def test_what_a_sender_took_and_did_not_keep_is_left_to_the_next_one(story: Story) -> None:
    answers(story, 2)
    _, second = both_at_once(story, take, take, undo=True)
    assert second == []
    assert len(story.desk.run(ENGINE, outbox.take_due, "mail")) == 2


def test_an_answer_that_two_senders_settle_at_once_is_sent_once(story: Story) -> None:
    answers(story, 1)
    [taken] = story.desk.run(ENGINE, outbox.take_due, "mail")
    both_at_once(story, lambda tx: outbox.sent(tx, taken), lambda tx: outbox.sent(tx, taken), undo=False)
    assert story.kinds().count("message.sent") == 1
    assert story.one("select delivery from messages where id = ?", taken.message_id) == "sent"


def test_settling_an_answer_locks_its_row_of_the_outbox_and_not_the_message(story: Story) -> None:
    """Else whoever marks a message meanwhile would wait for the sender, and the sender for it."""
    answers(story, 1)
    [taken] = story.desk.run(ENGINE, outbox.take_due, "mail")

    def looks(tx: Tx) -> object:
        return tx.first(outbox._ROW, {"b_id": taken.id})

    def marks(tx: Tx) -> object:
        tx.execute(text("set local lock_timeout = '1s'"))
        return tx.execute(text(f"update messages set raw_digest = null where id = {taken.message_id}")).rowcount

    assert both_at_once(story, looks, marks, undo=False)[1] == 1


def test_of_two_consoles_that_begin_a_draft_at_once_one_has_it(story: Story) -> None:
    story.customer_writes()
    agent = story.actor("maya").id
    assert agent is not None

    def begins(session: str) -> Adds:
        return lambda tx: drafts.keep(tx, 1, agent, "reply", f"from the {session}", session)

    assert both_at_once(story, begins("laptop"), begins("tower"), undo=False) == (True, False)
    assert story.all("select text, session from drafts") == [("from the laptop", "laptop")]
