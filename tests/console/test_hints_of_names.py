"""A name that nothing has is refused with the one that may be meant, also where only the letters' case is another."""

from __future__ import annotations

import pytest

from core.actions import desk as actions
from core.config.document import Calendar, Document, Template
from data.actor import LOCAL_ADMIN
from tests.builders import Story
from tests.console.conftest import Deskline


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("case list --queue tier1", 'There is no queue "tier1". Did you mean "tier-1"?\n'),
        ("case list --queue TIER-1", 'There is no queue "TIER-1". Did you mean "tier-1"?\n'),
        ("case list --owner may", 'There is no agent "may". Did you mean "maya"?\n'),
        ("case list --channel emial", 'There is no channel "emial". Did you mean "email"?\n'),
        ("work list --agent Maya", 'There is no agent "Maya". Did you mean "maya"?\n'),
        ("queue show biling", 'There is no queue "biling". Did you mean "billing"?\n'),
        ("agent show tmo", 'There is no agent "tmo". Did you mean "tom"?\n'),
        ("agent list --queue biling", 'There is no queue "biling". Did you mean "billing"?\n'),
        ("presence show --agent tmo", 'There is no agent "tmo". Did you mean "tom"?\n'),
        ("agent show \x1b[2J", 'There is no agent "\ufffd[2J".\n'),
        ("template preview eingng --case 1", 'There is no template "eingng". Did you mean "eingang"?\n'),
        ("calendar show suport", 'There is no calendar "suport". Did you mean "support"?\n'),
        ("calendar add Support 2026-11-24 4h", 'There is no calendar "Support". Did you mean "support"?\n'),
        ("case new --subject x --queue Billing", 'There is no queue "Billing". Did you mean "billing"?\n'),
        ("case assign 1 --agent Tom", 'There is no agent "Tom". Did you mean "tom"?\n'),
        (
            "action run case.send_template case=1 template=EINGNG",
            'There is no template "EINGNG". Did you mean "eingang"?\n',
        ),
    ],
    ids=lambda each: each.replace("\x1b", "ESC") if " " in each else each,
)
def test_the_name_that_may_be_meant_is_said(line: str, words: str, story: Story, deskline: Deskline) -> None:
    more = Document(
        calendars={"support": Calendar(week={"mon-fri": ("08:00-17:00",)})},
        templates={"eingang": Template(subject="Eingang", text="Wir haben es.")},
    )
    story.desk.run(LOCAL_ADMIN, actions.apply, more)
    ran = deskline(*line.split())
    assert (ran.code, ran.out, ran.err) == (3, "", words)


def test_an_agent_or_queue_that_is_no_longer_there_is_not_proposed(story: Story, deskline: Deskline) -> None:
    with story.desk._writing() as connection:
        connection.exec_driver_sql("update agents set active = 0 where name = 'maya'")
    assert deskline("agent", "show", "may").err == 'There is no agent "may".\n'
