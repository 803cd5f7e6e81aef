"""Timers: what is to happen later, one row a kind and subject. Setting one again moves it; nothing sleeps in memory to act later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from data.inserts import put
from data.schema import timers
from data.transaction import Cause, Tx

LONGEST_S = 3650 * 86_400
"""How far ahead anything is put off, in seconds: ten years."""
_DELETE = delete(timers).where(
    timers.c.kind == bindparam("b_kind"),
    timers.c.subject_kind == bindparam("b_subject"),
    timers.c.subject_id == bindparam("b_id"),
)
_INSERT = insert(timers)
_DUE = (
    select(timers)
    .where(timers.c.due_at <= bindparam("b_now"))
    .order_by(timers.c.due_at, timers.c.id)
    .limit(bindparam("b_limit"))
)
_REMOVE = delete(timers).where(timers.c.id == bindparam("b_id"))
_NEXT = select(timers.c.due_at).order_by(timers.c.due_at).limit(1)


class Timer(NamedTuple):
    """A timer that is due, with the chain of the act that set it."""

    id: int
    kind: str
    subject_kind: str
    subject_id: int
    due_at: int
    cause: Cause


def set_timers(
    tx: Tx,
    kind: str,
    subject: str,
    due: Iterable[tuple[int, int]],
    *,
    fresh: bool = False,
    causes: Cause | Mapping[int, Cause] | None = None,
) -> None:
    """Set timers of one kind.

    Args:
        kind: what is to happen, such as `offer.deadline`.
        subject: the kind of record that the ids name.
        due: pairs of subject id and due time in microseconds.
        fresh: True where the subjects are new, so that no earlier timer can exist.
        causes: the event that sets them, or one for each subject id; what they lead to continues its chain.
    """
    pairs = list(due)
    if not pairs:
        return
    ids = tx.new_ids(timers, len(pairs))
    rows: list[dict[str, object]] = []
    for timer_id, (subject_id, due_at) in zip(ids, pairs, strict=True):
        cause = causes.get(subject_id, tx.cause) if isinstance(causes, Mapping) else causes or tx.cause
        rows.append(
            {
                "id": timer_id,
                "kind": kind,
                "subject_kind": subject,
                "subject_id": subject_id,
                "due_at": due_at,
                "cause_id": cause.event_id,
                "chain_id": cause.chain_id,
                "depth": max(cause.depth, 0),
            }
        )
    if fresh:
        tx.execute(_INSERT, rows)
    else:  # not taken away first: on PostgreSQL another transaction can set the same one in between
        put(tx, timers, rows, ("kind", "subject_kind", "subject_id"))


def cancel_timers(tx: Tx, kind: str, subject: str, subject_ids: Iterable[int]) -> None:
    """Call timers off; one that is not there is no error."""
    rows = [{"b_kind": kind, "b_subject": subject, "b_id": subject_id} for subject_id in subject_ids]
    if rows:
        tx.execute(_DELETE, rows)


def take_due(tx: Tx, limit: int) -> Sequence[Timer]:
    """Remove and return up to `limit` timers that are due, earliest first."""
    found = [
        Timer(r.id, r.kind, r.subject_kind, r.subject_id, r.due_at, _cause(r.cause_id, r.chain_id, r.depth))
        for r in tx.all(_DUE, {"b_now": tx.now, "b_limit": limit})
    ]
    if found:
        tx.execute(_REMOVE, [{"b_id": timer.id} for timer in found])
    return found


def _cause(event_id: int | None, chain_id: int | None, depth: int) -> Cause:
    return Cause(event_id, chain_id, depth) if event_id is not None else Cause(None, None, -1)


def next_due(tx: Tx) -> int | None:
    """Return when the next timer is due, in microseconds, or None when there is none."""
    due: int | None = tx.scalar(_NEXT)
    return due
