"""Who writes and what they write: accounts, contacts, cases, messages, drafts, followers, and the index that threads mail."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, PrimaryKeyConstraint

from data.schema.base import Bytes, Whole, Words, flag, index_where, key, one_of, outside, refers, table, whole, words

CASE_STATUSES = ("new", "open", "waiting_customer", "on_hold", "resolved", "closed")
CONTACT_POINT_KINDS = ("email", "phone", "handle")
DELIVERY_STATES = ("queued", "sent", "failed")
DRAFT_KINDS = ("reply", "note")

accounts = table(
    "accounts",
    key(),
    outside("name"),
    words("domain", null=True),
    whole("created_at"),
    index_where("ix_accounts_domain", ("domain",), "domain is not null"),
)

contacts = table(
    "contacts",
    key(),
    outside("name", default=""),
    refers("account_id", "accounts", null=True),
    refers("merged_into_id", "contacts", null=True),
    words("language", null=True),
    whole("created_at"),
    Index("ix_contacts_account_id", "account_id"),
)

contact_points = table(
    "contact_points",
    key(),
    refers("contact_id", "contacts"),
    words("kind", one_of("kind", CONTACT_POINT_KINDS)),
    outside("value"),
    words("folded"),
    Index("uq_contact_points_kind_folded", "kind", "folded", unique=True),
    Index("ix_contact_points_contact_id", "contact_id"),
)
"""An address, number or handle over which a contact is known; `folded` is the value as it is compared."""

cases = table(
    "cases",
    key(),
    outside("subject"),
    words("status", one_of("status", CASE_STATUSES), default="new"),
    whole("priority", CheckConstraint("priority between 1 and 5", name="priority"), default=3),
    words("case_type", null=True),
    refers("channel_id", "channels"),
    refers("contact_id", "contacts", null=True),
    refers("account_id", "accounts", null=True),
    refers("owner_id", "agents", null=True),
    refers("queue_id", "queues", null=True),
    refers("routing_address_id", "routing_addresses", null=True, ondelete="SET NULL"),
    refers("continues_case_id", "cases", null=True),
    words("language", null=True),
    outside("hold_reason", null=True),
    whole("hold_until", null=True),
    whole("opened_at"),
    whole("updated_at"),
    whole("resolved_at", null=True),
    whole("closed_at", null=True),
    whole("level", CheckConstraint("level between 1 and 9", name="level"), default=1),
    outside("flag", null=True),
    whole("flagged_at", null=True),
    CheckConstraint("status <> 'on_hold' or hold_until is not null", name="hold_has_date"),
    CheckConstraint("status not in ('resolved', 'closed') or resolved_at is not null", name="resolved_has_time"),
    CheckConstraint("status <> 'closed' or closed_at is not null", name="closed_has_time"),
    Index("ix_cases_status_updated_at", "status", "updated_at"),
    Index("ix_cases_updated_at", "updated_at"),
    Index("ix_cases_owner_id_status_updated_at", "owner_id", "status", "updated_at"),
    Index("ix_cases_queue_id_status", "queue_id", "status"),
    Index("ix_cases_contact_id", "contact_id"),
)
"""A case's id is its number: #412 is the row 412. `flag` is why somebody asks a supervisor to look at it."""

case_participants = table(
    "case_participants",
    Column("case_id", Whole, ForeignKey("cases.id"), nullable=False),
    Column("contact_id", Whole, ForeignKey("contacts.id"), nullable=False),
    PrimaryKeyConstraint("case_id", "contact_id"),
    Index("ix_case_participants_contact_id", "contact_id"),
)
"""Contacts who took part in a case: only their mail may join it by its number alone."""

case_followers = table(
    "case_followers",
    Column("case_id", Whole, ForeignKey("cases.id"), nullable=False),
    Column("agent_id", Whole, ForeignKey("agents.id"), nullable=False),
    words("part", one_of("part", ("follower", "collaborator")), default="follower"),
    PrimaryKeyConstraint("case_id", "agent_id"),
    Index("ix_case_followers_agent_id", "agent_id"),
)

case_tags = table(
    "case_tags",
    Column("case_id", Whole, ForeignKey("cases.id"), nullable=False),
    Column("tag", Words, nullable=False),
    PrimaryKeyConstraint("case_id", "tag"),
    Index("ix_case_tags_tag", "tag"),
)

case_values = table(
    "case_values",
    Column("field_id", Whole, ForeignKey("custom_fields.id"), nullable=False),
    Column("case_id", Whole, ForeignKey("cases.id"), nullable=False),
    whole("position", default=0),
    outside("text", null=True),
    whole("number", null=True),
    PrimaryKeyConstraint("field_id", "case_id", "position"),
    CheckConstraint("(text is null) <> (number is null)", name="one_value"),
    Index("ix_case_values_case_id", "case_id"),
    index_where("ix_case_values_number", ("field_id", "number"), "number is not null"),
)
"""The values of custom fields: text, or a number in millionths, a flag, a moment. Several positions where a field holds several choices."""

case_links = table(
    "case_links",
    Column("case_id", Whole, ForeignKey("cases.id"), nullable=False),
    Column("other_id", Whole, ForeignKey("cases.id"), nullable=False),
    words("why"),
    whole("at"),
    PrimaryKeyConstraint("case_id", "other_id"),
    CheckConstraint("case_id <> other_id", name="two_cases"),
    Index("ix_case_links_other_id", "other_id"),
)
"""Cases that have to do with each other; a link is read from both sides."""

case_redirects = table(
    "case_redirects",
    Column("case_id", Whole, ForeignKey("cases.id"), primary_key=True),
    Column("into_id", Whole, ForeignKey("cases.id"), nullable=False),
    whole("at"),
    CheckConstraint("case_id <> into_id", name="two_cases"),
    Index("ix_case_redirects_into_id", "into_id"),
)
"""Where the messages of a case went that was merged into another one."""

blobs = table(
    "blobs",
    Column("digest", Words, primary_key=True),
    whole("size"),
    Column("content", Bytes, nullable=False),
)
"""Bytes by their SHA-256: raw mails and attachments, each stored once however often it came."""

messages = table(
    "messages",
    key(),
    refers("case_id", "cases"),
    words("direction", one_of("direction", ("inbound", "outbound", "note"))),
    refers("channel_id", "channels"),
    refers("contact_id", "contacts", null=True),
    refers("agent_id", "agents", null=True),
    whole("at"),
    outside("subject", default=""),
    outside("text"),
    outside("reply_text"),
    words("mail_id", null=True),
    outside("recipients", default="[]"),
    outside("reply_to", default=""),
    words("delivery", null=True),
    outside("delivery_error", null=True),
    words("raw_digest", ForeignKey("blobs.digest"), null=True),
    *flag("auto"),
    *flag("bounce"),
    outside("html", null=True),
    CheckConstraint("delivery is null or delivery in ('queued', 'sent', 'failed')", name="delivery"),
    CheckConstraint("direction = 'outbound' or delivery is null", name="only_outbound_is_delivered"),
    Index("ix_messages_case_id_id", "case_id", "id"),
    index_where("ix_messages_mail_id", ("mail_id",), "mail_id is not null"),
)
"""One thing said on a case. `recipients` is a JSON list of addresses, `reply_to` where an answer goes, `mail_id` the
Message-ID with its brackets. `html` is what a template made beside its text."""

drafts = table(
    "drafts",
    Column("case_id", Whole, ForeignKey("cases.id"), nullable=False),
    Column("agent_id", Whole, ForeignKey("agents.id"), nullable=False),
    words("kind", one_of("kind", DRAFT_KINDS)),
    outside("text"),
    words("session"),
    whole("updated_at"),
    PrimaryKeyConstraint("case_id", "agent_id"),
    Index("ix_drafts_agent_id", "agent_id"),
)
"""What an agent is writing on a case, and in which console. It is state, not history, so it is not journaled."""

attachments = table(
    "attachments",
    key(),
    refers("message_id", "messages"),
    whole("position"),
    outside("name"),
    outside("type"),
    whole("size"),
    *flag("inline"),
    outside("content_id", default=""),
    words("digest", ForeignKey("blobs.digest")),
    Index("uq_attachments_message_id_position", "message_id", "position", unique=True),
)

mail_threads = table(
    "mail_threads",
    Column("mail_id", Words, nullable=False),
    Column("case_id", Whole, ForeignKey("cases.id"), nullable=False),
    PrimaryKeyConstraint("mail_id", "case_id"),
)
"""Every Message-ID that a case's mails had or named, so that an answer to any of them finds the case."""
