"""Presence: statuses, consoles that come and go, and what becomes of the work."""

from __future__ import annotations

import pytest

from core.actions import cases, presence, work
from core.config.document import Channel, PresenceConfiguration
from core.errors import NotAllowed, NotFound, NotHeld, WrongUsage
from tests.builders import Story, document
from tests.core.conftest import Begin


def status(desk: Story, name: str) -> str:
    return (
        desk.one(
            "select p.name from agents a join agent_loads l on l.agent_id = a.id "
            "left join presence_intervals i on i.id = l.interval_id left join presence_statuses p on p.id = i.status_id "
            "where a.name = ?",
            name,
        )
        or "offline"
    )


def connect(desk: Story, name: str, console: str = "console") -> None:
    desk.act(name, presence.connect, name, console)


@pytest.mark.parametrize("left_as", ["away", "offline"])
def test_going_busy_or_offline_revokes_what_was_not_accepted_without_a_mark(begin: Begin, left_as: str) -> None:
    desk = begin(agents=["maya", "tom"])
    desk.present("maya")
    kept, offered = desk.customer_writes(), desk.customer_writes()
    desk.accept("maya", kept)
    desk.present("maya", status=left_as)
    assert (desk.held_by(kept), desk.offered_to(offered), desk.used("maya")) == ("maya", None, 1000)
    assert desk.one("select count(*) from offer_exclusions") == 0
    desk.present("maya")
    assert desk.offered_to(offered) == "maya"


def test_setting_the_same_status_again_changes_nothing(begin: Begin) -> None:
    desk = begin()
    assert desk.act("maya", presence.set_status, "maya", "offline") is False
    assert desk.act("maya", presence.set_status, "maya", "available") is True
    before = desk.kinds()
    assert desk.act("maya", presence.set_status, "maya", "available") is False
    assert desk.kinds() == before


def test_an_unknown_status_and_another_persons_status_are_refused(begin: Begin) -> None:
    desk = begin(supervisors=["sam"])
    with pytest.raises(NotFound, match=r'There is no presence status "lunch". Known are available, away, offline'):
        desk.present("maya", status="lunch")
    with pytest.raises(NotAllowed, match="This needs the role supervisor"):
        desk.act("maya", presence.set_status, "tom", "away")
    assert desk.act("sam", presence.set_status, "tom", "away") is True


def test_an_interval_tells_how_long_an_agent_was_idle_and_full(begin: Begin) -> None:
    desk = begin(presence_configuration=PresenceConfiguration(capacity=1), agents=["maya"])
    desk.present("maya")
    desk.wait(100)
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.wait(50)
    desk.act("maya", cases.resolve, case)
    desk.wait(10)
    desk.present("maya", status="offline")
    interval = desk.all("select ended_at - began_at, idle_us, at_capacity_us, capacity from presence_intervals")
    assert [[round(us / 1e6) for us in row] for row in interval] == [[160, 110, 50, 0]]
    assert interval[0][3] == 1000


@pytest.mark.parametrize(
    ("policy", "looked_into", "stays"),
    [
        ("keep", False, True),
        ("keep", True, True),
        ("requeue-unopened", False, False),
        ("requeue-unopened", True, True),
        ("requeue-all", False, False),
        ("requeue-all", True, False),
    ],
)
def test_the_channels_sign_out_policy_decides_about_accepted_work(
    begin: Begin, policy: str, looked_into: bool, stays: bool
) -> None:
    desk = begin(channel=Channel(label="Mail", sign_out=policy))  # type: ignore[arg-type]
    desk.present("maya", "tom")
    case = desk.customer_writes()
    age = desk.one("select requested_at from work_items")
    desk.accept("maya", case)
    if looked_into:
        desk.act("maya", cases.reply, case, "I look into it.", then="open")
    desk.present("maya", status="offline")
    assert desk.held_by(case) == ("maya" if stays else None)
    assert desk.offered_to(case) == (None if stays else "tom")
    assert desk.one("select requested_at from work_items where id = ?", desk.work_of(case)) == age


def test_opening_a_case_is_looking_into_its_work_once_it_is_accepted(begin: Begin) -> None:
    desk = begin(channel=Channel(label="Mail", sign_out="requeue-unopened"))
    desk.present("maya", "tom")
    looked, not_looked = desk.customer_writes(), desk.customer_writes()
    who, other = str(desk.offered_to(looked)), str(desk.offered_to(not_looked))
    with pytest.raises(NotHeld):
        desk.act(who, work.look_into, looked)
    desk.accept(who, looked)
    desk.accept(other, not_looked)
    told = desk.kinds()
    with pytest.raises(NotHeld):
        desk.act(other, work.look_into, looked)
    assert [desk.act(who, work.look_into, looked) for _ in range(2)] == [True, False]
    with pytest.raises(NotFound):
        desk.act(who, work.look_into, 99)
    assert desk.kinds() == told
    desk.present("maya", "tom", status="offline")
    assert (desk.held_by(looked), desk.held_by(not_looked)) == (who, None)


def test_a_lost_connection_revokes_offers_and_keeps_accepted_work_for_the_grace_time(begin: Begin) -> None:
    desk = begin(agents=["maya", "tom"], channel=Channel(label="Mail", sign_out="requeue-all"))
    connect(desk, "maya")
    desk.present("maya")
    kept, offered = desk.customer_writes(), desk.customer_writes()
    desk.accept("maya", kept)
    desk.wait(29)
    assert desk.offered_to(offered) == "maya"
    desk.wait(2)
    assert (desk.held_by(kept), desk.offered_to(offered), status(desk, "maya")) == ("maya", None, "available")
    assert desk.offered_to(desk.customer_writes()) is None
    desk.wait(119)
    assert desk.held_by(kept) == "maya"
    desk.wait(2)
    assert (desk.held_by(kept), status(desk, "maya"), desk.used("maya")) == (None, "offline", 0)


def test_coming_back_inside_the_grace_time_restores_all(begin: Begin) -> None:
    desk = begin(agents=["maya"])
    connect(desk, "maya")
    desk.present("maya")
    kept, offered = desk.customer_writes(), desk.customer_writes()
    desk.accept("maya", kept)
    desk.wait(31)
    assert desk.offered_to(offered) is None
    desk.act("maya", presence.beat, "maya", "console")
    assert (desk.held_by(kept), desk.offered_to(offered)) == ("maya", "maya")
    desk.act("maya", presence.beat, "maya", "console")
    desk.wait(25)
    desk.act("maya", presence.beat, "maya", "console")
    desk.wait(25)
    assert status(desk, "maya") == "available"


def test_heartbeats_keep_an_agent_connected_and_are_not_journaled(begin: Begin) -> None:
    desk = begin(agents=["maya"])
    connect(desk, "maya")
    desk.present("maya")
    before = desk.kinds()
    for _ in range(20):
        desk.wait(20)
        desk.act("maya", presence.beat, "maya", "console")
    assert desk.kinds() == before


def test_two_consoles_show_one_presence_which_is_lost_with_the_last_of_them(begin: Begin) -> None:
    desk = begin(agents=["maya"])
    connect(desk, "maya", "office")
    connect(desk, "maya", "home")
    desk.present("maya")
    case = desk.customer_writes()
    desk.act("maya", presence.disconnect, "maya", "office")
    assert desk.offered_to(case) == "maya"
    desk.wait(20)
    desk.act("maya", presence.beat, "maya", "home")
    desk.wait(20)
    assert desk.offered_to(case) == "maya"
    desk.act("maya", presence.disconnect, "maya", "home")
    assert desk.offered_to(case) is None
    connect(desk, "maya", "phone")
    assert desk.offered_to(case) == "maya"


def test_an_agent_whom_a_command_made_present_has_no_console_to_lose(begin: Begin) -> None:
    desk = begin(agents=["maya"])
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.wait(86_400)
    assert status(desk, "maya") == "available"


def test_a_status_chosen_while_the_connection_is_lost_ends_the_grace_time(begin: Begin) -> None:
    desk = begin(supervisors=["sam"], channel=Channel(label="Mail", sign_out="requeue-all"))
    connect(desk, "maya")
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.wait(31)
    desk.act("sam", presence.set_status, "maya", "away")
    desk.wait(200)
    assert (desk.held_by(case), status(desk, "maya")) == ("maya", "away")


def test_wrap_up_holds_the_capacity_for_its_time(begin: Begin) -> None:
    desk = begin(agents=["maya"], presence_configuration=PresenceConfiguration(capacity=1, wrap_up=30))
    desk.present("maya")
    first, second = desk.customer_writes(), desk.customer_writes()
    desk.accept("maya", first)
    desk.act("maya", cases.resolve, first)
    assert (desk.status(first), desk.held_by(first), desk.offered_to(second)) == ("resolved", "maya", None)
    desk.wait(29)
    assert desk.offered_to(second) is None
    desk.wait(2)
    assert desk.offered_to(second) == "maya"
    assert desk.one("select state from work_items where id = ?", desk.work_of(first)) == "closed"


def test_signing_out_ends_wrap_up(begin: Begin) -> None:
    desk = begin(agents=["maya"], presence_configuration=PresenceConfiguration(wrap_up=30))
    desk.present("maya")
    case = desk.customer_writes()
    desk.accept("maya", case)
    desk.act("maya", cases.resolve, case)
    desk.present("maya", status="offline")
    assert (desk.held_by(case), desk.used("maya")) == (None, 0)


def test_work_of_a_channel_goes_only_to_statuses_that_take_it(begin: Begin) -> None:
    base = document(agents=["maya"])
    desk = begin(
        base.model_copy(
            update={
                "channels": {"email": Channel(label="Mail"), "chat": Channel(label="Chat")},
                "presence_statuses": {
                    **base.presence_statuses,
                    "chat-only": base.presence_statuses["available"].model_copy(update={"channels": ("chat",)}),
                },
            }
        )
    )
    desk.present("maya", status="chat-only")
    mail = desk.customer_writes()
    chat = desk.act("admin", cases.open_new, "Hello", channel="chat")
    assert (desk.offered_to(mail), desk.offered_to(chat)) == (None, "maya")
    desk.present("maya")
    assert (desk.offered_to(mail), desk.offered_to(chat)) == ("maya", None)


def test_a_console_may_say_twice_that_it_is_there_but_not_under_anothers_name(begin: Begin) -> None:
    desk = begin(agents=["maya", "tom"])
    connect(desk, "maya")
    connect(desk, "maya")
    for act in (presence.connect, presence.beat):
        with pytest.raises(WrongUsage, match="another agent's"):
            desk.act("tom", act, "tom", "console")
    desk.act("tom", presence.disconnect, "tom", "console")
    assert desk.all("select id, agent_id from console_sessions") == [("console", 1)]
