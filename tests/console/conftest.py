"""Fixtures of the command line's tests: a desk in the middle of a day, and the program in this process."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.main import main
from data.desk import Desk
from tests.builders import ManualClock, Story
from tests.console.driving import Ran, busy_desk

Deskline = Callable[..., Ran]


@pytest.fixture(scope="session")
def finished_story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The busy desk, made once and closed: the file to copy."""
    made = busy_desk(tmp_path_factory.mktemp("busy") / "desk.db")
    made.desk.close()
    return made


@pytest.fixture
def story(finished_story: Story, tmp_path: Path) -> Iterator[Story]:
    path = tmp_path / "desk.db"
    shutil.copy(finished_story.desk.where, path)
    path.chmod(0o600)
    story = copy.copy(finished_story)
    story.clock = ManualClock(finished_story.clock.now)
    story.desk = Desk.open(path, clock=story.clock, name="a test")
    yield story
    story.desk.close()


@pytest.fixture
def deskline(story: Story, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Deskline:
    """Run a command line on the busy desk, in this process."""
    monkeypatch.setenv("DESKLINE_DESK", str(story.desk.where))
    monkeypatch.delenv("DESKLINE_AS", raising=False)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr("time.time_ns", lambda: story.clock.now * 1000)

    def run(*argv: str) -> Ran:
        capfd.readouterr()
        code = main(argv)
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return run
