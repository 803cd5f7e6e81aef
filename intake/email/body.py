"""Which leaves of a mail are its body and which are attachments; no leaf is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from intake.email.attachments import Attachment, invented_name, open_tnef
from intake.email.charsets import clean, decode
from intake.email.headers import Fields, decode_field, decode_words, parameters, unfold
from intake.email.html import html_to_text
from intake.email.mime import Part
from intake.email.transfer import take_uuencoded

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{2,40})", re.I)
_UNSIGNED = re.compile(r"^- (?=-)", re.M)
_PGP_SIGNED = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:\w+: [^\n]*\n)*\n(.*?)\n"
    r"-----BEGIN PGP SIGNATURE-----\n.*?(?:\Z|^-----END PGP SIGNATURE-----)",
    re.M | re.S,
)
_BODY_TYPES = ("text/plain", "text/html", "text", "text/enriched", "text/markdown", "text/x-markdown")


@dataclass(slots=True)
class Body:
    """What the leaves of a mail came to."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    replies: list[tuple[str, str]] = field(default_factory=list)  # ("text" or "html", source) of each text shown
    attachments: list[Attachment] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    defects: dict[str, None] = field(default_factory=dict)
    charset: str = ""


def read_body(root: Part) -> Body:
    """Walk the tree without recursion: depth is bounded, but a stack is as short."""
    body = Body(charset=_charset(root))
    _visit(root, body, shown=True)
    return body


def _charset(root: Part) -> str:
    """The charset that some text part states, a hint for what states none."""
    stack = [root]
    while stack:
        part = stack.pop()
        stated = part.params.get("charset", "")
        if stated and stated.lower() not in ("us-ascii", "utf-8"):
            return stated
        stack.extend(part.children[:50])
    return ""


def _visit(part: Part, body: Body, shown: bool) -> None:
    if not part.children:
        _leaf(part, body, shown)
    elif part.type == "multipart/alternative":
        _alternative(part, body, shown)
    else:
        for child in part.children:
            _visit(child, body, shown)


def _alternative(part: Part, body: Body, shown: bool) -> None:
    """Of several forms of one body the plain text is read, unless it is empty; the HTML is kept, anything else is listed."""
    before_texts, before_replies = len(body.texts), len(body.replies)
    plain: list[Part] = []
    others: list[Part] = []
    for child in part.children:
        (plain if child.type == "text/plain" and not child.children else others).append(child)
    for child in plain:
        _visit(child, body, shown)
    said = any(text.strip() for text in body.texts[before_texts:]) and not _stub(body.texts[before_texts:], others)
    if not said:
        del body.texts[before_texts:], body.replies[before_replies:]
    for child in others:
        _visit(child, body, shown and not said)


def _stub(texts: list[str], others: list[Part]) -> bool:
    """A plain form that only says where the real one is: a sixth of what the HTML form says, or less."""
    length = sum(len(text.strip()) for text in texts)
    htmls = [part for part in others if part.type == "text/html" and len(part.body) > 8 * length + 500]
    if length > 1_000 or not htmls:
        return False
    return len(html_to_text(decode(htmls[0].content()[0], htmls[0].params.get("charset", ""))[0])) > 6 * length + 200


def _leaf(part: Part, body: Body, shown: bool) -> None:
    body.types.append(part.type)
    disposition, params = _disposition(part.fields)
    name = clean(params.get("filename") or part.params.get("name") or "").strip()
    content, defect = part.content()
    if defect:
        body.defects[defect] = None
    first = not body.texts and not body.htmls
    shows = not name or (first and part.type != "text/plain" and _unnamed(name))
    if part.type in _BODY_TYPES and not part.too_deep and disposition != "attachment" and shows:
        if part.type == "text/html":
            _html(part, content, body, shown)
        else:
            _plain(part, content, body, shown)
        return
    if part.type.startswith("multipart/") and not part.too_deep:
        _plain(part, content, body, shown)  # a multipart in which no part was found
        return
    _attach(part, content, name, disposition, body)


def _unnamed(name: str) -> bool:
    return name.lower() in ("message.html", "body.html", "untitled.html")


def _disposition(fields: Fields) -> tuple[str, dict[str, str]]:
    value = fields.raw(b"content-disposition")
    if value is None:
        return "", {}
    return parameters(unfold(value, fields.hint), fields.hint)


def _decoded(part: Part, content: bytes, body: Body) -> str:
    declared = part.params.get("charset", "")
    if not declared and part.type == "text/html":
        stated = _META_CHARSET.search(content, 0, 4_000)
        declared = stated[1].decode("ascii") if stated else ""
    text, defect = decode(content, declared, body.charset)
    if defect:
        body.defects[defect] = None
    return text


def _plain(part: Part, content: bytes, body: Body, shown: bool) -> None:
    content, files = take_uuencoded(content)
    for name, octets in files:
        body.attachments.append(Attachment(decode(name)[0], "application/octet-stream", len(octets), False, "", octets))
    text = _decoded(part, content, body)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.params.get("format", "").lower() == "flowed":
        text = unflow(text, part.params.get("delsp", "").lower() == "yes")
    if text.count("-----BEGIN PGP SIGNED MESSAGE-----") in range(1, 20) and "-----BEGIN PGP SIGNATURE-----" in text:
        text = _PGP_SIGNED.sub(lambda found: _UNSIGNED.sub("", found[1]), text)
    if part.type in ("text/enriched",):
        text = re.sub(r"<[^<>]{0,80}>", "", text)
    if shown:
        body.texts.append(text)
        body.replies.append(("text", text))


def _html(part: Part, content: bytes, body: Body, shown: bool) -> None:
    html = _decoded(part, content, body)
    if "\r\n" in html:
        html = html.replace("\r\n", "\n")
    body.htmls.append(html)
    if shown:
        body.texts.append(html_to_text(html))
        body.replies.append(("html", html))


def _attach(part: Part, content: bytes, name: str, disposition: str, body: Body) -> None:
    if part.type in ("application/ms-tnef", "application/vnd.ms-tnef") or name.lower() == "winmail.dat":
        opened = open_tnef(content)
        if opened is not None:
            body.attachments.extend(opened.attachments)
            if opened.text.strip() and not any(text.strip() for text in body.texts):
                body.texts.append(opened.text)
                body.replies.append(("text", opened.text))
            if opened.attachments or opened.text.strip():
                return
        else:
            body.defects["winmail.dat could not be opened"] = None
    ident = part.fields.raw(b"content-id")
    content_id = decode_field(ident).strip().strip("<>") if ident else ""
    inline = disposition == "inline" or (bool(content_id) and disposition != "attachment")
    if not name:
        described = part.fields.text(b"content-description").strip() if part.type != "message/rfc822" else ""
        name = invented_name(part.type, content, len(body.attachments) + 1, described, body.charset)
    kind = part.type if "/" in part.type else "application/octet-stream"
    body.attachments.append(
        Attachment(clean(decode_words(name)), clean(kind), len(content), inline, clean(content_id), content)
    )


def unflow(text: str, delete_space: bool) -> str:
    """Format=flowed text with its paragraphs joined again (RFC 3676)."""
    out: list[str] = []
    pending: list[str] | None = None
    pending_depth = 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        if bare.startswith(" "):
            bare = bare[1:]
        flows = bare.endswith(" ") and bare != "-- "
        if pending is not None and (depth != pending_depth or bare == "-- "):
            out.append("".join(pending))
            pending = None
        if pending is None:
            pending, pending_depth = [(">" * depth + " ") if depth else ""], depth
        pending.append(bare[:-1] if flows and delete_space else bare)
        if not flows:
            out.append("".join(pending))
            pending = None
    if pending is not None:
        out.append("".join(pending))
    return "\n".join(out)
