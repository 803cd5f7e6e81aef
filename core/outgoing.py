"""Mail that leaves a case: to whom it goes, from which mailbox, under which subject, and how it is kept and queued."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from sqlalchemy import Row, bindparam, select

from core import addresses, contacts, messages, reply_token, settings
from core.engine import outbox
from core.errors import NoMailbox, NoRecipient, WrongUsage
from core.lookups import agent_id_of, is_own_address, queue_id_of
from data.schema import agents, case_followers, mailboxes, queue_members, routing_addresses
from data.schema import messages as message_table
from data.transaction import Tx

_LONGEST_SUBJECT = 250
"""In characters: an answer need not carry on a subject of many kilobytes."""
_SUBJECT_LOOKED_AT = 4 * _LONGEST_SUBJECT

_LAST_INBOUND = (
    select(
        message_table.c.subject,
        message_table.c.reply_to,
        message_table.c.contact_id,
        message_table.c.auto,
        message_table.c.bounce,
    )
    .where(message_table.c.case_id == bindparam("b_case"), message_table.c.direction == "inbound")
    .limit(1)
)
_LAST_OF_A_PERSON = _LAST_INBOUND.order_by(message_table.c.auto, message_table.c.id.desc())
_LAST_OF_ANYBODY = _LAST_INBOUND.order_by(message_table.c.id.desc())
_OWN_MAILBOX = (
    select(mailboxes.c.id, mailboxes.c.from_header)
    .join(routing_addresses, routing_addresses.c.mailbox_id == mailboxes.c.id)
    .where(routing_addresses.c.id == bindparam("b_address"), mailboxes.c.smtp.is_not(None), mailboxes.c.active == 1)
)
_ANY_MAILBOX = (
    select(mailboxes.c.id, mailboxes.c.from_header)
    .where(mailboxes.c.smtp.is_not(None), mailboxes.c.active == 1)
    .order_by(mailboxes.c.id)
    .limit(1)
)
_OF_AGENTS = (
    select(agents.c.name, agents.c.email).where(agents.c.active == 1, agents.c.email != "").order_by(agents.c.id)
)
_OF_AGENT = _OF_AGENTS.where(agents.c.id == bindparam("b_agent"))
_OF_FOLLOWERS = _OF_AGENTS.join(case_followers, case_followers.c.agent_id == agents.c.id).where(
    case_followers.c.case_id == bindparam("b_case")
)
_OF_MEMBERS = _OF_AGENTS.join(queue_members, queue_members.c.agent_id == agents.c.id).where(
    queue_members.c.queue_id == bindparam("b_queue")
)
_FOLLOWERS = select(case_followers.c.agent_id).where(case_followers.c.case_id == bindparam("b_case"))
_MEMBERS = select(queue_members.c.agent_id).where(queue_members.c.queue_id == bindparam("b_queue"))


def customer_address(tx: Tx, case: Row[Any]) -> str:
    """Return where an answer to the customer goes: whence the last person wrote, else the contact's own address.

    Raises:
        NoRecipient: there is none, or only one of the desk's own.
    """
    last = tx.first(_LAST_OF_A_PERSON, {"b_case": case.id})
    contact_id = case.contact_id if last is None or last.contact_id is None else last.contact_id
    stored = contacts.mail_address(tx, contact_id) if contact_id is not None else None
    for candidate in (last.reply_to if last is not None else None, stored):
        address = candidate.raw.strip() if candidate else ""
        # An answer to one of our own addresses would come back to us as a new mail.
        if addresses.is_plain(address) and not is_own_address(tx, address):
            return address
    raise NoRecipient(case=case.id)


def addresses_of(tx: Tx, case: Row[Any], to: str) -> list[str]:
    """Return the mail addresses that a word names, none where nobody it names has one.

    Args:
        case: whose customer, owner and followers are meant.
        to: `customer`, `owner`, `followers`, `agent:NAME`, `queue:NAME`, or a mail address.

    Raises:
        NoRecipient: the customer has no address.
        NotFound: there is no such agent or queue.
        WrongUsage: it is none of these, or an address of the desk itself.
    """
    match to.split(":", 1):
        case ["customer"]:
            return [customer_address(tx, case)]
        case ["owner"]:
            rows = tx.all(_OF_AGENT, {"b_agent": case.owner_id})
        case ["followers"]:
            rows = tx.all(_OF_FOLLOWERS, {"b_case": case.id})
        case ["agent", name]:
            rows = tx.all(_OF_AGENT, {"b_agent": agent_id_of(tx, name)})
        case ["queue", name]:
            rows = tx.all(_OF_MEMBERS, {"b_queue": queue_id_of(tx, name)})
        case _:
            if not addresses.is_plain(to):
                raise WrongUsage(
                    reason=f"{to!r} is nobody to write to: customer, owner, followers, agent:NAME, queue:NAME or an address."
                )
            if is_own_address(tx, to):
                raise WrongUsage(reason=f"{to} is the desk's own address; a mail to it would come back as a new one.")
            return [to]
    return [row.email for row in rows if addresses.is_plain(row.email) and not is_own_address(tx, row.email)]


def why_nobody(tx: Tx, case: Row[Any], to: str) -> str:
    """Say why a word that `addresses_of` knows leads to no address."""
    word, _sign, name = to.partition(":")
    if word == "owner" and case.owner_id is None:
        return "the case has no owner"
    if word == "followers" and tx.first(_FOLLOWERS, {"b_case": case.id}) is None:
        return "nobody follows the case"
    if word == "queue" and tx.first(_MEMBERS, {"b_queue": queue_id_of(tx, name)}) is None:
        return f"{to} has no members"
    return f"{to} has no mail address"


def machine_wrote_last(tx: Tx, case: int) -> bool:
    """Say whether the last message that came in was a machine's: an automatic answer to it might never end."""
    last = tx.first(_LAST_OF_ANYBODY, {"b_case": case})
    return last is not None and bool(last.auto or last.bounce)


def subject_of_answer(tx: Tx, case: Row[Any]) -> str:
    """Return the subject of an answer to what a person wrote last on a case."""
    last = tx.first(_LAST_OF_A_PERSON, {"b_case": case.id})
    return answer_subject((last.subject if last and last.subject else case.subject).raw, case.id)


def answer_subject(subject: str, case: int) -> str:
    """Return the subject of an answer: one `Re:`, and the case's number, which threads where a mail program drops the headers."""
    line = " ".join(subject[:_SUBJECT_LOOKED_AT].split()) or "your message"
    while line[:3].lower() == "re:":
        line = line[3:].strip()
    return f"Re: {with_number(line, case)}"


def with_number(subject: str, case: int) -> str:
    """Return a subject on one line and not too long, with the case's number behind it, by which an answer finds the case."""
    line = " ".join(subject[:_SUBJECT_LOOKED_AT].split())
    if len(line) > _LONGEST_SUBJECT:
        line = line[: _LONGEST_SUBJECT - 1].rstrip() + "…"
    return line if f"[#{case}]" in line else f"{line} [#{case}]"


def send(tx: Tx, case: Row[Any], recipients: list[str], text: str, *, subject: str, html: str | None = None) -> int:
    """Keep a mail on its case, queue it for sending and return its id. What no person sends is marked as a machine's.

    Raises:
        NoMailbox: no mailbox of the desk can send.
    """
    mailbox = tx.first(_OWN_MAILBOX, {"b_address": case.routing_address_id}) if case.routing_address_id else None
    mailbox = mailbox or tx.first(_ANY_MAILBOX)
    if mailbox is None:
        raise NoMailbox(case=case.id)
    domain = parseaddr(mailbox.from_header)[1].rpartition("@")[2]
    message_id = tx.new_id(message_table)
    mail_id = f"<{reply_token.sign(settings.get(tx, 'reply_key'), case.id, message_id)}@{domain}>"
    messages.write(
        tx,
        case.id,
        case.channel_id,
        messages.NewMessage(
            text=text,
            reply_text=text,
            html=html,
            subject=subject,
            mail_id=mail_id,
            recipients=recipients,
            auto=not tx.actor.is_person,
        ),
        message_id=message_id,
        agent_id=tx.actor.id,
    )
    messages.thread(tx, case.id, [mail_id])
    outbox.queue_mail(tx, message_id, mailbox.id, mail_id)
    return message_id
