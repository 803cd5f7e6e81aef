from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.desk import Desk
from tests.builders import ManualClock

NOBODY = 65534


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a desk can be made: each test runs on both databases."""
    return tmp_path / "desk.db" if request.param == "sqlite" else request.getfixturevalue("postgres")


@pytest.fixture
def desk(where: str | Path) -> Iterator[Desk]:
    with Desk.create(where, clock=ManualClock(), name="a test") as made:
        yield made


@pytest.fixture
def file_desk(tmp_path: Path) -> Iterator[Desk]:
    with Desk.create(tmp_path / "desk.db", clock=ManualClock(), name="a test", patience=0.2) as made:
        yield made


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that everybody may read, and only its owner write."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def as_nobody(act: Callable[[], object]) -> object:
    """What `act` returns or raises in a process that may not write what belongs to us."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            said: object = act()
        except BaseException as error:
            said = (type(error).__name__, str(error))
        os.write(writing, pickle.dumps(said))
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as answer:
        said = pickle.loads(answer.read())
    os.waitpid(child, 0)
    return said
