"""To which case a mail belongs: our signed token, then the mails it answers, then a case number in its subject.

Only the token is proof. A mail that merely names another customer's mail or number opens a case of its own, linked to that one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import bindparam, select

from core import cases, contacts, messages, reply_token, settings
from core.addresses import is_plain
from core.contacts import fold_address
from core.lookups import is_own_address
from data.clock import MICROSECONDS
from data.schema import cases as case_table
from data.schema import messages as message_table
from data.text import storable
from data.transaction import Tx
from intake.email.parse import ParsedMail

_SUBJECT_NUMBER = re.compile(r"\[#(\d{1,18})\]")
_STATE = select(case_table.c.id, case_table.c.status, case_table.c.resolved_at).where(
    case_table.c.id == bindparam("b_id")
)
_WRITTEN_TO = (
    select(message_table.c.recipients)
    .where(message_table.c.case_id == bindparam("b_case"), message_table.c.direction == "outbound")
    .order_by(message_table.c.id.desc())
    .limit(50)
)
_CASES_WITH = (
    select(message_table.c.mail_id, message_table.c.case_id)
    .where(message_table.c.mail_id.in_(bindparam("b_ids", expanding=True)))
    .order_by(message_table.c.id.desc())
)
_MOST_NAMED = 50
_MOST_CASES = 20
_DAY = 86_400 * MICROSECONDS


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a mail goes: onto a case, or into a new one that may go on from, or be suspected to belong to, another."""

    case: int | None = None
    how: Literal["token", "answer", "number", "new"] = "new"
    continues: int | None = None
    suspected: int | None = None
    warning: str = ""


def find_thread(tx: Tx, mail: ParsedMail) -> Thread:
    """Decide where a mail belongs. The first that holds: our token, In-Reply-To and References, a number in the subject."""
    named = [each for each in (mail.in_reply_to, *reversed(bounded(mail.references))) if each]
    places = [*named, *mail.delivered_to, *(each.address for each in (*mail.to, *mail.cc))]
    case, forged = reply_token.find(settings.get(tx, "reply_key"), places)
    if case is not None and _exists(tx, case):
        return _by_age(tx, cases.destination(tx, case), "token")
    known = [cases.destination(tx, each) for each in _known_cases(tx, named, mail.message_id)]
    for number in known:
        if _takes_part(tx, number, mail.sender.address):
            return _by_age(tx, number, "answer")
    subject = _SUBJECT_NUMBER.search(mail.subject)
    numbered = cases.destination(tx, int(subject[1])) if subject and _exists(tx, int(subject[1])) else None
    if numbered is not None and not forged and _takes_part(tx, numbered, mail.sender.address):
        return _by_age(tx, numbered, "number")
    suspected = next(iter(known), numbered)
    if forged:
        suspected = suspected or next((each for each in reply_token.claimed(places) if _exists(tx, each)), None)
        return Thread(suspected=suspected, warning="it carries a reply token that this desk did not make")
    if suspected is not None:
        return Thread(suspected=suspected, warning="its sender takes no part in the case that it names")
    return Thread()


def _known_cases(tx: Tx, named: Sequence[str], own: str) -> Sequence[int]:
    """Return the cases that know the Message-IDs which a mail names: those whose message has one, then those that mention one.

    Any mail can mention a Message-ID, but only one mail had it first. The mail's own counts last: its answer came before it.
    """
    wanted = [storable(each) for each in named]
    holders = tx.all(_CASES_WITH, {"b_ids": wanted}) if wanted else []
    place = {each: number for number, each in reversed(list(enumerate(wanted)))}
    having = [row.case_id for row in sorted(holders, key=lambda row: place[row.mail_id])]
    mentioning = messages.cases_of(tx, [*named, *([own] if own else [])])
    return list(dict.fromkeys([*having, *mentioning]))[:_MOST_CASES]


def _exists(tx: Tx, number: int) -> bool:
    return tx.first(_STATE, {"b_id": number}) is not None


def _by_age(tx: Tx, number: int, how: Literal["token", "answer", "number"]) -> Thread:
    """Join an unfinished case or one that was resolved a short while ago; otherwise go on in a new one."""
    row = tx.connection.execute(_STATE, {"b_id": number}).one()
    days = int(settings.get(tx, "reopen_days"))
    fresh = row.status == "resolved" and row.resolved_at + days * _DAY >= tx.now
    if row.status in cases.UNFINISHED or fresh:
        return Thread(case=number, how=how)
    return Thread(how="new", continues=number)


def _takes_part(tx: Tx, number: int, address: str) -> bool:
    """Say whether a sender is a participant of a case, or the desk wrote to that address in it.

    Whom a customer put in Cc counts for nothing: it would let anybody draw somebody else's later mail into a case. The desk's own
    addresses take part in none: who writes from one is no customer, and two desks that answer each other would never end.
    """
    if not is_plain(address) or is_own_address(tx, address):
        return False
    known = contacts.find_by_address(tx, address)
    if known is not None and cases.takes_part(tx, number, known.contact_id):
        return True
    wanted = fold_address(address)
    return any(
        fold_address(each) == wanted
        for row in tx.all(_WRITTEN_TO, {"b_case": number})
        for each in json.loads(row.recipients.raw)
    )


def thread_ids(mail: ParsedMail) -> Sequence[str]:
    """Return every Message-ID by which later mails may name this one or its thread, this one's own first."""
    return [each for each in (mail.message_id, mail.in_reply_to, *bounded(mail.references)) if each]


def bounded(references: Sequence[str]) -> Sequence[str]:
    """Return the first and the newest fifty References: more than that no conversation needs, and no stranger may cost."""
    return references if len(references) <= 2 * _MOST_NAMED else (*references[:_MOST_NAMED], *references[-_MOST_NAMED:])
