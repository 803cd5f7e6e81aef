"""Opening and making a desk: what is there instead of one is named, and left as it was."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from data.actor import LOCAL_ADMIN
from data.desk import Desk, DeskExists, DeskIsNewer, DeskIsOlder
from data.errors import Unavailable, WrongUsage
from data.postgres import DatabaseAway
from data.sqlite import DeskDamaged, DeskReadOnly, NoDesk, NotADesk
from tests.data.conftest import as_nobody


def version(desk: Desk) -> str:
    with desk.reading() as connection:
        return str(connection.execute(text("select version_num from alembic_version")).scalar())


def test_a_desk_is_made_once_and_opened_often(where: str | Path) -> None:
    with Desk.create(where) as desk:
        made = version(desk)
    with pytest.raises(DeskExists, match="left as it is"):
        Desk.create(where)
    for _ in range(2):
        with Desk.open(where) as desk:
            assert version(desk) == made


@pytest.mark.parametrize(("stamped", "refusal"), [("9999", DeskIsNewer), ("0000", DeskIsOlder)])
def test_a_desk_of_another_version_is_refused_with_what_to_do(
    where: str | Path, stamped: str, refusal: type[Unavailable]
) -> None:
    with Desk.create(where) as desk:
        desk.run(
            LOCAL_ADMIN, lambda tx: tx.execute(text("update alembic_version set version_num = :v"), {"v": stamped})
        )
    with pytest.raises(refusal, match=f"schema {stamped}"):
        Desk.open(where)


def test_a_desk_without_a_version_is_none(where: str | Path) -> None:
    with Desk.create(where) as desk:
        desk.run(LOCAL_ADMIN, lambda tx: tx.execute(text("delete from alembic_version")))
    with pytest.raises(NotADesk, match="it holds no desk"):
        Desk.open(where)


# -- SQLite


def test_a_missing_desk_is_named_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(NoDesk, match=rf"no desk at {tmp_path}/none\.db\. Make one with: deskline init"):
        Desk.open(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_desk(tmp_path: Path) -> None:
    for opening in (Desk.open, Desk.create):
        with pytest.raises(NotADesk, match="it is a folder"):
            opening(tmp_path)


@pytest.mark.parametrize("content", [b"Dear diary,\n" * 100, b"\x00" * 5000, b"SQLite format 2\0" * 50, b"x"])
def test_a_file_of_another_kind_is_no_desk_and_is_left_as_it_was(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    for opening in (Desk.open, Desk.create):
        with pytest.raises(NotADesk, match="it is no SQLite file"):
            opening(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_is_no_desk_but_can_become_one(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    path.touch()
    with pytest.raises(NotADesk, match="it is empty"):
        Desk.open(path)
    assert path.read_bytes() == b""
    Desk.create(path).close()
    Desk.open(path).close()


@pytest.mark.parametrize("mark", [0, 0x12345678])
def test_another_programs_database_is_refused_and_left_as_it_was(tmp_path: Path, mark: int) -> None:
    path = tmp_path / "photos.db"
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA application_id = {mark}")
    other.execute("create table photos (name text)")
    other.commit()
    other.close()
    before = path.read_bytes()
    for opening in (Desk.open, Desk.create):
        with pytest.raises(NotADesk, match="it belongs to another program"):
            opening(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_another_programs_database_that_is_open_is_not_built_into(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("create table photos (name text)")
    for opening in (Desk.open, Desk.create):
        with pytest.raises(NotADesk):
            opening(path)
    assert other.execute("select name from sqlite_master").fetchall() == [("photos",)]
    other.close()


def test_a_desk_whose_maker_was_killed_at_once_is_still_one(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    code = f"import os; from data.desk import Desk; d = Desk.create({str(path)!r}); os._exit(9)"
    subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2])
    assert path.with_name("desk.db-wal").exists()
    Desk.open(path).close()


def test_a_creation_that_was_broken_off_can_be_repeated(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    left = sqlite3.connect(path)
    left.execute("PRAGMA journal_mode = WAL")
    left.close()
    Desk.create(path).close()
    Desk.open(path).close()


@pytest.mark.parametrize("kept", [50, 100, 3000, 4096, 3 * 4096, 20_000])
def test_a_truncated_desk_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "desk.db"
    Desk.create(path).close()
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises((DeskDamaged, NotADesk), match=str(path)):
        Desk.open(path)


def test_a_desk_with_a_broken_first_page_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    Desk.create(path).close()
    raw = bytearray(path.read_bytes())
    raw[100:4096] = os.urandom(3996)
    path.write_bytes(raw)
    with pytest.raises((DeskDamaged, NotADesk), match=str(path)):
        Desk.open(path)


@pytest.mark.parametrize("name", ["a desk.db", "what?.db", "100%.db", "50%20.db", "#1.db", "bücher.db", "a;b&c=d.db"])
def test_a_desk_may_have_any_name(tmp_path: Path, name: str) -> None:
    Desk.create(tmp_path / name).close()
    assert (tmp_path / name).exists()
    Desk.open(tmp_path / name).close()


def test_a_desk_may_be_named_by_an_sqlite_url(tmp_path: Path) -> None:
    path = tmp_path / "new" / "desk.db"
    Desk.create(f"sqlite:///{path}").close()
    assert path.exists()
    Desk.open(f"sqlite:///{path}").close()


@pytest.mark.parametrize("url", ["mysql://localhost/desk", "sqlite://"])
def test_another_kind_of_database_is_wrong_usage(url: str) -> None:
    with pytest.raises(WrongUsage, match="A desk is a file or a postgresql:// URL"):
        Desk.open(url)


def test_a_new_desk_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        with Desk.create(tmp_path / "desk.db") as desk:
            desk.run(LOCAL_ADMIN, lambda tx: tx.execute(text("update cursors set event_id = 0")))
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert {"desk.db", "desk.db-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_desk_in_a_folder_that_one_may_not_write_is_read_only(public_folder: Path) -> None:
    path = public_folder / "desk.db"
    with Desk.create(path) as desk:
        path.chmod(0o644)
        public_folder.chmod(0o555)

        def change() -> None:
            with Desk.open(path) as other:
                other.run(LOCAL_ADMIN, lambda tx: tx.execute(text("update cursors set event_id = 1")))

        name, message = as_nobody(change)  # type: ignore[misc]
        assert name == DeskReadOnly.__name__
        assert "must belong to the account that runs the desk" in message
        with desk.reading() as connection:
            assert connection.execute(text("select event_id from cursors")).scalar() == 0
    public_folder.chmod(0o755)


def test_a_desk_that_one_may_not_even_read_says_so(public_folder: Path) -> None:
    path = public_folder / "desk.db"
    Desk.create(path).close()
    path.chmod(0o000)
    name, message = as_nobody(lambda: Desk.open(path).close())  # type: ignore[misc]
    assert (name, "Permission denied" in message) == (DeskReadOnly.__name__, True)


def test_a_desk_cannot_be_made_where_one_may_not_write(public_folder: Path) -> None:
    public_folder.chmod(0o555)
    for path in (public_folder / "desk.db", public_folder / "deep" / "desk.db"):
        name, message = as_nobody(lambda path=path: Desk.create(path).close())  # type: ignore[misc]
        assert (name, str(path) in message) == (DeskReadOnly.__name__, True)
    public_folder.chmod(0o755)
    assert list(public_folder.iterdir()) == []


def test_a_desk_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeskReadOnly):
        Desk.create(tmp_path / "file" / "desk.db")
    with pytest.raises((NoDesk, DeskReadOnly)):
        Desk.open(tmp_path / "file" / "desk.db")


# -- PostgreSQL


def test_a_database_without_a_desk_is_none(postgres: str) -> None:
    with pytest.raises(NotADesk, match="it holds no desk"):
        Desk.open(postgres)


@pytest.mark.parametrize("instead", ["/no_such_database", ":1/desk"])
def test_a_database_that_cannot_be_reached_is_named_without_its_password(postgres: str, instead: str) -> None:
    server, _, _ = postgres.rpartition("/")
    url = f"{server}{instead}" if instead.startswith("/") else "postgresql://desk@127.0.0.1" + instead
    url = url.replace("desk@", "desk:open-sesame@")
    for opening in (Desk.open, Desk.create):
        with pytest.raises(DatabaseAway, match="cannot be reached") as refused:
            opening(url, patience=1)
        assert "open-sesame" not in str(refused.value)


def test_no_refusal_shows_the_password_of_a_database(postgres: str) -> None:
    url = postgres.replace("desk@", "desk:open-sesame@")
    with pytest.raises(NotADesk) as none:
        Desk.open(url)
    Desk.create(url).close()
    with pytest.raises(DeskExists) as exists:
        Desk.create(url)
    assert "open-sesame" not in str(none.value) + str(exists.value)
