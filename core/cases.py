"""Cases: opening them, the status table of SEMANTICS section 0, ownership, followers and links.

Only the record itself is here. What a status means for routing and messages is in `core.actions.cases`, which combines them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

from sqlalchemy import Row, bindparam, insert, select, update

from core import events
from core.errors import CaseChanged, NotFound
from data.inserts import add_missing
from data.schema import case_followers, case_participants, cases, channels
from data.text import OutsideText
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


def load(tx: Tx, number: int) -> Row[Any]:
    """Return a case's row, locked for this transaction.

    Raises:
        NotFound: there is no case of that number.
    """
    row = tx.first(_LOAD, {"b_id": number})
    if row is None:
        raise NotFound(what="case", which=f"#{number}")
    return row


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
        tx.record(events.CaseLinked(case_id=number, other=continues, why="continues"))
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


def link(tx: Tx, number: int, other: int, why: str) -> None:
    """Note that a case has to do with another one."""
    tx.record(events.CaseLinked(case_id=number, other=other, why=why))
