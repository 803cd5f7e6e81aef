"""What becomes of people and work when the configuration changes under them."""

from __future__ import annotations

from decimal import Decimal

from core.actions import cases
from core.actions import desk as desk_actions
from core.config.document import Document, Imap, PresenceConfiguration, PresenceStatus, Queue, Secret
from data.actor import INTAKE, LOCAL_ADMIN
from intake.email.desk_store import DeskMailStore
from intake.email.imap import FetchedMail, Position
from intake.email.receive import Place, read, take
from tests.builders import document
from tests.core.conftest import Begin
from tests.core.test_presence import status


def without_queues() -> Document:
    base = document()
    return base.model_copy(
        update={"desk": base.desk.model_copy(update={"fallback_queue": None}), "queues": {}, "mailboxes": {}}
    )


def test_a_case_that_came_before_any_queue_is_routed_when_one_appears(begin: Begin) -> None:
    desk = begin(without_queues())
    desk.present("maya")
    case = desk.customer_writes()
    assert desk.one("select count(*) from work_items") == 0
    desk.configure(document())
    assert desk.offered_to(case) == "maya"


def test_a_case_reopened_before_any_queue_is_routed_when_one_appears(begin: Begin) -> None:
    desk = begin(without_queues())
    case = desk.customer_writes()
    desk.act("maya", cases.resolve, case)
    desk.act("admin", cases.customer_answered, case)
    assert desk.status(case) == "open"
    desk.present("maya")
    desk.configure(document())
    assert desk.offered_to(case) == "maya"


def test_a_case_and_a_queue_that_the_engine_sees_together_make_one_work_item(begin: Begin) -> None:
    desk = begin(without_queues())
    desk.desk.run(LOCAL_ADMIN, desk_actions.apply, document())
    case = desk.desk.run(LOCAL_ADMIN, cases.open_new, "Dark", address="a@b.example")
    desk.settle()
    assert desk.all("select case_id, state from work_items") == [(case, "waiting")]


def test_an_agent_who_is_removed_leaves_the_work_to_the_others(begin: Begin) -> None:
    desk = begin(agents=["maya", "tom"])
    desk.present("maya")
    accepted, offered = desk.customer_writes(), desk.customer_writes()
    desk.accept("maya", accepted)
    desk.present("tom")
    desk.configure(document(agents=["tom"]), prune=True)
    assert (desk.offered_to(accepted), desk.offered_to(offered)) == ("tom", "tom")
    assert (status(desk, "maya"), desk.used("maya")) == ("offline", 0)
    desk.configure(document(agents=["maya", "tom"]))
    desk.present("maya")
    assert desk.offered_to(desk.customer_writes()) == "maya"


def test_a_queue_that_is_removed_leaves_its_work_to_the_fallback_queue(begin: Begin) -> None:
    both = document(queues={"tier-1": ["maya"], "tier-2": ["tom"]}, agents=["maya", "tom"])
    desk = begin(both)
    waiting = desk.act("admin", cases.open_new, "Waits", queue="tier-2")
    desk.present("tom")
    held = desk.act("admin", cases.open_new, "Held", queue="tier-2")
    desk.accept("tom", held)
    desk.configure(document(queues={"tier-1": ["maya"]}, agents=["maya", "tom"]), prune=True)
    desk.present("maya")
    assert desk.offered_to(waiting) == "maya"
    assert desk.held_by(held) == "tom"


def test_work_that_comes_back_to_a_removed_queue_goes_to_the_fallback_queue(begin: Begin) -> None:
    desk = begin(document(queues={"tier-1": ["maya"], "tier-2": ["tom"]}, agents=["maya", "tom"]))
    desk.present("tom")
    held, solved = (desk.act("admin", cases.open_new, "Dark", queue="tier-2") for _ in range(2))
    desk.accept("tom", held)
    desk.accept("tom", solved)
    desk.act("tom", cases.resolve, solved)
    desk.configure(document(queues={"tier-1": ["maya"]}, agents=["maya", "tom"]), prune=True)
    desk.configure(document(queues={"tier-1": ["maya"]}, agents=["maya"]), prune=True)
    desk.act("admin", cases.customer_answered, solved)
    desk.present("maya")
    assert (desk.offered_to(held), desk.offered_to(solved)) == ("maya", "maya")


def test_a_case_for_a_queue_that_is_gone_before_the_engine_looks_goes_to_the_fallback_queue(begin: Begin) -> None:
    desk = begin(document(queues={"tier-1": ["maya"], "tier-2": ["tom"]}, agents=["maya", "tom"]))
    case = desk.desk.run(LOCAL_ADMIN, cases.open_new, "Dark", queue="tier-2")
    desk.desk.run(
        LOCAL_ADMIN, desk_actions.apply, document(queues={"tier-1": ["maya"]}, agents=["maya", "tom"]), prune=True
    )
    desk.present("maya")
    assert desk.offered_to(case) == "maya"
    assert "work.routing_failed" in desk.kinds()


def test_a_status_that_is_removed_signs_out_whoever_is_in_it(begin: Begin) -> None:
    base = document()
    lunch = {**base.presence_statuses, "lunch": PresenceStatus(label="Lunch", kind="busy")}
    desk = begin(base.model_copy(update={"presence_statuses": lunch}))
    desk.present("maya", status="lunch")
    desk.configure(base, prune=True)
    assert status(desk, "maya") == "offline"


def test_offers_go_back_when_their_agents_status_becomes_busy_by_configuration(begin: Begin) -> None:
    base = document()
    desk_hours = {**base.presence_statuses, "desk": PresenceStatus(label="Desk", kind="available", channels=("email",))}
    desk = begin(base.model_copy(update={"presence_statuses": desk_hours}))
    desk.present("maya", status="desk")
    case = desk.customer_writes()
    assert desk.offered_to(case) == "maya"
    closed = {**base.presence_statuses, "desk": PresenceStatus(label="Desk", kind="busy")}
    desk.configure(base.model_copy(update={"presence_statuses": closed}))
    assert (desk.offered_to(case), desk.used("maya")) == (None, 0)


def test_a_capacity_edited_at_noon_counts_from_the_next_interval(begin: Begin) -> None:
    desk = begin(agents=["maya"], presence_configuration=PresenceConfiguration(capacity=Decimal(1)))
    desk.present("maya")
    first, second, third = (desk.customer_writes() for _ in range(3))
    desk.configure(document(agents=["maya"], presence_configuration=PresenceConfiguration(capacity=Decimal(2))))
    assert [desk.offered_to(n) for n in (first, second, third)] == ["maya", None, None]
    desk.accept("maya", first)
    desk.present("maya", status="away")
    desk.present("maya")
    assert [desk.offered_to(n) for n in (second, third)] == ["maya", None]


def test_a_new_member_of_a_queue_is_asked_for_what_waits_in_it(begin: Begin) -> None:
    desk = begin(document(queues={"tier-1": ["maya"]}, agents=["maya", "tom"]))
    desk.present("tom")
    case = desk.customer_writes()
    assert desk.offered_to(case) is None
    desk.configure(document(queues={"tier-1": ["maya", "tom"]}, agents=["maya", "tom"]))
    assert desk.offered_to(case) == "tom"


def test_work_in_a_queue_without_routing_is_taken_by_hand(begin: Begin) -> None:
    base = document(agents=["maya"])
    desk = begin(base.model_copy(update={"queues": {**base.queues, "manual": Queue(routing=None, members=("maya",))}}))
    desk.present("maya")
    case = desk.customer_writes()
    desk.act("admin", cases.assign, case, queue="manual")
    assert desk.offered_to(case) is None
    desk.act("maya", cases.assign, case, agent="maya")
    assert desk.held_by(case) == "maya"


def test_a_mailbox_that_moves_to_another_server_is_read_from_its_beginning(begin: Begin) -> None:
    def at(host: str) -> Document:
        wanted = document()
        imap = Imap(host=host, port=143, tls="none", user="support", password=Secret(env="X"))
        box = wanted.mailboxes["support"].model_copy(update={"imap": imap})
        return wanted.model_copy(update={"mailboxes": {"support": box}})

    desk = begin()
    desk.configure(at("old.example"))
    box = desk.one("select id from mailboxes")
    mail = b"From: lena@ortiz-farm.example\nSubject: %s\nMessage-ID: <%s@x>\n\nHello\n"
    store = DeskMailStore(desk.desk, box)
    store.take([FetchedMail(1, 1, mail % (b"Old", b"1"), None)], Position(1, 2))

    desk.configure(at("new.example"))
    assert store.position() is None
    taken = desk.desk.run(INTAKE, take, read(mail % (b"New", b"2"), Place(box, 1, 1)))
    desk.settle()
    assert taken.state == "taken"
    assert desk.one("select count(*) from cases") == 2


def test_many_cases_that_waited_for_a_queue_are_routed_some_a_turn(begin: Begin) -> None:
    desk = begin(without_queues())
    for n in range(120):
        desk.desk.run(LOCAL_ADMIN, cases.open_new, f"Case {n}")
    desk.settle()
    assert desk.one("select count(*) from work_items") == 0
    desk.configure(document())
    assert desk.one("select count(*) from work_items where state = 'waiting'") == 120
