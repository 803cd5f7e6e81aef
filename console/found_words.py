"""What the list of cases says about itself: counts, what was found, how far a search is, and why there is nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.i18n import _
from console.reads_find import CAP, VIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.finding import Finding
    from console.reads_find import Sight


def count_words(counts: Mapping[str, int], view: str) -> str:
    """Return the count of a view; above CAP only `all` is known, and nothing is said before it was counted."""
    count = counts.get(view)
    if count is None:
        return ""
    return f"{count:,}" if count <= CAP or view == "all" else f"{CAP:,}+"


def found_words(finding: Finding, counts: Mapping[str, int]) -> str:
    """Return how many cases the list has."""
    window = finding.window
    if not window.sight.narrowed and not window.whole:
        return count_words(counts, window.sight.view)
    known = f"{len(window.rows):,}" + ("" if window.whole else "+")
    return _("{n} found").format(n=known)


def search_words(finding: Finding, counts: Mapping[str, int]) -> str:
    """Return what stands at the right of the search field: how far the search is, or what it found."""
    if finding.slow:
        total = count_words(counts, finding.sight.view) or "…"
        return _("searching {n} of {total}").format(n=f"{finding.passed:,}", total=total)
    if finding.began is not None or not (finding.sight.typed.strip() or finding.sight.condition):
        return ""
    found = found_words(finding, counts)
    return _("{found}, {n} ms").format(found=found, n=f"{finding.took_ms:,}") if finding.window.whole else found


def empty_words(sight: Sight, next_view: str, find: str) -> tuple[str, ...]:
    """Return what is said where there is no case.

    Args:
        next_view: the key of the next view.
        find: the key of the search field.
    """
    if not sight.typed.strip():
        return (_("No case is in this view."), _("What belongs here appears by itself."))
    if sight.condition:
        return (
            _("Nothing found in this view of the desk."),
            _("Numbers, subjects, customers' names and addresses were searched."),
            _("{key} goes on to the next view, {find} changes the words.").format(key=next_view, find=find),
        )
    return (
        _("Nothing found in {view}.").format(view=_(VIEWS[sight.view])),
        _("Numbers, subjects, customers' names and addresses were searched."),
        _("{key} goes on to the next view, {find} changes the words.").format(key=next_view, find=find),
    )
