"""Desks of any size, made in seconds: the first cases by the actions, all others as rows like those that the actions leave."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.terminal import deskline
from core.actions import cases
from core.config.document import PresenceConfiguration
from core.engine import lease
from data.actor import ENGINE, LOCAL_ADMIN
from data.desk import Desk
from tests.builders import ManualClock, Story, document

AGENT = "maya"
OWN_CASES = 45
SHORT, LONG = 20, 500
"""How many messages the two cases have that are opened for the time that it takes."""


def desk_of(path: Path, count: int) -> None:
    """Make a desk of `count` cases: the last 45 are open at one agent, all others are set aside."""
    wanted = document(presence_configuration=PresenceConfiguration(capacity=OWN_CASES, auto_accept=True))  # type: ignore[arg-type]
    day = 86_400_000_000
    story = Story(path, wanted, ManualClock(time.time_ns() // 1000 - day))
    first = story.customer_writes("The first case", "a0@example.test")
    story.act("admin", cases.hold, first, seconds=90 * 86_400, reason="the parts are on their way")
    _fill(path, 2, count - OWN_CASES)
    story.present(AGENT)
    for i in range(OWN_CASES):
        story.customer_writes(f"Own case {i}", f"own{i}@example.test")
    hand_over(story)


def two_cases(path: Path) -> tuple[str, str]:
    """Make a desk on which one agent has a case of twenty messages and one of five hundred; return the last words of each."""
    wanted = document(presence_configuration=PresenceConfiguration(capacity=5, auto_accept=True))  # type: ignore[arg-type]
    story = Story(path, wanted, ManualClock(time.time_ns() // 1000 - 7_200_000_000))
    story.present(AGENT)
    for length in (SHORT, LONG):
        number = story.customer_writes(f"A case of {length}")
        for i in range(2, length):
            story.desk.run(
                LOCAL_ADMIN, cases.note, number, f"Remark {i}.\n\nIt has a second paragraph, of some more words."
            )
        story.desk.run(LOCAL_ADMIN, cases.note, number, f"Lastword{length}")
    hand_over(story)
    return f"Lastword{SHORT}", f"Lastword{LONG}"


def hand_over(story: Story) -> None:
    """Give the lease back and close the desk: a real engine acts from here on."""
    story.settle()
    story.desk.run(ENGINE, lease.give_up, story.fence)
    story.desk.close()


def _fill(path: Path, first: int, last: int) -> None:
    """Write cases with one message each straight into the tables."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("begin immediate")
    copied = {
        "contacts": {"id": "i", "name": "'Customer ' || i"},
        "contact_points": {
            "id": "i",
            "contact_id": "i",
            "value": "'a' || i || '@example.test'",
            "folded": "'a' || i || '@example.test'",
        },
        "cases": {
            "id": "i",
            "subject": "'Case ' || i",
            "contact_id": "i",
            "opened_at": "opened_at + i",
            "updated_at": "updated_at + i",
        },
        "case_participants": {"case_id": "i", "contact_id": "i"},
        "messages": {
            "id": "i",
            "case_id": "i",
            "contact_id": "i",
            "at": "at + i",
            "reply_to": "'a' || i || '@example.test'",
        },
        "timers": {"id": "i", "subject_id": "i", "cause_id": "null", "chain_id": "null"},
    }
    for table, values in copied.items():
        _copy(db, table, values, first, last)
    for entry in db.execute("select id from journal where case_id = 1 and work_id is null order by id").fetchall():
        _copy_entry(db, entry[0], first, last)
    db.execute("update cursors set event_id = (select max(id) from journal)")
    db.execute("commit")
    db.execute("pragma wal_checkpoint(truncate)")
    db.close()


def _copy(db: sqlite3.Connection, table: str, changed: Mapping[str, str], first: int, last: int) -> None:
    """Multiply the one row of a table."""
    key = "case_id" if table == "case_participants" else "id"
    columns = [row[1] for row in db.execute(f"pragma table_info({table})")]
    values = ", ".join(changed.get(column, column) for column in columns)
    db.execute(
        _numbers(first, last)
        + f" insert into {table} ({', '.join(columns)}) select {values} from n, {table} where {table}.{key} = 1"
    )


def _copy_entry(db: sqlite3.Connection, entry: int, first: int, last: int) -> None:
    columns = [row[1] for row in db.execute("pragma table_info(journal)")]
    end = db.execute("select max(id) from journal").fetchone()[0]
    own = f"{end} + i - {first} + 1"
    changed = {
        "id": own,
        "case_id": "i",
        "subject_id": "case when subject_kind in ('case', 'message', 'contact') then i else subject_id end",
        "chain_id": own,
        "cause_id": "null",
        "depth": "0",
        "settled": "1",
        "at": "at + i",
    }
    values = ", ".join(changed.get(column, column) for column in columns)
    db.execute(
        _numbers(first, last)
        + f" insert into journal ({', '.join(columns)}) select {values} from n, journal where journal.id = {entry}"
    )


def _numbers(first: int, last: int) -> str:
    return f"with recursive n(i) as (select {first} where {first} <= {last} union all select i + 1 from n where i < {last})"


@contextlib.contextmanager
def engine(path: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Let a real engine act for a desk."""
    process = subprocess.Popen(
        deskline("engine", "run", "--desk", str(path)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(environ),
    )
    try:
        with Desk.open(path, name="a bench") as desk:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                with desk.reading() as connection:
                    if connection.exec_driver_sql("select expires_at from engine_lease").scalar_one() > desk.clock():
                        break
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(10)
