"""What holds once the engine has handled everything that happened."""

from __future__ import annotations

from core.invariants.rule import Rule

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
