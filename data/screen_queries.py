"""Named reads of the console's screens, for SQLite and PostgreSQL alike; `data.queries` says how they are written."""

# ruff: noqa: S608 - the statements are built of constants, at import
from __future__ import annotations

from data.queries import Query

_HELD = "s.state in ('offered', 'accepted', 'wrapping')"

ME = Query(
    "screen.me",
    """select a.id as agent_id, a.name as agent, a.full_name as name, a.role, coalesce(p.name, 'offline') as status,
       coalesce(nullif(p.label, ''), p.name, 'offline') as label, coalesce(p.kind, 'offline') as kind, i.began_at as since,
       l.lost_at, coalesce(l.used, 0) as used,
       coalesce(case when p.id is null then pc.capacity else l.capacity end, 0) as capacity,
       pc.decline_allowed, pc.decline_reasons, pc.decline_reason_required,
       coalesce((select s.value from desk_settings s where s.name = 'name'), '') as desk,
       (select coalesce(sum(q.waiting), 0) from queue_loads q
          join queue_members m on m.queue_id = q.queue_id where m.agent_id = a.id) as waiting
from agents a left join agent_loads l on l.agent_id = a.id left join presence_intervals i on i.id = l.interval_id
left join presence_statuses p on p.id = i.status_id
join presence_configurations pc on pc.id = a.presence_configuration_id
where a.active = 1 and a.name = cast(:agent as text)""",
)
MY_WORK = Query(
    "screen.my_work",
    f"""select w.id as work, w.case_id as "case", c.subject, c.status, c.priority, s.state, q.name as queue, h.name as channel,
       coalesce(nullif(h.label, ''), h.name) as channel_label, t.name as customer,
       (select p.value from contact_points p where p.contact_id = t.id and p.kind = 'email' order by p.id desc limit 1) as address,
       w.requested_at, s.offered_at, s.accepted_at, s.deadline_at, s.opened_at, c.hold_until, c.updated_at,
       m.id as last_id, m.direction as last_direction, m.at as last_at,
       (select f.delivery from messages f where f.case_id = c.id and f.direction = 'outbound' order by f.id desc limit 1) as delivery
from assignments s join work_items w on w.id = s.work_id join cases c on c.id = w.case_id
join queues q on q.id = w.queue_id join channels h on h.id = w.channel_id left join contacts t on t.id = c.contact_id
left join messages m on m.id = (select max(n.id) from messages n where n.case_id = c.id and n.direction <> 'note')
where s.agent_id = cast(:agent_id as bigint) and {_HELD}
order by s.offered_at, s.id""",
    ("subject", "customer", "address"),
)
MESSAGES_BEFORE = Query(
    "screen.messages_before",
    """select m.id, m.direction, m.at, coalesce(nullif(h.label, ''), h.name) as channel, t.name as customer,
       a.full_name as agent, a.name as agent_name, m.subject, m.text, m.reply_text, m.recipients, m.delivery,
       m.delivery_error, m.auto, m.bounce
from messages m join channels h on h.id = m.channel_id
left join contacts t on t.id = m.contact_id left join agents a on a.id = m.agent_id
where m.case_id = cast(:case as bigint) and m.id < cast(:before as bigint)
order by m.id desc limit cast(:limit as bigint)""",
    ("customer", "subject", "text", "reply_text", "recipients", "delivery_error"),
)
_ENTRY = """select j.id, j.at, j.kind, j.actor_kind, j.actor_name, j.case_id, a.name as agent_name,
       coalesce(nullif(a.full_name, ''), a.name) as agent, coalesce(nullif(b.full_name, ''), j.actor_name) as actor, q.name as queue, j.data
from journal j left join agents a on a.id = j.agent_id left join queues q on q.id = j.queue_id
left join agents b on b.name = j.actor_name and j.actor_kind = 'agent'"""
HISTORY = Query(
    "screen.history",
    f"{_ENTRY} where j.case_id = cast(:case as bigint) order by j.id desc limit cast(:limit as bigint)",
    ("data",),
)
JOURNAL = Query("screen.journal", f"{_ENTRY} order by j.id desc limit cast(:limit as bigint)", ("data",))
CHANNEL = Query(
    "screen.channel",
    "select coalesce(nullif(label, ''), name) as label from channels where name = cast(:channel as text)",
)
MESSAGE_COUNT = Query(
    "screen.message_count",
    "select count(*) as n from messages where case_id = cast(:case as bigint) and id < cast(:before as bigint)",
)
FILES_BETWEEN = Query(
    "screen.files_between",
    """select f.message_id, f.position, f.name, f.type, f.size, f.inline
from attachments f join messages m on m.id = f.message_id
where m.case_id = cast(:case as bigint) and f.message_id between cast(:first as bigint) and cast(:last as bigint)
order by f.message_id, f.position""",
    ("name", "type"),
)
FILE = Query(
    "screen.file",
    """select f.name, b.content from attachments f join blobs b on b.digest = f.digest
where f.message_id = cast(:message as bigint) and f.position = cast(:position as bigint)""",
    ("name",),
)
OTHER_CASES = Query(
    "screen.other_cases",
    """select c.id as number, c.subject, c.status, c.updated_at from cases c
where c.contact_id = (select d.contact_id from cases d where d.id = cast(:case as bigint)) and c.id <> cast(:case as bigint)
order by c.updated_at desc, c.id desc limit cast(:limit as bigint)""",
    ("subject",),
)
CONTACT_POINTS = Query(
    "screen.contact_points",
    """select p.kind, p.value from contact_points p
where p.contact_id = (select d.contact_id from cases d where d.id = cast(:case as bigint)) order by p.id limit 6""",
    ("value",),
)
TODAY = Query(
    "screen.today",
    """select count(*) as resolved from cases where owner_id = cast(:agent_id as bigint) and status in ('resolved', 'closed')
  and resolved_at >= cast(:since as bigint)""",
)
QUEUE_CHOICES = Query(
    "screen.queue_choices",
    "select name, coalesce(nullif(label, ''), name) as label from queues where active = 1 order by name",
)
AGENT_CHOICES = Query(
    "screen.agent_choices",
    "select name, coalesce(nullif(full_name, ''), name) as label from agents where active = 1 order by name",
)
WRITERS = Query(
    "screen.writers",
    """select a.name as agent, a.full_name as name, d.session, d.kind, d.updated_at
from drafts d join agents a on a.id = d.agent_id where d.case_id = cast(:case as bigint) order by d.updated_at desc, a.name""",
)
DRAFT = Query(
    "screen.draft",
    """select d.text, d.kind, d.session, d.updated_at from drafts d
where d.case_id = cast(:case as bigint) and d.agent_id = cast(:agent_id as bigint)""",
    ("text",),
)
STATUS_CHOICES = Query(
    "screen.status_choices",
    """select p.name as status, coalesce(nullif(p.label, ''), p.name) as label, p.kind,
       coalesce(nullif(h.label, ''), h.name) as channel
from presence_statuses p left join presence_status_channels x on x.status_id = p.id
left join channels h on h.id = x.channel_id and h.active = 1
where p.active = 1 order by p.id, h.name""",
)
SIGN_OUT = Query(
    "screen.sign_out",
    f"""select h.name as channel, coalesce(nullif(h.label, ''), h.name) as label, h.sign_out, s.state,
       case when s.opened_at is null then 0 else 1 end as opened, count(*) as n
from assignments s join work_items w on w.id = s.work_id join channels h on h.id = w.channel_id
where s.agent_id = (select a.id from agents a where a.name = cast(:agent as text)) and {_HELD}
group by h.name, h.label, h.sign_out, s.state, case when s.opened_at is null then 0 else 1 end
order by h.name, s.state, opened""",
)
