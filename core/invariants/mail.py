"""Mail is taken once, and what was sent is said to be sent."""

from __future__ import annotations

from core.invariants.rule import Rule

MAIL = (
    Rule(
        "outbox",
        "message {0} is {1}, and its outbox row {2}",
        """select m.id, m.delivery, coalesce(o.state, 'missing') from messages m left join outbox o on o.message_id = m.id
        where m.direction = 'outbound' and m.delivery is not null and coalesce(o.state, 'missing') not in
        (m.delivery, case m.delivery when 'queued' then 'sending' else m.delivery end)
        and not (m.delivery = 'failed' and o.state <> 'failed' and exists (select 1 from journal
            where kind = 'message.bounced' and $MESSAGE = m.id and (journal.case_id = m.case_id
            or journal.case_id in (select case_id from case_redirects where into_id = m.case_id))))""",
    ),
    Rule(
        "outbox",
        "outbox row {0} is {1}, with the end {2} and the key {3} for the Message-ID {4}",
        """select o.id, o.state, o.ended_at, o.delivery_key, m.mail_id from outbox o left join messages m on m.id = o.message_id
        where (o.ended_at is null) <> (o.state in ('queued', 'sending'))
        or o.kind = 'mail' and (m.mail_id is null or m.mail_id <> o.delivery_key)""",
    ),
    Rule(
        "outbox",
        "webhook call {0} has {1} rows in the outbox",
        """select h.id, count(o.id) from webhook_calls h left join outbox o on o.webhook_id = h.id
        group by h.id having count(o.id) <> 1""",
    ),
    Rule(
        "outbox",
        "webhook call {0} was answered with {1}, and its outbox row {2} is {3}",
        """select h.id, h.status, o.id, o.state from webhook_calls h join outbox o on o.webhook_id = h.id
        where (h.status is not null) <> (o.state = 'sent')""",
    ),
    Rule(
        "mail",
        "the mail {0} with the digest {1} was taken {2} times",
        """select mail_id, digest, count(*) from mail_receipts where state = 'taken'
        group by mail_id, digest having count(*) > 1""",
    ),
    Rule(
        "mail",
        "receipt {0} is {1}, with the message {2} and the raw mail {3}",
        """select id, state, message_id, raw_digest from mail_receipts
        where state = 'taken' and message_id is null or state = 'quarantined' and raw_digest is null""",
    ),
    Rule(
        "blobs",
        "blob {0} has {1} bytes, and its size says {2}",
        "select digest, length(content), size from blobs where length(content) <> size",
    ),
    Rule(
        "blobs",
        "attachment {0} has {1} bytes, and its blob {2}",
        "select a.id, a.size, b.size from attachments a join blobs b on b.digest = a.digest where a.size <> b.size",
    ),
)
