"""Declined and unanswered offers: who is asked again, and when."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from core.actions import cases, work
from core.config.document import PresenceConfiguration, RoutingConfiguration
from core.errors import DeclineNotAllowed, OfferGone, ReasonRequired
from data.actor import LOCAL_ADMIN
from data.schema import routing_configurations
from tests.builders import Story
from tests.core.conftest import Begin

STAYS = PresenceConfiguration(status_after_timeout=None)


def round_of(desk: Story, case: int) -> int:
    return desk.one("select round from work_items where id = ?", desk.work_of(case))


def test_who_declined_is_not_asked_again_in_this_round(begin: Begin) -> None:
    desk = begin(agents=["maya", "tom"])
    desk.present("maya", "tom")
    case = desk.customer_writes()
    age = desk.all("select priority, requested_at from work_items")
    assert desk.offered_to(case) == "maya"
    desk.decline("maya", case, "not mine")
    assert desk.offered_to(case) == "tom"
    desk.decline("tom", case)
    assert desk.offered_to(case) is None
    assert desk.all("select priority, requested_at from work_items") == age
    assert (desk.used("maya"), desk.used("tom")) == (0, 0)
    assert desk.one("select reason from assignments where state = 'declined' order by id limit 1") == "not mine"


def test_the_next_round_begins_after_a_pause_that_grows_and_asks_everybody_again(begin: Begin) -> None:
    desk = begin(agents=["maya", "tom"], routing=RoutingConfiguration(round_pause=30))
    desk.present("maya", "tom")
    case = desk.customer_writes()
    for number, pause in ((1, 30), (2, 60), (3, 120), (4, 240), (5, 480), (6, 900), (7, 900)):
        assert round_of(desk, case) == number
        asked = {desk.offered_to(case)}
        desk.decline(desk.offered_to(case), case)
        asked.add(desk.offered_to(case))
        desk.decline(desk.offered_to(case), case)
        assert asked == {"maya", "tom"}
        desk.wait(pause - 1)
        assert desk.offered_to(case) is None
        desk.wait(1)
    assert desk.kinds().count("work.round_exhausted") == 7
    assert desk.kinds().count("work.round_started") == 7


def test_a_newcomer_is_asked_in_the_pause(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.decline("maya", case)
    desk.wait(5)
    assert desk.offered_to(case) is None
    desk.present("ida")
    assert desk.offered_to(case) == "ida"
    assert desk.one("select count(*) from timers where kind = 'work.round'") == 0
    desk.decline("ida", case)
    desk.wait(30)
    assert desk.offered_to(case) == "maya"


def test_whoever_is_full_was_not_asked_and_ends_no_round(begin: Begin) -> None:
    desk = begin(agents=["maya", "tom"], presence_configuration=PresenceConfiguration(capacity=1))
    desk.present("tom")
    first = desk.customer_writes()
    desk.accept("tom", first)
    desk.present("maya")
    second = desk.customer_writes()
    desk.decline("maya", second)
    assert "work.round_exhausted" not in desk.kinds()
    desk.act("tom", cases.resolve, first)
    assert desk.offered_to(second) == "tom"


def test_an_offer_that_is_not_answered_goes_on_and_its_agent_is_away(begin: Begin) -> None:
    desk = begin(agents=["maya", "tom"])
    desk.present("maya", "tom")
    case = desk.customer_writes()
    desk.wait(59)
    assert desk.offered_to(case) == "maya"
    desk.wait(2)
    assert desk.offered_to(case) == "tom"
    changes = desk.all("select data from journal where kind = 'agent.presence_changed' order by id desc limit 1")
    assert changes == [('{"old":"available","new":"away","why":"offer timed out"}',)]
    with pytest.raises(OfferGone, match="it was not answered in time"):
        desk.accept("maya", case)


def test_an_offer_without_push_timeout_waits_for_its_agent(begin: Begin) -> None:
    desk = begin()
    desk.desk.run(LOCAL_ADMIN, lambda tx: tx.execute(update(routing_configurations).values(push_timeout_s=0)))
    desk.present("maya")
    case = desk.customer_writes()
    desk.wait(86_400)
    assert desk.offered_to(case) == "maya"


def test_accepting_after_the_deadline_but_before_the_engine_noticed_counts(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.clock.advance(61)
    desk.accept("maya", case)
    assert desk.held_by(case) == "maya"


def test_who_comes_back_after_letting_an_offer_pass_is_asked_in_the_next_round(begin: Begin) -> None:
    desk = begin(agents=["maya"])
    desk.present("maya")
    case = desk.customer_writes()
    desk.wait(61)
    assert desk.offered_to(case) is None
    desk.present("maya")
    desk.wait(31)
    assert desk.offered_to(case) == "maya"


def test_an_agent_who_accepts_automatically_has_the_work_at_once(begin: Begin) -> None:
    desk = begin(presence_configuration=PresenceConfiguration(auto_accept=True))
    desk.present("maya")
    case = desk.customer_writes()
    assert (desk.held_by(case), desk.status(case)) == ("maya", "open")
    assert desk.one("select count(*) from timers where kind = 'offer.deadline'") == 0


def test_declining_can_be_forbidden(begin: Begin) -> None:
    desk = begin(presence_configuration=PresenceConfiguration(decline_allowed=False))
    desk.present("maya")
    case = desk.customer_writes()
    with pytest.raises(DeclineNotAllowed, match="maya may not decline work: the presence configuration standard"):
        desk.decline("maya", case)
    assert desk.offered_to(case) == "maya"


@pytest.mark.parametrize("reason", ["", "  ", "because"])
def test_declining_can_need_one_of_the_reasons(begin: Begin, reason: str) -> None:
    desk = begin(
        presence_configuration=PresenceConfiguration(decline_reason_required=True, decline_reasons=("busy", "not mine"))
    )
    desk.present("maya")
    case = desk.customer_writes()
    with pytest.raises(ReasonRequired, match="busy, not mine"):
        desk.decline("maya", case, reason)
    desk.decline("maya", case, "not mine")


def test_a_decline_can_change_the_status_and_takes_the_other_offers_along(begin: Begin) -> None:
    desk = begin(presence_configuration=PresenceConfiguration(status_after_decline="away"))
    desk.present("maya")
    first, second = desk.customer_writes(), desk.customer_writes()
    desk.decline("maya", first)
    assert desk.offered_to(second) is None
    assert desk.all("select state from assignments order by id") == [("declined",), ("revoked",)]


def test_a_supervisor_may_decline_for_an_agent(begin: Begin) -> None:
    desk = begin(supervisors=["sam"], presence_configuration=STAYS)
    desk.present("maya")
    case = desk.customer_writes()
    desk.act("sam", work.decline, desk.work_of(case), agent="maya")
    assert desk.offered_to(case) is None
