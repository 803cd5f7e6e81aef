"""The documentation cannot rot: its reference is made from the code, and its commands are run as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.terminal import Tmux, needs_tmux

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.S | re.M)


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DESKLINE_DESK": str(folder / "desk.db"),
        "SUPPORT_PASSWORD": "secret",
    }
    return subprocess.run(
        line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def test_the_reference_is_what_the_code_says():
    checked = subprocess.run([sys.executable, ROOT / "docs" / "generate.py", "--check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def prepare_agent_page(folder: Path) -> None:
    """The agents' page begins on a desk where a case was just offered to Maya."""
    (folder / "desk.yaml").write_text(
        {kind + rest: text for kind, rest, text in BLOCK.findall((ROOT / "docs/admin.md").read_text())}[
            "yaml desk.yaml"
        ]
    )
    for line in (
        "deskline init",
        "deskline apply desk.yaml --yes",
        "deskline presence set available --as maya",
        "deskline case new --subject 'It is dark' --from 'Lena <lena@ortiz-farm.example>' --text Help --queue tier-1",
    ):
        done = run(line, folder)
        assert done.returncode == 0, (line, done.stderr)
    turn(folder)


def turn(folder: Path) -> None:
    """What the engine would do meanwhile."""
    from core.engine.engine import Engine
    from data.desk import Desk

    with Desk.open(folder / "desk.db") as desk:
        engine = Engine(desk, "the documentation")
        while engine.step().rest_s == 0:
            pass
        engine.stop()


@pytest.mark.parametrize(("page", "commands"), [("admin.md", 15), ("agent.md", 15), ("supervisor.md", 6)])
def test_each_command_of_a_page_does_what_it_says_there(page: str, commands: int, tmp_path: Path):
    if page != "admin.md":
        prepare_agent_page(tmp_path)
    (tmp_path / "old-mail").mkdir()
    (tmp_path / "old-mail" / "1.eml").write_text("From: lena@ortiz-farm.example\nSubject: Long ago\n\nHello\n")
    ran = 0
    for kind, rest, text in BLOCK.findall((ROOT / "docs" / page).read_text()):
        if kind == "yaml" and rest.strip():
            (tmp_path / rest.strip()).write_text(text)
        if kind != "sh" or rest.strip() in ("service", "screen"):
            continue
        for line in text.splitlines():
            done = run(line, tmp_path)
            assert done.returncode == 0 or (rest.strip() == "may-fail" and done.returncode == 1), (line, done.stderr)
            ran += 1
            turn(tmp_path)
    assert ran >= commands


@pytest.mark.parametrize(("page", "shown"), [("agent.md", "My work"), ("supervisor.md", "Queues")])
def test_the_screen_that_a_page_opens_is_there(page: str, shown: str, tmp_path: Path):
    needs_tmux()
    prepare_agent_page(tmp_path)
    text = (ROOT / "docs" / page).read_text()
    lines = [
        each
        for kind, rest, block in BLOCK.findall(text)
        if (kind, rest.strip()) == ("sh", "screen")
        for each in block.splitlines()
    ]
    assert len(lines) == 1
    words = shlex.split(lines[0])
    env = {**os.environ, "DESKLINE_DESK": str(tmp_path / "desk.db"), "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    terminal = Tmux(env).start((100, 30), [str(Path(sys.executable).with_name(words[0])), *words[1:]])
    try:
        terminal.until(shown)
        terminal.press("C-q")
        assert terminal.code() == 0
    finally:
        terminal.close()


def test_the_commands_of_the_readme_lead_from_nothing_to_a_resolved_case(tmp_path: Path):
    readme = (ROOT / "README.md").read_text()
    lines = [
        line.partition("   #")[0].strip()
        for kind, _, text in BLOCK.findall(readme)
        if kind == "sh"
        for line in text.splitlines()
        if line.startswith("deskline") and "engine run" not in line
    ]
    for line in lines:
        done = run(line, tmp_path)
        assert done.returncode == 0, (line, done.stderr)
        turn(tmp_path)
    assert len(lines) >= 9
