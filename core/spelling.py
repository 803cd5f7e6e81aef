"""The known word that somebody may have meant. Reads use it too, so it imports nothing until a word is wrong."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 60
"""In characters: what is longer is no misspelt name, and takes long to compare."""


def nearest(word: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """Return the known word that is the most like another, in whichever letters; nothing where none is.

    Args:
        cutoff: how alike both must be, 1 for the same; codes that are short need more than words.
    """
    if len(word) > _LONGEST:
        return ""
    wanted = word.lower()
    small = {each.lower(): each for each in known}
    # Where no word has enough of the letters none can be near, and difflib, a tenth of a command, is not needed to say so.
    if not any(2 * _shared(wanted, each) >= cutoff * (len(wanted) + len(each)) for each in small):
        return ""
    import difflib

    near = difflib.get_close_matches(wanted, small, n=1, cutoff=cutoff)
    return small[near[0]] if near else ""


def _shared(one: str, other: str) -> int:
    """Return how many letters two words have in common, wherever they stand: what is alike in order is never more."""
    return sum(min(one.count(letter), other.count(letter)) for letter in set(one))
