"""Links and merges: from either side, in chains, at once, and with mail that still goes to the case that went away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import cases as case_records
from core import drafts, messages
from core.actions.case_links import merge
from core.config.document import Document
from core.engine import outbox
from core.errors import Merged, NoMerge, NotFound, WrongUsage
from data.actor import ENGINE
from data.desk import Desk
from tests.builders import Story
from tests.core.actions import LENA, answers, column, comes, does, events, marked, value
from tests.core.conftest import Begin
from tests.core.verified import findings


def two(begin: Begin, wanted: Document | None = None) -> tuple[Story, int, int]:
    story = begin(wanted or marked())
    return story, story.customer_writes(), story.customer_writes("It hums", "omar@reef.example")


def merges(story: Story, case: int, into: int, who: str = "maya") -> None:
    does(story, who, "case.merge", case=case, into=into)


def keeps(story: Story, who: str, case: int, text: str, kind: drafts.Kind = "reply") -> None:
    agent = story.actor(who)
    assert agent.id is not None
    assert story.desk.run(agent, drafts.keep, case, agent.id, kind, text, "laptop")


def test_a_link_is_one_from_either_side(begin: Begin) -> None:
    story, one, other = two(begin)
    assert does(story, "maya", "case.link", case=one, other=other, why="the same\0 farm") is True
    assert does(story, "maya", "case.link", case=other, other=one) is False
    [told] = events(story, "case.linked")
    assert (told["other"], told["why"]) == (other, "the same\ufffd farm")
    assert does(story, "maya", "case.unlink", case=other, other=one) is True
    assert does(story, "maya", "case.unlink", case=one, other=other) is False
    assert story.one("select count(*) from case_links") == 0


def test_a_case_is_linked_to_another_one_that_there_is(begin: Begin) -> None:
    story, one, _ = two(begin)
    with pytest.raises(WrongUsage, match="not to itself"):
        does(story, "maya", "case.link", case=one, other=one)
    with pytest.raises(NotFound):
        does(story, "maya", "case.link", case=one, other=99)
    with pytest.raises(NotFound):
        does(story, "maya", "case.unlink", case=99, other=one)
    with pytest.raises(NotFound, match="#99"):
        does(story, "maya", "case.unlink", case=one, other=99)
    with pytest.raises(WrongUsage, match="not to itself"):
        does(story, "maya", "case.unlink", case=one, other=one)


def test_links_lead_to_where_a_case_went_and_none_to_itself(begin: Begin) -> None:
    story, one, other = two(begin)
    third = story.customer_writes()
    for pair in ((one, other), (third, one), (third, other)):
        does(story, "maya", "case.link", case=pair[0], other=pair[1])
    merges(story, one, other)
    assert [tuple(sorted(pair)) for pair in story.all("select case_id, other_id from case_links")] == [(other, third)]
    assert does(story, "maya", "case.unlink", case=other, other=third) is True


def test_a_merged_case_is_closed_with_its_work_and_what_was_said_on_it_is_on_the_other(begin: Begin) -> None:
    story, one, other = two(begin)
    story.present("maya")
    story.accept("maya", one)
    answers(story, "maya", one)
    does(story, "maya", "case.note", case=one, text="Ask Tom")
    merges(story, one, other)
    assert story.status(one) == "closed"
    assert story.used("maya") == (1000 if story.offered_to(other) == "maya" else 0)
    said = story.all("select case_id, direction from messages order by id")
    assert said == [(other, "inbound"), (other, "inbound"), (other, "outbound"), (other, "note")]
    assert events(story, "case.merged")[0]["into"] == other
    assert events(story, "case.took_over")[0]["other"] == one
    with pytest.raises(Merged, match=f"#{one} was merged into #{other}"):
        merges(story, one, other)
    with pytest.raises(Merged):
        merges(story, other, one)


@pytest.mark.parametrize("by", ["token", "references", "number"])
def test_a_mail_that_answers_a_merged_case_arrives_on_the_other_and_brings_it_back(begin: Begin, by: str) -> None:
    story = begin(marked())
    one = comes(story, 1, LENA, "Dark", "To: support@ursamajor.example").case
    other = comes(story, 2, "omar@reef.example", "Hum").case
    assert one is not None
    assert other is not None
    ours = answers(story, "maya", one)
    answers(story, "maya", other)
    merges(story, one, other)
    assert story.status(other) == "waiting_customer"
    subject, header = {
        "token": ("Re: Dark", f"In-Reply-To: {ours}"),
        "references": ("Re: Dark", "References: <1@x.example>"),
        "number": (f"Re: Dark [#{one}]", "X-Nothing: here"),
    }[by]
    assert comes(story, 3, LENA, subject, header).case == other
    assert story.status(other) == "open"
    assert story.one("select count(*) from messages where case_id = ?", one) == 0


def test_a_stranger_who_names_a_merged_case_gets_a_case_of_his_own_linked_to_the_other(begin: Begin) -> None:
    story, one, other = two(begin)
    merges(story, one, other)
    new = comes(story, 3, "eve@evil.example", f"Re: Dark [#{one}]").case
    assert new not in (one, other)
    assert story.all("select case_id, other_id from case_links") == [(new, other)]


def test_people_tags_and_values_go_along_and_what_the_other_has_stays(begin: Begin) -> None:
    story, one, other = two(begin)
    does(story, "maya", "case.follow", case=one, agent="maya", part="collaborator")
    does(story, "maya", "case.follow", case=one, agent="tom", part="collaborator")
    does(story, "maya", "case.follow", case=other, agent="tom")
    for case, tags in ((one, ("vip", "refund")), (other, ("refund", "outage"))):
        for tag in tags:
            does(story, "maya", "case.tag", case=case, tag=tag)
    mine = {"product": "Sun 3", "power": "2.5", "warranty": False, "bought_at": "2026-01-01", "parts": "cable,panel"}
    does(story, "maya", "case.set", case=one, fields=mine)
    does(story, "maya", "case.set", case=other, fields={"product": "Sun 5", "parts": ["fuse, 10 A"]})
    before = len(events(story, "case.changed"))
    merges(story, one, other)
    followers = "select a.name, f.part from case_followers f join agents a on a.id = f.agent_id where f.case_id = ?"
    assert sorted(story.all(followers, other)) == [("maya", "collaborator"), ("tom", "follower")]
    assert story.one("select count(*) from case_participants where case_id = ?", other) == 2
    tags = story.all("select tag from case_tags where case_id = ? order by tag", other)
    assert tags == [("outage",), ("refund",), ("vip",)]
    assert value(story, other, "product") == "Sun 5"
    assert value(story, other, "parts") == ("fuse, 10 A",)
    assert value(story, other, "warranty") is False
    told = {each["name"]: each["new"] for each in events(story, "case.changed")[before:]}
    assert told == {"power": "2.5", "warranty": False, "bought_at": "2026-01-01 00:00:00+01:00"}


def test_no_draft_is_lost_and_none_that_was_a_note_becomes_an_answer(begin: Begin) -> None:
    story, one, other = two(begin)
    keeps(story, "maya", one, "Mine there")
    keeps(story, "maya", other, "Mine here")
    keeps(story, "tom", one, "Internal: he never pays", "note")
    keeps(story, "tom", other, "Dear Omar")
    keeps(story, "ida", one, "Ida's")
    merges(story, one, other)
    found = story.all(
        "select a.name, d.kind, d.text, d.case_id from drafts d join agents a on a.id = d.agent_id order by a.name"
    )
    assert found == [
        ("ida", "reply", "Ida's", other),
        ("maya", "reply", "Mine here\n\nMine there", other),
        ("tom", "note", "Dear Omar\n\nInternal: he never pays", other),
    ]
    ida = story.actor("ida")
    with pytest.raises(Merged):
        story.desk.run(ida, drafts.keep, one, ida.id, "reply", "and on", "laptop")


def test_a_customer_who_wrote_last_on_the_case_that_goes_away_brings_the_other_back(begin: Begin) -> None:
    story, one, other = two(begin)
    does(story, "maya", "case.resolve", case=other)
    comes(story, 3, "omar@reef.example", "Thanks", "Auto-Submitted: auto-replied")
    merges(story, one, other)
    assert story.status(other) == "resolved"
    late = story.customer_writes("And now smoke")
    merges(story, late, other)
    assert story.status(other) == "open"


@pytest.mark.parametrize("status", ["on_hold", "resolved", "closed"])
def test_a_case_that_is_done_or_held_can_go_into_another(begin: Begin, status: str) -> None:
    story, one, other = two(begin)
    does(story, "admin", "case.set_status", case=one, status=status, seconds=60, reason="Part ordered")
    merges(story, one, other)
    assert story.status(one) == "closed"
    story.wait(61)
    assert story.status(one) == "closed"


def test_nothing_goes_into_a_closed_case_or_into_itself_or_into_none(begin: Begin) -> None:
    story, one, other = two(begin)
    does(story, "admin", "case.close", case=other)
    with pytest.raises(NoMerge, match=f"#{other} is closed; reopen it first"):
        merges(story, one, other)
    with pytest.raises(NoMerge, match="the same case"):
        merges(story, one, one)
    with pytest.raises(NotFound):
        merges(story, one, 99)
    assert story.status(one) == "new"
    assert story.one("select count(*) from case_redirects") == 0


def test_a_chain_of_merges_leads_to_its_end(begin: Begin) -> None:
    story, one, other = two(begin)
    last = story.customer_writes()
    ours = answers(story, "maya", one)
    merges(story, one, other)
    merges(story, other, last)
    assert sorted(story.all("select case_id, into_id from case_redirects")) == [(one, last), (other, last)]
    with pytest.raises(Merged, match=f"#{one} was merged into #{last}"):
        does(story, "maya", "case.note", case=one, text="x")
    assert comes(story, 3, LENA, "Re", f"In-Reply-To: {ours}").case == last


def test_an_answer_that_waits_is_sent_and_one_that_comes_back_is_shown_on_the_other(begin: Begin) -> None:
    story, one, other = two(begin)
    answers(story, "maya", one)
    merges(story, one, other)
    [taken] = story.desk.run(ENGINE, outbox.take_due, "mail")
    story.desk.run(ENGINE, outbox.sent, taken)
    story.desk.run(ENGINE, lambda tx: messages.bounced(tx, taken.delivery_key, 1, "550 no such user"))
    assert story.one("select case_id from journal where kind = 'message.bounced'") == other


def test_an_answer_that_came_back_before_the_merge_goes_along(begin: Begin) -> None:
    story, one, other = two(begin)
    answers(story, "maya", one)
    [taken] = story.desk.run(ENGINE, outbox.take_due, "mail")
    story.desk.run(ENGINE, outbox.sent, taken)
    story.desk.run(ENGINE, lambda tx: messages.bounced(tx, taken.delivery_key, 1, "550 no such user"))
    merges(story, one, other)


def test_what_was_left_for_later_is_done_on_the_case_that_stays(begin: Begin) -> None:
    story, one, other = two(begin)
    arguments = {"case": one, "tag": "vip"}
    does(story, "maya", "action.delay", action="case.tag", arguments=arguments, seconds=60)
    merges(story, one, other)
    story.wait(61)
    assert story.all("select case_id, tag from case_tags") == [(other, "vip")]


def test_two_who_merge_two_cases_into_each_other_at_once_get_one_case(postgres: str) -> None:
    story = Story(postgres, marked())
    pairs = [(story.customer_writes(), story.customer_writes()) for _ in range(10)]
    actor = story.actor("maya")

    def merged(desk: Desk, case: int, into: int) -> str:
        try:
            desk.run(actor, merge, case, into)
        except Merged:
            return "refused"
        return "merged"

    with Desk.open(postgres, clock=story.clock, name="other") as other, ThreadPoolExecutor(2) as threads:
        for one, two in pairs:
            both = [threads.submit(merged, story.desk, one, two), threads.submit(merged, other, two, one)]
            assert sorted(each.result(60) for each in both) == ["merged", "refused"]
    story.settle()
    assert findings(story.desk) == []
    assert story.one("select count(*) from case_redirects") == len(pairs)
    story.desk.close()


@pytest.mark.parametrize("begin", ["sqlite"], indirect=True)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_whatever_is_merged_every_number_leads_to_a_case_that_went_nowhere(
    begin: Begin, wanted: list[tuple[int, int]]
) -> None:
    story = begin(marked())
    numbers = [story.customer_writes() for _ in range(6)]
    place = {number: number for number in numbers}
    for one, other in wanted:
        case, into = numbers[one], numbers[other]
        if place[case] != case or place[into] != into or case == into:
            with pytest.raises((Merged, NoMerge)):
                merges(story, case, into)
            continue
        merges(story, case, into)
        place = {number: into if at == case else at for number, at in place.items()}
    found = story.desk.run(ENGINE, lambda tx: {each: case_records.destination(tx, each) for each in numbers})
    assert found == place
    holders = {case for (case,) in story.all("select distinct case_id from messages")}
    assert holders == set(place.values())
    assert all(column(story, case, "status") == "closed" for case in set(numbers) - holders)
    assert len(story.all("select id from messages")) == len(numbers)


def test_a_flag_goes_along_and_who_had_the_case_follows_the_other(begin: Begin) -> None:
    story = begin(marked())
    story.present("maya")
    case, other = story.customer_writes(), story.customer_writes()
    does(story, "admin", "case.assign", case=case, agent="maya")
    does(story, "admin", "case.flag", case=case, reason="Threatens to leave")
    does(story, "admin", "case.merge", case=case, into=other)
    assert story.one("select flag from cases where id = ?", other) == "Threatens to leave"
    assert story.one("select count(*) from cases where flag is not null") == 1
    assert story.one("select agent_id from case_followers where case_id = ?", other) == story.actor("maya").id
