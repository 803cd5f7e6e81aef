"""The file that says who writes: never somebody else's, whoever may write to the folder."""

from __future__ import annotations

import os
from pathlib import Path

from core.contacts import identify
from data.actor import INTAKE
from data.desk import Desk


def test_a_link_in_place_of_the_writer_file_is_not_written_through(tmp_path: Path) -> None:
    where, victim = tmp_path / "desk.db", tmp_path / "victim"
    victim.write_text("precious")
    with Desk.create(where):
        pass
    writer_file = tmp_path / "desk.db-writer"
    writer_file.symlink_to(victim)
    with Desk.open(where) as desk:
        desk.run(INTAKE, identify, "lena@ortiz-farm.example", "Lena")
    assert victim.read_text() == "precious"
    assert writer_file.is_symlink()


def test_a_pipe_in_place_of_the_writer_file_stops_nobody(tmp_path: Path) -> None:
    where = tmp_path / "desk.db"
    os.mkfifo(tmp_path / "desk.db-writer")
    with Desk.create(where) as desk:
        desk.run(INTAKE, identify, "lena@ortiz-farm.example", "Lena")
        assert desk.storage.holder() == "another process"  # type: ignore[union-attr]
