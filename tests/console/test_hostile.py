"""What a customer wrote never reaches a terminal as it came, whichever command shows it."""

from __future__ import annotations

import json

import pytest

from core.actions import cases
from data.text import OutsideText
from tests.builders import Story
from tests.console.conftest import Deskline
from tests.console.driving import HOSTILE, program

BAD = {chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0), 0x202E, 0x2066)} - {"\n"}


@pytest.fixture
def hostile(story: Story) -> Story:
    """Every text that anybody outside can write is hostile, of cases, contacts, messages, files, errors and reasons."""
    story.act("maya", cases.hold, 2, seconds=60, reason=HOSTILE)
    story.act("maya", cases.reply, 1, "x")
    bad = HOSTILE.replace("\0", "").replace("'", "")
    with story.desk._writing() as connection:
        run = connection.exec_driver_sql
        run("update contacts set name = ?", (bad,))
        run("update contact_points set value = ?", (bad,))
        run(
            "update messages set text = ?, reply_text = ?, subject = ?, recipients = ?",
            (bad, "line\n" + bad, bad, json.dumps([bad])),
        )
        run("update messages set delivery_error = ? where direction = 'outbound'", (bad,))
        run("update assignments set reason = ?", (bad,))
        run("update mailbox_states set failed_at = 1, failure = ?", (bad,))
        run("insert into blobs values ('d', 1, x'00')")
        run("insert into attachments values (1, 1, 1, ?, ?, 1, 0, '', 'd')", (bad, bad))
        run("update journal set data = json_set(data, '$.reason', ?) where kind = 'work.declined'", (bad,))
        run("update journal set actor_name = ? where kind = 'case.opened'", (bad,))
        run("update journal set kind = 'new.kind', data = json_object('x', ?) where kind = 'work.offered'", (bad,))
    return story


@pytest.mark.parametrize(
    "line",
    [
        "case list --all",
        "case list --all --csv",
        "case show 1",
        "case show 2 --history 1000",
        "work list",
        "work list --csv",
        "work show 1",
        "work show 2",
        "agent show maya",
        "queue list",
        "journal tail -n 1000",
        "doctor",
        "case list --all --json",
        "case show 1 --json",
        "case show 2 --json",
        "work show 2 --json",
        "journal tail -n 1000 --json",
    ],
)
def test_no_control_character_reaches_stdout(line: str, hostile: Story, deskline: Deskline) -> None:
    ran = deskline(*line.split())
    assert ran.out
    assert not set(ran.out) & BAD
    assert not set(ran.err) & BAD
    assert ran.code == (1 if line == "doctor" else 0)


def test_json_hands_it_on_as_it_came(hostile: Story, deskline: Deskline) -> None:
    found = json.loads(deskline("case", "list", "--all", "--json").out)["cases"]
    subject = next(each["subject"] for each in found if each["number"] == 2)
    assert subject == HOSTILE.replace("\0", "\ufffd")


def test_a_formula_does_not_survive_csv(hostile: Story, deskline: Deskline) -> None:
    hostile.act("admin", lambda tx: cases.open_new(tx, "=HYPERLINK(A1)", address="x@example.org"))
    assert "'=HYPERLINK(A1)" in deskline("case", "list", "--csv").out


def test_a_multi_line_subject_stays_on_its_line(story: Story, deskline: Deskline) -> None:
    number = story.customer_writes("one\r\ntwo\x85three\u2028four")
    lines = deskline("case", "list").out.splitlines()
    assert len([line for line in lines if f"#{number} " in line]) == 1
    assert all(line.lstrip().startswith(("#", "Case")) for line in lines)


def test_wide_characters_keep_the_columns_aligned(story: Story, deskline: Deskline) -> None:
    story.customer_writes("太陽光パネル", "x@example.org")
    from console.render import width

    lines = deskline("case", "list").out.splitlines()
    place = [width(line[: line.index("tier-1")]) for line in lines if "tier-1" in line]
    assert len(set(place)) == 1


def test_a_terminal_without_utf8_gets_ascii(story: Story) -> None:
    ran = program("case", "list", "--all", desk=story.desk.where, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ran.code == 0
    assert ran.out.isascii()
    assert "* new" in ran.out


def test_outside_text_cannot_be_formatted_by_mistake() -> None:
    with pytest.raises(TypeError):
        f"{OutsideText('x')}"
