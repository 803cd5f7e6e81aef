"""An answer that the customer never got is told wherever one looks."""

from __future__ import annotations

import json

import pytest

from core.actions import cases
from core.engine import outbox
from data.actor import ENGINE
from tests.builders import Story
from tests.console.conftest import Deskline

NO_MAILBOX = "550 no such mailbox"


def settled(story: Story, why: str, *, permanent: bool) -> None:
    """Try to send what is due, in vain."""

    def try_all(tx) -> None:  # type: ignore[no-untyped-def]
        for row in outbox.take_due(tx, "mail"):
            outbox.not_sent(tx, row, why, permanent=permanent)

    story.desk.run(ENGINE, try_all)
    story.settle()


@pytest.fixture
def owner(story: Story) -> str:
    """Who answered case 1, and whose answer failed."""
    settled(story, NO_MAILBOX, permanent=True)
    return story.one("select a.name from cases c join agents a on a.id = c.owner_id where c.id = 1")


def test_the_doctor_counts_the_answers_that_were_not_sent(owner: str, deskline: Deskline) -> None:
    found = {each["about"]: each for each in json.loads(deskline("doctor", "--json").out)["checks"]}
    assert found["answers"]["state"] == "warn"
    words = f"1 answer was not sent: #1: {NO_MAILBOX}. Look: deskline mail outbox --state failed"
    assert found["answers"]["words"] == words
    assert NO_MAILBOX in deskline("mail", "outbox", "--state", "failed").out


def test_the_badge_the_list_and_the_case_say_so(owner: str, deskline: Deskline) -> None:
    assert deskline("badge", "--as", owner).out.endswith("1 open  ! 1 not sent\n")
    assert json.loads(deskline("badge", "--as", owner, "--json").out)["not_sent"] == 1
    line = next(each for each in deskline("case", "list").out.splitlines() if each.startswith("  #1"))
    assert "! not sent" in line
    marked = {each["number"]: each["not_sent"] for each in json.loads(deskline("case", "list", "--json").out)["cases"]}
    assert [number for number, mark in marked.items() if mark] == [1]
    shown = deskline("case", "show", "1").out
    assert "‖ waiting_customer (! the answer was not sent) · " in shown
    assert f"! not sent: {NO_MAILBOX}" in shown


def test_a_later_answer_that_is_on_its_way_takes_the_mark_away(owner: str, story: Story, deskline: Deskline) -> None:
    story.act("admin", cases.reply, 1, "Once more.")
    assert "! not sent" not in deskline("case", "list").out
    assert "(! the answer" not in deskline("case", "show", "1").out
    assert "not sent" not in deskline("badge", "--as", owner).out
    assert "all were sent" in deskline("doctor").out


def test_an_answer_that_is_tried_again_says_where_it_failed_and_when_it_is_tried(
    story: Story, deskline: Deskline
) -> None:
    settled(story, "Connection refused", permanent=False)
    due = story.one("select due_at from outbox")
    from console.moment import clock

    words = f"127.0.0.1:1: Connection refused. The answer is kept and tried again at {clock(due, seconds=True)}."
    assert words in deskline("case", "show", "1").out
    assert deskline("mail", "outbox").err == words + "\n"


def test_the_doctor_looks_for_the_variables_that_hold_passwords(
    story: Story, deskline: Deskline, monkeypatch: pytest.MonkeyPatch
) -> None:
    smtp = '{"host": "mail", "user": "support", "password": {"env": "SUPPORT_PASSWORD"}}'
    with story.desk._writing() as connection:
        connection.exec_driver_sql("update mailboxes set smtp = ?", (smtp,))
    monkeypatch.delenv("SUPPORT_PASSWORD", raising=False)
    assert "environment variable SUPPORT_PASSWORD, which is not set here" in deskline("doctor").out
    monkeypatch.setenv("SUPPORT_PASSWORD", "x")
    assert "SUPPORT_PASSWORD" not in deskline("doctor").out
