"""The tables are what the journal says."""

from __future__ import annotations

from core.events import REFERENCES
from core.invariants.rule import Rule

_STATE_OF_KIND = """case kind
    when 'work.queued' then 'waiting' when 'work.declined' then 'waiting' when 'work.timed_out' then 'waiting'
    when 'work.revoked' then 'waiting' when 'work.offered' then 'offered' when 'work.accepted' then 'accepted'
    when 'work.wrapping' then 'wrapping' when 'work.closed' then 'closed' when 'work.cancelled' then 'cancelled'
    when 'work.transferred' then 'transferred' end"""

JOURNAL = (
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
