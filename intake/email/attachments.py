"""Attachments: their names when the mail gives none, and the files inside winmail.dat."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from intake.email.charsets import clean, decode
from intake.email.headers import Fields, header_end

MAX_TNEF_BYTES = 64 * 1024 * 1024
_NAMES = {
    "message/delivery-status": "delivery-status.txt",
    "message/global-delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "text/rfc822-headers": "headers.txt",
    "message/rfc822-headers": "headers.txt",
    "text/calendar": "invite.ics",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "pgp-version.txt",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/ms-tnef": "winmail.dat",
}
_ENDINGS = {
    "text/plain": "txt", "text/html": "html", "text/csv": "csv", "text/vcard": "vcf", "text/x-vcard": "vcf", "image/jpeg": "jpg",
    "image/jpg": "jpg", "image/pjpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/bmp": "bmp", "image/tiff": "tiff",
    "image/svg+xml": "svg", "application/pdf": "pdf", "application/zip": "zip", "application/json": "json", "application/xml": "xml",
    "text/xml": "xml", "audio/mpeg": "mp3", "video/mp4": "mp4", "application/msword": "doc", "message/rfc822": "eml",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    type: str
    size: int
    inline: bool
    content_id: str
    content: bytes


@dataclass(slots=True)
class Opened:
    """What a winmail.dat held."""

    attachments: list[Attachment] = field(default_factory=list)
    text: str = ""


def invented_name(kind: str, content: bytes, number: int, described: str, hint: str) -> str:
    """A name for a part that has none: a forwarded message is called by its subject."""
    if kind in ("message/rfc822", "message/global"):
        head = content[:65_536].lstrip(b"\r\n")
        blank = min((at for at in (head.find(b"\n\n"), head.find(b"\n\r\n")) if at >= 0), default=len(head))
        block = head[: blank + 1]
        subject = " ".join(Fields(block[: header_end(block)], hint).text(b"subject").split())
        return (subject[:150] or f"message-{number}") + ".eml"
    if kind in _NAMES:
        return _NAMES[kind]
    if described and "." in described[-6:] and len(described) < 200:
        return described
    return f"{kind.partition('/')[0] or 'part'}-{number}.{_ENDINGS.get(kind, 'bin')}"


def open_tnef(content: bytes) -> Opened | None:
    """The files and the text in a TNEF container; None when it cannot be opened."""
    if len(content) > MAX_TNEF_BYTES:
        return None
    import logging

    from tnefparse import TNEF  # rare, and slow to import

    logging.getLogger("tnef-decode").setLevel(logging.CRITICAL)
    try:
        container = TNEF(content, do_checksum=False)
        opened = Opened()
        for number, one in enumerate(container.attachments, 1):
            octets = bytes(one.data or b"")
            raw = one.long_filename() or one.name or ""
            name = clean((decode(raw)[0] if isinstance(raw, bytes) else str(raw)).rstrip("\0")).strip()
            name = name or f"attachment-{number}.bin"
            opened.attachments.append(Attachment(name, "application/octet-stream", len(octets), False, "", octets))
        opened.text = _tnef_text(container)
    except Exception:  # noqa: BLE001 - an unmaintained reader of a format full of offsets
        return None
    return opened


def _tnef_text(container: object) -> str:
    from intake.email.html import html_to_text

    for name in ("body", "htmlbody", "rtfbody"):
        try:
            found = getattr(container, name, None)
        except Exception:  # noqa: BLE001 - each form is read lazily, one may be broken and the next whole
            found = None
        if isinstance(found, list):
            found = b"".join(bytes(one) for one in found)
        if not found:
            continue
        text = decode(found)[0] if isinstance(found, bytes) else clean(str(found))
        if name == "htmlbody":
            return html_to_text(text)
        if name == "rtfbody":
            return _rtf_text(text)
        return text.replace("\r\n", "\n").strip("\ufffd")
    return ""


def _rtf_text(rtf: str) -> str:
    """The plain words of RTF: enough to read, no layout."""
    rtf = re.sub(r"\{\\(?:fonttbl|colortbl|stylesheet|info|\*)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", "", rtf[:1_000_000])
    rtf = re.sub(r"\\(?:par|line)\b ?", "\n", rtf)
    rtf = re.sub(r"\\'([0-9a-fA-F]{2})", lambda found: bytes([int(found[1], 16)]).decode("cp1252", "replace"), rtf)
    rtf = re.sub(r"\\u(-?\d{1,5}) ?\??", lambda found: clean(chr(int(found[1]) % 65536)), rtf)
    rtf = re.sub(r"\\[a-zA-Z]{1,32}-?\d* ?|[{}]|\\[^a-zA-Z]", "", rtf)
    return re.sub(r"\n{3,}", "\n\n", rtf).strip()
