"""Hostile text in rows and events, kept as it came less what no column can hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.events import decode
from data.actor import LOCAL_ADMIN
from data.desk import Desk
from data.schema import contacts
from data.text import OutsideText
from tests.builders import Story
from tests.core.verified import findings
from tests.data.entering import enters, told


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("NUL \0 inside", "NUL \N{REPLACEMENT CHARACTER} inside"),
        (
            "a lone \ud83d half",
            "a lone \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} half",
        ),
        ("'; drop table cases; --", "'; drop table cases; --"),
        ("%s %(x)s :name ? {0} $1", "%s %(x)s :name ? {0} $1"),
        ("\x1b[2J\u202e\u2066\x9b", "\x1b[2J\u202e\u2066\x9b"),
        ("😀 ⁡ \U0010ffff", "😀 ⁡ \U0010ffff"),
    ],
)
def test_hostile_text_is_kept_as_it_came_less_what_no_column_can_hold(desk: Desk, said: str, kept: str) -> None:
    desk.run(LOCAL_ADMIN, enters, said)
    with desk.reading() as connection:
        found = connection.execute(select(contacts.c.name)).scalar()
    assert found == OutsideText(kept)


def test_hostile_text_in_an_event_is_read_back(where: str | Path) -> None:
    story = Story(where)
    story.present("maya")
    case = story.customer_writes("NUL \0 and \ud83d")
    reason = 'no \0 {"a":1} \x1b[31m \ud83d "quoted" \\ %s'
    story.decline("maya", case, reason)
    [event] = [decode(e) for e in told(story.desk) if e.kind == "work.declined"]
    kept = event.reason.raw  # type: ignore[attr-defined]
    assert "\0" not in kept
    assert kept.startswith("no \N{REPLACEMENT CHARACTER} {")
    assert kept.endswith('"quoted" \\ %s')
    assert findings(story.desk) == []
    story.desk.close()
