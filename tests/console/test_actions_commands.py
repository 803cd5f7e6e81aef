"""Actions from the command line: what is said of their results, what waits for its time, and the pairs that undo each other."""

from __future__ import annotations

import json

import pytest

from console import fast
from console.commands import tree
from tests.builders import Story
from tests.console.conftest import Deskline
from tests.console.driving import program
from tests.core.verified import findings


def runs(deskline: Deskline, *words: str) -> str:
    ran = deskline("action", "run", *words)
    assert (ran.code, ran.out) == (0, "")
    return ran.err


def pending(deskline: Deskline) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(deskline("action", "pending", "--json").out)["delayed"]
    return found


def test_what_waits_is_listed_with_the_number_that_calls_it_off(deskline: Deskline, story: Story) -> None:
    assert deskline("action", "pending").err == "No action waits for its time.\n"
    said = runs(
        deskline,
        "action.delay",
        "action=case.set",
        "arguments={case: 1, fields: {priority: 5}}",
        "seconds=60",
        "--as",
        "maya",
    )
    [waits] = pending(deskline)
    number = waits["delayed"]
    assert said == f"action.delay: done. It waits as delayed action {number}.\n"
    assert (waits["action"], waits["case"], waits["by"]) == ("case.set", 1, "maya")
    assert waits["arguments"] == {"fields": {"priority": 5}}
    [head, line] = deskline("action", "pending").out.splitlines()
    assert head.split() == ["Delayed", "When", "Action", "Case", "By", "Arguments"]
    assert line.endswith('case.set    #1  maya  fields={"priority": 5}')
    assert f"(delayed {number})" in deskline("case", "show", "1").out
    assert runs(deskline, "action.withdraw", f"delayed={number}") == "action.withdraw: done.\n"
    assert pending(deskline) == []
    assert findings(story.desk) == []


@pytest.mark.parametrize("line", ["", "--json", "--csv", "--limit 1"])
def test_both_paths_list_what_waits_alike(
    line: str, deskline: Deskline, story: Story, capfd: pytest.CaptureFixture[str]
) -> None:
    for seconds in (60, 120):
        runs(deskline, "action.delay", "action=case.resolve", "arguments={case: 1}", f"seconds={seconds}")
    argv = ["action", "pending", *line.split()]
    capfd.readouterr()
    assert tree.run(argv) == 0
    full = capfd.readouterr()
    assert fast.answer(argv) == 0
    assert capfd.readouterr() == full
    assert full.out


def test_a_hostile_argument_is_painted_without_its_controls(deskline: Deskline) -> None:
    runs(deskline, "action.delay", "action=case.note", 'arguments={case: 1, text: "\\e[2J\\u202e x"}', "seconds=60")
    assert not {"\x1b", "\u202e"} & set(deskline("action", "pending").out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("case.follow", "case=1", "agent=ida"), "done."),
        (("case.unfollow", "case=1", "agent=ida"), "it was so already."),
        (("case.escalate", "case=1", "reason=x", "level=3"), "done. It is at level 3."),
        (("case.escalate", "case=1", "reason=x", "level=1"), "it was so already."),
        (("case.set", "case=1", "fields={level: 1}"), "done. Nothing changed."),
        (("case.open", "subject=x", "address=omar@roof.example"), "done. It is case #"),
        (("case.note", "case=1", "text=x"), "done. It is message "),
    ],
)
def test_what_an_action_returns_is_said_in_words(deskline: Deskline, words: tuple[str, ...], said: str) -> None:
    assert runs(deskline, *words).startswith(f"{words[0]}: {said}")


def test_who_follows_a_case_follows_it_once(deskline: Deskline, story: Story) -> None:
    assert deskline("case", "follow", "1", "--agent", "ida").err == "#1: ida follows it.\n"
    assert deskline("case", "follow", "1", "--agent", "ida").err == "#1: ida follows it already.\n"
    assert runs(deskline, "case.follow", "case=1", "agent=ida", "part=collaborator") == "case.follow: done.\n"
    assert json.loads(deskline("case", "unfollow", "1", "--agent", "ida", "--json").out) == {"case": 1, "changed": True}
    assert deskline("case", "unfollow", "1", "--agent", "ida").err == "#1: ida does not follow it.\n"
    assert deskline("case", "follow", "1", "--agent", "nobody").code == 3
    assert story.all("select * from case_followers where case_id = 1") == []


def test_a_link_is_taken_away_from_either_side(deskline: Deskline, story: Story) -> None:
    assert json.loads(deskline("case", "link", "1", "3", "--json").out) == {"case": 1, "other": 3, "changed": True}
    assert json.loads(deskline("case", "link", "3", "1", "--json").out)["changed"] is False
    assert deskline("case", "unlink", "3", "1").err == "#3: no longer linked to #1.\n"
    assert deskline("case", "unlink", "1", "3").err == "#1: not linked to #3.\n"
    assert deskline("case", "unlink", "1", "99").code == 3
    assert story.all("select * from case_links where case_id = 1 or other_id = 1") == []


def test_programs_are_told_whether_anything_changed(deskline: Deskline) -> None:
    def changed(*words: str) -> object:
        return json.loads(deskline("case", *words, "--json").out)["changed"]

    assert changed("flag", "1", "--reason", "x") is True
    assert [changed("unflag", "1") for _ in range(2)] == [True, False]
    assert [changed("resolve", "1") for _ in range(2)] == [True, False]
    assert [changed("escalate", "3", "--reason", "x", "--level", "9") for _ in range(2)] == [True, False]


def test_nothing_rises_above_the_highest_level_and_that_is_said(deskline: Deskline, story: Story) -> None:
    assert deskline("case", "escalate", "3", "--reason", "x", "--level", "9").err == "#3: at level 9 now.\n"
    assert deskline("case", "escalate", "3", "--reason", "x").err == "#3: at level 9 already.\n"
    assert deskline("case", "escalate", "3", "--reason", "x", "--level", "9").err == "#3: at level 9 already.\n"
    assert len(story.all("select id from journal where kind = 'case.escalated'")) == 1


@pytest.mark.parametrize("time", ["9999999d", "3651d"])
def test_a_case_is_held_for_ten_years_at_most(deskline: Deskline, story: Story, time: str) -> None:
    ran = deskline("case", "hold", "3", "--for", time, "--reason", "x")
    assert (ran.code, "ten years at most" in ran.err) == (2, True)
    assert story.status(3) != "on_hold"


def test_an_action_of_consoles_is_no_unknown_one(deskline: Deskline) -> None:
    ran = deskline("action", "show", "desk.apply")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        'The action "desk.apply" is not for scripts: only consoles and the configuration do it. '
        "What scripts can do says: deskline action list\n"
    )


def test_agents_are_offered_to_follow(story: Story) -> None:
    line = "deskline case follow 1 --agent m"
    words = line.split(" ")
    ran = program(
        desk=str(story.desk.where),
        _DESKLINE_COMPLETE="complete_bash",
        COMP_WORDS=line,
        COMP_CWORD=str(len(words) - 1),
    )
    assert ran.out.split() == ["maya"]
