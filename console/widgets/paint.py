"""Lines of the screen made of parts: text with a role, cut to the cells there are, never read as markup.

A part's text is ours, or has passed `sanitise`; what is measured is what the terminal will show (a wide character takes two cells).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from data.text import OutsideText, sanitise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from console.theme import Look

Part = tuple[str, str] | tuple[str, str, str]
"""Text, its role, and perhaps a ground of its own, such as a badge's."""

_JOINED = re.compile("\ufe0f|(?<=[\u2600-\u27bf\U0001f000-\U0001faff])\u200d|(?<=\ufe0f)\u200d")
"""What joins emoji into one: terminals do not agree how many cells that takes, and a row would be smeared."""
LONGEST_LINE = 2_000
"""In characters: no terminal is wider, and a subject may have millions."""
SIGNS = "●◐○◌◔◑◕‖✓×•▌▮▯▲▼┊│─━╌▸▾↓↑→…↺·▁▂▃▄▅▆▇█"
_ASCII = str.maketrans(SIGNS, "*-o?.:%=+x*>#.^v:|-=->vv^>~@-_.,-=+*#")
assert len(SIGNS) == 37


def safe(text: OutsideText | str | None) -> str:
    """Return text from anywhere, fit for one line of the screen."""
    if text is None:
        return ""
    raw = text.raw if isinstance(text, OutsideText) else text
    return sanitise(raw[:LONGEST_LINE], line=True)


def cells(text: str) -> int:
    """Return how many cells a text takes."""
    return cell_len(text)


def cut(text: str, room: int) -> str:
    """Return as much of a line as fits, with `…` where something is left out."""
    if cell_len(text) <= room:
        return text
    if room <= 1:
        return "…"[:room]
    return set_cell_size(text, room - 1).rstrip() + "…"


def column(text: str, room: int, *, right: bool = False) -> str:
    """Return a text as a column of exactly `room` cells."""
    text = cut(text, room)
    blanks = " " * (room - cell_len(text))
    return blanks + text if right else text + blanks


def total(parts: Iterable[Part]) -> int:
    """Return how many cells the parts take."""
    return sum(cell_len(part[0]) for part in parts)


def shortened(parts: Sequence[Part], room: int) -> list[Part]:
    """Return the parts, cut at the end to `room` cells."""
    found: list[Part] = []
    for part in parts:
        length = cell_len(part[0])
        if length > room:
            if room > 0:
                found.append((cut(part[0], room), *part[1:]))
            elif found and not found[-1][0].endswith("…"):
                last = found[-1]
                found[-1] = (cut(last[0] + "……", cell_len(last[0])), *last[1:])
            break
        found.append(part)
        room -= length
    return found


def strip(
    look: Look, width: int, left: Sequence[Part], right: Sequence[Part] = (), *, ground: str = "bg", margin: int = 0
) -> Strip:
    """Return a line of exactly `width` cells: parts at the left, parts at the right, which are never cut.

    Args:
        margin: blank cells at both ends.
    """
    left, right = _fit(left), _fit(right)
    inner = max(0, width - 2 * margin)
    wanted = total(right)
    if wanted > inner:
        right, wanted = (), 0
    left = shortened(left, inner - wanted - (1 if right and left else 0))
    gap = inner - total(left) - wanted
    blank = look.style("text", ground)
    segments = [Segment(" " * margin, blank)] if margin else []
    segments += _segments(look, left, ground)
    if gap:
        segments.append(Segment(" " * gap, blank))
    segments += _segments(look, right, ground)
    if margin:
        segments.append(Segment(" " * margin, blank))
    return Strip(segments, max(width, 0)).adjust_cell_length(max(width, 0), blank)


def _fit(parts: Sequence[Part]) -> Sequence[Part]:
    """Return parts of which none acts on the terminal: what whoever configures the desk called a queue is text from outside too."""
    if all(part[0].isascii() and part[0].isprintable() for part in parts):
        return parts
    return [(_JOINED.sub("", sanitise(part[0], line=True)), *part[1:]) for part in parts]


def _segments(look: Look, parts: Iterable[Part], ground: str) -> list[Segment]:
    return [
        Segment(signs(look, part[0]), look.style(part[1], part[2] if len(part) > 2 else ground))
        for part in parts
        if part[0]
    ]


def signs(look: Look, text: str) -> str:
    """Return a text with the signs that this terminal can show."""
    return text.translate(_ASCII) if look.ascii_signs and not text.isascii() else text


@lru_cache(512)
def wrapped(text: str, width: int) -> tuple[str, ...]:
    """Return a text of several lines broken at words into lines of at most `width` cells."""
    lines: list[str] = []
    for line in text.expandtabs(4).split("\n"):
        lines += _broken(line.rstrip(), max(1, width))
    return tuple(lines)


def _broken(line: str, width: int) -> list[str]:
    if cell_len(line) <= width:
        return [line]
    found: list[str] = []
    current, used = "", 0
    for word in _words(line):
        length = cell_len(word)
        if used + cell_len(word.rstrip()) <= width:
            current, used = current + word, used + length
            continue
        if current.strip():
            found.append(current.rstrip())
            current, used = "", 0
        while cell_len(word.rstrip()) > width:
            pieces = chop_cells(word, width)
            found.append(pieces[0])
            word = word[len(pieces[0]) :]
        current, used = word, cell_len(word)
    if current.strip() or not found:
        found.append(current.rstrip())
    return found


def _words(line: str) -> list[str]:
    """Return the words of a line, each with the blanks behind it."""
    words: list[str] = []
    start = 0
    inside = False
    for place, character in enumerate(line):
        if character == " ":
            inside = True
        elif inside:
            words.append(line[start:place])
            start, inside = place, False
    words.append(line[start:])
    return words
