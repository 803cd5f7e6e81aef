"""What is sent by rules and people: messages into the conversation, mails, and mails written by a template.

A person may always write. What the desk sends by itself is held back where a machine wrote last: two machines that answer each
other never end.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, bindparam, select

from core import cases, contacts, messages, outgoing
from core.actions.registry import action
from core.conditions.at_desk import at_desk
from core.conditions.case_fields import facts_of
from core.errors import EmptyPart, EmptyText, NoRecipient, Refused, WrongStatus
from core.events import MessageHeldBack
from core.unknown_names import unknown_name
from data.queries import fetch_over
from data.schema import templates
from data.transaction import Tx

_NAMES = select(templates.c.name).where(templates.c.active == 1).order_by(templates.c.name)
_TEMPLATE = select(templates).where(templates.c.name == bindparam("b_name"), templates.c.active == 1)


@action("case.post", touches=("message", "mail"))
def post(tx: Tx, case: int, text: str, *, public: bool = True) -> int | None:
    """Post a message into the conversation of a case, without changing its status, and return its id; None where it is held back.

    Args:
        case: its number.
        text: the message.
        public: whether the customer gets it, by mail; else it is a note for colleagues.
    """
    if not text.strip():
        raise EmptyText
    row = cases.load(tx, case)
    if not public:
        return messages.note(tx, case, row.channel_id, text, tx.actor.id)
    return _send(tx, row, "customer", text, outgoing.subject_of_answer(tx, row))


@action("case.send_mail", touches=("message", "mail"))
def send_mail(tx: Tx, case: int, to: str, subject: str, text: str) -> int | None:
    """Send a mail about a case and return its id; None where it is held back, or nobody it names has an address.

    Args:
        case: its number; the mail is kept there, and an answer to it comes there.
        to: customer, owner, followers, agent:NAME, queue:NAME, or a mail address.
        subject: its subject; the case's number is put behind it.
        text: what it says.
    """
    if not text.strip():
        raise EmptyText
    if not subject.strip():
        raise EmptyPart(what="subject")
    return _send(tx, cases.load(tx, case), to, text, outgoing.with_number(subject, case))


@action("case.send_template", touches=("message", "mail"))
def send_template(tx: Tx, case: int, template: str, *, to: str = "customer") -> int | None:
    """Send what a template makes of a case, and return its id; None where it is held back, or nobody it names has an address.

    Args:
        case: its number.
        template: one of the configuration's.
        to: customer, owner, followers, agent:NAME, queue:NAME, or a mail address.
    """
    from core.templates.letter import Letter, Variant  # the parser of Markdown is heavy

    row = cases.load(tx, case)
    found = tx.first(_TEMPLATE, {"b_name": template})
    if found is None:
        raise unknown_name("template", template, [row.name for row in tx.all(_NAMES)])
    variants = {"": Variant(found.subject, found.text)}
    variants |= {tag: Variant(**each) for tag, each in json.loads(found.languages).items()}
    fetch = fetch_over(tx.connection)
    here = at_desk(fetch, tx.now)
    letter = Letter.read(variants, here.vocabulary, here.calendars)
    facts = facts_of(fetch, here.vocabulary, letter.paths, case) or {}
    language = row.language or (contacts.language(tx, row.contact_id) if to == "customer" else None)
    written = letter.write(facts, here.world, language)
    if not written.text.strip():
        raise Refused(reason=f"The template {template} writes nothing on case #{case}, so nothing is sent.")
    return _send(tx, row, to, written.text, outgoing.with_number(written.subject, case), html=written.html)


def _send(tx: Tx, case: Row[Any], to: str, text: str, subject: str, *, html: str | None = None) -> int | None:
    if case.status == "closed" and to == "customer" and tx.actor.is_person:
        raise WrongStatus(case=case.id, status=case.status, action="writing", possible="not closed; reopen it first")
    # An address may be the very machine's; colleagues are not.
    outside = to == "customer" or "@" in to
    if outside and not tx.actor.is_person and outgoing.machine_wrote_last(tx, case.id):
        tx.record(MessageHeldBack(case_id=case.id, why="a machine wrote last"))
        return None
    try:
        recipients = outgoing.addresses_of(tx, case, to)
    except NoRecipient:
        if tx.actor.is_person:
            raise
        recipients = []
    if not recipients:
        why = outgoing.why_nobody(tx, case, to)
        if tx.actor.is_person:
            raise Refused(reason=f"Nobody is written to: {why}.")
        tx.record(MessageHeldBack(case_id=case.id, why=why))
        return None
    return outgoing.send(tx, case, recipients, text, subject=subject, html=html)
