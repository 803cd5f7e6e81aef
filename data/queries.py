"""Named reads: SQL that runs unchanged on SQLite and PostgreSQL, with the columns that hold text from outside.

Imports no library, so that a command that reads one thing starts as fast as Python does; an optional filter is a parameter that
may be null, cast to its type because PostgreSQL cannot guess it.
"""

# ruff: noqa: S608 - the statements are built of constants, at import
from __future__ import annotations

from data.text import OutsideText

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from sqlalchemy import Connection

    Row = dict[str, Any]
    Fetch = Callable[["Query", Mapping[str, object]], list[Row]]

SCHEMA = "0004"
"""The schema that these reads know; the same as `data.schema.HEAD`, which cannot be asked without a library."""
APPLICATION_ID = 0x64736B6C
"""The same as `data.sqlite.APPLICATION_ID`."""


class Query:
    """A read with a name. `outside` names the columns that are handed out as `OutsideText`."""

    __slots__ = ("name", "outside", "sql")

    def __init__(self, name: str, sql: str, outside: tuple[str, ...] = ()) -> None:
        self.name = name
        self.sql = sql
        self.outside = outside

    def rows(self, columns: Sequence[str], found: Iterable[Sequence[object]]) -> list[Row]:
        """Return what a driver found as dictionaries, text from outside in its own type."""
        rows: list[Row] = [dict(zip(columns, each, strict=True)) for each in found]
        for row in rows:
            for name in self.outside:
                if row[name] is not None:
                    row[name] = OutsideText(row[name])
        return rows


def fetch_over(connection: Connection) -> Fetch:
    """Return how the named queries read over SQLAlchemy."""
    from sqlalchemy import text

    def fetch(query: Query, params: Mapping[str, object]) -> list[Row]:
        result = connection.execute(text(query.sql), dict(params))
        return query.rows(list(result.keys()), result)

    return fetch


# -- cases

_STATUSES = ("new", "open", "waiting_customer", "on_hold", "resolved", "closed")
_AGENT_ID = "(select a.id from agents a where a.name = cast(:owner as text))"
_QUEUE_ID = "(select q.id from queues q where q.name = cast(:queue as text))"
_ADDRESS = (
    "(select p.value from contact_points p where p.contact_id = t.id and p.kind = 'email' order by p.id desc limit 1)"
)
_CASE_COLUMNS = f"""
select c.id as number, c.subject, c.status, c.priority, c.case_type as type, h.name as channel, q.name as queue,
       a.name as owner, t.name as customer, {_ADDRESS} as address, c.opened_at, c.updated_at, c.hold_until,
       c.hold_reason, c.resolved_at, c.closed_at, c.continues_case_id as continues, k.name as account
"""
_CASE_JOINS = """
join channels h on h.id = c.channel_id
left join queues q on q.id = c.queue_id
left join agents a on a.id = c.owner_id
left join contacts t on t.id = c.contact_id
left join accounts k on k.id = c.account_id
"""
_CASE_OUTSIDE = ("subject", "customer", "address", "hold_reason", "account")
_CUSTOMER = """(cast(:customer as text) is null or c.contact_id in (
    select t.id from contacts t left join contact_points p on p.contact_id = t.id
    where lower(t.name) like cast(:customer as text) escape '!' or p.folded like cast(:customer as text) escape '!'))"""


def _case_list(name: str, pinned: str = "") -> Query:
    """Build the list of cases as one branch a status, each of which an index hands out in order, up to the limit.

    Args:
        pinned: the filter that is always given: with many cases its own index is the better way to them.
    """
    owner = "" if pinned == "owner" else "cast(:owner as text) is null or "
    queue = "" if pinned == "queue" else "cast(:queue as text) is null or "
    filters = f"""({owner}c.owner_id = {_AGENT_ID}) and ({queue}c.queue_id = {_QUEUE_ID})
      and (cast(:channel as text) is null or c.channel_id = (select h.id from channels h where h.name = cast(:channel as text)))
      and {_CUSTOMER}
      and (c.updated_at, c.id) < (cast(:before_at as bigint), cast(:before_id as bigint))"""
    branches = "\n  union all\n".join(
        f"""  select id from (select c.id from cases c
      where cast(:{status} as bigint) = 1 and c.status = '{status}' and {filters}
      order by c.updated_at desc, c.id desc limit cast(:limit as bigint)) as {status}_cases"""
        for status in _STATUSES
    )
    sql = f"""with page as (
{branches}
) {_CASE_COLUMNS} from page join cases c on c.id = page.id {_CASE_JOINS}
order by c.updated_at desc, c.id desc limit cast(:limit as bigint)"""
    return Query(name, sql, _CASE_OUTSIDE)


CASE_LIST = _case_list("case.list")
CASE_LIST_OF_OWNER = _case_list("case.list_of_owner", "owner")
CASE_LIST_OF_QUEUE = _case_list("case.list_of_queue", "queue")


def some_cases(numbers: Sequence[int]) -> Query:
    """Return the query of some cases, as the list shows them, those changed last first."""
    some = ", ".join(map(str, numbers)) or "0"
    sql = f"{_CASE_COLUMNS} from cases c {_CASE_JOINS} where c.id in ({some}) order by c.updated_at desc, c.id desc"
    return Query("case.some", sql, _CASE_OUTSIDE)


CASE = Query(
    "case.show",
    f"{_CASE_COLUMNS} from cases c {_CASE_JOINS} where c.id = cast(:case as bigint)",
    _CASE_OUTSIDE,
)
MESSAGES = Query(
    "case.messages",
    """select m.id, m.direction, m.at, h.name as channel, t.name as customer, a.name as agent, m.subject, m.text, m.reply_text,
       m.recipients, m.delivery, m.delivery_error, m.auto, m.bounce
from messages m join channels h on h.id = m.channel_id
left join contacts t on t.id = m.contact_id left join agents a on a.id = m.agent_id
where m.case_id = cast(:case as bigint) order by m.id""",
    ("customer", "subject", "text", "reply_text", "recipients", "delivery_error"),
)
ATTACHMENTS = Query(
    "case.attachments",
    """select f.message_id, f.position, f.name, f.type, f.size, f.inline
from attachments f join messages m on m.id = f.message_id
where m.case_id = cast(:case as bigint) order by f.message_id, f.position""",
    ("name", "type"),
)
_ENTRY = """select j.id, j.at, j.kind, j.actor_kind, j.actor_name, j.case_id, j.work_id, a.name as agent, q.name as queue, j.data
from journal j left join agents a on a.id = j.agent_id left join queues q on q.id = j.queue_id"""
HISTORY = Query(
    "case.history",
    f"{_ENTRY} where j.case_id = cast(:case as bigint) order by j.id desc limit cast(:limit as bigint)",
    ("data",),
)
JOURNAL = Query("journal.tail", f"{_ENTRY} order by j.id desc limit cast(:limit as bigint)", ("data",))

# -- work

_WORK_COLUMNS = """select w.id as work, w.case_id as "case", c.subject, w.state, q.name as queue, h.name as channel,
       a.name as agent, w.priority, w.weight, w.round, w.next_round_at, w.requested_at, w.ended_at, s.offered_at,
       s.accepted_at, s.deadline_at, s.wrap_up_until"""
_WORK_JOINS = """join cases c on c.id = w.case_id join queues q on q.id = w.queue_id
join channels h on h.id = w.channel_id"""
_HELD = "s.state in ('offered', 'accepted', 'wrapping')"
WORK_WAITING = Query(
    "work.waiting",
    f"""{_WORK_COLUMNS} from work_items w {_WORK_JOINS}
left join assignments s on s.id = -1 left join agents a on a.id = s.agent_id
where w.state = 'waiting' and (cast(:queue as text) is null or w.queue_id = {_QUEUE_ID})
order by w.priority, w.secondary, w.accept_by, w.requested_at, w.id limit cast(:limit as bigint)""",
    ("subject",),
)
WORK_HELD = Query(
    "work.held",
    f"""{_WORK_COLUMNS} from assignments s join work_items w on w.id = s.work_id {_WORK_JOINS}
join agents a on a.id = s.agent_id
where {_HELD} and s.state in (cast(:first as text), cast(:second as text))
  and (cast(:queue as text) is null or w.queue_id = {_QUEUE_ID})
  and (cast(:agent as text) is null or s.agent_id = (select b.id from agents b where b.name = cast(:agent as text)))
order by s.offered_at, s.id limit cast(:limit as bigint)""",
    ("subject",),
)
_WORK_HOLDER = "left join assignments s on s.work_id = w.id and " + _HELD + " left join agents a on a.id = s.agent_id"
WORK = Query(
    "work.show",
    f"{_WORK_COLUMNS} from work_items w {_WORK_JOINS} {_WORK_HOLDER} where w.id = cast(:work as bigint)",
    ("subject",),
)
WORK_OF_CASE = Query(
    "work.of_case",
    f"""{_WORK_COLUMNS} from work_items w {_WORK_JOINS} {_WORK_HOLDER}
where w.case_id = cast(:case as bigint) order by w.id desc limit 1""",
    ("subject",),
)
ASSIGNMENTS = Query(
    "work.assignments",
    """select s.id as assignment, a.name as agent, s.state, s.round, s.forced, s.offered_at, s.deadline_at, s.accepted_at,
       s.ended_at, s.reason, s.choice
from assignments s join agents a on a.id = s.agent_id where s.work_id = cast(:work as bigint) order by s.id""",
    ("reason",),
)
AGENT_NAMES = Query("agent.names", "select id, name from agents")
QUEUE_NAMES = Query("queue.names", "select id, name from queues")

# -- queues and agents

QUEUES = Query(
    "queue.list",
    """select q.name as queue, q.label, r.name as routing, coalesce(l.waiting, 0) as waiting, coalesce(l.offered, 0) as offered,
       coalesce(l.accepted, 0) as accepted,
       (select min(w.requested_at) from work_items w where w.queue_id = q.id and w.state = 'waiting') as oldest_at,
       (select count(*) from queue_members m where m.queue_id = q.id) as members,
       (select count(*) from queue_members m join agent_loads g on g.agent_id = m.agent_id
          join presence_intervals i on i.id = g.interval_id join presence_statuses p on p.id = i.status_id
        where m.queue_id = q.id and p.kind = 'available' and g.lost_at is null) as present
from queues q left join queue_loads l on l.queue_id = q.id left join routing_configurations r on r.id = q.routing_configuration_id
where q.active = 1 and (cast(:queue as text) is null or q.name = cast(:queue as text)) order by q.name""",
)
AGENTS = Query(
    "agent.list",
    """select a.name as agent, a.full_name as name, a.role, coalesce(p.name, 'offline') as status,
       coalesce(p.kind, 'offline') as kind, coalesce(nullif(p.label, ''), p.name) as label,
       case when p.id is null then (select max(e.ended_at) from presence_intervals e where e.agent_id = a.id) else i.began_at end as since,
       l.lost_at, coalesce(l.used, 0) as used, coalesce(case when p.id is null then pc.capacity else l.capacity end, 0) as capacity,
       coalesce(l.open_items, 0) as open_items, a.email, pc.name as presence
from agents a left join agent_loads l on l.agent_id = a.id left join presence_intervals i on i.id = l.interval_id
left join presence_statuses p on p.id = i.status_id
join presence_configurations pc on pc.id = a.presence_configuration_id
where a.active = 1 and (cast(:agent as text) is null or a.name = cast(:agent as text))
  and (cast(:present as bigint) = 0 or p.id is not null)
  and (cast(:queue as text) is null or a.id in (select m.agent_id from queue_members m join queues q on q.id = m.queue_id
       where q.name = cast(:queue as text)))
order by a.name""",
)
AGENT_QUEUES = Query(
    "agent.queues",
    """select q.name as queue from queue_members m join queues q on q.id = m.queue_id join agents a on a.id = m.agent_id
where a.name = cast(:agent as text) and q.active = 1 order by q.name""",
)
STATUSES = Query(
    "presence.statuses",
    """select p.name as status, p.label, p.kind, h.name as channel from presence_statuses p
left join presence_status_channels x on x.status_id = p.id left join channels h on h.id = x.channel_id
where p.active = 1 order by p.id, h.name""",
)
ACTOR = Query("agent.actor", "select id, name, role from agents where name = cast(:agent as text) and active = 1")
KNOWN_AGENT = Query("agent.known", "select id from agents where name = cast(:name as text)")
KNOWN_QUEUE = Query("queue.known", "select id from queues where name = cast(:name as text)")
KNOWN_MESSAGE = Query("message.known", "select id from messages where id = cast(:message as bigint)")
KNOWN_CHANNEL = Query("channel.known", "select id from channels where name = cast(:name as text)")
BADGE = Query(
    "agent.badge",
    """select a.name as agent, coalesce(p.name, 'offline') as status,
       (select count(*) from assignments s where s.agent_id = a.id
           and s.state in ('offered', 'accepted', 'wrapping') and s.state = 'offered') as offers,
       (select min(s.deadline_at) from assignments s where s.agent_id = a.id
           and s.state in ('offered', 'accepted', 'wrapping') and s.state = 'offered') as deadline_at,
       (select count(*) from assignments s where s.agent_id = a.id
           and s.state in ('offered', 'accepted', 'wrapping') and s.state <> 'offered') as open_items
from agents a left join agent_loads l on l.agent_id = a.id left join presence_intervals i on i.id = l.interval_id
left join presence_statuses p on p.id = i.status_id
where a.active = 1 and a.name = cast(:agent as text)""",
)

# -- mail and the engine

OUTBOX = Query(
    "mail.outbox",
    """select o.id, m.case_id as "case", o.message_id as message, m.recipients, o.state, o.tries, o.due_at, o.error, o.created_at,
       o.ended_at, b.name as mailbox
from outbox o left join messages m on m.id = o.message_id left join mailboxes b on b.id = o.mailbox_id
where o.kind = 'mail' and (o.state = cast(:state as text) or (cast(:state as text) is null and o.state <> 'sent'))
order by o.id desc limit cast(:limit as bigint)""",
    ("recipients", "error"),
)
QUARANTINE = Query(
    "mail.quarantine",
    """select r.id, r.at, b.name as mailbox, r.reason, coalesce(k.size, 0) as size
from mail_receipts r left join mailboxes b on b.id = r.mailbox_id left join blobs k on k.digest = r.raw_digest
where r.state = 'quarantined' and (cast(:mail as bigint) is null or r.id = cast(:mail as bigint))
order by r.id desc limit cast(:limit as bigint)""",
    ("reason",),
)
QUARANTINED_HEAD = Query(
    "mail.quarantined_head",
    """select substr(k.content, 1, 65536) as head from mail_receipts r join blobs k on k.digest = r.raw_digest
where r.state = 'quarantined' and r.id = cast(:mail as bigint)""",
)
MAILBOXES = Query(
    "mail.mailboxes",
    """select b.name as mailbox, b.imap, b.smtp, t.polled_at, t.failed_at, t.failure
from mailboxes b left join mailbox_states t on t.mailbox_id = b.id where b.active = 1 order by b.name""",
    ("failure",),
)
LEASE = Query("engine.lease", "select holder, fence, expires_at, turned_at from engine_lease")

# -- calendars

CALENDARS = Query(
    "calendar.list",
    """select c.name as calendar, c.zone,
       coalesce((select s.value from desk_settings s where s.name = 'time_zone'), 'UTC') as desk_zone,
       coalesce((select s.value from desk_settings s where s.name = 'language'), 'en') as language,
       coalesce((select s.value from desk_settings s where s.name = 'calendar'), '') as desk_calendar,
       c.week, c.holidays, c.exceptions
from calendars c where c.active = 1 and c.name = coalesce(cast(:calendar as text), c.name) order by c.name""",
)
DESK_CALENDAR = Query(
    "calendar.of_desk",
    """select coalesce((select s.value from desk_settings s where s.name = 'time_zone'), 'UTC') as zone,
       coalesce((select s.value from desk_settings s where s.name = 'calendar'), '') as calendar""",
)
