"""An engine whose desk file is taken from under it stops, instead of going on in a file that nobody will read."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.actions import cases
from core.engine.engine import Engine
from data.actor import ENGINE, LOCAL_ADMIN
from data.desk import Desk
from data.sqlite import DeskGone, DeskRemoved, DeskReplaced
from tests.builders import Story

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    story = Story(tmp_path / "desk.db")
    story.desk.close()
    return tmp_path / "desk.db"


def removed(path: Path) -> None:
    path.unlink()


def replaced(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.rename(path)


def moved_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


@pytest.mark.parametrize(
    ("befalls", "error", "said"),
    [
        (removed, DeskRemoved, "is no longer there"),
        (moved_away, DeskRemoved, "is no longer there"),
        (replaced, DeskReplaced, "the desk file was replaced; start the engine again"),
    ],
)
def test_an_engine_stops_when_its_desk_is_taken_from_under_it(
    path: Path, befalls, error: type[DeskGone], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Desk.open(path) as desk:
        engine = Engine(desk, "test engine")
        assert engine.step().acting
        befalls(path)
        with pytest.raises(error, match=said):
            engine.step()
        assert said in caplog.text
        with pytest.raises(error):
            desk.run(LOCAL_ADMIN, cases.open_new, "Into the void")


def test_what_lies_there_now_is_left_alone(path: Path) -> None:
    with Desk.open(path) as desk:
        desk.run(ENGINE, lambda tx: None)
        replaced(path)
        before = path.read_bytes()
        with pytest.raises(DeskReplaced):
            desk.run(LOCAL_ADMIN, cases.open_new, "Into the void")
    assert path.read_bytes() == before
    with Desk.open(path) as desk:
        assert Engine(desk, "the next one").step().acting


def test_a_desk_that_is_touched_or_linked_stays_the_same_desk(path: Path) -> None:
    with Desk.open(path) as desk:
        desk.run(ENGINE, lambda tx: None)
        path.touch()
        path.chmod(0o640)
        path.with_name("link.db").hardlink_to(path)
        desk.run(LOCAL_ADMIN, cases.open_new, "Still here")


@pytest.mark.parametrize(
    ("befalls", "said"), [(removed, "is no longer there"), (replaced, "the desk file was replaced; start the engine")]
)
def test_the_process_ends_with_5_and_says_why(path: Path, befalls, said: str) -> None:
    argv = [sys.executable, "-m", "console.main", "engine", "run", "--lease", "0.5", "--desk", str(path)]
    log = path.with_name("log")
    with log.open("wb") as stderr:
        running = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=stderr, cwd=ROOT)
    try:
        ends = time.monotonic() + 30
        while "acts for the desk now" not in log.read_text() and time.monotonic() < ends:
            time.sleep(0.05)
        befalls(path)
        running.wait(30)
    finally:
        running.kill()
        running.wait()
    err = log.read_text()
    assert running.returncode == 5
    assert said in err
    assert "Traceback" not in err
