"""Verify: every invariant that SEMANTICS states, checked by questions to any desk's database. It reads, and changes nothing.

A rule is one query that returns what breaks it. What holds only when the engine has caught up ("at the cursor") is asked
only then: a desk in the middle of its work is not a broken one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError

from core.invariants import AT_CURSOR, RULES, Rule
from core.routing.choice import decide
from core.routing.loading import load_board, read_line
from data.actor import ENGINE
from data.clock import FAR_FUTURE
from data.schema import blobs
from data.schema.work import ACTIVE_ASSIGNMENT, ACTIVE_WORK
from data.sqlite import SqliteIds
from data.transaction import Tx

MOST_DETAILS = 50
"""How many findings of one rule are told; a broken desk has no need of a million lines."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that breaks a rule."""

    rule: str
    detail: str


def verify(connection: Connection, *, deep: bool = False) -> list[Finding]:
    """Return what is wrong with a desk; nothing is the normal answer.

    Args:
        connection: a read transaction on the desk.
        deep: also read every blob and compare its digest.
    """
    if damage := list(_damage(connection)):
        return damage  # whatever else such a file says is chance
    findings = list(_dangling(connection))
    rules = list(RULES)
    if _at_cursor(connection):
        rules += AT_CURSOR
        findings += _missed_offers(connection)
    for rule in rules:
        findings += _ask(connection, rule)
    if deep:
        findings += _wrong_digests(connection)
    return findings


def _ask(connection: Connection, rule: Rule) -> list[Finding]:
    words = _WORDS[connection.dialect.name]
    sql = rule.sql
    for word, spelling in words.items():
        sql = sql.replace(f"${word}", spelling)
    rows = connection.exec_driver_sql(f"{sql} limit {MOST_DETAILS}")
    return [Finding(rule.name, rule.detail.format(*row)) for row in rows]


_WORDS = {
    "sqlite": {
        "ACTIVE": ACTIVE_ASSIGNMENT,
        "WORK": ACTIVE_WORK,
        "ASSIGNMENT": "cast(json_extract(data, '$.assignment_id') as integer)",
        "MESSAGE": "json_extract(data, '$.message_id')",
        "HOW": "json_extract(data, '$.how')",
        "NEW": "json_extract(data, '$.new')",
        "BEFORE": "c.id < j.id",
        "PLACE": "id",
    },
    "postgresql": {
        "ACTIVE": ACTIVE_ASSIGNMENT,
        "WORK": ACTIVE_WORK,
        "ASSIGNMENT": "cast(cast(data as json) ->> 'assignment_id' as bigint)",
        "MESSAGE": "cast(cast(data as json) ->> 'message_id' as bigint)",
        "HOW": "(cast(data as json) ->> 'how')",
        "NEW": "(cast(data as json) ->> 'new')",
        "BEFORE": "(c.xid, c.id) < (j.xid, j.id)",
        "PLACE": "(xid, id)",
    },
}
"""What the two databases spell differently; `$BEFORE`: the journal row c comes before j."""


# -- what no single query says


def _damage(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name != "sqlite":
        return
    try:
        lines = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_DETAILS})").scalars().all()
    except DatabaseError as error:
        lines = [str(error.orig)]  # too damaged to be looked through
    yield from (Finding("file", str(line)) for line in lines if line != "ok")


def _dangling(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name != "sqlite":
        return
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MOST_DETAILS):
        yield Finding("foreign keys", f"row {row} of {table} names a row of {parent} that does not exist")


def _at_cursor(connection: Connection) -> bool:
    after = "j.id > c.event_id"
    if connection.dialect.name == "postgresql":
        after = "(j.xid, j.id) > (cast(cast(c.xid as text) as xid8), c.event_id)"
    unhandled = f"select 1 from journal j, cursors c where c.name = 'engine' and j.settled = 0 and {after} limit 1"  # noqa: S608
    return connection.exec_driver_sql(unhandled).first() is None


def _missed_offers(connection: Connection) -> Iterator[Finding]:
    """Ask the router itself, on a board that nobody else sees: at the cursor there is nothing left for it to decide."""
    tx = Tx(connection, SqliteIds(), ENGINE, FAR_FUTURE)  # allocates nothing: looking needs no ids
    board = load_board(tx)
    decisions = decide(board, read_line(tx, board), tx.now)
    for choice in decisions.offers[:MOST_DETAILS]:
        name = board.seats[choice.agent_id].name
        yield Finding("nobody waits in vain", f"work item {choice.work.work_id} waits, though {name} could be asked")
    for work in decisions.exhausted[:MOST_DETAILS]:
        yield Finding("rounds", f"everybody was asked for work item {work.work_id}, and no next round is planned")


def _wrong_digests(connection: Connection) -> Iterator[Finding]:
    rows = connection.execution_options(yield_per=20).execute(select(blobs.c.digest, blobs.c.content))
    for digest, content in rows:
        if hashlib.sha256(content).hexdigest() != digest:
            yield Finding("blobs", f"the content of blob {digest} has another digest")
