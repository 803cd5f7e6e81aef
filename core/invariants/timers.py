"""Everything that waits for a time has its timer, and no timer waits for nothing."""

from __future__ import annotations

from core.invariants.rule import Rule

TIMERS = (
    Rule(
        "timers",
        "assignment {0} is offered until {1}, and its timer is set for {2}",
        """select s.id, s.deadline_at, t.due_at from assignments s left join timers t
        on t.kind = 'offer.deadline' and t.subject_id = s.id and t.subject_kind = 'assignment'
        where s.state = 'offered' and s.deadline_at is not null and (t.due_at is null or t.due_at <> s.deadline_at)""",
    ),
    Rule(
        "timers",
        "assignment {0} wraps up until {1}, and its timer is set for {2}",
        """select s.id, s.wrap_up_until, t.due_at from assignments s left join timers t
        on t.kind = 'work.wrap_up' and t.subject_id = s.id and t.subject_kind = 'assignment'
        where s.state = 'wrapping' and (t.due_at is null or t.due_at <> s.wrap_up_until)""",
    ),
    Rule(
        "timers",
        "the next round of work item {0} is due at {1}, and its timer is set for {2}",
        """select w.id, w.next_round_at, t.due_at from work_items w left join timers t
        on t.kind = 'work.round' and t.subject_id = w.id and t.subject_kind = 'work'
        where w.state = 'waiting' and w.next_round_at is not null and (t.due_at is null or t.due_at <> w.next_round_at)""",
    ),
    Rule(
        "timers",
        "case #{0} is held until {1}, and its timer is set for {2}",
        """select k.id, k.hold_until, t.due_at from cases k left join timers t
        on t.kind = 'case.hold' and t.subject_id = k.id and t.subject_kind = 'case'
        where k.status = 'on_hold' and (t.due_at is null or t.due_at <> k.hold_until)""",
    ),
    Rule(
        "timers",
        "the connection of agent {0} is lost, and no grace time runs",
        """select agent_id from agent_loads where lost_at is not null and not exists (select 1 from timers t
        where t.kind = 'presence.grace' and t.subject_id = agent_loads.agent_id)""",
    ),
    Rule(
        "timers",
        "agent {0} has a console that nobody watches over",
        """select distinct agent_id from console_sessions where not exists (select 1 from timers t
        where t.kind = 'presence.heartbeat' and t.subject_id = console_sessions.agent_id)""",
    ),
    Rule(
        "timers",
        "action {1} is to follow as number {0}, and no timer carries it out",
        """select id, action from delayed_actions d where not exists (select 1 from timers t
        where t.kind = 'action.delayed' and t.subject_kind = 'action' and t.subject_id = d.id)""",
    ),
    Rule(
        "timers",
        "the timer {0} for {1} {2} has nothing left to wait for",
        """select kind, subject_kind, subject_id from timers t where
        (kind = 'offer.deadline' and not exists (select 1 from assignments s where s.id = t.subject_id and s.state = 'offered'))
        or (kind = 'work.wrap_up' and not exists (select 1 from assignments s where s.id = t.subject_id and s.state = 'wrapping'))
        or (kind = 'work.round' and not exists (select 1 from work_items w
            where w.id = t.subject_id and w.state = 'waiting' and w.next_round_at is not null))
        or (kind = 'case.hold' and not exists (select 1 from cases k where k.id = t.subject_id and k.status = 'on_hold'))
        or (kind = 'presence.grace' and not exists (select 1 from agent_loads l
            where l.agent_id = t.subject_id and l.lost_at is not null))
        or (kind = 'action.delayed' and not exists (select 1 from delayed_actions d where d.id = t.subject_id))
        or (kind = 'presence.heartbeat' and not exists (select 1 from agents a where a.id = t.subject_id))""",
    ),
)
