"""Named reads of the screen that supervises: queues, people, the line in its order, and what the journal says of the last hours.

None of them grows with the cases that are done: they go over what is open by partial indexes, and over the journal from a place on.
"""

# ruff: noqa: S608 - the statements are built of constants, at import
from __future__ import annotations

from data.queries import Query

_HELD = "s.state in ('offered', 'accepted', 'wrapping')"
_OF_QUEUE = "(cast(:queue as bigint) is null or w.queue_id = cast(:queue as bigint))"
_ORDER = "w.priority, w.secondary, w.accept_by, w.requested_at, w.id"

QUEUES = Query(
    "supervise.queues",
    """select q.id, q.name, coalesce(nullif(q.label, ''), q.name) as label, q.routing_configuration_id as routing,
       coalesce(l.waiting, 0) as waiting, coalesce(l.offered, 0) as offered, coalesce(l.accepted, 0) as accepted,
       (select min(w.requested_at) from work_items w where w.queue_id = q.id and w.state = 'waiting') as oldest_at
from queues q left join queue_loads l on l.queue_id = q.id where q.active = 1""",
)
AGENTS = Query(
    "supervise.agents",
    f"""select a.id, a.name, coalesce(nullif(a.full_name, ''), a.name) as label, i.status_id, coalesce(p.kind, 'offline') as kind,
       coalesce(nullif(p.label, ''), p.name, '') as status, l.lost_at, pc.grace_s, coalesce(l.used, 0) as used,
       coalesce(case when p.id is null then pc.capacity else l.capacity end, 0) as capacity,
       coalesce(l.open_items, 0) as open_items, c.id as "case", c.subject,
       coalesce(i.began_at, (select e.ended_at from presence_intervals e where e.agent_id = a.id
          order by e.began_at desc limit 1)) as since,
       (select max(e.at) from (select j.at, j.actor_kind, j.actor_id from journal j where j.agent_id = a.id
          order by j.id desc limit 20) e where e.actor_kind = 'agent' and e.actor_id = a.id) as acted_at
from agents a left join agent_loads l on l.agent_id = a.id left join presence_intervals i on i.id = l.interval_id
left join presence_statuses p on p.id = i.status_id
join presence_configurations pc on pc.id = a.presence_configuration_id
left join work_items w on w.id = (select s.work_id from assignments s where s.agent_id = a.id and {_HELD} and s.state <> 'offered'
   order by coalesce(s.opened_at, s.accepted_at, s.offered_at) desc, s.id desc limit 1)
left join cases c on c.id = w.case_id
where a.active = 1""",
    ("subject",),
)
"""What an agent works on is what was opened or accepted last; the last act is looked for in the newest entries only."""
MEMBERS = Query("supervise.members", "select queue_id, agent_id from queue_members")
STATUS_CHANNELS = Query("supervise.status_channels", "select status_id, channel_id from presence_status_channels")
_LINE = """w.id as work, w.case_id as "case", c.subject, w.queue_id, coalesce(nullif(q.label, ''), q.name) as queue,
       q.routing_configuration_id as routing, w.channel_id, w.weight, w.round, w.next_round_at, w.priority, w.secondary,
       w.accept_by, w.requested_at"""
WAITING = Query(
    "supervise.waiting",
    f"""select {_LINE} from work_items w join cases c on c.id = w.case_id join queues q on q.id = w.queue_id
where w.state = 'waiting' and {_OF_QUEUE} order by {_ORDER} limit cast(:limit as bigint)""",
    ("subject",),
)
OFFERED = Query(
    "supervise.offered",
    f"""select {_LINE}, s.deadline_at, coalesce(nullif(a.full_name, ''), a.name) as agent
from assignments s join work_items w on w.id = s.work_id join cases c on c.id = w.case_id
join queues q on q.id = w.queue_id join agents a on a.id = s.agent_id
where {_HELD} and s.state = 'offered' and {_OF_QUEUE} order by {_ORDER} limit cast(:limit as bigint)""",
    ("subject",),
)
EXCLUDED = Query(
    "supervise.excluded",
    f"""select x.work_id, x.agent_id from (select w.id, w.round from work_items w where w.state = 'waiting' and {_OF_QUEUE}
   order by {_ORDER} limit cast(:limit as bigint)) as line
join offer_exclusions x on x.work_id = line.id and x.round = line.round""",
)

# -- the journal from a place on

FIRST_ENTRY = Query("supervise.first_entry", "select id, at from journal order by id limit 1")
LAST_ENTRY = Query("supervise.last_entry", "select id, at from journal order by id desc limit 1")
ENTRY_FROM = Query(
    "supervise.entry_from", "select id, at from journal where id >= cast(:id as bigint) order by id limit 1"
)
STEPS = Query(
    "supervise.steps",
    """select j.queue_id, (j.at - cast(:since as bigint)) / cast(:step as bigint) as step,
       sum(case when j.kind in ('work.queued', 'work.declined', 'work.timed_out', 'work.revoked') then 1
                when j.kind = 'work.offered' then -1
                when j.kind = 'work.accepted' and j.data like '%"given"%' then -1
                when j.kind = 'work.cancelled' and j.agent_id is null then -1 else 0 end) as change,
       sum(case when j.kind = 'work.accepted' then 1 else 0 end) as accepted
from queues q cross join journal j
where q.active = 1 and j.queue_id = q.id and j.id >= cast(:first as bigint) and j.at >= cast(:since as bigint)
  and j.kind in ('work.queued', 'work.declined', 'work.timed_out', 'work.revoked', 'work.offered', 'work.accepted', 'work.cancelled')
group by 1, 2""",
)
"""How the number of those who wait changed in each step, and how many were accepted, for each queue. The cross join keeps SQLite from
reading every queue's journal from its beginning."""
HOURS = Query(
    "supervise.hours",
    """select (j.at - cast(:since as bigint)) / 3600000000 as hour,
       sum(case when j.kind = 'case.opened' then 1 else 0 end) as opened,
       sum(case when j.kind <> 'case.status_changed' then 0 when j.data like '%"new":"resolved"%' then 1
                when j.data like '%"new":"closed"%' and j.data not like '%"old":"resolved"%' then 1 else 0 end) as resolved
from journal j where j.id >= cast(:first as bigint) and j.at >= cast(:since as bigint)
  and j.kind in ('case.opened', 'case.status_changed')
group by 1""",
)
"""How many cases were opened, and how many were resolved or closed unresolved, in each hour since a moment."""
