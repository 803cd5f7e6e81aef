"""What is logged or kept of a defect: clean on the terminal, and without passwords in a file."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from console import logs
from console.commands import tree
from data.desk import Desk
from data.errors import WrongUsage
from data.postgres import PostgresStorage

HOSTILE = "NO \x1b]0;owned\x07 \x1b[2J \u202etxt\x9b"


def record(message: str, error: Exception | None = None) -> logging.LogRecord:
    found = None
    if error is not None:
        try:
            raise error
        except type(error):
            found = sys.exc_info()
    return logging.LogRecord("deskline.mail", logging.WARNING, "x.py", 1, "%s", (message,), found)


def test_a_server_cannot_steer_the_terminal_by_what_is_logged() -> None:
    line = logs.CleanFormatter("%(levelname)s %(message)s").format(record(HOSTILE))
    assert line == "WARNING NO \ufffd]0;owned\ufffd \ufffd[2J \ufffdtxt\ufffd"


def test_a_server_cannot_forge_a_line_of_the_log() -> None:
    line = logs.CleanFormatter("%(message)s").format(record("NO\r\n2026-01-01 INFO all is well"))
    assert "\n" not in line
    assert "\r" not in line


def test_the_text_of_a_mail_in_a_traceback_is_cleaned_too() -> None:
    told = logs.CleanFormatter("%(message)s").format(record("failed", ValueError(HOSTILE)))
    assert "Traceback" in told
    assert told.count("\n") > 2
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(told)


def test_what_a_command_without_a_log_warns_of_is_clean(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert logging.lastResort is not None
    monkeypatch.setattr(logging.lastResort, "formatter", None)
    logs.guard()
    logging.lastResort.handle(record(HOSTILE))
    assert capsys.readouterr().err == "NO \ufffd]0;owned\ufffd \ufffd[2J \ufffdtxt\ufffd\n"


URL = "postgresql://lena:p:w@/d'x@db.example:5432/desk"


def test_a_defect_is_kept_without_the_password_of_the_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def no_folder(**_: object) -> str:
        raise AssertionError("the usual folder was there")

    monkeypatch.setattr(tempfile, "mkdtemp", no_folder)
    tree.defect(ValueError(f"cannot read {URL}"), ["case", "list", f"--desk={URL}"])
    (path,) = tmp_path.rglob("*.log")
    kept = path.read_text()
    assert "p:w" not in kept
    assert "/d'x" not in kept
    assert kept.count("postgresql://lena:***@db.example:5432/desk") == 2


def test_a_password_in_the_options_of_a_url_is_hidden_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    url = "postgresql://db.example/desk?user=lena&password=s3cret&sslmode=require"

    told = tree.defect(ValueError(f"cannot read {url}"), ["case", "list", f"--desk={url}"])

    kept = next(tmp_path.rglob("deskline-ValueError.log")).read_text()
    assert "s3cret" not in kept + told
    assert "s3cret" not in PostgresStorage(make_url(url), 1, "a test").shown


def test_a_defect_is_kept_in_a_temporary_folder_where_there_is_no_usual_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    told = tree.defect(ValueError("x"), ["case"])
    assert Path(told.split()[-1]).is_relative_to(next(tmp_path.glob("deskline-*")))


@pytest.mark.parametrize("url", ["postgresql://lena:secret@db:port/desk", "://secret"])
def test_a_url_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        Desk.open(url)
    assert "sec" not in str(refused.value)


def test_what_an_interrupt_led_to_is_an_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise OSError("the connection is closed") from None

    monkeypatch.setattr(tree, "root", stopped)
    assert tree.run(["case", "list"]) == 130
    assert capsys.readouterr().err == ""
