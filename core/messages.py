"""Messages: what is said on a case, its attachments, and the index of Message-IDs by which answers find their case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, insert, or_, select, update

from core.events import MessageBounced, MessageFailed, MessageNoted, MessageQueued, MessageReceived, MessageSent
from data.inserts import add_missing
from data.schema import attachments, blobs, cases, mail_threads, messages
from data.text import OutsideText, storable
from data.transaction import Tx

_NEW = insert(messages)
_ATTACH = insert(attachments)
_BLOB = select(blobs.c.digest).where(blobs.c.digest == bindparam("b_digest"))
_CASES_OF = (
    select(mail_threads.c.mail_id, mail_threads.c.case_id)
    .where(mail_threads.c.mail_id.in_(bindparam("b_ids", expanding=True)))
    .order_by(mail_threads.c.case_id.desc())
)
_DELIVERED = (
    update(messages)
    .where(messages.c.id == bindparam("b_id"))
    .values(delivery=bindparam("b_state"), delivery_error=bindparam("b_error"))
)
_TAKEN_BY_SERVER = _DELIVERED.where(
    or_(
        messages.c.delivery == "queued",
        (messages.c.delivery == "failed") & (messages.c.delivery_error == bindparam("b_given_up")),
    )
)
_SAID = select(messages.c.delivery_error).where(messages.c.id == bindparam("b_id"))
_SENT_AS = select(messages.c.id, messages.c.case_id).where(
    messages.c.mail_id == bindparam("b_mail_id"), messages.c.direction == "outbound"
)
_TOUCH = update(cases).where(cases.c.id == bindparam("b_id")).values(updated_at=bindparam("b_now"))
_LATEST_IDS = (
    select(messages.c.mail_id)
    .where(messages.c.case_id == bindparam("b_case"), messages.c.mail_id.is_not(None))
    .order_by(messages.c.id.desc())
    .limit(bindparam("b_limit"))
)


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A file that came with a message."""

    name: str
    type: str
    content: bytes
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What arrived or is to be sent, ready to be stored. `reply_text` is `text` without quoted history and signature, `html` what is
    sent beside the text.
    """

    text: str
    reply_text: str
    subject: str = ""
    mail_id: str | None = None
    recipients: Sequence[str] = ()
    reply_to: str = ""
    raw_digest: str | None = None
    attachments: Sequence[NewAttachment] = field(default_factory=tuple)
    auto: bool = False
    bounce: bool = False
    html: str | None = None


def keep(tx: Tx, content: bytes) -> str:
    """Store bytes once, however often they come, and return their SHA-256."""
    digest = hashlib.sha256(content).hexdigest()
    if tx.first(_BLOB, {"b_digest": digest}) is None:
        add_missing(tx, blobs, {"digest": digest, "size": len(content), "content": content})
    return digest


def receive(tx: Tx, case_id: int, channel_id: int, contact_id: int | None, new: NewMessage) -> int:
    """Add a customer's message to a case and return its id."""
    message_id = _add(tx, case_id, channel_id, "inbound", new, contact_id=contact_id)
    tx.record(
        MessageReceived(case_id=case_id, message_id=message_id, contact_id=contact_id, auto=new.auto, bounce=new.bounce)
    )
    return message_id


def write(tx: Tx, case_id: int, channel_id: int, new: NewMessage, *, message_id: int, agent_id: int | None) -> None:
    """Add a public answer, which waits in the outbox, under an id allocated beforehand."""
    _add(tx, case_id, channel_id, "outbound", new, agent_id=agent_id, delivery="queued", message_id=message_id)
    tx.record(MessageQueued(case_id=case_id, message_id=message_id, agent_id=agent_id))


def note(tx: Tx, case_id: int, channel_id: int, text: str, agent_id: int | None) -> int:
    """Add an internal note and return its id."""
    message_id = _add(tx, case_id, channel_id, "note", NewMessage(text=text, reply_text=text), agent_id=agent_id)
    tx.record(MessageNoted(case_id=case_id, message_id=message_id, agent_id=agent_id))
    return message_id


def _add(
    tx: Tx,
    case_id: int,
    channel_id: int,
    direction: str,
    new: NewMessage,
    *,
    contact_id: int | None = None,
    agent_id: int | None = None,
    delivery: str | None = None,
    message_id: int | None = None,
) -> int:
    message_id = message_id or tx.new_id(messages)
    tx.execute(
        _NEW,
        {
            "id": message_id,
            "case_id": case_id,
            "direction": direction,
            "channel_id": channel_id,
            "contact_id": contact_id,
            "agent_id": agent_id,
            "at": tx.now,
            "subject": new.subject,
            "text": new.text,
            "reply_text": new.reply_text,
            "mail_id": storable(new.mail_id) if new.mail_id else None,
            "recipients": json.dumps(list(new.recipients), ensure_ascii=False),
            "reply_to": new.reply_to,
            "delivery": delivery,
            "raw_digest": new.raw_digest,
            "auto": int(new.auto),
            "bounce": int(new.bounce),
            "html": new.html,
        },
    )
    if new.attachments:
        ids = tx.new_ids(attachments, len(new.attachments))
        tx.execute(
            _ATTACH,
            [
                {
                    "id": attachment_id,
                    "message_id": message_id,
                    "position": position,
                    "name": each.name,
                    "type": each.type,
                    "size": len(each.content),
                    "inline": int(each.inline),
                    "content_id": each.content_id,
                    "digest": keep(tx, each.content),
                }
                for position, (attachment_id, each) in enumerate(zip(ids, new.attachments, strict=True), 1)
            ],
        )
    tx.execute(_TOUCH, {"b_id": case_id, "b_now": tx.now})
    return message_id


def thread(tx: Tx, case_id: int, mail_ids: Iterable[str]) -> None:
    """Note Message-IDs by which answers find this case."""
    rows = [{"mail_id": each, "case_id": case_id} for each in sorted({storable(each) for each in mail_ids if each})]
    if rows:
        add_missing(tx, mail_threads, rows)


def cases_of(tx: Tx, mail_ids: Sequence[str]) -> list[int]:
    """Return the cases that know one of the Message-IDs, by the order of the ids given, the newest case of each first."""
    if not mail_ids:
        return []
    found: dict[str, list[int]] = {}
    for row in tx.all(_CASES_OF, {"b_ids": [storable(each) for each in mail_ids]}):
        found.setdefault(row.mail_id, []).append(row.case_id)
    return list(dict.fromkeys(case_id for each in mail_ids for case_id in found.get(storable(each), ())))


def recent_mail_ids(tx: Tx, case_id: int, limit: int = 10) -> list[str]:
    """Return the Message-IDs of a case's newest messages, the oldest of them first, for the References of an answer."""
    rows = tx.all(_LATEST_IDS, {"b_case": case_id, "b_limit": limit})
    return [row.mail_id for row in reversed(rows)]


def delivered(
    tx: Tx, case_id: int, message_id: int, tries: int, *, error: str | None = None, given_up: str | None = None
) -> None:
    """Note that the mail server took an answer. One that has bounced meanwhile stays failed.

    Args:
        tx: where it is noted.
        case_id: the case of the answer.
        message_id: the answer.
        tries: how often it was tried.
        error: which of its recipients the server refused, if it took the mail for the others.
        given_up: the error with which another sender gave it up before; a failure with any other error is a bounce.
    """
    tx.execute(_TAKEN_BY_SERVER, {"b_id": message_id, "b_state": "sent", "b_error": error, "b_given_up": given_up})
    tx.record(MessageSent(case_id=case_id, message_id=message_id, tries=tries))


def failed(tx: Tx, case_id: int, message_id: int, error: str) -> None:
    """Note that an answer is not tried again, and why."""
    earlier = _fail(tx, message_id, error)
    tx.record(MessageFailed(case_id=case_id, message_id=message_id, error=OutsideText(error), earlier=earlier))


def bounced(tx: Tx, mail_id: str, bounce_message_id: int, error: str) -> bool:
    """Note that one of our answers came back; return False where the Message-ID is none of ours."""
    row = tx.first(_SENT_AS, {"b_mail_id": storable(mail_id)})
    if row is None:
        return False
    tx.record(
        MessageBounced(
            case_id=row.case_id,
            message_id=row.id,
            bounce_message_id=bounce_message_id,
            error=OutsideText(error),
            earlier=_fail(tx, row.id, error),
        )
    )
    return True


def _fail(tx: Tx, message_id: int, error: str) -> OutsideText | None:
    """Show an answer as failed with the newest reason, and return the one that it had until then, for the journal to keep."""
    earlier: OutsideText | None = tx.scalar(_SAID, {"b_id": message_id})
    tx.execute(_DELIVERED, {"b_id": message_id, "b_state": "failed", "b_error": error})
    return earlier if earlier and earlier.raw != error else None
