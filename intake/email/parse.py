"""From the raw bytes of a mail to what the desk stores; pure, and it answers for any bytes.

Only a message over a bound raises (`Unreadable`). What had to be repaired is said in `defects`; the raw bytes are kept elsewhere, so
a guess made here is never the last word.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_tz
from typing import Any

from intake.email.addresses import Address, addresses
from intake.email.attachments import Attachment
from intake.email.body import Body, read_body
from intake.email.charsets import clean
from intake.email.headers import Fields, unfold
from intake.email.machines import judge, report_type, written_by_machine
from intake.email.mime import MAX_BYTES, Part, Unreadable, read_tree
from intake.email.quotes import reply_from_html, reply_from_text
from intake.email.reports import Report, read_report

__all__ = ["Address", "Attachment", "ParsedMail", "Unreadable", "as_object", "parse"]

_MBOX_FROM = re.compile(rb"\A>?From [^\r\n]*\r?\n")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_LEAD = re.compile(
    rb"(?:[^\r\n]{1,200}\r?\n){1,3}?(?=(?:Return-Path|Received|From|To|Subject|Date|Message-ID|MIME-Version|Delivered-To):)",
    re.I,
)
"""Lines that a forwarding program put before the header."""
_ID = re.compile(r"<[^<>]{1,998}>")
_BARE_ID = re.compile(r"[^\s<>,;()\"]+@[^\s<>,;()\"]+")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d))?)?\s*(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail, decoded: every string is valid Unicode without NUL, but control characters are as they came."""

    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    reply_text: str
    html: str
    attachments: tuple[Attachment, ...]
    auto: bool
    """No automatic answer may go to it: a machine wrote it, or it came over a list."""
    bounce: bool
    auto_reasons: tuple[str, ...]
    """Every sign of that, the one that decides first."""
    report: Report
    """What a bounce proves; nothing for any other mail."""
    digest: str
    defects: tuple[str, ...]

    @property
    def auto_reason(self) -> str:
        """The sign that decides; '' for a person's mail."""
        return self.auto_reasons[0] if self.auto_reasons else ""

    @property
    def by_machine(self) -> bool:
        """Whether a machine wrote it; a person's mail over a list or from a "no-reply" address gets no automatic answer either."""
        return self.bounce or written_by_machine(self.auto_reasons)


def digest_of(raw: bytes) -> str:
    """SHA-256 of a message, equal for its copies with other line ends."""
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return hashlib.sha256(raw).hexdigest()


def parse(raw: bytes) -> ParsedMail:
    """The mail in `raw`; raises Unreadable when it is over a bound of size, parts or header."""
    if len(raw) > MAX_BYTES:
        raise Unreadable(reason=f"more than {MAX_BYTES} bytes")
    root, defects = read_tree(unwrapped(raw))
    body = read_body(root)
    fields = root.fields
    fields.hint = body.charset
    found = dict.fromkeys(defects) | body.defects
    text = _join(body.texts)
    sender, reply_to = _sender(fields, found)
    subject = fields.text(b"subject")
    bounce, reasons = judge(
        fields, sender.address, sender.name, subject, text, body.types, report_type(fields) or _report_inside(root)
    )
    ids = _ids(fields.plain(b"message-id"))
    if not ids:
        found["no message id"] = None
    return ParsedMail(
        sender=sender,
        reply_to=reply_to,
        to=_addresses(fields, b"to"),
        cc=_addresses(fields, b"cc"),
        delivered_to=_delivered_to(fields),
        subject=subject,
        sent_at=_sent_at(fields, found),
        message_id=ids[0] if ids else "",
        in_reply_to=next(iter(_ids(fields.plain(b"in-reply-to"))), ""),
        references=tuple(dict.fromkeys(one for value in fields.all_raw(b"references") for one in _ids(unfold(value)))),
        text=text,
        reply_text=_reply(body, text),
        html="\n".join(one for one in body.htmls if one),
        attachments=tuple(body.attachments),
        auto=bool(reasons),
        bounce=bounce,
        auto_reasons=tuple(clean(each) for each in reasons),
        report=read_report(root, sender.address, subject, text) if bounce else Report(),
        digest=digest_of(raw),
        defects=tuple(found),
    )


def as_object(mail: ParsedMail) -> dict[str, Any]:
    """The mail as `deskline mail parse FILE --json` prints it."""
    return {
        "from": {"name": mail.sender.name, "address": mail.sender.address},
        "to": [{"name": one.name, "address": one.address} for one in mail.to],
        "cc": [{"name": one.name, "address": one.address} for one in mail.cc],
        "subject": mail.subject,
        "date": mail.sent_at.isoformat().replace("+00:00", "Z") if mail.sent_at else None,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "text": mail.text,
        "reply_text": mail.reply_text,
        "attachments": [
            {"name": one.name, "type": one.type, "size": one.size, "inline": one.inline} for one in mail.attachments
        ],
        "auto": mail.auto,
        "bounce": mail.bounce,
    }


def unwrapped(raw: bytes) -> bytes:
    """The message without what mailboxes and editors put before it, and with line ends that end lines."""
    if b"\r" in raw and raw.count(b"\n") * 50 < raw.count(b"\r"):
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
    if raw[:1] in (b"\r", b"\n"):
        raw = raw.lstrip(b"\r\n")
    if raw.startswith((b"From ", b">From ")):
        raw = _MBOX_FROM.sub(b"", raw)
    lead = _LEAD.match(raw)
    return raw[lead.end() :] if lead and not _FIELD.match(raw) else raw


def _join(texts: list[str]) -> str:
    kept = [text for text in texts if text.strip()]
    if len(kept) == 1:
        return kept[0]
    return "\n".join(text.rstrip("\n") + "\n" for text in kept)


def _reply(body: Body, text: str) -> str:
    if not text.strip():
        return ""
    shown = [(kind, source) for kind, source in body.replies if source.strip()]
    parts = [reply_from_html(source) if kind == "html" else reply_from_text(source) for kind, source in shown]
    return "\n\n".join(part for part in parts if part.strip()) or text


def _addresses(fields: Fields, name: bytes) -> tuple[Address, ...]:
    found: list[Address] = []
    for value in fields.all_raw(name)[:50]:
        found.extend(addresses(unfold(value, fields.hint)))
    return tuple(found)


def _sender(fields: Fields, defects: dict[str, None]) -> tuple[Address, tuple[Address, ...]]:
    stated = _addresses(fields, b"from")
    reply_to = _addresses(fields, b"reply-to")
    first = next((one for one in stated if one.address), stated[0] if stated else Address("", ""))
    if first.address:
        return first, reply_to
    defects["no sender address"] = None
    for name in (b"sender", b"reply-to", b"return-path", b"resent-from"):
        for one in _addresses(fields, name):
            if one.address:
                return Address(first.name or one.name, one.address), reply_to
    return first, reply_to


def _delivered_to(fields: Fields) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in (b"delivered-to", b"x-original-to", b"envelope-to", b"x-envelope-to", b"bcc"):
        for one in _addresses(fields, name):
            if one.address:
                found[one.address] = None
    return tuple(found)


def _ids(value: str) -> list[str]:
    found = ["<" + "".join(one[1:-1].split()) + ">" for one in _ID.findall(value)]
    return found or ([f"<{one}>" for one in _BARE_ID.findall(value[:4_000])] if "@" in value else [])


def _report_inside(root: Part) -> str:
    for part in root.children[:20]:
        if part.type == "multipart/report":
            return part.params.get("report-type", "").lower()
    return ""


def _sent_at(fields: Fields, defects: dict[str, None]) -> datetime | None:
    raw = fields.plain(b"date")[:200]
    if not raw.strip():
        defects["no date"] = None
        return None
    try:
        read = parsedate_tz(raw)
        if read is not None:
            moment = datetime(*read[:6], tzinfo=UTC).timestamp() - (read[9] or 0)
            return datetime.fromtimestamp(moment, UTC)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        pass
    found = _ISO_DATE.search(raw)
    if found is not None:
        numbers = [int(one or 0) for one in found.groups()[:6]]
        try:
            year, month, day, hour, minute, second = numbers
            moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
            zone = (found[7] or "Z").replace(":", "")
            if zone != "Z":
                moment -= (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 3600 + int(zone[3:5]) * 60)
            return datetime.fromtimestamp(moment, UTC)
        except (ValueError, OverflowError, OSError):
            pass
    defects["the date was not readable"] = None
    return None
