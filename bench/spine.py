"""What the spine costs beside the same rows in raw `sqlite3`: a batch of a hundred offers and acceptances, and one action alone."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import select

from bench.table import Row, compare
from core.actions import cases as case_actions
from core.config.document import PresenceConfiguration
from core.engine.turn import take_turn
from core.routing import work
from core.routing.held import held_by
from data.actor import ENGINE, LOCAL_ADMIN
from data.clock import system_clock
from data.desk import Desk
from data.schema import agents
from data.sqlite import PRAGMAS
from tests.builders import ManualClock, Story, document

BATCH = 100
AGENTS = 10


class _Batches:
    """A desk on which each round gives a hundred waiting items to ten agents who accept automatically."""

    def __init__(self, folder: Path) -> None:
        names = [f"agent{i}" for i in range(AGENTS)]
        configuration = PresenceConfiguration(capacity=BATCH // AGENTS, auto_accept=True)  # type: ignore[arg-type]
        self.story = Story(folder / "batches.db", document(agents=names, presence_configuration=configuration))
        self.story.present(*names)
        self.desk = self.story.desk

    def round(self) -> float:
        """Return work items a second through offer and acceptance, durable."""
        for i in range(BATCH):
            self.desk.run(LOCAL_ADMIN, case_actions.open_new, f"Case {i}")
        self.desk.run(ENGINE, _route_only)
        began = time.perf_counter()
        while self.desk.run(ENGINE, take_turn, self.desk.storage, self.story.fence).more:
            pass
        took = time.perf_counter() - began
        self.desk.run(ENGINE, _close_all)
        self.story.settle()
        return BATCH / took


def _route_only(tx) -> None:  # type: ignore[no-untyped-def]
    """Put the new cases in line without a look at the line, so that the round measures offers and acceptances."""
    from core.engine import reactors

    entries = [e for e in _unread(tx) if e.kind == "case.opened"]
    reactors.route_arrivals(tx, entries)
    last = max(e.id for e in _unread(tx))
    tx.connection.exec_driver_sql("update cursors set event_id = ? where name = 'engine'", (last,))


def _unread(tx):  # type: ignore[no-untyped-def]
    from data.journal import Position
    from data.sqlite import SqliteStorage

    position = tx.connection.exec_driver_sql("select event_id from cursors where name = 'engine'").scalar_one()
    return SqliteStorage.after(None, tx.connection, Position(0, position), 10_000, unsettled=True)  # type: ignore[arg-type]


def _close_all(tx) -> None:  # type: ignore[no-untyped-def]
    for row in tx.all(select(agents.c.id)):
        for held in held_by(tx, row.id):
            work.close(tx, held)


class _Raw:
    """The rows of a round, by hand: the same tables, the same statements, one `executemany` each."""

    def __init__(self, story: Story, path: Path) -> None:
        source = sqlite3.connect(story.desk.storage.path)
        target = sqlite3.connect(path)
        source.backup(target)
        source.close()
        target.close()
        self.db = sqlite3.connect(path, isolation_level=None)
        for pragma in PRAGMAS:
            self.db.execute(f"pragma {pragma}")

    def round(self) -> float:
        """Return work items a second."""
        db = self.db
        case_id = db.execute("select coalesce(max(id), 0) from cases").fetchone()[0] + 1
        now = system_clock()
        db.execute("begin immediate")
        db.executemany(
            "insert into cases (id, subject, channel_id, opened_at, updated_at) values (?, 'Case', 1, ?, ?)",
            [(case_id + i, now, now) for i in range(BATCH)],
        )
        db.executemany(
            "insert into work_items (id, kind, subject_id, case_id, channel_id, queue_id, state, priority, accept_by,"
            " requested_at, weight, created_at) values (?, 'case', ?, ?, 1, 1, 'waiting', 5, 0, ?, 1000, ?)",
            [(case_id + i, case_id + i, case_id + i, now, now) for i in range(BATCH)],
        )
        db.execute("update queue_loads set waiting = waiting + ?", (BATCH,))
        db.execute("commit")
        began = time.perf_counter()
        self._offer_and_accept(case_id, now)
        took = time.perf_counter() - began
        db.execute("begin immediate")
        db.execute("update assignments set state = 'closed' where state = 'accepted'")
        db.execute("update work_items set state = 'closed' where state = 'accepted'")
        db.execute("update agent_loads set used = 0, open_items = 0")
        db.execute("update queue_loads set accepted = 0")
        db.execute("commit")
        return BATCH / took

    def _offer_and_accept(self, first: int, now: int) -> None:
        db, ids = self.db, range(first, first + BATCH)
        db.execute("begin immediate")
        db.execute("select fence from engine_lease").fetchone()
        db.execute("select xid, event_id from cursors where name = 'engine'").fetchone()
        db.execute("select * from agents a join agent_loads l on l.agent_id = a.id").fetchall()
        line = db.execute(
            "select priority, secondary, accept_by, requested_at, id, case_id, weight, round from work_items "
            "where state = 'waiting' order by priority, secondary, accept_by, requested_at, id limit ?",
            (BATCH,),
        ).fetchall()
        assert len(line) == BATCH
        last = db.execute("select max(id) from assignments").fetchone()[0] or 0
        event = db.execute("select max(id) from journal").fetchone()[0] + 1
        taken = db.executemany(
            "update agent_loads set used = used + ?, open_items = open_items + ?, last_assigned_at = ?, load_since = ?"
            " where agent_id = ? and used + ? <= capacity",
            [(10_000, 10, now, now, agent, 10_000) for agent in range(1, AGENTS + 1)],
        )
        assert taken.rowcount == AGENTS
        db.executemany(
            "update work_items set state = 'offered' where id = ? and state = 'waiting'", [(i,) for i in ids]
        )
        db.executemany(
            "insert into assignments (id, work_id, agent_id, queue_id, state, weight, round, offered_at, choice)"
            " values (?, ?, ?, 1, 'offered', 1000, 1, ?, '{\"eligible\":10}')",
            [(last + 1 + n, i, n % AGENTS + 1, now) for n, i in enumerate(ids)],
        )
        db.executemany(
            "update assignments set state = 'accepted', accepted_at = ? where id = ? and state = 'offered'",
            [(now, last + 1 + n) for n in range(BATCH)],
        )
        db.executemany(
            "update work_items set state = 'accepted' where id = ? and state = 'offered'", [(i,) for i in ids]
        )
        db.executemany(
            "update cases set owner_id = ?, status = 'open', updated_at = ? where id = ?",
            [(n % AGENTS + 1, now, i) for n, i in enumerate(ids)],
        )
        db.execute("update queue_loads set waiting = waiting - ?, accepted = accepted + ?", (BATCH, BATCH))
        db.executemany(
            "insert into journal (id, at, kind, actor_kind, actor_id, actor_name, subject_kind, subject_id, case_id,"
            " work_id, agent_id, queue_id, cause_id, chain_id, depth, settled, data)"
            " values (?, ?, ?, 'engine', null, 'engine', 'work', ?, ?, ?, ?, 1, ?, ?, 1, 1, '{\"assignment_id\":1}')",
            [
                (event + n * 4 + k, now, kind, i, i, i, n % AGENTS + 1, event, event)
                for n, i in enumerate(ids)
                for k, kind in enumerate(("work.offered", "work.accepted", "case.assigned", "case.status_changed"))
            ],
        )
        db.execute("update cursors set event_id = ? where name = 'engine'", (event,))
        db.execute("update engine_lease set turned_at = ?, expires_at = ?", (now, now))
        db.execute("commit")


def batches(folder: Path, rounds: int) -> Row:
    """Durable work items through offer and acceptance in batches of a hundred."""
    ours = _Batches(folder)
    raw = _Raw(ours.story, folder / "raw.db")
    return compare(
        "work items through offer and accept, 100 a batch, FULL",
        ours.round,
        raw.round,
        rounds=rounds,
        unit="items/s",
        at_least=0.25,
        peer_name="the same rows in raw sqlite3",
    )


def one_action(folder: Path, rounds: int) -> Row:
    """One small action beside the same statements in one raw transaction."""
    desk = Desk.create(folder / "one.db")
    desk.close()
    story = Story(folder / "action.db", clock=ManualClock(system_clock()))
    number = story.customer_writes()
    path = folder / "one-raw.db"
    raw = _Raw(story, path).db
    count = 200

    def ours() -> float:
        began = time.perf_counter()
        for i in range(count):
            story.desk.run(LOCAL_ADMIN, case_actions.note, number, f"note {i}")
        return (time.perf_counter() - began) / count * 1e6

    def theirs() -> float:
        began = time.perf_counter()
        for i in range(count):
            now = system_clock()
            raw.execute("begin immediate")
            raw.execute("select * from cases where id = ?", (number,)).fetchone()
            message = raw.execute("select max(id) + 1 from messages").fetchone()[0]
            raw.execute(
                "insert into messages (id, case_id, direction, channel_id, at, text, reply_text) values (?, ?, 'note', 1, ?, ?, ?)",
                (message, number, now, f"note {i}", f"note {i}"),
            )
            raw.execute("update cases set updated_at = ? where id = ?", (now, number))
            event = raw.execute("select max(id) + 1 from journal").fetchone()[0]
            raw.execute(
                "insert into journal (id, at, kind, actor_kind, actor_name, subject_kind, subject_id, case_id, chain_id, data)"
                " values (?, ?, 'message.noted', 'admin', 'admin', 'case', ?, ?, ?, '{\"message_id\":1}')",
                (event, now, number, number, event),
            )
            raw.execute("commit")
        return (time.perf_counter() - began) / count * 1e6

    return compare(
        "one action (a note), FULL",
        ours,
        theirs,
        rounds=rounds,
        unit="us",
        at_most=6,
        peer_name="the same statements in one raw transaction",
    )
