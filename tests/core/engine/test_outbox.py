"""The outbox: at least once, always under the same key, in the end visible as failed."""

from __future__ import annotations

from core.actions import cases
from core.engine import lease, outbox
from data.actor import ENGINE
from tests.builders import Story
from tests.core.conftest import Begin


def take(desk: Story) -> list[outbox.Taken]:
    return list(desk.desk.run(ENGINE, outbox.take_due))


def fails(desk: Story, row: int, *, permanent: bool = False) -> None:
    desk.desk.run(ENGINE, outbox.not_sent, row, "451 later", permanent=permanent)


def answered(begin: Begin) -> tuple[Story, int]:
    desk = begin()
    case = desk.customer_writes()
    return desk, desk.act("maya", cases.reply, case, "Switch it off and on.")


def delivery(desk: Story, message: int) -> str:
    return desk.one("select delivery from messages where id = ?", message)


def test_an_answer_is_sent_once_under_its_message_id(begin: Begin) -> None:
    desk, message = answered(begin)
    [taken] = take(desk)
    assert taken.delivery_key == desk.one("select mail_id from messages where id = ?", message)
    assert take(desk) == []
    desk.desk.run(ENGINE, outbox.sent, taken.id)
    desk.desk.run(ENGINE, outbox.sent, taken.id)
    assert delivery(desk, message) == "sent"
    assert desk.kinds().count("message.sent") == 1
    desk.settle()


def test_a_try_that_failed_is_repeated_after_growing_pauses_under_the_same_key(begin: Begin) -> None:
    desk, message = answered(begin)
    keys = set()
    for pause in (10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600):
        [taken] = take(desk)
        keys.add(taken.delivery_key)
        fails(desk, taken.id)
        assert delivery(desk, message) == "queued"
        desk.clock.advance(pause - 1)
        assert take(desk) == []
        desk.clock.advance(1)
    assert len(keys) == 1


def test_an_answer_is_given_up_in_the_end_and_can_be_queued_again(begin: Begin) -> None:
    desk, message = answered(begin)
    for _ in range(outbox.MOST_TRIES):
        [taken] = take(desk)
        fails(desk, taken.id)
        desk.clock.advance(outbox.LONGEST_PAUSE_S)
    assert (delivery(desk, message), take(desk)) == ("failed", [])
    assert desk.one("select delivery_error from messages where id = ?", message) == "451 later"
    assert desk.kinds().count("message.failed") == 1
    assert desk.desk.run(ENGINE, outbox.send_again, message) is True
    assert desk.desk.run(ENGINE, outbox.send_again, message) is False
    [again] = take(desk)
    assert (again.delivery_key, again.tries) == (taken.delivery_key, 1)
    desk.desk.run(ENGINE, outbox.sent, again.id)
    assert delivery(desk, message) == "sent"
    desk.settle()


def test_a_final_refusal_is_not_tried_again(begin: Begin) -> None:
    desk, message = answered(begin)
    [taken] = take(desk)
    fails(desk, taken.id, permanent=True)
    assert (delivery(desk, message), take(desk)) == ("failed", [])
    desk.settle()


def test_what_a_dead_engine_had_taken_is_free_for_the_one_that_takes_over(begin: Begin) -> None:
    desk, message = answered(begin)
    [taken] = take(desk)
    assert take(desk) == []
    desk.clock.advance(1e10)
    got = desk.desk.run(ENGINE, lease.acquire, "second")
    assert isinstance(got, lease.Lease)
    desk.fence = got.fence
    [again] = take(desk)
    assert (again.id, again.delivery_key, again.tries) == (taken.id, taken.delivery_key, 2)
    desk.desk.run(ENGINE, outbox.sent, again.id)
    assert delivery(desk, message) == "sent"
    desk.settle()


def test_a_sender_that_hangs_loses_the_mail_to_another_after_five_minutes(begin: Begin) -> None:
    desk, _ = answered(begin)
    [taken] = take(desk)
    desk.clock.advance(outbox.TAKEN_FOR_S - 1)
    assert take(desk) == []
    desk.clock.advance(2)
    assert [t.id for t in take(desk)] == [taken.id]


def test_what_is_due_first_is_taken_first(begin: Begin) -> None:
    desk, first = answered(begin)
    second = desk.act("maya", cases.reply, 1, "And again.")
    assert [t.message_id for t in take(desk)] == [first, second]
    with desk.desk.reading() as connection:
        due = outbox.next_due(connection)
    assert due == desk.one("select min(due_at) from outbox")
