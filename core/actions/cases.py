"""What people do with cases: open, answer, note, assign, hold, resolve, close, reopen, follow.

Each keeps the status table of SEMANTICS section 0: what a status means for capacity and for the line happens in the same transaction.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from sqlalchemy import Row, bindparam, select

from core import addresses, cases, contacts, drafts, messages, outgoing, settings
from core.actions.registry import action
from core.config.problems import got, nearest_or_all
from core.errors import EmptyPart, EmptyText, UnknownType, WrongStatus, WrongUsage
from core.lookups import agent_id_of, channel_id_of, queue_id_of
from core.routing import work
from core.routing.held import held_for_case
from core.timers import LONGEST_S, cancel_timers, set_timers
from data.clock import MICROSECONDS
from data.schema import case_followers
from data.text import OutsideText, composed
from data.transaction import Tx

_PART = select(case_followers.c.part).where(
    case_followers.c.case_id == bindparam("b_case"), case_followers.c.agent_id == bindparam("b_agent")
)


@action("case.open", touches=("case", "message"), intake=True)
def open_new(
    tx: Tx,
    subject: str,
    text: str = "",
    *,
    address: str = "",
    name: str = "",
    channel: str = "email",
    priority: int = 3,
    case_type: str | None = None,
    queue: str | None = None,
    contact: int | None = None,
) -> int:
    """Open a case by hand, as a mail would, and return its number.

    Args:
        subject: what it is about.
        text: what the customer said.
        address: the customer's mail address; a new contact is made for one that nobody knew.
        name: the customer's name; without an address a new contact is made of it alone, as for a call.
        channel: over which channel it came.
        priority: 1 low to 5 critical.
        case_type: one of the desk's case types.
        queue: where it is to go; without one the channel's fallback queue takes it.
        contact: the id of a contact who is known; address and name are not looked at then, but answers go to the address.
    """
    if not subject.strip():
        raise EmptyPart(what="subject")
    address = address.strip()
    if address and not addresses.is_plain(address):
        raise WrongUsage(reason=f"A mail address is written as lena@ortiz-farm.example, not as {got(address)}.")
    if not 1 <= priority <= 5:
        raise WrongUsage(reason=f"A priority is a number from 1 (low) to 5 (critical), not {priority}.")
    case_type = composed(case_type) if case_type is not None else None
    if case_type is not None and case_type not in (types := json.loads(settings.get(tx, "case_types"))):
        raise UnknownType(which=got(case_type), hint=nearest_or_all(case_type, types))
    channel_id = channel_id_of(tx, channel)
    queue_id = queue_id_of(tx, queue) if queue else None
    known = _customer(tx, contact, address, name)
    number = cases.open_case(
        tx,
        subject=OutsideText(subject),
        channel_id=channel_id,
        contact_id=known.contact_id if known else None,
        account_id=known.account_id if known else None,
        priority=priority,
        case_type=case_type,
        queue_id=queue_id,
    )
    if text.strip():
        messages.receive(
            tx,
            number,
            channel_id,
            known.contact_id if known else None,
            messages.NewMessage(text=text, reply_text=text, subject=subject, reply_to=address),
        )
    return number


def _customer(tx: Tx, contact: int | None, address: str, name: str) -> contacts.Known | None:
    if contact is not None:
        return contacts.find_by_id(tx, contact)
    if address:
        return contacts.identify(tx, address, name)
    return contacts.add_named(tx, name) if name.strip() else None


Then = Literal["waiting_customer", "open", "resolved"]


@action("case.reply", touches=("case", "message", "mail", "work"))
def reply(tx: Tx, case: int, text: str, *, then: Then | None = None) -> int:
    """Answer the customer by mail and return the message's id; the engine sends it.

    Args:
        case: its number.
        text: the answer.
        then: the status afterwards; without one the desk's `after_reply` decides.
    """
    if not text.strip():
        raise EmptyText
    row = cases.load(tx, case)
    if row.status == "closed":
        raise WrongStatus(case=case, status=row.status, action="an answer", possible="not closed; reopen it first")
    recipients = [outgoing.customer_address(tx, row)]
    message_id = outgoing.send(tx, row, recipients, text, subject=outgoing.subject_of_answer(tx, row))
    if tx.actor.id is not None:
        work.opened(tx, case, tx.actor.id)
        drafts.drop(tx, case, tx.actor.id)
    _after_reply(tx, case, then)
    return message_id


def _after_reply(tx: Tx, number: int, then: Then | None) -> None:
    case = cases.load(tx, number)
    if case.status == "resolved" and then in ("open", "waiting_customer"):
        reopen(tx, number)
        case = cases.load(tx, number)
    wanted = then or settings.get(tx, "after_reply")
    if wanted == "resolved":
        if case.status != "resolved":
            finish(tx, case, "resolved")
    elif case.status != "resolved" and wanted in ("waiting_customer", "open"):
        to_working_status(tx, case, wanted)  # type: ignore[arg-type]


def to_working_status(tx: Tx, case: Row[Any], status: Literal["open", "waiting_customer"]) -> None:
    """Bring a case that is not resolved, just loaded, to a status in which somebody works on it or waits for its customer."""
    if cases.change_status(tx, case, status):
        cancel_timers(tx, cases.HOLD, "case", [case.id])
        work.resume(tx, case.id, case.channel_id, case.queue_id, paused=status in cases.PAUSED)


def finish(tx: Tx, case: Row[Any], status: Literal["resolved", "closed"]) -> None:
    """Resolve or close a case, just loaded: its work ends."""
    cases.change_status(tx, case, status)
    cancel_timers(tx, cases.HOLD, "case", [case.id])
    work.finish(tx, case.id)


@action("case.note", touches=("message",), intake=True)
def note(tx: Tx, case: int, text: str) -> int:
    """Add an internal note, which the customer does not see, and return its id."""
    if not text.strip():
        raise EmptyPart(what="note")
    row = cases.load(tx, case)
    if tx.actor.id is not None:
        drafts.drop(tx, case, tx.actor.id)
    return messages.note(tx, case, row.channel_id, text, tx.actor.id)


@action("case.assign", touches=("case", "work"))
def assign(tx: Tx, case: int, *, agent: str | None = None, queue: str | None = None) -> bool:
    """Give a case to an agent, or send it to a queue; return False where it is there already.

    Args:
        case: its number.
        agent: who gets it at once, whatever the agent's capacity.
        queue: whose line it joins, with the priority and age that it has.
    """
    if (agent is None) == (queue is None):
        raise WrongUsage(reason="Name either an agent or a queue.")
    row = cases.load(tx, case)
    if row.status in ("resolved", "closed"):
        raise WrongStatus(case=case, status=row.status, action="assigning", possible="not resolved; reopen it first")
    if agent is not None:
        return work.assign(tx, case, row.channel_id, queue_of(tx, row), agent_id_of(tx, agent))
    assert queue is not None
    return send_to_queue(tx, row, queue_id_of(tx, queue))


def queue_of(tx: Tx, case: Row[Any]) -> int:
    """Return the queue that a case belongs in.

    Raises:
        WrongUsage: the desk has none that routes.
    """
    found = work.queue_for(tx, case.queue_id, case.channel_id)
    if found is None:
        raise WrongUsage(reason="The desk has no queue with a routing configuration. Add one with: deskline apply")
    return found


def send_to_queue(tx: Tx, case: Row[Any], queue_id: int) -> bool:
    """Send a case, just loaded, into the line of a queue; return False where it waits there already."""
    held = held_for_case(tx, case.id)
    if held is not None and held.state == "accepted":
        work.transfer(tx, held, queue_id, "transferred")
        return True
    if held is not None and held.state == "wrapping":
        work.close(tx, held)
    elif waits_in(tx, case, queue_id):
        return False
    elif held is not None or work.is_waiting(tx, case.id):
        work.move(tx, case.id, queue_id, "transferred")
        return True
    work.enqueue(tx, case.id, case.channel_id, queue_id, why="transferred")
    return True


def waits_in(tx: Tx, case: Row[Any], queue_id: int) -> bool:
    """Say whether a case, just loaded, is in the line of a queue, offered to somebody or not."""
    held = held_for_case(tx, case.id)
    waits = work.is_waiting(tx, case.id) if held is None else held.state == "offered"
    return waits and case.queue_id == queue_id


@action("case.hold", touches=("case", "work"), undone_by="case.set_status")
def hold(tx: Tx, case: int, *, seconds: int, reason: str) -> None:
    """Set a case aside with a reason, until a date brings it back. One that nobody has leaves the line until then.

    Args:
        case: its number.
        seconds: for how long, ten years at most.
        reason: why, in the agent's words.
    """
    if not 0 < seconds <= LONGEST_S:
        raise WrongUsage(reason="A case is held for a time that lies ahead, ten years at most.")
    if not reason.strip():
        raise EmptyPart(what="reason")
    row = cases.load(tx, case)
    if row.status not in cases.UNFINISHED:
        raise WrongStatus(case=case, status=row.status, action="holding", possible="not resolved")
    until = tx.now + seconds * MICROSECONDS
    cases.change_status(tx, row, "on_hold", reason=OutsideText(reason), hold_until=until)
    set_timers(tx, cases.HOLD, "case", [(case, until)], causes=tx.latest)
    work.set_aside(tx, case)


@action("case.resolve", touches=("case", "work"), undone_by="case.reopen")
def resolve(tx: Tx, case: int) -> bool:
    """Mark a case as solved; its capacity is free. Return False where it is resolved already."""
    row = cases.load(tx, case)
    if row.status == "resolved":
        return False
    if row.status == "closed":
        raise WrongStatus(case=case, status=row.status, action="resolving", possible="not closed")
    finish(tx, row, "resolved")
    return True


@action("case.close", touches=("case", "work"), undone_by="case.reopen", role="supervisor")
def close(tx: Tx, case: int) -> bool:
    """Close a case for good: an answer to it opens a new one. Return False where it is closed already."""
    row = cases.load(tx, case)
    if row.status == "closed":
        return False
    finish(tx, row, "closed")
    return True


@action("case.reopen", touches=("case", "work"), intake=True)
def reopen(tx: Tx, case: int) -> bool:
    """Take a resolved or closed case up again: it goes back into its queue's line. Return False where it is open."""
    row = cases.load(tx, case)
    if row.status in cases.UNFINISHED:
        return False
    cases.change_status(tx, row, "open")
    held = held_for_case(tx, case)
    if held is not None:
        work.close(tx, held)
    work.resume(tx, case, row.channel_id, row.queue_id, why="reopened")
    return True


def customer_answered(tx: Tx, number: int) -> None:
    """Bring a case back because its customer wrote: from waiting or hold to open, from resolved back into the line."""
    case = cases.load(tx, number)
    if case.status in cases.PAUSED:
        to_working_status(tx, case, "open")
    elif case.status == "resolved":
        reopen(tx, number)


@action("case.follow", touches=("case",), undone_by="case.unfollow")
def follow(tx: Tx, case: int, agent: str, *, part: Literal["follower", "collaborator"] = "follower") -> bool:
    """Make an agent follow a case, or work on it together with its owner; return False where the agent does."""
    cases.load(tx, case)
    agent_id = agent_id_of(tx, agent)
    if _part_of(tx, case, agent_id) == part:
        return False
    cases.follow(tx, case, agent_id, part)
    return True


@action("case.unfollow", touches=("case",), undone_by="case.follow")
def unfollow(tx: Tx, case: int, agent: str) -> bool:
    """Stop an agent's following of a case; return False where the agent does not follow it."""
    cases.load(tx, case)
    agent_id = agent_id_of(tx, agent)
    if _part_of(tx, case, agent_id) is None:
        return False
    cases.unfollow(tx, case, agent_id)
    return True


def _part_of(tx: Tx, case: int, agent_id: int) -> str | None:
    found: str | None = tx.scalar(_PART, {"b_case": case, "b_agent": agent_id})
    return found
