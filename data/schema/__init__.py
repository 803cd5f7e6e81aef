"""The tables, with the rules in them that a database can hold: types, checks and partial unique indexes."""

from data.schema.base import metadata
from data.schema.cases import (
    accounts,
    attachments,
    blobs,
    case_followers,
    case_participants,
    cases,
    contact_points,
    contacts,
    drafts,
    mail_threads,
    messages,
)
from data.schema.configuration import (
    agents,
    calendars,
    channels,
    desk_settings,
    mailboxes,
    presence_configurations,
    presence_status_channels,
    presence_statuses,
    queue_members,
    queues,
    routing_addresses,
    routing_configurations,
)
from data.schema.mail import mail_receipts, mailbox_states, outbox
from data.schema.spine import cursors, engine_lease, journal, timers
from data.schema.work import (
    agent_loads,
    assignments,
    console_sessions,
    offer_exclusions,
    presence_intervals,
    queue_loads,
    work_items,
)

HEAD = "0003"
"""The newest migration: what a desk made by this version is stamped with."""

__all__ = [
    "HEAD",
    "accounts",
    "agent_loads",
    "agents",
    "assignments",
    "attachments",
    "blobs",
    "calendars",
    "case_followers",
    "case_participants",
    "cases",
    "channels",
    "console_sessions",
    "contact_points",
    "contacts",
    "cursors",
    "desk_settings",
    "drafts",
    "engine_lease",
    "journal",
    "mail_receipts",
    "mail_threads",
    "mailbox_states",
    "mailboxes",
    "messages",
    "metadata",
    "offer_exclusions",
    "outbox",
    "presence_configurations",
    "presence_intervals",
    "presence_status_channels",
    "presence_statuses",
    "queue_loads",
    "queue_members",
    "queues",
    "routing_addresses",
    "routing_configurations",
    "timers",
    "work_items",
]
