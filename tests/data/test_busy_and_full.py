"""What others hold and what the disk refuses: nothing is half done, the words say who and what, and it works again after."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import OperationalError

from data.actor import ENGINE, LOCAL_ADMIN
from data.desk import Desk
from data.postgres import DatabaseBusy
from data.schema import accounts, desk_settings
from data.sqlite import DeskBusy, DiskFull
from data.transaction import Tx

ROOT = Path(__file__).parents[2]


def put(tx: Tx, name: str, value: str = "") -> None:
    tx.execute(insert(desk_settings), {"name": name, "value": value})


def names(desk: Desk) -> set[str]:
    with desk.reading() as connection:
        return set(connection.execute(text("select name from desk_settings")).scalars())


@contextmanager
def somebody_holds(where: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Another process is in the middle of a write transaction that it does not end."""
    code = (
        "import sys, time\n"
        "from sqlalchemy import text\n"
        "from data.actor import ENGINE\n"
        "from data.desk import Desk\n"
        "def dawdle(tx):\n"
        "    tx.execute(text(\"update desk_settings set value = 'dawdled' where name = 'revision'\"))\n"
        "    print('holds', flush=True)\n"
        "    sys.stdin.readline()\n"
        f"with Desk.open({str(where)!r}, name='a dawdler') as desk:\n"
        "    desk.run(ENGINE, dawdle)\n"
        "    print('done', flush=True)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_who_waits_for_the_desk_is_told_who_holds_it(file_desk: Desk, tmp_path: Path) -> None:
    with somebody_holds(tmp_path / "desk.db") as holder:
        with pytest.raises(DeskBusy, match=rf"a dawdler \(process {holder.pid}, since \d+ s\) holds it"):
            file_desk.run(LOCAL_ADMIN, put, "x")
        assert "x" not in names(file_desk)
        holder.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, holder.pid, os.WSTOPPED)
        with pytest.raises(DeskBusy, match=rf"process {holder.pid}, which is stopped, since"):
            file_desk.run(LOCAL_ADMIN, put, "x")
        holder.send_signal(signal.SIGCONT)
        assert holder.stdin is not None
        print(file=holder.stdin, flush=True)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "done\n"
        file_desk.run(LOCAL_ADMIN, put, "x")
    assert "x" in names(file_desk)


def test_a_holder_that_is_killed_leaves_nothing_and_the_desk_goes_on(file_desk: Desk, tmp_path: Path) -> None:
    with somebody_holds(tmp_path / "desk.db") as holder:
        holder.send_signal(signal.SIGSTOP)
        with pytest.raises(DeskBusy):
            file_desk.run(LOCAL_ADMIN, put, "x")
    file_desk.run(LOCAL_ADMIN, put, "x")
    with file_desk.reading() as connection:
        assert connection.execute(text("select value from desk_settings where name = 'revision'")).scalar() == "0"


def test_readers_go_on_while_somebody_writes(file_desk: Desk, tmp_path: Path) -> None:
    with somebody_holds(tmp_path / "desk.db"):
        assert "revision" in names(file_desk)


def test_a_desk_on_postgres_that_somebody_holds_is_busy_and_recovers(postgres: str) -> None:
    with Desk.create(postgres, patience=0.2) as desk:
        change = text("update desk_settings set value = 'mine' where name = 'revision'")
        with somebody_holds(postgres):
            with pytest.raises(DatabaseBusy, match="Nothing was changed"):
                desk.run(LOCAL_ADMIN, lambda tx: tx.execute(change))
            desk.run(LOCAL_ADMIN, put, "another row")
        desk.run(LOCAL_ADMIN, lambda tx: tx.execute(change))


def test_a_full_disk_leaves_nothing_half_done_and_frees_itself(file_desk: Desk) -> None:
    file_desk.run(LOCAL_ADMIN, put, "before")

    def too_much(tx: Tx) -> None:
        pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")
        put(tx, "first")
        for n in range(1000):
            tx.execute(insert(accounts), {"id": tx.new_id(accounts), "name": "x" * 3000, "created_at": n})

    for _ in range(3):
        with pytest.raises(DiskFull, match=r"is full\. Nothing was changed; free some space"):
            file_desk.run(ENGINE, too_much)
        assert names(file_desk) >= {"before"}
        assert "first" not in names(file_desk)
        with file_desk.reading() as connection:
            assert connection.execute(text("select count(*) from accounts")).scalar() == 0
    file_desk.run(LOCAL_ADMIN, lambda tx: tx.connection.exec_driver_sql("PRAGMA max_page_count = 1000000").close())
    file_desk.run(LOCAL_ADMIN, put, "after")
    assert "after" in names(file_desk)


def test_a_really_full_file_system_is_told_as_one(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no small file system can be mounted here")
    try:
        with Desk.create(folder / "desk.db") as desk:

            def too_much(tx: Tx) -> None:
                put(tx, "first")
                for n in range(2000):
                    tx.execute(insert(accounts), {"id": tx.new_id(accounts), "name": "x" * 3000, "created_at": n})

            with pytest.raises(DiskFull):
                desk.run(ENGINE, too_much)
            assert "first" not in names(desk)
            desk.run(ENGINE, put, "small")
            with desk.reading() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _of_sqlite(code: int) -> OperationalError:
    original = sqlite3.OperationalError("locking protocol")
    original.sqlite_errorcode = code
    return OperationalError("select 1", {}, original)


def test_a_process_that_was_stopped_where_it_begins_to_read_is_in_the_way(tmp_path: Path) -> None:
    with Desk.create(tmp_path / "desk.db") as desk, pytest.raises(DeskBusy), desk.reading():
        raise _of_sqlite(sqlite3.SQLITE_PROTOCOL)


def test_an_error_that_came_of_itself_is_told_and_not_looked_through_for_ever(tmp_path: Path) -> None:
    first, second = _of_sqlite(sqlite3.SQLITE_MISUSE), _of_sqlite(sqlite3.SQLITE_MISUSE)
    first.__cause__, second.__cause__ = second, first
    with Desk.create(tmp_path / "desk.db") as desk, pytest.raises(OperationalError), desk.reading():
        raise first
