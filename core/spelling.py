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
    import difflib

    small = {each.lower(): each for each in known}
    near = difflib.get_close_matches(word.lower(), small, n=1, cutoff=cutoff)
    return small[near[0]] if near else ""
