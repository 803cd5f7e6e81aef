"""Cases from arrival to the end, and what people may not do with them."""

from __future__ import annotations

import pytest

from core.actions import cases, work
from core.errors import EmptyText, NotAllowed, NotFound, WrongStatus, WrongUsage
from core.reply_token import find
from core.settings import get
from data.actor import INTAKE
from data.clock import MICROSECONDS
from tests.builders import NOON, document
from tests.core.conftest import Begin


def test_a_case_goes_from_arrival_to_resolved(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    assert (desk.status(case), desk.offered_to(case), desk.used("maya")) == ("new", "maya", 1000)
    desk.accept("maya", case)
    assert (desk.status(case), desk.held_by(case)) == ("open", "maya")
    desk.act("maya", cases.reply, case, "Switch it off and on.")
    assert (desk.status(case), desk.used("maya")) == ("waiting_customer", 200)
    desk.act("maya", cases.resolve, case)
    assert (desk.status(case), desk.held_by(case), desk.used("maya")) == ("resolved", None, 0)
    told = [kind for kind in desk.kinds() if kind.partition(".")[0] in ("case", "work", "message")]
    assert told == [
        "case.opened",
        "message.received",
        "work.queued",
        "work.offered",
        "work.accepted",
        "case.assigned",
        "case.status_changed",
        "message.queued",
        "case.status_changed",
        "work.reweighed",
        "case.status_changed",
        "work.closed",
    ]


def test_an_answer_names_its_case_and_proves_that_the_desk_made_it(begin: Begin) -> None:
    desk = begin()
    case = desk.customer_writes("Re: re: Panel is dark")
    message = desk.act("admin", cases.reply, case, "We look into it.")
    mail_id, subject = desk.all("select mail_id, subject from messages where id = ?", message)[0]
    key = desk.desk.run(INTAKE, get, "reply_key")
    assert find(key, [mail_id]) == (case, False)
    assert subject == f"Re: Panel is dark [#{case}]"


def test_a_held_case_counts_less_and_comes_back_on_its_date(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("maya", cases.hold, case, seconds=3600, reason="Part ordered")
    assert (desk.status(case), desk.used("maya")) == ("on_hold", 200)
    desk.wait(3500)
    assert desk.status(case) == "on_hold"
    desk.act("maya", cases.hold, case, seconds=3600, reason="Part delayed")
    desk.wait(200)
    assert desk.status(case) == "on_hold"
    desk.wait(3500)
    assert (desk.status(case), desk.used("maya"), desk.held_by(case)) == ("open", 1000, "maya")


@pytest.mark.parametrize(("seconds", "reason"), [(0, "why"), (-5, "why"), (60, "  ")])
def test_a_hold_needs_a_date_ahead_and_a_reason(begin: Begin, seconds: int, reason: str) -> None:
    desk = begin()
    case = desk.customer_writes()
    with pytest.raises(WrongUsage):
        desk.act("maya", cases.hold, case, seconds=seconds, reason=reason)


def test_resolving_a_held_case_forgets_the_date(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("maya", cases.hold, case, seconds=60, reason="Part ordered")
    desk.act("maya", cases.resolve, case)
    desk.wait(120)
    assert desk.status(case) == "resolved"


def test_the_customers_answer_brings_a_waiting_case_back(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("maya", cases.reply, case, "Which model?")
    desk.act("admin", cases.customer_answered, case)
    assert (desk.status(case), desk.used("maya"), desk.held_by(case)) == ("open", 1000, "maya")


@pytest.mark.parametrize("then", ["open", "waiting_customer"])
def test_an_answer_that_names_a_status_takes_a_resolved_case_up_again(begin: Begin, then: cases.Then) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("maya", cases.resolve, case)
    desk.act("maya", cases.reply, case, "One more question.", then=then)
    assert desk.status(case) == then
    assert desk.one("select resolved_at from cases where id = ?", case) is None


def test_an_answer_that_names_no_status_leaves_a_resolved_case_resolved(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("maya", cases.resolve, case)
    desk.act("maya", cases.reply, case, "You are welcome.")
    assert (desk.status(case), desk.held_by(case)) == ("resolved", None)


def test_the_customers_answer_reopens_a_resolved_case_as_new_work(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("maya", cases.resolve, case)
    before = desk.work_of(case)
    desk.act("admin", cases.customer_answered, case)
    assert desk.work_of(case) != before
    assert (desk.status(case), desk.offered_to(case)) == ("open", "maya")
    assert desk.one("select resolved_at from cases where id = ?", case) is None


def test_a_case_reopened_while_its_work_is_wrapped_up_goes_back_in_line(begin: Begin) -> None:
    base = document()
    standard = base.presence_configurations["standard"].model_copy(update={"wrap_up": 60})
    desk = begin(base.model_copy(update={"presence_configurations": {"standard": standard}}))
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("maya", cases.resolve, case)
    desk.act("admin", cases.customer_answered, case)
    assert desk.offered_to(case) == "maya"
    assert desk.used("maya") == 1000


def test_a_closed_case_takes_no_answer_and_no_other_step_but_reopening(begin: Begin) -> None:
    desk = begin(supervisors=["sam"])
    case = desk.customer_writes()
    desk.act("sam", cases.close, case)
    for action, arguments in (
        (cases.reply, {"text": "Hello"}),
        (cases.resolve, {}),
        (cases.hold, {"seconds": 60, "reason": "why"}),
        (cases.assign, {"agent": "maya"}),
    ):
        with pytest.raises(WrongStatus, match=f"Case #{case} is closed"):
            desk.act("maya", action, case, **arguments)
    assert desk.act("sam", cases.close, case) is False
    assert desk.one("select count(*) from messages where direction = 'outbound'") == 0
    assert desk.act("maya", cases.reopen, case) is True
    assert desk.act("maya", cases.reopen, case) is False


def test_a_resolved_case_that_is_closed_keeps_the_time_of_its_solution(begin: Begin) -> None:
    desk = begin(supervisors=["sam"])
    case = desk.customer_writes()
    desk.act("maya", cases.resolve, case)
    resolved = desk.one("select resolved_at from cases where id = ?", case)
    desk.wait(5)
    desk.act("sam", cases.close, case)
    assert desk.one("select resolved_at from cases where id = ?", case) == resolved


def test_resolving_a_case_that_is_only_offered_cancels_the_offer(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.act("tom", cases.resolve, case)
    assert (desk.offered_to(case), desk.used("maya")) == (None, 0)
    assert desk.one("select state from work_items where id = ?", desk.work_of(case)) == "cancelled"


def test_an_agent_may_not_close_a_case(begin: Begin) -> None:
    desk = begin()
    case = desk.customer_writes()
    with pytest.raises(NotAllowed, match=r"This needs the role supervisor; maya has the role agent"):
        desk.act("maya", cases.close, case)
    assert desk.status(case) == "new"


def test_an_agent_may_not_accept_for_another_one_and_a_supervisor_may(begin: Begin) -> None:
    desk = begin(supervisors=["sam"])
    desk.present("maya")
    case = desk.customer_writes()
    with pytest.raises(NotAllowed, match="This needs the role supervisor"):
        desk.act("tom", work.accept, desk.work_of(case), agent="maya")
    desk.act("sam", work.accept, desk.work_of(case), agent="maya")
    assert desk.held_by(case) == "maya"


def test_mail_intake_may_open_cases_and_not_resolve_them(begin: Begin) -> None:
    desk = begin()
    case = desk.desk.run(INTAKE, cases.open_new, "By mail", address="a@b.example")
    with pytest.raises(NotAllowed):
        desk.desk.run(INTAKE, cases.resolve, case)
    desk.settle()


@pytest.mark.parametrize("number", [0, -1, 999_999])
def test_a_case_that_does_not_exist_is_named_in_the_answer(begin: Begin, number: int) -> None:
    desk = begin()
    with pytest.raises(NotFound, match=f"There is no case #{number}"):
        desk.act("maya", cases.resolve, number)


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_empty_answer_or_note_is_refused(begin: Begin, text: str) -> None:
    desk = begin()
    case = desk.customer_writes()
    for action in (cases.reply, cases.note):
        with pytest.raises(EmptyText):
            desk.act("maya", action, case, text)


def test_hostile_words_are_kept_as_they_came(begin: Begin) -> None:
    desk = begin()
    said = "\x1b[31m[@click=app.quit]'; drop table cases;--\u202egpj.exe {0.__class__} %s"
    case = desk.customer_writes(said)
    desk.act("maya", cases.note, case, said)
    assert desk.one("select subject from cases where id = ?", case) == said
    assert desk.one("select text from messages where direction = 'note'") == said


def test_two_answers_at_the_same_moment_are_two_messages(begin: Begin) -> None:
    desk = begin()
    case = desk.customer_writes()
    first = desk.act("maya", cases.reply, case, "One")
    second = desk.act("tom", cases.reply, case, "Two")
    assert first != second
    assert len(set(desk.all("select mail_id from messages where direction = 'outbound'"))) == 2


def test_time_is_in_whole_microseconds(begin: Begin) -> None:
    desk = begin()
    case = desk.customer_writes()
    assert NOON < desk.one("select opened_at from cases where id = ?", case) < NOON + MICROSECONDS
