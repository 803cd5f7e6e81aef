"""Finding a command by a few letters of it: letters in a row, letters in order, or a word of what it does."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

TOGETHER, IN_ORDER, EXPLAINED = 0, 1, 2
_LEAST_EXPLAINED = 3


class Match(NamedTuple):
    """How well something fits what is typed, the best first, and which of its letters do."""

    rank: int
    start: int
    places: tuple[int, ...]


def match(label: str, typed: str, explained: str = "") -> Match | None:
    """Return how a label fits what is typed, or None where it does not.

    Args:
        explained: a sentence about it; the beginning of one of its words will do as well.
    """
    wanted = [letter.lower() for letter in typed if not letter.isspace()]
    if not wanted:
        return Match(TOGETHER, 0, ())
    letters = [letter.lower() for letter in label]
    together = _together(letters, [letter.lower() for letter in typed.strip()])
    if together is not None:
        return Match(TOGETHER, together[0], together)
    in_order = _in_order(letters, wanted)
    if in_order is not None:
        return Match(IN_ORDER, in_order[-1] - in_order[0], in_order)
    text = typed.strip().lower()
    if len(text) >= _LEAST_EXPLAINED and f" {text}" in f" {explained.lower()}":
        return Match(EXPLAINED, 0, ())
    return None


def _together(letters: Sequence[str], wanted: Sequence[str]) -> tuple[int, ...] | None:
    """Return where the letters stand in a row, at the beginning of a word if they do so anywhere."""
    length = len(wanted)
    starts = [start for start in range(len(letters) - length + 1) if letters[start : start + length] == wanted]
    if not starts:
        return None
    best = next((start for start in starts if start == 0 or not letters[start - 1].isalnum()), starts[0])
    return tuple(range(best, best + length))


def _in_order(letters: Sequence[str], wanted: Sequence[str]) -> tuple[int, ...] | None:
    """Return where the letters stand one after the other, as near to each other as can be; the first begins a word."""
    best: tuple[int, ...] | None = None
    for start, letter in enumerate(letters):
        if letter != wanted[0] or (start and letters[start - 1].isalnum()):
            continue
        found = [start]
        for each in wanted[1:]:
            place = next((place for place in range(found[-1] + 1, len(letters)) if letters[place] == each), None)
            if place is None:
                break
            found.append(place)
        if len(found) == len(wanted) and (best is None or found[-1] - found[0] < best[-1] - best[0]):
            best = tuple(found)
    return best
