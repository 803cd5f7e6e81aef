"""The outbox: what leaves the desk, under a key that never changes, at least once, with growing pauses between tries.

A row is taken in one transaction, sent outside any, and settled in another: whoever dies between leaves it to be sent again
under the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection, Update, bindparam, func, insert, or_, select, update
from sqlalchemy import text as sql

from core import messages as message_records
from core.events import MessageQueued, WebhookAnswered, WebhookFailed
from data.clock import MICROSECONDS
from data.schema import messages, outbox, webhook_calls
from data.schema.mail import OPEN_OUTBOX
from data.text import OutsideText
from data.transaction import Cause, Tx

log = logging.getLogger("deskline.mail")

FIRST_PAUSE_S = 10
LONGEST_PAUSE_S = 3600
MOST_TRIES = 16
"""About ten hours of trying, most of them an hour apart."""
TAKEN_FOR_S = 300
"""How long a taken row is left to its sender before somebody else may take it."""

_DUE = (
    select(
        outbox.c.id,
        outbox.c.message_id,
        outbox.c.mailbox_id,
        outbox.c.tries,
        outbox.c.delivery_key,
        outbox.c.webhook_id,
    )
    .where(outbox.c.kind == bindparam("b_kind"), outbox.c.due_at <= bindparam("b_now"), sql(OPEN_OUTBOX))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(outbox)
    .where(outbox.c.id == bindparam("b_id"))
    .values(state="sending", tries=outbox.c.tries + 1, due_at=bindparam("b_due"))
)
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("b_id"))
    .values(
        state=bindparam("b_state"), due_at=bindparam("b_due"), error=bindparam("b_error"), ended_at=bindparam("b_ended")
    )
)
_SETTLE_SENT = _SETTLE.where(outbox.c.state != "sent")
_SETTLE_NOT_SENT = _SETTLE.where(
    outbox.c.state == "sending", outbox.c.tries == bindparam("b_tries"), outbox.c.due_at == bindparam("b_until")
)
_RELEASE = (
    update(outbox)
    .where(sql(OPEN_OUTBOX), outbox.c.state == "sending")
    .values(state="queued", due_at=bindparam("b_now"))
)
_ROW = (
    select(
        outbox.c.id,
        outbox.c.message_id,
        outbox.c.state,
        outbox.c.tries,
        outbox.c.error,
        outbox.c.cause_id,
        outbox.c.chain_id,
        outbox.c.depth,
        func.coalesce(messages.c.case_id, webhook_calls.c.case_id).label("case_id"),
    )
    .join(messages, messages.c.id == outbox.c.message_id, isouter=True)
    .join(webhook_calls, webhook_calls.c.id == outbox.c.webhook_id, isouter=True)
    .where(outbox.c.id == bindparam("b_id"))
    .with_for_update(of=outbox)
)
_TAKING = select(outbox.c.state, outbox.c.tries, outbox.c.due_at).where(outbox.c.id == bindparam("b_id"))
_NEXT = (
    select(outbox.c.due_at)
    .where(outbox.c.kind == bindparam("b_kind"), sql(OPEN_OUTBOX))
    .order_by(outbox.c.due_at)
    .limit(1)
)

_FAILED = (
    select(outbox.c.id, messages.c.case_id)
    .join(messages, messages.c.id == outbox.c.message_id)
    .where(
        outbox.c.message_id == bindparam("b_message"),
        or_(outbox.c.state == "failed", (outbox.c.state == "sent") & (messages.c.delivery == "failed")),
    )
)
_AGAIN = (
    update(outbox)
    .where(outbox.c.id == bindparam("b_id"))
    .values(
        state="queued",
        tries=0,
        due_at=bindparam("b_now"),
        error=None,
        ended_at=None,
        cause_id=bindparam("b_cause"),
        chain_id=bindparam("b_chain"),
        depth=bindparam("b_depth"),
    )
)
_ANSWER_QUEUED = (
    update(messages).where(messages.c.id == bindparam("b_id")).values(delivery="queued", delivery_error=None)
)


Kind = Literal["mail", "webhook"]


class Taken(NamedTuple):
    """A row that this sender is to send now.

    The number of the try and the moment until which the row is left to its sender tell one taking from another: the tries alone
    begin anew when somebody sends a failed answer again.
    """

    id: int
    message_id: int | None
    mailbox_id: int | None
    tries: int
    delivery_key: str
    until: int
    webhook_id: int | None = None


def queue_mail(tx: Tx, message_id: int, mailbox_id: int, delivery_key: str, *, delay_s: int = 0) -> int:
    """Queue an answer, just recorded, for sending under its Message-ID and return the row's id; what becomes of it follows from it."""
    what = {"message_id": message_id, "mailbox_id": mailbox_id}
    return _queue(tx, "mail", delivery_key, what, delay_s)


def queue_webhook(tx: Tx, webhook_id: int, delivery_key: str) -> int:
    """Queue a webhook call, just recorded, under a key that its server knows it by, and return the row's id."""
    return _queue(tx, "webhook", delivery_key, {"webhook_id": webhook_id}, 0)


def _queue(tx: Tx, kind: Kind, delivery_key: str, what: Mapping[str, int], delay_s: int) -> int:
    row_id = tx.new_id(outbox)
    cause = tx.latest
    tx.execute(
        insert(outbox),
        {
            "id": row_id,
            "kind": kind,
            "delivery_key": delivery_key,
            **what,
            "state": "queued",
            "due_at": tx.now + delay_s * MICROSECONDS,
            "created_at": tx.now,
            "cause_id": cause.event_id,
            "chain_id": cause.chain_id,
            "depth": cause.depth,
        },
    )
    return row_id


def take_due(tx: Tx, kind: Kind, limit: int = 20) -> Sequence[Taken]:
    """Take what is due of one kind, oldest first; another sender leaves it alone for five minutes."""
    rows = tx.all(_DUE, {"b_kind": kind, "b_now": tx.now, "b_limit": limit})
    until = tx.now + TAKEN_FOR_S * MICROSECONDS
    if rows:
        tx.execute(_TAKE, [{"b_id": row.id, "b_due": until} for row in rows])
    return [
        Taken(row.id, row.message_id, row.mailbox_id, row.tries + 1, row.delivery_key, until, row.webhook_id)
        for row in rows
    ]


def still_taken(connection: Connection, taken: Taken) -> bool:
    """Say whether a row is still the sender's who took it: an engine that slept finds that another one has sent it."""
    row = connection.execute(_TAKING, {"b_id": taken.id}).first()
    return row is not None and tuple(row) == ("sending", taken.tries, taken.until)


def next_due(connection: Connection, kind: Kind) -> int | None:
    """Return when something of a kind is due next, in microseconds, or None."""
    due: int | None = connection.execute(_NEXT, {"b_kind": kind}).scalar()
    return due


def sent(tx: Tx, taken: Taken, refused: str | None = None) -> None:
    """Settle a mail that the server took, whatever others made of it meanwhile; doing it twice changes nothing.

    Args:
        tx: where it is settled.
        taken: the row, as its sender took it.
        refused: which of its recipients the server refused, if it took the mail for the others.
    """
    row = tx.first(_ROW, {"b_id": taken.id})
    if row is None or not _settled(tx, _SETTLE_SENT, taken, "sent", refused):
        return
    with tx.caused_by(Cause(row.cause_id, row.chain_id, row.depth)):
        given_up = row.error.raw if row.state == "failed" and row.error is not None else None
        message_records.delivered(tx, row.case_id, row.message_id, taken.tries, error=refused, given_up=given_up)


def called(tx: Tx, taken: Taken, status: int, answer: str) -> None:
    """Settle a webhook call that its server took; doing it twice changes nothing.

    Args:
        tx: where it is settled.
        taken: the row, as its sender took it.
        status: of the answer, such as 200.
        answer: the beginning of what it said.
    """
    row = tx.first(_ROW, {"b_id": taken.id})
    if row is None or taken.webhook_id is None or not _settled(tx, _SETTLE_SENT, taken, "sent", None):
        return
    tx.execute(
        update(webhook_calls)
        .where(webhook_calls.c.id == taken.webhook_id)
        .values(status=status, answer=OutsideText(answer))
    )
    with tx.caused_by(Cause(row.cause_id, row.chain_id, row.depth)):
        tx.record(WebhookAnswered(case_id=row.case_id, webhook_id=taken.webhook_id, status=status, tries=taken.tries))


def not_sent(tx: Tx, taken: Taken, error: str, *, permanent: bool, pause_s: int | None = None) -> None:
    """Settle a try that failed: tried again after a growing pause, or given up where the refusal is final or the tries are used up.

    Only the one who took the row last may: a sender that slept meanwhile changes nothing.

    Args:
        tx: where it is settled.
        taken: the row, as its sender took it.
        error: what went wrong.
        permanent: whether trying again is of no use.
        pause_s: the pause that the other side asks for, where it does; it is kept to where it is longer than our own.
    """
    if not permanent and taken.tries < MOST_TRIES:
        own_s = min(FIRST_PAUSE_S * 2 ** (taken.tries - 1), LONGEST_PAUSE_S)
        _settled(tx, _SETTLE_NOT_SENT, taken, "queued", error, max(own_s, pause_s or 0))
        return
    row = tx.first(_ROW, {"b_id": taken.id})
    if row is None or not _settled(tx, _SETTLE_NOT_SENT, taken, "failed", error):
        return
    with tx.caused_by(Cause(row.cause_id, row.chain_id, row.depth)):
        if taken.webhook_id is not None:
            tx.record(WebhookFailed(case_id=row.case_id, webhook_id=taken.webhook_id, error=OutsideText(error)))
            log.warning("webhook call %d was given up: %s", taken.webhook_id, error)
        else:
            message_records.failed(tx, row.case_id, row.message_id, error)
            log.warning("answer %d on case #%d was not sent: %s", row.message_id, row.case_id, error)


def _settled(tx: Tx, how: Update, taken: Taken, state: str, error: str | None, pause_s: int | None = None) -> bool:
    ended = tx.now if pause_s is None else None
    due = tx.now + (pause_s or 0) * MICROSECONDS
    values = {"b_id": taken.id, "b_state": state, "b_due": due, "b_error": error, "b_ended": ended}
    if how is _SETTLE_NOT_SENT:
        values |= {"b_tries": taken.tries, "b_until": taken.until}
    return tx.execute(how, values).rowcount == 1


def release_taken(tx: Tx) -> None:
    """Put back what a dead engine had taken; the one that takes over calls it."""
    tx.execute(_RELEASE, {"b_now": tx.now})


def send_again(tx: Tx, message_id: int) -> bool:
    """Queue an answer that failed or bounced anew under its old key; return False where it did neither."""
    row = tx.first(_FAILED, {"b_message": message_id})
    if row is None:
        return False
    tx.execute(_ANSWER_QUEUED, {"b_id": message_id})
    tx.record(MessageQueued(case_id=row.case_id, message_id=message_id))
    cause = tx.latest
    tx.execute(
        _AGAIN,
        {
            "b_id": row.id,
            "b_now": tx.now,
            "b_cause": cause.event_id,
            "b_chain": cause.chain_id,
            "b_depth": cause.depth,
        },
    )
    return True
