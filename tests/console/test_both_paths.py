"""The thin path and the full path print the same bytes, for each hot read and each of its options."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from console import fast
from console.commands import tree
from tests.builders import Story
from tests.console.conftest import Deskline

COMMANDS = [
    "case list",
    "case list --all",
    "case list --limit 2",
    "case list --limit=2 --json",
    "case list --limit 3 --before 3",
    "case list --before #3",
    "case list --status open,on_hold",
    "case list --status closed",
    "case list --owner maya",
    "case list --owner ida",
    "case list --owner tom --queue tier-1 --all",
    "case list --queue billing",
    "case list --queue tier-1 --csv",
    "case list --channel email",
    "case list --customer lena",
    "case list --customer evil@example",
    "case list --customer 100%",
    "case list --all --csv",
    "case list --all --json",
    "case show 1",
    "case show #1",
    "case show 1 --json",
    "case show 2 --history 100",
    "case show 2 --json --history=0",
    "case show 5",
    "case show 7",
    "work list",
    "work list --json",
    "work list --csv",
    "work list --state waiting",
    "work list --state offered",
    "work list --state accepted",
    "work list --queue tier-1 --limit 3",
    "work list --agent maya",
    "work show 1",
    "work show 1 --json",
    "work show 2",
    "queue list",
    "queue list --json",
    "queue list --csv",
    "queue show tier-1",
    "queue show billing --json",
    "agent show maya",
    "agent show --json ida",
    "agent list",
    "agent list --present",
    "agent list --queue billing --json",
    "agent list --csv",
    "action pending",
    "action pending --json",
    "badge --as maya",
    "badge --as tom --json",
    "badge --as=ida",
]


@pytest.mark.parametrize("line", COMMANDS)
def test_both_paths_print_the_same_bytes(line: str, deskline: Deskline, capfd: pytest.CaptureFixture[str]) -> None:
    argv = line.split()
    assert tree.run(argv) == 0
    full = capfd.readouterr()
    code = fast.answer(argv)
    thin = capfd.readouterr()
    assert code == 0, "the thin path left it to the full one"
    assert (thin.out, thin.err) == (full.out, full.err)
    assert thin.out or thin.err


@pytest.mark.parametrize(
    "line",
    [
        "case list --nonsense",
        "case list extra",
        "case list --lim 3",
        "case list --limit",
        "case list --limit x",
        "case list --all=1",
        "case list --status open --all",
        "case show",
        "case show x",
        "case show 1 2",
        "queue show",
        "queue show -x",
        "queue list --desk postgresql://nowhere/desk",
        "case list --help",
        "badge",
        "case",
    ],
)
def test_what_is_not_plain_is_left_to_the_full_path_and_nothing_is_written(
    line: str, deskline: Deskline, capfd: pytest.CaptureFixture[str]
) -> None:
    assert fast.answer(line.split()) is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "line",
    [
        "case list --owner nobody",
        "case list --queue nowhere --json",
        "case list --channel pigeon",
        "case list --before 99",
        "case show 99",
        "work list --agent nobody",
        "work show 99999",
        "queue show \x1b[31mnowhere",
        "agent show nobody",
        "agent list --queue nowhere",
        "badge --as nobody",
    ],
)
def test_what_is_not_there_is_refused_in_the_same_bytes_by_both_paths(
    line: str, deskline: Deskline, capfd: pytest.CaptureFixture[str]
) -> None:
    argv = line.split()
    assert tree.run(argv) == 3
    full = capfd.readouterr()
    assert fast.answer(argv) == 3
    assert capfd.readouterr() == full
    assert full.err.startswith("There is no ")


def test_what_waits_is_explained_by_the_full_path(story: Story, deskline: Deskline) -> None:
    waiting = story.one("select min(id) from work_items where state = 'waiting'")
    assert fast.answer(["work", "show", str(waiting)]) is None
    assert "ida is offline" in deskline("work", "show", str(waiting)).out


@pytest.mark.parametrize("version", ["0000", "9999"])
def test_another_schema_is_left_to_the_full_path(version: str, story: Story, deskline: Deskline) -> None:
    with story.desk._writing() as connection:
        connection.exec_driver_sql(f"update alembic_version set version_num = '{version}'")
    assert fast.answer(["case", "list"]) is None
    assert deskline("case", "list").code == 5


def test_both_paths_have_the_same_options() -> None:
    root = tree.root()
    for read, options in fast.READS.items():
        command = root.commands[read[0]]
        if len(read) > 1:
            command = command.commands[read[1]]
        names = {each[2:] for param in command.params for each in param.opts if each.startswith("--")}
        assert names - {"help"} == {*options, *fast.COMMON}, read
        takes = set(inspect.signature(fast.answer_of(read)).parameters) - {"fetch", "explain", "as_"}
        assert takes == {*options, *fast.ARGUMENTS.get(read, ())[:1]} - {"csv"}, read


def test_the_thin_path_imports_nothing_heavy(story: Story) -> None:
    code = (
        "import sys; from console.main import main; main(['case', 'list', '--desk', sys.argv[1]]);"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(story.desk.where)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=True,
        env={"LANG": "C.UTF-8"},
    )
    loaded = set(done.stderr.split())
    assert "#1" in done.stdout
    assert not loaded & {
        "typer",
        "click",
        "sqlalchemy",
        "json",
        "re",
        "typing",
        "gettext",
        "pathlib",
        "argparse",
        "rich",
    }


def test_a_command_imports_only_its_own_module() -> None:
    code = "import sys; from console.main import main; main(['queue', '--help']); print(*sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    loaded = set(done.stderr.split())
    assert "console.commands.queue" in loaded
    assert not loaded & {
        "console.commands.case",
        "console.commands.mail",
        "sqlalchemy",
        "textual",
        "imapclient",
        "rich",
    }


def test_the_tree_is_what_typer_makes_of_it() -> None:
    assert isinstance(tree.root(), tree.LazyGroup)
    assert typer.main is tree.typer.main


def test_what_the_console_does_to_cases_needs_none_of_what_reads_configurations() -> None:
    """That would cost each console 7 MB."""
    code = "import sys, core.actions.cases, core.actions.work, core.actions.presence; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    ).stdout.split()
    assert "core.actions.cases" in loaded
    assert not {"pydantic", "core.config.stored", "core.calendars.calendar"} & set(loaded)
