"""At most one interval of presence an agent."""

from __future__ import annotations

from core.invariants.rule import Rule

PRESENCE = (
    Rule(
        "presence",
        "agent {0} has {1} current intervals",
        """select agent_id, count(*) from presence_intervals where ended_at is null
        group by agent_id having count(*) > 1""",
    ),
    Rule(
        "presence",
        "the counters of agent {0} name interval {1}, the current one is {2}",
        """select l.agent_id, l.interval_id, i.id from agent_loads l
        left join presence_intervals i on i.agent_id = l.agent_id and i.ended_at is null
        where coalesce(l.interval_id, 0) <> coalesce(i.id, 0)""",
    ),
    Rule(
        "presence",
        "agent {0} counts with the capacity {1}, and the current interval began with {2}",
        """select l.agent_id, l.capacity, coalesce(i.capacity, 0) from agent_loads l
        left join presence_intervals i on i.id = l.interval_id where l.capacity <> coalesce(i.capacity, 0)""",
    ),
    Rule(
        "presence",
        "agent {0} is absent, and a lost connection is noted",
        "select agent_id from agent_loads where interval_id is null and lost_at is not null",
    ),
    Rule(
        "presence",
        "interval {0} ended before it began, or was idle or full for longer than it lasted",
        """select id from presence_intervals where ended_at < began_at or idle_us < 0 or at_capacity_us < 0
        or idle_us > ended_at - began_at or at_capacity_us > ended_at - began_at""",
    ),
    Rule(
        "presence",
        "agent {0} has left the desk and is still present or holds work",
        """select a.id from agents a join agent_loads l on l.agent_id = a.id
        where a.active = 0 and (l.interval_id is not null or exists (select 1 from assignments s
        where s.agent_id = a.id and s.state in ('offered', 'accepted')))""",
    ),
)
