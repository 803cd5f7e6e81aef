"""Used capacity and the figures of queues are the sums that they stand for."""

from __future__ import annotations

from core.invariants.rule import Rule

LOADS = (
    Rule(
        "capacity",
        "agent {0}: {1} used and {2} items open by the counters, {3} and {4} by the assignments",
        """select l.agent_id, l.used, l.open_items, coalesce(s.w, 0), coalesce(s.n, 0) from agent_loads l
        left join (select agent_id, sum(weight) as w, count(*) as n from assignments where $ACTIVE group by agent_id) s
        on s.agent_id = l.agent_id where l.used <> coalesce(s.w, 0) or l.open_items <> coalesce(s.n, 0)""",
    ),
    Rule(
        "capacity",
        "agent {0} has no counters",
        "select id from agents where not exists (select 1 from agent_loads l where l.agent_id = agents.id)",
    ),
    Rule(
        "queue figures",
        "queue {0}: {1} waiting, {2} offered, {3} accepted by the counters; {4}, {5}, {6} by the work items",
        """select q.id, l.waiting, l.offered, l.accepted, coalesce(s.w, 0), coalesce(s.o, 0), coalesce(s.a, 0)
        from queues q left join queue_loads l on l.queue_id = q.id left join (select queue_id,
        sum(case when state = 'waiting' then 1 else 0 end) as w, sum(case when state = 'offered' then 1 else 0 end) as o,
        sum(case when state in ('accepted', 'wrapping') then 1 else 0 end) as a
        from work_items where $WORK group by queue_id) s on s.queue_id = q.id
        where coalesce(l.waiting, -1) <> coalesce(s.w, 0) or coalesce(l.offered, -1) <> coalesce(s.o, 0)
        or coalesce(l.accepted, -1) <> coalesce(s.a, 0)""",
    ),
)
