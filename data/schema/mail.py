"""How mail came in, and what leaves the desk: the cursor of each mailbox, each mail taken, webhook calls, and the outbox."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index

from data.schema.base import Whole, index_where, key, one_of, outside, refers, table, unique_where, whole, words

OPEN_OUTBOX = "state in ('queued', 'sending')"
"""What is still to be sent; a query that says it in these words uses the partial index."""

mailbox_states = table(
    "mailbox_states",
    Column("mailbox_id", Whole, ForeignKey("mailboxes.id", ondelete="CASCADE"), primary_key=True),
    whole("uidvalidity", null=True),
    whole("next_uid", null=True),
    whole("polled_at", null=True),
    whole("failed_at", null=True),
    outside("failure", null=True),
)
"""Where polling stands; health is state, not history, so it is not journaled."""

mail_receipts = table(
    "mail_receipts",
    key(),
    refers("mailbox_id", "mailboxes", null=True, ondelete="SET NULL"),
    whole("uidvalidity", null=True),
    whole("uid", null=True),
    whole("at"),
    words("digest"),
    outside("mail_id", default=""),
    words("state", one_of("state", ("taken", "repeated", "quarantined"))),
    outside("reason", null=True),
    words("raw_digest", ForeignKey("blobs.digest"), null=True),
    refers("message_id", "messages", null=True),
    unique_where("uq_mail_receipts_position", ("mailbox_id", "uidvalidity", "uid"), "uid is not null"),
    unique_where("uq_mail_receipts_identity", ("mail_id", "digest"), "state = 'taken'"),
    Index("ix_mail_receipts_digest", "digest"),
    index_where("ix_mail_receipts_quarantined", ("id",), "state = 'quarantined'"),
)
"""One row a mail seen in a mailbox or piped in. Its identity: mailbox, UIDVALIDITY and UID for the transport, Message-ID with
a digest of the content for the mail."""

webhook_calls = table(
    "webhook_calls",
    key(),
    refers("case_id", "cases", null=True),
    words("url"),
    outside("body"),
    whole("created_at"),
    whole("status", null=True),
    outside("answer", null=True),
    Index("ix_webhook_calls_case_id", "case_id"),
)
"""What a webhook is told, as JSON, and the last answer of its server."""

outbox = table(
    "outbox",
    key(),
    words("kind", one_of("kind", ("mail", "webhook"))),
    words("delivery_key"),
    refers("message_id", "messages", null=True),
    refers("mailbox_id", "mailboxes", null=True, ondelete="SET NULL"),
    words("state", one_of("state", ("queued", "sending", "sent", "failed")), default="queued"),
    whole("tries", default=0),
    whole("due_at"),
    outside("error", null=True),
    whole("created_at"),
    whole("ended_at", null=True),
    whole("cause_id", null=True),
    whole("chain_id", null=True),
    whole("depth", default=0),
    refers("webhook_id", "webhook_calls", null=True),
    CheckConstraint("(kind = 'webhook') = (webhook_id is not null)", name="what_is_sent"),
    Index("uq_outbox_delivery_key", "delivery_key", unique=True),
    index_where("ix_outbox_due", ("kind", "due_at"), OPEN_OUTBOX),
    Index("ix_outbox_message_id", "message_id"),
)
"""What leaves the desk. `delivery_key` is fixed before the first try: for a mail it is the Message-ID."""
