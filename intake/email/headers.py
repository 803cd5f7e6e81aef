"""Header fields: split, unfolded and decoded, however they were encoded.

The decoder reads what mailers send, not what RFC 2047 and 2231 allow: words inside quotes, words split inside a character, words with
blanks, raw 8-bit bytes. All patterns are linear; a header may be a megabyte of anything.
"""

from __future__ import annotations

import binascii
import re
from urllib.parse import unquote_to_bytes

from intake.email.charsets import clean, decode, known_charset
from intake.email.transfer import decode_base64

_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:([^\n]*(?:\n(?:[ \t][^\n]*|[^:\n]*(?=\n|\Z)))*)", re.M)
_FIELD_START = re.compile(rb"[!-9;-~]+[ \t]*:")
_NAMED_LINE = re.compile(rb"^[A-Za-z][A-Za-z0-9_.-]{0,60}[ \t]*:", re.M)
_STRAY_LINE = re.compile(rb"^(?![ \t])[^:\n]+$", re.M)
_FOLD = re.compile(rb"\r?\n(?=[ \t])|\r?\n|\r")
_WORD = re.compile(
    r"=\?([^?\s=]{1,60})\?([bBqQ])\?((?:(?!=\?[^=])[^\n])*?)\?=(?![0-9A-F]{2}[^?=]*(?:=[0-9A-F]{2}[^?=]*)*\?=)"
)
_PARAMETER = re.compile(
    r""";\s*([^=;\s"]+)\s*=\s*(?:"((?:[^"\\]|\\.|"(?!\s*(?:;|$)))*)"|((?:=\?[^?\s]+\?[bBqQ]\?[^?]*\?=\s*)+)|([^;]*))""",
    re.S,
)
_SECTION = re.compile(r"(.+?)\*(\d{1,4})?(\*)?")
_ESCAPED = re.compile(r'\\(["\\])')
_COMMENT = re.compile(r"\([^()]*\)")


class Fields:
    """The header of a message or part: field names are case-insensitive, values are raw until they are asked for."""

    __slots__ = ("hint", "pairs", "size")

    def __init__(self, block: bytes, hint: str = "") -> None:
        self.size = len(block)
        self.hint = hint
        self.pairs = [(found[1].lower(), found[2]) for found in _FIELD.finditer(block)] if block else []

    def raw(self, name: bytes) -> bytes | None:
        """The first value of a field as it came, None when it is not there."""
        for key, value in self.pairs:
            if key == name:
                return value
        return None

    def all_raw(self, name: bytes) -> list[bytes]:
        """Every value of a repeated field as it came."""
        return [value for key, value in self.pairs if key == name]

    def text(self, name: bytes) -> str:
        """The first value of a field, decoded; '' when it is not there."""
        value = self.raw(name)
        return "" if value is None else decode_field(value, self.hint)

    def plain(self, name: bytes) -> str:
        """The first value of a field, unfolded but with its encoded words as they came."""
        value = self.raw(name)
        return "" if value is None else unfold(value, self.hint)


def header_end(block: bytes) -> int:
    """Where in a header block the body begins because its blank line was forgotten; the length of the block otherwise."""
    if not _FIELD_START.match(block):
        return 0
    last = None
    for stray in _STRAY_LINE.finditer(block):
        if stray[0].strip():
            last = stray
            break
    if last is None:
        return len(block)
    return len(block) if _NAMED_LINE.search(block, last.end()) else last.start()


def unfold(value: bytes, hint: str = "") -> str:
    """A raw value as one line of text, its encoded words still encoded."""
    value = value.strip()
    if b"\n" in value or b"\r" in value:
        value = _FOLD.sub(lambda found: b"" if found[0] != b"\r" else b" ", value)
    if value.isascii() and b"\x1b" not in value:
        return clean(value.decode("ascii"))
    return decode(value, "", hint)[0]


def decode_field(value: bytes, hint: str = "") -> str:
    """A raw value as a reader should see it."""
    return decode_words(unfold(value, hint))


def decode_words(text: str) -> str:
    """Text with its encoded words decoded, neighbours of one charset together: they may share a character."""
    if "=?" not in text:
        return text
    out: list[str] = []
    pending: list[bytes] = []
    charset, at = "", 0
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        name = word[1].split("*", 1)[0].lower()
        if pending and (name != charset or between.strip()):
            out.append(_joined(pending, charset))
            pending = []
        if not pending and (between.strip() or at == 0 or not out):
            out.append(between)
        pending.append(_word_bytes(word[2], word[3], name))
        charset, at = name, word.end()
    if pending:
        out.append(_joined(pending, charset))
    out.append(text[at:])
    return "".join(out)


def _word_bytes(kind: str, payload: str, charset: str) -> bytes:
    octets = (
        payload.encode("ascii", "ignore")
        if payload.isascii()
        else payload.encode(known_charset(charset) or "utf-8", "replace")
    )
    if kind in "bB":
        return decode_base64(octets)[0]
    return binascii.a2b_qp(octets.replace(b" ", b"_"), header=True)


def _joined(pieces: list[bytes], charset: str) -> str:
    return decode(b"".join(pieces), charset)[0]


def parameters(value: str, hint: str = "") -> tuple[str, dict[str, str]]:
    """The main value of a structured field, lower case, and its parameters; RFC 2231 and its misuses are undone."""
    main, semicolon, rest = value.partition(";")
    if "(" in main:
        main = _COMMENT.sub("", main)
    found: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    if semicolon:
        for match in _PARAMETER.finditer(";" + rest):
            name, quoted, words, bare = match.groups()
            content = _ESCAPED.sub(r"\1", quoted) if quoted is not None else (words or bare).strip().strip('"')
            split = _SECTION.fullmatch(name.lower()) if "*" in name else None
            if split is None:
                found.setdefault(name.lower(), decode_words(content))
            else:
                part = sections.setdefault(split[1], {})
                part.setdefault(int(split[2] or 0), (content, bool(split[3]) or split[2] is None))
    for name, parts in sections.items():
        found[name] = _extended([parts[index] for index in sorted(parts)], hint)
    return main.strip().strip('"').lower(), found


def _extended(parts: list[tuple[str, bool]], hint: str) -> str:
    charset = ""
    if not any(extended for _, extended in parts):
        return decode_words("".join(content for content, _ in parts))
    first, extended = parts[0]
    if extended and first.count("'") >= 2:
        charset, _, first = first.split("'", 2)
        parts = [(first, True), *parts[1:]]
    octets = b"".join(
        unquote_to_bytes(content) if extended else content.encode("utf-8", "replace") for content, extended in parts
    )
    return decode_words(decode(octets, charset, hint)[0])
