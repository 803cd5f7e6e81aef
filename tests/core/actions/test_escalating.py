"""Routing anew, escalating and flags."""

from __future__ import annotations

import pytest

from core.errors import EmptyText, NotFound, Refused, WrongStatus, WrongUsage
from tests.builders import Story
from tests.core.actions import column, does, events, marked
from tests.core.conftest import Begin


def followers(story: Story, case: int) -> list[str]:
    asked = "select a.name from case_followers f join agents a on a.id = f.agent_id where f.case_id = ?"
    return [name for (name,) in story.all(asked, case)]


def test_a_case_goes_up_a_level_and_into_another_queue_and_who_had_it_follows_and_is_free(begin: Begin) -> None:
    story = begin(marked())
    story.present("maya", "tom")
    case = story.customer_writes()
    first = story.offered_to(case)
    assert first is not None
    story.accept(first, case)
    if first == "tom":  # tier-2 is Tom's: somebody else has the case
        does(story, "admin", "case.assign", case=case, agent="maya")
    assert does(story, "maya", "case.escalate", case=case, reason="Needs \0 a fitter", queue="tier-2") == 2
    assert (column(story, case, "level"), story.offered_to(case), story.used("maya")) == (2, "tom", 0)
    assert followers(story, case) == ["maya"]
    assert column(story, case, "owner_id") is None
    [told] = events(story, "case.escalated")
    assert (told["level"], told["reason"]) == (2, "Needs \ufffd a fitter")
    assert story.one("select queue_id from journal where kind = 'case.escalated'") == column(story, case, "queue_id")


def test_a_case_can_go_up_and_stay_where_it_is(begin: Begin) -> None:
    story = begin(marked())
    story.present("maya")
    case = story.customer_writes()
    story.accept("maya", case)
    assert does(story, "maya", "case.escalate", case=case, reason="Again") == 2
    assert (story.held_by(case), story.used("maya"), followers(story, case)) == ("maya", 1000, [])


def test_levels_end_at_nine(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    assert does(story, "engine", "case.escalate", case=case, reason="x", level=8) == 8
    assert does(story, "engine", "case.escalate", case=case, reason="x") == 9
    assert does(story, "engine", "case.escalate", case=case, reason="x") is False
    for level in (0, 10, -1):
        with pytest.raises(WrongUsage, match="from 1 to 9"):
            does(story, "maya", "case.escalate", case=case, reason="x", level=level)
    with pytest.raises(Refused, match="is at level 9; set its level to bring it down"):
        does(story, "maya", "case.escalate", case=case, reason="x", level=8)
    assert len(events(story, "case.changed")) == 2
    assert len(events(story, "case.escalated")) == 2


def test_a_case_of_that_level_goes_to_another_queue_once(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    for result in (1, False):
        assert does(story, "maya", "case.escalate", case=case, reason="x", level=1, queue="empty") == result
    assert does(story, "maya", "case.escalate", case=case, reason="x", level=1) is False
    assert len(events(story, "case.escalated")) == 1


def test_what_cannot_be_escalated_is_left_as_it_is(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    with pytest.raises(EmptyText):
        does(story, "maya", "case.escalate", case=case, reason=" ")
    with pytest.raises(NotFound):
        does(story, "maya", "case.escalate", case=case, reason="x", queue="tier-3")
    does(story, "maya", "case.resolve", case=case)
    with pytest.raises(WrongStatus, match="reopen it first"):
        does(story, "maya", "case.escalate", case=case, reason="x")
    assert (column(story, case, "level"), events(story, "case.escalated")) == (1, [])


@pytest.mark.parametrize("status", ["waiting_customer", "on_hold"])
@pytest.mark.parametrize("held", [True, False], ids=["held", "nobody has it"])
def test_a_case_that_is_paused_is_escalated_and_comes_back_in_the_other_queue(
    begin: Begin, status: str, held: bool
) -> None:
    story = begin(marked())
    story.present("maya")
    case = story.customer_writes()
    if held:
        story.accept("maya", case)
    does(story, "maya", "case.set_status", case=case, status=status, seconds=60, reason="Part ordered")
    does(story, "maya", "case.escalate", case=case, reason="Needs a fitter", queue="tier-2")
    assert story.used("maya") == 0
    story.wait(61)
    story.present("tom")
    assert story.offered_to(case) == "tom"


def test_a_case_is_routed_once(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    assert does(story, "maya", "case.route", case=case) is False
    assert does(story, "maya", "case.route", case=case, queue="empty") is True
    assert does(story, "maya", "case.route", case=case) is False
    assert does(story, "maya", "case.route", case=case, queue="tier-1") is True
    story.present("maya")
    story.accept("maya", case)
    assert does(story, "engine", "case.route", case=case) is True
    assert story.offered_to(case) == "maya"
    with pytest.raises(NotFound):
        does(story, "maya", "case.route", case=case, queue="tier-3")
    does(story, "maya", "case.resolve", case=case)
    with pytest.raises(WrongStatus):
        does(story, "maya", "case.route", case=case)


def test_a_flag_keeps_the_time_when_it_was_raised_first(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    with pytest.raises(EmptyText):
        does(story, "maya", "case.flag", case=case, reason=" ")
    assert does(story, "maya", "case.unflag", case=case) is False
    does(story, "maya", "case.flag", case=case, reason="Threatens to leave")
    at = column(story, case, "flagged_at")
    story.clock.advance(60)
    does(story, "engine", "case.flag", case=case, reason="Has \0 left")
    assert (column(story, case, "flag"), column(story, case, "flagged_at")) == ("Has \ufffd left", at)
    assert does(story, "maya", "case.unflag", case=case) is True
    assert (column(story, case, "flag"), column(story, case, "flagged_at")) == (None, None)
    assert len(events(story, "case.flagged")) == 2
    assert len(events(story, "case.unflagged")) == 1
