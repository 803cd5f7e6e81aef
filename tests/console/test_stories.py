"""What an admin and an agent do from a shell, told with the real program."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.commands import journal
from data.desk import Desk
from tests.builders import Story
from tests.console.conftest import Deskline
from tests.console.driving import program


def test_an_admin_makes_a_desk_and_an_agent_works_at_it(tmp_path: Path) -> None:
    desk = tmp_path / "new folder" / "desk #1?.db"

    made = program("init", "--name", "Ursa Major Solar", desk=desk)
    assert (made.code, made.out) == (0, f"{desk}\n")
    assert "deskline agent add" in made.err
    assert desk.stat().st_mode & 0o777 == 0o600
    assert desk.parent.stat().st_mode & 0o777 == 0o700
    assert (
        program("agent", "add", "maya", "--name", "Maya Lind", desk=desk).out == "add the agent maya: name Maya Lind\n"
    )
    assert program("queue", "add", "tier-1", "--member", "maya", desk=desk).code == 0

    opened = program(
        "case",
        "new",
        "--subject",
        "Inverter shows E-31",
        "--from",
        "Lena Ortiz <lena@ortiz-farm.example>",
        "--text",
        "Dark.",
        desk=desk,
    )
    assert (opened.code, opened.out) == (0, "#1\n")
    assert program("case", "note", "#1", desk=desk, stdin="Warranty ends in May.\n", DESKLINE_AS="maya").code == 0
    listed = program("case", "list", desk=desk)
    assert listed.code == 0
    assert "#1  • new" in listed.out
    assert "Lena Ortiz" in listed.out

    shown = json.loads(program("case", "show", "1", "--json", desk=desk).out)
    assert [(each["direction"], each["text"]) for each in shown["messages"]] == [
        ("inbound", "Dark."),
        ("note", "Warranty ends in May.\n"),
    ]
    assert shown["messages"][1]["agent"] == "maya"


def test_a_configuration_goes_round_as_a_file(story: Story, tmp_path: Path) -> None:
    desk, file = story.desk.where, tmp_path / "desk.yaml"
    exported = program("export", desk=desk)
    file.write_text(exported.out)
    same = program("plan", str(file), desk=desk)
    assert (same.code, same.out) == (0, "")
    assert "Nothing to change" in same.err

    file.write_text(exported.out.replace("name: Maya,", "name: Maya Lind,"))
    planned = program("plan", str(file), "--json", desk=desk)
    found = json.loads(planned.out)
    assert found["changes"] == ["change the agent maya: name from Maya to Maya Lind"]
    assert program("apply", str(file), "--revision", str(found["revision"] - 1), desk=desk).code == 1
    applied = program("apply", "-", "--revision", str(found["revision"]), desk=desk, stdin=file.read_text())
    assert (applied.code, applied.out) == (0, "change the agent maya: name from Maya to Maya Lind\n")
    assert f"Revision {found['revision'] + 1}." in applied.err

    file.write_text("queues:\n  tier-1: {members: [maya, bob]}\nchanels: {}\n")
    refused = program("apply", str(file), desk=desk)
    assert (refused.code, refused.out) == (2, "")
    assert f"{file}:2: queues.tier-1.members[1]: there is no agent" in refused.err
    assert f"{file}:3: chanels: there is no such section" in refused.err


def test_a_case_goes_through_its_life(story: Story, deskline: Deskline) -> None:
    assert "queued" in deskline("case", "reply", "4", "--text", "On our way.", "--then", "open").err
    assert deskline("case", "assign", "4", "--agent", "ida").err == "#4: now with ida.\n"
    assert deskline("case", "assign", "4", "--agent", "ida").err == "#4: with ida already.\n"
    assert deskline("case", "hold", "4", "--for", "2h", "--reason", "part ordered").code == 0
    assert "on hold until 10:" in deskline("case", "show", "4").out
    assert deskline("case", "resolve", "4", "--as", "ida").err == "#4: resolved.\n"
    assert deskline("case", "resolve", "4").err == "#4: resolved already.\n"
    assert deskline("case", "reopen", "4").err == "#4: open again.\n"
    assert deskline("case", "close", "4", "--as", "sam", "--json").out == '{"case": 4, "changed": true}\n'
    assert story.status(4) == "closed"
    assert "✓ closed" in deskline("case", "list", "--all").out


def test_agents_act_on_their_own_offers(story: Story, deskline: Deskline) -> None:
    offers = json.loads(deskline("work", "list", "--state", "offered", "--json").out)["work"]
    mine = next(each for each in offers if each["agent"] == "maya")
    theirs = next(each for each in offers if each["agent"] != "maya")
    assert deskline("work", "accept", str(theirs["work"]), "--as", "maya").code == 1
    assert deskline("work", "accept", str(theirs["work"]), "--agent", theirs["agent"], "--as", "maya").code == 4
    assert (
        deskline("work", "accept", str(mine["work"]), "--as", "maya").err
        == f"Work {mine['work']} accepted: #{mine['case']}.\n"
    )
    assert deskline("work", "decline", str(theirs["work"]), "--as", theirs["agent"], "--reason", "=lunch").code == 0
    assert deskline("work", "decline", "5000", "--as", "maya").code == 3
    assert deskline("work", "accept", str(mine["work"])).code == 2  # the admin has no offers
    assert "declined: =lunch" in deskline("work", "show", str(theirs["work"])).out


def test_work_says_why_it_went_where_it_went(deskline: Deskline) -> None:
    shown = deskline("work", "show", "2").out
    assert "× declined: in a meeting" in shown
    assert "2 agents could take it; fewest open items first:" in shown


def test_work_says_what_it_waits_for(story: Story, deskline: Deskline) -> None:
    waiting = story.one("select min(id) from work_items where state = 'waiting'")
    shown = deskline("work", "show", str(waiting))
    assert "Nobody can take it now:\n    ida is offline" in shown.out
    found = json.loads(deskline("work", "show", str(waiting), "--json").out)
    assert found["waits"] == {"routed": True, "eligible": [], "left_out": [{"agent": "ida", "why": "offline"}]}


def test_queues_and_agents_are_set_up_one_by_one(story: Story, deskline: Deskline) -> None:
    assert deskline("queue", "add", "night", "--label", "Night shift", "--member", "tom").code == 0
    assert deskline("queue", "add", "night").code == 1
    assert deskline("queue", "join", "night", "maya").out == "change the queue night: members with maya\n"
    assert deskline("queue", "leave", "night", "tom").out == "change the queue night: members without tom\n"
    assert deskline("queue", "leave", "night", "tom").code == 3
    assert deskline("queue", "join", "nowhere", "tom").code == 3
    assert json.loads(deskline("queue", "show", "night", "--json").out)["agents"][0]["agent"] == "maya"

    assert deskline("agent", "add", "jin", "--name", "Jin Park", "--queue", "night", "--queue", "tier-1").code == 0
    assert "queues: night, tier-1" in deskline("agent", "show", "jin").out
    assert (
        deskline("agent", "set", "jin", "--role", "supervisor").out
        == "change the agent jin: role from agent to supervisor\n"
    )
    assert deskline("agent", "set", "jin").err.startswith("Nothing to change")
    removed = deskline("agent", "remove", "jin", "--json")
    assert "remove the agent jin" in json.loads(removed.out)["changes"]
    assert deskline("agent", "show", "jin").code == 3
    assert deskline("agent", "set", "maya", "--role", "boss").err == (
        'deskline agent set: agents.maya.role: expected one of agent, supervisor, admin, got "boss"\n'
    )
    assert deskline("agent", "add", "eve", "--as", "maya").code == 4


def test_presence_and_the_badge(deskline: Deskline) -> None:
    assert deskline("presence", "set", "available", "--as", "ida").err == "ida is available.\n"
    assert deskline("presence", "set", "available", "--as", "ida").err == "ida is available already.\n"
    assert "ida: ● available" in deskline("presence", "show", "--agent", "ida").out
    assert deskline("presence", "set", "away", "--agent", "ida", "--as", "maya").code == 4
    assert deskline("presence", "set", "away", "--agent", "ida", "--as", "sam").code == 0
    assert deskline("presence", "set", "asleep", "--as", "ida").code == 3
    assert deskline("presence", "show").code == 2
    assert deskline("badge", "--as", "ida").out == "0 open\n"
    assert deskline("badge").code == 2
    assert deskline("badge", "--as", "nobody").code == 3


def test_the_journal_is_told_in_words_and_as_objects(deskline: Deskline) -> None:
    told = deskline("journal", "tail", "-n", "3", "--case", "#2")
    assert told.code == 0
    assert len(told.out.splitlines()) == 3
    lines = [json.loads(line) for line in deskline("journal", "tail", "-n", "1000", "--json").out.splitlines()]
    assert [each["id"] for each in lines] == sorted(each["id"] for each in lines)
    assert {"case.opened", "work.declined", "agent.presence_changed"} <= {each["kind"] for each in lines}
    assert deskline("journal", "tail", "--case", "999").code == 3
    words = deskline("journal", "tail", "-n", "1000").out
    for part in (
        "opened, over email",
        "offered to maya",
        "in a meeting",
        "maya: offline → available",
        "new → open",
    ):
        assert part in words


def test_every_kind_of_event_has_its_sentence() -> None:
    from console.telling import _TOLD
    from core.events import VOCABULARY

    assert set(_TOLD) == set(VOCABULARY)


def test_the_journal_is_followed(story: Story, deskline: Deskline, monkeypatch: pytest.MonkeyPatch) -> None:
    def feed(desk: Desk, position, _interrupts):  # type: ignore[no-untyped-def]
        story.act("admin", journal_note, 1)
        yield desk.entries_after(position)

    from core.actions.cases import note

    def journal_note(tx, case):  # type: ignore[no-untyped-def]
        return note(tx, case, "while you looked")

    monkeypatch.setattr(journal, "follow", feed)
    assert "added a note" in deskline("journal", "tail", "-n", "0", "--follow").out


def test_following_ends_with_ctrl_c(story: Story) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "console.main", "journal", "tail", "-n", "1", "-f", "--desk", str(story.desk.where)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert err == b""


def test_a_backup_is_whole_private_and_never_overwrites(story: Story, tmp_path: Path) -> None:
    desk, file = story.desk.where, tmp_path / "copy.db"
    done = program("backup", str(file), desk=desk)
    assert done.code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert program("case", "list", "--all", desk=file).out.count("\n") == program(
        "case", "list", "--all", desk=desk
    ).out.count("\n")
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".copy")] == []
    with sqlite3.connect(file) as copy:
        assert copy.execute("pragma integrity_check").fetchone() == ("ok",)
    assert program("backup", str(file), desk=desk).code == 1
    assert program("backup", str(file), "--force", desk=desk).code == 0
    assert program("backup", str(desk), "--force", desk=desk).code == 1
    assert program("backup", str(tmp_path / "no" / "copy.db"), desk=desk).code == 2


def test_verify_finds_nothing_on_a_sound_desk_and_something_on_another(story: Story, deskline: Deskline) -> None:
    assert deskline("verify").code == 0
    with story.desk._writing() as connection:
        connection.exec_driver_sql("update agent_loads set used = used + 1 where agent_id = 1")
    found = deskline("verify")
    assert found.code == 1
    assert found.out.startswith("! ")
    assert json.loads(deskline("verify", "--json").out)["findings"][0]["rule"]


def test_the_doctor_says_what_to_do(story: Story, deskline: Deskline, tmp_path: Path) -> None:
    Path(story.desk.where).chmod(0o644)
    Path(story.desk.where).parent.chmod(0o700)
    found = {each["about"]: each for each in json.loads(deskline("doctor", "--json").out)["checks"]}
    assert found["file"]["state"] == "warn"
    assert "chmod 0600" in found["file"]["words"]
    assert found["folder"]["state"] == "ok"
    assert found["desk"]["state"] == "ok"
    assert found["mailbox support"]["state"] == "ok"
    assert found["packages"]["state"] == "ok"
    assert found["clock"]["state"] in ("ok", "fail")
    missing = program("doctor", desk=tmp_path / "none.db")
    assert missing.code == 1
    assert "! fail  desk" in missing.out
    assert "deskline init" in missing.out


def test_the_doctor_hides_the_password_of_a_url() -> None:
    done = program("doctor", desk="postgresql://maya:secret@127.0.0.1:1/desk")
    assert done.code == 1
    assert "secret" not in done.out + done.err


def test_a_mail_is_parsed_without_being_taken(tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(
        b"From: Lena <lena@x.example>\r\nSubject: =?utf-8?q?=1B[31mred?=\r\nMessage-ID: <1@x>\r\n\r\nIt is dark.\r\n\x1b[2J\r\n"
    )
    shown = program("mail", "parse", str(mail))
    assert shown.code == 0
    assert "From: Lena <lena@x.example>" in shown.out
    assert "\x1b" not in shown.out
    found = json.loads(program("mail", "parse", "-", "--json", stdin=mail.read_bytes()).out)
    assert found["subject"] == "\x1b[31mred"
    assert program("mail", "parse", str(tmp_path / "none.eml")).code == 2


def test_a_reader_that_goes_away_is_no_error(story: Story) -> None:
    for command in ("case list", "case show 1", "export", "journal tail"):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-m", "console.main", *command.split(), "--desk", str(story.desk.where)],
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=30,
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (0, b""), command


def test_a_page_follows_the_one_before(deskline: Deskline) -> None:
    seen: list[int] = []
    before: tuple[str, ...] = ()
    started = time.monotonic()
    while True:
        page = json.loads(deskline("case", "list", "--all", "--limit", "3", "--json", *before).out)
        seen += [each["number"] for each in page["cases"]]
        if page["next"] is None:
            break
        before = ("--before", page["next"])
        assert time.monotonic() - started < 30
    assert sorted(seen) == list(range(1, 9))
    assert len(seen) == len(set(seen))


def test_the_same_commands_work_on_postgresql(postgres: str, tmp_path: Path) -> None:
    assert program("init", "--name", "Ursa Major Solar", desk=postgres).code == 0
    assert program("init", desk=postgres).code == 1
    assert program("agent", "add", "maya", desk=postgres).code == 0
    assert (
        program("case", "new", "--subject", "Dark", "--from", "lena@x.example", "--text", "x", desk=postgres).out
        == "#1\n"
    )
    assert "lena@x.example" in program("case", "list", desk=postgres).out
    assert "opened, over email" in program("case", "show", "1", desk=postgres).out
    assert "opened, over email" in program("journal", "tail", desk=postgres).out
    assert program("badge", "--as", "maya", desk=postgres).out == "0 open\n"
    assert program("verify", desk=postgres).code == 0
    assert program("doctor", desk=postgres).code == 0
    refused = program("backup", str(tmp_path / "x"), desk=postgres)
    assert refused.code == 2
    assert "pg_dump" in refused.err


def test_an_offer_whose_time_is_over_says_so(story: Story, deskline: Deskline) -> None:
    story.clock.advance(3600)
    offered = story.one("select min(case_id) from work_items where state = 'offered'")
    assert "! its time is over" in deskline("case", "show", str(offered)).out
    assert "! over" in deskline("work", "list", "--state", "offered").out
    assert "! over" in deskline("badge", "--as", "maya").out


def test_who_acts_may_come_from_the_environment(story: Story) -> None:
    assert program("badge", desk=story.desk.where, DESKLINE_AS="maya").out.endswith(" open\n")
    assert program("case", "close", "1", desk=story.desk.where, DESKLINE_AS="maya").code == 4
    assert program("case", "close", "1", "--as", "sam", desk=story.desk.where, DESKLINE_AS="maya").code == 0
