"""A case on hold rests until its date, whoever it is taken from and wherever it is sent meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.actions import cases, presence
from core.config.document import Channel
from tests.builders import Story, document
from tests.core.conftest import Begin

HOLD_S = 3600


def sent_to_a_queue(desk: Story, case: int) -> None:
    assert desk.act("admin", cases.assign, case, queue="billing") is True


def agent_removed(desk: Story, case: int) -> None:
    wanted = document(agents=("tom", "ida"), queues={"tier-1": ("tom",), "billing": ("ida",)})
    desk.configure(wanted, prune=True)


def signed_out(desk: Story, case: int) -> None:
    desk.act("maya", presence.set_status, "maya", "offline")


@pytest.mark.parametrize(
    ("taken", "queue"), [(sent_to_a_queue, "billing"), (agent_removed, "tier-1"), (signed_out, "tier-1")]
)
def test_a_held_case_that_is_taken_from_its_agent_is_offered_on_its_date_and_not_before(
    taken: Callable[[Story, int], None], queue: str, begin: Begin
) -> None:
    channel = Channel(label="Mail", sign_out="requeue-all")
    desk = begin(queues={"tier-1": ("maya", "tom"), "billing": ("ida",)}, channel=channel)
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.present("tom", "ida")
    desk.act("maya", cases.hold, case, seconds=HOLD_S, reason="Part ordered")

    taken(desk, case)
    assert (desk.status(case), desk.held_by(case), desk.offered_to(case)) == ("on_hold", None, None)
    assert desk.one("select count(*) from work_items where ended_at is null") == 0
    assert desk.one("select owner_id from cases where id = ?", case) is None

    desk.wait(HOLD_S)
    assert (desk.status(case), desk.offered_to(case)) == ("open", {"billing": "ida", "tier-1": "tom"}[queue])


def test_a_held_case_that_nobody_has_may_change_its_queue(begin: Begin) -> None:
    desk = begin(queues={"tier-1": ("maya",), "billing": ("ida",)})
    desk.present("ida")
    case = desk.customer_writes()
    desk.act("admin", cases.hold, case, seconds=HOLD_S, reason="Part ordered")
    desk.act("admin", cases.assign, case, queue="billing")
    assert (desk.status(case), desk.offered_to(case)) == ("on_hold", None)
    assert desk.all("select data from journal where kind = 'case.changed'") == [
        ('{"name":"queue","old":"tier-1","new":"billing"}',)
    ]
    desk.wait(HOLD_S)
    assert desk.offered_to(case) == "ida"


def test_a_held_case_can_be_given_to_somebody_by_hand_and_stays_held(begin: Begin) -> None:
    desk = begin()
    desk.present("maya", "tom")
    case = desk.customer_writes()
    first = desk.offered_to(case)
    assert first is not None
    desk.accept(first, case)
    desk.act(first, cases.hold, case, seconds=HOLD_S, reason="Part ordered")
    other = {"maya": "tom", "tom": "maya"}[first]
    desk.act("admin", cases.assign, case, agent=other)
    assert (desk.status(case), desk.held_by(case), desk.used(first), desk.used(other)) == ("on_hold", other, 0, 200)
    desk.act("admin", cases.assign, case, queue="tier-1")
    desk.act("admin", cases.assign, case, agent="ida")
    assert (desk.status(case), desk.held_by(case), desk.used("ida")) == ("on_hold", "ida", 200)
    desk.wait(HOLD_S)
    assert (desk.status(case), desk.held_by(case), desk.used("ida")) == ("open", "ida", 1000)
