"""Cases, and what stands on them."""

from __future__ import annotations

from core.invariants.rule import Rule

CASES = (
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
    Rule(
        "merges",
        "case #{0} was merged into #{1}, and is {2} with {3} messages and {4} links",
        """select r.case_id, r.into_id, k.status, (select count(*) from messages m where m.case_id = r.case_id),
        (select count(*) from case_links l where l.case_id = r.case_id or l.other_id = r.case_id)
        from case_redirects r join cases k on k.id = r.case_id where k.status <> 'closed'
        or exists (select 1 from messages m where m.case_id = r.case_id)
        or exists (select 1 from case_links l where l.case_id = r.case_id or l.other_id = r.case_id)""",
    ),
    Rule(
        "merges",
        "case #{0} was merged into #{1}, which was merged into another one itself",
        "select r.case_id, r.into_id from case_redirects r join case_redirects n on n.case_id = r.into_id",
    ),
    Rule(
        "fields",
        "case #{0} has values of field {1}, which is {2}, in the wrong column or place",
        """select distinct v.case_id, f.name, f.kind from case_values v join custom_fields f on f.id = v.field_id
        where (v.text is not null) <> (f.kind in ('text', 'choice', 'choices')) or v.position > 0 and f.kind <> 'choices'""",
    ),
    Rule(
        "flags",
        "case #{0} is flagged without a time, or has the time of a flag without one",
        "select id from cases where (flag is null) <> (flagged_at is null)",
    ),
)
