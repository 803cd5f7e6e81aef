"""Dies at every statement: a piece of work is done by a forked child that ends at its n-th step, for every n until it finishes.

A step is each statement that reaches the driver (BEGIN, savepoints and the ends of them too), the moment before each COMMIT
and the moment after it. The child ends with `os._exit`, as a killed process does: no rollback, no goodbye. The parent, which has
no desk open while it forks, then opens the file as whoever comes next would.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event

from core.config.document import Document
from core.verify import verify
from data.desk import Desk
from tests.builders import NOON, ManualClock, Story

KILLED = 77
TAKE_OVER_S = 11
"""How much later whoever comes next looks at the desk: a dead engine's lease has run out then."""

Tick = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work and the one who repeats it.

    `prepare` makes the desk before it; `act` is the work, told of a tick for steps of its own that are no statements; `again` is
    what the real system does after a death, and must also be harmless when nothing died; `look` returns the outcome to compare.
    """

    prepare: Callable[[Story], None]
    act: Callable[[Desk, Tick], None]
    again: Callable[[Desk], None]
    look: Callable[[Desk], Any]
    wanted: Document | None = None


@dataclass
class Deaths:
    """What happened over all n."""

    outcome: Any
    steps: int = 0
    before_commit: int = 0
    """After how many deaths the work had not happened, as far as its outcome says."""
    last_child: Path | None = field(default=None, repr=False)


@contextlib.contextmanager
def in_memory() -> Iterator[Path]:
    """A folder whose files need no disk, where the machine has such a thing."""
    shared = Path("/dev/shm")
    root = Path(tempfile.mkdtemp(prefix="desk-", dir=shared if os.access(shared, os.W_OK) else None))
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def die_everywhere(piece: Piece, most: int = 2000) -> Deaths:
    """Do the work once undisturbed, then with a death at every step, and compare what came of it each time.

    Raises:
        AssertionError: verify had something to say, or the outcome differs; it names the step.
    """
    with in_memory() as root:
        template = root / "template.db"
        with contextlib.closing(Story(template, piece.wanted).desk) as desk:
            story = _told_again(desk)
            piece.prepare(story)
            moment = story.clock.now
        outcome, untouched = _undisturbed(piece, template, root, moment)
        deaths = Deaths(outcome)
        for n in range(1, most):
            path = root / f"{n}.db"
            shutil.copyfile(template, path)
            log = root / f"{n}.log"
            if _child(lambda path=path, n=n: _die(piece, path, moment, n), log, n):  # type: ignore[misc]
                deaths.steps = n - 1
                assert deaths.steps, "the work never reached the driver"
                return deaths
            with _opened(path, moment + TAKE_OVER_S * 1_000_000) as desk:
                _must_be_clean(desk, f"after the death at step {n}")
                deaths.before_commit += piece.look(desk) == untouched
                piece.again(desk)
                _must_be_clean(desk, f"after the repetition that followed the death at step {n}")
                found = piece.look(desk)
                assert found == outcome, f"after the death at step {n}:\n{difference(found, outcome)}"
            for leftover in root.glob(f"{n}.db*"):
                leftover.unlink()
        raise AssertionError(f"the work has not ended after {most} steps")


def _told_again(desk: Desk) -> Story:
    story = Story.__new__(Story)
    assert isinstance(desk.clock, ManualClock)
    story.clock, story.desk, story.fence = desk.clock, desk, 0
    return story


@contextlib.contextmanager
def _opened(path: Path, moment: int) -> Iterator[Desk]:
    with contextlib.closing(Desk.open(path, clock=ManualClock(max(moment, NOON)), name="a test")) as desk:
        yield desk


def _undisturbed(piece: Piece, template: Path, root: Path, moment: int) -> tuple[Any, Any]:
    path = root / "undisturbed.db"
    shutil.copyfile(template, path)
    with _opened(path, moment) as desk:
        untouched = piece.look(desk)
        piece.act(desk, lambda: None)
        _must_be_clean(desk, "undisturbed")
    with _opened(path, moment + TAKE_OVER_S * 1_000_000) as desk:
        piece.again(desk)
        _must_be_clean(desk, "after a repetition that nobody needed")
        outcome = piece.look(desk)
    assert outcome != untouched, "the work changes nothing that can be looked at"
    return outcome, untouched


def _child(work: Callable[[], None], log: Path, n: int) -> bool:
    """Fork, work, and say whether the work ended by itself."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            with log.open("w") as file:
                traceback.print_exc(file=file)
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, KILLED), f"the child failed at step {n}:\n{log.read_text() if log.exists() else code}"
    return code == 0


def _die(piece: Piece, path: Path, moment: int, n: int) -> None:
    left = n

    def tick() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(KILLED)

    with _opened(path, moment) as desk:
        _count(desk, tick)
        piece.act(desk, tick)
        os._exit(0)  # without closing: a process that ends need not be tidy either


def _count(desk: Desk, tick: Tick) -> None:
    """Tick at each statement of the desk, and before and after each commit."""
    for engine in (desk._writer, desk._reader):
        event.listen(engine, "before_cursor_execute", lambda *_: tick())
        commit = engine.dialect.do_commit

        def do_commit(connection: Any, commit: Callable[[Any], None] = commit) -> None:
            tick()
            commit(connection)
            tick()

        engine.dialect.do_commit = do_commit  # type: ignore[method-assign, assignment]


def _must_be_clean(desk: Desk, when: str) -> None:
    with desk.reading() as connection:
        found = verify(connection, deep=True)
    assert found == [], f"{when}: {found}"


# -- looking


def rows(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    """Return what a query finds, as plain tuples."""
    with desk.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def everything(desk: Desk) -> dict[str, Counter[tuple[Any, ...]]]:
    """Return all that must come out the same however often somebody died on the way: all but ids and moments."""
    return {what: Counter(rows(desk, sql)) for what, sql in _LOOKS.items()}


_LOOKS = {
    "journal": "select kind, actor_kind, case_id, work_id, agent_id, queue_id from journal",
    "cases": "select id, status, owner_id, queue_id, contact_id, subject, continues_case_id from cases",
    "messages": "select case_id, direction, mail_id, subject, delivery, auto, bounce from messages",
    "attachments": "select message_id, name, size, digest from attachments",
    "blobs": "select digest, size from blobs",
    "receipts": "select mailbox_id, uidvalidity, uid, state, mail_id, digest, message_id from mail_receipts",
    "mailboxes": "select mailbox_id, uidvalidity, next_uid from mailbox_states",
    "threads": "select mail_id, case_id from mail_threads",
    "contacts": "select name, account_id from contacts",
    "work": "select case_id, queue_id, state, round, weight, priority from work_items",
    "assignments": "select work_id, agent_id, state, weight, round from assignments",
    "exclusions": "select work_id, agent_id, round, why from offer_exclusions",
    "agent loads": "select agent_id, used, open_items, interval_id is null, capacity from agent_loads",
    "queue loads": "select queue_id, waiting, offered, accepted from queue_loads",
    "intervals": "select agent_id, status_id, ended_at is null from presence_intervals",
    "timers": "select kind, subject_kind, subject_id from timers",
    "outbox": "select delivery_key, message_id, state from outbox",
    "agents": "select name, active, role from agents",
    "queues": "select name, active from queues",
    "members": "select queue_id, agent_id from queue_members",
    "settings": "select name, value from desk_settings where name <> 'reply_key'",
}


def difference(found: Any, wanted: Any) -> str:
    """Say what is too much and what is missing."""
    if not isinstance(found, dict) or not isinstance(wanted, dict):
        return f"{found!r} instead of {wanted!r}"
    lines = []
    for name in wanted:
        if found[name] != wanted[name]:
            lines.append(
                f"{name}: too much {dict(found[name] - wanted[name])}, missing {dict(wanted[name] - found[name])}"
            )
    return "\n".join(lines)
