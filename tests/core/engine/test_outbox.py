"""The outbox: at least once, always under the same key, in the end visible as failed."""

from __future__ import annotations

import json

from sqlalchemy import text

from core import messages
from core.actions import cases, mail
from core.engine import lease, outbox
from data import screen_queries
from data.actor import ENGINE
from data.transaction import Tx
from tests.builders import Story
from tests.core.conftest import Begin


def take(desk: Story) -> list[outbox.Taken]:
    return list(desk.desk.run(ENGINE, outbox.take_due, "mail"))


def fails(desk: Story, taken: outbox.Taken, *, permanent: bool = False) -> None:
    desk.desk.run(ENGINE, outbox.not_sent, taken, "451 later", permanent=permanent)


def succeeds(desk: Story, taken: outbox.Taken, refused: str | None = None) -> None:
    desk.desk.run(ENGINE, outbox.sent, taken, refused)


def bounces(desk: Story, taken: outbox.Taken) -> None:
    def bounce(tx: Tx) -> bool:
        return messages.bounced(tx, taken.delivery_key, taken.message_id, "550 no such user")

    assert desk.desk.run(ENGINE, bounce) is True


def state(desk: Story, row: outbox.Taken) -> object:
    return desk.one("select state from outbox where id = ?", row.id)


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
    succeeds(desk, taken)
    succeeds(desk, taken)
    assert delivery(desk, message) == "sent"
    assert desk.kinds().count("message.sent") == 1
    desk.settle()


def test_a_try_that_failed_is_repeated_after_growing_pauses_under_the_same_key(begin: Begin) -> None:
    desk, message = answered(begin)
    keys = set()
    for pause in (10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600):
        [taken] = take(desk)
        keys.add(taken.delivery_key)
        fails(desk, taken)
        assert delivery(desk, message) == "queued"
        desk.clock.advance(pause - 1)
        assert take(desk) == []
        desk.clock.advance(1)
    assert len(keys) == 1


def test_an_answer_is_given_up_in_the_end_and_can_be_queued_again(begin: Begin) -> None:
    desk, message = answered(begin)
    for _ in range(outbox.MOST_TRIES):
        [taken] = take(desk)
        fails(desk, taken)
        desk.clock.advance(outbox.LONGEST_PAUSE_S)
    assert (delivery(desk, message), take(desk)) == ("failed", [])
    assert desk.one("select delivery_error from messages where id = ?", message) == "451 later"
    assert desk.kinds().count("message.failed") == 1
    assert desk.desk.run(ENGINE, outbox.send_again, message) is True
    assert desk.desk.run(ENGINE, outbox.send_again, message) is False
    [again] = take(desk)
    assert (again.delivery_key, again.tries) == (taken.delivery_key, 1)
    succeeds(desk, again)
    assert delivery(desk, message) == "sent"
    desk.settle()


def test_a_final_refusal_is_not_tried_again(begin: Begin) -> None:
    desk, message = answered(begin)
    [taken] = take(desk)
    fails(desk, taken, permanent=True)
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
    succeeds(desk, again)
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
        due = outbox.next_due(connection, "mail")
    assert due == desk.one("select min(due_at) from outbox")


def taken_by_two(begin: Begin) -> tuple[Story, outbox.Taken, outbox.Taken]:
    desk, _ = answered(begin)
    [slept] = take(desk)
    desk.clock.advance(outbox.TAKEN_FOR_S + 1)
    [again] = take(desk)
    return desk, slept, again


def test_the_failure_of_a_sender_that_slept_settles_nothing(begin: Begin) -> None:
    desk, slept, again = taken_by_two(begin)
    fails(desk, slept, permanent=True)
    fails(desk, slept)
    assert (state(desk, again), delivery(desk, again.message_id)) == ("sending", "queued")
    succeeds(desk, again)
    fails(desk, slept, permanent=True)
    assert (state(desk, again), delivery(desk, again.message_id)) == ("sent", "sent")
    desk.settle()


def test_a_success_wins_over_whatever_became_of_the_row(begin: Begin) -> None:
    for between in ("sending", "queued", "failed"):
        desk, slept, again = taken_by_two(begin)
        if between != "sending":
            fails(desk, again, permanent=between == "failed")
        assert state(desk, again) == between
        succeeds(desk, slept)
        assert (state(desk, again), delivery(desk, again.message_id)) == ("sent", "sent")
        fails(desk, again, permanent=True)
        assert (state(desk, again), delivery(desk, again.message_id)) == ("sent", "sent")
        assert desk.kinds().count("message.sent") == 1
        desk.settle()


def test_an_answer_that_bounced_before_its_sender_settled_it_stays_failed(begin: Begin) -> None:
    desk, message = answered(begin)
    [taken] = take(desk)
    bounces(desk, taken)
    succeeds(desk, taken)
    assert (state(desk, taken), delivery(desk, message)) == ("sent", "failed")
    assert desk.one("select delivery_error from messages where id = ?", message) == "550 no such user"
    desk.settle()


def test_an_answer_that_bounced_can_be_sent_again(begin: Begin) -> None:
    desk, message = answered(begin)
    [taken] = take(desk)
    succeeds(desk, taken)
    assert desk.desk.run(ENGINE, outbox.send_again, message) is False
    bounces(desk, taken)
    assert desk.desk.run(ENGINE, outbox.send_again, message) is True
    [again] = take(desk)
    assert again.delivery_key == taken.delivery_key
    succeeds(desk, again)
    assert delivery(desk, message) == "sent"
    desk.settle()


def test_recipients_that_were_refused_show_on_an_answer_that_the_others_got(begin: Begin) -> None:
    desk, message = answered(begin)
    [taken] = take(desk)
    succeeds(desk, taken, "550 not tom")
    assert delivery(desk, message) == "sent"
    assert desk.one("select delivery_error from messages where id = ?", message) == "550 not tom"
    assert take(desk) == []
    desk.settle()


def test_a_sender_that_slept_since_before_the_answer_was_sent_again_settles_nothing(begin: Begin) -> None:
    """The tries begin anew then, so that both have the first one; the moment of taking tells them apart."""
    desk, slept, again = taken_by_two(begin)
    fails(desk, again, permanent=True)
    assert desk.desk.run(ENGINE, outbox.send_again, slept.message_id) is True
    [third] = take(desk)
    assert third.tries == slept.tries
    with desk.desk.reading() as connection:
        assert outbox.still_taken(connection, third)
        assert not outbox.still_taken(connection, slept)
    fails(desk, slept, permanent=True)
    assert (state(desk, third), delivery(desk, third.message_id)) == ("sending", "queued")
    succeeds(desk, third)
    assert delivery(desk, third.message_id) == "sent"
    desk.settle()


def test_a_bounce_after_a_refusal_shows_the_newest_reason_and_the_journal_keeps_both(begin: Begin) -> None:
    desk, message = answered(begin)
    [taken] = take(desk)
    succeeds(desk, taken, "550 not tom")
    bounces(desk, taken)
    assert desk.one("select delivery_error from messages where id = ?", message) == "550 no such user"
    told = json.loads(desk.one("select data from journal where kind = 'message.bounced'"))
    assert (told["error"], told["earlier"]) == ("550 no such user", "550 not tom")
    desk.settle()


def test_a_failure_after_a_bounce_keeps_what_the_bounce_said(begin: Begin) -> None:
    desk, message = answered(begin)
    [taken] = take(desk)
    bounces(desk, taken)
    fails(desk, taken, permanent=True)
    told = json.loads(desk.one("select data from journal where kind = 'message.failed'"))
    assert told["earlier"] == "550 no such user"
    assert desk.one("select delivery_error from messages where id = ?", message) == told["error"]
    desk.settle()


def test_an_answer_that_an_agent_sends_again_is_shown_as_on_its_way(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    desk.accept("maya", desk.customer_writes())
    message = desk.act("maya", cases.reply, 1, "Switch it off and on.", then=None)

    def shown() -> tuple[object, object]:
        with desk.desk.reading() as connection:
            newest = {"case": 1, "before": message + 1, "limit": 1}
            [answer] = connection.execute(text(screen_queries.MESSAGES_BEFORE.sql), newest).all()
        return answer.delivery, answer.delivery_error

    assert shown() == ("queued", None)
    [taken] = take(desk)
    fails(desk, taken, permanent=True)
    assert shown() == ("failed", "451 later")
    assert desk.act("maya", mail.send_again, message) is True
    assert shown() == ("queued", None)
    assert desk.all("select kind, case_id from journal order by id desc limit 1") == [("message.queued", 1)]
    assert desk.act("maya", mail.send_again, message) is False
