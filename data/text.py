"""Text from outside, in its own type, and the one function that makes it safe to paint.

`OutsideText` is deliberately not a `str`: what a customer wrote cannot reach a terminal, an f-string or a widget without
passing `sanitise`, because neither the type checker nor Python lets it.
"""

from __future__ import annotations

_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_MULTILINE = dict.fromkeys((*_CONTROLS, *_BIDI, *range(0xD800, 0xE000)), "\N{REPLACEMENT CHARACTER}")
_MULTILINE[0x0A] = "\n"
_MULTILINE[0x09] = "\t"
_SINGLE = dict(_MULTILINE)
_SINGLE[0x0A] = " "
_SINGLE[0x09] = " "


class OutsideText:
    """What somebody outside the desk wrote, exactly as it came; `raw` is for storing and comparing, never for painting."""

    __slots__ = ("raw",)

    def __init__(self, raw: str) -> None:
        self.raw = raw

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OutsideText) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(("OutsideText", self.raw))

    def __bool__(self) -> bool:
        return bool(self.raw)

    def __repr__(self) -> str:
        return f"OutsideText({self.raw!r})"

    def __str__(self) -> str:
        raise TypeError("text from outside is painted through sanitise(), never as it is")

    def __format__(self, spec: str) -> str:
        raise TypeError("text from outside is painted through sanitise(), never as it is")


def sanitise(text: OutsideText | str, *, line: bool = False) -> str:
    """Return the text with each control, escape and bidi character as U+FFFD.

    Args:
        text: what came from outside.
        line: True where only one line has room: line ends and tabs become spaces.
    """
    raw = text.raw if isinstance(text, OutsideText) else text
    if raw.isascii() and raw.isprintable():
        return raw
    return raw.replace("\r\n", "\n").translate(_SINGLE if line else _MULTILINE)


def storable(text: str) -> str:
    """Return the text without NUL and lone surrogates, which no database column can hold, as U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text


def composed(text: str) -> str:
    """Return a text in the form in which an accent and its letter are one character: files from a Mac may have them apart."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)
