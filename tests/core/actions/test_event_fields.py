"""What a condition knows of an event: who acted, what changed, and the message that it is about, on both databases."""

from __future__ import annotations

import pytest

from core.conditions.case_fields import of_desk
from core.conditions.condition import Condition
from core.conditions.event_fields import facts_of_event, of_events
from core.conditions.faults import ConditionRefused
from core.conditions.world import World
from data.queries import fetch_over
from tests.builders import NOON, Story
from tests.core.actions import LENA, comes, does, marked
from tests.core.conftest import Begin

WORLD = World(NOON)


def holds(story: Story, event: int, text: str) -> bool | None:
    with story.desk.reading() as connection:
        fetch = fetch_over(connection)
        vocabulary = of_events(of_desk(fetch))
        condition = Condition.read(text, vocabulary)
        facts = facts_of_event(fetch, vocabulary, condition.paths, event)
        assert facts is not None
        return condition.verdict(facts, WORLD)


def last(story: Story, kind: str) -> int:
    found = story.one("select max(id) from journal where kind = ?", kind)
    assert isinstance(found, int)
    return found


def test_who_acted_and_what_changed(begin: Begin) -> None:
    story = begin(marked())
    case = story.customer_writes()
    does(story, "maya", "case.set", case=case, fields={"power": "2.5"})
    event = last(story, "case.changed")
    assert holds(story, event, 'actor.kind == "agent" and actor.name == "maya" and "power" in changes.fields') is True
    assert (
        holds(story, event, 'changes.old is missing and changes.new == "2.5" and event.kind == "case.changed"') is True
    )
    does(story, "maya", "case.assign", case=case, agent="tom")
    does(story, "admin", "case.assign", case=case, agent="maya")
    event = last(story, "case.assigned")
    assert holds(story, event, 'changes.new == "maya" and "owner" in changes.fields and actor.kind == "admin"') is True
    does(story, "engine", "case.tag", case=case, tag="vip")
    assert holds(story, last(story, "case.tagged"), 'changes.new == "vip" and actor.kind == "engine"') is True
    does(story, "maya", "case.resolve", case=case)
    status = last(story, "case.status_changed")
    assert (
        holds(story, status, 'changes.old == "open" and changes.new == "resolved" and case.status == "resolved"')
        is True
    )
    assert holds(story, last(story, "case.opened"), "length(changes.fields) == 0") is True
    assert holds(story, last(story, "case.opened"), 'changes.new == "x"') is None


def test_the_message_is_the_one_that_the_event_is_about(begin: Begin) -> None:
    story = begin(marked())
    case = comes(story, 1, LENA, "Dark", text="first words").case
    event = last(story, "message.received")
    comes(story, 2, LENA, f"Re: Dark [#{case}]", text="second words")
    assert holds(story, event, 'contains(message.text, "first")') is True
    assert holds(story, last(story, "message.received"), 'contains(message.text, "second")') is True
    assert (
        holds(story, last(story, "case.opened"), 'contains(message.text, "second")') is True
    )  # the newest, where none is meant


def test_what_is_about_no_case_has_no_facts(begin: Begin) -> None:
    story = begin(marked())
    with story.desk.reading() as connection:
        fetch = fetch_over(connection)
        vocabulary = of_events(of_desk(fetch))
        assert facts_of_event(fetch, vocabulary, ["actor.kind"], last(story, "desk.configured")) is None
        assert facts_of_event(fetch, vocabulary, ["actor.kind"], 10**9) is None


@pytest.mark.parametrize("text", ['actor.kind == "nobody"', 'event.kind == "case.chnged"', "changes.fields"])
def test_what_an_event_cannot_be_is_refused(begin: Begin, text: str) -> None:
    from core.conditions.faults import ConditionRefused

    story = begin(marked())
    with story.desk.reading() as connection, pytest.raises(ConditionRefused):
        Condition.read(text, of_events(of_desk(fetch_over(connection))))


def test_a_field_that_no_event_can_change_is_refused(begin: Begin) -> None:
    story = begin(marked())
    with story.desk.reading() as connection:
        vocabulary = of_events(of_desk(fetch_over(connection)))
    for known in ("status", "owner", "queue", "type", "tags", "power", "parts"):
        Condition.read(f'"{known}" in changes.fields', vocabulary)
    with pytest.raises(ConditionRefused, match='Did you mean "status"'):
        Condition.read('"satus" in changes.fields', vocabulary)
