"""What a supervisor is told is what happened: trends against counted lines, reasons against the router, costs against the desk's size."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from console import supervising
from console.commands.work import explained
from console.reads_supervise import Board, QueueRow, board
from console.reads_trend import HOUR_US, STEP_US, STEPS, Past, Trend, first_since, today, trend
from console.widgets import agent_table, queue_table, today_chart
from core.actions import cases, presence
from core.config.document import PresenceConfiguration
from data import supervise_queries
from data.actor import LOCAL_ADMIN
from data.queries import Query, fetch_over
from tests.builders import ManualClock, Story, document

if TYPE_CHECKING:
    from data.queries import Fetch

QUEUES = {"tier-1": ("maya", "tom"), "billing": ("ida",)}


@contextmanager
def fetching(story: Story) -> Iterator[Fetch]:
    with story.desk.reading() as connection:
        yield fetch_over(connection)


def look(story: Story, queue: int | None = None) -> Board:
    with fetching(story) as fetch:
        return board(fetch, queue)


def trend_of(story: Story) -> Trend:
    with fetching(story) as fetch:
        return trend(fetch, story.clock.now, {row.id: row.waiting for row in board(fetch).queues})


def lively(story: Story, steps: int, seed: int = 7) -> list[dict[int, int]]:
    """Let a desk live in steps of five minutes; return how many waited in each queue at the end of each."""
    rnd = random.Random(seed)
    seen = []
    began = story.clock.now
    for step in range(steps):
        for _ in range(rnd.randrange(4)):
            number = story.customer_writes("Panel is warm", f"c{story.clock.now}@example.org")
            if rnd.random() < 0.5:
                story.act("admin", cases.assign, number, queue="billing")
        for case, agent in story.all(
            "select w.case_id, a.name from assignments s join work_items w on w.id = s.work_id "
            "join agents a on a.id = s.agent_id where s.state = 'offered' order by s.id"
        ):
            chance = rnd.random()
            if story.offered_to(case) != agent:
                continue
            if chance < 0.4:
                story.accept(agent, case)
            elif chance < 0.6:
                story.decline(agent, case)
            elif chance < 0.7:
                story.act("admin", cases.resolve, case)
        waiting = [case for (case,) in story.all("select case_id from work_items where state = 'waiting' order by id")]
        if waiting and rnd.random() < 0.5:
            story.act("admin", cases.assign, waiting[0], agent="maya")
        if rnd.random() < 0.4:
            story.present(rnd.choice(("maya", "tom", "ida")), status=rnd.choice(("available", "away")))
        story.wait((began + (step + 1) * STEP_US - story.clock.now) / 1e6 - 1)
        seen.append(dict(story.all("select queue_id, waiting from queue_loads")))
        story.clock.now = began + (step + 1) * STEP_US
    return seen


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Story]:
    story = Story(tmp_path / "desk.db", document(queues=QUEUES, supervisors=("sam",)))
    yield story
    story.desk.close()


def test_the_trend_is_what_was_counted_at_the_time(quiet: Story) -> None:
    quiet.present("maya", "tom", "ida")
    quiet.wait(600)
    seen = lively(quiet, STEPS + 10)[-STEPS:]
    found = trend_of(quiet)
    for queue in (1, 2):
        assert list(found.queues[queue].waited) == [each.get(queue, 0) for each in seen]
    assert max(found.queues[1].waited) > 2, "a desk on which nothing waits proves nothing"
    accepted = quiet.one(
        "select count(*) from journal where kind = 'work.accepted' and at >= ?", quiet.clock.now - STEPS * STEP_US
    )
    assert sum(each.accepted for each in found.queues.values()) == accepted > 5


def test_the_first_entry_of_a_window_is_found(quiet: Story) -> None:
    lively(quiet, 30)
    rows = quiet.all("select id, at from journal order by id")
    with fetching(quiet) as fetch:
        for since in (0, rows[len(rows) // 2][1], rows[len(rows) // 2][1] + 1, rows[-1][1]):
            first = first_since(fetch, since)
            missed = [row for row in rows if row[1] >= since and first is not None and row[0] < first]
            assert first is not None
            assert not missed
            assert first >= min(row[0] for row in rows if row[1] >= since) - 64
        assert first_since(fetch, rows[-1][1] + 1) is None


def test_why_an_item_waits_is_what_the_router_says(tmp_path: Path) -> None:
    """In a desk that lives, each waiting item's reason in a word agrees with the router's account of every member."""
    small = PresenceConfiguration(capacity=Decimal(2))
    story = Story(tmp_path / "desk.db", document(queues=QUEUES, presence_configuration=small))
    story.present("maya", "tom")
    reasons = set()
    for seed in range(6):
        lively(story, 4, seed)
        if seed == 4:
            story.act("maya", presence.connect, "maya", "here:1")
            story.act("maya", presence.disconnect, "maya", "here:1")
        for row in look(story).line:
            if row.why == "offered":
                assert story.offered_to(row.case) is not None
                continue
            reasons.add(row.why)
            account = story.desk.run(LOCAL_ADMIN, explained, row.work)
            obstacles = {why for _agent, why in account.left_out}
            assert bool(account.eligible) == (row.why == "next") or row.why == "pause"
            if row.why == "nobody":
                assert obstacles <= {"offline", "busy", "channel", "disconnected"}
            if row.why == "asked":
                assert obstacles & {"declined", "timed_out"}
                assert "no_room" not in obstacles
            if row.why == "no_room":
                assert "no_room" in obstacles
    story.desk.close()
    assert {"nobody", "no_room"} <= reasons


def test_the_line_is_in_the_order_of_the_router_and_of_one_queue_where_asked(quiet: Story) -> None:
    for number in range(10):
        quiet.customer_writes("Panel is warm", f"c{number}@example.org")
        if number % 3 == 0:
            quiet.act("admin", cases.assign, number + 1, queue="billing")
    quiet.present("maya")
    whole = look(quiet)
    order = quiet.all(
        "select id from work_items where state in ('waiting', 'offered') "
        "order by priority, secondary, accept_by, requested_at, id"
    )
    assert [row.work for row in whole.line] == [work for (work,) in order]
    assert {"offered", "nobody"} <= {row.why for row in whole.line}
    assert whole.total == len(order)
    for queue in whole.queues:
        part = look(quiet, queue.id)
        assert [row.work for row in part.line] == [row.work for row in whole.line if row.queue_id == queue.id]
        assert part.total == len(part.line)


def test_the_worst_queue_is_first_and_people_who_can_work_come_before_those_who_cannot(quiet: Story) -> None:
    quiet.present("tom", "maya", "sam")
    quiet.present("sam", status="away")
    quiet.act("tom", presence.connect, "tom", "here:1")
    quiet.act("tom", presence.disconnect, "tom", "here:1")
    number = quiet.customer_writes()
    quiet.act("admin", cases.assign, number, queue="billing")
    found = look(quiet)
    assert [row.name for row in found.queues] == ["billing", "tier-1"]
    assert [row.name for row in found.agents] == ["tom", "maya", "sam", "ida"]
    tier = found.queues[1]
    assert (tier.present, tier.members) == (1, 2), "a lost line is not present"
    tom = found.agents[0]
    assert tom.lost_at is not None
    assert tom.grace_until == tom.lost_at + 120_000_000


def test_a_day_is_counted_by_hours_and_what_was_counted_is_kept(quiet: Story) -> None:
    midnight, known = quiet.clock.now, None
    for hour in range(4):
        for _ in range(hour + 1):
            number = quiet.customer_writes("Panel is warm", f"c{quiet.clock.now}@example.org")
        quiet.act("admin", cases.resolve, number)
        if hour == 3:
            quiet.act("admin", cases.reopen, number)
            quiet.act("admin", cases.close, number)
            quiet.act("admin", cases.close, number - 3)
        quiet.clock.now = midnight + (hour + 1) * HOUR_US - 1_000
        with fetching(quiet) as fetch:
            known = today(fetch, midnight, quiet.clock.now, known)
            assert known == today(fetch, midnight, quiet.clock.now)
        quiet.clock.now += 2_000
    assert known is not None
    assert [each.opened for each in known.hours] == [1, 2, 3, 4]
    assert [each.resolved for each in known.hours] == [1, 1, 1, 3], "resolved, and closed without being resolved"


def test_both_databases_say_the_same(quiet: Story, postgres: str) -> None:
    other = Story(postgres, document(queues=QUEUES, supervisors=("sam",)), ManualClock())
    for story in (quiet, other):
        story.present("maya", "tom")
        lively(story, 8)
    one, two = look(quiet), look(other)
    assert one.queues == two.queues
    assert [(row.case, row.why, row.agent) for row in one.line] == [(row.case, row.why, row.agent) for row in two.line]
    assert [(row.name, row.used, row.case, row.kind) for row in one.agents] == [
        (row.name, row.used, row.case, row.kind) for row in two.agents
    ]
    assert trend_of(quiet).queues == trend_of(other).queues
    with fetching(quiet) as fetch, fetching(other) as fetch_other:
        midnight = quiet.clock.now - 3 * HOUR_US
        assert today(fetch, midnight, quiet.clock.now) == today(fetch_other, midnight, quiet.clock.now)
    other.desk.close()


# -- what it costs


def _with_closed_cases(path: Path, count: int) -> None:
    """Add closed cases with their work, assignments, presence and journal of days ago, as many as a year makes."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        f"""begin;
        with recursive n(i) as (select 100000 union all select i + 1 from n where i < 100000 + {count} - 1)
        insert into cases (id, subject, status, channel_id, queue_id, owner_id, opened_at, updated_at, resolved_at, closed_at)
          select i, 'Old', 'closed', 1, 1 + i % 2, 1 + i % 3, i, i, i, i from n;
        insert into work_items (id, kind, subject_id, case_id, channel_id, queue_id, state, priority, accept_by, requested_at,
          weight, created_at)
          select id, 'case', id, id, 1, queue_id, 'closed', 0, 1, opened_at, 1000, opened_at from cases where id >= 100000;
        insert into assignments (work_id, agent_id, queue_id, state, weight, round, offered_at, accepted_at, ended_at)
          select id, 1 + id % 3, queue_id, 'closed', 1000, 1, requested_at, requested_at, requested_at from work_items where id >= 100000;
        insert into presence_intervals (agent_id, status_id, began_at, ended_at, capacity)
          select agent_id, 1, offered_at, offered_at, 1000 from assignments where work_id >= 100000;
        insert into journal (id, at, kind, actor_kind, subject_kind, subject_id, case_id, work_id, agent_id, queue_id, chain_id, settled)
          select -2000000 + w.id * 4 + k.k, w.requested_at, k.kind, 'agent', 'work', w.id, w.id, w.id, 1 + w.id % 3, w.queue_id, 1, 1
          from work_items w, (select 0 as k, 'work.queued' as kind union all select 1, 'work.offered'
            union all select 2, 'work.accepted' union all select 3, 'case.status_changed') k where w.id >= 100000;
        commit;"""
    )
    connection.close()


def _cost(path: Path, now: int) -> int:
    """Return how many thousands of steps SQLite's machine takes for everything that the screen reads."""
    connection = sqlite3.connect(path)
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    def fetch(query: Query, params: object) -> list[dict[str, object]]:
        cursor = connection.execute(query.sql, params)  # type: ignore[arg-type]
        return query.rows([column[0] for column in cursor.description], cursor)

    connection.set_progress_handler(count, 10)
    found = board(fetch)
    trend(fetch, now, {row.id: row.waiting for row in found.queues})
    today(fetch, now - 8 * HOUR_US, now)
    connection.close()
    return steps[0]


def test_the_cost_does_not_grow_with_the_cases_that_are_closed(quiet: Story) -> None:
    quiet.present("maya", "tom")
    lively(quiet, 12)
    path, now = Path(quiet.desk.where), quiet.clock.now
    few = _cost(path, now)
    _with_closed_cases(path, 20_000)
    assert _cost(path, now) < few * 1.3


def test_every_read_goes_by_an_index_or_over_what_an_admin_set_up(quiet: Story) -> None:
    _with_closed_cases(Path(quiet.desk.where), 20_000)
    connection = sqlite3.connect(quiet.desk.where)
    params = {"queue": None, "limit": 200, "since": 1, "step": STEP_US, "first": 1, "id": 1}
    for analyzed in (False, True):
        if analyzed:
            connection.execute("analyze")
        for query in (each for each in vars(supervise_queries).values() if isinstance(each, Query)):
            plan = [row[3] for row in connection.execute("explain query plan " + query.sql, params)]
            ends = query in (supervise_queries.FIRST_ENTRY, supervise_queries.LAST_ENTRY)
            for line in plan:
                if line.startswith("SCAN") and not ends:
                    assert re.search(
                        r"SCAN (a|q|line|pc|p|l|queue_members|presence_status_channels|w USING INDEX ix_work_items_(line|queue_line)"
                        r"|s USING INDEX (ix_assignments_agent_active|uq_assignments_active))\b",
                        line,
                    ), f"{query.name}: {line}"
    connection.close()


# -- decisions


def row(waiting: int = 5, present: int = 1, **changed: object) -> QueueRow:
    values: dict[str, object] = {"id": 1, "name": "q", "label": "Q", "routed": True, "waiting": waiting, "offered": 0}
    values |= {"accepted": 0, "oldest_at": 1, "members": 2, "present": present}
    return QueueRow(**(values | changed))  # type: ignore[arg-type]


def test_a_queue_grows_or_falls_only_where_it_is_plain() -> None:
    assert supervising.direction([2] * 24) == ""
    assert supervising.direction([2] * 12 + [3] * 12) == "", "one more is no trend"
    assert supervising.direction([2] * 12 + [4] * 12) == "grows"
    assert supervising.direction([9] * 12 + [2] * 12) == "falls"
    assert supervising.direction([40] * 12 + [45] * 12) == "", "five of forty is no trend"
    assert supervising.direction([2] * 23 + [9]) == "grows", "nine at once is seen"
    assert supervising.direction([]) == ""


def test_the_expected_wait_is_said_only_where_it_can_be_known() -> None:
    past = Past((0,) * STEPS, accepted=12)
    assert supervising.expected(row(6), past, 7_200_000_000) == 3_600_000_000, "six at twelve in two hours"
    assert supervising.expected(row(6, present=0), past, 7_200_000_000) is None
    assert supervising.expected(row(0), past, 7_200_000_000) is None
    assert supervising.expected(row(6), Past(accepted=2), 7_200_000_000) is None
    assert supervising.expected(row(6), None, 7_200_000_000) is None


def test_what_is_wrong_with_a_queue_is_said_before_its_trend() -> None:
    growing = Trend(0, 7_200_000_000, {1: Past((0,) * 12 + (9,) * 12, 5)})
    assert supervising.queue_state(row(9), growing).word == "grows"
    assert supervising.queue_state(row(9, present=0), growing).word == "nobody"
    assert supervising.queue_state(row(9, routed=False), growing).word == "hand"
    assert supervising.queue_state(row(2), growing).waited[-1] == 2, "the last one is now"


def test_a_sparkline_keeps_one_scale_and_its_peaks() -> None:
    assert supervising.sparkline([0, 4, 8], 3, 8) == "▁▅█"
    assert supervising.sparkline([0] * 23 + [8], 12, 8)[-1] == "█", "a peak is not averaged away"
    assert supervising.sparkline([1, 2], 4, 2) == "▅▅██"
    assert supervising.sparkline([0, 0], 2, 0) == "▁▁"


def test_the_rows_of_the_left_pane_never_take_more_than_there_are() -> None:
    for available in range(4, 60):
        for queues, agents in ((1, 1), (7, 9), (40, 5), (5, 40), (40, 40)):
            found = supervising.heights(available, queues, agents)
            assert min(found.queues, found.agents) >= 1
            assert 3 + found.queues + found.agents + (found.today + 1 if found.today else 0) <= max(available, 5)
            if found.today:
                assert (found.queues, found.agents) == (queues, agents), "the chart takes no row from a table"


def test_columns_fit_into_every_width() -> None:
    for width in range(20, 220):
        c = queue_table.shared(width, 14, (14, 6))
        taken = 3 + c.name + sum(2 + w for w in (c.waiting, c.oldest, c.expected, c.agents, c.word) if w)
        assert taken + (3 + c.spark if c.spark else 0) <= max(width, 36)
        a = agent_table.shared(width, 14, 11, 10, 3)
        assert 1 + sum(2 + w for w in (a.name, a.status, a.since, a.load, a.works_on, a.last_act) if w) <= max(
            width, 32
        )


def test_the_chart_always_holds_the_hour_that_runs() -> None:
    from console.reads_trend import Hour, Today

    for running in range(25):
        for slots in (1, 5, 12, 24):
            hours = today_chart.span(Today(0, (Hour(),) * running + (Hour(1, 1),)), slots)
            assert running in hours
            assert len(hours) <= max(slots, 13)
    assert list(today_chart.span(Today(0, (Hour(),) * 9), 30)) == list(range(8, 21))
    assert today_chart.bar(1, 100, 5, 0) == "▁"
    assert today_chart.bar(100, 100, 5, 4) == "█"
    assert today_chart.bar(0, 9, 5, 0) == " "
