"""The outbox: what leaves the desk, under a key that never changes, at least once, with growing pauses between tries.

A row is taken in one transaction, sent outside any, and settled in another: whoever dies between leaves it to be sent again
under the same key.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Update, bindparam, insert, or_, select, update
from sqlalchemy import text as sql

from core import messages as message_records
from core.events import MessageQueued
from data.clock import MICROSECONDS
from data.schema import messages, outbox
from data.schema.mail import OPEN_OUTBOX
from data.transaction import Cause, Tx

log = logging.getLogger("deskline.mail")

FIRST_PAUSE_S = 10
LONGEST_PAUSE_S = 3600
MOST_TRIES = 16
"""About ten hours of trying, most of them an hour apart."""
TAKEN_FOR_S = 300
"""How long a taken row is left to its sender before somebody else may take it."""

_DUE = (
    select(outbox.c.id, outbox.c.message_id, outbox.c.mailbox_id, outbox.c.tries, outbox.c.delivery_key)
    .where(outbox.c.due_at <= bindparam("b_now"), sql(OPEN_OUTBOX))
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
        messages.c.case_id,
    )
    .join(messages, messages.c.id == outbox.c.message_id)
    .where(outbox.c.id == bindparam("b_id"))
    .with_for_update(of=outbox)
)
_TAKING = select(outbox.c.state, outbox.c.tries, outbox.c.due_at).where(outbox.c.id == bindparam("b_id"))
_NEXT = select(outbox.c.due_at).where(sql(OPEN_OUTBOX)).order_by(outbox.c.due_at).limit(1)

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


class Taken(NamedTuple):
    """A row that this sender is to send now.

    The number of the try and the moment until which the row is left to its sender tell one taking from another: the tries alone
    begin anew when somebody sends a failed answer again.
    """

    id: int
    message_id: int
    mailbox_id: int | None
    tries: int
    delivery_key: str
    until: int


def queue_mail(tx: Tx, message_id: int, mailbox_id: int, delivery_key: str, *, delay_s: int = 0) -> int:
    """Queue an answer, just recorded, for sending under its Message-ID and return the row's id; what becomes of it follows from it."""
    row_id = tx.new_id(outbox)
    cause = tx.latest
    tx.execute(
        insert(outbox),
        {
            "id": row_id,
            "kind": "mail",
            "delivery_key": delivery_key,
            "message_id": message_id,
            "mailbox_id": mailbox_id,
            "state": "queued",
            "due_at": tx.now + delay_s * MICROSECONDS,
            "created_at": tx.now,
            "cause_id": cause.event_id,
            "chain_id": cause.chain_id,
            "depth": cause.depth,
        },
    )
    return row_id


def take_due(tx: Tx, limit: int = 20) -> Sequence[Taken]:
    """Take what is due, oldest first; another sender leaves it alone for five minutes."""
    rows = tx.all(_DUE, {"b_now": tx.now, "b_limit": limit})
    until = tx.now + TAKEN_FOR_S * MICROSECONDS
    if rows:
        tx.execute(_TAKE, [{"b_id": row.id, "b_due": until} for row in rows])
    return [Taken(row.id, row.message_id, row.mailbox_id, row.tries + 1, row.delivery_key, until) for row in rows]


def still_taken(connection: Connection, taken: Taken) -> bool:
    """Say whether a row is still the sender's who took it: an engine that slept finds that another one has sent it."""
    row = connection.execute(_TAKING, {"b_id": taken.id}).first()
    return row is not None and tuple(row) == ("sending", taken.tries, taken.until)


def next_due(connection: Connection) -> int | None:
    """Return when something is due next, in microseconds, or None."""
    due: int | None = connection.execute(_NEXT).scalar()
    return due


def sent(tx: Tx, taken: Taken, refused: str | None = None) -> None:
    """Settle a row that the server took, whatever others made of it meanwhile; doing it twice changes nothing.

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


def not_sent(tx: Tx, taken: Taken, error: str, *, permanent: bool) -> None:
    """Settle a try that failed: tried again after a growing pause, or given up where the refusal is final or the tries are used up.

    Only the one who took the row last may: a sender that slept meanwhile changes nothing.
    """
    if not permanent and taken.tries < MOST_TRIES:
        pause_s = min(FIRST_PAUSE_S * 2 ** (taken.tries - 1), LONGEST_PAUSE_S)
        _settled(tx, _SETTLE_NOT_SENT, taken, "queued", error, pause_s)
        return
    row = tx.first(_ROW, {"b_id": taken.id})
    if row is None or not _settled(tx, _SETTLE_NOT_SENT, taken, "failed", error):
        return
    with tx.caused_by(Cause(row.cause_id, row.chain_id, row.depth)):
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
