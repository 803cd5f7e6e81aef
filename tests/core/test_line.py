"""The line: who gets which work when, and how work moves between lines and hands."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.actions import cases, work
from core.config.document import Channel, Document, PresenceConfiguration, Queue, RoutingConfiguration
from core.errors import NotFound, NotOffered, OfferGone
from data.actor import LOCAL_ADMIN
from tests.builders import Story, document
from tests.core.conftest import Begin


def capacity(units: float) -> PresenceConfiguration:
    return PresenceConfiguration(capacity=Decimal(str(units)))


def two_priorities() -> Document:
    base = document(agents=("maya",), presence_configuration=capacity(1))
    return base.model_copy(
        update={
            "routing_configurations": {
                "normal": RoutingConfiguration(priority=5),
                "urgent": RoutingConfiguration(priority=1),
            },
            "queues": {
                "tier-1": Queue(members=("maya",)),
                "outage": Queue(members=("maya",), routing="urgent"),
            },
        }
    )


def opens(desk: Story, queue: str, subject: str = "Dark") -> int:
    return desk.act("admin", cases.open_new, subject, queue=queue)


def test_when_everybody_is_full_the_backlog_waits_and_is_drained_in_its_order(begin: Begin) -> None:
    desk = begin(agents=["maya"], presence_configuration=capacity(2))
    desk.present("maya")
    numbers = [desk.customer_writes() for _ in range(5)]
    assert [desk.offered_to(n) for n in numbers] == ["maya", "maya", None, None, None]
    for number in numbers[:2]:
        desk.accept("maya", number)
    newer = desk.customer_writes()
    desk.act("maya", cases.resolve, numbers[0])
    assert [desk.offered_to(n) for n in (*numbers[2:], newer)] == ["maya", None, None, None]
    desk.act("maya", cases.resolve, numbers[1])
    assert [desk.offered_to(n) for n in (*numbers[2:], newer)] == ["maya", "maya", None, None]


def test_a_lower_priority_number_goes_first_whatever_is_older(begin: Begin) -> None:
    desk = begin(two_priorities())
    old = opens(desk, "tier-1")
    urgent = opens(desk, "outage")
    desk.present("maya")
    assert (desk.offered_to(urgent), desk.offered_to(old)) == ("maya", None)


def test_work_is_spread_by_fewest_open_items_then_longest_without_work_then_id(begin: Begin) -> None:
    desk = begin()
    desk.present("tom", "maya")
    numbers = [desk.customer_writes() for _ in range(4)]
    assert [desk.offered_to(n) for n in numbers] == ["maya", "tom", "maya", "tom"]
    desk.present("ida")
    assert [desk.offered_to(desk.customer_writes()) for _ in range(2)] == ["ida", "ida"]


def test_what_nobody_can_take_does_not_block_what_is_behind_it(begin: Begin) -> None:
    base = document(agents=("maya", "tom"), presence_configuration=capacity(2))
    heavy = RoutingConfiguration(priority=1, weight=Decimal(3))
    desk = begin(
        base.model_copy(
            update={
                "routing_configurations": {"normal": RoutingConfiguration(), "heavy": heavy},
                "queues": {
                    "tier-1": Queue(members=("maya",)),
                    "heavy": Queue(members=("maya", "tom"), routing="heavy"),
                },
            }
        )
    )
    desk.present("maya", "tom")
    stuck = opens(desk, "heavy")
    light = opens(desk, "tier-1")
    assert (desk.offered_to(stuck), desk.offered_to(light)) == (None, "maya")


def test_fractions_of_capacity_add_up_exactly(begin: Begin) -> None:
    desk = begin(
        agents=["maya"], presence_configuration=capacity(1), channel=Channel(label="Mail", weight=Decimal("0.1"))
    )
    desk.present("maya")
    numbers = [desk.customer_writes() for _ in range(11)]
    assert [desk.offered_to(n) for n in numbers] == ["maya"] * 10 + [None]
    assert desk.used("maya") == 1000


def test_work_given_by_hand_may_exceed_the_capacity_and_then_stops_new_offers(begin: Begin) -> None:
    desk = begin(agents=["maya"], presence_configuration=capacity(1))
    desk.present("maya")
    first, second, third = (desk.customer_writes() for _ in range(3))
    desk.accept("maya", first)
    assert desk.act("admin", cases.assign, second, agent="maya") is True
    assert desk.act("admin", cases.assign, second, agent="maya") is False
    assert desk.used("maya") == 2000
    desk.act("maya", cases.resolve, first)
    assert desk.offered_to(third) is None
    desk.act("maya", cases.resolve, second)
    assert desk.offered_to(third) == "maya"


def test_work_given_by_hand_is_taken_from_the_agent_to_whom_it_was_offered(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.act("admin", cases.assign, case, agent="tom")
    assert (desk.held_by(case), desk.used("maya"), desk.used("tom")) == ("tom", 0, 1000)
    with pytest.raises(OfferGone, match="it was taken back"):
        desk.accept("maya", case)


def test_work_given_by_hand_from_one_agent_to_another_is_new_work_of_the_same_age(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("admin", cases.assign, case, agent="tom")
    ages = desk.all("select requested_at, state from work_items where case_id = ? order by id", case)
    assert [state for _, state in ages] == ["transferred", "accepted"]
    assert ages[0][0] == ages[1][0]
    assert (desk.used("maya"), desk.used("tom")) == (0, 1000)
    assert desk.one("select name from agents a join cases k on k.owner_id = a.id where k.id = ?", case) == "tom"


@pytest.mark.parametrize("state", ["waiting", "offered", "accepted"])
def test_a_transfer_to_another_queue_keeps_priority_and_age(begin: Begin, state: str) -> None:
    desk = begin(queues={"tier-1": ["maya"], "tier-2": ["tom"]})
    old = desk.customer_writes()
    if state != "waiting":
        desk.present("maya")
    if state == "accepted":
        desk.accept("maya", old)
    key = desk.all("select priority, requested_at from work_items where case_id = ?", old)
    desk.wait(100)
    opens(desk, "tier-2")
    assert desk.act("admin", cases.assign, old, queue="tier-2") is True
    assert desk.act("admin", cases.assign, old, queue="tier-2") is False
    assert desk.all("select priority, requested_at from work_items where id = ?", desk.work_of(old)) == key
    assert desk.used("maya") == 0
    desk.present("tom")
    assert desk.offered_to(old) == "tom"


def test_a_transferred_case_has_no_owner_until_somebody_accepts_it(begin: Begin) -> None:
    desk = begin(queues={"tier-1": ["maya"], "tier-2": ["tom"]})
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("maya", cases.assign, case, queue="tier-2")
    assert desk.one("select owner_id from cases where id = ?", case) is None


def test_a_case_that_names_no_queue_goes_to_the_fallback_queue(begin: Begin) -> None:
    desk = begin(queues={"tier-1": ["maya"], "tier-2": ["tom"]})
    case = desk.customer_writes()
    assert desk.one("select q.name from cases k join queues q on q.id = k.queue_id where k.id = ?", case) == "tier-1"


def test_a_channel_has_a_fallback_queue_of_its_own(begin: Begin) -> None:
    desk = begin(queues={"tier-1": ["maya"], "tier-2": ["tom"]}, channel=Channel(label="Mail", fallback_queue="tier-2"))
    case = desk.customer_writes()
    assert desk.one("select q.name from cases k join queues q on q.id = k.queue_id where k.id = ?", case) == "tier-2"


def test_a_queue_that_does_not_exist_is_refused_before_anything_is_made(begin: Begin) -> None:
    desk = begin()
    with pytest.raises(NotFound, match='There is no queue "tier-9"'):
        desk.act("admin", cases.open_new, "Dark", queue="tier-9", address="new@customer.example")
    assert desk.one("select count(*) from contacts") == 0


def test_of_two_who_accept_the_same_work_one_is_told_what_happened(begin: Begin) -> None:
    desk = begin()
    desk.present("maya")
    case = desk.customer_writes()
    item = desk.work_of(case)
    desk.desk.run(desk.actor("maya"), work.accept, item)
    with pytest.raises(OfferGone, match=f"work item {item} to maya is no longer open: it was accepted already"):
        desk.desk.run(desk.actor("maya"), work.accept, item)
    with pytest.raises(NotOffered, match=f"Work item {item} is not offered to tom"):
        desk.desk.run(desk.actor("tom"), work.accept, item)
    with pytest.raises(NotFound, match="There is no work item 999"):
        desk.desk.run(desk.actor("tom"), work.accept, 999)
    desk.settle()


def test_somebody_faster_than_the_engine_is_no_reason_to_route_twice(begin: Begin) -> None:
    desk = begin(queues={"tier-1": ["maya"], "tier-2": ["tom"]})
    sent = desk.desk.run(LOCAL_ADMIN, cases.open_new, "Sent on at once", address="a@b.example")
    given = desk.desk.run(LOCAL_ADMIN, cases.open_new, "Given at once", address="a@b.example")
    solved = desk.desk.run(LOCAL_ADMIN, cases.open_new, "Solved at once", address="a@b.example")
    desk.desk.run(LOCAL_ADMIN, cases.assign, sent, queue="tier-2")
    desk.desk.run(LOCAL_ADMIN, cases.assign, given, agent="maya")
    desk.desk.run(LOCAL_ADMIN, cases.resolve, solved)
    desk.settle()
    states = "select q.name, w.state from work_items w join queues q on q.id = w.queue_id where w.case_id = ?"
    assert desk.all(states, sent) == [("tier-2", "waiting")]
    assert desk.all(states, given) == [("tier-1", "accepted")]
    assert desk.all(states, solved) == []


def test_a_case_answered_before_the_engine_saw_it_is_routed_all_the_same(begin: Begin) -> None:
    desk = begin()
    case = desk.desk.run(LOCAL_ADMIN, cases.open_new, "Dark", address="a@b.example")
    desk.desk.run(desk.actor("maya"), cases.reply, case, "Which one?")
    desk.settle()
    desk.present("tom")
    assert desk.offered_to(case) == "tom"
    desk.accept("tom", case)
    assert (desk.status(case), desk.used("tom")) == ("waiting_customer", 200)


def test_work_of_a_waiting_case_counts_its_paused_weight_for_whoever_gets_it(begin: Begin) -> None:
    desk = begin(presence_configuration=PresenceConfiguration(auto_accept=True))
    case = desk.customer_writes()
    desk.act("admin", cases.reply, case, "Which one?")
    desk.present("maya")
    assert (desk.held_by(case), desk.used("maya")) == ("maya", 200)
    desk.act("admin", cases.assign, case, agent="tom")
    assert (desk.held_by(case), desk.used("maya"), desk.used("tom")) == ("tom", 0, 200)
    desk.act("admin", cases.customer_answered, case)
    assert desk.used("tom") == 1000


def test_the_return_to_full_weight_may_exceed_the_capacity(begin: Begin) -> None:
    desk = begin(agents=["maya"], presence_configuration=capacity(1))
    desk.present("maya")
    first, second = desk.customer_writes(), desk.customer_writes()
    desk.accept("maya", first)
    desk.act("maya", cases.reply, first, "Which one?")
    assert desk.offered_to(second) is None
    desk.act("admin", cases.resolve, first)
    desk.accept("maya", second)
    desk.act("maya", cases.reply, second, "Which one?")
    third = desk.customer_writes()
    assert desk.offered_to(third) is None
    desk.act("admin", cases.customer_answered, second)
    assert desk.used("maya") == 1000


def test_a_full_weight_that_no_longer_fits_is_counted_all_the_same(begin: Begin) -> None:
    desk = begin(agents=["maya"], presence_configuration=capacity(1.5))
    desk.present("maya")
    first, second = desk.customer_writes(), desk.customer_writes()
    desk.accept("maya", first)
    desk.act("maya", cases.reply, first, "Which one?")
    assert desk.offered_to(second) == "maya"
    desk.accept("maya", second)
    desk.act("admin", cases.customer_answered, first)
    assert desk.used("maya") == 2000
    assert desk.offered_to(desk.customer_writes()) is None
