"""How the command line is driven: as a program where bytes and exit codes are the contract, in this process otherwise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from core.actions import cases
from tests.builders import ManualClock, Story, document

HOSTILE = "Rechnung \x1b[31mrot\x1b]0;owned\x07 \u202egnp.exe \x9b2J [@click=app.quit] \x00=1+1"


class Ran(NamedTuple):
    code: int
    out: str
    err: str


def program(*argv: str, desk: Path | str | None = None, stdin: str | bytes = b"", **env: str) -> Ran:
    """Run the real program."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("DESKLINE_", "LC_", "LANG"))}
    variables |= {"LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[2])} | env
    if desk is not None:
        variables["DESKLINE_DESK"] = str(desk)
    done = subprocess.run(
        [sys.executable, "-m", "console.main", *argv],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env=variables,
        timeout=60,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def busy_desk(path: Path) -> Story:
    """A desk in the middle of a day: work that waits, is offered, accepted, declined, answered, held and done."""
    clock = ManualClock()
    story = Story(path, document(queues={"tier-1": ("maya", "tom"), "billing": ("ida",)}, supervisors=("sam",)), clock)
    first = story.customer_writes()
    story.customer_writes(HOSTILE, "evil@example.org")
    story.present("maya", "tom")
    clock.advance(20)
    holder = story.offered_to(first)
    assert holder is not None
    story.accept(holder, first)
    story.act(holder, cases.reply, first, "Press reset.\nThen wait.")
    story.act(holder, cases.note, first, "Warranty ends in May.")
    second = story.offered_to(2)
    assert second is not None
    story.decline(second, 2, "in a meeting")
    for n in range(6):
        story.customer_writes(f"Panel {n} is warm", f"c{n}@example.org")
    story.act("admin", cases.assign, 4, queue="billing")
    story.act("admin", cases.hold, 5, seconds=86_400, reason="=SUM(A1) waits for parts")
    story.act("admin", cases.resolve, 6)
    story.act("sam", cases.close, 7)
    return story
