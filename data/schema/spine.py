"""The spine: the journal, the cursors of those who act on it, timers, and the engine's lease."""

from __future__ import annotations

from sqlalchemy import DDL, CheckConstraint, Column, Index, event, text

from data.schema.base import Words, flag, index_where, key, outside, table, whole, words

journal = table(
    "journal",
    key(),
    whole("at"),
    words("kind"),
    words("actor_kind"),
    whole("actor_id", null=True),
    words("actor_name", default=""),
    words("subject_kind"),
    whole("subject_id"),
    whole("case_id", null=True),
    whole("work_id", null=True),
    whole("agent_id", null=True),
    whole("queue_id", null=True),
    whole("cause_id", null=True),
    whole("chain_id"),
    whole("depth", default=0),
    *flag("settled"),
    words("data", default="{}"),
    Index("ix_journal_unsettled", "id", sqlite_where=text("settled = 0")).ddl_if(dialect="sqlite"),
    index_where("ix_journal_case_id", ("case_id", "id"), "case_id is not null"),
    index_where("ix_journal_agent_id", ("agent_id", "id"), "agent_id is not null"),
    index_where("ix_journal_work_id", ("work_id", "id"), "work_id is not null"),
    index_where("ix_journal_queue_id", ("queue_id", "id"), "queue_id is not null"),
)
"""Everything that happened, in order, once. `settled` 1: the turn that recorded it has already given it to the reactors."""

event.listen(
    journal,
    "after_create",
    DDL(  # type: ignore[no-untyped-call]
        "alter table journal add column xid xid8 not null default pg_current_xact_id();"
        "create index ix_journal_order on journal (xid, id);"
        "create index ix_journal_unsettled on journal (xid, id) where settled = 0"
    ).execute_if(dialect="postgresql"),
)

cursors = table(
    "cursors",
    Column("name", Words, primary_key=True),
    whole("xid", default=0),
    whole("event_id", default=0),
)
"""How far each reader that acts on the journal has come; `xid` is 0 on SQLite."""

timers = table(
    "timers",
    key(),
    words("kind"),
    words("subject_kind"),
    whole("subject_id"),
    whole("due_at"),
    whole("cause_id", null=True),
    whole("chain_id", null=True),
    whole("depth", default=0),
    words("data", default="{}"),
    Index("uq_timers_kind_subject", "kind", "subject_kind", "subject_id", unique=True),
    Index("ix_timers_due_at", "due_at"),
)
"""What is to happen later: one row a kind and subject, kept until it matured or was called off."""

engine_lease = table(
    "engine_lease",
    whole("id", CheckConstraint("id = 1", name="single")),
    words("holder", default=""),
    whole("fence", default=0),
    whole("expires_at", default=0),
    whole("turned_at", default=0),
    Index("uq_engine_lease_id", "id", unique=True),
)
"""Who acts: one row. `fence` grows with each holder, and each turn checks it."""

delayed_actions = table(
    "delayed_actions",
    key(),
    words("action"),
    outside("arguments"),
    whole("case_id", null=True),
    words("actor_kind"),
    whole("actor_id", null=True),
    words("actor_name"),
    words("actor_role"),
    whole("created_at"),
)
"""Actions that a timer carries out later, for who asked for them; `arguments` is a JSON object."""
