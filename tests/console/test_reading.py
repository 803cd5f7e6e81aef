"""What a person reads: tables that fit, words that can be typed, times that mean something."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from console import render
from console.commands import options, tree
from console.words import CASE_STATUSES
from core.actions import cases, presence
from core.cases import STATUSES
from tests.builders import Story
from tests.console.conftest import Deskline
from tests.console.driving import program

TABLES = ("case list --all", "work list", "queue list", "agent list", "mail outbox", "agent list --present")


@pytest.mark.parametrize("cells", [80, 60, 40])
@pytest.mark.parametrize("line", TABLES)
def test_each_table_fits_the_terminal(
    line: str, cells: int, deskline: Deskline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "room", lambda form: cells)
    lines = deskline(*line.split()).out.splitlines()
    assert len(lines) > 1
    assert max(map(render.width, lines)) <= cells
    assert not any(each.endswith("…") for each in lines if cells == 80 and line == "queue list")


def on_a_terminal(cells: int, *argv: str) -> str:
    """Return what the program writes to a terminal of that width."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, cells))
    where = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-m", "console.main", *argv], stdin=theirs, stdout=theirs, cwd=where) as run:
        os.close(theirs)
        written = b""
        while True:
            try:
                some = os.read(ours, 65536)
            except OSError:  # Linux says so where the other side has closed
                break
            if not some:
                break
            written += some
    os.close(ours)
    assert run.returncode == 0
    return written.decode().replace("\r", "")


def test_a_terminal_gets_whole_words_and_a_pipe_gets_whole_lines(story: Story) -> None:
    long = "word " * 40
    story.act("admin", cases.note, 1, long)
    piped = program("case", "show", "1", desk=story.desk.where).out
    assert long.strip() in piped
    lines = on_a_terminal(80, "case", "show", "1", "--desk", str(story.desk.where)).splitlines()
    assert max(map(render.width, lines)) <= 80
    assert len([each for each in lines if each.startswith("  ┊ word word")]) == 3


def test_a_status_is_shown_as_it_is_typed() -> None:
    assert tuple(CASE_STATUSES) == STATUSES
    assert all(word == status for status, (_sign, word) in CASE_STATUSES.items())


def test_the_signs_of_new_and_offered_differ(deskline: Deskline) -> None:
    assert "• new" in deskline("case", "list").out
    assert "▸ offered" in deskline("work", "list").out


def test_who_cannot_take_work_is_told_by_the_status(story: Story, deskline: Deskline) -> None:
    story.present("ida", status="away")
    waiting = story.one("select min(id) from work_items where state = 'waiting'")
    assert "    ida is away\n" in deskline("work", "show", str(waiting)).out
    assert "ida: ◐ away for 0:00" in deskline("presence", "show", "--agent", "ida").out
    assert " for 0:00" in deskline("work", "show", str(waiting)).out


def test_waiting_ends_with_the_acceptance(story: Story, deskline: Deskline) -> None:
    def waited() -> list[str]:
        [line] = [each for each in deskline("work", "list").out.splitlines() if "● accepted" in each]
        return line.split()

    before = waited()
    story.clock.advance(3600)
    assert waited() == before
    assert "has had it for 1 h 0" in deskline("work", "show", "1").out


def test_work_says_until_when_its_case_is_held_and_what_declining_takes(story: Story, deskline: Deskline) -> None:
    story.act("admin", cases.hold, 1, seconds=3600, reason="part ordered")
    assert re.search(r"on hold until .*\d\d:\d\d:\d\d: part ordered\n", deskline("work", "show", "1").out)
    offered = str(story.one("select min(id) from work_items where state = 'offered'"))
    assert "decline it" not in deskline("work", "show", offered).out
    with story.desk._writing() as connection:
        connection.exec_driver_sql(
            'update presence_configurations set decline_reason_required = 1, decline_reasons = \'["meeting", "skill"]\''
        )
    assert "To decline it, give a reason: meeting, skill." in deskline("work", "show", offered).out


def test_a_pause_between_rounds_is_told_with_seconds(story: Story, deskline: Deskline) -> None:
    waiting = story.one("select min(id) from work_items where state = 'waiting'")
    story.present("ida")
    story.desk.run(story.actor("ida"), presence.set_status, "ida", "away")
    with story.desk._writing() as connection:
        connection.exec_driver_sql(
            "update work_items set state = 'waiting', next_round_at = ? where id = ?", (story.clock.now, waiting)
        )
    assert re.search(r"asked again at .*\d\d:\d\d:\d\d\.", deskline("work", "show", str(waiting)).out)


def test_a_history_that_is_cut_says_so(story: Story, deskline: Deskline) -> None:
    count = story.one("select count(*) from journal where case_id = 1")
    assert f"History\n  {count - 3} earlier: --all\n" in deskline("case", "show", "1", "--history", "3").out
    whole = deskline("case", "show", "1", "--all").out
    assert "earlier" not in whole
    assert whole.partition("History\n")[2].count("\n") == count


def test_an_agents_work_is_aligned(story: Story, deskline: Deskline) -> None:
    for _ in range(9):
        story.customer_writes()
    name = story.one("select a.name from assignments s join agents a on a.id = s.agent_id where s.state = 'accepted'")
    lines = deskline("agent", "show", name).out.partition("Work\n")[2].splitlines()
    assert len(lines) > 1
    assert len({line.index("#") + len(line.split()[1]) for line in lines}) == 1


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h", 3600), ("1h30m", 5400), ("2d", 172_800), ("1d2h3m4s", 93_784)]
)
def test_durations_may_have_several_parts(text: str, seconds: int) -> None:
    assert options.seconds(text) == seconds


def test_help_never_cuts_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["case"], ["mail"]):
        assert tree.run([*words, "--help"]) == 0
        assert "..." not in capsys.readouterr().out.partition("\n")[2]
    assert tree.run(["--help"]) == 0
    assert "one way to work and one to route." in " ".join(capsys.readouterr().out.split())


def test_how_long_a_command_held_the_desk_is_for_the_engines_log(
    deskline: Deskline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.desk._LONG_HOLD_US", -1)
    logger = logging.getLogger("deskline.data")
    monkeypatch.setattr(logger, "propagate", False)  # pytest's own handlers are no part of a command
    assert deskline("case", "note", "1", "--text", "x").err == "#1: noted.\n"


def test_the_history_says_that_a_held_case_stays_out_of_line(story: Story, deskline: Deskline) -> None:
    story.act("admin", cases.hold, 1, seconds=3600, reason="part ordered")
    owner = story.held_by(1)
    story.act("admin", cases.assign, 1, queue="billing")
    told = deskline("case", "show", "1", "--all").out
    assert f"taken from {owner} (transferred); it is on hold, so in no line until its date" in told
    assert "queue: tier-1 → billing" in told
