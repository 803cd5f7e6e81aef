"""An answer as a mail: the same bytes at each try, under the Message-ID that was fixed when it was written.

Each header line is built here, as bytes. A structured parser never sees text from outside: Python's `EmailMessage` decodes
encoded words in what it is given (`=?utf-8?q?=0D=0A?=`) and then writes real line ends. What was built is counted before it leaves.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from sqlalchemy import Connection, bindparam, select

from core.addresses import is_plain
from core.errors import NotFound, Refused
from data.clock import MICROSECONDS
from data.schema import messages
from data.text import sanitise, storable

LONGEST_REFERENCES = 1500
"""In characters: some relays refuse longer headers. The first and the newest ones are kept."""
LONGEST_LINE = 998
"""In bytes, without its end (RFC 5322, 2.1.1)."""
_LONGEST_PLAIN = 900
_WORD_BYTES = 39
"""Of text in an encoded word: 52 characters of base64, so that the line of the first one has at most 76 (RFC 2047, 2)."""

_MESSAGE = select(messages).where(messages.c.id == bindparam("b_id"))
_EARLIER = (
    select(messages.c.mail_id, messages.c.direction)
    .where(
        messages.c.case_id == bindparam("b_case"), messages.c.id < bindparam("b_id"), messages.c.mail_id.is_not(None)
    )
    .order_by(messages.c.id)
)
_MAIL_ID = re.compile(r"<[!-;=?-~]{1,497}>")
_BODY_POLICY = SMTP.clone(cte_type="7bit", max_line_length=76)


class NotComposed(Refused):
    """Message {message} cannot be made a mail: {why}."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail ready for the server: who it is for, and its bytes."""

    recipients: tuple[str, ...]
    content: bytes


def compose(connection: Connection, message_id: int, sender: str) -> Composed:
    """Return the mail of a stored answer.

    Args:
        connection: where the answer is read.
        message_id: the answer.
        sender: the From header of the mailbox that sends it.

    Raises:
        NotFound: there is no such message.
        NotComposed: an address or the Message-ID cannot stand in a header; trying again does not help.
    """
    row = connection.execute(_MESSAGE, {"b_id": message_id}).first()
    if row is None:
        raise NotFound(what="message", which=str(message_id))
    recipients = tuple(json.loads(row.recipients.raw))
    if not recipients or not all(is_plain(each) for each in recipients):
        raise NotComposed(message=message_id, why="a recipient is no plain address")
    if not _header_safe(row.mail_id or ""):
        raise NotComposed(message=message_id, why="its Message-ID cannot stand in a header")
    name, address = parseaddr(sender)
    if not is_plain(address):
        raise NotComposed(message=message_id, why="the sender of its mailbox is no plain address")
    headers = {
        "From": _named(sanitise(name, line=True).strip(), address),
        "To": ",\r\n ".join(recipients),
        "Subject": _unstructured(sanitise(row.subject, line=True).strip()),
        "Date": format_datetime(datetime.fromtimestamp(row.at / MICROSECONDS, UTC)),
        "Message-ID": row.mail_id,
    }
    earlier = connection.execute(_EARLIER, {"b_case": row.case_id, "b_id": message_id}).all()
    inbound = [_header_safe(each.mail_id) for each in earlier if each.direction == "inbound"]
    if inbound and inbound[-1]:
        headers["In-Reply-To"] = inbound[-1]
    references = shorten([safe for each in earlier if (safe := _header_safe(each.mail_id))])
    if references:
        headers["References"] = "\r\n ".join(references)
    if row.auto:  # RFC 3834: other machines shall not answer
        headers["Auto-Submitted"] = "auto-generated"
    lines = "".join(f"{header}: {value}\r\n" for header, value in headers.items())
    part = _part(row.text.raw, row.html.raw if row.html is not None else None)
    content = lines.encode() + part.as_bytes()
    if not _is_whole(content, (*headers, *part.keys())):
        raise NotComposed(message=message_id, why="its header would not hold exactly the lines meant for it")
    return Composed(recipients, content)


def _named(name: str, address: str) -> str:
    if not name:
        return address
    if name.isascii() and "=?" not in name and len(name) < _LONGEST_PLAIN:
        quoted = re.sub(r'(["\\])', r"\\\1", name)
        return f"{name} <{address}>" if re.fullmatch(r"[\w !#$%&'*+/=?^`{|}~-]+", name) else f'"{quoted}" <{address}>'
    return f"{_words(name)}\r\n <{address}>"


def _unstructured(text: str) -> str:
    """Return a text for a header: as it is, or in encoded words where a reader would take it for something else."""
    return text if text.isascii() and "=?" not in text and len(text) < _LONGEST_PLAIN else _words(text)


def _words(text: str) -> str:
    chunks = (base64.b64encode(each.encode()).decode("ascii") for each in _chunks(text))
    return "\r\n ".join(f"=?utf-8?b?{each}?=" for each in chunks)


def _chunks(text: str) -> Iterator[str]:
    """Cut a text into pieces that fit an encoded word each; no character is torn apart."""
    start = size = 0
    for place, character in enumerate(text):
        width = len(character.encode())
        if size + width > _WORD_BYTES:
            yield text[start:place]
            start, size = place, 0
        size += width
    yield text[start:]


def _part(text: str, html: str | None) -> EmailMessage:
    """Return the body with its own headers, in 7 bits: some servers on the way take no more."""
    part = EmailMessage(policy=_BODY_POLICY)
    text = _lines_of(text)
    part.set_content(text, cte=_encoding(text))
    if html is not None:
        html = _lines_of(html)
        part.add_alternative(html, subtype="html", cte=_encoding(html))
        # Python would draw lots for it, and each try would send other bytes.
        part.set_boundary(f"=_{hashlib.sha256(f'{text}{html}'.encode()).hexdigest()[:40]}")
    return part


def _lines_of(text: str) -> str:
    return storable(text).replace("\r\n", "\n").replace("\r", "\n")


def _encoding(text: str) -> str | None:
    """Return the encoding of a text that can go as it is; None leaves it to Python to choose one."""
    return "7bit" if text.isascii() and max(len(line) for line in text.split("\n")) <= LONGEST_LINE else None


def _is_whole(content: bytes, names: Sequence[str]) -> bool:
    """Say whether the header block has these fields, each once and in this order, and no line that could be read otherwise."""
    block, _, _ = content.partition(b"\r\n\r\n")
    lines = block.split(b"\r\n")
    if any(b"\r" in line or b"\n" in line or not line.strip() or len(line) > LONGEST_LINE for line in lines):
        return False
    return [line.partition(b":")[0].decode() for line in lines if line[:1] not in b" \t"] == list(names)


def _header_safe(mail_id: str) -> str:
    """Return a Message-ID that can stand in a header, or nothing for one that cannot."""
    return mail_id if _MAIL_ID.fullmatch(mail_id) and "=?" not in mail_id else ""


def shorten(references: list[str]) -> list[str]:
    """Return at most 1,500 characters of references: the first, and as many of the newest as have room."""
    if sum(len(each) + 1 for each in references) <= LONGEST_REFERENCES:
        return references
    kept: list[str] = []
    room = LONGEST_REFERENCES - len(references[0]) - 1
    for each in reversed(references[1:]):
        room -= len(each) + 1
        if room < 0:
            break
        kept.append(each)
    return [references[0], *reversed(kept)]
