"""What a bounce proves: whether it says that a mail of ours failed, and which one it gave back.

Anybody to whom the desk ever wrote knows one of our Message-IDs, so naming one is no proof. A delivery report (RFC 3464) is believed
about the mail that it returns, and a bounce in plain words only where it comes from a mail system.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core import reply_token
from intake.email.headers import Fields, header_end
from intake.email.mime import Part

_STATUSES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED = (
    "message/rfc822",
    "message/global",
    "message/rfc822-headers",
    "message/global-headers",
    "text/rfc822-headers",
    "text/rfc822-header",
)
_BLOCKS = re.compile(rb"\r?\n[ \t]*\r?\n")
_WORD = re.compile(r"[a-z]+")
_MAIL_SYSTEM = re.compile(r"mail(?:er)?[-_.]?daemon|post[-_.]?master|mdaemon", re.I)
_NOT_YET = re.compile(r"\bdelay(?:ed)?\b|^\W*warning\b|\bverzögert", re.I)
_LONGEST = 1_000_000
"""How many bytes of a part are looked at: our Message-ID is in the header of what was returned."""
_MOST_BLOCKS = 1_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a bounce says, and of which mails: the Message-IDs in the form of ours that it gives back."""

    failed: bool = False
    mail_ids: tuple[str, ...] = ()


def read_report(root: Part, sender: str, subject: str, text: str) -> Report:
    """Return what a bounce says.

    Args:
        root: its parts. An attached message is one leaf and stays closed, unless it is what a report returns.
        sender: the address in its From header.
        subject: its subject, decoded.
        text: its text, decoded.
    """
    report = _report_part(root)
    if report is not None:
        actions = {action for part in report.children if part.type in _STATUSES for action in _actions(part)}
        returned = [part for part in report.children if part.type in _RETURNED]
        if actions:
            return Report("failed" in actions, tuple(each for part in returned for each in _named_by(part)))
    if not _from_mail_system(root.fields, sender) or _NOT_YET.search(subject[:300]):
        return Report()
    return Report(True, tuple(reply_token.mentioned(text[:_LONGEST])))


def _report_part(root: Part) -> Part | None:
    """The report: the whole mail, or inside a multipart that a list or a virus scanner put around it."""
    around = [root, *root.children[:20]]
    return next((part for part in around if part.type == "multipart/report" and part.children), None)


def _actions(part: Part) -> list[str]:
    """What became of the mail for each recipient: `failed`, `delayed`, `delivered`, `relayed` or `expanded`."""
    content, _ = part.content()
    blocks = _BLOCKS.split(content[:_LONGEST].lstrip(b"\r\n"), _MOST_BLOCKS)
    stated = (_WORD.match(Fields(block).plain(b"action").strip().lower()) for block in blocks)
    return [found[0] for found in stated if found is not None]


def _named_by(part: Part) -> list[str]:
    """The Message-ID of a returned mail, or what it mentions where the report gives back too little of it to hold one.

    With a Message-ID it is that mail which came back: the earlier answers in its References did not fail.
    """
    content, _ = part.content()
    head = content[:_LONGEST].lstrip(b"\r\n")
    blank = _BLOCKS.search(head)
    block = head[: blank.start() + 1] if blank else head
    own = Fields(block[: header_end(block)]).plain(b"message-id")
    return reply_token.mentioned(own or head.decode("latin-1"))


def _from_mail_system(fields: Fields, sender: str) -> bool:
    """Say whether a mail system sent it: its envelope had no sender, as our server noted on top, or it is a daemon's address."""
    noted = fields.raw(b"return-path")
    if noted is not None and noted.strip() == b"<>":
        return True
    return bool(_MAIL_SYSTEM.fullmatch(sender.partition("@")[0][:100]))
