"""How results are written: plain tables, JSON and CSV, the same for the thin and the full path.

Every cell of a table passes `sanitise`, whoever wrote it. JSON hands text from outside on as it came, but in ASCII escapes, so
that no control character of it reaches a terminal either.
"""

from __future__ import annotations

import os
import sys
from _json import encode_basestring_ascii  # the part of json that is C: the package itself costs 7 ms

from console.i18n import _
from console.moment import Moment, iso
from data.text import OutsideText, sanitise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Item = dict[str, Any]
    Texts = tuple["Column", list[str]]

TEXT, JSON, CSV = "text", "json", "csv"
SIGNS = "●◐○◌◔◑◕!‖✓×•▌▮▯▲▼┊│─━▸▾↓↑→…↺·"
_ASCII = dict(zip(map(ord, SIGNS), "*-o?.:%!=+x*>#.^v:|-=>vv^>~@-", strict=True))
_NARROW = dict.fromkeys(map(ord, SIGNS), "x")
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_GAP = "  "
_NARROWEST = 12
_RAILS = " ┊│"


class Column:
    """A column of a table: its head, how an item's cell is written, and how it gives way in a narrow terminal.

    One that is `flexible` is cut short. If that is not enough, the column that is the most `dispensable` is left out, and so on;
    those with 0 always stay.
    """

    __slots__ = ("cell", "dispensable", "flexible", "head", "right")

    def __init__(
        self,
        head: str,
        cell: Callable[[Item], object],
        *,
        right: bool = False,
        flexible: bool = False,
        dispensable: int = 0,
    ) -> None:
        self.head = head
        self.cell = cell
        self.right = right
        self.flexible = flexible
        self.dispensable = dispensable


class Listing:
    """Items of one kind, with the columns of their table. `words` is narration for stderr, `next` where the next page begins."""

    __slots__ = ("columns", "items", "next", "noun", "words")

    def __init__(
        self, noun: str, items: list[Item], columns: Sequence[Column], *, words: str = "", next_: str | None = None
    ) -> None:
        self.noun = noun
        self.items = items
        self.columns = columns
        self.words = words
        self.next = next_


class Sheet:
    """One thing, as an object for programs and as lines for people."""

    __slots__ = ("item", "lines", "words")

    def __init__(self, item: Item, lines: Sequence[str], *, words: str = "") -> None:
        self.item = item
        self.lines = lines
        self.words = words


def clean(text: OutsideText | str | None) -> str:
    """Return text from anywhere, fit for one line of a terminal."""
    return "" if text is None else sanitise(text, line=True)


def clean_lines(text: str) -> str:
    """Return text of several lines, fit for a terminal."""
    return sanitise(text)


def written(view: Listing | Sheet, form: str, *, cells: int = 0) -> str:
    """Return a result as text, JSON or CSV.

    Args:
        cells: how many cells a line may have; 0 where that does not matter.
    """
    if form == JSON:
        content = view.item if isinstance(view, Sheet) else {view.noun: view.items, "next": view.next}
        return as_json(content) + "\n"
    if isinstance(view, Sheet):
        return "".join(f"{each}\n" for line in view.lines for each in folded(line, cells))
    return _csv(view.items) if form == CSV else _table(view, cells)


def deliver(view: Listing | Sheet, form: str) -> int:
    """Write a result to stdout and what is said about it to stderr; return the exit code.

    A reader that has gone away is no error: nothing is said, and nothing more is written.
    """
    return say(written(view, form, cells=room(form)), view.words if form == TEXT else "")


def say(results: str, words: str = "") -> int:
    """Write results to stdout and words to stderr, in ASCII signs where the terminal has no others."""
    if sys.stdout is None and results:
        say("", _("The result was not written: stdout is closed."))
        return 1
    for stream, text in ((sys.stdout, results), (sys.stderr, words and _narration(words))):
        if not text or stream is None:
            continue
        if not text.isascii() and (stream.encoding or "").lower().replace("-", "") not in ("utf8", "utf8sig"):
            text = (
                text.translate(_ASCII).encode(stream.encoding or "ascii", "replace").decode(stream.encoding or "ascii")
            )
        try:
            stream.write(text)
            stream.flush()
        except BrokenPipeError:
            hush(stream)
        except OSError as error:  # the disk behind a redirection is full, for example
            hush(stream)
            if stream is sys.stdout:
                say("", f"deskline: {error.strerror}")
            return 1
        except UnicodeEncodeError:  # half a surrogate pair, from a file name for example
            stream.write(text.encode("utf-8", "replace").decode())
            stream.flush()
    return 0


def hush(stream: Any) -> None:
    """Let what is still to be written to a stream that nobody reads go nowhere, or Python would complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def room(form: str) -> int:
    """Return how many cells a line may have: as many as the terminal, or 0 where nobody counts them."""
    return _columns(sys.stdout) if form == TEXT else 0


def _columns(stream: Any) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns if stream is not None and stream.isatty() else 0
    except (OSError, ValueError):
        return 0


def _narration(words: str) -> str:
    room = _columns(sys.stderr)
    return "".join(f"{each}\n" for line in words.split("\n") for each in folded(line, room))


# -- for programs


def as_json(value: object) -> str:
    """Return a value as JSON in ASCII: moments as ISO 8601 in UTC, text from outside as it came."""
    if isinstance(value, OutsideText):
        return encode_basestring_ascii(value.raw)
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Moment):
        return f'"{iso(value)}"'
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{encode_basestring_ascii(k)}: {as_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(as_json, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _csv(items: list[Item]) -> str:
    if not items:
        return ""
    lines = [list(items[0]), *([_field(value) for value in item.values()] for item in items)]
    return "".join(",".join(map(_quoted, line)) + "\n" for line in lines)


def _field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Moment):
        return iso(value)
    if isinstance(value, (OutsideText, str)):
        raw = value.raw if isinstance(value, OutsideText) else value
        return ("'" if _may_be_formula(raw) else "") + sanitise(raw, line=True)
    return as_json(value)


def _may_be_formula(raw: str) -> bool:
    """Say whether a spreadsheet might run the text: some look behind blanks and what is not seen, or take full-width signs too."""
    if raw[:1] in ("\t", "\r"):
        return True
    for character in raw:
        if character in _FORMULA:
            return True
        if not character.isspace() and not _is_format(character):
            return False
    return False


def _is_format(character: str) -> bool:
    if character.isascii():
        return False
    import unicodedata

    return unicodedata.category(character) == "Cf"


def _quoted(field: str) -> str:
    if '"' in field or "," in field or "\n" in field:
        return '"' + field.replace('"', '""') + '"'
    return field


# -- for people


def width(text: str) -> int:
    """Return how many cells a line of text takes."""
    if text.isascii():
        return len(text)
    text = text.translate(_NARROW)
    if text.isascii():
        return len(text)
    import unicodedata

    cells = 0
    for character in text:
        if unicodedata.category(character) not in ("Mn", "Me", "Cf"):
            cells += 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
    return cells


def cut(text: str, room: int) -> str:
    """Return as much of a line as fits, with `…` where something is left out."""
    if width(text) <= room:
        return text
    while text and width(text) > room - 1:
        text = text[:-1]
    return text + "…"


def folded(line: str, room: int) -> list[str]:
    """Return a line as several that fit, broken at blanks; what the line is indented with, its rail too, begins each of them.

    Args:
        room: how many cells a line may have; 0 where that does not matter.
    """
    if not room or width(line) <= room:
        return [line]
    begin = line[: len(line) - len(line.lstrip(_RAILS))]
    rest, lines = line[len(begin) :], []
    if width(begin) > room // 2:
        begin = ""
    while width(rest) > room - width(begin):
        head = _fitting(rest, room - width(begin))
        at = head.rfind(" ") if rest[len(head)] != " " else len(head)
        at = at if at > 0 else len(head)
        lines.append((begin + rest[:at]).rstrip())
        rest = rest[at:].lstrip(" ")
    return [*lines, begin + rest] if rest else lines


def _fitting(text: str, room: int) -> str:
    """Return as much of a text as fits, at least one character."""
    end = min(len(text), max(1, room))
    while end > 1 and width(text[:end]) > room:
        end -= 1
    return text[:end]


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """Return a line filled with blanks up to a width."""
    blanks = " " * (cells - width(text))
    return blanks + text if right else text + blanks


def _table(view: Listing, room: int) -> str:
    if not view.items:
        return ""
    written = [(column, [column.head, *(_cell(column.cell(item)) for item in view.items)]) for column in view.columns]
    widths = [max(map(width, texts)) for _column, texts in written]
    if room:
        written, widths = _fitted(written, widths, room)
    out = []
    for number in range(len(view.items) + 1):
        parts = (
            pad(cut(texts[number], cells) if room else texts[number], cells, right=column.right)
            for (column, texts), cells in zip(written, widths, strict=True)
        )
        line = _GAP.join(parts).rstrip()
        out.append((cut(line, room) if room else line) + "\n")
    return "".join(out)


def _fitted(written: list[Texts], widths: list[int], room: int) -> tuple[list[Texts], list[int]]:
    """Return the columns that a narrow terminal shows, with their widths."""
    while True:
        found = list(widths)
        flexible = [place for place, (column, _texts) in enumerate(written) if column.flexible]
        over = sum(found) + len(_GAP) * (len(found) - 1) - room
        while over > 0 and flexible:
            widest = max(flexible, key=found.__getitem__)
            if found[widest] <= _NARROWEST:
                break
            found[widest] -= 1
            over -= 1
        least = max(range(len(written)), key=lambda place: written[place][0].dispensable)
        if over <= 0 or written[least][0].dispensable == 0:
            return written, found
        written, widths = written[:least] + written[least + 1 :], widths[:least] + widths[least + 1 :]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return sanitise(value, line=True) if isinstance(value, (OutsideText, str)) else str(value)
