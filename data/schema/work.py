"""Presence and work: intervals, loads, work items, assignments, exclusions and the counters of each queue."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint

from data.schema.base import (
    Whole,
    Words,
    flag,
    index_where,
    key,
    one_of,
    outside,
    refers,
    table,
    unique_where,
    whole,
    words,
)

WORK_STATES = ("waiting", "offered", "accepted", "wrapping", "closed", "cancelled", "transferred")
ASSIGNMENT_STATES = (
    "offered",
    "accepted",
    "wrapping",
    "closed",
    "declined",
    "timed_out",
    "revoked",
    "cancelled",
    "transferred",
)
ACTIVE_ASSIGNMENT = "state in ('offered', 'accepted', 'wrapping')"
ACTIVE_WORK = "state in ('waiting', 'offered', 'accepted', 'wrapping')"

presence_intervals = table(
    "presence_intervals",
    key(),
    refers("agent_id", "agents"),
    refers("status_id", "presence_statuses"),
    whole("began_at"),
    whole("ended_at", null=True),
    whole("capacity"),
    whole("idle_us", default=0),
    whole("at_capacity_us", default=0),
    unique_where("uq_presence_intervals_current", ("agent_id",), "ended_at is null"),
    Index("ix_presence_intervals_agent_id_began_at", "agent_id", "began_at"),
)
"""One row for each time in a status other than offline; it keeps the capacity that was configured when it began."""

agent_loads = table(
    "agent_loads",
    Column("agent_id", Whole, ForeignKey("agents.id", ondelete="CASCADE"), primary_key=True),
    refers("interval_id", "presence_intervals", null=True),
    whole("capacity", default=0),
    whole("used", CheckConstraint("used >= 0", name="used"), default=0),
    whole("open_items", CheckConstraint("open_items >= 0", name="open_items"), default=0),
    whole("last_assigned_at", default=0),
    whole("load_since", default=0),
    whole("idle_us", default=0),
    whole("at_capacity_us", default=0),
    whole("lost_at", null=True),
)
"""What an agent carries now, with the idle time and the time at capacity of the current interval up to `load_since`. `lost_at` is set
while the last console of a present agent is gone and the grace time runs."""

console_sessions = table(
    "console_sessions",
    Column("id", Words, primary_key=True),
    refers("agent_id", "agents", ondelete="CASCADE"),
    whole("began_at"),
    whole("seen_at"),
    Index("ix_console_sessions_agent_id", "agent_id"),
)
"""Consoles that are open, with their last heartbeat. An agent who is present without one was set so by a command and is not missed."""

work_items = table(
    "work_items",
    key(),
    words("kind", one_of("kind", ("case",))),
    whole("subject_id"),
    refers("case_id", "cases"),
    refers("channel_id", "channels"),
    refers("queue_id", "queues"),
    words("state", one_of("state", WORK_STATES), default="waiting"),
    whole("priority"),
    whole("secondary", default=0),
    whole("accept_by"),
    whole("requested_at"),
    whole("weight", CheckConstraint("weight > 0", name="weight")),
    whole("round", default=1),
    whole("next_round_at", null=True),
    whole("created_at"),
    whole("ended_at", null=True),
    unique_where("uq_work_items_active", ("kind", "subject_id"), ACTIVE_WORK),
    index_where(
        "ix_work_items_line", ("priority", "secondary", "accept_by", "requested_at", "id"), "state = 'waiting'"
    ),
    index_where("ix_work_items_queue_line", ("queue_id", "requested_at"), "state = 'waiting'"),
    Index("ix_work_items_case_id", "case_id"),
)
"""Something to be routed. The five columns of the line index are the order of the line; without a promise `accept_by` is the last
moment there is."""

assignments = table(
    "assignments",
    key(),
    refers("work_id", "work_items"),
    refers("agent_id", "agents"),
    refers("queue_id", "queues", null=True),
    words("state", one_of("state", ASSIGNMENT_STATES)),
    whole("weight", CheckConstraint("weight >= 0", name="weight")),
    whole("round"),
    *flag("forced"),
    whole("offered_at"),
    whole("deadline_at", null=True),
    whole("accepted_at", null=True),
    whole("opened_at", null=True),
    whole("wrap_up_until", null=True),
    whole("ended_at", null=True),
    outside("reason", null=True),
    words("choice", default="{}"),
    unique_where("uq_assignments_active", ("work_id",), ACTIVE_ASSIGNMENT),
    index_where("ix_assignments_agent_active", ("agent_id",), ACTIVE_ASSIGNMENT),
    Index("ix_assignments_work_id", "work_id"),
)
"""A work item given to an agent. `choice` is JSON: why this agent was chosen."""

offer_exclusions = table(
    "offer_exclusions",
    Column("work_id", Whole, ForeignKey("work_items.id"), nullable=False),
    Column("agent_id", Whole, ForeignKey("agents.id", ondelete="CASCADE"), nullable=False),
    whole("round"),
    words("why", one_of("why", ("declined", "timed_out"))),
    PrimaryKeyConstraint("work_id", "agent_id", "round"),
)
"""Who is not asked again in which round of a work item."""

queue_loads = table(
    "queue_loads",
    Column("queue_id", Whole, ForeignKey("queues.id", ondelete="CASCADE"), primary_key=True),
    whole("waiting", CheckConstraint("waiting >= 0", name="waiting"), default=0),
    whole("offered", CheckConstraint("offered >= 0", name="offered"), default=0),
    whole("accepted", CheckConstraint("accepted >= 0", name="accepted"), default=0),
)
"""The figures of a queue, kept by the actions that change them, so that no screen has to count."""
