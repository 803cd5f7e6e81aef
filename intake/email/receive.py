"""Taking mail into the desk, exactly once: each mail is a message on a case, a repetition, or in quarantine, and never lost.

A mail's identity is its place in the mailbox (UIDVALIDITY and UID) for the transport, and its Message-ID with a digest of what its
sender wrote for the mail: headers that servers add on the way do not count, or one mail to two of our addresses would be two.
"""

from __future__ import annotations

import email
import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from core import cases, contacts, messages, reply_token, settings
from core.actions.cases import customer_answered
from core.contacts import fold_address
from core.errors import DeskError
from core.events import CaseLinked, MailQuarantined
from core.lookups import is_own_address
from data.schema import channels, mail_receipts, routing_addresses
from data.schema import messages as message_table
from data.text import OutsideText, storable
from data.transaction import Tx
from intake.email.parse import ParsedMail, parse
from intake.email.threading import find_thread, thread_ids

log = logging.getLogger("deskline.mail")

_WRITTEN_BY_SENDER = (
    b"from",
    b"sender",
    b"reply-to",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"mime-version",
    b"auto-submitted",
)
_NOTE = insert(mail_receipts)
_EMAIL = select(channels.c.id).where(channels.c.name == "email")
_BY_POSITION = select(mail_receipts.c.id, mail_receipts.c.state, mail_receipts.c.message_id).where(
    mail_receipts.c.mailbox_id == bindparam("b_mailbox"),
    mail_receipts.c.uidvalidity == bindparam("b_validity"),
    mail_receipts.c.uid == bindparam("b_uid"),
)
_BY_IDENTITY = select(mail_receipts.c.message_id).where(
    mail_receipts.c.mail_id == bindparam("b_mail_id"),
    mail_receipts.c.digest == bindparam("b_digest"),
    mail_receipts.c.state == "taken",
)
_IN_QUARANTINE = select(mail_receipts.c.id).where(
    mail_receipts.c.digest == bindparam("b_digest"), mail_receipts.c.state == "quarantined"
)
_OWN = select(message_table.c.id).where(
    message_table.c.mail_id == bindparam("b_mail_id"), message_table.c.direction == "outbound"
)
_ADDRESSES = select(routing_addresses).where(
    func.lower(routing_addresses.c.address).in_(bindparam("b_addresses", expanding=True))
)
_CASE_OF = select(message_table.c.case_id).where(message_table.c.id == bindparam("b_id"))


class Place(NamedTuple):
    """Where a mail came from: a mailbox and its position there, or nothing for one that was piped in."""

    mailbox_id: int | None = None
    uidvalidity: int | None = None
    uid: int | None = None


class Read(NamedTuple):
    """A mail as bytes, and what was read from it: parsed outside the transaction, or the reason why it could not be."""

    raw: bytes
    place: Place
    mail: ParsedMail | None
    problem: str = ""


class Receipt(NamedTuple):
    """What became of a mail."""

    state: Literal["taken", "repeated", "quarantined"]
    case: int | None = None
    message_id: int | None = None
    reason: str = ""


def read(raw: bytes, place: Place = Place()) -> Read:  # noqa: B008 - an immutable value
    """Parse a mail. Whatever goes wrong becomes its problem: one bad mail must not stop the others."""
    try:
        return Read(raw, place, parse(raw))
    except DeskError as error:
        return Read(raw, place, None, str(error))
    except Exception as error:
        log.exception("a mail of %d bytes could not be read", len(raw))
        return Read(raw, place, None, f"{type(error).__name__}: {error}")


def take_all(tx: Tx, mails: Iterable[Read]) -> list[Receipt]:
    """Take mails in, each for itself: one that cannot be taken goes into quarantine, and the others are taken all the same."""
    return [take(tx, each) for each in mails]


def take(tx: Tx, each: Read) -> Receipt:
    """Take one mail in, unless it was taken before."""
    seen = _seen_at(tx, each.place)
    if seen is not None:
        return seen
    if each.mail is None:
        return quarantine(tx, each.raw, each.place, each.problem)
    for last in (False, True):
        try:
            with tx.savepoint():
                return _take(tx, each.raw, each.place, each.mail)
        except Exception as error:
            if _is_circumstance(error):
                raise
            if isinstance(error, IntegrityError) and not last:
                continue  # another process took the same mail, or one of the same sender, a moment ago: it shows now
            log.exception("a mail was put into quarantine")
            return quarantine(tx, each.raw, each.place, _in_short(error))
    raise AssertionError("the second try returns or raises")


def _in_short(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    first = str(cause).strip().splitlines() or [""]
    return f"{type(cause).__name__}: {first[0]}"[:200]


def _is_circumstance(error: Exception) -> bool:
    """Say whether an error is the database's state, in which nothing can be stored, rather than this mail's doing."""
    return isinstance(error, DBAPIError) and not isinstance(error, IntegrityError)


def _seen_at(tx: Tx, place: Place) -> Receipt | None:
    if place.uid is None:
        return None
    row = tx.first(_BY_POSITION, {"b_mailbox": place.mailbox_id, "b_validity": place.uidvalidity, "b_uid": place.uid})
    if row is None:
        return None
    return Receipt("repeated", _case_of(tx, row.message_id), row.message_id, "it was taken before")


def _case_of(tx: Tx, message_id: int | None) -> int | None:
    found: int | None = tx.scalar(_CASE_OF, {"b_id": message_id}) if message_id is not None else None
    return found


def _take(tx: Tx, raw: bytes, place: Place, mail: ParsedMail) -> Receipt:
    mail_id = storable(mail.message_id)
    digest = identity_digest(raw)
    raw_digest = messages.keep(tx, raw)
    if not mail_id and mail.sent_at is None and place.uid is None and mail.sender.address:
        digest = f"{digest}@{tx.now}"  # nothing tells two such mails apart: an alarm that comes twice is two alarms
    before = tx.first(_BY_IDENTITY, {"b_mail_id": mail_id, "b_digest": digest})
    if before is not None:
        _note_receipt(tx, place, digest, mail_id, "repeated", message_id=before.message_id, raw_digest=raw_digest)
        return Receipt("repeated", _case_of(tx, before.message_id), before.message_id, "it was taken before")
    own = tx.scalar(_OWN, {"b_mail_id": mail_id}) if mail_id else None
    if own is not None and not mail.bounce and is_own_address(tx, mail.sender.address):
        why = "the desk itself sent it"
        _note_receipt(tx, place, digest, mail_id, "repeated", message_id=own, reason=why, raw_digest=raw_digest)
        return Receipt("repeated", _case_of(tx, own), own, why)
    case_id, message_id = _to_case(tx, mail, raw, raw_digest)
    _note_receipt(tx, place, digest, mail_id, "taken", message_id=message_id, raw_digest=raw_digest)
    return Receipt("taken", case_id, message_id)


def _to_case(tx: Tx, mail: ParsedMail, raw: bytes, raw_digest: str) -> tuple[int, int]:
    about = _bounced_message(tx, raw) if mail.bounce else None
    thread = find_thread(tx, mail)
    channel_id = int(tx.connection.execute(_EMAIL).scalar_one())
    known = contacts.identify(tx, mail.sender.address, mail.sender.name) if mail.sender.address else None
    number = about[0] if about else thread.case
    if number is None:
        address = _routing_address(tx, mail)
        number = cases.open_case(
            tx,
            subject=OutsideText(mail.subject),
            channel_id=channel_id,
            contact_id=known.contact_id if known else None,
            account_id=known.account_id if known else None,
            priority=address.priority if address and address.priority else 3,
            case_type=address.case_type if address else None,
            queue_id=address.queue_id if address else None,
            routing_address_id=address.id if address else None,
            continues=thread.continues,
            language=address.language if address else None,
        )
        if thread.suspected is not None:
            tx.record(CaseLinked(case_id=number, other=thread.suspected, why=thread.warning))
    elif known is not None and not mail.bounce:
        cases.join(tx, number, known.contact_id)
    # Only our token, or a new case, makes a Reply-To trustworthy: a sender that merely claims to take part may not divert answers.
    proved = thread.case is None or thread.how == "token"
    answer_to = next((each.address for each in mail.reply_to if each.address and proved), mail.sender.address)
    message_id = messages.receive(
        tx,
        number,
        channel_id,
        known.contact_id if known else None,
        messages.NewMessage(
            text=mail.text,
            reply_text=mail.reply_text,
            subject=mail.subject,
            mail_id=mail.message_id or None,
            recipients=[each.address for each in (*mail.to, *mail.cc) if each.address],
            reply_to=answer_to,
            raw_digest=raw_digest,
            attachments=[
                messages.NewAttachment(each.name, each.type, each.content, each.inline, each.content_id)
                for each in mail.attachments
            ],
            auto=mail.auto,
            bounce=mail.bounce,
        ),
    )
    messages.thread(tx, number, thread_ids(mail))
    if about is not None and _says_failed(raw):
        messages.bounced(tx, about[1], message_id, "the mail system reported that it was not delivered")
    elif about is None and thread.case is not None and not mail.by_machine:
        customer_answered(tx, number)
    return number, message_id


def _bounced_message(tx: Tx, raw: bytes) -> tuple[int, str] | None:
    """Find in a bounce the answer of ours that it is about: its case and its Message-ID, proved by our token."""
    text = raw[:1_000_000].decode("latin-1")
    key = settings.get(tx, "reply_key")
    for mail_id in reply_token.mentioned(text):
        case_id, _ = reply_token.find(key, [mail_id])
        row = tx.first(_OWN, {"b_mail_id": mail_id}) if case_id is not None else None
        if row is not None and case_id is not None:
            return case_id, mail_id
    return None


def _says_failed(raw: bytes) -> bool:
    """Say whether a report says that the mail failed: `delivered`, `relayed` and `delayed` are only shown, a report in words counts."""
    parts = email.message_from_bytes(raw).walk()
    blocks = (
        block
        for part in parts
        if part.get_content_type() == "message/delivery-status" and part.is_multipart()
        for block in part.walk()
    )
    actions = {str(block["Action"]).strip().lower() for block in blocks if block["Action"]}
    return not actions or "failed" in actions


def _routing_address(tx: Tx, mail: ParsedMail):  # type: ignore[no-untyped-def]
    """Return the row of the first of our addresses that the mail names: To, Cc, then what the servers noted."""
    named = [fold_address(each) for each in (*(a.address for a in (*mail.to, *mail.cc)), *mail.delivered_to) if each]
    if not named:
        return None
    rows = {fold_address(row.address): row for row in tx.all(_ADDRESSES, {"b_addresses": list(dict.fromkeys(named))})}
    return next((rows[each] for each in named if each in rows), None)


def quarantine(tx: Tx, raw: bytes, place: Place, reason: str) -> Receipt:
    """Keep a mail that cannot be read, with the reason."""
    seen = _seen_at(tx, place)
    if seen is not None:
        return seen
    digest = identity_digest(raw)
    if raw and tx.first(_IN_QUARANTINE, {"b_digest": digest}) is not None:
        _note_receipt(tx, place, digest, "", "repeated", reason="it is in quarantine already")
        return Receipt("repeated", reason="it is in quarantine already")
    receipt_id = _note_receipt(tx, place, digest, "", "quarantined", reason=reason, raw_digest=messages.keep(tx, raw))
    tx.record(MailQuarantined(mail_id=receipt_id, reason=OutsideText(reason)))
    return Receipt("quarantined", reason=reason)


def _note_receipt(
    tx: Tx,
    place: Place,
    digest: str,
    mail_id: str,
    state: str,
    *,
    message_id: int | None = None,
    reason: str | None = None,
    raw_digest: str | None = None,
) -> int:
    receipt_id = tx.new_id(mail_receipts)
    tx.execute(
        _NOTE,
        {
            "id": receipt_id,
            "mailbox_id": place.mailbox_id,
            "uidvalidity": place.uidvalidity,
            "uid": place.uid,
            "at": tx.now,
            "digest": digest,
            "mail_id": mail_id,
            "state": state,
            "reason": reason,
            "raw_digest": raw_digest,
            "message_id": message_id,
        },
    )
    return receipt_id


def identity_digest(raw: bytes) -> str:
    """Return the SHA-256 of what the sender wrote, with line ends as LF: the same over IMAP, by pipe, and for each of our addresses."""
    text = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    head, separator, body = text.partition(b"\n\n")
    if not separator:
        return hashlib.sha256(text).hexdigest()  # no header that could be told from a body
    digest = hashlib.sha256()
    for field in _fields(head):
        name = field.partition(b":")[0].strip().lower()
        if name in _WRITTEN_BY_SENDER or name.startswith(b"content-"):
            digest.update(field + b"\n")
    digest.update(separator + body.rstrip(b"\n"))
    return digest.hexdigest()


def _fields(head: bytes) -> Sequence[bytes]:
    return re.split(rb"\n(?![ \t])", head)
