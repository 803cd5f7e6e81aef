"""What is left for later: checked when it is asked, done when it is due, as who asked, wholly or not at all."""

from __future__ import annotations

from datetime import datetime

import pytest

from console.reads_actions import action_pending
from core import cases, later
from core.actions.arguments import WrongArguments
from core.actions.later import delay
from core.actions.registry import REGISTRY, action
from core.errors import (
    LostRace,
    Merged,
    NotAllowed,
    NotFound,
    NotWaiting,
    UnknownAction,
    UnknownField,
    UnknownTag,
    WrongUsage,
)
from data.actor import ENGINE, INTAKE
from data.queries import fetch_over
from data.transaction import Tx
from tests.builders import ManualClock, Story
from tests.core.actions import column, does, events, marked, value
from tests.core.conftest import Begin
from tests.core.verified import findings

HOUR = 3600


def delays(story: Story, who: str, name: str, seconds: int = 60, calendar: str | None = None, **given: object) -> int:
    done = does(story, who, "action.delay", action=name, arguments=given, seconds=seconds, calendar=calendar)
    assert isinstance(done, int)
    return done


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def waiting(story: Story) -> tuple[int, int]:
    return (
        story.one("select count(*) from delayed_actions"),
        story.one("select count(*) from timers where kind = 'action.delayed'"),
    )


def test_an_action_is_done_at_its_time_and_not_before_in_the_name_of_who_asked(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    delays(story, "maya", "case.set", 60, case=case, fields={"power": "123456789012.123456", "priority": 5})
    story.wait(59)
    assert column(story, case, "priority") == 3
    story.wait(2)
    assert column(story, case, "priority") == 5
    assert str(value(story, case, "power")) == "123456789012.123456"
    assert set(story.all("select actor_kind, actor_name from journal where kind = 'case.changed'")) == {
        ("agent", "maya")
    }
    asked, done = (
        story.one(f"select min(chain_id) from journal where kind = '{kind}'")
        for kind in ("action.delayed", "case.changed")
    )
    assert asked == done
    assert waiting(story) == (0, 0)


REFUSED = [
    ("case.tga", {"case": 1, "tag": "vip"}, UnknownAction, "case.tag"),
    ("desk.apply", {}, UnknownAction, "desk.apply"),
    ("action.delay", {"action": "case.tag", "arguments": {}, "seconds": 1}, WrongUsage, "cannot be delayed itself"),
    ("action.withdraw", {"delayed": 1}, WrongUsage, "cannot be delayed itself"),
    ("case.tag", {"case": 1}, WrongArguments, "tag is missing."),
    ("case.tag", {"case": "1", "tag": "vip"}, WrongArguments, "case is a whole number"),
    ("case.tag", {"case": 1, "tgas": "vip"}, WrongArguments, "there is no parameter"),
    ("case.tag", {"case": 99, "tag": "vip"}, NotFound, "#99"),
    ("case.close", {"case": 1}, NotAllowed, "supervisor"),
    ("case.tag", {"case": 1, "tag": "vop"}, UnknownTag, "vip"),
    ("case.set", {"case": 1, "fields": {"priority": 5, "prodct": "x"}}, UnknownField, "product"),
    ("case.set", {"case": 1, "fields": {"model": "Sun 4"}}, WrongUsage, "Sun 3"),
    ("case.assign", {"case": 1, "agent": "zoe"}, NotFound, "zoe"),
    ("case.route", {"case": 1, "queue": "tier-9"}, NotFound, "tier-9"),
    ("case.send_template", {"case": 1, "template": "thx"}, NotFound, "thx"),
    ("case.classify", {"case": 1, "classification": "none"}, NotFound, "none"),
    ("case.link", {"case": 1, "other": 99}, NotFound, "#99"),
    ("case.note", {"case": 1, "text": " "}, WrongUsage, "note is empty"),
    ("case.tag", {"case": 2**63, "tag": "vip"}, WrongArguments, "a whole number up to"),
]


def test_what_cannot_be_done_is_refused_when_it_is_asked(begin: Begin) -> None:
    story = begin(marked())
    story.customer_writes()
    for name, given, error, why in REFUSED:
        with pytest.raises(error, match=why):
            does(story, "maya", "action.delay", action=name, arguments=given, seconds=5)
        assert (waiting(story), events(story, "action.delayed")) == ((0, 0), [])


def test_what_is_only_tried_leaves_no_trace(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    told = story.kinds()
    delays(story, "maya", "case.reply", 60, case=case, text="We look at it.")
    delays(story, "maya", "webhook.call", 60, url="https://hooks.example.org/x", case=case)
    assert story.kinds()[len(told) :] == ["action.delayed", "action.delayed"]
    assert story.status(case) == "new"
    assert story.one("select count(*) from outbox") == 0


def test_what_is_not_possible_yet_may_be_when_it_is_due(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    does(story, "maya", "case.resolve", case=case)
    delays(story, "maya", "case.assign", 60, case=case, agent="maya")
    delays(story, "maya", "case.send_mail", 61, case=case, to="owner", subject="Look again", text="It is due.")
    does(story, "maya", "case.reopen", case=case)
    story.wait(62)
    assert story.held_by(case) == "maya"
    assert events(story, "action.failed") == []
    assert story.one("select count(*) from outbox") == 1


@pytest.mark.parametrize("seconds", [0, -1, 3650 * 86_400 + 1, 10**30])
def test_the_time_lies_ahead_within_ten_years(begin: Begin, seconds: int) -> None:
    story = begin(marked())
    case = story.customer_writes()
    with pytest.raises(WrongUsage, match="ten years"):
        delays(story, "maya", "case.tag", seconds, case=case, tag="vip")


def test_a_calendar_counts_open_time(begin: Begin) -> None:
    story = begin(marked())
    # Friday, two hours before the office closes: three hours are one on Monday.
    story.clock.now = at("2027-01-15T16:00+01:00")
    case = story.customer_writes()
    delays(story, "maya", "case.tag", 3 * HOUR, "office", case=case, tag="vip")
    [due] = story.all("select due_at from timers where kind = 'action.delayed'")[0]
    assert (due - at("2027-01-18T09:00+01:00")) // 1_000_000 == 0
    # The desk has no calendar of its own, so it is always open.
    delays(story, "maya", "case.tag", HOUR, "desk", case=case, tag="refund")
    story.wait(HOUR + 1)
    assert story.all("select tag from case_tags") == [("refund",)]
    with pytest.raises(NotFound, match="offcie"):
        delays(story, "maya", "case.tag", HOUR, "offcie", case=case, tag="vip")


def test_what_is_refused_later_is_told_and_not_half_done_and_the_engine_goes_on(begin: Begin) -> None:
    story = begin(marked())
    case, other = story.customer_writes(), story.customer_writes()
    delays(story, "maya", "case.set", 60, case=case, fields={"priority": 5, "model": "Sun 3"})
    delays(story, "maya", "case.tag", 60, case=other, tag="vip")
    wanted = marked()
    shorter = wanted.fields["model"].model_copy(update={"choices": ("Sun 9",)})
    story.configure(wanted.model_copy(update={"fields": {**wanted.fields, "model": shorter}}))
    story.wait(61)
    [told] = events(story, "action.failed")
    assert told["action"] == "case.set"
    assert "Sun 9" in told["error"]
    assert column(story, case, "priority") == 3
    assert events(story, "case.changed") == []
    assert story.all("select case_id, tag from case_tags") == [(other, "vip")]
    assert waiting(story) == (0, 0)
    assert events(story, "engine.stumbled") == []


def test_somebody_who_has_lost_the_right_or_left_the_desk_does_nothing_any_more(begin: Begin) -> None:
    story = begin(marked(supervisors=("sue", "sam")))
    numbers = [story.customer_writes() for _ in range(2)]
    for name, case in zip(("sue", "sam"), numbers, strict=True):
        delays(story, name, "case.close", 60, case=case)
    demoted = marked(supervisors=("sue", "sam"))
    sue = demoted.agents["sue"].model_copy(update={"role": "agent"})
    people = {name: each for name, each in demoted.agents.items() if name != "sam"}
    story.configure(demoted.model_copy(update={"agents": {**people, "sue": sue}}), prune=True)
    story.wait(61)
    assert [story.status(case) for case in numbers] == ["new", "new"]
    told = [each["error"] for each in events(story, "action.failed")]
    assert len(told) == 2
    assert any("supervisor" in each for each in told)
    assert any('agent "sam"' in each for each in told)


def test_the_desk_itself_and_its_admin_keep_their_rights(begin: Begin) -> None:
    story = begin(marked())
    numbers = [story.customer_writes() for _ in range(2)]
    for who, case in zip(("engine", "admin"), numbers, strict=True):
        delays(story, who, "case.close", 60, case=case)
    story.wait(61)
    assert [story.status(case) for case in numbers] == ["closed", "closed"]


def test_intake_leaves_nothing_for_later(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    with pytest.raises(NotAllowed):
        story.desk.run(INTAKE, lambda tx: delay(tx, "case.note", {"case": case, "text": "x"}, seconds=5))


def test_who_asked_calls_off_and_so_does_a_supervisor_and_nobody_else(begin: Begin) -> None:
    story = begin(marked(supervisors=("sue",)))
    case = story.customer_writes()
    mine, hers, done = (delays(story, "maya", "case.tag", 60 + n, case=case, tag="vip") for n in (60, 60, 0))
    engines = delays(story, "engine", "case.tag", 120, case=case, tag="outage")
    with pytest.raises(NotAllowed, match="supervisor"):
        does(story, "tom", "action.withdraw", delayed=mine)
    with pytest.raises(NotAllowed):
        does(story, "maya", "action.withdraw", delayed=engines)
    does(story, "maya", "action.withdraw", delayed=mine)
    does(story, "sue", "action.withdraw", delayed=hers)
    does(story, "sue", "action.withdraw", delayed=engines)
    story.wait(61)
    for gone in (mine, done, 9_999):
        with pytest.raises(NotWaiting, match=f"No delayed action {gone} waits"):
            does(story, "maya", "action.withdraw", delayed=gone)
    story.wait(300)
    assert story.all("select tag from case_tags") == [("vip",)]
    assert len(events(story, "action.withdrawn")) == 3


def test_two_who_call_off_at_once_call_off_once(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    asked = delays(story, "maya", "case.tag", case=case, tag="vip")

    def twice(tx: Tx) -> tuple[bool, bool]:
        return later.withdraw(tx, asked), later.withdraw(tx, asked)

    assert story.desk.run(ENGINE, twice) == (True, False)


def test_a_lost_race_is_no_refusal_and_the_turn_is_done_again(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    tries = 0

    @action("case.race", touches=("case",))
    def race(tx: Tx, case: int) -> None:
        """Lose the first time after it was tried."""
        nonlocal tries
        tries += 1
        cases.raise_flag(tx, cases.load(tx, case), f"try {tries}")
        if tries == 2:
            raise LostRace

    try:
        delays(story, "maya", "case.race", case=case)
        story.clock.advance(61)
        with pytest.raises(LostRace):
            story.settle()
        story.settle()
    finally:
        REGISTRY.pop("case.race", None)
    assert column(story, case, "flag") == "try 3"
    assert events(story, "action.failed") == []


def test_a_defect_in_what_was_left_for_later_is_recorded_and_the_engine_goes_on(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()

    @action("case.break", touches=("case",))
    def broken(tx: Tx, case: int) -> None:
        """Break halfway, once the case is resolved."""
        row = cases.load(tx, case)
        cases.raise_flag(tx, row, "half done")
        if row.status == "resolved":
            raise ZeroDivisionError

    try:
        delays(story, "maya", "case.break", case=case)
        does(story, "maya", "case.resolve", case=case)
        story.wait(61)
    finally:
        REGISTRY.pop("case.break", None)
    [failed] = events(story, "action.failed")
    assert (failed["action"], failed["error"]) == ("case.break", "ZeroDivisionError")
    assert column(story, case, "flag") is None
    assert "engine.stumbled" not in story.kinds()


def test_nothing_is_left_for_later_on_a_case_that_was_merged(begin: Begin) -> None:
    story = begin(marked())
    case, other = story.customer_writes(), story.customer_writes()
    delays(story, "maya", "case.link", 60, case=case, other=other)
    does(story, "maya", "case.merge", case=case, into=other)
    with pytest.raises(Merged):
        delays(story, "maya", "case.tag", case=case, tag="vip")
    # The case itself is the other one now.
    story.wait(61)
    [told] = events(story, "action.failed")
    assert "not to itself" in told["error"]


def test_no_number_is_given_to_two_delayed_actions(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    first = delays(story, "maya", "case.tag", case=case, tag="vip")
    does(story, "maya", "action.withdraw", delayed=first)
    assert delays(story, "maya", "case.tag", case=case, tag="vip") != first


def test_what_waits_is_listed_the_next_first(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    second = delays(story, "maya", "case.set", 120, case=case, fields={"power": "2.5"})
    first = delays(story, "engine", "webhook.call", 60, url="https://hooks.example.org/x?key=SECRET")
    with story.desk.reading() as connection:
        items = action_pending(fetch_over(connection)).items
    assert [(each["delayed"], each["action"], each["case"], each["by"], each["arguments"]) for each in items] == [
        (first, "webhook.call", None, "engine", {"url": "https://hooks.example.org/…"}),
        (second, "case.set", case, "maya", {"fields": {"power": "2.5"}}),
    ]
    assert items[0]["due_at"] < items[1]["due_at"]


def test_a_year_ahead_is_counted_too(begin: Begin) -> None:
    story = begin(marked())
    assert isinstance(story.clock, ManualClock)
    case = story.customer_writes()
    delays(story, "maya", "case.tag", 365 * 86_400, "office", case=case, tag="vip")
    assert waiting(story) == (1, 1)
    with pytest.raises(WrongUsage, match="ten years at most"):
        delays(story, "maya", "case.tag", 3650 * 86_400, "office", case=case, tag="vip")


@pytest.mark.parametrize("withdrawn", [False, True])
def test_an_id_is_never_given_to_two_delayed_actions(begin: Begin, withdrawn: bool) -> None:
    """What is tried records events, which are undone with it; the ids that they had are given again."""
    story = begin(marked())
    case = story.customer_writes()
    first = delays(story, "maya", "case.tag", 500, case=case, tag="vip")
    if withdrawn:
        does(story, "maya", "action.withdraw", delayed=first)
    while story.one("select max(id) from journal") < first - 1:
        does(story, "maya", "case.flag", case=case, reason="Look")
    second = delays(story, "maya", "case.untag", 500, case=case, tag="vip")
    assert second != first
    assert findings(story.desk) == []


def test_what_is_only_impossible_now_may_be_delayed_and_what_will_stay_so_not(begin: Begin) -> None:
    more = "templates: {share: {subject: x, text: '{{ 6 / (case.level - 1) }}'}}\n"
    story = begin(marked(more))
    case, other, gone = (story.customer_writes() for _ in range(3))
    does(story, "admin", "case.merge", case=gone, into=other)
    delays(story, "maya", "case.send_template", 60, case=case, template="share")
    with pytest.raises(Merged):
        delays(story, "maya", "case.link", 60, case=case, other=gone)
