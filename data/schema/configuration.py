"""What an admin sets up: channels, presence, routing configurations, queues, agents, mailboxes and their addresses."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint

from data.schema.base import Whole, Words, flag, key, one_of, refers, table, whole, words

CHANNEL_SIGN_OUT = ("keep", "requeue-unopened", "requeue-all")
PRESENCE_KINDS = ("available", "busy", "offline")
MODELS = ("least-active",)
ROLES = ("agent", "supervisor", "admin")
FIELD_KINDS = ("text", "number", "flag", "moment", "choice", "choices")

desk_settings = table(
    "desk_settings",
    Column("name", Words, primary_key=True),
    words("value"),
)
"""Name and value of what concerns the whole desk; `revision` counts changes of the configuration, `reply_key` signs reply tokens."""

channels = table(
    "channels",
    key(),
    words("name"),
    words("label"),
    whole("weight", CheckConstraint("weight > 0", name="weight")),
    whole("paused_weight", CheckConstraint("paused_weight >= 0", name="paused_weight")),
    words("sign_out", one_of("sign_out", CHANNEL_SIGN_OUT)),
    refers("fallback_queue_id", "queues", null=True, use_alter=True),
    *flag("active", 1),
    Index("uq_channels_name", "name", unique=True),
)

calendars = table(
    "calendars",
    key(),
    words("name"),
    words("zone", null=True),
    words("week"),
    words("holidays", default="[]"),
    words("exceptions", default="{}"),
    *flag("active", 1),
    Index("uq_calendars_name", "name", unique=True),
)
"""`zone` is null where the desk's counts. `week` and `exceptions` are JSON objects of lists of intervals, by days and by date;
`holidays` is a JSON list of regions. All are written as in the configuration, in its one form for each meaning."""

presence_statuses = table(
    "presence_statuses",
    key(),
    words("name"),
    words("label"),
    words("kind", one_of("kind", PRESENCE_KINDS)),
    *flag("active", 1),
    Index("uq_presence_statuses_name", "name", unique=True),
)

presence_status_channels = table(
    "presence_status_channels",
    Column("status_id", Whole, ForeignKey("presence_statuses.id", ondelete="CASCADE"), nullable=False),
    Column("channel_id", Whole, ForeignKey("channels.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("status_id", "channel_id"),
)

presence_configurations = table(
    "presence_configurations",
    key(),
    words("name"),
    whole("capacity", CheckConstraint("capacity >= 0", name="capacity")),
    *flag("auto_accept"),
    *flag("decline_allowed", 1),
    *flag("decline_reason_required"),
    words("decline_reasons", default="[]"),
    refers("status_after_decline_id", "presence_statuses", null=True),
    refers("status_after_timeout_id", "presence_statuses", null=True),
    whole("wrap_up_s", default=0),
    whole("grace_s", default=120),
    *flag("active", 1),
    Index("uq_presence_configurations_name", "name", unique=True),
)

routing_configurations = table(
    "routing_configurations",
    key(),
    words("name"),
    whole("priority"),
    words("model", one_of("model", MODELS)),
    whole("weight", CheckConstraint("weight > 0", name="weight"), null=True),
    whole("push_timeout_s", CheckConstraint("push_timeout_s >= 0", name="push_timeout_s")),
    whole("round_pause_s", CheckConstraint("round_pause_s > 0", name="round_pause_s")),
    *flag("active", 1),
    Index("uq_routing_configurations_name", "name", unique=True),
)
"""`push_timeout_s` 0 means that an offer never times out. `round_pause_s` is the first pause between rounds; it doubles each round."""

queues = table(
    "queues",
    key(),
    words("name"),
    words("label"),
    refers("routing_configuration_id", "routing_configurations", null=True),
    *flag("active", 1),
    Index("uq_queues_name", "name", unique=True),
)

agents = table(
    "agents",
    key(),
    words("name"),
    words("full_name"),
    words("email", default=""),
    words("kind", one_of("kind", ("person", "bot")), default="person"),
    words("role", one_of("role", ROLES)),
    refers("presence_configuration_id", "presence_configurations"),
    *flag("active", 1),
    Index("uq_agents_name", "name", unique=True),
)

queue_members = table(
    "queue_members",
    Column("queue_id", Whole, ForeignKey("queues.id", ondelete="CASCADE"), nullable=False),
    Column("agent_id", Whole, ForeignKey("agents.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("queue_id", "agent_id"),
    Index("ix_queue_members_agent_id", "agent_id"),
)

mailboxes = table(
    "mailboxes",
    key(),
    words("name"),
    words("from_header"),
    words("imap", null=True),
    words("smtp", null=True),
    *flag("active", 1),
    Index("uq_mailboxes_name", "name", unique=True),
)
"""`imap` and `smtp` are JSON objects of the connection; the password is never in them, only where to get it."""

routing_addresses = table(
    "routing_addresses",
    key(),
    words("address"),
    refers("mailbox_id", "mailboxes", ondelete="CASCADE"),
    refers("queue_id", "queues", null=True),
    whole("priority", CheckConstraint("priority between 1 and 5", name="priority"), null=True),
    words("case_type", null=True),
    words("language", null=True),
    Index("uq_routing_addresses_address", "address", unique=True),
)

custom_fields = table(
    "custom_fields",
    key(),
    words("name"),
    words("label"),
    words("kind", one_of("kind", FIELD_KINDS)),
    words("choices", default="[]"),
    *flag("active", 1),
    Index("uq_custom_fields_name", "name", unique=True),
)
"""Fields of a case that the admin declares; `choices` is a JSON list."""

templates = table(
    "templates",
    key(),
    words("name"),
    words("label"),
    words("subject"),
    words("text"),
    words("languages", default="{}"),
    *flag("active", 1),
    Index("uq_templates_name", "name", unique=True),
)
"""`languages` is a JSON object of the other languages, each with its subject and text."""

classifications = table(
    "classifications",
    key(),
    words("name"),
    words("rules"),
    *flag("active", 1),
    Index("uq_classifications_name", "name", unique=True),
)
"""`rules` is a JSON list, each with its condition, what it sets, and why."""

views = table(
    "views",
    key(),
    words("name"),
    words("label"),
    words("condition"),
    words("columns", default="[]"),
    *flag("active", 1),
    Index("uq_views_name", "name", unique=True),
)
"""Lists of cases for everybody, each the cases for which a condition is true; `columns` is a JSON list of fields to be shown."""
