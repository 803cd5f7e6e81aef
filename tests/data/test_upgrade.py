"""Migrations: the newest one is what a new desk is stamped with, and upgrading never half happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from data import schema
from data.desk import Desk, DeskIsNewer, DeskIsOlder
from data.upgrade import newest, upgrade
from tests.builders import Story


def test_a_new_desk_is_stamped_with_the_newest_migration() -> None:
    assert newest() == schema.HEAD


def test_a_desk_of_this_version_is_left_as_it_is(tmp_path: Path) -> None:
    Story(tmp_path / "desk.db").desk.close()
    assert upgrade(tmp_path / "desk.db") == (schema.HEAD, schema.HEAD)


def test_a_desk_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    story = Story(tmp_path / "desk.db")
    story.desk.run(
        story.actor("maya"), lambda tx: tx.connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    )
    story.desk.close()
    with pytest.raises(DeskIsNewer, match="newer deskline"):
        upgrade(tmp_path / "desk.db")


def test_an_older_desk_is_not_opened_but_told_to_upgrade(tmp_path: Path) -> None:
    story = Story(tmp_path / "desk.db")
    story.desk.run(
        story.actor("maya"), lambda tx: tx.connection.exec_driver_sql("update alembic_version set version_num = '0000'")
    )
    story.desk.close()
    with pytest.raises(DeskIsOlder, match="deskline upgrade"):
        Desk.open(tmp_path / "desk.db")


def test_making_and_opening_a_desk_imports_no_migration_tool(tmp_path: Path) -> None:
    script = (
        "import sys; from data.desk import Desk; "
        f"Desk.create({str(tmp_path / 'desk.db')!r}).close(); Desk.open({str(tmp_path / 'desk.db')!r}).close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2]).returncode == 0
