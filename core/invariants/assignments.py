"""Work and who has it."""

from __future__ import annotations

from core.invariants.rule import Rule

ASSIGNMENTS = (
    Rule(
        "assignments",
        "work item {0} is {1}, and its active assignment is {2}",
        """select w.id, w.state, coalesce(s.state, 'missing') from work_items w
        left join (select work_id, state from assignments where $ACTIVE) s on s.work_id = w.id
        where w.state in ('offered', 'accepted', 'wrapping') and (s.state is null or s.state <> w.state)""",
    ),
    Rule(
        "assignments",
        "assignment {0} is {1}, and its work item {2} is {3}",
        """select s.id, s.state, w.id, w.state from (select id, work_id, state from assignments where $ACTIVE) s
        join work_items w on w.id = s.work_id where w.state <> s.state""",
    ),
    Rule(
        "assignments",
        "work item {0} has {1} active assignments",
        "select work_id, count(*) from assignments where $ACTIVE group by work_id having count(*) > 1",
    ),
    Rule(
        "work",
        "{0} {1} has {2} active work items",
        "select kind, subject_id, count(*) from work_items where $WORK group by kind, subject_id having count(*) > 1",
    ),
    Rule(
        "work",
        "work item {0} is {1}, with the end {2}",
        "select id, state, ended_at from work_items where (ended_at is null) <> ($WORK)",
    ),
    Rule(
        "assignments",
        "assignment {0} is {1}, with the times accepted {2}, wrapping until {3}, ended {4}",
        """select id, state, accepted_at, wrap_up_until, ended_at from assignments where (ended_at is null) <> ($ACTIVE)
        or (accepted_at is null) <> (state not in ('accepted', 'wrapping', 'closed', 'transferred'))
        or (state = 'wrapping' and wrap_up_until is null)""",
    ),
)
