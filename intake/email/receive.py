"""Taking mail into the desk, exactly once: each mail is a message on a case, a repetition, or in quarantine, and never lost.

A mail's identity is its place in the mailbox (UIDVALIDITY and UID) for the transport, and its Message-ID with a digest of what its
sender wrote for the mail: headers that servers add on the way do not count, or one mail to two of our addresses would be two.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from core import cases, contacts, messages, reply_token, settings
from core.access import require
from core.actions.cases import customer_answered
from core.contacts import fold_address
from core.errors import DeskError, NotFound, Refused
from core.events import MailQuarantined, MailReleased
from core.lookups import is_own_address
from data.schema import blobs, channels, mail_receipts, routing_addresses
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
_BY_IDENTITY = select(mail_receipts.c.message_id, mail_receipts.c.mailbox_id, mail_receipts.c.uidvalidity).where(
    mail_receipts.c.mail_id == bindparam("b_mail_id"),
    mail_receipts.c.digest == bindparam("b_digest"),
    mail_receipts.c.state == "taken",
)
_IN_QUARANTINE = select(mail_receipts.c.id).where(
    mail_receipts.c.digest == bindparam("b_digest"), mail_receipts.c.state == "quarantined"
)
_KEPT = (
    select(mail_receipts.c.mailbox_id, mail_receipts.c.uidvalidity, mail_receipts.c.uid, blobs.c.content)
    .join(blobs, blobs.c.digest == mail_receipts.c.raw_digest)
    .where(mail_receipts.c.id == bindparam("b_id"), mail_receipts.c.state == "quarantined")
)
_LOCKED = (
    select(mail_receipts.c.id)
    .where(mail_receipts.c.id == bindparam("b_id"), mail_receipts.c.state == "quarantined")
    .with_for_update()
)
_LET_GO = delete(mail_receipts).where(mail_receipts.c.id == bindparam("b_id"), mail_receipts.c.state == "quarantined")
_OWN = select(message_table.c.id).where(
    message_table.c.mail_id == bindparam("b_mail_id"), message_table.c.direction == "outbound"
)
_ADDRESSES = select(routing_addresses).where(
    func.lower(routing_addresses.c.address).in_(bindparam("b_addresses", expanding=True))
)
_CASE_OF = select(message_table.c.case_id).where(message_table.c.id == bindparam("b_id"))


class NothingFetched(Refused):
    """Nothing of mail {mail} could be fetched from its mailbox; look at it there."""


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
    if each.mail is None:
        return quarantine(tx, each.raw, each.place, each.problem)
    for last in (False, True):
        seen = _seen_at(tx, each.place)
        if seen is not None:
            return seen
        try:
            with tx.savepoint():
                return _take(tx, each.raw, each.place, each.mail, tx.new_id(mail_receipts))
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


def _take(tx: Tx, raw: bytes, place: Place, mail: ParsedMail, receipt_id: int) -> Receipt:
    mail_id = storable(mail.message_id)
    digest = identity_digest(raw)
    raw_digest = messages.keep(tx, raw)
    before = tx.first(_BY_IDENTITY, {"b_mail_id": mail_id, "b_digest": digest})
    if before is not None and _nothing_tells_apart(mail) and (before.mailbox_id, before.uidvalidity) == place[:2]:
        digest, before = f"{digest}@{receipt_id}", None  # an alarm that comes twice to the same place is two alarms
    note = functools.partial(_note_receipt, tx, receipt_id, place, digest, mail_id, raw_digest=raw_digest)
    if before is not None:
        note("repeated", message_id=before.message_id)
        return Receipt("repeated", _case_of(tx, before.message_id), before.message_id, "it was taken before")
    own = tx.scalar(_OWN, {"b_mail_id": mail_id}) if mail_id else None
    if own is not None and not mail.bounce and is_own_address(tx, mail.sender.address):
        why = "the desk itself sent it"
        note("repeated", message_id=own, reason=why)
        return Receipt("repeated", _case_of(tx, own), own, why)
    case_id, message_id = _to_case(tx, mail, raw, raw_digest)
    note("taken", message_id=message_id)
    return Receipt("taken", case_id, message_id)


def _nothing_tells_apart(mail: ParsedMail) -> bool:
    """Say whether nothing in a mail tells it from the next one with the same text: some programs send such."""
    return not mail.message_id and mail.sent_at is None and bool(mail.sender.address)


def _to_case(tx: Tx, mail: ParsedMail, raw: bytes, raw_digest: str) -> tuple[int, int]:
    about = _bounced_message(tx, mail, raw) if mail.bounce else None
    thread = find_thread(tx, mail)
    channel_id = int(tx.connection.execute(_EMAIL).scalar_one())
    # What comes from one of our own addresses is kept, but it is no customer's: it makes no contact and gets no automatic answer.
    ours = bool(mail.sender.address) and is_own_address(tx, mail.sender.address)
    known = contacts.identify(tx, mail.sender.address, mail.sender.name) if mail.sender.address and not ours else None
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
            cases.link(tx, number, thread.suspected, thread.warning)
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
            auto=mail.auto or ours,
            bounce=mail.bounce,
        ),
    )
    messages.thread(tx, number, thread_ids(mail))
    if about is not None and mail.report.failed and about[1] in mail.report.mail_ids:
        messages.bounced(tx, about[1], message_id, "the mail system reported that it was not delivered")
    elif about is None and thread.case is not None and not (mail.by_machine or ours):
        customer_answered(tx, number)
    return number, message_id


def _bounced_message(tx: Tx, mail: ParsedMail, raw: bytes) -> tuple[int, str] | None:
    """Find in a bounce the answer of ours that it is shown on: its case and its Message-ID, proved by our token.

    What its report returned comes first. To be shown, any place in the bounce will do: whoever has the token may write on that case.
    """
    named = [*mail.report.mail_ids, *reply_token.mentioned(raw[:1_000_000].decode("latin-1"))]
    key = settings.get(tx, "reply_key")
    for mail_id in dict.fromkeys(named):
        case_id, _ = reply_token.find(key, [mail_id])
        row = tx.first(_OWN, {"b_mail_id": mail_id}) if case_id is not None else None
        if row is not None and case_id is not None:
            return cases.destination(tx, case_id), mail_id
    return None


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
    receipt_id, digest, raw_digest = tx.new_id(mail_receipts), identity_digest(raw), messages.keep(tx, raw)
    if raw and tx.first(_IN_QUARANTINE, {"b_digest": digest}) is not None:
        # Its bytes are kept too: servers may have added other headers on the way.
        why = "it is in quarantine already"
        _note_receipt(tx, receipt_id, place, digest, "", "repeated", reason=why, raw_digest=raw_digest)
        return Receipt("repeated", reason=why)
    _note_receipt(tx, receipt_id, place, digest, "", "quarantined", reason=reason, raw_digest=raw_digest)
    tx.record(MailQuarantined(mail_id=receipt_id, reason=OutsideText(reason)))
    return Receipt("quarantined", reason=reason)


def kept(connection: Connection, receipt_id: int) -> Read:
    """Read a mail in quarantine once more, as it would be read if it came today.

    Raises:
        NotFound: there is no such mail in quarantine.
        NothingFetched: there is nothing to read.
    """
    row = connection.execute(_KEPT, {"b_id": receipt_id}).first()
    if row is None:
        raise NotFound(what="mail in quarantine", which=str(receipt_id))
    if not row.content:
        raise NothingFetched(mail=receipt_id)
    return read(row.content, Place(row.mailbox_id, row.uidvalidity, row.uid))


def retry(tx: Tx, receipt_id: int, each: Read) -> Receipt:
    """Take a mail out of quarantine by the way it would come in today. What cannot be taken stays there, as it was.

    Args:
        tx: where it is taken.
        receipt_id: its number in quarantine.
        each: what `kept` made of it.

    Raises:
        NotFound: it is not in quarantine (any more).
        NotAllowed: the actor is no supervisor.
    """
    require(tx.actor, "supervisor", "mail.release")
    if tx.first(_LOCKED, {"b_id": receipt_id}) is None:
        raise NotFound(what="mail in quarantine", which=str(receipt_id))
    if each.mail is None:
        return Receipt("quarantined", reason=each.problem)
    try:
        with tx.savepoint():
            # Its place in the mailbox is for the receipt that says what became of it, under the same id.
            tx.execute(_LET_GO, {"b_id": receipt_id})
            receipt = _take(tx, each.raw, each.place, each.mail, receipt_id)
            tx.record(MailReleased(mail_id=receipt_id, case_id=receipt.case, state=receipt.state))
            return receipt
    except Exception as error:
        if _is_circumstance(error):
            raise
        log.exception("mail %d stays in quarantine", receipt_id)
        return Receipt("quarantined", reason=_in_short(error))


def _note_receipt(
    tx: Tx,
    receipt_id: int,
    place: Place,
    digest: str,
    mail_id: str,
    state: str,
    *,
    message_id: int | None = None,
    reason: str | None = None,
    raw_digest: str | None = None,
) -> None:
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
