"""The invariants of a desk as questions to its database: each row of an answer breaks the rule.

Words with a dollar sign are spelled by `core.verify`, since the two databases spell them differently.
"""

from __future__ import annotations

from typing import NamedTuple

from core.events import REFERENCES


class Rule(NamedTuple):
    """A question to the database; each row of the answer is a finding, told by `detail` with the row's columns."""

    name: str
    detail: str
    sql: str


_STATE_OF_KIND = """case kind
    when 'work.queued' then 'waiting' when 'work.declined' then 'waiting' when 'work.timed_out' then 'waiting'
    when 'work.revoked' then 'waiting' when 'work.offered' then 'offered' when 'work.accepted' then 'accepted'
    when 'work.wrapping' then 'wrapping' when 'work.closed' then 'closed' when 'work.cancelled' then 'cancelled'
    when 'work.transferred' then 'transferred' end"""

_LOADS = (
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

_ASSIGNMENTS = (
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

_TIMERS = (
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
        "the timer {0} for {1} {2} has nothing left to wait for",
        """select kind, subject_kind, subject_id from timers t where
        (kind = 'offer.deadline' and not exists (select 1 from assignments s where s.id = t.subject_id and s.state = 'offered'))
        or (kind = 'work.wrap_up' and not exists (select 1 from assignments s where s.id = t.subject_id and s.state = 'wrapping'))
        or (kind = 'work.round' and not exists (select 1 from work_items w
            where w.id = t.subject_id and w.state = 'waiting' and w.next_round_at is not null))
        or (kind = 'case.hold' and not exists (select 1 from cases k where k.id = t.subject_id and k.status = 'on_hold'))
        or (kind = 'presence.grace' and not exists (select 1 from agent_loads l
            where l.agent_id = t.subject_id and l.lost_at is not null))
        or (kind = 'presence.heartbeat' and not exists (select 1 from agents a where a.id = t.subject_id))""",
    ),
)

_CASES = (
    Rule(
        "cases",
        "case #{0} is {1}, with the times resolved {2}, closed {3}, held until {4}",
        """select id, status, resolved_at, closed_at, hold_until from cases
        where (resolved_at is not null) <> (status in ('resolved', 'closed')) or (closed_at is not null) <> (status = 'closed')
        or (hold_until is not null) <> (status = 'on_hold')""",
    ),
    Rule(
        "cases",
        "case #{0} belongs to agent {1}, and agent {2} works on it",
        """select k.id, k.owner_id, s.agent_id from assignments s join work_items w on w.id = s.work_id
        join cases k on k.id = w.case_id where s.state = 'accepted' and (k.owner_id is null or k.owner_id <> s.agent_id)""",
    ),
    Rule(
        "cases",
        "case #{0} is {1}, and its work item {2} is {3}",
        """select k.id, k.status, w.id, w.state from work_items w join cases k on k.id = w.case_id
        where w.state in ('waiting', 'offered', 'accepted') and k.status in ('resolved', 'closed')
        or w.state = 'wrapping' and k.status not in ('resolved', 'closed') or w.state = 'accepted' and k.status = 'new'""",
    ),
    Rule(
        "cases",
        "case #{0} is new and has an owner",
        "select id from cases where status = 'new' and owner_id is not null",
    ),
    Rule(
        "cases",
        "case #{0} is in queue {1}, and its work item {2} in queue {3}",
        """select k.id, k.queue_id, w.id, w.queue_id from (select id, case_id, queue_id from work_items where $WORK) w
        join cases k on k.id = w.case_id where k.queue_id is null or k.queue_id <> w.queue_id""",
    ),
)

_PRESENCE = (
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

_JOURNAL = (
    Rule(
        "journal",
        "event {0} follows from event {1}, which is missing or later, or whose chain ({2}, here {3}) or depth ({4}, here {5}) differs",
        """select j.id, j.cause_id, c.chain_id, j.chain_id, c.depth, j.depth from journal j
        left join journal c on c.id = j.cause_id where j.cause_id is not null
        and (c.id is null or not ($BEFORE) or c.chain_id <> j.chain_id or j.depth <> c.depth + 1)""",
    ),
    Rule(
        "journal",
        "event {0} belongs to chain {1}, which does not begin before it",
        """select j.id, j.chain_id from journal j left join journal c on c.id = j.chain_id where j.chain_id <> j.id
        and (c.id is null or c.chain_id <> c.id or not ($BEFORE))""",
    ),
    Rule(
        "journal",
        "event {0} follows from nothing and has the depth {1}",
        "select id, depth from journal where cause_id is null and depth <> 0 and chain_id = id",
    ),
    *(
        Rule(
            "journal",
            f"event {{0}} names the {column.removesuffix('_id')} {{1}}, which does not exist",
            f"""select j.id, j.{column} from journal j where j.{column} is not null
            and not exists (select 1 from {table} r where r.id = j.{column})""",  # noqa: S608 - names of the schema
        )
        for column, table in zip(REFERENCES, ("cases", "work_items", "agents", "queues"), strict=True)
    ),
    Rule(
        "journal",
        "case #{0} was opened {1} times by the journal",
        """select k.id, count(j.id) from cases k left join journal j on j.case_id = k.id and j.kind = 'case.opened'
        group by k.id having count(j.id) <> 1""",
    ),
    Rule(
        "journal",
        "work item {0} was queued {1} times by the journal",
        """select w.id, count(j.id) from work_items w left join journal j on j.work_id = w.id and j.kind = 'work.queued'
        group by w.id having count(j.id) <> 1""",
    ),
    Rule(
        "journal",
        "case #{0} is {1}, and the journal says {2}",
        """select k.id, k.status, coalesce(s.new, 'new') from cases k left join (select case_id, $NEW as new,
        row_number() over (partition by case_id order by $PLACE desc) as back
        from journal where kind = 'case.status_changed') s on s.case_id = k.id and s.back = 1
        where k.status <> coalesce(s.new, 'new')""",
    ),
    Rule(
        "journal",
        "work item {0} is {1}, and the journal says {2}",
        f"""select w.id, w.state, s.state from work_items w left join (select work_id, {_STATE_OF_KIND} as state,
        row_number() over (partition by work_id order by $PLACE desc) as back from journal
        where work_id is not null and {_STATE_OF_KIND} is not null) s on s.work_id = w.id and s.back = 1
        where s.state is null or s.state <> w.state""",  # noqa: S608 - constants
    ),
    Rule(
        "journal",
        "assignment {0} began {1} times by the journal",
        """select s.id, coalesce(j.n, 0) from assignments s left join (select $ASSIGNMENT as assignment_id, count(*) as n
        from journal where kind = 'work.offered' or kind = 'work.accepted' and $HOW = 'given' group by $ASSIGNMENT) j
        on j.assignment_id = s.id where coalesce(j.n, 0) <> 1""",
    ),
    Rule(
        "journal",
        "assignment {0} was accepted {1} times by the journal",
        """select s.id, coalesce(j.n, 0) from assignments s left join (select $ASSIGNMENT as assignment_id, count(*) as n
        from journal where kind = 'work.accepted' group by $ASSIGNMENT) j
        on j.assignment_id = s.id where coalesce(j.n, 0) <> case when s.accepted_at is null then 0 else 1 end""",
    ),
    Rule(
        "journal",
        "work item {0} was accepted again before it ended, at event {1}",
        """select work_id, id from (select work_id, id, kind, lag(kind) over (partition by work_id order by $PLACE) as last
        from journal where kind in ('work.accepted', 'work.closed', 'work.transferred', 'work.cancelled', 'work.queued')) e
        where kind = 'work.accepted' and last = 'work.accepted'""",
    ),
    Rule(
        "journal",
        "work item {0}: {2} more assignments are {1} than the journal says",
        """select work_id, state, sum(n) from (select work_id, state, 1 as n from assignments
        where state in ('declined', 'timed_out', 'revoked', 'cancelled', 'transferred', 'closed')
        union all select work_id, substr(kind, 6), -1 from journal where agent_id is not null and kind in
        ('work.declined', 'work.timed_out', 'work.revoked', 'work.cancelled', 'work.transferred', 'work.closed')) b
        group by work_id, state having sum(n) <> 0""",
    ),
)

_MAIL = (
    Rule(
        "outbox",
        "message {0} is {1}, and its outbox row {2}",
        """select m.id, m.delivery, coalesce(o.state, 'missing') from messages m left join outbox o on o.message_id = m.id
        where m.direction = 'outbound' and m.delivery is not null and coalesce(o.state, 'missing') not in
        (m.delivery, case m.delivery when 'queued' then 'sending' else m.delivery end)
        and not (m.delivery = 'failed' and o.state <> 'failed' and exists (select 1 from journal
            where kind = 'message.bounced' and journal.case_id = m.case_id and $MESSAGE = m.id))""",
    ),
    Rule(
        "outbox",
        "outbox row {0} is {1}, with the end {2} and the key {3} for the Message-ID {4}",
        """select o.id, o.state, o.ended_at, o.delivery_key, m.mail_id from outbox o left join messages m on m.id = o.message_id
        where (o.ended_at is null) <> (o.state in ('queued', 'sending')) or m.mail_id is null or m.mail_id <> o.delivery_key""",
    ),
    Rule(
        "mail",
        "the mail {0} with the digest {1} was taken {2} times",
        """select mail_id, digest, count(*) from mail_receipts where state = 'taken'
        group by mail_id, digest having count(*) > 1""",
    ),
    Rule(
        "mail",
        "receipt {0} is {1}, with the message {2} and the raw mail {3}",
        """select id, state, message_id, raw_digest from mail_receipts
        where state = 'taken' and message_id is null or state = 'quarantined' and raw_digest is null""",
    ),
    Rule(
        "blobs",
        "blob {0} has {1} bytes, and its size says {2}",
        "select digest, length(content), size from blobs where length(content) <> size",
    ),
    Rule(
        "blobs",
        "attachment {0} has {1} bytes, and its blob {2}",
        "select a.id, a.size, b.size from attachments a join blobs b on b.digest = a.digest where a.size <> b.size",
    ),
)

RULES = (*_LOADS, *_ASSIGNMENTS, *_TIMERS, *_CASES, *_PRESENCE, *_JOURNAL, *_MAIL)
"""What always holds."""

AT_CURSOR = (
    Rule(
        "offers",
        "work item {0} is offered to agent {1}, who is absent, busy, disconnected, or in a status without its channel",
        """select w.id, s.agent_id from assignments s join work_items w on w.id = s.work_id
        join agents a on a.id = s.agent_id join agent_loads l on l.agent_id = s.agent_id
        left join presence_intervals i on i.id = l.interval_id left join presence_statuses p on p.id = i.status_id
        where s.state = 'offered' and (a.active = 0 or l.lost_at is not null or p.kind is null or p.kind <> 'available'
        or not exists (select 1 from presence_status_channels c where c.status_id = p.id and c.channel_id = w.channel_id))""",
    ),
    Rule(
        "line order",
        "agent {0} was offered work item {1} while {2}, which comes before it, waited for the same room",
        """select s.agent_id, o.id, w.id from assignments s join work_items o on o.id = s.work_id
        join agent_loads l on l.agent_id = s.agent_id join presence_intervals i on i.id = l.interval_id
        join queue_members m on m.agent_id = s.agent_id join work_items w on w.queue_id = m.queue_id
        where s.state = 'offered' and w.state = 'waiting' and w.weight <= s.weight and w.created_at <= s.offered_at
        and i.began_at < s.offered_at and (w.priority, w.secondary, w.accept_by, w.requested_at, w.id)
            < (o.priority, o.secondary, o.accept_by, o.requested_at, o.id)
        and exists (select 1 from presence_status_channels c where c.status_id = i.status_id and c.channel_id = w.channel_id)
        and not exists (select 1 from queues q where q.id = w.queue_id and q.routing_configuration_id is null)
        and not exists (select 1 from offer_exclusions e
            where e.work_id = w.id and e.agent_id = s.agent_id and e.round = w.round)
        and not exists (select 1 from journal j where j.work_id = w.id and j.at >= s.offered_at)
        and not exists (select 1 from journal j where j.kind = 'desk.configured' and j.at >= s.offered_at)""",
    ),
    Rule(
        "cases",
        "case #{0} is {1}, and nobody works on it or waits for it",
        """select k.id, k.status from cases k where k.status not in ('on_hold', 'resolved', 'closed')
        and not exists (select 1 from (select case_id from work_items where $WORK) w where w.case_id = k.id)
        and (k.queue_id is not null or exists (select 1 from queues where routing_configuration_id is not null and active = 1))""",
    ),
    Rule(
        "work",
        "work item {0} waits in queue {1}, which was taken away",
        """select w.id, w.queue_id from work_items w join queues q on q.id = w.queue_id
        where w.state = 'waiting' and q.active = 0
        and exists (select 1 from queues where routing_configuration_id is not null and active = 1)""",
    ),
)
