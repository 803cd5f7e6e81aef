"""Cases: opening them, the status table of SEMANTICS section 0, ownership, followers and links.

Only the record itself is here. What a status means for routing and messages is in `core.actions.cases`, which combines them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update

from core import events
from core.errors import CaseChanged, Merged, NotFound
from data.inserts import add_missing
from data.schema import case_followers, case_links, case_participants, case_redirects, case_tags, cases, channels
from data.text import OutsideText, storable
from data.transaction import Tx

Status = Literal["new", "open", "waiting_customer", "on_hold", "resolved", "closed"]
STATUSES: tuple[Status, ...] = get_args(Status)
UNFINISHED: tuple[Status, ...] = ("new", "open", "waiting_customer", "on_hold")
HOLD = "case.hold"
"""The timer that brings a case back from `on_hold`."""
PAUSED: tuple[Status, ...] = ("waiting_customer", "on_hold")

_OPEN = insert(cases)
_CHANNEL_NAME = select(channels.c.name).where(channels.c.id == bindparam("b_channel"))
_LOAD = select(cases).where(cases.c.id == bindparam("b_id")).with_for_update()
_OWNERS = select(cases.c.id, cases.c.owner_id, cases.c.status).where(cases.c.id.in_(bindparam("b_ids", expanding=True)))
_TAKE_OVER = (
    update(cases)
    .where(cases.c.id == bindparam("b_id"))
    .values(owner_id=bindparam("b_owner"), status=bindparam("b_status"), updated_at=bindparam("b_now"))
)
_MOVE = (
    update(cases)
    .where(cases.c.id == bindparam("b_id"), cases.c.status == bindparam("b_from"))
    .values(
        status=bindparam("b_to"),
        updated_at=bindparam("b_now"),
        resolved_at=bindparam("b_resolved"),
        closed_at=bindparam("b_closed"),
        hold_until=bindparam("b_until"),
        hold_reason=bindparam("b_reason"),
    )
)
_TOUCH = update(cases).where(cases.c.id == bindparam("b_id")).values(updated_at=bindparam("b_now"))
_SET_OWNER = (
    update(cases)
    .where(cases.c.id == bindparam("b_id"))
    .values(owner_id=bindparam("b_owner"), updated_at=bindparam("b_now"))
)
_SET_QUEUE = (
    update(cases)
    .where(cases.c.id == bindparam("b_id"))
    .values(queue_id=bindparam("b_queue"), updated_at=bindparam("b_now"))
)
_PARTICIPANT = select(case_participants.c.contact_id).where(
    case_participants.c.case_id == bindparam("b_case"), case_participants.c.contact_id == bindparam("b_contact")
)
_FOLLOWER = select(case_followers.c.part).where(
    case_followers.c.case_id == bindparam("b_case"), case_followers.c.agent_id == bindparam("b_agent")
)


_REDIRECT = select(case_redirects.c.into_id).where(case_redirects.c.case_id == bindparam("b_id"))
_TAG = select(case_tags.c.tag).where(case_tags.c.case_id == bindparam("b_case"), case_tags.c.tag == bindparam("b_tag"))
_LINK = select(case_links.c.case_id, case_links.c.other_id).where(
    or_(
        (case_links.c.case_id == bindparam("b_case")) & (case_links.c.other_id == bindparam("b_other")),
        (case_links.c.case_id == bindparam("b_other")) & (case_links.c.other_id == bindparam("b_case")),
    )
)


def load(tx: Tx, number: int) -> Row[Any]:
    """Return a case's row, locked for this transaction.

    Raises:
        NotFound: there is no case of that number.
        Merged: it went into another case.
    """
    row = tx.first(_LOAD, {"b_id": number})
    if row is None:
        raise NotFound(what="case", which=f"#{number}")
    if row.status == "closed" and (into := destination(tx, number)) != number:
        raise Merged(case=number, into=into)
    return row


def destination(tx: Tx, number: int) -> int:
    """Return the case that a case was merged into, itself where it was not."""
    into: int | None = tx.scalar(_REDIRECT, {"b_id": number})
    return number if into is None else into


def open_case(
    tx: Tx,
    *,
    subject: OutsideText,
    channel_id: int,
    contact_id: int | None = None,
    account_id: int | None = None,
    priority: int = 3,
    case_type: str | None = None,
    queue_id: int | None = None,
    routing_address_id: int | None = None,
    continues: int | None = None,
    language: str | None = None,
) -> int:
    """Open a case and return its number. The engine routes it.

    Args:
        priority: 1 low to 5 critical.
        queue_id: where its address or its opener wants it; None leaves it to the channel's and the desk's defaults.
        continues: the number of the case that this one goes on from.
    """
    number = tx.new_id(cases)
    tx.execute(
        _OPEN,
        {
            "id": number,
            "subject": subject,
            "status": "new",
            "priority": priority,
            "case_type": case_type,
            "channel_id": channel_id,
            "contact_id": contact_id,
            "account_id": account_id,
            "queue_id": queue_id,
            "routing_address_id": routing_address_id,
            "continues_case_id": continues,
            "language": language,
            "opened_at": tx.now,
            "updated_at": tx.now,
        },
    )
    channel = tx.scalar(_CHANNEL_NAME, {"b_channel": channel_id})
    tx.record(
        events.CaseOpened(
            case_id=number, channel=channel, contact_id=contact_id, continues=continues, queue_id=queue_id
        )
    )
    if contact_id is not None:
        join(tx, number, contact_id)
    if continues is not None:
        link(tx, number, continues, "continues")
    return number


def change_status(
    tx: Tx,
    case: Row[Any],
    status: Status,
    *,
    reason: OutsideText | None = None,
    hold_until: int | None = None,
) -> bool:
    """Move a case, just loaded, to another status; return False where it has it already.

    Raises:
        CaseChanged: somebody else moved it meanwhile.
    """
    if case.status == status and status != "on_hold":
        return False
    finished = status in ("resolved", "closed")
    moved = tx.execute(
        _MOVE,
        {
            "b_id": case.id,
            "b_from": case.status,
            "b_to": status,
            "b_now": tx.now,
            "b_resolved": (case.resolved_at or tx.now) if finished else None,
            "b_closed": tx.now if status == "closed" else None,
            "b_until": hold_until,
            "b_reason": reason if status == "on_hold" else None,
        },
    )
    if moved.rowcount != 1:
        raise CaseChanged(case=case.id)
    tx.record(events.CaseStatusChanged(case_id=case.id, old=case.status, new=status, reason=reason))
    return True


def take_over(tx: Tx, pairs: Sequence[tuple[int, int]]) -> None:
    """Give cases to agents, each a case number and an agent id: a case that was new is open."""
    before = {row.id: row for row in tx.all(_OWNERS, {"b_ids": [number for number, _ in pairs]})}
    rows = []
    for number, agent_id in pairs:
        case = before[number]
        status = "open" if case.status == "new" else case.status
        rows.append({"b_id": number, "b_owner": agent_id, "b_status": status, "b_now": tx.now})
        if case.owner_id != agent_id:
            tx.record(events.CaseAssigned(case_id=number, agent_id=agent_id, previous=case.owner_id))
        if status != case.status:
            tx.record(events.CaseStatusChanged(case_id=number, old=case.status, new=status))
    tx.execute(_TAKE_OVER, rows)


def disown(tx: Tx, number: int, previous: int) -> None:
    """Take a case from its owner: it waits for another one."""
    tx.execute(_SET_OWNER, {"b_id": number, "b_owner": None, "b_now": tx.now})
    tx.record(events.CaseAssigned(case_id=number, previous=previous))


def set_queue(tx: Tx, number: int, queue_id: int) -> None:
    """Note in which queue a case belongs now."""
    tx.execute(_SET_QUEUE, {"b_id": number, "b_queue": queue_id, "b_now": tx.now})


def touch(tx: Tx, number: int) -> None:
    """Note that something happened on a case."""
    tx.execute(_TOUCH, {"b_id": number, "b_now": tx.now})


def join(tx: Tx, number: int, contact_id: int) -> None:
    """Make a contact a participant of a case; already being one is no error."""
    add_missing(tx, case_participants, {"case_id": number, "contact_id": contact_id})


def takes_part(tx: Tx, number: int, contact_id: int) -> bool:
    """Say whether a contact is a participant of a case."""
    return tx.first(_PARTICIPANT, {"b_case": number, "b_contact": contact_id}) is not None


def follow(tx: Tx, number: int, agent_id: int, part: Literal["follower", "collaborator"] = "follower") -> None:
    """Make an agent follow a case or work on it with its owner; already doing so changes only the part."""
    present = tx.scalar(_FOLLOWER, {"b_case": number, "b_agent": agent_id})
    if present == part:
        return
    if present is None:
        tx.execute(insert(case_followers), {"case_id": number, "agent_id": agent_id, "part": part})
    else:
        tx.execute(
            update(case_followers)
            .where(case_followers.c.case_id == number, case_followers.c.agent_id == agent_id)
            .values(part=part)
        )
    tx.record(events.CaseFollowed(case_id=number, agent_id=agent_id, part=part))


def unfollow(tx: Tx, number: int, agent_id: int) -> None:
    """Stop an agent's following of a case; not following it is no error."""
    gone = tx.execute(
        case_followers.delete().where(case_followers.c.case_id == number, case_followers.c.agent_id == agent_id)
    )
    if gone.rowcount:
        tx.record(events.CaseUnfollowed(case_id=number, agent_id=agent_id))


def link(tx: Tx, number: int, other: int, why: str) -> bool:
    """Note that a case has to do with another one; return False where that is noted already, from either side."""
    if tx.first(_LINK, {"b_case": number, "b_other": other}) is not None:
        return False
    tx.execute(insert(case_links), {"case_id": number, "other_id": other, "why": why, "at": tx.now})
    tx.record(events.CaseLinked(case_id=number, other=other, why=why))
    return True


def unlink(tx: Tx, number: int, other: int) -> bool:
    """Take a link between two cases away, whichever side it was made from; return False where there is none."""
    row = tx.first(_LINK, {"b_case": number, "b_other": other})
    if row is None:
        return False
    tx.execute(delete(case_links).where(case_links.c.case_id == row.case_id, case_links.c.other_id == row.other_id))
    tx.record(events.CaseUnlinked(case_id=number, other=other))
    return True


def tag(tx: Tx, number: int, word: str) -> bool:
    """Give a case a tag; return False where it has it."""
    if tx.first(_TAG, {"b_case": number, "b_tag": word}) is not None:
        return False
    tx.execute(insert(case_tags), {"case_id": number, "tag": word})
    touch(tx, number)
    tx.record(events.CaseTagged(case_id=number, tag=word))
    return True


def untag(tx: Tx, number: int, word: str) -> bool:
    """Take a tag off a case; return False where it has not got it."""
    gone = tx.execute(delete(case_tags).where(case_tags.c.case_id == number, case_tags.c.tag == word))
    if not gone.rowcount:
        return False
    touch(tx, number)
    tx.record(events.CaseUntagged(case_id=number, tag=word))
    return True


def change_column(tx: Tx, case: Row[Any], column: str, value: object) -> bool:
    """Set a column of a case, just loaded; return False where it holds that already.

    Args:
        column: `subject`, `priority`, `case_type`, `level` or `language`.
    """
    old = getattr(case, column)
    if old == (OutsideText(value) if isinstance(old, OutsideText) and isinstance(value, str) else value):
        return False
    tx.execute(update(cases).where(cases.c.id == case.id).values({column: value, "updated_at": tx.now}))
    name = "type" if column == "case_type" else column
    tx.record(events.CaseChanged(case_id=case.id, name=name, old=_shown(old), new=value))
    return True


def _shown(value: object) -> object:
    return storable(value.raw) if isinstance(value, OutsideText) else value


def raise_flag(tx: Tx, case: Row[Any], reason: str) -> None:
    """Ask a supervisor to look at a case, or say another reason where that was asked already."""
    tx.execute(
        update(cases)
        .where(cases.c.id == case.id)
        .values(flag=OutsideText(reason), flagged_at=case.flagged_at or tx.now, updated_at=tx.now)
    )
    tx.record(events.CaseFlagged(case_id=case.id, reason=OutsideText(reason)))


def lower_flag(tx: Tx, case: Row[Any]) -> bool:
    """Take the flag of a case down; return False where it has none."""
    if case.flagged_at is None:
        return False
    tx.execute(update(cases).where(cases.c.id == case.id).values(flag=None, flagged_at=None, updated_at=tx.now))
    tx.record(events.CaseUnflagged(case_id=case.id))
    return True
