"""The demo in a terminal: the newcomer's console over a company that goes on by itself in another process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from console.demo.coach import Coach, supervisor_command
from console.demo.company import NEWCOMER, SUPERVISOR
from console.i18n import _
from console.render import clean_lines, say

PACE_S = 30.0
_PATIENCE_S = 25
_SHOWN_OF_LOG = 2000


def play(
    folder: Path,
    *,
    temporary: bool,
    tour: bool = False,
    seed: int | None = None,
    pace_s: float | None = None,
    options: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> int:
    """Open the newcomer's console on a new company in a folder, and take everything down when it is closed.

    Args:
        temporary: whether the folder is removed at the end.
        tour: whether a coach leads through the first steps.
        seed: what the play is made from; the same seed makes the same decisions.
        pace_s: seconds between two new mails, on the average.
        options: how the console looks, as `console.launch.built` takes it.
    """
    from console import launch
    from console.demo.stage import LOG, check_installed, new_desk, removed
    from console.keys import WORK

    check_installed()
    company = _company(folder, temporary=temporary, tour=tour, seed=seed, pace_s=pace_s)
    path = str(folder / "desk.db")
    command = supervisor_command(path, SUPERVISOR)
    try:
        new_desk(folder / "desk.db").close()
        _tell(company)

        def trouble() -> str:
            if company.poll() is None:
                return ""
            return _("The company has stopped; why stands in {log}").format(log=folder / LOG)

        app = launch.built(WORK, path, NEWCOMER, options or {}, {**environ, "XDG_STATE_HOME": str(folder)})
        app.engine = None  # the company has its own
        app.coach = _coach(command, trouble, tour=tour)
        say("", _("The supervisor's view, in a second terminal: {command}").format(command=command))
        return launch.opened(app, mouse=not (options or {}).get("no-mouse"))
    finally:
        failed = company.poll() is not None
        _end(company)
        if failed:
            say("", clean_lines((folder / LOG).read_text(errors="replace")[-_SHOWN_OF_LOG:]))
        if temporary:
            removed(folder)


def _coach(command: str, trouble: Any, *, tour: bool) -> Coach:
    if tour:
        from console.demo.tour import Tour

        return Tour(command, trouble)
    return Coach(command, trouble)


def _company(
    folder: Path, *, temporary: bool, tour: bool, seed: int | None, pace_s: float | None
) -> subprocess.Popen[bytes]:
    """Start the company; it waits until it is told that the desk is there, and ends with this process."""
    words = ["--seed", str(int.from_bytes(os.urandom(4)) if seed is None else seed)]
    words += ["--pace", str(PACE_S if pace_s is None else pace_s)]
    words += ["--lively"] if tour else []
    words += ["--temporary"] if temporary else []
    with (folder / "demo.log").open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "console.demo.backstage", str(folder), *words],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # the terminal's signals are for the console, which ends the company itself
        )


def _tell(company: subprocess.Popen[bytes]) -> None:
    assert company.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        company.stdin.write(b"\n")
        company.stdin.flush()


def _end(company: subprocess.Popen[bytes]) -> None:
    assert company.stdin is not None
    with contextlib.suppress(OSError):
        company.stdin.close()
    try:
        company.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        company.kill()
        company.wait()
