"""What goes wrong is said in words on stderr, with the exit code that the contract names; stdout stays empty."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from console.commands import options
from tests.builders import Story
from tests.console.conftest import Deskline
from tests.console.driving import program


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("case show 999", 3, "There is no case #999."),
        ("case show #999", 3, "There is no case #999."),
        ("case show abc", 2, "expected a number such as 412"),
        ("case show 99999999999999999999", 2, "expected a number"),
        ("case show", 2, "Missing argument"),
        ("case list --status asleep", 2, "There is no status asleep. Known are new, open"),
        ("case list --status open --all", 2, "Give either --status or --all."),
        ("case list --owner nobody", 3, 'There is no agent "nobody".'),
        ("case list --queue nowhere", 3, 'There is no queue "nowhere".'),
        ("case list --channel fax", 3, 'There is no channel "fax".'),
        ("case list --limit 0", 2, "--limit"),
        ("case list --before x", 2, "--before"),
        ("case list --before 999", 3, "There is no case #999."),
        ("case list --json --csv", 2, "exclude each other"),
        ("case list --nonsense", 2, "--nonsense"),
        ("case show 1 --history -1", 2, "--history"),
        ("case bogus", 2, "No such command"),
        ("bogus", 2, "No such command"),
        ("case new", 2, "--subject"),
        ("case new --subject x --from nobody", 2, "--from takes an address"),
        ("case new --subject x --priority 9", 2, "A priority is a number from 1"),
        ("case new --subject= --text x", 2, "--subject is empty"),
        ("case new --subject x --text=", 2, "--text is empty"),
        ("case new --subject x --from=", 2, "--from takes an address"),
        ("case new --subject x --from=nobody@", 2, "--from takes an address"),
        ("case new --subject x --type=", 3, 'There is no case type "". Known are question, problem, feature request.'),
        ("case hold 1 --for 1h --reason=", 2, "--reason is empty"),
        ("case hold 1 --for 30m1h --reason x", 2, "expected a duration such as 90s"),
        ("case hold 1 --for= --reason x", 2, "expected a duration such as 90s"),
        ("case new --subject x --queue nowhere", 3, 'There is no queue "nowhere".'),
        ("case reply 1 --text x --then asleep", 2, "asleep"),
        ("case reply 1 --text x --file y", 2, "Give either --text or --file."),
        ("case reply 1 --file /nowhere/x", 2, "There is no file /nowhere/x."),
        ("case reply 7 --text x", 1, "Case #7 is closed"),
        ("case reply 999 --text x", 3, "There is no case #999."),
        ("case note 1 --text=", 2, "The note is empty"),
        ("case reply 1 --text=", 2, "There is nothing to send"),
        ("case assign 1", 2, "Name either an agent or a queue."),
        ("case assign 1 --agent nobody", 3, 'There is no agent "nobody".'),
        ("case assign 6 --agent maya", 1, "Case #6 is resolved"),
        ("case hold 1 --for soon --reason x", 2, "expected a duration such as 90s"),
        ("case hold 1 --for 0s --reason x", 2, "a time that lies ahead"),
        ("case close 1 --as maya", 4, "This needs the role supervisor; maya has the role agent."),
        ("presence set away --agent tom --as maya", 4, "This needs the role supervisor; maya has the role agent."),
        ("presence set asleep --as maya", 3, "Known are available, away, offline."),
        ("queue join tier-1 nobody", 3, 'There is no agent "nobody".'),
        ("queue add night --member nobody", 3, 'There is no agent "nobody".'),
        ("queue add tier-1", 1, "There is a queue"),
        ("case resolve 1 --as nobody", 3, 'There is no agent "nobody".'),
        ("case resolve 7", 1, "Case #7 is closed"),
        ("case reopen 999", 3, "There is no case #999."),
        ("work show 999", 3, "There is no work item 999."),
        ("work list --state asleep", 2, "There is no state asleep."),
        ("work list --agent nobody", 3, 'There is no agent "nobody".'),
        ("queue show nowhere", 3, 'There is no queue "nowhere".'),
        ("queue add Bad", 2, "is no name"),
        ("agent show nobody", 3, 'There is no agent "nobody".'),
        ("agent add Bad", 2, "is no name"),
        ("agent add maya", 1, 'There is an agent "maya" already'),
        ("agent set nobody --role admin", 3, 'There is no agent "nobody".'),
        ("agent remove nobody", 3, 'There is no agent "nobody".'),
        ("agent list --queue nowhere", 3, 'There is no queue "nowhere".'),
        ("init", 1, "There is a desk at"),
        ("plan /nowhere/desk.yaml", 2, "There is no file"),
        ("apply /", 2, "cannot be read"),
        ("mail parse /nowhere/x.eml", 2, "There is no file"),
        ("journal tail -n -1", 2, "-n"),
    ],
)
def test_bad_input_is_told_in_words(line: str, code: int, words: str, deskline: Deskline) -> None:
    ran = deskline(*line.split())
    assert (ran.code, ran.out) == (code, ""), ran
    assert words in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "line",
    [
        *("case list", "case show 1", "work list", "work show 1", "work show 4", "queue list", "queue show tier-1"),
        *("agent list", "agent show maya", "presence show --agent maya", "journal tail", "export", "badge"),
        "case resolve 1",
    ],
)
def test_who_is_not_there_may_not_even_look(line: str, deskline: Deskline, monkeypatch: pytest.MonkeyPatch) -> None:
    words = 'There is no agent "ghost". Who acts is named by --as, else by DESKLINE_AS'
    ran = deskline(*line.split(), "--as", "ghost")
    assert (ran.code, ran.out) == (3, "")
    assert words in ran.err
    monkeypatch.setenv("DESKLINE_AS", "ghost")
    ran = deskline(*line.split())
    assert (ran.code, ran.out) == (3, "")
    assert words in ran.err
    if line != "case resolve 1":
        assert deskline(*line.split(), "--as", "maya").code == 0


def test_who_is_not_offered_an_item_learns_who_is(story: Story, deskline: Deskline) -> None:
    number = story.one("select min(id) from work_items where state = 'offered'")
    name = story.offered_to(story.one("select case_id from work_items where id = ?", number))
    told = f"Work item {number} is not offered to ida, but to {name}.\n"
    for verb in ("accept", "decline"):
        ran = deskline("work", verb, str(number), "--as", "ida")
        assert (ran.code, ran.err) == (1, told)


def test_a_case_type_is_one_of_the_desks(deskline: Deskline) -> None:
    assert deskline("case", "new", "--subject", "x", "--text", "y", "--type", "problem").code == 0
    ran = deskline("case", "new", "--subject", "x", "--text", "y", "--type", "problm")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == 'There is no case type "problm". Did you mean "problem"?\n'


@pytest.mark.parametrize("line", ["export", "case list", "case show 1", "doctor", "journal tail"])
def test_stdout_that_is_closed_is_told_on_stderr(line: str, story: Story) -> None:
    import shlex
    import subprocess
    import sys

    command = f"{shlex.quote(sys.executable)} -m console.main {line} --desk {shlex.quote(str(story.desk.where))} >&-"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2]
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "The result was not written: stdout is closed."


READS = (
    "case list",
    "case show 1",
    "case resolve 1",
    "queue list",
    "export",
    "verify",
    "journal tail",
    "badge --as maya",
)


@pytest.mark.parametrize("line", READS)
def test_a_desk_that_is_missing(line: str, tmp_path: Path) -> None:
    ran = program(*line.split(), desk=tmp_path / "none.db")
    assert (ran.code, ran.out) == (5, "")
    assert "Make one with: deskline init" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be looked at" * 4])
def test_a_file_that_is_no_desk(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(content)
    ran = program("case", "list", desk=file)
    assert (ran.code, ran.out) == (5, "")
    assert "is not a deskline database" in ran.err


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with sqlite3.connect(file) as connection:
        connection.execute("pragma application_id = 42")
        connection.execute("create table t (a)")
    before = file.read_bytes()
    assert program("case", "list", desk=file).code == 5
    assert program("case", "new", "--subject", "x", desk=file).code == 5
    assert file.read_bytes() == before


def test_a_folder_and_a_server_that_is_away(tmp_path: Path) -> None:
    assert program("case", "list", desk=tmp_path).code == 5
    assert program("case", "list", desk="mysql://x/y").code == 2
    assert program("case", "list", desk="postgresql://127.0.0.1:1/desk").code == 5


def test_a_desk_cannot_be_made_where_no_folder_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = program("init", desk=tmp_path / "file" / "desk.db")
    assert ran.code == 5
    assert "Traceback" not in ran.err


def test_text_that_is_none(story: Story) -> None:
    ran = program("case", "note", "1", desk=story.desk.where, stdin=b"\xff\xfe\x00")
    assert ran.code == 2
    assert "is no UTF-8 text (byte 1)" in ran.err
    assert program("case", "note", "1", desk=story.desk.where, stdin=b"  \n").code == 2


def test_a_defect_is_one_line_and_a_file(deskline: Deskline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret of a customer")

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(options, "actor_of", broken)
    ran = deskline("case", "resolve", "1")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err
    assert "secret" not in ran.err
    path = Path(ran.err.strip().split()[-1])
    assert "ZeroDivisionError: secret of a customer" in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_command_at_all_shows_the_help() -> None:
    ran = program()
    assert ran.code == 2
    assert "Commands:" in ran.err


def test_an_error_quotes_what_was_typed_without_its_control_characters(deskline: Deskline) -> None:
    ran = deskline("case", "list", "--owner", "\x1b[31mred\u202e")
    assert ran.code == 3
    assert "\x1b" not in ran.err
    assert "\u202e" not in ran.err


def test_the_shape_of_json_is_stable(deskline: Deskline) -> None:
    """Keys may be added to this list, never taken away or renamed."""
    shapes = {
        "case list": (
            "number subject status priority type channel queue owner customer address opened_at updated_at hold_until not_sent"
        ),
        "work list": (
            "work case subject state queue channel agent priority weight round "
            "requested_at offered_at accepted_at deadline_at next_round_at"
        ),
        "queue list": "queue label routing waiting oldest_at offered accepted members present",
        "agent list": "agent name role status kind connected since used capacity open_items",
    }
    for line, keys in shapes.items():
        found = json.loads(deskline(*line.split(), "--json").out)
        noun = {"case list": "cases", "work list": "work", "queue list": "queues", "agent list": "agents"}[line]
        assert list(found) == [noun, "next"]
        assert list(found[noun][0]) == keys.split()
    assert list(json.loads(deskline("badge", "--as", "maya", "--json").out)) == [
        "agent",
        "status",
        "offers",
        "deadline_at",
        "open_items",
        "not_sent",
    ]
    case = json.loads(deskline("case", "show", "1", "--json").out)
    assert list(case)[13:] == [
        "account",
        "hold_reason",
        "continues",
        "resolved_at",
        "closed_at",
        "work",
        "messages",
        "history",
        "not_sent",
        "level",
        "language",
        "flag",
        "flagged_at",
        "tags",
        "fields",
        "links",
        "merged_into",
        "followers",
    ]
